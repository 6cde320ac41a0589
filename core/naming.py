"""Whether a text names what a fact speaks of: by a word of its value, inflected, in a compound, or shortened."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import Final

from core.days import spoken_days, without_days

Kin = tuple[
    re.Pattern[str], re.Pattern[str]
]  # words of a value, and those of a text that mean the same matter

_WORD: Final = re.compile(r"[가-힣]+|[a-z][a-z']*", re.IGNORECASE)
_PARTICLE: Final = re.compile(
    r"(?<=[가-힣]{2})(?:이랑|랑|에서|에게|한테|까지|부터|마다|으로|하고|이나|이가|이는|이|가|은|는|을|를|에|와|과|로|도|만|의)$"
)
_NO_NOUN: Final = re.compile(r"(?:[고서다어아해데는은을를이가도]|했|ed)$")  # a verb, or another part of it
_INFLECTED: Final = re.compile(r"(?:ies|ing|ed|es|s|y|e)$")
_LIGHT: Final = re.compile(
    r"(?:[월화수목금토일]{1,3}|\S*(?:요일|욜)(?:날)?|아침|점심|저녁|새벽|오전|오후|밤|낮|매일|매주|오늘|내일|어제|모레|다음|이번|주말|주|달"
    r"|요즘|이제|이젠|드디어|결국|그냥|진짜|너무|완전|다시|나|난|내|내가|나는|나도|저|제가|제|우리|그|이|저는|거|것|건|게|중|일|때|하나|있음|없음|함"
    r"|하기|하는|했어|했다|준비|시작|다님|다니기|배우기|키움|가기|가는|좋아함|공부|살|첫|좀|더|막|또|안|못|근데|그리고|그래서|아|어|야|응|하는데|번째"
    r"|이사|같이|날|already|since|known|with|혼자|사람|최근|아직|지금|시간|분|년|년째|월|개월|시|명|마리|살|두|세|한|번|마다|이틀|하루|사흘|남음|끝|끝남|싶음|걱정|문제"
    r"|the|and|for|with|from|that|this|was|has|had|have|been|just|got|get|getting|going|now|very|really|finally|today|tomorrow|yesterday|last|next"
    r"|week|month|year|day|days|night|morning|evening|monday|tuesday|wednesday|thursday|friday|saturday|sunday|who|not|are|its|it's|i'm|i've|the|her|his"
    r"|their|our|some|new|old|one|two|three|because|about|after|before|when|then|but|out|off|lol|btw|haha|time|anymore|any|more|think|know|job|work"
    r"|working|play|playing|plays|doing|made|make|way|all|back|here|there|up|over|done|too|also|yeah|doc|doctor|said|says|im|ive|like|likes)"
)


class Wording:
    """A text whose words are compared with those of many others: they are looked for once."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def words(self) -> list[str]:
        """All that can name a thing."""
        return words(self.text)

    @cached_property
    def matter(self) -> list[str]:
        """Those of a fact's value, without the ones for days."""
        return words(without_days(self.text, spoken_days(self.text, date(2000, 1, 1))))

    @cached_property
    def traits(self) -> frozenset[str]:
        """Parts of the words: two that are the :func:`same` have one in common."""
        return frozenset(part for word in self.words for part in _traits(word))


def named(value: Wording, text: Wording, kin: Sequence[Kin] = (), clause: str = "") -> float:
    """How many words of a value a text names; 0.5 where only a word of its ``kin`` stands in the clause."""
    hits: list[str] = []
    if not value.traits.isdisjoint(text.traits):
        hits = [word for word in value.matter if any(same(word, other) for other in text.words)]
    if hits and not _of_another(value.matter, text.text, hits):
        return float(len(hits))
    near = not hits and any(mine.search(value.text) and theirs.search(clause) for mine, theirs in kin)
    return 0.5 if near else 0.0


def _traits(word: str) -> list[str]:
    if word.isascii():
        return [_INFLECTED.sub("", word.removesuffix("'s"))]
    pairs = [word[at : at + 2] for at in range(len(word) - 1)]
    return [*pairs, *(word[:1] if len(word) < 3 else ""), *([word[0] + word[2]] if len(word) == 4 else [])]


def _of_another(mine: Sequence[str], text: str, hits: Sequence[str]) -> bool:
    """Whether another thing of the same kind is meant: "카페 알바", where "편의점 알바" is known."""
    if len(hits) > 1 or len(mine) < 2 or mine[-1] != hits[0]:
        return False
    spoken = _WORD.findall(text.casefold())
    place = next((at for at, word in enumerate(spoken) if same(hits[0], _PARTICLE.sub("", word))), 0)
    before = spoken[place - 1] if place else "the"
    return not (_LIGHT.fullmatch(_PARTICLE.sub("", before)) or _NO_NOUN.search(before))


def words(text: str) -> list[str]:
    """The words of a text that can name a thing, without particles."""
    found = [_PARTICLE.sub("", word) for word in _WORD.findall(text.casefold())]
    return [word for word in found if not _LIGHT.fullmatch(word) and (word >= "가" or len(word) > 2)]


def same(word: str, other: str) -> bool:
    """Whether two words are forms of one, or one is part of a compound."""
    if word == other:
        return True
    if word.isascii() or other.isascii():
        one, two = (_INFLECTED.sub("", each.removesuffix("'s")) for each in (word, other))
        return one == two and len(one) > 1
    short, long = sorted((word, other), key=len)
    if len(short) == 1:
        return len(long) == 2 and long.startswith(short) and bool(re.match(r"[이가은는을를도만에]", long[1]))
    return short in long or (len(long) == 4 and short == long[0] + long[2])  # "모고" is "모의고사"
