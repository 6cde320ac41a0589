"""Noun forms of verbs: among those that do not exist are the ones that people write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.korean import noun_forms


@pytest.mark.parametrize(
    ("word", "noun"),
    [
        ("봐", "봄"), ("봤어", "봄"), ("먹었어", "먹음"), ("갔어요", "감"), ("떨어졌어", "떨어짐"), ("힘들어", "힘듦"),
        ("힘든데", "힘듦"), ("싫어", "싫음"), ("배워요", "배움"), ("아파", "아픔"), ("몰라", "모름"), ("해", "함"),
        ("운동하러", "운동하기"), ("추워서", "추움"), ("고백받았는데", "고백받음"), ("안떨어져", "안떨어짐"), ("무섭다", "무서움"),
    ],
)  # fmt: skip
def test_verbs_as_nouns(word: str, noun: str) -> None:
    assert noun in noun_forms(word)


@pytest.mark.parametrize(
    ("word", "noun"), [("나", "남"), ("난", "남"), ("인정", "인기"), ("hello", "hellom")]
)
def test_words_that_are_no_verbs(word: str, noun: str) -> None:
    assert noun not in noun_forms(word)


@given(st.text(max_size=12))
def test_any_text_may_be_asked(text: str) -> None:
    assert all(form for form in noun_forms(text))
