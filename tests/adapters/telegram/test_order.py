"""The order of updates: lanes, the one that is held until a turn is open, presses, and how many at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Update

from adapters.telegram_chat.order import STOPPED, Order, lane_of, let_pass
from tests.patience import PATIENCE_S

USER = {"id": 5, "is_bot": False, "first_name": "mina"}


def chat(number: int) -> dict[str, Any]:
    return {"id": number, "type": "private", "first_name": "mina"}


def written(chat_id: int, key: str = "message") -> Update:
    message = {"message_id": 1, "date": 1, "chat": chat(chat_id), "from": USER, "text": "hi"}
    return Update.de_json({"update_id": 1, key: message}, None)


def pressed(user: int = 5, chat_id: int = 5) -> Update:
    message = {"message_id": 1, "date": 1, "chat": chat(chat_id), "text": "hi"}
    query = {"id": "1", "from": USER | {"id": user}, "chat_instance": "1", "data": "x", "message": message}
    return Update.de_json({"update_id": 1, "callback_query": query}, None)


def stopped(chat_id: int = 5) -> Update:
    return Update.de_json({"update_id": 1, STOPPED: {"chat": chat(chat_id), "draft_id": 7}}, None)


class Bench:
    """Updates on their way through an order; what began and ended, in one row."""

    def __init__(self, order: Order) -> None:
        self.order, self.events = order, list[str]()
        self.tasks: list[asyncio.Task[None]] = []
        self.gates: dict[str, asyncio.Event] = {}

    def give(self, name: str, update: object, *, passes: bool = False) -> asyncio.Event:
        """Hand in an update, as the library does; set the result to let its work end."""
        gate = self.gates[name] = asyncio.Event()

        async def work() -> None:
            self.events.append(f"+{name}")
            if passes:
                let_pass()
            await gate.wait()
            self.events.append(f"-{name}")

        self.tasks.append(asyncio.create_task(self.order.process_update(update, work())))
        return gate

    async def end(self) -> None:
        for gate in self.gates.values():
            gate.set()
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*self.tasks)


async def settled() -> None:
    """Let everything run that can."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("update", "lane"),
    [
        (written(5), ("chat", 5)), (written(5, "edited_message"), ("chat", 5)),
        (pressed(6), ("press", 6)), (stopped(), None), (object(), None),
        (Update(1), None),
    ],
)  # fmt: skip
def test_what_waits_for_what(update: object, lane: tuple[str, int] | None) -> None:
    assert lane_of(update) == lane


async def test_a_chat_is_one_row_and_others_do_not_wait() -> None:
    bench = Bench(Order())
    first = bench.give("a1", written(1))
    bench.give("a2", written(1))
    bench.give("b1", written(2))
    await settled()
    assert bench.events == ["+a1", "+b1"]
    first.set()
    await settled()
    assert bench.events == ["+a1", "+b1", "-a1", "+a2"]
    await bench.end()


async def test_a_turn_that_is_open_lets_the_next_message_begin() -> None:
    bench = Bench(Order())
    for name in ("one", "two", "three"):
        bench.give(name, written(1), passes=True)
    await settled()
    assert bench.events == ["+one", "+two", "+three"]
    await bench.end()


async def test_a_press_passes_the_turn_that_it_may_stop() -> None:
    bench = Bench(Order(at_once=1))
    bench.give("turn", written(5))
    bench.give("stop", pressed(5))
    bench.give("again", pressed(5))
    bench.give("draft", stopped())
    await settled()
    assert bench.events == ["+turn", "+stop", "+draft"], "two presses of one person are one row"
    bench.gates["stop"].set()
    await settled()
    assert bench.events[-2:] == ["-stop", "+again"]
    await bench.end()


async def test_who_writes_without_a_pause_takes_one_place_only() -> None:
    bench = Bench(Order(at_once=2))
    for number in range(10):
        bench.give(f"flood{number}", written(1))
    bench.give("other", written(2))
    await settled()
    assert bench.events == ["+flood0", "+other"]
    await bench.end()


async def test_a_failure_opens_the_lane() -> None:
    order = Order()

    async def fails() -> None:
        raise ValueError

    with pytest.raises(ValueError):
        await order.process_update(written(1), fails())
    bench = Bench(order)
    bench.give("next", written(1))
    await bench.end()
    assert bench.events == ["+next", "-next"]


async def test_who_is_cancelled_while_waiting_leaves_nothing_behind() -> None:
    bench = Bench(Order())
    bench.give("first", written(1))
    bench.give("second", written(1))
    bench.give("third", written(1))
    await settled()
    waiting = bench.tasks.pop(1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await bench.end()
    assert bench.events == ["+first", "-first", "+third", "-third"]


def test_outside_of_an_update_nothing_is_let_pass() -> None:
    let_pass()


Step = tuple[int, bool, int]


@given(
    st.lists(st.tuples(st.integers(1, 3), st.booleans(), st.integers(0, 3)), max_size=25), st.integers(1, 4)
)
def test_any_updates(steps: list[Step], at_once: int) -> None:
    """Begun in the order of their coming in each chat; closed turns never overlap; never too many."""
    begun: dict[int, list[int]] = {}
    closed: dict[int, int] = {}
    working, most, overlaps = 0, 0, 0

    def work(number: int, step: Step) -> Callable[[], Awaitable[None]]:
        chat_id, passes, pauses = step

        async def do() -> None:
            nonlocal working, most, overlaps
            begun.setdefault(chat_id, []).append(number)
            overlaps += closed.get(chat_id, 0)
            working, closed[chat_id] = working + 1, closed.get(chat_id, 0) + 1
            most = max(most, working)
            if passes:
                closed[chat_id] -= 1
                let_pass()
            for _ in range(pauses):
                await asyncio.sleep(0)
            closed[chat_id] -= not passes
            working -= 1

        return do

    async def run() -> None:
        order = Order(at_once)
        async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as group:
            for number, step in enumerate(steps):
                group.create_task(order.process_update(written(step[0]), work(number, step)()))
                if number % 3 == 0:
                    await asyncio.sleep(0)

    asyncio.run(run())
    assert overlaps == 0 and most <= at_once
    assert all(numbers == sorted(numbers) for numbers in begun.values())
    assert sum(map(len, begun.values())) == len(steps)
