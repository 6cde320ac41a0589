"""Whose facts a question asks for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.asking import IN_VAIN, another_name, in_vain, of_her, of_oneself, wanted
from core.people import Recalled


@pytest.mark.parametrize(
    "text",
    ["where do you live?", "what's your job", "when is your birthday?", "너 어디 살아?", "넌 취미가 뭐야", "네 생일 언제야?",
     "로라는 뭐 좋아해?", "how old are u?"],
)  # fmt: skip
def test_a_question_about_her(text: str) -> None:
    assert of_her(text) and not of_oneself(text)


@pytest.mark.parametrize(
    "text",
    ["where do i live?", "do you remember where i live?", "내 생일 언제야?", "내가 무슨 일 한다고 했더라?", "너 내 취미 알아?", "what's my name",
     "우리 강아지 이름 뭐라고 했지?"],
)  # fmt: skip
def test_a_question_about_oneself(text: str) -> None:
    assert of_oneself(text) and not of_her(text)


@pytest.mark.parametrize(
    "text",
    ["나 부산 살아", "i live in busan", "뭐 먹지?", "추천해 줄래?", "can you recommend a restaurant?", "do you remember?", "기억나?",
     "로라야 내일 뭐 하지?", "", "😊"],
)  # fmt: skip
def test_what_is_not_about_her(text: str) -> None:
    assert not of_her(text)


@given(st.text(max_size=60))
def test_no_message_is_about_both(text: str) -> None:
    assert not (of_her(text) and of_oneself(text))


@pytest.mark.parametrize(
    ("message", "key", "another"),
    [
        ("what's my dog's name?", "name", True), ("what's my dog's name?", "pet's name", False), ("우리 강아지 이름 기억해?", "이름", True),
        ("내 이름 뭐야?", "반려동물 이름", True), ("what's my name?", "pet's name", True), ("what's my name?", "name", False),
        ("내 이름 뭐야?", "이름", False), ("뭐 먹지?", "이름", False), ("내 이름 뭐야?", "취미", False),
    ],
)  # fmt: skip
def test_a_name_is_not_told_for_another_one(message: str, key: str, another: bool) -> None:
    assert another_name(message, key) is another


@pytest.mark.parametrize(
    ("message", "known", "score", "value"),
    [
        ("내 생일 언제야?", "[생일: 5월 12일]", 0.7, "5월 12일"), ("내 생일 언제야?", "[생일: 5월 12일]", 0.4, ""), ("네 생일 언제야?", "[생일: 5월 12일]", 0.9, ""),
        ("나 부산 살아", "[사는 곳: 부산]", 0.9, ""), ("what's my name?", "[name: Jun]", 0.1, "Jun"), ("what's my name?", "[friend: Jun]", 0.9, ""),
    ],
)  # fmt: skip
def test_what_a_question_wants_to_hear(message: str, known: str, score: float, value: str) -> None:
    assert wanted(message, (known,), (Recalled(1, known, score),)) == value
    assert wanted(message, (), ()) == ""


@pytest.mark.parametrize(
    ("message", "asked", "known", "none"),
    [
        ("what's my job?", {"job": 0.9, "dream": 0.1}, ["plan for tomorrow", "내일 일정", "pet"], {"plan for tomorrow", "내일 일정", "반려동물"}),
        ("what's my job?", {"job": 0.9}, ["job", "pet"], set()), ("what's my job?", {"job": 0.9}, ["직장", "pet"], {"반려동물"}),
        ("내가 무슨 색 좋아해?", {"좋아하는 색": 1.1, "좋아하는 음식": 0.6}, ["좋아하는 음식", "좋아하는 것"], {"좋아하는 음식"}),
        ("나 내일 뭐 해?", {"내일 일정": 1.0}, ["모레 일정", "취미"], set()), ("뭐 먹지?", {"좋아하는 음식": 0.9}, ["취미"], set()),
        ("what's your job?", {"job": 0.9}, ["pet"], set()), ("내 취미 뭐야?", {"취미": 0.5, "운동": 0.2}, ["운동", "나이"], {"나이"}),
        ("내 꿈 뭐야?", {"꿈": 0.4}, ["나이"], set()), ("내 꿈 뭐야?", {}, ["나이"], set()),
    ],
)  # fmt: skip
def test_what_nobody_told_is_not_answered_with_something_else(
    message: str, asked: dict[str, float], known: list[str], none: set[str]
) -> None:
    assert in_vain(message, asked, known) == none


@given(
    st.dictionaries(st.sampled_from(["직업", "취미", "나이"]), st.floats(-1, 2)),
    st.sets(st.sampled_from(["직업", "취미", "나이"])),
)
def test_only_what_is_asked_for_less_is_in_vain(asked: dict[str, float], known: set[str]) -> None:
    none = in_vain("내가 뭐라고 했지?", asked, known)
    most = max(asked.values(), default=0.0)
    assert none <= known and all(asked.get(key, 0.0) < most - IN_VAIN for key in none)
