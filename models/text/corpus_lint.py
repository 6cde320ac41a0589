"""Checks of the corpus that no reader should have to make: form, voice, labels, doubles, overlap."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.language import in_language
from core.memory import KEYS, is_grounded
from core.release import Circumstances, broken_rule, sentences
from models.text.corpus_data import CORPUS_DIR, Row, split_tag
from models.text.exemplars import fold

LONGEST_REPLY: Final = {"ko": 90, "en": 170}
LONGEST_SUMMARY: Final = {"ko": 60, "en": 110}
LONGEST_TEXT: Final = 1000
SHORT: Final = 4  # characters of a message that everybody types, held out or not
NEAR: Final = 0.97  # cosine of two replies that say the same
FORBIDDEN_FILE: Final = "forbidden.txt"
_TEXTS: Final = (
    "text", "reply", "reworded", "summary", "memory", "memory_in", "summary_in", "topic", "group",
)  # fmt: skip
_EXACT: Final = re.compile(r"\d+|/\w+")  # figures and commands, which other words must not change
_DAYS: Final = (datetime(2026, 11, 23, 12, tzinfo=UTC), datetime(2026, 11, 24, 12, tzinfo=UTC))
_EMOJI: Final = re.compile(r"[\U0001F300-\U0001FAFF☀-➿]")


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a row breaks."""

    rule: str
    row: Row
    detail: str = ""


def lint(rows: Sequence[Row], held_out: Sequence[Row] = ()) -> list[Finding]:
    """Everything that is wrong with the rows, and with their distance from the held-out ones."""
    return [
        *(Finding(rule, row, detail) for row in rows for rule, detail in _of_row(row)),
        *_doubles(rows),
        *_overlap(rows, held_out),
        *_named(rows),
    ]


def near_doubles(
    rows: Sequence[Row], encode: Callable[[Sequence[str]], NDArray[np.float32]]
) -> Iterator[Finding]:
    """Replies of one language that say the same in nearly the same words.

    Args:
        rows: of the corpus.
        encode: unit vectors of texts, [texts, dimensions].
    """
    for lang in ("ko", "en"):
        mine = [row for row in rows if row.lang == lang]
        vectors = encode([row.reply for row in mine]) if mine else np.zeros((0, 1), np.float32)
        for start in range(0, len(mine), 1000):
            likeness = vectors[start : start + 1000] @ vectors.T
            for i, j in np.argwhere(likeness > NEAR):
                a, b = mine[start + i], mine[j]
                if start + i < j and _shared(a.reply, b.reply) > 0.7:
                    yield Finding("near double", b, f"like: {a.reply}")


def _of_row(row: Row) -> Iterator[tuple[str, str]]:
    for name in _TEXTS:
        value = getattr(row, name)
        if wrong := _encoding(value):
            yield "encoding", f"{name}: {wrong}"
    for name in ("text", "reply", "summary", "topic", "group"):
        if not getattr(row, name):
            yield "empty", name
    yield from _of_reply(row)
    if row.reworded:
        yield from _of_reworded(row)
    yield from _of_tags(row)
    if len(row.text) > LONGEST_TEXT:
        yield "length", f"text {len(row.text)}"
    if len(row.summary) > LONGEST_SUMMARY[row.lang]:
        yield "length", f"summary {len(row.summary)}"
    if row.summary.endswith(".") or _EMOJI.search(row.summary):
        yield "summary", row.summary
    if row.declines and row.mouth == "아주 크게":
        yield "labels", "turns away and cheers"


def _encoding(value: str) -> str:
    if value != unicodedata.normalize("NFC", value):
        return "not NFC"
    if value != value.strip() or re.search(r"[\t\r\n]|  ", value):
        return "spaces"
    if any(unicodedata.category(c) in ("Cc", "Cs", "Co") or c == "�" for c in value):
        return "control characters"
    return "a control token" if "<|" in value else ""


def _of_reply(row: Row) -> Iterator[tuple[str, str]]:
    if len(row.reply) > LONGEST_REPLY[row.lang]:
        yield "length", f"reply {len(row.reply)}"
    if not in_language(row.reply, row.lang):
        yield "language", row.reply
    for sentence in sentences(row.reply):
        # a weekday that is true on one day is wrong on another, but for one that the clock told
        broken = {broken_rule(sentence, Circumstances(row.lang, day)) for day in _DAYS} - {None}
        if (told := split_tag(row.memory_in)[1]) and told in sentence:
            broken -= {"weekday"}
        for rule in broken:
            yield str(rule), sentence


def _of_reworded(row: Row) -> Iterator[tuple[str, str]]:
    yield from _of_reply(replace(row, reply=row.reworded))
    value = split_tag(row.memory_in)[1]
    exact = {*_EXACT.findall(row.reply), *([value] if value in row.reply else [])}
    if not all(part in row.reworded for part in exact):
        yield "reworded", row.reworded


def _of_tags(row: Row) -> Iterator[tuple[str, str]]:
    for name, tag in (("memory", row.memory), ("memory_in", row.memory_in)):
        key, value = split_tag(tag)
        if tag and not (key and value):
            yield "tag", f"{name}: {tag}"
    key, value = split_tag(row.memory)
    if key and key not in KEYS[row.lang]:
        yield "key", row.memory
    if value and not is_grounded(value, row.text):
        yield "unsaid", row.memory


def _doubles(rows: Sequence[Row]) -> Iterator[Finding]:
    replies: set[str] = set()
    asked: dict[tuple[str, str, str], str] = {}
    for row in rows:
        for reply in filter(None, (row.reply, row.reworded)):
            if reply in replies:
                yield Finding("double reply", row, reply)
            replies.add(reply)
        if len(row.text) > SHORT:
            group = asked.setdefault((fold(row.text), row.memory_in, row.summary_in), row.group)
            if group != row.group:
                yield Finding("one message, two groups", row, group)


def _overlap(rows: Sequence[Row], held_out: Iterable[Row]) -> Iterator[Finding]:
    texts, replies = set(), set()
    for row in held_out:
        replies.add(row.reply)
        if len(row.text) > SHORT:
            texts.add((fold(row.text), row.memory_in, row.summary_in))
    for row in rows:
        if not replies.isdisjoint((row.reply, row.reworded)):
            yield Finding("reply held out", row)
        if (fold(row.text), row.memory_in, row.summary_in) in texts:
            yield Finding("message held out", row)


def _named(rows: Sequence[Row]) -> Iterator[Finding]:
    lines = (CORPUS_DIR / FORBIDDEN_FILE).read_text(encoding="utf-8").splitlines()
    names = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    ends = (r"\b" if name.isascii() else "" for name in names)  # particles follow Korean names
    found = (rf"(?<!\w){re.escape(name)}{end}" for name, end in zip(names, ends, strict=True))
    pattern = re.compile("|".join(found), re.IGNORECASE)
    for row in rows:
        for value in (row.text, row.reply, row.memory_in, row.memory):
            if match := pattern.search(value):
                yield Finding("name", row, match.group())


def _shared(a: str, b: str) -> float:
    """Jaccard likeness of character pairs."""
    pairs = [{text[i : i + 2] for i in range(len(text) - 1)} for text in (a, b)]
    return len(pairs[0] & pairs[1]) / max(1, len(pairs[0] | pairs[1]))
