"""People, facts and turns for the tests."""

from __future__ import annotations

import math
import re
import unicodedata
from array import array
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from core.clock import lived_day
from core.facts import typed_fact
from core.people import DIRECT, Expression, Owner, Place, PlaceKind, Scores
from core.ports import Turn
from core.ports_memory import NewMemory

JUN = Owner("console:jun", DIRECT.scope)
JUN_IN_GUILD = Owner("console:jun", Place(PlaceKind.GROUP, "42").scope)
MINA = Owner("console:mina", DIRECT.scope)
START = datetime(2026, 11, 21, 9, 30, 0, 123456, tzinfo=UTC)
SMILE = Expression("크게", "아주 크게", "보통", 0.83, Scores(0.5, 0.8, -0.5))


def unit(*numbers: float) -> array[float]:
    """A vector of unit length."""
    length = sum(number * number for number in numbers) ** 0.5
    return array("f", (number / length for number in numbers))


def fact(
    key: str, value: str, vector: Sequence[float] | None = None, *, model: str = "m1", minutes: int = 0
) -> NewMemory:
    """A fact written ``minutes`` after the start."""
    packed, at = None if vector is None else array("f", vector), START + timedelta(minutes=minutes)
    return NewMemory.of(typed_fact(key, value, lived_day(at)), at, f"message-{minutes}", packed, model)


def grams(text: str) -> frozenset[str]:
    """Pairs of neighbouring letters within words, and their first letters, as sets of them are made by hand."""
    found: set[str] = set()
    for word in re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold()):
        found.update(word[i : i + 2] for i in range(len(word) - 1))
        if len(word) == 1 or "가" <= word[0] <= "힣":
            found.add("^" + word[0])
    return frozenset(found)


def likeness(a: str, b: str) -> float:
    """How much of two texts is spelt alike, in [0, 1]."""
    one, two = grams(a), grams(b)
    return len(one & two) / math.sqrt(len(one) * len(two)) if one and two else 0.0


def stored(text: str, door: str) -> str:
    """A text as it comes back: Postgres takes no NUL."""
    return text.replace("\0", "\ufffd") if door == "postgres" else text


def turn(number: int, text: str = "안녕", reply: str = "안녕! 반가워") -> Turn:
    """The ``number``-th turn."""
    return Turn(f"m{number}", text, reply, "", "ko", START + timedelta(minutes=number))
