"""Texts by their letters: pure functions, made for Korean, where particles stick to words."""

from __future__ import annotations

import hashlib
import sys
import unicodedata
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

_BITS: Final = 21  # of a letter, and of the number of a text
_FIRST: Final = 1 << 2 * _BITS  # marks a letter that begins a word


def letter_pairs(texts: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """Pairs of neighbouring letters within words, as numbers in rising order, and the text of each.

    A pair stands once for each text that has it (at most 2**21 of them); case and punctuation do not count. A
    Hangul word also gives its first syllable, for many nouns are one syllable long and stand before a
    particle (책, 책을); so does a word of one letter.
    """
    lines = "\n".join(texts)  # no pair reaches over the end of a line
    if lines.count("\n") >= len(texts):
        lines = "\n".join(text.replace("\n", " ") for text in texts)
    folded = f"\n{unicodedata.normalize('NFKC', lines).casefold()}\n"
    points = np.frombuffer(folded.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    inside, text = _in_words(points), (np.cumsum(points == ord("\n")) - 1).astype(np.uint64)
    both = inside[:-1] & inside[1:]
    first = inside[1:-1] & ~inside[:-2]
    first &= ~inside[2:] | ((points[1:-1] >= ord("가")) & (points[1:-1] <= ord("힣")))
    pairs = np.concatenate(
        (points[:-1][both] << np.uint64(_BITS) | points[1:][both], points[1:-1][first] | np.uint64(_FIRST))
    )
    where = np.concatenate((text[:-1][both], text[1:-1][first]))
    found = _each(pairs << np.uint64(_BITS) | where)
    return found >> np.uint64(_BITS), (found & np.uint64((1 << _BITS) - 1)).astype(np.int32)


def _in_words(points: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which of some code points belong to words."""
    known = np.zeros(sys.maxunicode + 1, dtype=np.bool_)
    known[[point for point in _each(points).tolist() if chr(point).isalnum()]] = True
    found: NDArray[np.bool_] = known[points]
    return found


def _each(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Each number once, in rising order; np.unique takes thirty times as long."""
    found = np.sort(numbers)
    each: NDArray[np.uint64] = found[np.concatenate((found[:1] == found[:1], found[1:] != found[:-1]))]
    return each


def digest(key: str, value: str) -> str:
    """Equal for facts that differ in spaces, case or the composition of letters only."""
    parts = ("".join(unicodedata.normalize("NFC", part).casefold().split()) for part in (key, value))
    joined = "\x1f".join(parts)  # no part can hold it: split() takes it for a space
    return hashlib.blake2b(joined.encode("utf-8", "replace"), digest_size=16).hexdigest()
