"""Slot filling: what a person tells with another value in its place ("I'm from Busan" -> "... Daegu").

``corpus/slots.json`` holds, for each language and memory key, values that can stand for one another.
Particles and articles follow the value.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from core.people import Lang
from models.text.corpus_data import CORPUS_DIR, Row, exchanged, split_tag

SLOTS_FILE = "slots.json"
NAMES = frozenset({"이름", "반려동물 이름", "name", "pet's name"})  # fit wherever another one did


@dataclass(frozen=True)
class Slots:
    """Values by language and key."""

    values: dict[Lang, dict[str, list[str]]]

    def of(self, lang: Lang, key: str) -> Sequence[str]:
        """The values of a key; () for one whose values cannot stand for one another."""
        return self.values[lang].get(key, ())

    def filled(self, row: Row, value: str) -> Row | None:
        """The row with another value of its fact in text, tag and reply; None where it has no slot."""
        key, old = split_tag(row.memory)
        if value == old or not self.of(row.lang, key) or not _stands(old, row.text):
            return None
        return replace(
            row,
            text=exchanged(row.text, old, value),
            reply=exchanged(row.reply, old, value),
            reworded=exchanged(row.reworded, old, value),
            memory=f"[{key}: {value}]",
        )

    def remembered(self, row: Row, value: str) -> Row | None:
        """The row with another value of the memory before it; None where the reply does not say it."""
        key, old = split_tag(row.memory_in)
        if value == old or not self.of(row.lang, key) or not _stands(old, row.reply):
            return None
        reply, reworded = (exchanged(text, old, value) for text in (row.reply, row.reworded))
        return replace(row, reply=reply, reworded=reworded, memory_in=f"[{key}: {value}]")

    def every(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows, and each of them with every other value that it can hold."""
        for row in rows:
            yield row
            for tag, fill in ((row.memory, self.filled), (row.memory_in, self.remembered)):
                for value in self.of(row.lang, split_tag(tag)[0]):
                    found = fill(row, value)
                    if found is not None:
                        yield found


@cache
def slots() -> Slots:
    """Those of the corpus. Raises ValueError or FileNotFoundError."""
    return Slots(json.loads((CORPUS_DIR / SLOTS_FILE).read_text(encoding="utf-8")))


def _stands(value: str, text: str) -> bool:
    """Whether a value stands in a text once, as words of its own and not inside another one."""
    at = text.find(value)
    if not value or at < 0 or value in text[at + 1 :]:
        return False
    before, after = text[at - 1 : at] if at else "", text[at + len(value) :][:1]
    if value[-1].isascii():
        return not before.isalnum() and not (after.isascii() and after.isalnum())
    return not before.isalnum()
