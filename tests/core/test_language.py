"""The language of a message, of an answer, and of a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.language import CLAUSES, SHORTEST, answer_language, clauses, in_language, in_script, script_of
from core.people import Lang


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("안녕", "ko"), ("ㅋㅋㅋ", "ko"), ("ㅠㅠ", "ko"), ("hello", "en"), ("LoRA가 뭐야", "ko"), ("what is 오로라?", "ko"),
        ("123", None), ("?!", None), ("😊", None), ("", None), ("x", None), ("ok", "en"), ("こんにちは", None), ("i'm 24", "en"), ("24", None),
    ],
)  # fmt: skip
def test_script(text: str, lang: Lang | None) -> None:
    assert script_of(text) == lang


@pytest.mark.parametrize(
    ("text", "chosen", "last", "locale", "answer"),
    [
        ("hello", "ko", "en", "en", "ko"),  # what the person set wins over everything
        ("hello", None, "ko", "ko", "en"),  # then the script
        ("123", None, "en", "ko", "en"),  # then what was used last
        ("123", None, None, "en", "en"),  # then the platform's locale
        ("123", None, None, None, "ko"),  # then Korean
    ],
)
def test_answer(text: str, chosen: Lang | None, last: Lang | None, locale: Lang | None, answer: Lang) -> None:
    assert answer_language(text, chosen=chosen, last=last, locale=locale) == answer


@pytest.mark.parametrize(
    ("sentence", "ko", "en"),
    [
        ("반가워!", True, False), ("LoRA 알아?", True, False), ("Nice to meet you!", True, True), ("ㅋㅋㅋ", True, False),
        ("1 + 1 = 2", True, True), ("こんにちは", False, False), ("你好", False, False), ("привет", False, False),
        ("안녕 世界", False, False), ("hello мир", False, False), ("مرحبا", False, False), ("😊✨", True, True),
    ],
)  # fmt: skip
def test_a_sentence_in_a_reply(sentence: str, ko: bool, en: bool) -> None:
    assert in_script(sentence, "ko") is ko
    assert in_script(sentence, "en") is en


@pytest.mark.parametrize(
    ("text", "ko", "en"),
    [
        ("반가워! Nice!", True, False), ("Nice to meet you!", False, True), ("42!", True, True), ("음 OK", True, False),
        ("안녕 世界", False, False),
    ],
)  # fmt: skip
def test_a_whole_reply(text: str, ko: bool, en: bool) -> None:
    assert in_language(text, "ko") is ko
    assert in_language(text, "en") is en


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("안녕", []),
        ("뭐해? 응", []),
        ("오늘 시험 망했어.. 너도 시험 봐?", ["오늘 시험 망했어..", "너도 시험 봐?"]),
        ("난 라떼 시켰는데 너는 뭐 마셔", ["난 라떼 시켰는데", "너는 뭐 마셔"]),
        ("got soaked but what do you drink", ["got soaked", "but what do you drink"]),
        ("하나둘셋 ㅋㅋ 넷다섯여섯. 일곱여덟! 아홉열열하나", ["넷다섯여섯.", "일곱여덟!", "아홉열열하나"]),
    ],
)
def test_clauses(text: str, parts: list[str]) -> None:
    assert clauses(text) == parts


@given(st.text(max_size=300))
def test_clauses_are_pieces_of_the_message(text: str) -> None:
    found = clauses(text)
    assert len(found) <= CLAUSES
    assert all(part in text and len(part) >= SHORTEST for part in found)
