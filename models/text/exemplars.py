"""Finding the corpus exchanges nearest to a message.

Similarity of two messages is a mean of two views: TF-IDF of character n-grams, exact where words are
shared, and the sentence model, where only the meaning is. Rows from the middle of a conversation are
compared together with what was said before, and are not offered where that is missing or of another
matter; nor are rows that were answered with a memory where there is none of its kind.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from core.ports import Exemplar, Nature, Situation, Vector
from core.prompt import Exchange
from models.text.card import facts, stated
from models.text.corpus_data import Row, adapt_reply, split_tag
from models.text.heads import Heads
from models.text.ngrams import CharTfidf

Vectors = NDArray[np.floating[Any]]

SUMMARY_WEIGHT, BY_FOLLOWS = 0.25, 0.3  # likeness before it, and of a follow-up: docs/experiments.md
SAME_KEY_BONUS = 0.30
UNUSED_CONTEXT_COST = 0.06
BY_DECLINED, BY_STATED, BY_TOLD = 60.0, 20.0, 6.0  # log-odds by what the nearest rows are, chosen on dev
NEIGHBOURHOOD = 20  # rows among which the kin of one are counted
KEY_NEIGHBOURS, KEY_SHARPNESS = 15, 8.0  # chosen on dev
RECENT = 32  # messages whose likenesses are kept, 0.1 MB each
SAME_REMARK = 0.2  # likeness of two summaries, under which what follows on one never fitted the other


@dataclass(frozen=True, slots=True)
class Found:
    """A corpus row, its similarity (about 0-1.5), and its reply adapted to the present memory.

    ``reworded`` is the reply in other words, '' for none, ``summary`` that of the reply, both adapted too;
    ``kin`` counts other near rows of its group.
    """

    row: Row
    reply: str
    score: float
    reworded: str = ""
    exact: bool = False  # she declines, or states a fact of her card
    kin: int = 0
    summary: str = ""

    @property
    def exemplar(self) -> Exemplar:
        """The same for the core."""
        row = self.row
        return Exemplar(
            Exchange(row.text, self.reply), self.score, row.memory, self.reworded, self.exact, self.kin,
            self.summary, row.labels,
        )  # fmt: skip


_CALLED = re.compile(r"^(오?로라야?[,! ]+|hey lora[,! ]+|lora[,! ]+)(?=\S)")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")
_BREAKS = re.compile(r"[\s.,~!…]+")


def fold(text: str) -> str:
    """Spelling differences that carry no meaning are folded away."""
    text = text.lower().strip()
    if "로라" in text or "lora" in text:
        text = _CALLED.sub("", text)
    text = _DRAWN_OUT.sub(r"\1\1", text)
    return _BREAKS.sub(" ", text).strip() or text.strip()


class ExemplarIndex:
    """Rows with their TF-IDF and sentence vectors; ``search`` is a pure function of the query."""

    def __init__(self, rows: Sequence[Row], vectors: Vectors | None = None) -> None:
        self.rows = list(rows)
        self.heads: Heads | None = None
        self._vectors = vectors
        self._tfidf = CharTfidf([fold(row.text) for row in self.rows])
        # Transposed, [n-grams, rows]: a query reads only the rows of its own n-grams.
        self._texts = self._tfidf.texts.T.tocsr()
        self._summaries = self._tfidf.transform([fold(row.summary_in) for row in self.rows]).T.tocsr()
        self._lang = np.array([row.lang for row in self.rows])
        self._tells = np.array([bool(row.memory) for row in self.rows])
        self._declines = np.array([row.declines for row in self.rows])
        said = [stated(row) for row in self.rows]
        self._states = {name: np.array([name in each for each in said]) for name in facts()}
        self._exact = self._declines | np.array([bool(each) for each in said])
        self._has_memory = np.array([bool(row.memory_in) for row in self.rows])
        self._has_summary = np.array([bool(row.summary_in) for row in self.rows])
        self._alone = ~self._has_memory & ~self._has_summary
        self._spoken = {lang: self._lang == lang for lang in ("ko", "en")}
        self._keys = np.array([split_tag(row.memory_in)[0] for row in self.rows])
        self._key_names, self._key_numbers = np.unique(self._keys, return_inverse=True)
        # a turn asks again and again: for keys of memories, for its nature, for exchanges
        self._spelt = lru_cache(maxsize=RECENT)(self._shared)
        self._meant = lru_cache(maxsize=RECENT)(self._near)
        self._ngrams_of = lru_cache(maxsize=RECENT)(self._counted)

    def forget(self) -> None:
        """Drop the likenesses of the newest messages, which are found again when they are asked for."""
        for kept in (self._spelt, self._meant, self._ngrams_of):
            kept.cache_clear()

    def scores(self, query: Situation) -> Vectors:
        """Similarity of every row to the query, [rows]; -inf where a row cannot serve."""
        score = self._likeness(query)
        if query.vector_after is not None:
            after = (score + self._likeness(query, query.vector_after)) / 2
            score = np.where(self._has_summary, after, score)
        remembered, known = self._of_keys(query.memories), self._of_keys(query.known)
        score = score + SAME_KEY_BONUS * remembered
        before = np.zeros(len(self.rows))
        if query.summary:
            before = (self._tfidf.transform([fold(query.summary)]) @ self._summaries).toarray()[0]
            follows = BY_FOLLOWS * self._follows(query)
            score = score + SUMMARY_WEIGHT * before + follows * self._has_summary
            score = score - UNUSED_CONTEXT_COST * ~self._has_summary
        score = np.where(self._has_summary & (before < SAME_REMARK), -np.inf, score)
        score = np.where(self._has_memory & ~known, -np.inf, score)
        if query.declines is not None:
            score = np.where(self._declines == query.declines, score, -np.inf)
        if query.fact:
            score = np.where(self._states[query.fact], score, score - query.weight)
        return np.where(self._spoken[query.lang], score, -np.inf)

    @property
    def ngrams(self) -> int:
        """How many different n-grams the messages have."""
        return int(self._tfidf.texts.shape[1])

    def train_heads(self, vectors: Vectors) -> Heads:
        """Classifiers of the messages, whose own sentence vectors are [rows, dimensions]."""
        return Heads.fit(self.rows, self._tfidf.texts, vectors)

    def nature(self, query: Situation) -> Nature | None:
        """What kind of message it is; None without classifiers or a vector."""
        if self.heads is None or query.vector is None:
            return None
        scores, near = self._judged(self.heads, query.text, query.vector), self._near_alone(query)
        improper = scores["improper"] + BY_DECLINED * _nearer(near, self._declines)
        every = np.where(self._spoken[query.lang], self._likeness(query), -1.0)
        tells = scores["tells"] + BY_TOLD * _nearer(every, self._tells)
        asks, fact = whole = self._fact_asked(scores, near)
        for text, vector in query.clauses:
            near = self._near_alone(replace(query, text=text, vector=vector))
            odds, name = self._fact_asked(self._judged(self.heads, text, vector), near)
            # a clause alone has its words out of their context, so the whole message counts as much
            asks, fact = max((asks, fact), ((whole[0] + odds) / 2, name))
        return Nature(tells, improper, self._key_told(query), fact, asks)

    def _judged(self, heads: Heads, text: str, vector: Vector) -> dict[str, float]:
        """What the classifiers alone say."""
        return heads.scores(self._ngrams_of(text), np.frombuffer(vector, dtype=np.float32))

    def _follows(self, query: Situation) -> float:
        """Whether a message needs what was said before it, in [-1, 1]; 0 where nobody can say."""
        if self.heads is None or query.vector is None:
            return 0.0
        return float(np.tanh(self._judged(self.heads, query.text, query.vector).get("follows", 0.0) / 2))

    def _near_alone(self, query: Situation) -> Vectors:
        """Likeness of the rows in its language that need nothing before them; -1 for the others, [rows]."""
        return np.where(self._alone & self._spoken[query.lang], self._likeness(query), -1.0)

    def _fact_asked(self, scores: Mapping[str, float], near: Vectors) -> tuple[float, str]:
        """The fact of her card that the right reply likeliest states, after its log-odds."""
        odds = (
            (scores[name] + BY_STATED * _nearer(near, rows), name)
            for name, rows in self._states.items() if name in scores
        )  # fmt: skip
        return max(odds, default=(-np.inf, ""))

    def _key_told(self, query: Situation) -> str:
        """The key that most of the nearest telling messages told (k nearest neighbours, weighted)."""
        telling = np.flatnonzero(self._tells & self._spoken[query.lang])
        likeness = self._likeness(query)[telling]
        votes: dict[str, float] = {}
        for i in np.argsort(-likeness)[:KEY_NEIGHBOURS]:
            key, _ = split_tag(self.rows[telling[i]].memory)
            votes[key] = votes.get(key, 0.0) + float(np.exp(KEY_SHARPNESS * likeness[i]))
        return max(votes, key=votes.__getitem__, default="")

    def _of_keys(self, tags: Sequence[str]) -> NDArray[np.bool_]:
        """Which rows were answered with a memory of the same key as one of ``tags``, [rows]."""
        return np.isin(self._keys, sorted({split_tag(tag)[0] for tag in tags} - {""}))

    def keys_asked(self, query: Situation) -> dict[str, float]:
        """For each memory key, how near the nearest exchange is that was answered with it.

        How much nearer than any other exchange counts as well: likeness plus that difference.
        """
        likeness, spoken = self._likeness(query), self._spoken[query.lang]
        asks, alone = spoken & self._has_memory, spoken & self._alone
        other = float(likeness[alone].max()) if alone.any() else 0.0
        best = np.full(len(self._key_names), -np.inf)
        np.maximum.at(best, self._key_numbers[asks], likeness[asks])
        found = np.flatnonzero(np.isfinite(best))
        return {str(self._key_names[i]): float(2 * best[i] - other) for i in found}

    def _likeness(self, query: Situation, vector: Vector | None = None) -> Vectors:
        """Likeness of every row's message to that of the query, by its own vector or another one, [rows]."""
        vector = query.vector if vector is None else vector
        spelt = self._spelt(query.text)
        if self._vectors is None or vector is None:
            return spelt
        return 0.5 * spelt + 0.5 * self._meant(vector.tobytes())

    def _counted(self, text: str) -> csr_matrix[Any]:
        return self._tfidf.transform([fold(text)])

    def _shared(self, text: str) -> Vectors:
        likeness: Vectors = (self._ngrams_of(text) @ self._texts).toarray()[0]
        return likeness

    def _near(self, vector: bytes) -> Vectors:
        if self._vectors is None:
            return np.zeros(len(self.rows))
        likeness: Vectors = self._vectors @ np.frombuffer(vector, dtype=np.float32)
        return likeness

    def search(self, query: Situation, k: int = 8, *, without: int | None = None) -> list[Found]:
        """The ``k`` nearest rows, best first; ``without`` leaves one row (and its twins) out."""
        score = self.scores(query)
        skip = fold(self.rows[without].text) if without is not None else None
        found: list[Found] = []
        first = min(6 * k + 20, len(score) - 1)
        best = np.argpartition(-score, first)[: first + 1]
        best = best[np.argsort(-score[best], kind="stable")]
        kin = Counter(self.rows[int(i)].group for i in best[:NEIGHBOURHOOD] if i != without)
        for i in best:
            row = self.rows[int(i)]
            if len(found) == k or not np.isfinite(score[i]):
                break
            if without is not None and (i == without or fold(row.text) == skip):
                continue
            texts = (row.reply, row.reworded, row.summary)
            reply, reworded, summary = (_adapted(text, row, query.known) for text in texts)
            if reply is not None:
                exact, others = bool(self._exact[i]), max(0, kin[row.group] - 1)
                summary = summary or row.summary  # one that does not say the value
                found.append(Found(row, reply, float(score[i]), reworded or "", exact, others, summary))
        return found


def _nearer(likeness: Vectors, rows: NDArray[np.bool_]) -> float:
    """How much nearer the nearest of some rows is than the nearest other one, in [-1, 1]."""
    these, others = (likeness.max(initial=-1.0, where=where) for where in (rows, ~rows))
    return float(these - others) / 2


def _adapted(text: str, row: Row, known: Sequence[str]) -> str | None:
    """A wording of a row's reply with the present value of its memory; None where there is none."""
    if not row.memory_in:
        return text
    adapted = (adapt_reply(text, row.memory_in, tag) for tag in known)
    return next((reply for reply in adapted if reply is not None), None)
