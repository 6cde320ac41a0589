"""What the model writes can neither ping nor link nor hide, and stays readable."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.discord_chat.text import BREAK, LIMIT, cost, pages, safe

PIECES = [
    "@everyone", "@here", "<@123456789012345678>", "<@!123456789012345678>", "<@&123456789012345678>",
    "<#123456789012345678>", "[여기](https://evil.example)", "https://evil.example", "discord.gg/abc",
    "discord.com/invite/abc", "||비밀||", "**굵게**", "__밑줄__", "~~지움~~", "`code`", "```\nblock\n```",
    "> 인용", "-# 작게", "# 제목", "### t", "\\", "\\*", "*", "_", "~", "|", "\n", " ", "안녕", "a", "\u202e",
    "\u2066", "\U000e0041", "<:smile:123456789012345678>", "<t:1700000000:R>", "</forget:123456789012345678>",
    "ㅠ_ㅠ", "^_^", "(╯°□°)╯", "- 하나", "* 둘", "\t", "\x00", "\x1b",
]  # fmt: skip
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=30).map("".join)
UNSEEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f\ud800-\udfff]"
)


def unescaped(text: str) -> str:
    """What a reader sees of Discord's source text."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", text).replace(BREAK, "")


def bare(text: str) -> str:
    """The source text without what is escaped."""
    return re.sub(r"\\[^0-9A-Za-z\s]", "¤", text)


@given(text=TEXTS)
@example(text="\\\\<@123456789012345678>")
@example(text="\\[a](b)")
def test_it_reads_the_same(text: str) -> None:
    wanted = UNSEEN.sub("", text.replace("\t", " ")).replace(BREAK, "")
    assert unescaped(safe(text)) == wanted


@given(text=TEXTS)
def test_nothing_of_it_is_markup(text: str) -> None:
    left = bare(safe(text))
    assert not re.search(r"[*_~|`\[\]<>\\]", left)
    assert not re.search(r"^[^\S\n]*[#-]", left, re.MULTILINE)
    assert not re.search(r"@(everyone|here|[!&]?\d)", left)
    assert not re.search(r"(?i)://\w|discord(app)?\.(gg|com)/", left)
    assert not UNSEEN.search(left)


@given(text=TEXTS)
def test_the_cost_is_no_less_than_the_length(text: str) -> None:
    assert len(safe(text)) <= cost(text)
    assert cost(text) == sum(cost(char) for char in text)


@given(text=TEXTS, notes=st.lists(TEXTS, max_size=3), times=st.integers(1, 60))
def test_pages_fit_and_hold_everything(text: str, notes: list[str], times: int) -> None:
    long = f"{text}가나다 " * times
    found = pages(long, notes)
    assert all(0 < len(page) <= LIMIT for page in found)
    words = re.sub(r"\s", "", UNSEEN.sub("", long).replace(BREAK, ""))
    assert re.sub(r"\s", "", unescaped("".join(found))).startswith(words)


def test_notes_stand_in_small_print_under_the_text() -> None:
    assert pages("안녕!", ["참, 하나.", "둘\n셋"]) == ["안녕!\n-# 참, 하나.\n-# 둘\n-# 셋"]


def test_notes_that_do_not_fit_have_a_page_of_their_own() -> None:
    found = pages("가" * LIMIT, ["참"])
    assert found == ["가" * LIMIT, "-# 참"]


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_an_empty_message_is_never_sent(text: str) -> None:
    assert pages(text) == ["…"]


def test_an_escape_is_never_cut_in_two() -> None:
    for page in pages("*" * 1500):
        assert not bare(page).strip("¤")
