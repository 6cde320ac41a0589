"""Waiting for the fake's state without polling."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from tests.patience import PATIENCE_S

T = TypeVar("T")


class Changes:
    """Wakes whoever waits whenever anything changed.

    State changes in plain functions, so that nobody sees half of one; an ``asyncio.Condition`` would have to be
    told with ``await``.
    """

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def tell(self) -> None:
        """Something changed: every waiter looks again."""
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        self._waiting.clear()

    async def changed(self, timeout: float) -> bool:
        """Waits for the next change; ``False`` if none came in time."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        try:
            # Not wait_for(): in Python 3.11, it swallows a cancellation that comes together with the result.
            async with asyncio.timeout(timeout):
                await waiter
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(waiter)
        return True

    async def wait_for(
        self, predicate: Callable[[], T], timeout: float = PATIENCE_S, what: str = "the awaited state"
    ) -> T:
        """The predicate's first truthy value.

        Raises:
            TimeoutError: It stayed falsy for ``timeout`` seconds.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while not (found := predicate()):
            left = deadline - loop.time()
            if left <= 0 or not await self.changed(left):
                # One last look: on a busy machine, the change and the deadline may come together.
                if found := predicate():
                    return found
                raise TimeoutError(f"{what} did not come within {timeout} s")
        return found

    async def quiet(self, version: Callable[[], object], quiet_s: float, timeout: float = PATIENCE_S) -> None:
        """Returns once ``version()`` has stayed the same for ``quiet_s`` seconds.

        Raises:
            TimeoutError: It was still changing after ``timeout`` seconds.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        seen, since = version(), loop.time()
        while (now := loop.time()) - since < quiet_s:
            if now >= deadline:
                raise TimeoutError(f"still changing after {timeout} s")
            # A millisecond more: timers of the loop may come a trifle early.
            await self.changed(min(since + quiet_s, deadline) - now + 0.001)
            if version() != seen:
                seen, since = version(), loop.time()
