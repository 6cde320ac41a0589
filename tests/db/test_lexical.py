"""Letter pairs: those that anybody would make by hand, and a measure that suits Korean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.lexical import digest, letter_pairs
from tests.db.samples import grams, likeness

LETTERS = st.text() | st.text(alphabet="가각ab A_1.\n\u1100\u1161\u0301ßﬁİ𝐚😀\ud83d", max_size=12)


@given(st.lists(LETTERS, max_size=6))
def test_a_text_has_the_pairs_that_are_made_by_hand(texts: list[str]) -> None:
    pairs, where = letter_pairs(texts)
    found = [set(pairs[where == place].tolist()) for place in range(len(texts))]
    assert len(pairs) == sum(map(len, found)) and pairs.tolist() == sorted(pairs.tolist())
    for one, mine in zip(texts, found, strict=True):
        assert len(mine) == len(grams(one))
        for other, theirs in zip(texts, found, strict=True):
            assert len(mine & theirs) == len(grams(one) & grams(other))


def test_likeness_sees_through_particles_case_and_width() -> None:
    assert likeness("책을 샀어", "책") > 0
    assert likeness("HELLO", "hello") == pytest.approx(1.0)
    assert likeness("강아지랑 놀자", "강아지 초코") > likeness("강아지랑 놀자", "강원도 여행")
    assert likeness("", "무엇") == 0.0


def test_digest_ignores_spaces_case_and_composition_only() -> None:
    assert digest("좋아하는 음식", "Pizza") == digest("좋아하는음식", "piz za")
    assert digest("가", "나") == digest("\u1100\u1161", "나")
    assert digest("ab", "c") != digest("a", "bc")
