"""Whether a reply tells the time that was asked for, and tells it right.

The kind of time is read from the question (weekday, weekend, date, month, year, part of the day, hour); the reply
must name one of this kind and none that is wrong. What is right follows :mod:`core.clock`: until 4 in the morning
it is still the day before. An hour that was asked for may be told by its part of the day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from core.clock import WEEKDAYS_EN, WEEKDAYS_KO, lived_day, weekday_claims_hold

_KINDS: Final = (
    ("weekday", r"요일|[월화수목금토일]욜|\b(what|which) day\b|\b(mon|tues|wednes|thurs|fri|satur|sun)day\b"),
    ("weekend", r"주말|평일|\bweek ?(end|day)\b"),
    ("date", r"며칠|몇\s*일|날짜|\bdate\b"),
    ("month", r"몇\s*월|\bmonth\b"),
    ("year", r"몇\s*년|년도|\byear\b"),
    ("part", r"오전|오후|아침|저녁|[밤낮]|\b(morning|afternoon|evening|night)\b"),
    ("hour", r"시|\btime\b|\bhour\b|o'clock"),
)  # fmt: skip
_SHIFTS: Final = {
    "그저께": -2, "그제": -2, "어제": -1, "오늘": 0, "지금": 0, "내일": 1, "모레": 2,
    "yesterday": -1, "today": 0, "tomorrow": 1, "day after tomorrow": 2,
}  # fmt: skip
_WHEN: Final = re.compile("|".join(sorted(_SHIFTS, key=len, reverse=True)), re.IGNORECASE)
_DAY: Final = re.compile(
    r"([월화수목금토일])(?:요일|욜)|(불금)|\b((?:mon|tues|wednes|thurs|fri|satur|sun)day)s?\b", re.IGNORECASE
)
_ELSEWHEN: Final = re.compile(
    r"(다음 ?주|지난 ?주|이번 ?주|next|last|until|till|every|not|isn't|매주)\s*$", re.IGNORECASE
)
_NOT_IT: Final = re.compile(r"\s*(?:은|는|이|도)?\s*(?:아니|아냐|말고|까지|부터|전에)")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMERALS: Final = dict(
    zip("한 두 세 네 다섯 여섯 일곱 여덟 아홉 열 열한 열두".split(), range(1, 13), strict=True)
)
_HOUR: Final = re.compile(
    r"(\d{1,2}|열한|열두|한|두|세|네|다섯|여섯|일곱|여덟|아홉|열)\s*시(?!간|작|계|험|절)"
    r"|\b(\d{1,2})(?::\d\d|\s*(?:am|pm|o'clock)\b)", re.IGNORECASE,
)  # fmt: skip
# The hours, from - to, at which a part of the day may be named.
_PARTS: Final = {
    "새벽": (0, 7), "오전": (0, 12), "아침": (5, 12), "점심": (11, 15), "한낮": (11, 16), "대낮": (10, 17),
    "낮": (9, 18), "오후": (12, 24), "저녁": (17, 28), "한밤": (22, 29), "밤": (18, 29),
    "morning": (4, 12), "noon": (11, 14), "afternoon": (12, 18), "evening": (17, 28), "night": (18, 29),
}  # fmt: skip
_PART: Final = re.compile("|".join(sorted(_PARTS, key=len, reverse=True)), re.IGNORECASE)


def kind_asked(question: str) -> str:
    """What a question about the time asks for; "weekday" where it does not say."""
    return next((kind for kind, words in _KINDS if re.search(words, question, re.IGNORECASE)), "weekday")


def tells_the_time(question: str, reply: str, now: datetime) -> bool:
    """Whether a reply names what was asked for, and everything of this kind that it names is right."""
    kind = kind_asked(question)
    when = _WHEN.search(question)
    shift = _SHIFTS[when.group().lower()] if when else 0
    claims = list(_claims(kind, reply, now, shift))
    if kind == "hour" and not claims:
        claims = list(_claims("part", reply, now, shift))
    return bool(claims) and all(claims) and weekday_claims_hold(reply, now)


def _claims(kind: str, reply: str, now: datetime, shift: int) -> Iterator[bool]:
    """Whether each thing of a kind that the reply names is right."""
    day = lived_day(now) + timedelta(days=shift)
    match kind:
        case "weekday":
            yield from _days(reply, now, shift)
        case "weekend":
            yield from _days(reply, now, shift)
            yield from _weekends(reply, day.weekday() >= 5)
        case "date":
            yield from (
                (month or day.month, number) == (day.month, day.day) for month, number in _dates(reply)
            )
        case "month":
            yield from (month == day.month for month in _months(reply))
        case "year":
            yield from (
                int(year[-2:]) == day.year % 100 for year in re.findall(r"\b20\d\d|\d\d(?=년)", reply)
            )
        case "part":
            hours = (now.hour, now.hour + 24)
            parts = (_PARTS[part.lower()] for part in _PART.findall(reply))
            yield from (any(start <= hour < end for hour in hours) for start, end in parts)
        case _:
            yield from (hour % 12 == now.hour % 12 for hour in _hours(reply))


def _days(reply: str, now: datetime, shift: int) -> Iterator[bool]:
    for match in _DAY.finditer(reply):
        before = reply[: match.start()]
        if _ELSEWHEN.search(before) or _NOT_IT.match(reply, match.end()):
            continue
        spoken = re.split(r"[.!?,]", before)[-1]
        said = _WHEN.findall(spoken)
        day = lived_day(now) + timedelta(days=_SHIFTS[said[-1].lower()] if said else shift)
        korean, friday, english = match.groups()
        if friday:
            yield day.weekday() == 4
        else:
            names = WEEKDAYS_KO if korean else WEEKDAYS_EN
            yield names[day.weekday()].lower() == (f"{korean}요일" if korean else english.lower())


def _weekends(reply: str, weekend: bool) -> Iterator[bool]:
    denied = r"주말(?:은|이|까지|엔|에)?\s*(?:아직|아니|아냐|멀|까지)|아직 (?:주말|아니)|(?:not|isn't)[^.!?]*weekend|(?:until|till) the weekend|not yet"
    if re.search(denied, reply, re.IGNORECASE) or re.search(r"평일(?!은? 아니)|\bweekday\b", reply):
        yield not weekend
    elif re.search(r"주말|\bweekend\b|평일", reply, re.IGNORECASE):
        yield weekend


def _dates(reply: str) -> Iterator[tuple[int | None, int]]:
    """(month, day of the month) of every date; None for a month that is not said."""
    for month, number in re.findall(r"(?:(\d{1,2})월\s*)?(\d{1,2})일(?!차|간|\s*동안)", reply):
        yield int(month) if month else None, int(number)
    names = "|".join(_MONTHS)
    for month, number in re.findall(rf"\b({names})[a-z]*\.? (\d{{1,2}})", reply, re.IGNORECASE):
        yield _MONTHS.index(month.lower()) + 1, int(number)
    for number, month in re.findall(rf"\b(\d{{1,2}})(?:st|nd|rd|th)(?: of ({names}))?", reply, re.IGNORECASE):
        yield _MONTHS.index(month.lower()) + 1 if month else None, int(number)


def _months(reply: str) -> Iterator[int]:
    yield from (int(month) for month in re.findall(r"(\d{1,2})월", reply))
    names = re.findall(
        r"\b(jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b|\b(May)\b", reply, re.IGNORECASE
    )
    yield from (_MONTHS.index((name or may).lower()) + 1 for name, may in names if name or may == "May")


def _hours(reply: str) -> Iterator[int]:
    for korean, english in _HOUR.findall(reply):
        yield _NUMERALS[korean] if korean in _NUMERALS else int(korean or english)
