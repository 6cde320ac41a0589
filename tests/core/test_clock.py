"""What the clock tells: lived days, parts of the day, facts for the prompt, truth about weekdays."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import persona
from core.clock import (
    WEEKDAYS_EN,
    WEEKDAYS_KO,
    clock_facts,
    clock_tags,
    day_part,
    lived_day,
    weekday_claims_hold,
)
from core.people import Lang
from tests.fakes_core import SEOUL

MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31)).map(lambda t: t.replace(tzinfo=SEOUL))  # noqa: DTZ001


def at(day: int, hour: int = 15, minute: int = 0) -> datetime:
    """November 2026: the 20th is a Friday, the 21st a Saturday, the 23rd a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=SEOUL)


@pytest.mark.parametrize(
    ("now", "day"), [(at(21, 3, 59), 20), (at(21, 4), 21), (at(21, 0), 20), (at(21, 23), 21)]
)
def test_a_day_is_lived_until_four_in_the_morning(now: datetime, day: int) -> None:
    assert lived_day(now) == date(2026, 11, day)


@pytest.mark.parametrize(
    ("now", "part"),
    [
        (at(23, 4), "오전"), (at(23, 11, 59), "오전"), (at(23, 12), "오후"), (at(23, 17), "오후"), (at(23, 17, 59), "오후"),
        (at(23, 18), "저녁"), (at(23, 23, 59), "저녁"), (at(24, 0), "저녁"), (at(24, 3, 59), "저녁"),
        (at(20, 16, 59), "오후"), (at(20, 17), "저녁"),
    ],
)  # fmt: skip
def test_parts_of_the_day(now: datetime, part: str) -> None:
    assert day_part(now)[0] == part
    assert day_part(now)[1] == {"오전": "morning", "오후": "afternoon", "저녁": "evening"}[part]


@pytest.mark.parametrize(
    ("text", "lang", "facts"),
    [
        ("오늘 무슨 요일이야?", "ko", "오늘 11월 21일 토요일 오후"),
        ("내일 뭐 해?", "ko", "오늘 11월 21일 토요일 오후"),
        ("지금 몇 시야", "ko", "오늘 11월 21일 토요일 오후"),
        ("이번 주말에 뭐 할까", "ko", "오늘 11월 21일 토요일 오후"),
        ("what day is it?", "en", "today is Saturday afternoon, November 21"),
        ("any plans for tonight", "en", "today is Saturday afternoon, November 21"),
        ("Are you free tomorrow?", "en", "today is Saturday afternoon, November 21"),
        ("너 몇 살이야?", "ko", "로라 23살, 4학년"),
        ("몇학년이니", "ko", "로라 23살, 4학년"),
        ("how old are you", "en", "Lora is 23, year 4"),
        ("오늘 몇 살이야?", "ko", "오늘 11월 21일 토요일 오후 · 로라 23살, 4학년"),
    ],
)
def test_facts_are_told_when_they_are_asked_for(text: str, lang: Lang, facts: str) -> None:
    assert clock_facts(text, at(21), lang) == facts


@pytest.mark.parametrize(
    "text",
    ["안녕", "배고파", "너 뭐 좋아해?", "I know", "snow is nice", "who are you", "고양이 키워?", "사랑해", "", "hello there"],
)  # fmt: skip
def test_facts_are_not_told_otherwise(text: str) -> None:
    assert clock_facts(text, at(21), "ko") == ""
    assert clock_facts(text, at(21), "en") == ""


@pytest.mark.parametrize(
    ("text", "lang", "tags"),
    [
        ("오늘 무슨 요일이야?", "ko", ("[오늘 요일: 토요일]",)),
        ("내일 무슨 요일이지", "ko", ("[내일 요일: 일요일]",)),
        ("모레는 무슨 요일이에요?", "ko", ("[모레 요일: 월요일]",)),
        ("어제 며칠이었지", "ko", ("[어제 날짜: 11월 20일]",)),
        ("지금 몇 시야", "ko", ("[지금 시각: 오후 3시 5분]",)),
        ("올해 몇년도야", "ko", ("[올해: 2026년]",)),
        ("벌써 주말인가", "ko", ("[오늘은 주말: 토요일]",)),
        ("지금 오전이야 오후야", "ko", ("[지금 때: 오후]",)),
        ("지금 밤이야 낮이야", "ko", ("[지금 때: 낮]",)),
        ("너 몇 살이야?", "ko", ("[로라 나이: 23살]",)),
        ("몇 학년이야", "ko", ("[로라 학년: 4학년]",)),
        ("what day is it?", "en", ("[today weekday: Saturday]",)),
        ("what's the date tomorrow", "en", ("[tomorrow date: November 22]",)),
        ("what time is it", "en", ("[time now: 3:05 pm]",)),
        ("which month is it", "en", ("[this month: November]",)),
        ("is it the weekend yet", "en", ("[today is weekend: Saturday]",)),
        ("how old are you", "en", ("[Lora's age: 23]",)),
        ("what year are you in", "en", ("[Lora's year: fourth]",)),
        ("배고파", "ko", ()),
    ],
)
def test_the_clock_is_told_as_a_memory_is(text: str, lang: Lang, tags: tuple[str, ...]) -> None:
    assert clock_tags(text, at(21, 15, 5), lang) == tags


