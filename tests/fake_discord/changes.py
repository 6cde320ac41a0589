"""Waiting for the fake's state without polling."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from tests.patience import PATIENCE_S

T = TypeVar("T")


class Changes:
    """Wakes whoever waits whenever anything changed.

    An ``asyncio.Condition`` would do the same, but telling it needs ``await``; state changes here happen in
    plain functions, so that no other task ever sees half of one.
    """

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def tell(self) -> None:
        """Something changed: every waiter looks again."""
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        self._waiting.clear()

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
            waiter: asyncio.Future[None] = loop.create_future()
            self._waiting.add(waiter)
            try:
                async with asyncio.timeout_at(deadline):  # wait_for of 3.11 can swallow a cancellation
                    await waiter
            except TimeoutError:
                raise TimeoutError(f"{what} did not come within {timeout} s") from None
            finally:
                self._waiting.discard(waiter)
        return found

    async def quiet(self, version: Callable[[], object], quiet_s: float, timeout: float = PATIENCE_S) -> None:
        """Returns once ``version()`` has stayed the same for ``quiet_s`` seconds.

        Raises:
            TimeoutError: It was still changing after ``timeout`` seconds.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while loop.time() < deadline:
            seen = version()
            try:
                await self.wait_for(lambda seen=seen: version() != seen, quiet_s)  # type: ignore[misc]
            except TimeoutError:
                return
        raise TimeoutError(f"still changing after {timeout} s")
