"""The event loop on a thread of its own, so that the main thread may block in ``input()``.

Signals reach the main thread: Ctrl+C and SIGTERM end the wait there as exceptions while the work on
the loop goes on, and can still be drained.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from types import FrameType
from typing import Any, Self, TypeVar

T = TypeVar("T")


class Stopped(BaseException):
    """SIGTERM arrived; raised in the main thread."""


class BackgroundLoop:
    """A context manager; leaving cancels what still runs and joins the thread."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="loop")

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of ``work``, run on the loop. An exception that a signal raises leaves it running."""
        if self._loop is None:
            raise RuntimeError("the loop is not running")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    @contextmanager
    def entered(self, manager: AbstractAsyncContextManager[T]) -> Iterator[T]:
        """``async with manager`` for the main thread."""

        async def enter() -> T:
            return await manager.__aenter__()

        async def leave() -> None:
            await manager.__aexit__(None, None, None)

        value = self.call(enter())
        try:
            yield value
        finally:
            self.call(leave())

    def _run(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._ready.set()
        await self._stop.wait()


@contextmanager
def stopping_on_sigterm() -> Iterator[None]:
    """The first SIGTERM raises :class:`Stopped` in the main thread, later ones are ignored."""

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise Stopped

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
