"""chrF++: how many character and word n-grams two texts share.

Popović, "chrF++: words helping character n-grams" (WMT 2017): precision and recall of n-grams of 1 to 6
characters (spaces left out) and of 1 and 2 words, each averaged over the orders, joined to an F-score in
which recall counts twice as much. Over a corpus the counts are added up first, as sacreBLEU does, which
leaves orders out that are longer than all hypotheses or all references.
"""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

CHARACTERS: Final = 6
WORDS: Final = 2
BETA: Final = 2.0
_MARKS: Final = frozenset(string.punctuation)


def _ngrams(items: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(items[i : i + n]) for i in range(len(items) - n + 1))


def _words(text: str) -> Iterator[str]:
    """Words; a punctuation mark at one end is a word of its own (the last one, else the first)."""
    for word in text.split():
        if len(word) > 1 and word[-1] in _MARKS:
            yield from (word[:-1], word[-1])
        elif len(word) > 1 and word[0] in _MARKS:
            yield from (word[0], word[1:])
        else:
            yield word


def _orders(text: str) -> list[Counter[tuple[str, ...]]]:
    letters, words = list("".join(text.split())), list(_words(text))
    return [_ngrams(letters, n) for n in range(1, CHARACTERS + 1)] + [
        _ngrams(words, n) for n in range(1, WORDS + 1)
    ]


def chrf(pairs: Iterable[tuple[str, str]]) -> float:
    """chrF++ of (hypothesis, reference) pairs, 0 to 100; 0 where nothing can be compared."""
    counts = [[0, 0, 0] for _ in range(CHARACTERS + WORDS)]  # of hypotheses, references, both
    for hypothesis, reference in pairs:
        for count, ours, theirs in zip(counts, _orders(hypothesis), _orders(reference), strict=True):
            count[0] += ours.total() if theirs else 0  # where nothing of an order is there to be found
            count[1] += theirs.total()
            count[2] += (ours & theirs).total()
    usable = [(ours, theirs, both) for ours, theirs, both in counts if ours and theirs]
    if not usable:
        return 0.0
    precision = sum(both / ours for ours, _, both in usable) / len(usable)
    recall = sum(both / theirs for _, theirs, both in usable) / len(usable)
    if not precision + recall:
        return 0.0
    return 100 * (1 + BETA**2) * precision * recall / (BETA**2 * precision + recall)
