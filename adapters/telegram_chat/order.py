"""The order of updates: one after another in a chat, chats beside each other, presses past a running turn.

An update waits in its lane without taking one of the places in which work is done, so that someone
who writes without a pause holds up nobody else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any, Final
from weakref import WeakValueDictionary

from telegram import Update
from telegram.ext import BaseUpdateProcessor

AT_ONCE: Final = 256  # updates that are worked on, turns under way included
WAITING: Final = 10_000  # updates held in all
STOPPED: Final = "stopped_message_generation"  # of Bot API 10.3, which the library does not know yet

_gate: ContextVar[Callable[[], None] | None] = ContextVar("gate", default=None)


def let_pass() -> None:
    """Let the next update of the lane begin, though the present one goes on.

    A message that comes before the first visible text joins the turn under way, so a lane is held
    until a turn is open, not until it ends. Nothing happens outside of an update, or again.
    """
    gate = _gate.get()
    if gate is not None:
        gate()


def lane_of(update: object) -> tuple[str, int] | None:
    """What an update has to wait for: its chat; of a press, the one who pressed; None: nothing.

    A press does not wait for its chat: it may stop the very turn that is under way there.
    """
    if not isinstance(update, Update) or STOPPED in (update.api_kwargs or {}):
        return None
    if update.callback_query is not None:
        return "press", update.callback_query.from_user.id
    chat = update.effective_chat
    return None if chat is None else ("chat", chat.id)


class Order(BaseUpdateProcessor):
    """Gives every update its turn.

    Args:
        at_once: How many messages are worked on at the same time; presses do not count.
    """

    def __init__(self, at_once: int = AT_ONCE) -> None:
        super().__init__(WAITING)
        self._places = asyncio.Semaphore(at_once)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._lanes: WeakValueDictionary[tuple[str, int], asyncio.Lock] = WeakValueDictionary()

    async def initialize(self) -> None:
        """Nothing is needed."""

    async def shutdown(self) -> None:
        """Nothing is held."""

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Await the coroutine when it is its turn."""
        lane, task = lane_of(update), asyncio.current_task()
        mine = {task} if task is not None else set()
        self._tasks |= mine
        try:
            if lane is None:
                await coroutine
            else:
                await self._in(lane, coroutine)
        finally:
            self._tasks -= mine
            if asyncio.iscoroutine(coroutine):
                coroutine.close()  # cancelled while it waited, else it has ended

    async def cut_off(self) -> None:
        """End everything that waits or is worked on."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _in(self, lane: tuple[str, int], coroutine: Awaitable[Any]) -> None:
        lock = self._lanes.setdefault(lane, asyncio.Lock())
        await lock.acquire()
        gate = _Gate(lock)
        _gate.set(gate)  # of this update's own task
        try:
            if lane[0] == "press":
                await coroutine
            else:
                async with self._places:
                    await coroutine
        finally:
            gate()


class _Gate:
    """Opens a lane, once."""

    def __init__(self, lock: asyncio.Lock) -> None:
        self._lock: asyncio.Lock | None = lock

    def __call__(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.release()
