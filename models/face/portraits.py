"""Her portraits behind their queue; light to import, for the generator may be in another process."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from core.colours import AURORA, AURORA_S, NATURAL
from core.people import NEUTRAL, Film, Scores
from core.ports import Priority
from models.runtime.queue import InferenceQueue, Stepwise

DEADLINE_S = 60.0  # the words are there already: a film on a busy small server may take its time


@dataclass(frozen=True)
class Shot:
    """A file of ``kind``: a face at ``end``, or a film of it; ``start`` is the expression of before.

    A sheet shows ``faces`` side by side, numbered.
    """

    face: str
    end: Scores
    start: Scores | None = None
    kind: Literal["png", "sheet"] | Film = "png"
    hair: str = NATURAL  # as core.colours.hair_of has it
    at: int = 0  # seconds into the aurora cycle
    faces: tuple[str, ...] = ()  # of a sheet
    first: int = 1  # number of a sheet's first face


def _at(hair: str) -> int:
    """Whole seconds into the aurora cycle, by the clock; 0 for hair that does not change."""
    return int(time.time() % AURORA_S) if hair == AURORA else 0


class LocalPortraits:
    """core.ports.PortraitModel on the generator; ``faces`` are the ids that it knows, with their names."""

    def __init__(self, model: Stepwise[Shot, bytes], faces: Mapping[str, str]) -> None:
        self._faces = dict(faces)
        # one at a time: a picture does not wait until films that came with it are done too
        self._queue = InferenceQueue[Shot, bytes]("face", model, limit=64, per_person=64, max_batch=1)

    @property
    def faces(self) -> tuple[str, ...]:
        """Ids; the first is the default."""
        return tuple(self._faces)

    def name(self, face: str) -> str:
        """What a face is called; its id where it has no name."""
        return self._faces.get(face) or face

    async def draw(self, face: str, scores: Scores, hair: str = NATURAL) -> bytes:
        """A 256-px PNG; an unknown face id falls back to the default face."""
        return await self._shoot(Shot(self._known(face), scores, hair=hair, at=_at(hair)))

    async def animate(self, face: str, start: Scores, end: Scores, kind: Film, hair: str = NATURAL) -> bytes:
        """A 256-px loop of 2.4 s and at most 1 MB (:mod:`models.face.motion`); ids as in :meth:`draw`."""
        return await self._shoot(Shot(self._known(face), end, start, kind, hair, _at(hair)))

    async def sheet(self, faces: Sequence[str], first: int = 1) -> bytes:
        """A PNG of the faces at rest, five in a row, numbered from ``first``."""
        return await self._shoot(Shot("", NEUTRAL, kind="sheet", faces=tuple(faces), first=first))

    def _known(self, face: str) -> str:
        return face if face in self._faces else self.faces[0]

    async def _shoot(self, shot: Shot) -> bytes:
        return await self._queue.submit(
            shot, person="", priority=Priority.FACE, deadline_s=DEADLINE_S
        )  # fmt: skip

    async def close(self) -> None:
        """Stop the worker."""
        await self._queue.close()
