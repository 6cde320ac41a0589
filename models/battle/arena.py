"""Problems of the shelf and trainings in the queue, as :class:`core.battle.ports.Arena`."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from functools import cached_property
from typing import Final

import numpy as np
from PIL import Image

from core.battle.hyperparameters import Hyperparameters
from core.battle.ports import Dataset, Epoch, Part, Problem, Trial
from core.errors import ModelError
from models.battle.bank import number_of, parts_of, problem_of
from models.battle.jobs import Job, code_version
from models.battle.shelf import Shelf
from models.battle.worker import Limits, TrainingQueue

TILE: Final = 48
GAP: Final = 4
GROUND: Final = (128, 128, 128)  # seen on light and on dark


class LocalArena:
    """The Arena of one machine; at most ``workers`` processes train."""

    def __init__(self, shelf: Shelf, workers: int = 1, limits: Limits = Limits()) -> None:  # noqa: B008
        self._shelf, self.code = shelf, code_version()
        self._queue = TrainingQueue(shelf, workers, limits)

    @cached_property
    def datasets(self) -> tuple[Dataset, ...]:
        """What can be battled on; read once, which takes a moment: ask first on another thread."""
        return self._shelf.datasets()

    async def problem(self, dataset: str, instance: str) -> Problem:
        """A problem of the bank."""
        return await asyncio.to_thread(lambda: problem_of(self._shelf.get(dataset), instance))

    async def thumbnails(self, problem: Problem, each: int = 6) -> bytes:
        """A PNG: a row for each class."""
        return await asyncio.to_thread(self._sheet, problem, each)

    async def train(
        self, problem: Problem, chosen: Hyperparameters, seed: int, part: Part, battle: str,
        report: Callable[[Epoch], None] = lambda _: None,
    ) -> Trial:  # fmt: skip
        """Train and score. Raises ModelError also where the pictures are no longer those of ``problem``."""
        found = await self.problem(problem.dataset, problem.instance)
        if found.version != problem.version:
            raise ModelError(f"{problem.instance}: its pictures have changed")
        job = Job(problem.dataset, problem.instance, chosen, seed, part)
        pictures = await asyncio.to_thread(self._shelf.get, problem.dataset)
        return await self._queue.train(job, battle, report, pictures.profile)

    def waiting(self, battle: str) -> int:
        """How many trainings of other battles come first."""
        return self._queue.before(battle)

    async def close(self) -> None:
        """End the processes."""
        await self._queue.close()

    def _sheet(self, problem: Problem, each: int) -> bytes:
        pictures = self._shelf.get(problem.dataset)
        parts = parts_of(pictures, number_of(pictures, problem.instance))
        side = TILE + GAP
        sheet = Image.new("RGB", (each * side + GAP, len(parts.classes) * side + GAP), GROUND)
        for row, label in enumerate(parts.classes):
            mine = parts.train[pictures.labels[parts.train] == label][:each]
            for column, index in enumerate(mine):
                pixels = np.broadcast_to(pictures.pixels[index], (*pictures.pixels.shape[1:3], 3))
                tile = Image.fromarray(np.ascontiguousarray(pixels))
                large = tile.resize((TILE, TILE), Image.Resampling.LANCZOS)
                sheet.paste(large, (GAP + column * side, GAP + row * side))
        file = io.BytesIO()
        sheet.save(file, "PNG", optimize=True)
        return file.getvalue()
