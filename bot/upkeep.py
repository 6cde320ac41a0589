"""What the running bot does in the background: complete erasures, and once a day heed the limits."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from bot.app import App
from core.errors import StoreError, logged
from core.merging import forget_words

log = logging.getLogger(__name__)

EVERY_S: Final = 60.0
DAY: Final = timedelta(days=1)
STATE: Final = "retained"  # when the limits were last heeded, so that a restart neither skips nor repeats it


@asynccontextmanager
async def looked_after(opening: AbstractAsyncContextManager[App]) -> AsyncIterator[App]:
    """The app, and while it is open, what it keeps is looked after."""
    async with opening as app:
        task = asyncio.create_task(_for_ever(app))
        try:
            yield app
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def tend(app: App) -> None:
    """Once: complete what is open, and heed the limits when that is due. Raises StoreError."""
    forget_words()  # of what another process erased
    completed = await app.keeper.complete()
    if completed:
        log.info("erasures completed: %s", completed)
    limits, now = app.settings.limits, app.clock.now()
    if not limits or not _due(await app.state.get(STATE), now):
        return
    found = await app.keeper.overdue(limits, now)
    await forget_faces(app.settings.var_dir, found.people)
    done = await app.keeper.retain(limits, now)
    for person in done.people:
        app.conversation.drop(person)
    await app.state.put(STATE, now.isoformat())
    log.info("retention: %s turns, %s memories, %s people", done.turns, done.memories, len(done.people))


async def forget_faces(var_dir: Path, people: Iterable[str]) -> None:
    """Remove the pictures that the terminal wrote for people."""
    from adapters.console.faces import FaceFolder

    for person in people:
        if person.startswith("console:"):
            await asyncio.to_thread(FaceFolder(var_dir / "faces", person).forget)


def _due(last: str | None, now: datetime) -> bool:
    try:
        return last is None or now - datetime.fromisoformat(last) >= DAY
    except ValueError:
        return True


async def _for_ever(app: App) -> None:
    while True:
        try:
            await tend(app)
        except StoreError as err:
            log.warning("not looked after: %s", logged(err))
        await asyncio.sleep(EVERY_S)
