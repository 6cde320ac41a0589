"""What a key says about its facts: dates, telling on another day, keys that mean the same."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.facts import (
    FADES,
    PLANNED,
    TOLD_AS_PAST,
    Fact,
    canonical,
    dated_key,
    edited_fact,
    is_plan,
    is_single,
    key_in,
    liking,
    plan_key,
    read_fact,
    told_on,
    typed_fact,
)
from core.language import script_of
from core.memory import KEYS
from core.people import Lang

SAID = date(2026, 11, 21)  # a Saturday
WEDNESDAY = date(2026, 11, 18)
ALL_KEYS = [key for keys in KEYS.values() for key in keys]


def told(key: str, days: int, said: date = SAID) -> str | None:
    """The key as it reads ``days`` after it was typed."""
    fact = typed_fact(key, "시험", said)
    return told_on(fact.key, fact.starts, fact.ends, said + timedelta(days))


@pytest.mark.parametrize(
    ("key", "days", "as_told"),
    [
        ("내일 일정", 0, "내일 일정"), ("내일 일정", 1, "오늘 일정"), ("내일 일정", 2, "어제 일정"), ("내일 일정", 3, "지난 일정"),
        ("내일 일정", 8, "지난 일정"), ("내일 일정", 9, None),
        ("오늘 일정", 0, "오늘 일정"), ("오늘 일정", 1, "어제 일정"), ("오늘 일정", 2, "지난 일정"), ("오늘 일정", 8, None),
        ("모레 일정", 0, "모레 일정"), ("모레 일정", 1, "내일 일정"), ("모레 일정", 2, "오늘 일정"),
        ("어제 일정", 0, "어제 일정"), ("어제 일정", 1, "지난 일정"), ("어제 일정", 7, None),
        ("오늘 날씨", 0, "오늘 날씨"), ("오늘 날씨", 1, None), ("내일 날씨", 1, "오늘 날씨"), ("내일 날씨", 2, None),
        ("plan for tomorrow", 0, "plan for tomorrow"), ("plan for tomorrow", 1, "plan for today"),
        ("plan for tomorrow", 2, "yesterday"), ("plan for tomorrow", 3, "recent event"), ("plan for tomorrow", 9, None),
        ("plan for today", 1, "yesterday"), ("yesterday", 0, "yesterday"), ("yesterday", 1, "recent event"),
        ("weather today", 0, "weather today"), ("weather today", 1, None),
        ("취미", 400, "취미"), ("이름", 0, "이름"), ("hobby", 50, "hobby"), ("내일", 3, "내일"), ("오늘의 기분", 3, "오늘의 기분"),
        ("내일 시험", 1, "오늘 시험"), ("금요일 약속", 5, "내일 약속"), ("금요일 약속", 6, "오늘 약속"),
        ("상태", 1, "상태"), ("상태", 2, None), ("state", 2, None), ("고민", 28, "고민"), ("고민", 29, None),
        ("최근 일", 14, "최근 일"), ("recent event", 15, None), ("향후 일정", PLANNED, "향후 일정"), ("향후 일정", PLANNED + 1, None),
        ("다음 주 일정", 1, "다음 주 일정"), ("다음 주 일정", 3, "향후 일정"), ("다음 주 일정", 9, "지난 일정"), ("다음 주 일정", 16, None),
        ("weekend plan", 0, "weekend plan"), ("weekend plan", 2, "recent event"), ("여행 계획", 400, None),
    ],
)  # fmt: skip
def test_a_fact_is_told_in_the_words_of_the_day(key: str, days: int, as_told: str | None) -> None:
    assert told(key, days) == as_told


def test_a_weekend_is_told_from_the_days_before_it_to_the_week_after() -> None:
    days = {day: told("주말 일정", day, WEDNESDAY) for day in range(13)}
    assert {days[day] for day in range(5)} == {"주말 일정"}
    assert {days[day] for day in range(5, 12)} == {"지난 일정"} and days[12] is None


@given(st.sampled_from(ALL_KEYS), st.integers(0, 40), st.dates(date(2024, 1, 1), date(2030, 1, 1)))
def test_no_fact_comes_back_once_it_is_over(key: str, days: int, said: date) -> None:
    if told(key, days, said) is None:
        assert told(key, days + 1, said) is None


@given(st.sampled_from(ALL_KEYS), st.integers(0, 400))
def test_a_pinned_fact_is_never_over(key: str, days: int) -> None:
    fact = typed_fact(key, "시험", SAID)
    as_told = told_on(key, fact.starts, fact.ends, SAID + timedelta(days), kept=True)
    assert as_told is not None or "날씨" in key or "weather" in key


@given(st.sampled_from(ALL_KEYS))
def test_every_key_is_told_as_it_was_on_the_day(key: str) -> None:
    same = {"다음 주 일정", "plan for next week", "주말 일정", "weekend plan"}
    assert told(key, 0) == key or key in same


@given(st.sampled_from(ALL_KEYS), st.sampled_from(("ko", "en")))
def test_every_key_has_one_name_in_each_language(key: str, lang: Lang) -> None:
    fact = typed_fact(key, "시험", SAID)
    as_told = told_on(fact.key, fact.starts, fact.ends, SAID, kept=True, lang=lang)
    assert as_told is not None
    assert as_told in (*KEYS[lang], "지난 일정")
    assert key_in(key_in(key, "en"), "ko") == key_in(key, "ko") and key_in(key, script_of(key) or "ko") == key


@pytest.mark.parametrize(
    ("key", "days", "lang", "as_told"),
    [
        ("plan for tomorrow", 0, "ko", "내일 일정"), ("plan for tomorrow", 1, "ko", "오늘 일정"), ("plan for tomorrow", 3, "ko", "지난 일정"),
        ("내일 일정", 0, "en", "plan for tomorrow"), ("내일 일정", 2, "en", "yesterday"), ("내일 약속", 1, "en", "plan for today"),
        ("weather today", 0, "ko", "오늘 날씨"), ("오늘 날씨", 0, "en", "weather today"), ("오늘 날씨", 1, "en", None),
        ("trip", 0, "ko", "여행 계획"), ("future plan", 0, "ko", "향후 일정"), ("계획", 0, "en", "future plan"),
        ("lives in", 0, "ko", "사는 곳"), ("mbti", 0, "ko", "mbti"), ("키우는 화분", 0, "en", "키우는 화분"),
    ],
)  # fmt: skip
def test_a_fact_is_told_in_another_language(key: str, days: int, lang: Lang, as_told: str | None) -> None:
    fact = typed_fact(key, "시험", SAID)
    assert told_on(fact.key, fact.starts, fact.ends, SAID + timedelta(days), lang=lang) == as_told
    assert told_on(fact.key, None, None, SAID, lang=lang) is not None


@pytest.mark.parametrize(
    ("key", "value", "message", "kept", "starts", "ends"),
    [
        ("향후 일정", "금요일 병원", "이거 잊지 마 나 금요일에 병원 가", "병원", "2026-11-20", "2026-11-20"),
        ("주말 일정", "토요일 뮤지컬", "토요일에 뮤지컬 보러 간다", "뮤지컬", "2026-11-21", "2026-11-21"),
        ("다음 주 일정", "화요일 부서 옮김", "다음 주 화요일에 부서 옮겨요", "부서 옮김", "2026-11-24", "2026-11-24"),
        ("여행 계획", "다음 달에 일본", "다음 달에 일본 가", "일본", "2026-12-01", "2026-12-31"),
        ("오늘 일정", "시험", "어제 말했지? 내일 시험이고 금요일엔 여행 가", "시험", "2026-11-19", "2026-11-19"),
        ("향후 일정", "여행", "내일 시험이고 금요일엔 여행 가", "여행", "2026-11-20", "2026-11-20"),
        ("내일 일정", "시험", "나 시험 봐", "시험", "2026-11-19", "2026-11-19"),
        ("어제 일정", "면접", "금요일에 면접 봤어", "면접", "2026-11-13", "2026-11-13"),
        ("future plan", "meeting ex on friday", "i'm meeting my ex on friday", "meeting ex", "2026-11-20", "2026-11-20"),
        ("plan for next week", "gym", "starting at the gym next monday", "gym", "2026-11-23", "2026-11-23"),
        ("weekend plan", "wedding on saturday", "im going to a wedding on saturday", "wedding", "2026-11-21", "2026-11-21"),
        ("trip", "japan next month", "traveling to japan next month", "japan", "2026-12-01", "2026-12-31"),
        ("생일", "담달 6일", "담달 6일이 내 생일인데", "12월 6일", None, None),
        ("birthday", "tuesday", "turning thirty on Tuesday", "November 24", None, None),
        ("생일", "3월 2일", "내 생일은 3월 2일이야", "3월 2일", None, None),
        ("취미", "주말 등산", "주말마다 등산해", "주말 등산", None, None),
        ("최근 일", "지난주 이사", "지난주에 이사했어", "이사", "2026-11-18", "2026-12-02"),
        ("상태", "피곤함", "오늘 피곤해", "피곤함", "2026-11-18", "2026-11-19"),
        ("오늘 날씨", "비", "비 온다 내일도 온대", "비", "2026-11-18", "2026-11-18"),
    ],
)  # fmt: skip
def test_the_days_of_a_message_become_dates(
    key: str, value: str, message: str, kept: str, starts: str | None, ends: str | None
) -> None:
    fact = read_fact(key, value, message, WEDNESDAY, 0.7)
    dates = [day.isoformat() if day else None for day in (fact.starts, fact.ends)]
    assert (fact.value, dates, fact.confidence) == (kept, [starts, ends], 0.7)


def test_a_plan_at_the_end_of_january_is_on_the_day_that_is_named() -> None:
    (fact, past) = (
        read_fact("향후 일정", "시험", "30일에 시험 봐", date(2026, 1, 31), 0.9),
        read_fact("어제 일정", "시험", "31일에 시험 봤어", date(2026, 3, 1), 0.9),
    )
    assert (fact.starts, fact.ends) == (date(2026, 3, 30), date(2026, 3, 30))
    assert (past.starts, past.ends) == (date(2026, 1, 31), date(2026, 1, 31))


def test_a_plan_without_a_day_holds_for_a_while() -> None:
    fact = read_fact("향후 일정", "이사", "나 이사해", WEDNESDAY, 0.7)
    assert (fact.starts, fact.ends) == (None, WEDNESDAY + timedelta(PLANNED))


@pytest.mark.parametrize(
    ("key", "value", "starts"),
    [
        ("내일 일정", "친구 만나기", "2026-11-19"), ("일정", "금요일 회의", "2026-11-20"), ("금요일 약속", "민지", "2026-11-20"),
        ("내일 일정", "금요일 발표 준비", "2026-11-19"), ("12월 3일 시험", "토익", "2026-12-03"), ("주말 일정", "토요일 등산", "2026-11-21"),
    ],
)  # fmt: skip
def test_what_is_typed_is_kept_as_typed_and_dated(key: str, value: str, starts: str) -> None:
    fact = typed_fact(key, value, WEDNESDAY)
    assert (fact.key, fact.value, fact.confidence) == (key, value, 1.0)
    assert fact.starts == date.fromisoformat(starts)


@pytest.mark.parametrize(
    ("key", "value", "as_read"),
    [
        ("내일 일정", "시험", "일정 · 11월 19일"), ("주말 일정", "캠핑", "일정 · 11월 21일 ~ 11월 22일"), ("취미", "등산", "취미"),
        ("향후 일정", "내년 입대", "일정 · 2027년 1월 1일 ~ 2027년 12월 31일"), ("상태", "피곤", "상태 · 11월 18일"), ("향후 일정", "이사", "향후 일정"),
        ("trip", "japan next month", "trip · 12월 1일 ~ 12월 31일"),
    ],
)  # fmt: skip
def test_a_dated_key_reads_well(key: str, value: str, as_read: str) -> None:
    fact = typed_fact(key, value, WEDNESDAY)
    assert dated_key(key, fact.starts, fact.ends, WEDNESDAY, "ko") == as_read


def test_dates_are_read_in_the_reader_s_language() -> None:
    fact = typed_fact("plan for tomorrow", "exam", WEDNESDAY)
    assert dated_key(fact.key, fact.starts, fact.ends, WEDNESDAY, "en") == "plan · November 19"
    assert dated_key(fact.key, fact.starts, fact.ends, date(2025, 12, 31), "en") == "plan · November 19, 2026"


TOMORROW = typed_fact("내일 일정", "시험", WEDNESDAY)


@pytest.mark.parametrize(
    ("key", "value", "starts"),
    [
        ("내일 일정", "수학 시험", "2026-11-19"), ("일정 · 11월 19일", "수학 시험", "2026-11-19"), ("일정 · 11월 25일", "시험", "2026-11-25"),
        ("내일 일정", "토요일 시험", "2026-11-21"), ("모레 일정", "시험", "2026-11-22"), ("취미", "시험", None),
    ],
)  # fmt: skip
def test_an_edited_plan_stays_on_its_day_unless_another_is_named(
    key: str, value: str, starts: str | None
) -> None:
    fact = edited_fact(TOMORROW, key, value, WEDNESDAY + timedelta(2))
    assert fact.starts == (date.fromisoformat(starts) if starts else None)
    assert "·" not in fact.key and fact.value == value and fact.confidence == 1.0


def test_a_fact_that_becomes_another_kind_is_dated_anew() -> None:
    worry = edited_fact(typed_fact("취미", "등산", WEDNESDAY), "고민", "등산 같이 갈 사람이 없음", SAID)
    assert (worry.starts, worry.ends) == (SAID, SAID + timedelta(FADES["고민"]))
    same = edited_fact(Fact("고민", "등산", "ko", WEDNESDAY, SAID), "고민", "등산화", SAID)
    assert (same.starts, same.ends) == (WEDNESDAY, SAID)


@pytest.mark.parametrize(
    ("key", "message", "plan"),
    [
        ("오늘 일정", "나 내일 시험 봐", "내일 일정"), ("향후 일정", "다음주에 부산 출장가요", "다음 주 일정"),
        ("내일 일정", "모레 면접이야", "모레 일정"), ("내일 일정", "시험 봐", "내일 일정"), ("취미", "내일도 등산", "취미"),
        ("plan for today", "moving to a new flat next week", "plan for next week"),
        ("future plan", "Exam tomorrow", "plan for tomorrow"), ("hobby", "hiking today", "hobby"),
        ("여행 계획", "내일 부산 여행 가", "여행 계획"), ("내일 일정", "다음 주말에 김장", "다음 주 일정"), ("향후 일정", "낼 면접", "내일 일정"),
        ("future plan", "what a day, dentist tonight", "plan for today"), ("향후 일정", "금요일에 병원", "향후 일정"),
    ],
)  # fmt: skip
def test_the_day_of_a_plan_is_the_one_that_was_said(key: str, message: str, plan: str) -> None:
    assert plan_key(key, message) == plan


def test_keys_of_both_languages_mean_the_same() -> None:
    pairs = {
        "name": "이름",
        "lives in": "사는 곳",
        "사는곳": "사는 곳",
        "MBTI": "mbti",
        "Favorite  food": "좋아하는 음식",
    }
    assert {key: canonical(key) for key in pairs} == pairs
    assert is_single("Name") and is_single("사는곳") and not is_single("취미")
    assert [liking(key) for key in ("likes", "싫어하는 음식", "disliked subject", "취미")] == [1, -1, -1, 0]
    plans = {key for key in ALL_KEYS if is_plan(key)}
    assert {"향후 일정", "trip", "yesterday", "주말 일정"} <= plans and not {
        "취미",
        "오늘 날씨",
        "상태",
    } & plans
    assert TOLD_AS_PAST < FADES["최근 일"]
