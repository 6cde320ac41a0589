"""Whose matter an English clause tells, and whether a value is somebody at all.

"Theo's flight got cancelled" and "Mika is moving to Sapporo" are no flight and no move of the person who tells
it, unless the person is in it, too. What somebody owns may be told with its owner: "Theo's flight".
"""

from __future__ import annotations

import re
from typing import Final

from core.facts import canonical, is_plan
from core.language import script_of
from core.stating import subject
from core.telling_others import KIN

_LEAD: Final = r"^\W*(?:(?:and|but|so|also|oh|well|btw|anyway|then|plus|because|apparently|lol|ugh|yay)\W+)*"
_NO_NAME: Final = (  # what stands where a name would
    r"(?!(?:i|it|that|this|there|here|what|who|where|when|how|why|let|he|she|they|we|you|my|our|the|an?|one|everyone|everybody|everything|nobody|nothing|someone|something|today|tonight|tomorrow|yesterday|last|next"
    r"|now|(?:mon|tues|wednes|thurs|fri|satur|sun)day|week|month|year|day|night|morning|life|work|school|home|class|season|winter|summer|spring|autumn|just|still|not|all|some|every|game|his|her|their|your|its|is|was|rent|mine|\w+ly|already|almost|soon|yes|no|ok|okay|me)(?:s|'s)?\b)"
)
_DOES: Final = (  # what people do, and things do not
    r"(?:is\s+(?:moving|flying|visiting|coming|leaving|graduating|getting\s+(?:married|engaged|promoted)|pregnant|sick|engaged|married)|moves|moved|flies|flew|lands|landed|visits|arrives|arrived|passed|failed|quit|graduated|proposed|married|resigned|retired"
    r"|got\s+(?:promoted|engaged|married|fired|hired|accepted|pregnant|dumped|arrested|hurt|sick|into|an?\s)|broke\s+(?:his|her|their|up)|lost\s+(?:his|her|their)|has\s+(?:an?|his|her|their)\s|had\s+(?:an?|his|her|their)\s|(?:has|have|had)\s+to)"
)
_OWNER: Final = re.compile(rf"{_LEAD}{_NO_NAME}(?P<who>[a-z]{{2,14}})['’]s\s+(?=\w)", re.IGNORECASE)
_BARE_OWNER: Final = re.compile(  # without its apostrophe: who that is must be spoken of besides
    rf"{_LEAD}{_NO_NAME}(?P<who>[a-z]{{2,12}})s\s+[a-z]+\s+(?:is|was|are|were|got|gets|has|had|just|starts|ends|went|came)\b",
    re.IGNORECASE,
)
_BESIDES: Final = re.compile(r"\b(?:he|she|he'?s|she'?s|his|her|him)\b", re.IGNORECASE)
_DOER: Final = re.compile(rf"{_LEAD}{_NO_NAME}(?P<who>[a-z]{{2,12}})\s+(?:just\s+|finally\s+|also\s+)?{_DOES}", re.IGNORECASE)  # fmt: skip
_MINE_TOO: Final = re.compile(
    r"\b(?:i|i'm|im|i've|i'll|we|we're|we've|we'll|me|us|my|our|both\s+of)\b", re.IGNORECASE
)
_ACT_ON_ME: Final = re.compile(  # who sets dates for others
    r"(?:they|you|u|people|everyone|teacher|professor|doctor|manager|boss|landlord|theyre|youre|your|their)\b.*",
    re.IGNORECASE,
)
_ING: Final = re.compile(r"\w+ing\b", re.IGNORECASE)
_OF_ONESELF: Final = frozenset(("상태", "건강", "고민", "목표", "꿈"))
_PEOPLE: Final = frozenset(("가족", "친구", "연인"))


def owned(key: str, value: str, clause: str, message: str) -> str:
    """An English value, with its owner where it is an event or a plan of somebody else.

    "" where it would read as the person's own and is not. Korean values are left as they are.
    """
    if script_of(value) != "en":
        return value
    if canonical(key) in _OF_ONESELF:
        return "" if _named(clause, message)[0] else value
    return _of_whom(value, clause, message) if canonical(key) == "최근 일" or is_plan(key) else value


def _of_whom(value: str, clause: str, message: str) -> str:
    who, rest = _somebody(clause, message)
    if not who or _ACT_ON_ME.fullmatch(who) or _MINE_TOO.search(rest):
        return value
    if re.search(rf"\b{re.escape(who)}", value, re.IGNORECASE):
        return value
    owned = re.search(rf"\b({re.escape(who)}['’]?s)\s+{re.escape(value)}", clause, re.IGNORECASE)
    return f"{owned[1]} {value}" if owned and not _ING.match(value) else ""


def _somebody(clause: str, message: str) -> tuple[str, str]:
    """Who else an English clause speaks of, and what follows."""
    if (found := _named(clause, message))[0]:
        return found
    who = subject(clause).split()
    if not who:
        return "", clause
    head = re.sub(r"['’]?s$", "", who[0]) if len(who[0]) > 3 else who[0]
    return head, clause[clause.lower().find(head.lower()) + len(head) :]


def _named(clause: str, message: str) -> tuple[str, str]:
    """A name with which a clause begins, and what follows; empty for none."""
    found = _OWNER.search(clause) or _DOER.search(clause)
    if found is None and _BESIDES.search(message):
        found = _BARE_OWNER.search(clause)
    return (found["who"], clause[found.end("who") :]) if found else ("", clause)


_COUPLE: Final = re.compile(  # what becomes of a couple
    r"헤어|이별|결별|이혼|사귀|사귐|연애|결혼|약혼|재결합|고백|썸|있음|없음|생김|짝사랑|차임|차였|싸움|좋아|별거|동거|장거리|솔로"
    r"|\b(?:broke|broken|split|single|dating|married|engaged|divorced|together|getting|seeing|crush|ex|no|long)\b",
    re.IGNORECASE,
)
_VERBAL: Final = re.compile(
    r"(?:\w+(?:ing|ed)|got|went|came|said|says|had|has|called|calls|rang)\s+\w.*", re.IGNORECASE
)
_DONE_KO: Final = re.compile(r"[가-힣]+(?:함|됨|[가-힣]옴|[가-힣]감|음)")


def is_somebody(name: str, value: str, clause: str) -> bool:
    """Whether the value of a key for people (``name``, in Korean) tells of anybody, not only what was done.

    "통화함" of "남친이랑 통화하고 옴" is nobody; a name stands in its clause as it is.
    """
    if name not in _PEOPLE or _COUPLE.search(value):
        return True
    if script_of(value) != "ko":
        kin = any(people.search(value) for _, people in KIN["en"])
        return kin or value[:1].isupper() or not _VERBAL.fullmatch(value)
    said = "".join(clause.split())
    return not all(_DONE_KO.fullmatch(word) and word not in said for word in value.split())
