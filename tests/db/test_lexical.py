"""Likeness by letters: a measure, and one that suits Korean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.lexical import digest, likeness


@given(a=st.text(), b=st.text())
def test_likeness_is_a_measure(a: str, b: str) -> None:
    assert 0.0 <= likeness(a, b) <= 1.0 + 1e-12
    assert likeness(a, b) == pytest.approx(likeness(b, a))
    assert likeness(a, a) in (0.0, pytest.approx(1.0))


def test_likeness_sees_through_particles_case_and_width() -> None:
    assert likeness("책을 샀어", "책") > 0
    assert likeness("HELLO", "hello") == pytest.approx(1.0)
    assert likeness("강아지랑 놀자", "강아지 초코") > likeness("강아지랑 놀자", "강원도 여행")
    assert likeness("", "무엇") == 0.0


def test_digest_ignores_spaces_case_and_composition_only() -> None:
    assert digest("좋아하는 음식", "Pizza") == digest("좋아하는음식", "piz za")
    assert digest("가", "나") == digest("\u1100\u1161", "나")
    assert digest("ab", "c") != digest("a", "bc")
