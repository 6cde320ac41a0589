"""The corpus of exchanges: rows, loading, and filling another value into a memory-conditioned row."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.korean import swap
from core.people import Lang

CORPUS_DIR = Path(__file__).parent / "corpus"
TRAIN_FILES = ("ko.jsonl", "en.jsonl")
DEV_FILE, TEST_FILE, SEALED_FILE = "dev.jsonl", "test.jsonl", "sealed.jsonl"


@dataclass(frozen=True, slots=True)
class Row:
    """One exchange with everything that may stand around it; '' where a part is absent.

    ``group`` is shared by rows whose messages mean the same, so that their replies are
    interchangeable; ``memory`` is what the person revealed, ``summary`` is of her reply.
    """

    lang: Lang
    topic: str
    group: str
    text: str
    reply: str
    memory_in: str
    summary_in: str
    memory: str
    summary: str
    eyes: str
    mouth: str
    pose: str


def load_rows(paths: Iterable[Path]) -> list[Row]:
    """Rows of JSONL files. Raises ValueError naming file and line for a row that does not fit."""
    rows = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                rows.append(Row(**json.loads(line)))
            except (TypeError, ValueError) as err:
                raise ValueError(f"{path.name}:{number}: {err}") from err
    return rows


def train_rows() -> list[Row]:
    """The committed training corpus."""
    return load_rows(CORPUS_DIR / name for name in TRAIN_FILES)


def dev_rows() -> list[Row]:
    """Held-out exchanges for choosing thresholds and weights of the ranking."""
    return load_rows([CORPUS_DIR / DEV_FILE])


def test_rows() -> list[Row]:
    """Held-out exchanges for judging only; nothing is ever chosen by them."""
    return load_rows([CORPUS_DIR / TEST_FILE])


def sealed_rows() -> list[Row]:
    """Written apart from all others, to be opened at most twice, when everything is chosen."""
    return load_rows([CORPUS_DIR / SEALED_FILE])


def split_tag(tag: str) -> tuple[str, str]:
    """``[key: value]`` -> (key, value); ('', '') for anything else."""
    if tag.startswith("[") and tag.endswith("]") and ": " in tag:
        key, _, value = tag[1:-1].partition(": ")
        return key.strip(), value.strip()
    return "", ""


def adapt_reply(reply: str, tag: str, new_tag: str) -> str | None:
    """The reply to a row's memory, rewritten for another memory with the same key.

    None when the keys differ or the reply does not speak the old value out loud, so that it cannot
    be exchanged.
    """
    key, old = split_tag(tag)
    new_key, new = split_tag(new_tag)
    if not key or key != new_key:
        return None
    if old == new:
        return reply
    return swap(reply, old, new) if old in reply else None
