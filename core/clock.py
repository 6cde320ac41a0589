"""What the clock tells: parts of the day, weekdays, and the line of facts for the prompt."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Final

from core import persona
from core.people import Lang

WEEKDAYS_KO: Final = ("월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일")
WEEKDAYS_EN: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NIGHT_ENDS: Final = 4  # o'clock; before it, people still mean the evening before

_ASKS_TIME: Final = re.compile(
    r"오늘|내일|모레|지금|요일|이따|휴일|주말|몇\s*시|날짜|며칠"
    r"|\b(today|tonight|tomorrow|now|weekend|what (day|time|date)|weekday)\b", re.IGNORECASE,
)  # fmt: skip
_ASKS_AGE: Final = re.compile(
    r"몇\s*살|나이|몇\s*학년|학년|\b(how old|your age|what year are you|which year)\b", re.IGNORECASE
)


def lived_day(now: datetime) -> date:
    """The day as people feel it: until 4 in the morning it is still the day before."""
    return (now - timedelta(days=1)).date() if now.hour < _NIGHT_ENDS else now.date()


def day_part(now: datetime) -> tuple[str, str]:
    """Korean and English name of the part of the day; Friday's evening begins at 17."""
    evening = 17 if now.weekday() == 4 else 18
    if _NIGHT_ENDS <= now.hour < 12:
        return "오전", "morning"
    if 12 <= now.hour < evening:
        return "오후", "afternoon"
    return "저녁", "evening"


def clock_facts(text: str, now: datetime, lang: Lang) -> str:
    """The clock's line for the prompt, '' when the message asks for nothing of the kind."""
    parts = []
    day = lived_day(now)
    if _ASKS_TIME.search(text):
        part_ko, part_en = day_part(now)
        if lang == "ko":
            parts.append(f"오늘 {WEEKDAYS_KO[day.weekday()]} {part_ko}")
        else:
            parts.append(f"today is {WEEKDAYS_EN[day.weekday()]} {part_en}")
    if _ASKS_AGE.search(text):
        years, grade = persona.age(day), persona.school_year(day)
        parts.append(f"로라 {years}살, {grade}학년" if lang == "ko" else f"Lora is {years}, year {grade}")
    return " · ".join(parts)


_CLAIM_KO: Final = re.compile(
    r"(오늘|내일)(?:은|도)?\s*(월요일|화요일|수요일|목요일|금요일|토요일|일요일|불금|주말)"
)
_CLAIM_EN: Final = re.compile(
    r"\b(today|tomorrow)(?:'s| is)\s+(?:a |the )?"
    r"(monday|tuesday|wednesday|thursday|friday|saturday|sunday|weekend)", re.IGNORECASE,
)  # fmt: skip


def _claim_holds(word: str, weekday: int) -> bool:
    word = word.lower()
    if word in ("주말", "weekend"):
        return weekday >= 5
    if word == "불금":
        return weekday == 4
    if word in WEEKDAYS_KO:
        return WEEKDAYS_KO[weekday] == word
    return WEEKDAYS_EN[weekday].lower() == word


def weekday_claims_hold(text: str, now: datetime) -> bool:
    """False when a text says of today or tomorrow that it is a day which it is not."""
    today = lived_day(now).weekday()
    for pattern in (_CLAIM_KO, _CLAIM_EN):
        for when, word in pattern.findall(text):
            day = (today + 1) % 7 if when.lower() in ("내일", "tomorrow") else today
            if not _claim_holds(word, day):
                return False
    return True