@given(
    MOMENTS, st.sampled_from(["오늘 요일", "지금 몇 시", "날짜", "주말이야?", "밤이야?", "몇 년도", "몇 살"])
)
def test_every_moment_has_its_tag(now: datetime, text: str) -> None:
    (tag,) = clock_tags(text, now, "ko")
    assert tag.startswith("[") and tag.endswith("]") and ": " in tag


@pytest.mark.parametrize(
    ("hour", "said"),
    [(0, "밤 12시"), (1, "새벽 1시"), (4, "오전 4시"), (11, "오전 11시"), (12, "낮 12시"), (13, "오후 1시"),
     (18, "저녁 6시"), (21, "밤 9시"), (23, "밤 11시")],
)  # fmt: skip
def test_hours_have_the_names_that_people_give_them(hour: int, said: str) -> None:
    assert said in clock_tags("몇 시야", at(21, hour), "ko")[0]


def test_at_night_the_facts_are_of_the_day_before() -> None:
    assert clock_facts("오늘 뭐 했어?", at(21, 2), "ko") == "오늘 11월 20일 금요일 저녁"


@pytest.mark.parametrize(
    ("today", "age", "year"),
    [
        (date(2026, 10, 10), 22, 4), (date(2026, 10, 11), 23, 4), (date(2026, 2, 28), 22, 4),
        (date(2024, 2, 29), 20, 2), (date(2024, 3, 1), 20, 3), (date(2022, 3, 2), 18, 1), (date(2022, 1, 5), 18, 1),
        (date(2030, 12, 1), 27, 4),
    ],
)  # fmt: skip
def test_age_and_school_year(today: date, age: int, year: int) -> None:
    assert (persona.age(today), persona.school_year(today)) == (age, year)


@given(st.dates(date(2004, 1, 1), date(2100, 1, 1)))
def test_nobody_grows_younger(today: date) -> None:
    assert 0 <= persona.age(today + timedelta(days=1)) - persona.age(today) <= 1


@pytest.mark.parametrize(
    "text",
    [
        "오늘은 토요일이야", "오늘 토요일이지!", "내일은 일요일이네", "내일 일요일이다", "오늘은 주말이야!", "내일도 주말이야",
        "Today is Saturday!", "tomorrow's Sunday", "today is the weekend", "Tomorrow is a Sunday",
        "월요일이 제일 싫어", "금요일에 보자", "I love Fridays", "오늘은 피곤하다", "Monday is hard",
    ],
)  # fmt: skip
def test_what_is_true_of_a_saturday(text: str) -> None:
    assert weekday_claims_hold(text, at(21))


@pytest.mark.parametrize(
    "text",
    [
        "오늘은 금요일이야", "오늘 월요일이네", "내일은 토요일이야", "내일 월요일이다", "오늘은 불금이야!", "좋아! 오늘은 일요일이니까",
        "Today is Friday!", "today's monday", "tomorrow's Saturday", "TODAY IS SUNDAY", "Well, tomorrow is a Monday.",
    ],
)  # fmt: skip
def test_what_is_not_true_of_a_saturday(text: str) -> None:
    assert not weekday_claims_hold(text, at(21))


def test_weekends_and_burning_fridays() -> None:
    assert weekday_claims_hold("오늘은 불금이야", at(20))
    assert not weekday_claims_hold("오늘은 주말이야", at(20))
    assert weekday_claims_hold("내일은 주말이야", at(20))
    assert not weekday_claims_hold("내일은 주말이야", at(22))


@given(MOMENTS)
def test_exactly_one_weekday_is_true_of_today_and_one_of_tomorrow(now: datetime) -> None:
    today, tomorrow = lived_day(now), lived_day(now) + timedelta(days=1)
    for day, ko, en in ((today, "오늘은", "today is"), (tomorrow, "내일은", "tomorrow is")):
        true = [w for w, name in enumerate(WEEKDAYS_KO) if weekday_claims_hold(f"{ko} {name}이야", now)]
        true_en = [w for w, name in enumerate(WEEKDAYS_EN) if weekday_claims_hold(f"{en} {name}", now)]
        assert true == true_en == [day.weekday()]
