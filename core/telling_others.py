"""What is told of a friend, a partner or of family, and under which key it is kept."""

from __future__ import annotations

import re
from typing import Final

from core.people import Lang

KIN: Final[dict[Lang, tuple[tuple[str, re.Pattern[str]], ...]]] = {
    "ko": (
        ("친구", re.compile(r"(?:친구|절친|단짝|베프|룸메|동기|동창|짝꿍)")),
        ("연인", re.compile(r"(?:남친|여친|남자친구|여자친구|애인)")),
        ("가족", re.compile(r"(?:(?:여|남)?동생|언니|오빠|형|누나|엄마|아빠|어머니|아버지|부모님|할머니|할아버지|아들|딸|사촌|이모|삼촌|고모|손녀|손자|조카|남편|아내|와이프|며느리|사위|마누라|신랑|장모님?|장인)")),
    ),
    "en": (
        ("friend", re.compile(r"(?:friend|bestie|roommate|flatmate|housemate|mate)", re.IGNORECASE)),
        ("partner", re.compile(r"(?:girlfriend|boyfriend|partner|gf|bf|wife|husband|fianc[eé]e?)", re.IGNORECASE)),
        ("family", re.compile(r"(?:brother|sister|mom|mum|dad|father|mother|cousin|son|daughter|uncle|aunt|kid|nephew|niece|grandma|grandpa|grandmother|grandfather|parents?|child|baby)", re.IGNORECASE)),
    ),
}  # fmt: skip
_MONTH: Final = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*"
_ONE: Final = r"[A-Za-z][\w'-]*"
OTHERS: Final[dict[Lang, tuple[tuple[re.Pattern[str], str], ...]]] = {
    "ko": (
        (re.compile(r"(?:은|는|이|가|도|\s지금|\s요즘)\s(?P<v>[가-힣A-Za-z]+(?:\s[가-힣]{1,5}(?:동|구|읍|면))?)에(?:서)?\s(?:살아|산다|살고|살거든|사는데|살지|삽니다|살아요)"), "{v}에 사는 {who}"),
        (re.compile(r"생일(?:은|이)?\s(?P<v>(?:\d{1,2}월\s?\d{1,2}일|\d{1,2}/\d{1,2}))"), "{who} 생일 {v}"),
        (re.compile(r"(?P<v>[가-힣]{1,8}?)\s?(?:알레르기|알러지)(?:가|도)?\s?(?:있|심하|심해|야|이야|라|래)"), "{who} {v} 알레르기"),
    ),
    "en": (
        (re.compile(rf"\blives?\s+in\s+(?P<v>{_ONE}(?:\s(?-i:[A-Z])\w+)?)", re.IGNORECASE), "{who} in {v}"),
        (re.compile(rf"\bbirthday\s+is\s+(?:on\s+)?(?P<v>{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?|(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH})", re.IGNORECASE), "{who}'s birthday {v}"),
        (re.compile(rf"\bis\s+(?:also\s+|very\s+)?allergic\s+to\s+(?P<v>{_ONE})", re.IGNORECASE), "{who} allergic to {v}"),
        (re.compile(r"\bis\s+an?\s+(?P<v>nurse|teacher|student|doctor|chef|cook|lawyer|engineer|programmer|developer|designer|writer|driver|farmer|dentist|pilot|musician|artist|scientist|accountant|soldier)\b", re.IGNORECASE), "{who}, a {v}"),
    ),
}  # fmt: skip
