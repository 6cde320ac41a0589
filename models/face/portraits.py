"""Her portraits behind their queue; light to import, for the generator may be in another process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.people import Film, Scores
from core.ports import Priority
from models.runtime.queue import InferenceQueue, Stepwise


@dataclass(frozen=True)
class Shot:
    """A file of ``kind``: a face at ``end``, or a film of it; ``start`` is the expression of before."""

    face: str
    end: Scores
    start: Scores | None = None
    kind: Literal["png"] | Film = "png"


class LocalPortraits:
    """core.ports.PortraitModel on the generator; ``faces`` are the ids that it knows."""

    def __init__(self, model: Stepwise[Shot, bytes], faces: tuple[str, ...]) -> None:
        self._faces = faces
        # one at a time: a picture does not wait until films that came with it are done too
        self._queue = InferenceQueue[Shot, bytes]("face", model, limit=64, per_person=64, max_batch=1)

    @property
    def faces(self) -> tuple[str, ...]:
        """Ids; the first is the default."""
        return self._faces

    async def draw(self, face: str, scores: Scores) -> bytes:
        """A 256-px PNG; an unknown face id falls back to the default face."""
        return await self._shoot(Shot(self._known(face), scores))

    async def animate(self, face: str, start: Scores, end: Scores, kind: Film) -> bytes:
        """A 256-px loop of 2.4 s and at most 1 MB (:mod:`models.face.motion`); ids as in :meth:`draw`."""
        return await self._shoot(Shot(self._known(face), end, start, kind))

    def _known(self, face: str) -> str:
        return face if face in self._faces else self._faces[0]

    async def _shoot(self, shot: Shot) -> bytes:
        return await self._queue.submit(shot, person="", priority=Priority.FACE)

    async def close(self) -> None:
        """Stop the worker."""
        await self._queue.close()
