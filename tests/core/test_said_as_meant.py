"""What is kept is what was meant: no figures, habits, announcements, corrected words or matters of others."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from core.bearing import borne_out, not_theirs
from core.clock import lived_day
from core.endings import settled
from core.facts import read_fact, typed_fact
from core.ports_memory import Memory, NewMemory
from core.telling import told

NOW = datetime(2026, 3, 20, 12, tzinfo=timezone(timedelta(hours=9)))


@pytest.mark.parametrize(
    ("key", "value", "message", "kept"),
    [
        ("health", "a fever", "my voice sounds like i have a fever", ""), ("health", "fever", "i have a fever and chills", "fever"),
        ("state", "sad", "sing like a bird for me im sad", "sad"),
        ("health", "flu", "i feel like i have the flu", "flu"), ("건강", "감기", "감기 걸린 사람처럼 목소리가 갈라져", ""),
        ("건강", "감기", "감기 걸려서 목소리가 갈라져", "감기"), ("상태", "피곤", "좀비처럼 피곤해", "피곤"),
        ("state", "afraid", "im afraid of dogs", ""), ("state", "afraid", "im alone and afraid tonight", "afraid"),
        ("state", "scared", "so scared rn, the lights went out", "scared"), ("상태", "무서움", "벌레가 너무 무서워", ""),
        ("state", "jobless", "ill be jobless in may", ""), ("state", "jobless", "im jobless since may", "jobless"),
        ("state", "exhausted", "im exhausted after the gym", "exhausted"), ("state", "single", "im single soon", ""),
        ("상태", "백수", "다음 달부터 백수야", ""), ("상태", "백수", "지난달부터 백수야", "백수"),
        ("weather today", "snow", "it always snows here in winter", ""), ("weather today", "snow", "so much snow this morning", "snow"),
        ("weather today", "warm", "the lake is really warm", ""), ("weather today", "warm", "warm and windy by the lake", "warm"),
        ("오늘 날씨", "추워", "교실 너무 추워", ""), ("오늘 날씨", "추워", "밖에 너무 추워", "추워"), ("오늘 날씨", "눈 옴", "어제 눈 왔어", ""),
        ("오늘 날씨", "비", "여긴 맨날 비 와", ""), ("오늘 날씨", "비", "오늘도 비 온다", "비"), ("weather today", "rain", "rain again today", "rain"),
    ],
)  # fmt: skip
def test_moods_ailments_and_weather_are_those_of_now(key: str, value: str, message: str, kept: str) -> None:
    assert borne_out(key, value, message) == kept


@pytest.mark.parametrize(
    ("key", "value", "message", "kept"),
    [
        ("recent event", "exam got moved", "ninas exam got moved, shes so relieved", "ninas exam got moved"),
        ("recent event", "exam got moved", "my exam got moved", "exam got moved"),
        ("recent event", "wallet got stolen", "Ben's wallet got stolen", "Ben's wallet got stolen"),
        ("future plan", "flying to rome", "lena is flying to rome next month", ""),
        ("future plan", "flying to rome", "lena and i are flying to rome next month", "flying to rome"),
        ("plan for tomorrow", "dentist", "leo has to see the dentist tomorrow", ""),
        ("plan for tomorrow", "dentist", "i have to see the dentist tomorrow", "dentist"),
        ("weekend plan", "visiting", "dana is visiting us this weekend", "visiting"),
        ("health", "fever", "Rosa's fever is back", ""), ("future plan", "may w", "cycling the coast in may w ana", ""),
        ("좋아하는 게임", "지리", "지리 퍼즐 재밌어", ""), ("좋아하는 게임", "루미큐브", "루미큐브 진짜 재밌어", "루미큐브"),
        ("연인", "전화함", "여친한테 전화하고 잤어", ""), ("연인", "헤어짐", "남친이랑 헤어졌어", "헤어짐"), ("친구", "보람", "친구 보람이랑 놀았어", "보람"),
        ("partner", "calling me", "my boyfriend keeps calling me", ""), ("partner", "boyfriend", "my boyfriend keeps calling me", "boyfriend"),
    ],
)  # fmt: skip
def test_what_somebody_else_does_is_not_ones_own(key: str, value: str, message: str, kept: str) -> None:
    assert borne_out(key, value, message) == kept


@pytest.mark.parametrize(
    ("key", "wrong", "right", "message"),
    [
        ("나이", "스물둘", "스물", "아까 스물둘이라고 한 거 세는 나이고 만으로는 스물이야"),
        ("고향", "대구", "칠곡", "고향은 대구라고 하는데 사실 태어난 곳은 칠곡이야"),
        ("직업", "회사원", "디자이너", "회사원이라고 했지만 사실 디자이너로 일해"),
        ("hometown", "boston", "salem", "i tell people im from boston but actually i'm from salem"),
        ("age", "30", "34", "i said i was 30 but i'm 34"),
    ],
)
def test_what_is_taken_back_is_not_kept(key: str, wrong: str, right: str, message: str) -> None:
    assert not_theirs(key, wrong, message) and not not_theirs(key, right, message)
    assert wrong not in [value for _, value in told(message)]


def test_a_birthplace_is_told_by_its_form() -> None:
    assert told("태어난 데는 안동이야") == [("고향", "안동")]
    assert told("태어난 건 겨울이야") == []
    assert not not_theirs("직업", "회사원", "나는 회사원이라고 했잖아")


@pytest.mark.parametrize(
    ("key", "value", "message", "note"),
    [
        ("직업", "편의점 알바", "편의점 알바 이번 주까지만 하기로 했어", "편의점 알바 끝날 예정"),
        ("직업", "편의점 알바", "오늘로 편의점 알바 끝났어", "편의점 알바 끝남"),
        ("운동", "요가", "요가 그만두기로 했어", "요가 그만두기로 함"), ("운동", "요가", "요가 그만뒀어", "요가 그만둠"),
        ("오늘 일정", "새 지점 출근", "새 지점 출근 첫날!", "새 지점 출근 시작함"), ("오늘 일정", "치과", "치과 다녀왔어", "치과 다녀옴"),
        ("plan for today", "night shift", "first day of the night shift", "started shift"),
        ("내일 일정", "캠핑", "캠핑 못 가게 됐어 다음 달로 미뤘어", "캠핑 미뤄짐"), ("내일 일정", "캠핑", "캠핑 취소됐어", "캠핑 취소됨"),
    ],
)  # fmt: skip
def test_a_note_says_no_more_than_was_said(key: str, value: str, message: str, note: str) -> None:
    today = lived_day(NOW)
    new = NewMemory.of(typed_fact(key, value, today), NOW - timedelta(hours=3), "m", None, "")
    fact = Memory(1, key, value, new.created, new.source, False, "", new.lang, new.starts, new.ends)
    assert [each.value for each, _ in settled(message, [fact], today, [], [])] == [note]


def test_a_plan_keeps_its_day_and_no_clause_before_it() -> None:
    assert told("디자인 쪽이고 면접이 다음 주 목요일") == [("다음 주 일정", "면접")]
    fact = read_fact("다음 주 일정", "야간 근무", "다음 달부터 야간 근무야", lived_day(NOW), 1.0)
    assert (fact.starts, fact.ends) == (date(2026, 4, 1), date(2026, 4, 30))


def test_an_allergy_turned_out_to_be_another() -> None:
    message = "turns out it isn't penicillin, we found the old card, it's sulfa drugs I'm allergic to"
    assert told(message) == [("allergy", "sulfa drugs")]
