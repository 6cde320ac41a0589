"""Dates and ages are said in the language of the message, everything else in the person's own words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.memory import KEYS
from core.people import Lang
from core.tongues import value_in


@pytest.mark.parametrize(
    ("key", "value", "lang", "said"),
    [
        ("birthday", "May 12", "ko", "5월 12일"), ("생일", "3월 5일", "en", "March 5"), ("생일", "가을 어느 날", "en", "가을 어느 날"),
        ("나이", "스물세 살", "en", "23"), ("나이", "스무살", "en", "20"), ("나이", "서른둘", "en", "32"), ("나이", "만 19세", "en", "19"),
        ("age", "24", "ko", "24살"), ("age", "twenty", "ko", "twenty"), ("나이", "고2", "en", "고2"), ("나이", "24살", "ko", "24살"),
        ("lives in", "busan", "ko", "busan"), ("취미", "등산", "en", "등산"), ("생일", "음력 3월 5일", "en", "음력 3월 5일"),
    ],
)  # fmt: skip
def test_a_value_in_another_language(key: str, value: str, lang: Lang, said: str) -> None:
    assert value_in(key, value, lang) == said


@given(st.sampled_from([*KEYS["ko"], *KEYS["en"]]), st.text(max_size=30), st.sampled_from(("ko", "en")))
def test_said_again_it_stays(key: str, value: str, lang: Lang) -> None:
    once = value_in(key, value, lang)
    assert value_in(key, once, lang) == once
