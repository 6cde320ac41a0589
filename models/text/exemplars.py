"""Finding the corpus exchanges nearest to a message.

Similarity of two messages is a mean of two views: TF-IDF of character n-grams, exact where words are
shared, and the sentence model, where only the meaning is. Rows that were answered with a memory or
in the middle of a conversation are compared with their surroundings too, and are not offered where
the surroundings are missing or of another matter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.ports import Situation
from models.text.corpus_data import Row, adapt_reply, split_tag
from models.text.ngrams import CharTfidf

Vectors = NDArray[np.floating[Any]]

SUMMARY_WEIGHT = 0.35
SAME_KEY_BONUS = 0.30
UNUSED_CONTEXT_COST = 0.06
SAME_REMARK = 0.45  # likeness of two summaries, under which what follows on one never fitted the other


@dataclass(frozen=True, slots=True)
class Found:
    """A corpus row with its reply adapted to the present memory, and its similarity (about 0-1.5)."""

    row: Row
    reply: str
    score: float


def fold(text: str) -> str:
    """Spelling differences that carry no meaning are folded away."""
    text = re.sub(r"^(오?로라야?[,! ]+|hey lora[,! ]+|lora[,! ]+)(?=\S)", "", text.lower().strip())
    text = re.sub(r"(.)\1{2,}", r"\1\1", text)
    return re.sub(r"[\s.,~!…]+", " ", text).strip() or text.strip()


class ExemplarIndex:
    """Rows with their TF-IDF and sentence vectors; ``search`` is a pure function of the query."""

    def __init__(self, rows: Sequence[Row], vectors: Vectors | None = None) -> None:
        self.rows = list(rows)
        self._vectors = vectors
        self._tfidf = CharTfidf([fold(row.text) for row in self.rows])
        # Transposed, [n-grams, rows]: a query reads only the rows of its own n-grams.
        self._texts = self._tfidf.texts.T.tocsr()
        self._summaries = self._tfidf.transform([fold(row.summary_in) for row in self.rows]).T.tocsr()
        self._lang = np.array([row.lang for row in self.rows])
        self._has_memory = np.array([bool(row.memory_in) for row in self.rows])
        self._has_summary = np.array([bool(row.summary_in) for row in self.rows])
        self._keys = np.array([split_tag(row.memory_in)[0] for row in self.rows])

    def scores(self, query: Situation) -> Vectors:
        """Similarity of every row to the query, [rows]; -inf where a row cannot serve."""
        score = self._likeness(query)
        keys = {split_tag(tag)[0] for tag in query.memories}
        same_key = np.isin(self._keys, sorted(keys - {""}))
        score = score + SAME_KEY_BONUS * same_key
        before = np.zeros(len(self.rows))
        if query.summary:
            before = (self._tfidf.transform([fold(query.summary)]) @ self._summaries).toarray()[0]
            score = score + SUMMARY_WEIGHT * before - UNUSED_CONTEXT_COST * ~self._has_summary
        score = np.where(self._has_summary & (before < SAME_REMARK), -np.inf, score)
        score = np.where(self._has_memory & ~same_key, -np.inf, score)
        return np.where(self._lang == query.lang, score, -np.inf)

    def keys_asked(self, query: Situation) -> dict[str, float]:
        """For each memory key, how near the nearest exchange is that was answered with it."""
        likeness = self._likeness(query)
        keys: dict[str, float] = {}
        for i in np.flatnonzero(self._has_memory & (self._lang == query.lang)):
            key, score = str(self._keys[i]), min(1.0, float(likeness[i]))
            keys[key] = max(keys.get(key, 0.0), score)
        return keys

    def _likeness(self, query: Situation) -> Vectors:
        """Likeness of every row's message to that of the query alone, [rows]."""
        score: Vectors = (self._tfidf.transform([fold(query.text)]) @ self._texts).toarray()[0]
        if self._vectors is None or query.vector is None:
            return score
        return 0.5 * score + 0.5 * (self._vectors @ np.frombuffer(query.vector, dtype=np.float32))

    def search(self, query: Situation, k: int = 8, *, without: int | None = None) -> list[Found]:
        """The ``k`` nearest rows, best first; ``without`` leaves one row (and its twins) out."""
        score = self.scores(query)
        skip = fold(self.rows[without].text) if without is not None else None
        found: list[Found] = []
        for i in np.argsort(-score)[: 6 * k + 20]:
            row = self.rows[int(i)]
            if len(found) == k or not np.isfinite(score[i]):
                break
            if without is not None and (i == without or fold(row.text) == skip):
                continue
            reply: str | None = row.reply
            if row.memory_in:
                adapted = (adapt_reply(row.reply, row.memory_in, tag) for tag in query.memories)
                reply = next((r for r in adapted if r is not None), None)
            if reply is not None:
                found.append(Found(row, reply, float(score[i])))
        return found
