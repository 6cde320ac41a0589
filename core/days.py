"""Days as people say them: "내일", "다음 주 금요일", "on the 3rd", "in two weeks", as dates.

What is meant by a word is decided once, here. A bare weekday or date is the next one that comes, "next
Friday" that of next week; weeks begin on Monday; what somebody counts in months or years is meant as a whole
month or year.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_Span = tuple[str, date, date]  # what such days are called, the first and the last of them


@dataclass(frozen=True, slots=True)
class SpokenDay:
    """Days that a text names: ``text[start:end]`` stands for ``first`` to ``last``.

    ``word`` is how such days are called, a member of :data:`WORDS`, or "".
    """

    word: str
    first: date
    last: date
    start: int
    end: int


WORDS: Final = {-1: "yesterday", 0: "today", 1: "tomorrow", 2: "in two days"}  # beside "weekend", "next week"


def spoken_days(text: str, today: date, *, past: bool = False) -> list[SpokenDay]:
    """The days that a text of ``today`` names, in the order in which they stand there.

    With ``past``, a bare weekday or date is the one that has been.
    """
    found: list[SpokenDay] = []
    for form in _FORMS:
        for match in form.finditer(text):
            start, end = match.span()
            if any(start < day.end and day.start < end for day in found):
                continue
            if _NOT_THAT.search(text[:start]) or _NO.match(text, end):
                continue
            said = {name: " ".join(part.lower().split()) for name, part in match.groupdict().items() if part}
            try:
                found.append(SpokenDay(*_read(said, today, past), start, end))
            except (ValueError, OverflowError):  # no such date
                continue
    return sorted(found, key=lambda day: day.start)


def without_days(text: str, days: Iterable[SpokenDay]) -> str:
    """A text without the words for ``days``, which must be of this text, and what hangs on them."""
    for day in sorted(days, key=lambda day: -day.start):
        before, after = _LEADS.sub("", text[: day.start]), _HANGS.sub("", text[day.end :])
        text = f"{before.rstrip(' ,')} {after.lstrip(' ,')}"
    return text.strip()


_LEADS: Final = re.compile(r"(?:\b(?:on|at|by|until|till|since|from|in|for|the)\s+)+$", re.IGNORECASE)
_HANGS: Final = re.compile(r"^(?:에는|에|엔|부터|까지|으로|로|이|은|는|날|의|'s)?(?=[\s,]|$)")

_NOT_THAT: Final = re.compile(  # "매주 화요일", "every other Friday", "not tomorrow"
    r"(?:(?:매주|격주|매달|매월|매년|\b(?:every|each)(?:\sother)?)\s?(?:\S*(?:요일|욜|day)\S*\s(?:and\s)?)?"
    r"|\bnot\s(?:on\s)?)$",
    re.IGNORECASE,
)
_NO: Final = re.compile(r"[이은는가]?\s?(?:아니(?!면)|아닌|말고)")  # "내일 말고 모레"

_DAY_KO: Final = "(?P<day>[월화수목금토일])(?:요일|욜)"
_DAY_EN: Final = "(?P<day>mon|tues|wednes|thurs|fri|satur|sun)day"
_MONTH: Final = (
    "(?P<name>jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)(?:uary|ruary|ch|il|ust|ember|ober)?"
)
_HOW_MANY: Final = r"(?P<n>\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|a\scouple\sof)"
_FORMS: Final = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?:(?P<week>지지난|저저번|지난|저번|이번|요번|다음|담)\s?(?:주\s?)?)?(?P<weekend>주말)(?!마다)",
        rf"(?P<week>지지난|저저번|지난|저번|이번|요번|다다음|다음|담)\s?주(?:\s?{_DAY_KO}|(?![제문차장식소변사]|인(?!데)))",
        rf"(?:(?P<near>지난|저번|이번|요번|다음|담)\s)?{_DAY_KO}(?!마다|만|인데|이면)",
        r"(?<![\d.])(?P<ad>20\d\d)[-./]\s?(?P<month>\d{1,2})[-./]\s?(?P<date>\d{1,2})(?!\d)",
        r"(?:(?:(?P<ad>\d{4})년\s?)?(?P<month>\d{1,2})월|(?P<moon>지난|저번|이번|요번|다음|담)\s?달)(?:\s?(?P<date>\d{1,2})일)?",
        r"(?<![\d/.])(?P<month>\d{1,2})/(?P<date>\d{1,2})(?=에|[\s,.!?]|$)",
        r"(?<!\d)(?P<date>\d{1,2})일(?=에(?!\s한)|날|까지|부터|로(?![가-힣])|\s?[월화수목금토일]요일)",
        r"(?P<n>\d{1,3}|한|두|세|석|네|넉|다섯|여섯)\s?(?P<unit>일|주|달|개월|년)일?\s?(?P<way>뒤|후|전)",
        r"(?P<n>하루|이틀|사흘|나흘|닷새|엿새|일주일|열흘|보름)\s?(?P<way>뒤|후|전)",
        r"(?P<ad>20\d\d)년(?!생)",
        r"(?P<year>작년|올해|내년|\b(?:last|this|next)\syear\b)",
        r"(?P<word>그저께|그제|엊그제|어저께|어제|오늘|(?:내일|낼)\s?모레|내일|(?<![가-힣])낼|모레|글피)",
        r"\b(?:(?P<week>last|this|next)\s)?(?P<weekend>weekend)\b",
        rf"\b{_DAY_EN}\s(?P<week>last|this|next)\sweek\b",
        rf"\b(?P<week>last|this|next)\sweek\b(?:\s(?:on\s)?{_DAY_EN}\b)?",
        r"\b(?P<week>week\safter\snext)\b",
        rf"\b(?:(?P<near>last|this|next)\s)?{_DAY_EN}\b",
        r"\b(?:(?P<near>last|this|next)|on|by)\s(?P<day>mon|tues?|wed|thu(?:rs?)?|fri|sat|sun)\b",
        rf"\b{_MONTH}\.?\s(?P<date>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s(?P<ad>20\d\d))?\b",
        rf"\b(?P<date>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH}(?:,?\s(?P<ad>20\d\d))?\b",
        rf"\bin\s{_MONTH}(?:\s(?P<ad>20\d\d))?\b",
        r"\b(?:on|by)\sthe\s(?P<date>\d{1,2})(?:st|nd|rd|th)\b",
        r"\b(?P<moon>last|this|next)\smonth\b",
        rf"\bin\s{_HOW_MANY}\s(?P<unit>day|week|month|year)s?\b",
        rf"\b{_HOW_MANY}\s(?P<unit>day|week|month|year)s?\s(?P<way>from\snow|from\stoday|later|ago)\b",
        r"\b(?P<word>day\s(?:before\syesterday|after\stomorrow)|yesterday|last\snight|today|tonight"
        r"|this\s(?:morning|afternoon|evening)|tomorrow|tmrw|tmr)\b",
    )
)  # fmt: skip

_SHIFTS: Final = {
    "그저께": -2, "그제": -2, "엊그제": -2, "day before yesterday": -2, "어저께": -1, "어제": -1,
    "yesterday": -1, "last night": -1, "내일": 1, "낼": 1, "tomorrow": 1, "tmrw": 1, "tmr": 1,
    "내일모레": 2, "낼모레": 2, "모레": 2, "day after tomorrow": 2, "글피": 3,
}  # fmt: skip
_TURNS: Final = {  # which week, month or year is meant
    "지지난": -2, "저저번": -2, "지난": -1, "저번": -1, "작년": -1, "last": -1, "이번": 0, "요번": 0,
    "올해": 0, "this": 0, "다음": 1, "담": 1, "내년": 1, "next": 1, "다다음": 2, "week after next": 2,
}  # fmt: skip
_WEEKDAYS: Final = {name: day for day, name in enumerate("월화수목금토일")} | {
    name: day for day, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
}
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_COUNTS: Final = {
    word: number
    for number, words in enumerate(
        ("", "한 하루 a an one", "두 이틀 two", "세 석 사흘 three", "네 넉 나흘 four", "다섯 닷새 five",
         "여섯 엿새 six", "일주일 seven", "eight", "nine", "열흘 ten")
    )
    for word in words.split()
} | {"보름": 15, "a couple of": 2}  # fmt: skip


def _read(said: Mapping[str, str], today: date, past: bool) -> _Span:
    """What the parts of a form mean; raises ValueError for a date that there is not."""
    if "word" in said:
        shift = _SHIFTS.get(said["word"].replace("내일 ", "내일").replace("낼 ", "낼"), 0)
        day = today + timedelta(days=shift)
        return WORDS.get(shift, ""), day, day
    if "weekend" in said or "week" in said:
        return _in_week(said, today, past)
    if "day" in said:
        day = _weekday(said, today, past)
        return "", day, day
    if "n" in said:
        return _counted(said, today)
    if "year" in said:
        year = today.year + _TURNS[said["year"].removesuffix(" year")]
        return "", date(year, 1, 1), date(year, 12, 31)
    if said.keys() == {"ad"}:
        return "", date(int(said["ad"]), 1, 1), date(int(said["ad"]), 12, 31)
    return _in_month(said, today, past)


def _monday(today: date, weeks: int) -> date:
    return today - timedelta(days=today.weekday() - 7 * weeks)


def _in_week(said: Mapping[str, str], today: date, past: bool) -> _Span:
    usual = -1 if past and today.weekday() < 5 else 0
    weeks = _TURNS[said["week"]] if "week" in said else usual
    monday, name = _monday(today, weeks), "next week" if weeks == 1 else ""
    if "weekend" in said:
        return name or ("weekend" if weeks == 0 else ""), monday + timedelta(5), monday + timedelta(6)
    if "day" in said:
        day = monday + timedelta(_WEEKDAYS[said["day"][:3]])
        return name, day, day
    return name, max(monday, today) if weeks == 0 else monday, monday + timedelta(6)


def _weekday(said: Mapping[str, str], today: date, past: bool) -> date:
    wanted, near = _WEEKDAYS[said["day"][:3]], _TURNS.get(said.get("near", ""))
    if near == -1 or (past and near is None):
        return today - timedelta((today.weekday() - wanted - 1) % 7 + 1)
    if near == 1:
        return _monday(today, 1) + timedelta(wanted)
    least = 0 if near == 0 else 1  # "this Friday" may be said on it
    return today + timedelta((wanted - today.weekday() - least) % 7 + least)


def _counted(said: Mapping[str, str], today: date) -> _Span:
    back = said.get("way") in ("전", "ago")
    count = int(said["n"]) if said["n"].isdigit() else _COUNTS[said["n"]]
    count = -count if back else count
    match said.get("unit", "일"):
        case "달" | "개월" | "month":
            return "", *_month(today.year, today.month + count)
        case "년" | "year":
            return "", date(today.year + count, 1, 1), date(today.year + count, 12, 31)
        case unit:
            day = today + timedelta(days=count * (7 if unit in ("주", "week") else 1))
            return WORDS.get((day - today).days, ""), day, day


def _month(year: int, month: int) -> tuple[date, date]:
    """The first and the last day of a month; 13 is January of the year after."""
    first = date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
    return first, (first + timedelta(31)).replace(day=1) - timedelta(1)


def _in_month(said: Mapping[str, str], today: date, past: bool) -> _Span:
    year = int(said.get("ad", today.year))
    if "moon" in said or not {"month", "name"} & said.keys():
        months = [today.month + _TURNS.get(said.get("moon", "this"), 0)]
        if "moon" not in said:  # a date alone; of two months on end one has it
            months += [months[0] + (-ahead if past else ahead) for ahead in (1, 2)]
    else:
        month = int(said["month"]) if "month" in said else _MONTHS.index(said["name"][:3]) + 1
        if not 1 <= month <= 12:
            raise ValueError("no such month")
        months = [month] if "ad" in said else [month, month + (-12 if past else 12)]
    spans = [_month(year, month) for month in months]
    if "date" in said:  # the 31st is in the next month that has one
        number = int(said["date"])
        spans = [(first.replace(day=number),) * 2 for first, last in spans if 1 <= number <= last.day]
    if not spans:
        raise ValueError("no such day")
    fitting = (span for span in spans if (span[0] <= today if past else span[1] >= today))
    return "", *next(fitting, spans[0])
