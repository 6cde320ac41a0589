"""Whether a value is a whole phrase of its clause, not a stretch that was cut out of one.

A small model takes hold of words beside those that are meant: what only goes before a noun ("체육" of
"체육 자습으로 바뀜"), a verb without its end ("못 구" of "못 구했어"), words across two clauses
("일 끝나고 형").
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from core.days import spoken_days
from core.facts import canonical, is_plan
from core.language import script_of
from core.naming import words
from core.telling_plans import key_of

_ANY: Final = date(2000, 1, 1)
_ACROSS: Final = re.compile(
    r"[가-힣]+(?:[았었했됐갔왔]?고|하며|면서|는데|인데|지만|니까|려고|다가|[아어해]서|길래)\s"
)
_HEAD: Final = re.compile(  # another noun, with what marks it as one
    r"[가-힣]{2,}?(?:(?:을|를|이|가|은|는|으로|도)|(?:이야|야|예요|이에요|입니다|이다|임|인데|이라서?|이거든))"
)
_NO_NOUN: Final = re.compile(
    r"(?:진짜|너무|정말|완전|엄청|제일|되게|아주|많이|조금|이제|벌써|아직|다시|같이|혼자|우리|내가|나는|나도|제가|저는|저도|누가|네가|니가|걔가|[가-힣]+(?:[하되있없같싶]는|[하했있없]?던|았는|었는|으러|[가-힣]고는|하지도?|도록))"
)
_DENIED: Final = re.compile(r"\s(?:안|못)\s")
_CLAUSES: Final = frozenset(("최근 일", "고민", "상태", "건강", "목표", "꿈", "오늘 날씨"))
_IN_PASSING: Final = frozenset(("가족", "친구", "연인", "반려동물", "반려동물 이름"))
_LIKED: Final = re.compile(
    r"\s([가-힣]{2,4})\s(?:(?:진짜|너무|제일|완전|되게)\s)?(?:재[밌미]|좋[아다음네]|최고|맛있|짱)"
)
_NO_PART: Final = re.compile(  # names of kinds, and words that say how much
    r"과목|게임|음식|영화|음악|노래|장르|색|색깔|계절|드라마|수업|공부|요리|만화|소설|진짜|너무|정말|완전|엄청|제일|가장|역시|그냥|요즘|요새|원래|항상|언제나|특히|은근|의외로|아주|많이|지금|여전히|무조건|아직|내가|혼자|같이|진심|개인적|젤|되게|무척|매우|이게|그게|.*(?:게|히|로|도|만|때|서|고|면|는|은|을|를|이|가|데|거|것|나|에|랑|며)"
)
_STEM: Final = re.compile(r"(?:^|\s)[가-힣]$")  # of a verb: 구했어 and 정했어 are no 구 and 정


def whole(name: str, value: str, clause: str) -> bool:
    """Whether a Korean value is whole in its clause; ``name`` is the Korean key.

    News and the like are told by whole clauses; what one has is told in passing ("고양이 밥 줬어").
    English values are left to other rules.
    """
    if script_of(value) != "ko":
        return True
    if _DENIED.match(clause, clause.find(value) + len(value)):  # "말" of "말 안 하고"
        return False
    if name in _CLAUSES:
        return True
    if _ACROSS.search(value):
        return False
    at = clause.find(value)
    if at < 0 or name in _IN_PASSING:
        return True
    rest = clause[at + len(value) :]
    if name.startswith("좋아하는") and (of := _LIKED.match(rest)) and not _NO_PART.fullmatch(of[1]):
        return False  # "유전" of "유전 퍼즐 재밌어"
    if _STEM.search(value) and re.match(r"[했한할해하]", rest):
        return False
    following = rest.split()[0].strip(".,!?~ㅋㅎㅠㅜ") if rest.startswith(" ") and rest.split() else ""
    return not _HEAD.fullmatch(following) or _NO_NOUN.fullmatch(following) is not None


_MONTHS: Final = re.compile(
    r"\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)(?:uary|ruary|ch|il|ust|ember|ober)?\b|\d+월",
    re.IGNORECASE,
)


def says_what(key: str, value: str) -> bool:
    """Whether a plan or an event is more than a month and a cut word: not "june w"."""
    return not (is_plan(key) or canonical(key) == "최근 일") or bool(words(_MONTHS.sub(" ", value)))


def of_its_day(key: str, value: str, message: str) -> bool:
    """Whether the day of a plan's key is the last that a message names before the value, of several."""
    days = spoken_days(message, _ANY) if is_plan(key) else []
    at = message.find(value.split()[0])
    before = [day for day in days if day.end <= at]
    if len(days) < 2 or not before or not before[-1].word:
        return True
    return canonical(key_of(before[-1:], script_of(message) == "ko")) == canonical(key)
