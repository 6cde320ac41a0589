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
            parts.append(f"오늘 {date_words(day, lang)} {_weekday(day, lang)} {part_ko}")
        else:
            parts.append(f"today is {_weekday(day, lang)} {part_en}, {date_words(day, lang)}")
    if _ASKS_AGE.search(text):
        years, grade = persona.age(day), persona.school_year(day)
        parts.append(f"로라 {years}살, {grade}학년" if lang == "ko" else f"Lora is {years}, year {grade}")
    return " · ".join(parts)


_KINDS: Final = (  # what a question about the time asks for; the first that fits
    ("weekend", r"주말|평일|\bweek ?(end|day)\b"),
    ("weekday", r"요일|[월화수목금토일]욜|\b(what|which) day\b|\bday is\b"
     r"|\b(mon|tues|wednes|thurs|fri|satur|sun)day\b"),
    ("date", r"며칠|몇\s*일|날짜|\bdate\b"),
    ("month", r"몇\s*월|무슨\s*달|\bmonth\b"),
    ("year", r"몇\s*년|년도|\b(what|which) year\b(?! are you)"),
    ("half", r"오전|오후"),
    ("part", r"아침이|저녁이|밤이야|낮이|\b(morning|afternoon|evening|night)\b"),
    ("hour", r"몇\s*시|시각|시간|\btime\b"),
    ("age", r"몇\s*살|나이|연세|\b(how old|your age)\b"),
    ("grade", r"몇\s*학년|학년|\b(what|which) year are you\b"),
)  # fmt: skip
_SHIFTS: Final = {"어제": -1, "내일": 1, "모레": 2, "yesterday": -1, "tomorrow": 1}
_KEYS: Final[dict[Lang, dict[str, str]]] = {
    "ko": {
        "weekend": "오늘은 주말", "workday": "오늘은 평일", "weekday": "요일", "date": "날짜",
        "month": "이번 달", "year": "올해", "half": "지금 때", "part": "지금 때", "hour": "지금 시각",
        "age": "로라 나이", "grade": "로라 학년",
    },
    "en": {
        "weekend": "today is weekend", "workday": "today is workday", "weekday": "weekday", "date": "date",
        "month": "this month", "year": "this year", "half": "part of the day", "part": "part of the day",
        "hour": "time now", "age": "Lora's age", "grade": "Lora's year",
    },
}  # fmt: skip
_DAYS: Final[dict[Lang, dict[int, str]]] = {
    "ko": {-1: "어제", 0: "오늘", 1: "내일", 2: "모레"},
    "en": {-1: "yesterday", 0: "today", 1: "tomorrow", 2: "in two days"},
}


def clock_tags(text: str, now: datetime, lang: Lang) -> tuple[str, ...]:
    """What the clock knows of what a message asks for, as memories are written: ``[오늘 요일: 일요일]``.

    Exchanges that were answered with another time are adapted to it as to another memory.
    """
    kinds = dict.fromkeys(kind for kind, words in _KINDS if re.search(words, text, re.IGNORECASE))
    when = re.search("|".join(_SHIFTS), text, re.IGNORECASE)
    shift = _SHIFTS[when.group().lower()] if when else 0
    return tuple(_tag(kind, now, lang, shift) for kind in kinds)


def _tag(kind: str, now: datetime, lang: Lang, shift: int) -> str:
    today = lived_day(now)
    day, ko = today + timedelta(days=shift), lang == "ko"
    match kind:
        case "weekend":
            kind, value = "weekend" if today.weekday() > 4 else "workday", _weekday(today, lang)
        case "weekday":
            value = _weekday(day, lang)
        case "date":
            value = date_words(day, lang)
        case "month":
            value = f"{today.month}월" if ko else f"{today:%B}"
        case "year":
            value = f"{today.year}년" if ko else str(today.year)
        case "half":
            value = ("오전" if now.hour < 12 else "오후") if ko else day_part(now)[1]
        case "part":
            value = _part(now)[not ko]
        case "hour":
            value = (
                f"{_hour_ko(now)} {now.minute}분"
                if ko
                else f"{now.hour % 12 or 12}:{now:%M} {now:%p}".lower()
            )
        case "age":
            value = f"{persona.age(today)}살" if ko else str(persona.age(today))
        case _:
            value = f"{persona.school_year(today)}학년" if ko else _ORDINALS[persona.school_year(today)]
    key = _KEYS[lang][kind]
    return f"[{_DAYS[lang][shift]} {key}: {value}]" if kind in ("weekday", "date") else f"[{key}: {value}]"


_ORDINALS: Final = ("", "first", "second", "third", "fourth")


def _weekday(day: date, lang: Lang) -> str:
    return (WEEKDAYS_KO if lang == "ko" else WEEKDAYS_EN)[day.weekday()]


def date_words(day: date, lang: Lang) -> str:
    """A date without its year: "11월 23일", "November 23"."""
    return f"{day.month}월 {day.day}일" if lang == "ko" else f"{day:%B} {day.day}"


def _part(now: datetime) -> tuple[str, str]:
    """Names of the part of the day for somebody who looks out of the window."""
    names = ((4, "밤", "night"), (11, "아침", "morning"), (17, "낮", "afternoon"), (21, "저녁", "evening"))
    return next(((ko, en) for until, ko, en in names if now.hour < until), ("밤", "night"))


def _hour_ko(now: datetime) -> str:
    names = ((1, "밤"), (4, "새벽"), (12, "오전"), (13, "낮"), (18, "오후"), (21, "저녁"), (24, "밤"))
    return f"{next(name for until, name in names if now.hour < until)} {now.hour % 12 or 12}시"


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
