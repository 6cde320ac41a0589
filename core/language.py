"""Which language a message is written in, and which one she answers in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from core.people import Lang

_HANGUL: Final = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ]")
_LATIN: Final = re.compile(r"[A-Za-z]{2,}|\b[Ii](?:['’][md])?\b")
_BETWEEN: Final = re.compile(
    r"(?<=[.!?~…ㅋㅎㅠㅜ])\s+|,\s+|(?<=[가-힣]데)\s+|\s+(?=(?:근데|그런데|그래서|아니|but|and|so)\s)", re.I
)
CLAUSES: Final = 3  # the last ones, where the point mostly lies
SHORTEST: Final = 5  # letters of a clause that is looked at by itself


def script_of(text: str) -> Lang | None:
    """The language that the script shows; None when there are no letters of either."""
    if _HANGUL.search(text):
        return "ko"
    return "en" if _LATIN.search(text) else None


def clauses(text: str) -> list[str]:
    """What a message says one after another, at most :data:`CLAUSES`; [] where it says one thing."""
    parts = [part.strip() for part in _BETWEEN.split(text)]
    found = [part for part in parts if len(part) >= SHORTEST]
    return found[-CLAUSES:] if len(parts) > 1 else []


def chosen_language(choices: Mapping[str, str]) -> Lang | None:
    """The language that a person set, None where the message decides."""
    value = choices.get("language", "")
    return "ko" if value == "ko" else "en" if value == "en" else None


def answer_language(text: str, *, chosen: Lang | None, last: Lang | None, locale: Lang | None = None) -> Lang:
    """Set by the person, else the message's script, else last used, else the locale, else Korean."""
    return chosen or script_of(text) or last or locale or "ko"


def in_script(sentence: str, lang: Lang) -> bool:
    """Whether a sentence may stand in a reply in ``lang``: Korean may quote Latin, not the reverse."""
    if re.search(r"[぀-ヿ一-鿿Ѐ-ӿ؀-ۿ]", sentence):
        return False
    return lang == "ko" or not _HANGUL.search(sentence)


def in_language(reply: str, lang: Lang) -> bool:
    """Whether a whole reply is written in ``lang``."""
    if not in_script(reply, lang):
        return False
    return lang == "en" or bool(_HANGUL.search(reply)) or not _LATIN.search(reply)
