"""What time erases: groups that removed her, deliveries too old for their buttons, codes that are over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from adapters.shared.doors import Doors
from core.errors import StoreError, logged

log = logging.getLogger(__name__)

TIDY_EVERY_S: Final = 3600.0
DELIVERIES_KEPT: Final = timedelta(days=90)  # after that the buttons no longer know their reply

Mine = Callable[[str], bool]  # whether a group is of this platform and process
Inside = Callable[[str], Awaitable[bool]]  # whether she is in it


async def find_removals(doors: Doors, mine: Mine, inside: Inside, pause_s: float = 0.0) -> None:
    """Groups that removed her while she was away: the grace begins; ``pause_s`` stands between questions."""
    try:
        for group in filter(mine, await doors.groups.known()):
            if not await inside(group):
                await doors.groups.left(group, doors.clock.now())
            await asyncio.sleep(pause_s)
    except StoreError as err:
        log.warning("removals not looked for: %s", logged(err))


async def tidy(doors: Doors, mine: Mine, inside: Inside) -> None:
    """Erase groups whose grace is over, deliveries too old for their buttons, and codes that are over."""
    now, groups = doors.clock.now(), doors.groups
    try:
        for group in filter(mine, await groups.expired(now)):
            if await inside(group):
                await groups.returned(group)  # invited while she was away
            else:
                log.info("erased %s: %s", group, await groups.erase(group))
        await doors.deliveries.prune(now - DELIVERIES_KEPT)
        await doors.linking.links.tidy(now)
    except StoreError as err:
        log.warning("not tidied: %s", logged(err))
