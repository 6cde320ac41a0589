"""The corpus of exchanges: rows, loading, and filling another value into a memory-conditioned row."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Final

from core.korean import swap
from core.language import script_of
from core.people import Lang
from core.prompt import AXES, POSE, after
from models.runtime.packed import read_text

CORPUS_DIR = Path(__file__).parent / "corpus"
TRAIN_FILES = ("ko.jsonl.xz", "en.jsonl.xz")
DEV_FILE, TEST_FILE, SEALED_FILE = "dev.jsonl", "test.jsonl", "sealed.jsonl"


EXPR: Final = ("snbB", "nbB", "012")  # letters of the labels of eyes, mouth and pose, in their order
_LABELS: Final = dict(zip(map("".join, product(*EXPR)), product(*AXES.values()), strict=True))
_CODES: Final = {labels: code for code, labels in _LABELS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One exchange with everything that may stand around it; '' where a part is absent.

    ``group`` is shared by rows whose messages mean the same, so that their replies are
    interchangeable; ``memory`` is what the person revealed, ``summary`` is of her reply, ``reworded``
    the reply once more in other words.
    """

    lang: Lang
    topic: str
    group: str
    text: str
    reply: str
    memory_in: str = ""
    summary_in: str = ""
    memory: str = ""
    summary: str
    eyes: str
    mouth: str
    pose: str
    reworded: str = ""

    @property
    def declines(self) -> bool:
        """Whether she declines: her head is turned far away."""
        return self.pose == POSE[2]

    @property
    def labels(self) -> tuple[str, str, str]:
        """Those of eyes, mouth and head, in the order of :data:`core.prompt.AXES`."""
        return self.eyes, self.mouth, self.pose

    @property
    def heard(self) -> str:
        """The message after what it follows, as the sentence model hears it."""
        return after(self.summary_in, self.text)


def read_row(line: str) -> Row:
    """The row of a line; its language is that of the reply. Raises ValueError for one that does not fit."""
    try:
        fields = json.loads(line)
        code, lang = fields.pop("expr"), script_of(fields["reply"])
        if lang is None:
            raise ValueError("a reply without letters")
        eyes, mouth, pose = _LABELS[code]
        return Row(lang=lang, eyes=eyes, mouth=mouth, pose=pose, **fields)
    except (AttributeError, KeyError, TypeError) as err:
        raise ValueError(f"no exchange: {err}") from err


def write_row(row: Row) -> str:
    """The line of a row: parts that are absent are left out, the labels are one letter each."""
    fields = asdict(row)
    del fields["lang"]
    code = _CODES[fields.pop("eyes"), fields.pop("mouth"), fields.pop("pose")]
    kept = {name: value for name, value in fields.items() if value} | {"expr": code}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def load_rows(paths: Iterable[Path]) -> list[Row]:
    """Rows of JSONL files, or of ones packed with xz (``.xz``).

    Raises ValueError naming file and line for a row that does not fit, or the file that is damaged.
    """
    rows = []
    for path in paths:
        for number, line in enumerate(read_text(path).splitlines(), 1):
            try:
                rows.append(read_row(line))
            except ValueError as err:
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


_ARTICLE: Final = re.compile(r"(?:an?|the)\s", re.IGNORECASE)


def exchanged(text: str, old: str, new: str) -> str:
    """``text`` with another value in place of ``old``; Korean particles and English articles follow."""
    out = swap(text, old, new)
    if (own := _ARTICLE.match(new)) is not None:  # one article is enough: "an exam", "a dentist appointment"
        bare = new[own.end() :]
        out = re.sub(
            rf"\b(?:([Aa])n?|([Tt]he|[Yy]our|[Mm]y|[Tt]hat|[Tt]his)) {re.escape(new)}",
            lambda m: f"{m[1]}{_n(bare)} {bare}" if m[1] else f"{m[2]} {bare}", out,
        )  # fmt: skip
    return re.sub(rf"\b([Aa])n? (?={re.escape(new)})", lambda m: m[1] + _n(new) + " ", out)


def _n(word: str) -> str:
    """The ``n`` of the article before a word, by its sound as far as its spelling tells."""
    sounded = re.match(r"(?!uni|use|usu|euro|one\b)[aeiou]|hour|honest|heir", word, re.IGNORECASE)
    return "n" if sounded else ""


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
    return exchanged(reply, old, new) if old in reply else None
