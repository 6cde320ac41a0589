"""How the events of a turn are spaced, before a reply shows them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final

from core.people import Event, FaceReady, ReplyDone, ReplyPart

FACE_WAIT_S: Final = 1.5


async def by_sentence(events: AsyncIterator[Event]) -> AsyncIterator[Event]:
    """After each sentence that another one follows, what is there is shown.

    A reply shows the newest state only; of sentences that come at once it would show the last.
    """
    following = _next(events)
    try:
        while (event := await following) is not None:
            following = _next(events)
            if not isinstance(event, ReplyPart):
                yield event
                continue
            await asyncio.sleep(0)  # what has happened already is there now
            last = following.done() and isinstance(following.result(), ReplyDone)
            yield event
            if not last:
                await asyncio.sleep(0)  # the reply begins to show it
    finally:
        await _end(following)


async def with_face(events: AsyncIterator[Event], wait_s: float = FACE_WAIT_S) -> AsyncIterator[Event]:
    """The written reply waits a little for its face, so that both need one call.

    For groups whose minute is nearly used up: there a second call would make the next reply wait far
    longer.
    """
    following = _next(events)
    try:
        while (event := await following) is not None:
            following = _next(events)
            between: list[Event] = []
            if isinstance(event, ReplyDone) and event.origin != "phrase":
                loop = asyncio.get_running_loop()
                deadline = loop.time() + wait_s
                while (await asyncio.wait({following}, timeout=max(0.0, deadline - loop.time())))[0]:
                    one = following.result()
                    if one is None:
                        break
                    between.append(one)
                    following = _next(events)
                    if isinstance(one, FaceReady):
                        break
            yield event
            for one in between:
                yield one
    finally:
        await _end(following)


def _next(events: AsyncIterator[Event]) -> asyncio.Task[Event | None]:
    """The next event, None at the end; awaited apart so that one can look ahead."""

    async def get() -> Event | None:
        return await anext(events, None)

    return asyncio.create_task(get())


async def _end(following: asyncio.Task[Event | None]) -> None:
    if not following.done():
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
