"""A platform's ``serve`` as a task, with what it says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from tests.patience import PATIENCE_S


async def until(ready: Callable[[], object]) -> None:
    """Waits for something on her side, of which the fake knows nothing."""
    async with asyncio.timeout(PATIENCE_S):
        while not ready():  # noqa: ASYNC110  (counters and lists wake nobody)
            await asyncio.sleep(0.01)


class Serving:
    """``serve(doors, config, stop, say=, up=)`` as a task."""

    def __init__(
        self, serve: Callable[..., Coroutine[Any, Any, None]], doors: object, config: object
    ) -> None:
        self.said: list[str] = []
        self.stop, self.ups = asyncio.Event(), 0
        self.task = asyncio.create_task(serve(doors, config, self.stop, say=self.said.append, up=self._up))

    def _up(self) -> None:
        self.ups += 1

    async def end(self) -> None:
        """Stop, and wait for a quiet end."""
        self.stop.set()
        async with asyncio.timeout(PATIENCE_S):
            await self.task

    def told(self, part: str) -> int:
        """How many of the sentences have this in them."""
        return sum(part in line for line in self.said)


@asynccontextmanager
async def serving_with(
    serve: Callable[..., Coroutine[Any, Any, None]], doors: object, config: object
) -> AsyncIterator[Serving]:
    """Serving inside the block."""
    it = Serving(serve, doors, config)
    try:
        yield it
    finally:
        it.stop.set()
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.wait({it.task})
