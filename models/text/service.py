"""The text model behind its queue: the core's LanguageModel, ExemplarStore and ReplyRanker."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import ParamSpec, TypeAlias, TypeVar
from zipfile import BadZipFile

import numpy as np

from core.errors import HiddenError
from core.ports import Candidate, Completion, Embedder, Exemplar, GenerateRequest, Nature, Situation
from core.prompt import Task
from models.runtime.queue import InferenceQueue, Stepwise
from models.text.corpus_data import Row
from models.text.exemplars import ExemplarIndex, Vectors
from models.text.ranker import Ranker, reply_text

log = logging.getLogger(__name__)

TOKENS_PER_COST = 64.0
STEPS = 31  # to either side of 0 in a stored vector: a likeness is off by 0.0016 on average, 0.013 at most

P = ParamSpec("P")
T = TypeVar("T")
TextModel: TypeAlias = Stepwise[GenerateRequest, list[Completion]]


class LocalLanguageModel:
    """core.ports.LanguageModel on a model of this machine.

    Replies have a worker of their own, so that what follows on one (expression, memory, summary)
    never stands before another person's.

    Args:
        replies, others: the same model, for requests of one kind each.
        count: tokens of a text.
    """

    def __init__(
        self, replies: TextModel, others: TextModel, count: Callable[[str], int], *,
        limit: int = 128, max_batch: int = 8,
    ) -> None:  # fmt: skip
        self._count = count
        self._replies, self._others = (
            InferenceQueue[GenerateRequest, list[Completion]](name, part, limit=limit, max_batch=max_batch)
            for name, part in (("reply", replies), ("text", others))
        )

    async def generate(self, request: GenerateRequest) -> list[Completion]:
        """Completions of one request; batched with other people's."""
        queue = self._replies if request.task is Task.REPLY else self._others
        cost = (self.count_tokens(request.prompt) + request.n * request.max_tokens) / TOKENS_PER_COST
        return await queue.submit(
            request,
            person=request.person,
            priority=request.priority,
            deadline_s=request.deadline_s,
            cost=cost,
        )

    def count_tokens(self, text: str) -> int:
        """Length of a text in tokens."""
        return self._count(text)

    @property
    def waiting(self) -> int:
        """Jobs that wait."""
        return self._replies.depth + self._others.depth

    def cancel(self, person: str) -> int:
        """Drop the person's waiting jobs."""
        return self._replies.cancel(person) + self._others.cancel(person)

    async def close(self) -> None:
        """Stop the workers."""
        await self._replies.close()
        await self._others.close()


class LocalExemplars:
    """core.ports.ExemplarStore on the shipped corpus; searched in a thread."""

    def __init__(self, index: ExemplarIndex) -> None:
        self._index, self._times_forgotten = index, 0

    async def nearest(self, situation: Situation, k: int) -> list[Exemplar]:
        """The ``k`` nearest exchanges; by shared words alone where there is no vector."""
        found = await asyncio.to_thread(self._asked, self._index.search, situation, k)
        return [each.exemplar for each in found]

    async def nature(self, situation: Situation) -> Nature | None:
        """By the index's classifiers."""
        return await asyncio.to_thread(self._asked, self._index.nature, situation)

    async def keys_asked(self, situation: Situation) -> dict[str, float]:
        """Memory keys that the nearest exchanges were answered with."""
        return await asyncio.to_thread(self._asked, self._index.keys_asked, situation)

    def forget(self) -> None:
        """Of the newest messages the index holds likenesses, also of one that is being looked for now."""
        self._times_forgotten += 1
        self._index.forget()

    def _asked(self, search: Callable[P, T], /, *given: P.args, **named: P.kwargs) -> T:
        before = self._times_forgotten
        try:
            return search(*given, **named)
        finally:
            if before != self._times_forgotten:
                self._index.forget()


class LocalRanker:
    """core.ports.ReplyRanker: a small trained scorer on similarity features."""

    def __init__(self, ranker: Ranker, embedder: Embedder | None) -> None:
        self._ranker, self._embedder = ranker, embedder

    async def rank(self, situation: Situation, candidates: Sequence[Candidate]) -> list[float]:
        """Scores about [0, 2]; without a sentence model the similarity features are 0."""
        vectors: Vectors | None = None
        if self._embedder is not None and situation.vector is not None:
            try:
                replies = await self._embedder.encode([reply_text(c.text) for c in candidates])
                every = (situation.vector, *replies)
                vectors = np.stack([np.frombuffer(vector, dtype=np.float32) for vector in every])
            except HiddenError:
                vectors = None
        return self._ranker.scores(situation, candidates, vectors)


def load_vectors(path: Path, rows: Sequence[Row], model_id: str) -> Vectors | None:
    """The corpus vectors made by ``python bot.py train text vectors``; None when they do not fit."""
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as stored:
        if str(stored["model_id"]) != model_id or len(stored["vectors"]) != len(rows):
            return None
        vectors: Vectors = stored["vectors"] * stored["scales"].astype(np.float32)[:, None]
        return vectors


def save_vectors(path: Path, vectors: Vectors, model_id: str) -> None:
    """Corpus vectors in the form that :func:`load_vectors` reads: a few integer steps, a scale for each."""
    scales = (np.abs(vectors).max(axis=1).clip(1e-8) / STEPS).astype(np.float16)
    steps = np.rint(vectors / scales[:, None].astype(np.float32)).clip(-STEPS, STEPS).astype(np.int8)
    np.savez_compressed(path, vectors=steps, scales=scales, model_id=np.array(model_id))


def cached_vectors(
    folder: Path, rows: Sequence[Row], model_id: str, encode: Callable[[Sequence[str]], Vectors]
) -> Vectors:
    """The corpus vectors of another sentence model, made once for this corpus and kept in ``folder``."""
    texts = [row.heard for row in rows]
    digest = hashlib.sha256("\n".join([model_id, *texts]).encode()).hexdigest()
    path = folder / f"{digest[:16]}.npz"
    with suppress(OSError, ValueError, KeyError, EOFError, BadZipFile):  # damaged: made again
        if (known := load_vectors(path, rows, model_id)) is not None:
            return known
    log.warning("making the vectors of %d exchanges, once for this sentence model", len(rows))
    vectors = encode(texts)
    folder.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f"{path.stem}-{os.getpid()}.npz")
    save_vectors(half, vectors, model_id)
    half.replace(path)
    return vectors
