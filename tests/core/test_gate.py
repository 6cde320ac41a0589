"""The gate: what is cleaned from a message, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UserFacingError
from core.gate import MAX_CHARACTERS, Gate, RateLimit, clean


def refusal(gate: Gate, text: str, now: float = 0.0, person: str = "jun") -> UserFacingError:
    with pytest.raises(UserFacingError) as caught:
        gate.admit(person, text, now)
    return caught.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  안녕  ", "안녕"), ("a\x00b\x07", "ab"), ("줄\n바꿈", "줄\n바꿈"), ("a\tb", "a b"), ("a\r\nb", "a\nb"),
        ("\ud800안녕", "안녕"), ("\x1b[31mred", "[31mred"), ("👨‍👩‍👧", "👨‍👩‍👧"), ("가족 👍🏽", "가족 👍🏽"),
        ("\ue000", ""), ("   \n ", ""), ("x\x85y", "xy"), ("\u1112\u1161\u11ab\u1100\u1173\u11af", "한글"),
    ],
)  # fmt: skip
def test_clean(text: str, expected: str) -> None:
    assert clean(text) == expected


@given(st.text(st.characters()))
def test_cleaned_text_can_be_written_and_is_stable(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert clean(cleaned) == cleaned
    assert not any(ord(c) < 32 and c != "\n" for c in cleaned)


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "\x00\x01"])
def test_nothing_is_refused_as_empty(text: str) -> None:
    assert refusal(Gate(), text).phrase == "empty"


@pytest.mark.parametrize("text", ["\u200b", "\u200b\u200d \u2060", "\ufeff"])
def test_what_nobody_can_see_is_empty(text: str) -> None:
    assert refusal(Gate(), text).phrase == "empty"


def test_an_emoji_that_is_newer_than_python_stays() -> None:
    shaking_face, distorted_face = "\U0001fae8", "\U0001faea"  # Unicode 15 and 17
    assert clean(f"헉 {shaking_face}{distorted_face}") == f"헉 {shaking_face}{distorted_face}"


def test_length() -> None:
    gate = Gate()
    assert gate.admit("jun", "가" * MAX_CHARACTERS, 0.0) == "가" * 1000
    assert refusal(gate, "가" * (MAX_CHARACTERS + 1)).phrase == "too_long"
    assert gate.admit("jun", " " * 5000 + "가", 0.0) == "가"


def test_the_rate_is_limited_and_recovers() -> None:
    gate = Gate(RateLimit(messages=3, seconds=10.0))
    for second in (0.0, 1.0, 2.0):
        gate.admit("jun", "hi", second)
    refused = refusal(gate, "hi", 3.0)
    assert refused.phrase == "too_fast"
    assert refused.values == {"seconds": 7}
    assert refusal(gate, "hi", 9.9).values == {"seconds": 1}
    assert gate.admit("jun", "hi", 10.0) == "hi"
    assert refusal(gate, "hi", 10.5).phrase == "too_fast"


def test_refused_messages_do_not_prolong_the_wait() -> None:
    gate = Gate(RateLimit(messages=1, seconds=10.0))
    gate.admit("jun", "hi", 0.0)
    for second in range(1, 10):
        refusal(gate, "hi", float(second))
    assert gate.admit("jun", "hi", 10.0)


def test_people_do_not_count_for_each_other() -> None:
    gate = Gate(RateLimit(messages=1, seconds=10.0))
    gate.admit("jun", "hi", 0.0)
    assert gate.admit("mina", "hi", 0.0) == "hi"
    assert refusal(gate, "hi", 0.0, "mina").phrase == "too_fast"


def test_forgetting_a_person_frees_her() -> None:
    gate = Gate(RateLimit(messages=1, seconds=10.0))
    gate.admit("jun", "hi", 0.0)
    gate.forget("jun")
    gate.forget("nobody")
    assert gate.admit("jun", "hi", 0.0) == "hi"


@given(st.lists(st.floats(0, 100), min_size=1, max_size=60).map(sorted))
def test_never_more_than_the_limit_in_a_window(times: list[float]) -> None:
    gate, admitted = Gate(RateLimit(messages=4, seconds=10.0)), []
    for now in times:
        try:
            gate.admit("jun", "hi", now)
        except UserFacingError:
            continue
        admitted.append(now)
    for start in admitted:
        assert sum(start <= now < start + 10.0 for now in admitted) <= 4


@given(st.text(max_size=1500), st.floats(0, 1e6))
def test_admitted_text_is_never_empty_or_too_long(text: str, now: float) -> None:
    try:
        assert 0 < len(Gate().admit("jun", text, now)) <= MAX_CHARACTERS
    except UserFacingError as err:
        assert err.phrase in {"empty", "too_long"}
