"""Plain ways of finding the memory for a message, and how two rows of numbers agree."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bot.evaluation.data import Pair, Remembered

Marks = list[NDArray[np.float64]]  # of each case, [messages, memories]

QUIET: Final = 0.9  # of messages without a memory
_K1, _B = 1.2, 0.75  # as Robertson and Zaragoza (2009) have them
_NGRAMS: Final = (2, 4)


def bm25(cases: Sequence[Remembered]) -> Marks:
    """Okapi BM25 on words; how rare a word is, is counted over the memories of all cases."""
    known = [[Counter(_words(text)) for text in case.memories] for case in cases]
    every = [words for theirs in known for words in theirs]
    holding = Counter(word for words in every for word in words)
    usual = sum(words.total() for words in every) / max(1, len(every))

    def mark(message: str, words: Counter[str]) -> float:
        length = 1 - _B + _B * words.total() / max(usual, 1e-9)
        return sum(
            math.log(1 + (len(every) - holding[word] + 0.5) / (holding[word] + 0.5))
            * words[word] * (_K1 + 1) / (words[word] + _K1 * length)
            for word in dict.fromkeys(_words(message))
            if word in words
        )  # fmt: skip

    return [
        np.array([[mark(asked.text, words) for words in theirs] for asked in case.queries])
        for case, theirs in zip(cases, known, strict=True)
    ]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def ngrams(cases: Sequence[Remembered]) -> Marks:
    """Cosine of TF-IDF vectors of two to four characters inside words, weighed over all memories."""
    weigh = _weigher([text for case in cases for text in case.memories])
    return [
        (weigh([asked.text for asked in case.queries]) @ weigh(case.memories).T).toarray() for case in cases
    ]


def pair_ngrams(pairs: Sequence[Pair]) -> list[float]:
    """The same for both texts of each pair, weighed over all of them."""
    weigh = _weigher([text for pair in pairs for text in (pair.a, pair.b)]) if pairs else None
    if weigh is None:
        return []
    both = weigh([pair.a for pair in pairs]).multiply(weigh([pair.b for pair in pairs]))
    return [float(mark) for mark in np.asarray(both.sum(axis=1)).ravel()]


def _weigher(texts: Sequence[str]) -> Callable[[Sequence[str]], Any]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=_NGRAMS, sublinear_tf=True)
    vectorizer.fit(texts)
    weigh: Callable[[Sequence[str]], Any] = vectorizer.transform
    return weigh


def operating(marks: Marks, cases: Sequence[Remembered]) -> float | None:
    """The lowest threshold at which nine of ten messages without a memory find none; None without such."""
    highest = sorted(
        float(row.max())
        for case, rows in zip(cases, marks, strict=True)
        for asked, row in zip(case.queries, rows, strict=True)
        if not asked.relevant
    )
    if not highest:
        return None
    return math.nextafter(highest[math.ceil(QUIET * len(highest)) - 1], math.inf)


def pearson(one: Sequence[float], other: Sequence[float]) -> float | None:
    """The correlation of two rows; None where one of them never changes."""
    a, b = (np.asarray(row, dtype=np.float64) for row in (one, other))
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    return float(np.corrcoef(a, b)[0, 1])


def spearman(one: Sequence[float], other: Sequence[float]) -> float | None:
    """The correlation of ranks, equals sharing the mean of theirs."""
    return pearson(_ranks(one), _ranks(other))


def _ranks(row: Sequence[float]) -> list[float]:
    _, places, counts = np.unique(np.asarray(row), return_inverse=True, return_counts=True)
    means = np.cumsum(counts) - (counts - 1) / 2
    return [float(means[place]) for place in places]
