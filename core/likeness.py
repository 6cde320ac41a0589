"""Whether two values of facts say the same: words, numbers and negation, then the sentence model.

A small sentence model finds "a broken wrist" and "a broken ankle" as near as two wordings of one thing, so it
does not decide alone: each word of one value must have its counterpart in the other. The model is asked only
where one of them says more ("dentist", "dentist appointment"), and where they are written in two languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from core.korean import letters
from core.language import script_of

# Cosines of the facts' vectors, chosen on tests/bot/near_facts.jsonl (docs/experiments.md). To take two
# things for one is the dearer error: the older wording is lost, while a repeat only stands twice in a list.
SURE: Final = 0.92  # what is said besides may make it another thing: "talk", "preparing a talk"
NARROWER: Final = 0.6  # the same thing told more closely: "exam", "maths exam"
ACROSS: Final = 0.86  # in two languages, where no words can be compared

_COUNTS: Final = {
    word: number
    for number, words in enumerate(
        ("", "한 하나 one", "두 둘 two", "세 셋 three", "네 넷 four", "다섯 five", "여섯 six", "일곱 seven",
         "여덟 eight", "아홉 nine", "열 ten", "열한 eleven", "열두 twelve")
    )
    for word in words.split()
}  # fmt: skip
_UNITS: Final = "마리|명|살|개|번|잔|권|시간|시|달|대|병|곳|가지|킬로|키로|학년|년|주|점|원|사람|kg|km"
_COUNTED: Final = re.compile(rf"(?<![가-힣])(열두|열한|[가-힣]{{1,2}})\s?(?=(?:{_UNITS})(?![가-힣]))")
_COUNT: Final = re.compile(r"[a-z]+|(?<![가-힣])(?:하나|둘|셋|넷)")
_NUMBER: Final = re.compile(
    rf"([천백십]*[만억](?=\s?원)|\d[\d,]*(?:\.\d+)?)\s?(?:(?:{_UNITS})(?![가-힣a-z]))?"
)
_NOT: Final = re.compile(
    r"(?<![가-힣])(?:못|안)\s?(?=[가-힣])|않|없|아님|아니|\b(?:not|no|never|cannot|cant|dont|\w+n't)\b"
)
_AVERSE: Final = re.compile(r"싫어하는|알레르기|dislike|allergy")  # "cannot eat it" denies nothing here
_NAMED: Final = re.compile(r"이름|친구|연인|name|friend|partner")  # names have no forms: 보람 is not 보라
_LIGHT: Final = frozenset(
    "있음 있는 것 거 게 함 됨 하기 되기 하는 중 키움 너무 진짜 정말 완전 요즘 좀 많이 제일 나 내 우리 저 "
    "잘 잘함 최고 음식 먹음 먹는 좋아함 싫어함 명 마리 "
    "a an the my our i is am are be was it and some very really so love like hate have has got eat food "
    "thing things plays playing feeling".split()
)
_PREPOSITION: Final = re.compile(r"\b(?:with|of|for|from|in|on|at|to|about|without)\b")
_PARTICLE: Final = re.compile(
    r"(?<=[가-힣])(?:님이|님은|님|이랑|랑|에서|에게|한테|까지|부터|마다|으로|하고|이|가|은|는|을|를|에|와|과|로|도|만|의)$"
)
_ENDING: Final = re.compile(r"(?<=.)(?:하는|하기|했음|함|한|할|되기|되는|됨|된|기|다)$")
_CONTRACTED: Final = {"ㅕ": "ㅣ", "ㅘ": "ㅗ", "ㅝ": "ㅜ"}
_VERB: Final = 4  # letters that a verb's stem must have to be told from others


class Relation(StrEnum):
    """How one value stands to another."""

    SAME = "same"
    MORE = "more"  # it says the same more closely
    LESS = "less"
    DENIES = "denies"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class _Word:
    """A word, without its particle, and without what inflects it."""

    text: str
    bare: str
    stem: str


@dataclass(frozen=True, slots=True)
class _Said:
    """A value in parts: its words, the one that is the head, its numbers, and whether it denies."""

    words: tuple[_Word, ...]
    head: _Word | None
    numbers: tuple[str, ...]
    denies: bool


def relation(key: str, value: str, other: str, cosine: float | None = None) -> Relation:
    """How ``value`` stands to ``other``, both told under ``key``; ``cosine`` is that of their vectors.

    None where there is no model: then only words decide.
    """
    if {script_of(value), script_of(other)} == {"ko", "en"}:
        return Relation.SAME if cosine is not None and cosine >= ACROSS else Relation.OTHER
    one, two = _read(value, key.casefold()), _read(other, key.casefold())
    if one.numbers and two.numbers and one.numbers != two.numbers:
        return Relation.OTHER
    besides, lacking = _without(one.words, two.words), _without(two.words, one.words)
    if _joined(one) == _joined(two):  # "인디밴드", "인디 밴드"
        besides = lacking = False
    if one.denies != two.denies:
        return Relation.OTHER if besides or lacking else Relation.DENIES
    if (besides and lacking) or not (one.words or two.words or one.numbers == two.numbers):
        return Relation.OTHER
    if besides or lacking:
        heads = one.head is not None and two.head is not None and _match(one.head, two.head)
        if cosine is None or cosine < (NARROWER if heads else SURE):
            return Relation.OTHER
        return Relation.MORE if besides else Relation.LESS
    if one.numbers == two.numbers:
        return Relation.SAME
    return Relation.MORE if one.numbers else Relation.LESS


@lru_cache(maxsize=8192)  # the facts of one person are compared with each new one
def _read(value: str, key: str) -> _Said:
    text = value.casefold().replace("’", "'")
    denies = len(_NOT.findall(text)) % 2 == 1 and not _AVERSE.search(key)
    text = _NOT.sub(" ", text)
    text = _COUNTED.sub(lambda found: str(_COUNTS.get(found[1], found[0])), text)
    text = _COUNT.sub(lambda found: str(_COUNTS.get(found[0], found[0])), text)
    numbers = tuple(found[1].replace(",", "") for found in _NUMBER.finditer(text))
    named, own = bool(_NAMED.search(key)), [_word(word, False) for word in re.findall(r"\w+", key)]
    phrases = [
        [word for each in re.findall(r"[^\W\d_]+", part) if each not in _LIGHT
         and _without([word := _word(each, named)], own)]
        for part in _PREPOSITION.split(_NUMBER.sub(" ", text))
    ]  # fmt: skip
    full = [phrase for phrase in phrases if phrase]
    words = tuple(word for phrase in full for word in phrase)
    if not full:
        return _Said(words, None, numbers, denies)
    gerund = full[0][0].text.isascii() and full[0][0].text.endswith("ing")
    return _Said(words, full[0][0] if gerund else full[0][-1], numbers, denies)


def forget_values() -> None:
    """Drop the values that were read lately."""
    _read.cache_clear()


def _word(text: str, named: bool) -> _Word:
    """A word with its forms; ``named``: as a name, which has none."""
    bare = _PARTICLE.sub("", text)
    return _Word(text, bare, bare if named else _stem(bare))


def _without(words: Iterable[_Word], others: Iterable[_Word]) -> bool:
    """Whether there are words that have no counterpart among the others."""
    there = list(others)
    return any(not any(_match(word, other) for other in there) for word in words)


def _joined(said: _Said) -> str:
    return "".join(word.bare for word in said.words)


def _match(one: _Word, two: _Word) -> bool:
    """Whether two words are forms of one."""
    if one.text in (two.text, two.bare) or two.text == one.bare:
        return True
    if one.bare == two.bare:
        return len(one.bare) > 1
    return one.stem == two.stem and (one.text.isascii() or len(one.stem) >= _VERB)


def _stem(word: str) -> str:
    """A word without what inflects it."""
    if word.isascii():
        word = re.sub(r"(?<=\w{2})(?:'s|ies|es|s)$", "", word)
        word = re.sub(r"(?<=\w{2})(?:ing|ed|er|y|e)$", "", word)
        return re.sub(r"([b-df-hj-np-tv-z])\1$", r"\1", word)
    spelt = letters(_ENDING.sub("", word))
    spelt = re.sub(r"(?<=...)(?:ㅇㅡㅁ|ㅁ)$", "", spelt).removesuffix("ㅆ")
    return spelt[:-1] + _CONTRACTED.get(spelt[-1:], spelt[-1:])
