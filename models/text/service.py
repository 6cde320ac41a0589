"""The text model behind its queue: the core's LanguageModel, ExemplarStore and ReplyRanker."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.errors import HiddenError
from core.ports import Candidate, Completion, Embedder, Exemplar, GenerateRequest, Situation
from core.prompt import Exchange
from models.runtime.queue import InferenceQueue
from models.text.corpus_data import Row
from models.text.engine import TextEngine
from models.text.exemplars import ExemplarIndex, Vectors
from models.text.ranker import Ranker, reply_text

TOKENS_PER_COST = 64.0


class LocalLanguageModel:
    """core.ports.LanguageModel on a :class:`TextEngine` in this process."""

    def __init__(self, engine: TextEngine, *, limit: int = 128, max_batch: int = 8) -> None:
        self._engine = engine
        self._queue = InferenceQueue[GenerateRequest, list[Completion]](
            "text", engine.run, limit=limit, max_batch=max_batch
        )

    async def generate(self, request: GenerateRequest) -> list[Completion]:
        """Completions of one request; batched with other people's."""
        cost = (self.count_tokens(request.prompt) + request.n * request.max_tokens) / TOKENS_PER_COST
        return await self._queue.submit(
            request,
            person=request.person,
            priority=request.priority,
            deadline_s=request.deadline_s,
            cost=cost,
        )

    def count_tokens(self, text: str) -> int:
        """Length of a text in tokens."""
        return self._engine.count(text)

    @property
    def waiting(self) -> int:
        """Jobs that wait."""
        return self._queue.depth

    def cancel(self, person: str) -> int:
        """Drop the person's waiting jobs."""
        return self._queue.cancel(person)

    async def close(self) -> None:
        """Stop the worker."""
        await self._queue.close()


class LocalExemplars:
    """core.ports.ExemplarStore on the shipped corpus; searched in a thread."""

    def __init__(self, index: ExemplarIndex) -> None:
        self._index = index

    async def nearest(self, situation: Situation, k: int) -> list[Exemplar]:
        """The ``k`` nearest exchanges; by shared words alone where there is no vector."""
        found = await asyncio.to_thread(self._index.search, situation, k)
        return [Exemplar(Exchange(f.row.text, f.reply), f.score, f.row.memory) for f in found]

    async def keys_asked(self, situation: Situation) -> dict[str, float]:
        """Memory keys that the nearest exchanges were answered with."""
        return await asyncio.to_thread(self._index.keys_asked, situation)


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
    """The corpus vectors made by ``python bot.py train text --vectors``; None when they do not fit."""
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as stored:
        if str(stored["model_id"]) != model_id or len(stored["vectors"]) != len(rows):
            return None
        return stored["vectors"].astype(np.float32)
