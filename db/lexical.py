"""Likeness of texts by their letters: pure functions, made for Korean, where particles stick to words."""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+")


def grams(text: str) -> frozenset[str]:
    """Pairs of neighbouring letters within words; case and punctuation do not count.

    A Hangul word also gives its first syllable, for many nouns are one syllable long and stand
    before a particle (책, 책을).
    """
    found: set[str] = set()
    for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold()):
        found.update(word[i : i + 2] for i in range(len(word) - 1))
        if len(word) == 1 or "가" <= word[0] <= "힣":
            found.add("^" + word[0])
    return frozenset(found)


def overlap(a: frozenset[str], b: frozenset[str]) -> float:
    """The share of common members in [0, 1]: 1 for equal sets, 0 if either is empty."""
    if not a or not b:
        return 0.0
    return len(a & b) / math.sqrt(len(a) * len(b))


def likeness(a: str, b: str) -> float:
    """How much of two texts is spelt alike, in [0, 1]."""
    return overlap(grams(a), grams(b))


def digest(key: str, value: str) -> str:
    """Equal for facts that differ in spaces, case or the composition of letters only."""
    parts = ("".join(unicodedata.normalize("NFC", part).casefold().split()) for part in (key, value))
    joined = "\x1f".join(parts)  # no part can hold it: split() takes it for a space
    return hashlib.blake2b(joined.encode("utf-8", "replace"), digest_size=16).hexdigest()
