"""Staying connected: tries again with growing pauses, and what holds for a platform as a whole."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from adapters.shared.doors import Doors
from core.errors import StoreError

log = logging.getLogger(__name__)

FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 60.0
STOP_S: Final = 10.0  # for messages in flight when she is asked to stop

Say = Callable[[str], None]  # takes plain sentences for whoever runs her


def silent(_: str) -> None:
    """Says nothing."""


@dataclass
class Pauses:
    """The pauses between tries to connect: each twice as long as the one before.

    Args:
        platform: Its name, as people write it.
        stop: Ends a pause.
        say: Is told of each.
        first_s: Seconds of the first.
        spread: Between which factors a pause varies, so that many do not come back at once.
    """

    platform: str
    stop: asyncio.Event
    say: Say
    first_s: float
    spread: tuple[float, float]

    def __post_init__(self) -> None:
        self._next_s = self.first_s

    async def wait(self, err: BaseException, *, was_up: bool, asked_s: float = 0.0) -> None:
        """Pause after a failed or lost connection, at least as long as the platform asked for."""
        pause = self.first_s if was_up else self._next_s
        wait = max(pause, asked_s)
        self.say(f"{self.platform} cannot be reached ({type(err).__name__}); trying again in {wait:.0f} s.")
        log.warning("%s not connected: %s", self.platform, type(err).__name__)
        with suppress(TimeoutError):
            await asyncio.wait_for(self.stop.wait(), wait * random.uniform(*self.spread))
        self._next_s = min(LONGEST_PAUSE_S, 2 * pause)


async def always_answers(doors: Doors, platform: str) -> bool:
    """Whether some group of the platform is answered always: only then words are needed that were not
    meant for her.
    """
    try:
        groups = await doors.groups.having("always_answer")
    except StoreError:
        return False
    return any(group.startswith(f"{platform}:") for group in groups)
