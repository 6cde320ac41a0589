"""The sentence model behind its queue, and what belongs together: the core's Embedder and Associations."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from core.ports import Priority, Vector
from models.embed.associations import pieces
from models.embed.marks import read_model_id
from models.runtime.checkpoints import fingerprint
from models.runtime.loading import loading
from models.runtime.queue import InferenceQueue, Stepwise


def as_vector(row: Any) -> Vector:
    """A float32 row as it crosses the core."""
    return array("f", row.tobytes())


class SentenceEncoder:
    """A sentence-transformers model in eval mode; :meth:`encode` runs on one thread."""

    def __init__(self, model: Any, model_id: str) -> None:
        self.model, self.model_id = model, model_id

    @classmethod
    def load(cls, folder: Path) -> SentenceEncoder:
        """Load a sentence-transformers folder, the shipped one or any other. Raises ModelError."""
        with loading(f"sentence weights in {folder.name}"):
            from transformers.utils import logging as hf_logging

            from models.embed.opening import open_model

            hf_logging.set_verbosity_error()
            hf_logging.disable_progress_bar()
            if not (folder / "modules.json").is_file():
                raise FileNotFoundError(folder / "modules.json")
            if next(folder.rglob("*.safetensors"), None) is None:
                raise FileNotFoundError("weights as safetensors; other formats could run code")
            model = open_model(folder).eval()
            model_id = read_model_id(folder) or f"{folder.name}-{fingerprint(folder)}"
        return cls(model, model_id)

    def encode(self, texts: Sequence[str]) -> Any:
        """Unit vectors, float32 [texts, dim]."""
        vectors = self.model.encode(
            list(texts), normalize_embeddings=True, show_progress_bar=False, batch_size=64
        )
        return np.asarray(vectors, dtype=np.float32)

    def run(self, requests: Sequence[tuple[str, ...]]) -> list[list[Vector]]:
        """Encode many requests in one pass."""
        flat = [text for request in requests for text in request]
        vectors = iter(self.encode(flat))
        return [[as_vector(next(vectors)) for _ in request] for request in requests]


class LocalEmbedder:
    """core.ports.Embedder on a :class:`SentenceEncoder`; ``model_id`` names its weights."""

    def __init__(self, model: Stepwise[tuple[str, ...], list[Vector]], model_id: str) -> None:
        self._queue = InferenceQueue[tuple[str, ...], list[Vector]](
            "embed", model, limit=512, per_person=512, max_batch=16
        )
        self._model_id = model_id

    @property
    def model_id(self) -> str:
        """Names the weights."""
        return self._model_id

    async def encode(self, texts: Sequence[str]) -> list[Vector]:
        """One unit vector for each text."""
        return await self._queue.submit(tuple(texts), person="", priority=Priority.REPLY) if texts else []

    async def close(self) -> None:
        """Stop the worker."""
        await self._queue.close()


class Bearing(Protocol):
    """What says of memories how much they bear on a message."""

    def bearing(self, message: list[str], memories: Sequence[list[str]]) -> list[float]:
        """How much each memory accounts for the message, all in pieces, in nats, at least 0."""
        ...


class LocalAssociations:
    """core.ports_memory.Associations on a table and embeddings, whose nats are added."""

    def __init__(self, *parts: Bearing) -> None:
        self._parts = parts

    async def bearing(self, message: str, memories: Sequence[str]) -> list[float]:
        """How much each memory accounts for the message, in nats, at least 0."""
        return await asyncio.to_thread(self._sums, message, memories)

    def _sums(self, message: str, memories: Sequence[str]) -> list[float]:
        said, known = pieces(message), [pieces(memory) for memory in memories]
        found = [part.bearing(said, known) for part in self._parts]
        return [sum(each) for each in zip(*found, strict=True)]
