"""Splitting: nothing lost, nothing too long, cut at the best border."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.shared.splitting import split, utf16_units

TEXTS = st.text(
    alphabet=st.one_of(
        st.sampled_from(" \n\t.!?。~가나다각ᄒ​‍️👩👨🏽🇰🇷é́abc"), st.characters(exclude_categories=["Cs"])
    ),
    max_size=300,
)
LENGTHS: list[Callable[[str], int]] = [len, utf16_units]


@pytest.mark.parametrize("length", LENGTHS)
@given(text=TEXTS, limit=st.integers(2, 60))
@example(text="a" * 200, limit=50)
@example(text="👩‍👩‍👧‍👦" * 30, limit=11)
@example(text="\u0301" * 90, limit=10)
def test_nothing_is_lost_and_nothing_too_long(length: Callable[[str], int], text: str, limit: int) -> None:
    parts = split(text, limit, length)
    assert all(0 < length(part) <= limit for part in parts)
    assert all(part == part.strip() for part in parts)
    at = 0
    for part in parts:  # parts stand in the text one after another, with white space between
        found = text.index(part, at)
        assert not text[at:found].strip()
        at = found + len(part)
    assert not text[at:].strip()


@given(text=TEXTS)
def test_a_short_text_stays_whole(text: str) -> None:
    assert split(text, 10_000) == ([text.strip()] if text.strip() else [])


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("하나 둘.\n\n셋 넷 다섯", 9, ["하나 둘.", "셋 넷 다섯"]),
        ("one two\nthree four", 12, ["one two", "three four"]),
        ("First one. Second one.", 14, ["First one.", "Second one."]),
        ("alpha beta gamma", 11, ["alpha beta", "gamma"]),
        ("alpha beta", 5, ["alpha", "beta"]),  # a border right at the limit
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        ("x\n\n" + "long words here", 12, ["x\n\nlong", "words here"]),  # no tiny first part
        ("🇰🇷🇰🇷🇰🇷", 3, ["🇰🇷", "🇰🇷", "🇰🇷"]),
        ("e\u0301e\u0301e\u0301", 3, ["e\u0301", "e\u0301", "e\u0301"]),
        ("👩🏽👩🏽", 3, ["👩🏽", "👩🏽"]),
        ("각" * 4, 3, ["각각각", "각"]),
        ("\u1112\u1161\u11ab\u1112\u1161\u11ab", 5, ["\u1112\u1161\u11ab", "\u1112\u1161\u11ab"]),
    ],
)
def test_borders(text: str, limit: int, expected: list[str]) -> None:
    assert split(text, limit) == expected


def test_units() -> None:
    assert utf16_units("a가👩") == 4
    assert split("👩👩👩", 4, utf16_units) == ["👩👩", "👩"]


def test_a_limit_below_one_character_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than 1"):
        split("👩", 1, utf16_units)


def test_long_texts_are_quick() -> None:
    text = "말이 많은 사람이 쓴 글. " * 2000
    assert re.sub(r"\s", "", "".join(split(text, 2000))) == re.sub(r"\s", "", text)
