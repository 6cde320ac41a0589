"""What a note says of a fact that is over, in the person's words: "라인댄스 그만둠".

It must not say more than was said: what is only announced will end, what began on its day did not end, what
was put off was not called off.
"""

from __future__ import annotations

import re
from typing import Final

from core.endings_words import Sign
from core.naming import Wording, same, words
from core.people import Lang

_PUT_OFF: Final = re.compile(
    r"미[뤘룸뤄룬]|밀[렸림려]|연기[됐됨했함돼되]|날짜\s?바[꿨뀌뀜꿈]|\b(?:postponed|rescheduled|pushed\s+(?:it\s+)?(?:back|to)|put\s+(?:it\s+)?off|moved\s+(?:it\s+)?to)\b",
    re.IGNORECASE,
)
_BEGUN: Final = re.compile(r"첫날|\bfirst\s+day\b", re.IGNORECASE)
_BEEN: Final = re.compile(r"(?:다녀|갔다|보고)\s?[왔옴온]|\bback\s+from\b", re.IGNORECASE)
_CAME: Final = re.compile(r"도착|왔|\b(?:arrived|landed|here)\b", re.IGNORECASE)
_WHEN: Final = r"(?:(?:이번|요번|다음|담|다다음)\s?(?:주|달|학기|해)|이달|내년|연말|월말|주말|학기|\d+[월일]|[월화수목금토일]요일)\s?말?"
_ANNOUNCED: Final = re.compile(  # an end that is still to come
    r"까지만(?!\s?(?:했|다녔|일했|하고\s))"
    rf"|(?:{_WHEN}(?:로|까지|에|부로)?|(?:내일|모레)\S{{0,3}})\s.*(?:끝(?:난[대다단]|나[요네는지]|남|이[야다래에])|종료|마친[대다])"
    r"|\b(?:is|are|'s|'re|will\s+be|'ll\s+be|'m|am|im)\s+(?:(?:all|nearly)\s+)?(?:over|done|finished)\s+(?:(?:at|by|on|in|after|from|come)\s+(?:the\s+end|the\s+\d|next|this|then|(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\b)|next\b|tomorrow\b|soon\b)"
    r"|\bquitting\b|\b(?:last|final)\s+(?:day|shift|class|time)\s+(?:is|will\s+be)\s+(?!today|tonight)",
    re.IGNORECASE,
)
_MEANT: Final = re.compile(r"[가-힣]기로\s?[했함]|\bdecided\s+to\b", re.IGNORECASE)
_LATER: Final = {"끝남": "끝날 예정", "그만둠": "그만둘 예정", "끊음": "끊기로 함"}
_DECIDED: Final = {"그만둠": "그만두기로 함", "끊음": "끊기로 함"}


def note(sign: Sign, value: Wording, lang: Lang, clause: str, message: str) -> str:
    """What a clause says of a fact by a sign of an ending; "" where a sign has no word for it."""
    theirs = words(clause)
    named = [word for word in value.words if any(same(word, other) for other in theirs)] or value.matter
    told = " ".join(named)
    if lang == "ko":
        return f"{told} {ending}".strip() if (ending := _korean(sign, clause, message)) else ""
    return _english(sign, told, clause, message)


def _korean(sign: Sign, clause: str, message: str) -> str:
    if sign.ko == "취소됨" and _PUT_OFF.search(message):
        return "미뤄짐"
    if _ANNOUNCED.search(clause):
        return _LATER.get(sign.ko, sign.ko)
    if _MEANT.search(clause):
        return _DECIDED.get(sign.ko, sign.ko)
    if sign.ko != "끝남":
        return sign.ko
    said = _said(sign, clause)
    kinds = ((_BEGUN, "시작함"), (_BEEN, "다녀옴"), (_CAME, "옴"))
    return next((ending for form, ending in kinds if form.search(said)), sign.ko)


def _english(sign: Sign, told: str, clause: str, message: str) -> str:
    if sign.en == "cancelled" and _PUT_OFF.search(message):
        return f"{told} postponed"
    if sign.en in ("finished", "quit") and _ANNOUNCED.search(clause):
        return f"{told} ending soon"
    if sign.en == "finished":
        said = _said(sign, clause)
        if _CAME.search(said):
            return f"{told} arrived"
        kinds = ((_BEGUN, "started"), (_BEEN, "back from"))
        return f"{next((begin for form, begin in kinds if form.search(said)), sign.en)} {told}"
    return f"{sign.en} {told}" if sign.en else ""


def _said(sign: Sign, clause: str) -> str:
    found = sign.words.search(clause)
    return found.group() if found else ""
