"""Memories as text: tags, grounding, and how plans are told on another day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.memory import MAX_KEY, MAX_VALUE, is_grounded, parse_tags, plan_key, told_today, typed_memory

SAID = date(2026, 11, 21)
LETTERS = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("[취미: 게임]", [("취미", "게임")]),
        ("[내일 일정: 친구 만나기] [취미: 등산]", [("내일 일정", "친구 만나기"), ("취미", "등산")]),
        ("(취미: 게임)", [("취미", "게임")]),
        ("[ 취미 :  긴   게임 ]", [("취미", "긴 게임")]),
        ("[오늘 일정: 3:30 회의]", [("오늘 일정", "3:30 회의")]),
        ("", []), ("없음", []), ("[취미 게임]", []), ("[취미:]", []), ("[: 게임]", []), ("취미: 게임", []), ("[취미: 게임", []),
        ("[취미: http://x.y]", []), ("[취미: <|reply|>]", []), ("[취미: \ufffd]", []),
        (f"[{'가' * 20}: 나]", [("가" * 20, "나")]), (f"[{'가' * 21}: 나]", []),
        (f"[취미: {'가' * 80}]", [("취미", "가" * 80)]), (f"[취미: {'가' * 81}]", []),
        ("[a: b][c: d]", [("a", "b"), ("c", "d")]), ("[[취미: 게임]]", [("취미", "게임")]),
    ],
)  # fmt: skip
def test_parse_tags(text: str, facts: list[tuple[str, str]]) -> None:
    assert parse_tags(text) == facts


@given(st.text(max_size=200))
def test_parsed_facts_are_well_formed(text: str) -> None:
    for key, value in parse_tags(text):
        assert 0 < len(key) <= MAX_KEY and 0 < len(value) <= MAX_VALUE
        assert not set("[](){}\n") & set(key + value)
        assert parse_tags(f"[{key}: {value}]") == [(key, value)]


@given(st.lists(st.tuples(LETTERS, LETTERS), max_size=4))
def test_tags_survive_writing_and_reading(facts: list[tuple[str, str]]) -> None:
    assert parse_tags(" ".join(f"[{key}: {value}]" for key, value in facts)) == facts


@pytest.mark.parametrize(
    ("text", "tags", "rest"),
    [
        ("[내일 일정: 친구 만나기] 나 설레", [("내일 일정", "친구 만나기")], "나 설레"),
        ("[취미: 게임][이름: 준]안녕", [("취미", "게임"), ("이름", "준")], "안녕"),
        ("[취미: 게임]", [("취미", "게임")], ""),
        ("안녕 [취미: 게임]", [], "안녕 [취미: 게임]"),
        ("[웃음] 안녕", [], "[웃음] 안녕"),
        ("[취미: 게임] [웃음] 안녕", [("취미", "게임")], "[웃음] 안녕"),
        ("[취미: 게임", [], "[취미: 게임"),
        ("[", [], "["), ("[]", [], "[]"), ("", [], ""), ("안녕", [], "안녕"),
    ],
)  # fmt: skip
def test_typed_memory(text: str, tags: list[tuple[str, str]], rest: str) -> None:
    assert typed_memory(text) == (tags, rest)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("친구 만나기", "나 내일 친구 만나"), ("시험 봄", "내일 시험 봐"), ("게임", "난 게임이 좋아"), ("떡볶이", "떡볶이 먹고 싶다"),
        ("hiking", "I went hiking with dad"), ("meeting friends", "meet my friends tomorrow"), ("준", "내 이름은 준이야"),
        ("부산", "나 부산 살아"), ("졸림", "아 졸려"), ("CAT", "i have a cat"), ("토익 900점", "토익 900점 받았어!"),
        ("힘듦", "힘들어 죽겠네"), ("외로움", "외롭다"), ("허리 아픔", "허리가 아파서 일을 못 하겠어"), ("추움", "왜 이렇게 춥냐"),
        ("시험 망함", "시험 완전 망했어"), ("쉼", "나 내일 쉬어"), ("살 빼기", "살 좀 빼고 싶다"),
    ],
)  # fmt: skip
def test_what_was_said_is_grounded(value: str, message: str) -> None:
    assert is_grounded(value, message)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("친구 만나기", "오늘 날씨 어때?"), ("게임", "안녕"), ("hiking", "hello there"), ("", "안녕"), ("!!", "안녕!!"),
        ("swimming class", "what do you like?"), ("강아지 키움", "로라야 뭐 해?"), ("준", "안녕 로라"), ("떡볶이", ""),
        ("playing guitar at home", "I like you"),
    ],
)  # fmt: skip
def test_what_was_not_said_is_not_grounded(value: str, message: str) -> None:
    assert not is_grounded(value, message)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("부산", "나 부자 될래"),
        ("등산", "등이 아파"),
        ("비비", "비가 와"),
        ("외로움", "왜 그래"),
        ("추움", "초코 줘"),
    ],
)
def test_one_syllable_in_common_does_not_ground_a_word(value: str, message: str) -> None:
    assert not is_grounded(value, message)


@given(LETTERS)
def test_a_message_grounds_itself(text: str) -> None:
    assert is_grounded(text, text)


@pytest.mark.parametrize(
    ("key", "days", "told"),
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
    ],
)  # fmt: skip
def test_told_today(key: str, days: int, told: str | None) -> None:
    assert told_today(key, SAID, SAID + timedelta(days=days)) == told


@given(
    st.sampled_from(("내일 일정", "오늘 약속", "모레 시험", "plan for today", "plan for tomorrow")),
    st.integers(0, 20),
)
def test_no_plan_comes_back_once_it_expired(key: str, days: int) -> None:
    if told_today(key, SAID, SAID + timedelta(days=days)) is None:
        assert told_today(key, SAID, SAID + timedelta(days=days + 1)) is None


@pytest.mark.parametrize(
    ("key", "message", "plan"),
    [
        ("오늘 일정", "나 내일 시험 봐", "내일 일정"), ("향후 일정", "다음주에 부산 출장가요", "다음 주 일정"),
        ("내일 일정", "모레 면접이야", "모레 일정"), ("내일 일정", "시험 봐", "내일 일정"), ("취미", "내일도 등산", "취미"),
        ("plan for today", "moving to a new flat next week", "plan for next week"),
        ("future plan", "Exam tomorrow", "plan for tomorrow"), ("hobby", "hiking today", "hobby"),
    ],
)  # fmt: skip
def test_the_day_of_a_plan_is_the_one_that_was_said(key: str, message: str, plan: str) -> None:
    assert plan_key(key, message) == plan
