"""Her portraits behind their queue; light to import, for the generator may be in another process."""

from __future__ import annotations

from core.people import Scores
from core.ports import Priority
from models.runtime.queue import InferenceQueue, Stepwise


class LocalPortraits:
    """core.ports.PortraitModel on the generator; ``faces`` are the ids that it knows."""

    def __init__(self, model: Stepwise[tuple[str, Scores], bytes], faces: tuple[str, ...]) -> None:
        self._faces = faces
        self._queue = InferenceQueue[tuple[str, Scores], bytes](
            "face", model, limit=64, per_person=64, max_batch=4
        )

    @property
    def faces(self) -> tuple[str, ...]:
        """Ids; the first is the default."""
        return self._faces

    async def draw(self, face: str, scores: Scores) -> bytes:
        """A 256-px PNG; an unknown face id falls back to the default face."""
        chosen = face if face in self._faces else self._faces[0]
        return await self._queue.submit((chosen, scores), person="", priority=Priority.FACE)

    async def close(self) -> None:
        """Stop the worker."""
        await self._queue.close()
