"""Days as people say them, in Korean and in English, as dates."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.days import spoken_days, without_days

WEDNESDAY = date(2026, 11, 18)
SATURDAY = date(2026, 11, 21)
WORDS = (
    "내일", "모레", "어제", "주말", "다음 주", "다음 주 금요일", "금요일", "12월 3일", "3일에", "담달", "2주 뒤", "2월 30일",
    "tomorrow", "next week", "on friday", "in two weeks", "Feb 30", "3rd of May", "weekend", "ㅋㅋ", "시험", "exam", "!",
)  # fmt: skip


def named(text: str, today: date = WEDNESDAY, *, past: bool = False) -> list[tuple[str, str]]:
    """First and last days, as month-day."""
    days = spoken_days(text, today, past=past)
    return [(f"{day.first:%m-%d}", f"{day.last:%m-%d}") for day in days]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("나 내일 시험 봐", "11-19", ""), ("낼 시험", "11-19", ""), ("모레 면접", "11-20", ""), ("내일모레 발표", "11-20", ""),
        ("글피에 이사", "11-21", ""), ("그저께 싸움", "11-16", ""), ("어제 봤어", "11-17", ""), ("오늘 비 와", "11-18", ""),
        ("주말에 등산", "11-21", "11-22"), ("이번 주말", "11-21", "11-22"), ("다음 주말에 김장", "11-28", "11-29"),
        ("지난 주말", "11-14", "11-15"), ("이번 주에 끝내", "11-18", "11-22"), ("다음 주에 출장", "11-23", "11-29"),
        ("다다음 주", "11-30", "12-06"), ("담주 금욜 회식", "11-27", ""), ("다음주 화요일부터 출근", "11-24", ""),
        ("금요일에 병원 가", "11-20", ""), ("수요일에 봐", "11-25", ""), ("다음 금요일", "11-27", ""), ("이번 토요일", "11-21", ""),
        ("지난 토요일 김장", "11-14", ""), ("지난주 월요일", "11-09", ""),
        ("12월 3일 결혼식", "12-03", ""), ("12/3 시험", "12-03", ""), ("3월 2일", "03-02", ""), ("25일에 월급", "11-25", ""),
        ("5일에 이사", "12-05", ""), ("다음 달 3일", "12-03", ""), ("담달 이사", "12-01", "12-31"), ("12월에 이사", "12-01", "12-31"),
        ("사흘 뒤 출국", "11-21", ""), ("2주 뒤 시험", "12-02", ""), ("일주일 후", "11-25", ""), ("한 달 뒤 수능", "12-01", "12-31"),
        ("3일 전에 다침", "11-15", ""), ("내년에 입대", "01-01", "12-31"),
        ("exam tomorrow", "11-19", ""), ("tmrw", "11-19", ""), ("the day after tomorrow", "11-20", ""), ("tonight", "11-18", ""),
        ("camping this weekend", "11-21", "11-22"), ("next weekend", "11-28", "11-29"), ("next week", "11-23", "11-29"),
        ("on Friday", "11-20", ""), ("this friday", "11-20", ""), ("next friday", "11-27", ""), ("last friday", "11-13", ""),
        ("tuesday next week", "11-24", ""), ("next week on tuesday", "11-24", ""), ("by fri", "11-20", ""),
        ("Dec 3rd", "12-03", ""), ("3 December", "12-03", ""), ("on the 5th", "12-05", ""), ("in March", "03-01", "03-31"),
        ("in two weeks", "12-02", ""), ("in a month", "12-01", "12-31"), ("three days ago", "11-15", ""), ("next month", "12-01", "12-31"),
        ("week after next", "11-30", "12-06"), ("a week from today", "11-25", ""),
        ("지지난주 금요일", "11-06", ""), ("저저번 주말", "11-07", "11-08"), ("31일에 월급", "12-31", ""),
        ("내일 아니고 모레 시험", "11-20", ""), ("금요일 말고 토요일", "11-21", ""), ("금요일 아니면 안 돼", "11-20", ""), ("not tomorrow but on friday", "11-20", ""),
    ],
)  # fmt: skip
def test_a_day_that_is_named_is_a_date(text: str, first: str, last: str) -> None:
    assert named(text) == [(first, last or first)]


@pytest.mark.parametrize(
    "text",
    ["일요일마다 축구", "끝낼게", "보낼 거야", "3일에 한 번", "다음 주제 정하자", "금요일인데 설레", "every friday", "fridays are fun",
     "I sat in the sun", "2월 30일", "13월 1일", "", "1/2컵", "매주 화요일에 과외", "매주 월요일이랑 수요일", "매달 5일에 월급",
     "every other friday", "내일은 아니야", "not today", "2003년생"],
)  # fmt: skip
def test_what_names_no_day_is_none(text: str) -> None:
    assert named(text) == []


def test_a_bare_weekday_is_never_today_and_a_weekend_may_be() -> None:
    assert named("토요일에 봐", SATURDAY) == [("11-28", "11-28")]
    assert named("this saturday", SATURDAY) == [("11-21", "11-21")]
    assert named("주말에 봐", SATURDAY) == [("11-21", "11-22")]


def test_what_is_told_in_the_past_has_been() -> None:
    assert named("금요일에 12월 3일 얘기", past=True) == [("11-13", "11-13"), ("12-03", "12-03")]
    assert spoken_days("12월 3일", WEDNESDAY, past=True)[0].first == date(2025, 12, 3)
    assert named("20일에 봤어", past=True) == [("10-20", "10-20")]
    assert named("주말에 봤어", past=True) == [("11-14", "11-15")]


@pytest.mark.parametrize(
    ("text", "today", "first"),
    [
        ("exam on the 30th", "2026-01-31", "2026-03-30"), ("30일에 시험 봐", "2026-01-31", "2026-03-30"),
        ("29일에 시험", "2026-01-30", "2026-03-29"), ("29일에 시험", "2028-01-30", "2028-02-29"),
        ("31일에 월급", "2026-12-31", "2026-12-31"), ("29일에 시험", "2026-12-30", "2027-01-29"),
    ],
)  # fmt: skip
def test_a_bare_date_comes_though_the_next_month_lacks_it(text: str, today: str, first: str) -> None:
    assert [str(day.first) for day in spoken_days(text, date.fromisoformat(today))] == [first]


@pytest.mark.parametrize(
    ("text", "today", "first"),
    [
        ("31일에 시험 봤어", "2026-03-01", "2026-01-31"), ("on the 30th", "2026-03-01", "2026-01-30"),
        ("31일에 봤어", "2026-01-30", "2025-12-31"), ("31일에 봤어", "2027-01-31", "2027-01-31"),
    ],
)  # fmt: skip
def test_a_bare_date_has_been_though_the_last_month_lacks_it(text: str, today: str, first: str) -> None:
    assert [str(day.first) for day in spoken_days(text, date.fromisoformat(today), past=True)] == [first]


@given(st.dates(date(2024, 1, 1), date(2033, 1, 1)), st.integers(1, 31))
def test_a_bare_date_lies_within_two_months(today: date, number: int) -> None:
    (coming,), (been,) = (spoken_days(f"{number}일에 봐", today, past=past) for past in (False, True))
    assert coming.first.day == been.first.day == number
    assert timedelta(0) <= coming.first - today < timedelta(62)
    assert timedelta(0) <= today - been.first < timedelta(62)


def test_a_month_that_is_over_is_that_of_the_next_year() -> None:
    (day,) = spoken_days("3월 2일", WEDNESDAY)
    assert day.first == date(2027, 3, 2)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2027년 12월 3일 결혼식", "2027-12-03", "2027-12-03"), ("2027년 3월에 입대", "2027-03-01", "2027-03-31"),
        ("2028년에 졸업", "2028-01-01", "2028-12-31"), ("2027-01-05", "2027-01-05", "2027-01-05"), ("2027. 1. 5. 시험", "2027-01-05", "2027-01-05"),
        ("December 3, 2027", "2027-12-03", "2027-12-03"), ("3rd of Dec 2027", "2027-12-03", "2027-12-03"), ("in May 2028", "2028-05-01", "2028-05-31"),
    ],
)  # fmt: skip
def test_a_year_that_is_named_counts(text: str, first: str, last: str) -> None:
    assert [(str(day.first), str(day.last)) for day in spoken_days(text, WEDNESDAY)] == [(first, last)]


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("금요일 병원", "병원"), ("토요일에 뮤지컬", "뮤지컬"), ("다음 달에 일본", "일본"), ("화요일부터 출근", "출근"),
        ("meeting ex on friday", "meeting ex"), ("japan next month", "japan"), ("내일", ""), ("병원", "병원"),
        ("내일 시험이고 금요일에 여행", "시험이고 여행"), ("thesis due by the 5th", "thesis due"),
    ],
)  # fmt: skip
def test_a_text_without_its_days(text: str, rest: str) -> None:
    assert without_days(text, spoken_days(text, WEDNESDAY)) == rest


@given(
    st.lists(st.sampled_from(WORDS)).map(" ".join) | st.text(max_size=60),
    st.dates(date(2, 1, 1), date(9997, 1, 1)),
)
def test_whatever_is_said_days_stand_in_order_and_apart(text: str, today: date) -> None:
    days = spoken_days(text, today)
    for day, after in itertools.pairwise(days):
        assert day.end <= after.start
    for day in days:
        assert day.first <= day.last and text[day.start : day.end]


@given(st.dates(date(2024, 1, 1), date(2030, 1, 1)), st.sampled_from("월화수목금토일"))
def test_a_weekday_comes_within_a_week(today: date, name: str) -> None:
    (coming,) = spoken_days(f"{name}요일에 봐", today)
    (been,) = spoken_days(f"{name}요일에 봤어", today, past=True)
    assert timedelta(1) <= coming.first - today <= timedelta(7)
    assert coming.first - been.first in (timedelta(7), timedelta(14))
    assert coming.first.weekday() == "월화수목금토일".index(name)
