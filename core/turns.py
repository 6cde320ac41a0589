"""The working state of turns: one line for each person and scope, one object for each message."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Final

from core.people import Event, Expression, Incoming, Lang
from core.places import PlaceSettings

UNREAD: Final = 20  # messages from which nothing could be learned, the last of a person in a scope


@dataclass(eq=False)
class WorkingTurn:
    """A message on its way; ``earlier`` holds those of a burst that were not answered yet, by id."""

    incoming: Incoming
    avoid: str = ""  # a reply that is not to be given again
    earlier: dict[str, str] = field(default_factory=dict)
    here: PlaceSettings = field(default_factory=PlaceSettings)
    zone: tzinfo | None = None  # in which the person lives, None: that of the clock
    reply: str = ""
    visible: bool = False
    merged: bool = False
    again: bool = False  # cancelled only to begin anew, without a message that was taken out
    task: asyncio.Task[None] | None = None
    events: asyncio.Queue[Event | None] = field(default_factory=asyncio.Queue)
    timings: dict[str, float] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)
    epoch: int | None = None  # of the person when the oldest message of the burst arrived
    unread: bool = False  # learning from it failed

    def __post_init__(self) -> None:
        self.epoch = self.incoming.epoch

    @property
    def text(self) -> str:
        """The message with those of its burst before it."""
        return "\n".join([*self.earlier.values(), self.incoming.text])

    def answers(self, message_id: str) -> bool:
        """Whether the reply of this turn is the reply to a message."""
        return message_id == self.incoming.id or message_id in self.earlier

    def cancel(self, *, again: bool = False) -> None:
        """End the work; with ``again`` it begins anew."""
        self.again = again
        if self.task is not None:
            self.task.cancel()

    @staticmethod
    def clock() -> float:
        """Monotonic seconds."""
        return time.monotonic()

    def mark(self, step: str) -> None:
        """Note how many milliseconds have passed since the message arrived."""
        self.timings.setdefault(step, round(1000 * (time.perf_counter() - self.started), 1))

    def emit(self, event: Event) -> None:
        """Hand an event to whoever listens."""
        self.events.put_nowait(event)

    def close(self) -> None:
        """No more events will come."""
        self.events.put_nowait(None)


@dataclass(eq=False)
class Line:
    """What is held in memory for one person in one scope while the program runs."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    turns: list[WorkingTurn] = field(default_factory=list)
    side: set[asyncio.Task[list[str]]] = field(default_factory=set)
    last_lang: Lang | None = None
    last_expression: Expression | None = None
    unread: deque[str] = field(default_factory=lambda: deque(maxlen=UNREAD))

    def arrive(self, turn: WorkingTurn) -> None:
        """A new message takes over every earlier one that nothing was shown for yet."""
        unseen = [earlier for earlier in self.turns if not earlier.visible]
        for earlier in unseen:
            self.turns.remove(earlier)
            earlier.merged = True
            earlier.cancel()
            turn.earlier |= earlier.earlier | {earlier.incoming.id: earlier.incoming.text}
            known = [epoch for epoch in (earlier.epoch, turn.epoch) if epoch is not None]
            turn.epoch = min(known, default=None)
        self.turns.append(turn)

    def shown(self, turn: WorkingTurn) -> None:
        """Something of the turn's reply can be read now: it can no longer be merged."""
        turn.visible = True

    def leave(self, turn: WorkingTurn) -> None:
        """The turn is over."""
        if turn in self.turns:
            self.turns.remove(turn)
        if turn.unread:
            self.unread.extend((turn.incoming.id, *turn.earlier))

    async def learned(self, message_id: str, timeout: float) -> bool:
        """Whether all of a message that is to be learned is, after waiting ``timeout`` seconds at most.

        What failed is tried again with the message that is asked for.
        """
        learning = [turn for turn in self.turns if turn.answers(message_id) and turn.incoming.learns]
        if learning:
            await self.side_done(timeout)
        failed = message_id in self.unread or any(turn.unread for turn in learning)
        self.unread = deque((each for each in self.unread if each != message_id), maxlen=UNREAD)
        return not failed and all("memory" in turn.timings for turn in learning)

    async def side_done(self, timeout: float = 2.0) -> None:
        """Wait for memory and summary of earlier turns, ``timeout`` seconds at most."""
        if self.side:
            await asyncio.wait(set(self.side), timeout=timeout)

    def cancel(self) -> None:
        """Stop everything in flight."""
        for turn in self.turns:
            turn.cancel()
        for task in self.side:
            task.cancel()


def take_back(turns: Iterable[WorkingTurn], message_id: str) -> dict[asyncio.Task[None], str]:
    """End the turns that answer a message, but for the other messages of a burst; their tasks and replies."""
    ended = {}
    for turn in turns:
        if turn.answers(message_id) and turn.task is not None:
            ended[turn.task] = turn.reply
            apart = turn.earlier.pop(message_id, None) is not None and not turn.visible
            turn.cancel(again=apart)
    return ended
