"""Discord's refusals as errors of ours, and second tries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import aiohttp
import discord

from adapters.shared.edges import (
    PAUSES_S,
    BusyError,
    GoneError,
    RefusedError,
    TooLargeError,
    UnsureError,
    retried,
)
from core.errors import EdgeError

T = TypeVar("T")

PASSING: Final = (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError, TimeoutError)
_NO_HISTORY: Final = 160002
_TOKEN_EXPIRED: Final = 50027
_TOO_LARGE: Final = 40005


class NoHistoryError(RefusedError):
    """A reply needs the right to read the channel's history."""


def translated(err: BaseException) -> EdgeError:
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

    Beyond discord.py's own tries, which leave out 503, broken connections and 429 without a Via
    header. What is called must be harmless to repeat (an edit, a send with a nonce), else
    ``passing`` is :class:`BusyError`. A pause that Discord asks for is kept. Raises EdgeError.
    """
    return await retried(call, PASSING, translated, _asked, passing=passing, pauses=pauses)


def _asked(err: BaseException) -> float:
    """The seconds that Discord asks to wait, 0 where it does not say."""
    if isinstance(err, discord.RateLimited):
        return err.retry_after
    headers = getattr(getattr(err, "response", None), "headers", {})
    try:
        return float(headers.get("Retry-After", 0))
    except ValueError:  # a date, which is not for a chat
        return 0.0
