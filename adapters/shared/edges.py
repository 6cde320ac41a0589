"""Platforms' refusals as errors of ours, second tries, and mends that the log names once.

An adapter says which of its library's errors is which of these; all else is the same everywhere.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from core.errors import EdgeError

log = logging.getLogger(__name__)
T = TypeVar("T")

PAUSES_S: Final = (0.5, 1.0, 2.0, 4.0)
LONGEST_S: Final = 60.0  # who is asked to wait longer gives up: the answer would come too late


class RefusedError(EdgeError):
    """A permission is missing, or she was blocked."""


class GoneError(EdgeError):
    """The message, chat or interaction is no longer there."""


class TooLargeError(EdgeError):
    """The file is larger than the place allows."""


class UnsureError(EdgeError):
    """May pass: the network or the platform itself failed, and what was sent may have arrived."""


class BusyError(UnsureError):
    """May pass, and nothing was done: too many requests, out of service, never connected."""


async def retried(
    call: Callable[[], Awaitable[T]],
    errors: tuple[type[BaseException], ...],
    translated: Callable[[BaseException], EdgeError],
    asked: Callable[[BaseException], float],
    *,
    passing: type[UnsureError] = UnsureError,
    pauses: tuple[float, ...] = PAUSES_S,
) -> T:
    """The result of ``call``, which is repeated while the platform or the network fails.

    Args:
        call: What to do. It must be harmless to repeat, else ``passing`` is :class:`BusyError`.
        errors: What the library raises; anything else goes through untouched.
        translated: The error of ours for one of these.
        asked: The seconds that the platform asks to wait with it, 0 where it does not say.
        passing: The kind of error after which it is tried again.
        pauses: Seconds before the second, third … try; longer where the platform asks for it.

    Raises:
        EdgeError: The last try failed, or one that no wait mends.
    """
    for pause in (*pauses, None):
        try:
            return await call()
        except errors as err:
            found, wanted = translated(err), asked(err)
            if pause is None or not isinstance(found, passing) or wanted > LONGEST_S:
                raise found from err
            wait = max(pause, wanted)
            log.info("the platform failed (%s), once more in %.1f s", found, wait)
        await asyncio.sleep(wait)
    raise AssertionError("the last try returns or raises")


@dataclass
class Mends:
    """Says in the log what a person has to change, once for each place."""

    _told: set[tuple[str, int | str]] = field(default_factory=set)

    def once(self, what: str, where: int | str, mend: str) -> None:
        """``what`` names the fault, ``mend`` what helps; ``where`` is a channel's or chat's id."""
        if (what, where) not in self._told:
            self._told.add((what, where))
            log.warning("%s in channel %s: %s", what, where, mend)
