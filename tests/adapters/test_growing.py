"""A message that grows: newest only, one call in flight, apart, the last one always."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.shared.growing import Growing, LoopTime
from core.errors import EdgeError

EVERY = 1.2


class SimulatedTime:
    """Time that passes only while everybody waits for it."""

    def __init__(self) -> None:
        self.at = 0.0
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (self.at + seconds, next(self._order), waiter))
        await waiter

    async def run(self) -> None:
        """Let time pass until nobody waits any more."""
        for _ in range(10_000):
            for _ in range(8):
                await asyncio.sleep(0)
            if not self._waiting:
                return
            self.at, _, waiter = heapq.heappop(self._waiting)
            if not waiter.done():
                waiter.set_result(None)
        raise AssertionError("endless")


@dataclass
class Platform:
    """A port that takes its time and fails when it is told to."""

    time: SimulatedTime
    takes: list[float] = field(default_factory=list)
    fails: set[int] = field(default_factory=set)
    calls: list[tuple[str, str, float, float]] = field(default_factory=list)
    in_flight: int = 0

    async def send(self, state: str) -> None:
        await self._call("send", state)

    async def edit(self, state: str) -> None:
        await self._call("edit", state)

    async def _call(self, kind: str, state: str) -> None:
        number, begun = len(self.calls), self.time.now()
        self.calls.append((kind, state, begun, begun))
        self.in_flight += 1
        assert self.in_flight == 1
        await self.time.sleep(self.takes[number] if number < len(self.takes) else 0.01)
        self.in_flight -= 1
        self.calls[number] = (kind, state, begun, self.time.now())
        if number in self.fails:
            raise EdgeError("refused")


async def play(pauses: list[float], takes: list[float], fails: set[int]) -> tuple[Platform, list[str], bool]:
    """Show a state after each pause; what the platform saw, and whether the end failed."""
    time = SimulatedTime()
    platform = Platform(time, takes, fails)
    growing = Growing[str](platform, EVERY, time)
    states = [f"state {number}" for number in range(len(pauses))]

    async def writer() -> bool:
        for pause, state in zip(pauses, states, strict=True):
            await time.sleep(pause)
            growing.show(state)
        try:
            await growing.settle()
        except EdgeError:
            return True
        return False

    writing = asyncio.create_task(writer())
    await time.run()
    return platform, states, await writing


SECONDS = st.floats(0, 5, allow_nan=False)


@given(
    pauses=st.lists(SECONDS, min_size=1, max_size=12),
    takes=st.lists(SECONDS, max_size=12),
    fails=st.sets(st.integers(1, 12), max_size=4),
)
def test_any_schedule(pauses: list[float], takes: list[float], fails: set[int]) -> None:
    platform, states, failed = asyncio.run(play(pauses, takes, fails))
    kinds = [kind for kind, *_ in platform.calls]
    assert kinds[0] == "send" and set(kinds[1:]) <= {"edit"}
    shown = [states.index(state) for _, state, *_ in platform.calls]
    assert shown == sorted(set(shown))  # always newer, never twice
    assert shown[-1] == len(states) - 1  # the last one was tried
    assert failed == (len(platform.calls) - 1 in fails)
    for (_, _, _, ended), (_, _, begun, _) in itertools.pairwise(platform.calls):
        assert begun - ended >= EVERY - 1e-6


async def test_what_comes_while_a_call_is_in_flight_is_coalesced() -> None:
    platform, _, _ = await play([0, 0.1, 0.1, 0.1], [1.0], set())
    assert [state for _, state, *_ in platform.calls] == ["state 0", "state 3"]


async def test_a_failed_send_ends_it() -> None:
    platform, _, failed = await play([0, 2, 2], [0.1], {0})
    assert [kind for kind, *_ in platform.calls] == ["send"]
    assert failed


async def test_after_a_failed_edit_it_goes_on() -> None:
    platform, _, failed = await play([0, 2, 2], [], {1})
    assert [kind for kind, *_ in platform.calls] == ["send", "edit", "edit"]
    assert not failed


async def test_a_message_that_stands_is_edited() -> None:
    time = SimulatedTime()
    platform = Platform(time)
    growing = Growing[str](platform, EVERY, time, sent=True)
    growing.show("new words")
    await time.run()
    await growing.settle()
    assert [(kind, state) for kind, state, *_ in platform.calls] == [("edit", "new words")]


async def test_a_cancelled_waiter_leaves_the_last_edit_alone() -> None:
    time = SimulatedTime()
    platform = Platform(time, takes=[1.0])
    growing = Growing[str](platform, EVERY, time)
    growing.show("one")
    await asyncio.sleep(0)
    growing.show("two")
    waiter = asyncio.create_task(growing.settle())
    await asyncio.sleep(0)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    await time.run()
    assert [state for _, state, *_ in platform.calls] == ["one", "two"]


async def test_nothing_shown_is_nothing_to_wait_for() -> None:
    await Growing[str](Platform(SimulatedTime()), EVERY).settle()
    time = LoopTime()
    before = time.now()
    await time.sleep(0)
    assert time.now() >= before
