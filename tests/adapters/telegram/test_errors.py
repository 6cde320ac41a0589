"""Which error of the library is which of ours, and how long Telegram asks to wait."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from adapters.shared.edges import BusyError, GoneError, RefusedError, TooLargeError, UnsureError
from adapters.telegram_chat.errors import (
    KindError,
    MovedError,
    SameError,
    ShutError,
    UnknownMethodError,
    UnparsableError,
    WrongFileError,
    asked,
    translated,
    trying,
)
from core.errors import EdgeError


def chained(err: TelegramError, cause: Exception) -> TelegramError:
    err.__cause__ = cause
    return err


@pytest.mark.parametrize(
    ("err", "kind"),
    [
        (RetryAfter(3), BusyError),
        (ChatMigrated(-100), MovedError),
        (Forbidden("Forbidden: bot was blocked by the user"), ShutError),
        (InvalidToken("Not Found"), UnknownMethodError),
        (BadRequest("Bad Request: message is not modified: specified new"), SameError),
        (BadRequest("Bad Request: can't parse entities: unexpected end"), UnparsableError),
        (BadRequest("Bad Request: message to edit not found"), GoneError),
        (BadRequest("Bad Request: not enough rights to send photos to the chat"), RefusedError),
        (BadRequest("Bad Request: CHAT_SEND_PHOTOS_FORBIDDEN"), RefusedError),
        (BadRequest("Bad Request: there is no text in the message to edit"), KindError),
        (BadRequest("Bad Request: wrong file identifier/HTTP URL specified"), WrongFileError),
        (BadRequest("Bad Request: file is too big"), TooLargeError),
        (NetworkError("Request Entity Too Large (413)"), TooLargeError),
        (NetworkError("Service Unavailable (503)"), BusyError),
        (NetworkError("Bad Gateway (502)"), UnsureError),
        (TimedOut(), UnsureError),
        (chained(TimedOut(), httpx.ReadTimeout("")), UnsureError),
        (chained(TimedOut(), httpx.PoolTimeout("")), BusyError),
        (chained(TimedOut(), httpx.ConnectTimeout("")), BusyError),
        (chained(NetworkError("x"), httpx.ConnectError("")), BusyError),
        (chained(NetworkError("x"), httpx.RemoteProtocolError("")), UnsureError),
        (TelegramError("Invalid server response"), EdgeError),
    ],
)
def test_each_error_has_its_kind(err: TelegramError, kind: type[EdgeError]) -> None:
    assert type(translated(err)) is kind


def test_what_telegram_asks_for_is_a_number_or_a_span(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(RetryAfter(3)) == 3.0
    assert asked(TimedOut()) == 0.0
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    assert asked(RetryAfter(timedelta(seconds=4))) == 4.0


async def test_what_surely_was_not_sent_is_sent_again() -> None:
    tries: list[int] = []

    async def call() -> int:
        tries.append(1)
        if len(tries) < 3:
            raise chained(NetworkError("x"), httpx.ConnectError(""))
        return 7

    assert await trying(call, (0.0, 0.0), BusyError) == 7
    with pytest.raises(UnsureError):
        await trying(_lost, (0.0, 0.0), BusyError)


async def _lost() -> int:
    raise TimedOut
