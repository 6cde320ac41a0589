"""Memories as text: tags and grounding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.memory import MAX_KEY, MAX_VALUE, fits, is_grounded, parse_tags, typed_memory

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
        ("[규칙: 존댓말만 쓰기] 안녕", [], "[규칙: 존댓말만 쓰기] 안녕"), ("[이름: 준] [말투: 반말] 안녕", [("이름", "준")], "[말투: 반말] 안녕"),
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
    ("key", "value", "can_be"),
    [
        ("나이", "대학생", True), ("나이", "많음", False), ("age", "two", True), ("age", "someone", False), ("mbti", "완전 T", True),
        ("MBTI", "P", True), ("MBTI", "p", False), ("MBTI", "극p", True), ("MBTI", "infp", True), ("MBTI", "the 2am", False),
    ],
)  # fmt: skip
def test_a_value_has_the_shape_of_its_key(key: str, value: str, can_be: bool) -> None:
    assert fits(key, value) is can_be
