"""How fast she writes, on a clock of the test; and how events are spaced."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from adapters.telegram_chat.flow import by_sentence, with_face
from adapters.telegram_chat.pacing import GROUP_CALLS, Pace
from core.people import NEUTRAL, Event, Expression, FaceReady, MemoryDone, Notice, ReplyDone, ReplyPart

FACE = FaceReady(Expression("보통", "보통", "없음", 1.0, NEUTRAL), b"x")
DONE = ReplyDone("하나. 둘.", "ko", "generated")


@dataclass
class Hand:
    """A clock that waiting moves."""

    at: float = 0.0
    waited: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.at += seconds


@given(st.lists(st.tuples(st.integers(1, 3), st.floats(0, 3)), max_size=40))
def test_a_second_between_messages_of_a_private_chat(steps: list[tuple[int, float]]) -> None:
    hand = Hand()
    pace = Pace(time=hand)
    shown: dict[int, float] = {}

    async def run() -> None:
        for chat, pause in steps:
            hand.at += pause
            await pace.turn(chat)
            assert hand.at - shown.get(chat, -1.0) >= 1.0 - 1e-6
            shown[chat] = hand.at

    asyncio.run(run())


async def test_a_group_is_scarce_while_its_minute_is_used_up() -> None:
    hand = Hand()
    pace = Pace(time=hand)
    for _ in range(GROUP_CALLS // 2):
        await pace.turn(-5)
    assert not pace.scarce(-5) and not hand.waited
    await pace.turn(-5)
    assert pace.scarce(-5) and not pace.scarce(-6) and not pace.scarce(5)
    hand.at += 61
    assert not pace.scarce(-5)


async def said(*events: Event | float) -> AsyncIterator[Event]:
    """Events, with pauses between them."""
    for event in events:
        if isinstance(event, float):
            await asyncio.sleep(event)
        else:
            yield event


async def test_the_last_sentence_is_not_shown_apart() -> None:
    ticks: list[int] = []

    async def tick() -> None:
        while True:
            ticks.append(1)
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    counts = []
    async for _ in by_sentence(said(ReplyPart("하나."), ReplyPart("둘."), DONE, FACE)):
        counts.append(len(ticks))
    ticking.cancel()
    shown_after_first, shown_after_last = counts[1] - counts[0], counts[2] - counts[1]
    assert shown_after_first == 2 and shown_after_last == 0


async def test_every_event_comes_through_in_its_order() -> None:
    events: list[Event] = [ReplyPart("하나."), Notice("참"), DONE, MemoryDone(()), FACE]
    assert [one async for one in by_sentence(said(*events))] == events
    assert [one async for one in with_face(said(*events))] == events


async def test_a_late_face_is_not_waited_for() -> None:
    loop = asyncio.get_running_loop()
    start = loop.time()
    times: dict[type[Event], float] = {}
    async for event in with_face(said(DONE, 0.5, FACE), 0.1):
        times[type(event)] = loop.time() - start
    assert 0.05 < times[ReplyDone] < 0.4 <= times[FaceReady]


async def test_a_fixed_line_waits_for_no_face() -> None:
    events = with_face(said(ReplyDone("앗", "ko", "phrase"), 0.5, FACE), 5.0)
    async with asyncio.timeout(0.4):
        assert isinstance(await anext(events), ReplyDone)
    await events.aclose()  # type: ignore[attr-defined]
