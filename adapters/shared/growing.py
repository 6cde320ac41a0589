"""One message that grows: newest state only, one call in flight, a pause between calls."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from core.errors import EdgeError

S = TypeVar("S")
S_contra = TypeVar("S_contra", contravariant=True)


class Port(Protocol[S_contra]):
    """Where the message stands. Both calls raise EdgeError when the platform finally refuses."""

    async def send(self, state: S_contra) -> None:
        """Make the message."""
        ...

    async def edit(self, state: S_contra) -> None:
        """Change the message."""
        ...


class Time(Protocol):
    """A clock in seconds, and waiting on it."""

    def now(self) -> float:
        """Seconds; only differences count."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class LoopTime:
    """The event loop's own time."""

    def now(self) -> float:
        """Seconds of the running loop."""
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


@dataclass(eq=False)
class Growing(Generic[S]):
    """Delivers the newest of the states that it is shown, at least ``interval`` seconds apart.

    The last state shown is always delivered. A failed first send ends it: there is no message to
    change. After a failed edit it goes on with the next state.
    """

    port: Port[S]
    interval: float
    time: Time = field(default_factory=LoopTime)
    sent: bool = False  # True for a message that stands there already
    failure: EdgeError | None = None  # why the newest state is not there
    _newest: S | None = None
    _version: int = 0
    _delivered: int = 0
    _last: float = float("-inf")
    _worker: asyncio.Task[None] | None = None

    def show(self, state: S) -> None:
        """This is what the message shall be now; returns at once."""
        if self.failure is not None and not self.sent:
            return
        self._newest, self._version = state, self._version + 1
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())

    async def settle(self) -> None:
        """Wait until the newest state is delivered. Raises the EdgeError that kept it from that."""
        while self._worker is not None and not self._worker.done():
            # a cancelled caller does not take the last edit with it
            await asyncio.shield(self._worker)
        if self.failure is not None:
            raise self.failure

    def stop(self) -> None:
        """Deliver nothing more."""
        if self._worker is not None:
            self._worker.cancel()

    async def _work(self) -> None:
        while self._delivered != self._version:
            pause = self._last + self.interval - self.time.now()
            if pause > 0:
                await self.time.sleep(pause)
            version, state = self._version, self._newest
            if state is not None:
                await self._deliver(state)
            self._delivered, self._last = version, self.time.now()
            if self.failure is not None and not self.sent:
                return

    async def _deliver(self, state: S) -> None:
        try:
            if self.sent:
                await self.port.edit(state)
            else:
                await self.port.send(state)
        except EdgeError as err:
            self.failure = err
        else:
            self.failure, self.sent = None, True
