"""Discord's refusals in our words, second tries, and places that are not what they seem."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest

from adapters.discord_chat.errors import NoHistoryError, _asked, translated, trying
from adapters.discord_chat.translate import place_of
from adapters.shared.edges import BusyError, GoneError, Mends, RefusedError, TooLargeError, UnsureError
from core.errors import EdgeError
from core.people import DIRECT, Place, PlaceKind


def refusal(status: int, code: int) -> discord.HTTPException:
    """An error as discord.py makes it."""
    response: Any = SimpleNamespace(status=status, reason="")
    return discord.HTTPException(response, {"code": code, "message": "no"})


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (403, 50013, RefusedError), (403, 50001, RefusedError), (400, 160002, NoHistoryError),
        (404, 10008, GoneError), (404, 10062, GoneError), (401, 50027, GoneError),
        (413, 40005, TooLargeError), (400, 40005, TooLargeError), (429, 0, BusyError),
        (500, 0, UnsureError), (503, 0, BusyError), (400, 50035, EdgeError), (401, 0, EdgeError),
    ],
)  # fmt: skip
def test_kinds(status: int, code: int, kind: type[EdgeError]) -> None:
    assert type(translated(refusal(status, code))) is kind


@pytest.mark.parametrize(
    ("errors", "kind", "calls"),
    [
        ([refusal(503, 0), aiohttp.ServerDisconnectedError()], None, 3),
        ([refusal(403, 50013)], RefusedError, 1),
        ([TimeoutError(), OSError(), refusal(500, 0)], UnsureError, 3),
    ],
)
async def test_second_tries(errors: list[Exception], kind: type[EdgeError] | None, calls: int) -> None:
    left, made = list(errors), 0

    async def call() -> str:
        nonlocal made
        made += 1
        if left:
            raise left.pop(0)
        return "done"

    if kind is None:
        assert await trying(call, (0.0, 0.0)) == "done"
    else:
        with pytest.raises(kind):
            await trying(call, (0.0, 0.0))
    assert made == calls


async def test_what_may_have_been_done_is_not_done_again() -> None:
    made: list[str] = []

    async def call() -> None:
        made.append("call")
        raise refusal(503, 0) if len(made) == 1 else aiohttp.ServerDisconnectedError()

    with pytest.raises(UnsureError):
        await trying(call, (0.0, 0.0), BusyError)
    assert len(made) == 2


@pytest.mark.parametrize(
    ("header", "seconds"), [("1.5", 1.5), ("Wed, 21 Oct 2026 07:28:00 GMT", 0.0), (None, 0.0)]
)
async def test_a_pause_that_is_asked_for(header: str | None, seconds: float) -> None:
    asked = refusal(429, 0)
    asked.response.headers = {} if header is None else {"Retry-After": header}
    assert _asked(asked) == seconds
    assert _asked(discord.RateLimited(3.0)) == 3.0


async def test_nobody_waits_for_an_hour() -> None:
    async def call() -> None:
        raise discord.RateLimited(3600.0)

    with pytest.raises(BusyError):
        await trying(call, (0.0,))


def test_a_mend_is_said_once_for_each_place(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    mends = Mends()
    for channel in (1, 1, 2):
        mends.once("may not write", channel, "give it")
    assert [r.getMessage() for r in caplog.records] == [
        "may not write in channel 1: give it", "may not write in channel 2: give it",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("channel", "place"),
    [
        (SimpleNamespace(id=5, guild=None), DIRECT),
        (SimpleNamespace(id=5, guild_id=9), Place(PlaceKind.GROUP, "discord:9", "5")),
        (SimpleNamespace(id=5, guild=SimpleNamespace(id=9, default_role=None)),
         Place(PlaceKind.GROUP, "discord:9", "5")),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_hidden(channel: object, place: Place) -> None:
    assert place_of(channel) == place


def test_no_channel_is_no_place() -> None:
    with pytest.raises(ValueError, match="no channel"):
        place_of(None)
