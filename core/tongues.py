"""The value of a fact as somebody who reads another language wants to hear it: dates and ages.

Everything else is said in the person's own words: to put "등산" into English a lexicon would be needed, and a
name has no translation.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from core.clock import date_words
from core.days import spoken_days, without_days
from core.facts import canonical
from core.language import script_of
from core.people import Lang

_ANY: Final = date(2000, 1, 1)
_TENS: Final = {
    word: number
    for number, words in enumerate(
        ("열", "스물 스무", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔"), 1
    )
    for word in words.split()
}
_ONES: Final = {
    word: number
    for number, words in enumerate(
        ("하나 한", "둘 두", "셋 세", "넷 네", "다섯", "여섯", "일곱", "여덟", "아홉"), 1
    )
    for word in words.split()
}
_AGE: Final = re.compile(rf"(?:만\s?)?({'|'.join(_TENS)})({'|'.join(_ONES)})?\s?살?")
_DIGITS: Final = re.compile(r"(?:만\s?)?(\d{1,3})\s?[살세]?")


def value_in(key: str, value: str, lang: Lang) -> str:
    """A value as it is said in ``lang``: of a birthday and an age; others as they were told."""
    if script_of(value) == lang:
        return value
    if canonical(key) == "생일":
        days = spoken_days(value, _ANY)
        alone = len(days) == 1 and days[0].first == days[0].last and not without_days(value, days).strip()
        return date_words(days[0].first, lang) if alone else value  # not of "음력 3월 5일"
    if canonical(key) == "나이" and (years := _years(value)):
        return f"{years}살" if lang == "ko" else str(years)
    return value


def _years(value: str) -> int | None:
    """How many years an age has; None where that is not said."""
    if found := _DIGITS.fullmatch(value.strip()):
        return int(found[1])
    found = _AGE.fullmatch(value.strip())
    return 10 * _TENS[found[1]] + _ONES.get(found[2], 0) if found else None
