"""Which sentences may be shown: language, no markup or links, weekday truth, no repetition."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Final

from core.clock import weekday_claims_hold
from core.language import in_language, in_script
from core.naming import same, words
from core.people import Lang

MAX_SENTENCES: Final = 3
_MARKUP: Final = re.compile(
    r"https?:|www\.|\b\w+\.(com|net|gg|io|kr)\b|<\||\|>|<@|�|\[[^\]]*[가-힣a-z][^\]]*:|@(everyone|here)|\s{5,}",
    re.IGNORECASE,
)
_FORMAL: Final = re.compile(r"((?<!아)니다|[가-힣]요|죠)[.!?~… ]*$")
_END: Final = re.compile(r"(?<=[.!?…~])\s+(?=[^\s.!?…~])")
_EMOJI_HEAD: Final = re.compile(r"^([^\w\s\"'(<\[~^]+)(?:\s+|$)")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a sentence must fit: language, time, and what was just said."""

    lang: Lang
    now: datetime
    before: tuple[str, ...] = ()  # her last replies
    message: str = ""
    instead: tuple[str, str] = ("", "")  # a word that the person takes back, and what is right
    quoted: tuple[str, ...] = ()  # what the person told, in whatever script: it is said as it was told

    def around_quotes(self, text: str) -> str:
        """A text without what it quotes of the person."""
        return reduce(lambda rest, each: rest.replace(each, ""), self.quoted, text)


def sentences(text: str) -> list[str]:
    """A reply cut into sentences; an emoji stays with the sentence before it."""
    out: list[str] = []
    for piece in _END.split(text.strip()):
        match = _EMOJI_HEAD.match(piece)
        if out and match:
            out[-1] += " " + match.group(1)
            piece = piece[match.end() :].lstrip()
        if piece:
            out.append(piece)
    return out


def _repeats_itself(text: str) -> bool:
    """The same word or run of characters three times over."""
    if re.search(r"(\S{2,}?)\s*(?:\1\s*){2,}", text) and not re.search(r"[ㅋㅎㅠㅜ]{3,}", text):
        return True
    words = re.findall(r"[\w가-힣]{2,}", text.lower())
    return len(words) >= 6 and len(set(words)) < 0.55 * len(words)


def broken_rule(sentence: str, around: Circumstances) -> str | None:
    """The name of the first rule that a sentence breaks; None when it may be shown."""
    if not re.search(r"[\w가-힣ㄱ-ㅎㅏ-ㅣ]", sentence):
        return "empty"
    if _MARKUP.search(sentence):
        return "markup"
    if not in_script(around.around_quotes(sentence), around.lang):
        return "language"
    if around.lang == "ko" and _FORMAL.search(re.sub(r"[^\w가-힣.!?~… ]", "", sentence).strip()):
        return "speech level"
    if not weekday_claims_hold(sentence, around.now):
        return "weekday"
    if _repeats_itself(sentence):
        return "repetition"
    if sentence.strip() in around.before or sentence.strip() == around.message.strip():
        return "said before"
    return None


def _holds_on(reply: str, wrong: str, right: str) -> bool:
    """Whether a reply still has the word that its person put another in the place of."""
    said = words(reply) if wrong else []
    return any(same(wrong, word) for word in said) and right.casefold() not in reply.casefold()


def may_show(reply: str, around: Circumstances) -> bool:
    """Whether every sentence of a reply passes and there are not too many of them."""
    parts = sentences(reply)
    if not parts or len(parts) > MAX_SENTENCES or reply.strip() in around.before:
        return False
    if not in_language(around.around_quotes(reply), around.lang) or _holds_on(reply, *around.instead):
        return False
    return all(broken_rule(part, around) is None for part in parts)
