"""Slot filling and the compact form of the corpus."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.memory import KEYS
from core.prompt import EYES, MOUTH, POSE
from models.text.corpus_data import Row, exchanged, load_rows, read_row, write_row
from models.text.filling import Slots, slots
from tests.models.tiny import row

SLOTS = Slots({"ko": {"이름": ["지호", "서연"], "취미": ["등산", "요가"]}, "en": {"pet": ["cat", "iguana"]}})
WORDS = st.text(st.characters(codec="utf-8"), max_size=20)


def test_text_tag_and_reply_change_together() -> None:
    told = row("내 이름은 지호야", "지호, 반가워!", memory="[이름: 지호]")
    filled = SLOTS.filled(told, "서연")
    assert filled is not None
    assert (filled.text, filled.reply, filled.memory) == (
        "내 이름은 서연이야", "서연, 반가워!", "[이름: 서연]",
    )  # fmt: skip
    assert SLOTS.filled(told, "지호") is None


def test_a_remembered_value_changes_in_the_reply() -> None:
    asks = row("내 취미 뭐라 했지?", "등산이라고 했지", memory_in="[취미: 등산]")
    filled = SLOTS.remembered(asks, "요가")
    assert filled is not None and (filled.reply, filled.memory_in) == ("요가라고 했지", "[취미: 요가]")
    assert SLOTS.remembered(row("뭐랬지?", "산이라고 했지", memory_in="[취미: 등산]"), "요가") is None


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("나 지호도시에 살아", "[고민: 지호]"),  # a key without values
        ("지호랑 지호 동생", "[이름: 지호]"),  # twice: which is meant?
        ("남지호수", "[이름: 지호]"),  # inside another word
        ("나 민수야", "[이름: 지호]"),  # not said
    ],
)
def test_where_there_is_no_slot_nothing_is_filled(text: str, tag: str) -> None:
    assert SLOTS.filled(row(text, "응", memory=tag), "서연") is None


def test_articles_follow_the_word() -> None:
    assert exchanged("I have a cat.", "cat", "iguana") == "I have an iguana."
    assert exchanged("An iguana? Cool", "iguana", "cat") == "A cat? Cool"
    assert exchanged("she is an actor", "actor", "university teacher") == "she is a university teacher"
    assert exchanged("what a day, a cat", "cat", "owl") == "what a day, an owl"


def test_every_row_comes_with_all_values() -> None:
    rows = [row("안녕", "안녕!"), row("나 지호야", "지호구나", memory="[이름: 지호]")]
    assert [(r.text, r.reply) for r in SLOTS.every(rows)] == [
        ("안녕", "안녕!"), ("나 지호야", "지호구나"), ("나 서연이야", "서연이구나"),
    ]  # fmt: skip


def test_the_shipped_values_belong_to_known_keys() -> None:
    for lang, keys in slots().values.items():
        assert set(keys) <= set(KEYS[lang])
        assert all(len(set(values)) == len(values) > 3 for values in keys.values())


@given(
    st.builds(
        Row, lang=st.just("ko"), topic=WORDS, group=WORDS, text=WORDS, reply=WORDS.map(lambda t: t + "응"),
        memory_in=WORDS, summary_in=WORDS, memory=WORDS, summary=WORDS,
        eyes=st.sampled_from(EYES), mouth=st.sampled_from(MOUTH), pose=st.sampled_from(POSE),
    )
)  # fmt: skip
def test_a_row_comes_back_from_its_line(written: Row) -> None:
    line = write_row(written)
    assert "\n" not in line
    if all((written.topic, written.group, written.text, written.summary)):
        assert read_row(line) == written


@pytest.mark.parametrize(
    "change",
    [
        {"expr": "xb0"},
        {"expr": "bb"},
        {"expr": 5},
        {"reply": "?!"},
        {"reply": None},
        {"mood": "x"},
        {"text": ...},
    ],
)
def test_a_line_that_is_no_row_is_named(tmp_path: Path, change: dict[str, object]) -> None:
    fields = json.loads(write_row(row("안녕", "안녕!"))) | change
    path = tmp_path / "ko.jsonl"
    path.write_text(json.dumps({k: v for k, v in fields.items() if v is not ...}), encoding="utf-8")
    with pytest.raises(ValueError, match=r"ko\.jsonl:1: "):
        load_rows([path])


def test_a_packed_file_reads_like_a_plain_one(tmp_path: Path) -> None:
    lines = "\n".join(write_row(row(text, "안녕!")) for text in ("안녕", "잘 자"))
    plain, packed = tmp_path / "ko.jsonl", tmp_path / "ko.jsonl.xz"
    plain.write_text(lines, encoding="utf-8")
    packed.write_bytes(lzma.compress(lines.encode()))
    assert load_rows([packed]) == load_rows([plain]) != []
    packed.write_bytes(packed.read_bytes()[:-20])
    with pytest.raises(ValueError, match=r"ko\.jsonl\.xz: "):
        load_rows([packed])
