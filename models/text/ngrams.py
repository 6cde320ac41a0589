"""TF-IDF of character n-grams within words (Salton and Buckley, 1988), for a whole corpus at once.

The same numbers as scikit-learn's ``TfidfVectorizer(analyzer="char_wb", sublinear_tf=True)`` (the
tests compare them), whose loops over texts take a second of every start; these run over all
characters together. An n-gram is a number: 15 bits for each character's place in the alphabet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix

LONGEST: Final = 4
_BITS: Final = 15  # a corpus has fewer characters than 2 ** 15 - 1; four n-gram places fit 60 bits
Numbers = NDArray[np.int64]


class CharTfidf:
    """Fitted on texts; ``self.texts`` are their vectors, :meth:`transform` makes others."""

    def __init__(self, texts: Sequence[str]) -> None:
        chars, *where = _characters(texts)
        self._alphabet = np.unique(chars)
        grams, rows = self._grams(chars, *where)
        self._known, features = np.unique(grams, return_inverse=True)
        counts = self._counts(rows, features, len(texts))
        documents = np.bincount(counts.indices, minlength=len(self._known))
        self._idf = (np.log((1 + len(texts)) / (1 + documents)) + 1).astype(np.float32)
        self.texts = self._weigh(counts)

    def transform(self, texts: Sequence[str]) -> csr_matrix[Any]:
        """Unit vectors of texts, float32 [texts, n-grams]; n-grams never seen are left out."""
        grams, rows = self._grams(*_characters(texts))
        features = np.minimum(np.searchsorted(self._known, grams), len(self._known) - 1)
        known = self._known[features] == grams
        return self._weigh(self._counts(rows[known], features[known], len(texts)))

    def _grams(self, chars: Numbers, words: Numbers, rows: Numbers) -> tuple[Numbers, Numbers]:
        """Every n-gram as a number, and the text it stands in."""
        letters = np.minimum(np.searchsorted(self._alphabet, chars), len(self._alphabet) - 1)
        # 0 stands for "no further letter", the last number for letters that are not in the alphabet
        letters = np.where(self._alphabet[letters] == chars, letters + 1, 2**_BITS - 1)
        grams, at = [letters], [rows]
        number = letters
        for n in range(2, LONGEST + 1):
            number = (number[:-1] << _BITS) | letters[n - 1 :]
            inside = words[: len(number)] == words[n - 1 :]
            grams.append(number[inside])
            at.append(rows[: len(number)][inside])
        return np.concatenate(grams), np.concatenate(at)

    def _counts(self, rows: Numbers, features: Numbers, n: int) -> csr_matrix[Any]:
        ones = np.ones(len(rows), dtype=np.float32)
        return coo_matrix((ones, (rows, features)), shape=(n, len(self._known))).tocsr()

    def _weigh(self, counts: csr_matrix[Any]) -> csr_matrix[Any]:
        counts.data = (1 + np.log(counts.data)) * self._idf[counts.indices]
        lengths = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1))).ravel()
        counts.data /= np.repeat(np.maximum(lengths, 1e-12), np.diff(counts.indptr)).astype(np.float32)
        return counts


def _characters(texts: Sequence[str]) -> tuple[Numbers, Numbers, Numbers]:
    """Characters of all words, each word in two spaces, with the number of its word and of its text."""
    padded = ["".join(f" {word} " for word in text.split()) for text in texts]
    chars = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    lengths = [len(text) for text in padded]
    spaces = chars == ord(" ")
    words = (np.cumsum(spaces) - (spaces & (np.cumsum(spaces) % 2 == 0))) // 2  # each has two, first and last
    return chars.astype(np.int64), words, np.repeat(np.arange(len(texts)), lengths)
