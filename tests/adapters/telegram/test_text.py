"""What the model writes becomes neither a link nor a command, and stays readable and whole."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.shared.cleaning import visible
from adapters.shared.splitting import utf16_units
from adapters.telegram_chat.text import (
    CAPTION_LIMIT,
    JOINER,
    LIMIT,
    NON_JOINER,
    cost,
    defused,
    pages,
    safe,
)
from tests.fake_telegram import entities, markup

PIECES = [
    "@ohlora_bot", "@a", "/start", "/forget@ohlora_bot", "//", "https://evil.example/a?b", "http://evil.example",
    "tg://resolve?domain=x", "t.me/abc", "naver.com", "대박.한국", "a@b.co", "#제목", "#1위", "#", "$TSLA", "$1INCH",
    "010-1234-5678", "+82 10 1234 5678", "(02) 123-4567", "4242 4242 4242 4242", "127.0.0.1", "3.5", "1,000", "..",
    "<b>", "</b>", "<a href=\"tg://user?id=1\">", "&lt;", "&amp;", "&", "<", ">", "\"", "'", "*", "_", "`", "||", "[a](b)",
    "\n", " ", "안녕", "a", "\u202e", "\u2066", "\u2028", "\U000e0041", "\u030a", "\u0333", "\u200c", "\u2060", "ㅠ_ㅠ",
    "👩‍👩‍👧", "🇰🇷", "👍🏽", "각", "\t", "\x00", "\x1b", "\r\n", "\ud83d",
]  # fmt: skip
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=30).map("".join)
NOTHING = str.maketrans("", "", JOINER + NON_JOINER + "\u0333\u033f\u030a\u2028\u2029")


def read(page: str) -> str:
    """What a person reads of HTML."""
    return html.unescape(page).translate(NOTHING)


@given(text=TEXTS)
@example(text="&lt;b&gt; @a")
@example(text="@\u202ename @\u0333name")
def test_it_reads_the_same(text: str) -> None:
    assert read(safe(text)) == visible(text).translate(NOTHING)


@given(text=TEXTS)
def test_nothing_of_it_is_markup(text: str) -> None:
    sent, marked = markup.parse_html(safe(text))
    assert marked == []
    assert sent == entities.clean(sent) == defused(text)


@given(text=TEXTS)
@example(text="@\u202ename")
@example(text="a./help")
@example(text="//help")
def test_nothing_of_it_can_be_tapped(text: str) -> None:
    sent = defused(text)
    assert entities.found(sent) == []
    assert not re.search(r"@[A-Za-z0-9_]", sent)
    assert not re.search(r"(?<!\w)/[A-Za-z0-9_]", sent)
    assert not re.search(r"#[\w\u200c]", sent)
    assert not re.search(r"://|\w\.[^\W\d]|\d\.\d{1,3}\.\d{1,3}\.\d", sent)
    assert not re.search(r"\d(?:[-. ()/]{0,2}\d){6,}", sent)


@given(text=TEXTS)
def test_the_cost_is_no_less_than_the_length(text: str) -> None:
    assert utf16_units(defused(text)) <= cost(text)
    assert cost(text) == sum(cost(char) for char in text)


@given(
    text=TEXTS,
    notes=st.lists(TEXTS, max_size=3),
    times=st.integers(1, 60),
    limit=st.sampled_from([LIMIT, CAPTION_LIMIT]),
)
def test_pages_fit_and_hold_everything(text: str, notes: list[str], times: int, limit: int) -> None:
    long = f"{text}가나다 " * times
    found = pages(long, notes, limit)
    for page in found:
        assert 0 < page.units <= limit
        sent, marked = markup.parse_html(page.html)
        assert sent == page.plain
        assert {one["type"] for one in marked} <= {"italic"}
    words, *told = (re.sub(r"\s", "", visible(one).translate(NOTHING)) for one in (long, *notes))
    said = re.sub(r"\s", "", "".join(page.plain for page in found).translate(NOTHING))
    assert said == words + "".join(told)


def test_notes_stand_in_italics_under_the_text() -> None:
    (page,) = pages("안녕!", ["참, 하나.", "둘\n셋"])
    assert page.html == "안녕!\n<i>참, 하나.</i>\n<i>둘\n셋</i>"
    assert page.plain == "안녕!\n참, 하나.\n둘\n셋"


def test_notes_that_do_not_fit_have_a_page_of_their_own() -> None:
    assert [page.html for page in pages("가" * LIMIT, ["참"])] == ["가" * LIMIT, "<i>참</i>"]


@pytest.mark.parametrize("text", ["", "   ", "\n", "\u202e"])
def test_an_empty_message_is_never_sent(text: str) -> None:
    assert [page.html for page in pages(text)] == ["…"]


def test_units_are_counted_and_not_characters() -> None:
    found = pages("😀" * LIMIT)
    assert [page.units for page in found] == [LIMIT, LIMIT]


def test_commands_of_fixed_texts_can_be_tapped_and_nothing_else() -> None:
    text = safe("/forget, /memory list · t.me/a @mina #tag /chat@ohlora_bot", commands=True)
    assert [one["type"] for one in entities.found(text)] == ["bot_command"] * 3
    assert "/chat@ohlora_bot" in text, "what is copied works"


@pytest.mark.parametrize("text", ["3.5초", "오후 2:30", "1/2", "그리고/또는", "50%", "109", "1,000원"])
def test_plain_words_and_numbers_stay_as_they_are(text: str) -> None:
    assert defused(text) == text
