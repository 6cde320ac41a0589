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
LONGEST_S: Final = 60.0  # who is asked to wait longer gives up: the answer would come too late
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


class BusyError(UnsureError):
    """May pass, and nothing was done: too many requests, out of service, never connected."""


def translated(err: Exception) -> EdgeError:
    """The error of ours for one of discord.py or its connection."""
    if isinstance(err, (aiohttp.ClientConnectorError, discord.RateLimited)):
        return BusyError(type(err).__name__)
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
    if err.status in (429, 503):
        return BusyError(told)
    if err.status >= 500:
        return UnsureError(told)
    return EdgeError(told)


async def trying(
    call: Callable[[], Awaitable[T]],
    pauses: tuple[float, ...] = PAUSES_S,
    passing: type[UnsureError] = UnsureError,
) -> T:
    """The result of ``call``, which is repeated while Discord or the network fails.

    What is called must be harmless to repeat (an edit, a send with a nonce), else ``passing`` is
    :class:`BusyError`. A pause that Discord asks for is kept. Raises EdgeError.
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
            found, asked = translated(err), _asked(err)
            if pause is None or not isinstance(found, passing) or asked > LONGEST_S:
                raise found from err
            wait = max(pause, asked)
            log.info("Discord failed (%s), once more in %.1f s", found, wait)
        await asyncio.sleep(wait)
    raise AssertionError("the last try returns or raises")


def _asked(err: Exception) -> float:
    """The seconds that Discord asks to wait, 0 where it does not say."""
    if isinstance(err, discord.RateLimited):
        return err.retry_after
    headers = getattr(getattr(err, "response", None), "headers", {})
    try:
        return float(headers.get("Retry-After", 0))
    except ValueError:  # a date, which is not for a chat
        return 0.0


@dataclass
class Mends:
    """Says in the log what a person has to change, once for each place."""

    _told: set[tuple[str, int]] = field(default_factory=set)

    def once(self, what: str, where: int, mend: str) -> None:
        """``what`` names the fault, ``mend`` what helps; ``where`` is a channel's id."""
        if (what, where) not in self._told:
            self._told.add((what, where))
            log.warning("%s in channel %s: %s", what, where, mend)
