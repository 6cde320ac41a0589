"""Telegram's refusals as errors of ours, and second tries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeVar

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


class ShutError(RefusedError):
    """Nothing can be written to this chat: she was blocked or thrown out, or the account is gone."""


class MovedError(EdgeError):
    """The group is a supergroup now, under another id."""

    def __init__(self, chat_id: int) -> None:
        super().__init__("moved")
        self.chat_id = chat_id


class SameError(EdgeError):
    """The edit changes nothing."""


class UnparsableError(EdgeError):
    """Telegram does not take the HTML."""


class SparedError(TelegramError):
    """Too many requests, said of one that holds up no others; the cause tells how long to wait."""


class KindError(EdgeError):
    """The message is of another kind: a picture where a text was meant, or the other way round."""


class WrongFileError(EdgeError):
    """The id of a file is not valid (any more)."""


class UnknownMethodError(EdgeError):
    """This Bot API server does not have the method (or does not know the token)."""


# What the descriptions of 400 contain; bots have nothing else to tell them apart by.
_BAD: Final[tuple[tuple[type[EdgeError], tuple[str, ...]], ...]] = (
    (SameError, ("message is not modified",)),
    (UnparsableError, ("can't parse entities", "can't parse message text", "can't parse caption")),
    (KindError, ("there is no text in the message", "there is no caption in the message")),
    (WrongFileError, ("wrong file identifier", "wrong remote file", "wrong file_id", "file reference")),
    (TooLargeError, ("too big", "too large", "caption is too long")),
    (RefusedError, ("not enough rights", "no rights", "_forbidden", "administrator rights", "restricted")),
    (
        GoneError,
        (
            "not found", "can't be edited", "can't be deleted", "message_id_invalid", "topic_closed",
            "topic_deleted", "query is too old", "query_id_invalid",
        ),
    ),
)  # fmt: skip
# Where the connection broke off before anything was sent (httpx's names, which the library chains).
_NEVER_SENT: Final = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError"})
_OUT_OF_SERVICE: Final = ("service unavailable", "too many requests")


def translated(err: BaseException) -> EdgeError:
    """The error of ours for one of python-telegram-bot."""
    name, told = type(err).__name__, str(err).lower()
    if isinstance(err, ChatMigrated):
        return MovedError(err.new_chat_id)
    if isinstance(err, (RetryAfter, SparedError)):
        return BusyError(name)
    if isinstance(err, Forbidden):
        return ShutError(name)
    if isinstance(err, InvalidToken):
        return UnknownMethodError(name)
    if isinstance(err, BadRequest):  # a NetworkError for the library
        return next((kind(name) for kind, words in _BAD if any(w in told for w in words)), EdgeError(told))
    if isinstance(err, (TimedOut, NetworkError)):
        never = type(err.__cause__).__name__ in _NEVER_SENT or any(w in told for w in _OUT_OF_SERVICE)
        if "too large" in told:
            return TooLargeError(name)
        return BusyError(name) if never else UnsureError(name)
    return EdgeError(name)


def asked(err: BaseException) -> float:
    """The seconds that Telegram asks to wait, 0 where it does not say."""
    if isinstance(err, SparedError) and err.__cause__ is not None:
        return asked(err.__cause__)
    if not isinstance(err, RetryAfter):
        return 0.0
    wait: int | timedelta = err.retry_after  # depends on PTB_TIMEDELTA
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


async def trying(
    call: Callable[[], Awaitable[T]],
    pauses: tuple[float, ...] = PAUSES_S,
    passing: type[UnsureError] = UnsureError,
) -> T:
    """The result of ``call``, which is repeated while Telegram or the network fails.

    What is called must be harmless to repeat (an edit), else ``passing`` is :class:`BusyError`. A
    pause that Telegram asks for is kept. Raises EdgeError.
    """
    return await retried(call, (TelegramError,), translated, asked, passing=passing, pauses=pauses)
