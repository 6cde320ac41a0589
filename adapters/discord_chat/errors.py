"""Discord's refusals as errors of ours, second tries, and mends that the log names once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

import aiohttp
import discord

from core.errors import EdgeError

log = logging.getLogger(__name__)
T = TypeVar("T")

# Beyond discord.py's own tries, which leave out 503, broken connections and 429 without a Via header.
PAUSES_S: Final = (0.5, 1.0, 2.0, 4.0)
_NO_HISTORY: Final = 160002
_TOKEN_EXPIRED: Final = 50027
_TOO_LARGE: Final = 40005


class RefusedError(EdgeError):
    """A permission is missing."""


class NoHistoryError(RefusedError):
    """A reply needs the right to read the channel's history."""


class GoneError(EdgeError):
    """The message, channel or interaction is no longer there."""


class TooLargeError(EdgeError):
    """The file is larger than the place allows."""


class UnsureError(EdgeError):
    """May pass: the network or Discord itself failed."""


def translated(err: Exception) -> EdgeError:
    """The error of ours for one of discord.py or its connection."""
    if not isinstance(err, discord.HTTPException):
        return UnsureError(type(err).__name__)
    told = f"{err.status} {err.code}"
    if err.code == _NO_HISTORY:
        return NoHistoryError(told)
    if err.status == 413 or err.code == _TOO_LARGE:
        return TooLargeError(told)
    if err.status == 404 or err.code == _TOKEN_EXPIRED:
        return GoneError(told)
    if err.status == 403:
        return RefusedError(told)
    if err.status == 429 or err.status >= 500:
        return UnsureError(told)
    return EdgeError(told)


async def trying(call: Callable[[], Awaitable[T]], pauses: tuple[float, ...] = PAUSES_S) -> T:
    """The result of ``call``, which is repeated while Discord or the network fails.

    What is called must be harmless to repeat (an edit, a send with a nonce). Raises EdgeError.
    """
    for pause in (*pauses, None):
        try:
            return await call()
        except (
            discord.HTTPException,
            discord.RateLimited,
            aiohttp.ClientError,
            OSError,
            TimeoutError,
        ) as err:
            found = translated(err)
            if pause is None or not isinstance(found, UnsureError):
                raise found from err
            log.info("Discord failed (%s), once more in %.1f s", found, pause)
        await asyncio.sleep(pause)
    raise AssertionError("the last try returns or raises")


@dataclass
class Mends:
    """Says in the log what a person has to change, once for each place."""

    _told: set[tuple[str, int]] = field(default_factory=set)

    def once(self, what: str, where: int, mend: str) -> None:
        """``what`` names the fault, ``mend`` what helps; ``where`` is a channel's id."""
        if (what, where) not in self._told:
            self._told.add((what, where))
            log.warning("%s in channel %s: %s", what, where, mend)
