"""Whose facts a question asks for: those of its person, or hers; and what it asks for in vain.

"Where do I live?" and "where do you live?" are the same to a sentence model; only one of them is answered
from memory. And a job interview is near to "what's my job?", yet no answer where nobody told a job.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from core.confiding import asks
from core.facts import canonical, is_plan, liking
from core.memory import value_of
from core.people import Recalled

ASKS_NAME: Final = re.compile(
    r"(?:내|제|나의|저의)\s?(?:이름|성함)\S{0,2}\s?(?:이?\s?(?:뭐|뭔|무엇|뭘|머)|기억|알아|알지|아니|맞)|(?:나|내가|제가|난)\s?(?:를\s)?누군지|내가\s누구|나\s누구"
    r"|\b(?:what(?:'?s|\s+is|\s+was)\s+my\s+name|(?:know|remember|forgot|forget|tell\s+me|say)\s+my\s+name|who\s+am\s+i)\b",
    re.IGNORECASE,
)
_NAME: Final = re.compile(r"\[(?:이름|name): ", re.IGNORECASE)
OUTRIGHT: Final = 0.5  # score of a memory for which a question asks, whatever else it may be about
IN_VAIN: Final = 0.45  # of odds by which an untold key is asked for more than a told one; on dev
_KIN: Final = (  # of these the one may answer for the other
    {"직업", "직장"}, {"운동", "취미"}, {"악기", "배우는 것", "취미"}, {"꿈", "목표"},
    {"반려동물", "반려동물 이름"}, {"학교", "전공", "학년"},
)  # fmt: skip
_ME: Final = re.compile(
    r"(?<![가-힣])(?:나|난|날|내|내가|나는|나도|나의|나한테|저|전|저는|저도|제|제가|저의|우리|우린|울|우리집)(?=\s|$)|\b(?:i|im|my|me|mine|we|our|us)\b",
    re.IGNORECASE,
)
_HER: Final = re.compile(
    r"(?<![가-힣])(?:너|넌|널|너[는도의랑한를희네]\S*|네|니|네가|니가|당신\S*|그쪽\S*|오?로라(?:는|가|도|의|랑|씨|님))(?=[\s,?]|$)|\b(?:you|your|yours|yourself|u|ur)\b",
    re.IGNORECASE,
)
_MEMORY: Final = re.compile(  # she is to remember, or to advise
    r"기억|알아|알지|아니\?|말했|추천|골라|맞춰|생각|어때|같아|\b(?:remember|recall|know|guess|think|recommend|suggest|advise|say|tell|can|could|would|should|want|if)\b",
    re.IGNORECASE,
)
_PETS_NAME: Final = re.compile(
    r"(?:강아지|고양이|냥이|멍멍이|댕댕이|햄스터|토끼|앵무새|거북이|반려\S*|애완\S*|우리\s?애|개|냥|펫)(?:의)?\s?(?:이름|뭐라고)"
    r"|\b(?:pet|dog|puppy|pup|cat|kitten|kitty|hamster|rabbit|bunny|parrot|turtle)(?:'s)?\s+(?:name|called)",
    re.IGNORECASE,
)


def of_her(message: str) -> bool:
    """Whether a message asks about her and not about its person."""
    return (
        asks(message) and bool(_HER.search(message)) and not (_ME.search(message) or _MEMORY.search(message))
    )


def of_oneself(message: str) -> bool:
    """Whether a message asks something about its person."""
    return asks(message) and bool(_ME.search(message))


def another_name(message: str, key: str) -> bool:
    """Whether a message asks for a name, and a key is that of another one's."""
    unwanted = "이름" if _PETS_NAME.search(message) else "반려동물 이름" if ASKS_NAME.search(message) else ""
    return canonical(key) == unwanted


def wanted(message: str, known: Sequence[str], recalled: Sequence[Recalled]) -> str:
    """The value for which a message asks outright, "" for none.

    The person's own name among the ``known`` tags, or what came to mind first.
    """
    if ASKS_NAME.search(message):
        return next((value_of(tag) for tag in known if _NAME.match(tag)), "")
    outright = bool(recalled) and recalled[0].score >= OUTRIGHT and of_oneself(message)
    return value_of(recalled[0].text) if outright else ""


def in_vain(message: str, asked: Mapping[str, float], known: Iterable[str]) -> frozenset[str]:
    """Of the ``known`` keys, those that are no answer: a message about its person asks for one untold.

    ``asked`` are the odds that it asks for a key. Any plan may answer for any other.
    """
    keys = {canonical(key) for key in known}
    odds = dict[str, float]()
    for key, each in asked.items():
        odds[canonical(key)] = max(each, odds.get(canonical(key), 0.0))
    told = {key for key in odds if key in keys or (is_plan(key) and any(map(is_plan, keys)))}
    untold = max(odds.keys() - told, key=odds.__getitem__, default="")
    if not (untold and of_oneself(message)):
        return frozenset()
    least = odds[untold] - IN_VAIN
    return frozenset(key for key in keys if odds.get(key, 0.0) < least and not _akin(key, untold))


def _akin(key: str, other: str) -> bool:
    """Whether what is told under one key may answer a question for another."""
    if liking(key) and liking(key) == liking(other):
        return key.endswith(" 것") or other.endswith(" 것")
    return any(key in kin and other in kin for kin in _KIN)
