"""The connection to the Bot API: limits and pools, and a pulse that says whether Telegram answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, TypeAlias

from telegram.error import NetworkError, RetryAfter, TelegramError
from telegram.ext import AIORateLimiter, Application, ApplicationBuilder
from telegram.request import HTTPXRequest

from adapters.shared.connecting import Say
from adapters.telegram_chat.errors import SparedError
from adapters.telegram_chat.order import AT_ONCE, STOPPED, Order

# What she listens to. Presses and memberships belong to her; without a list Telegram keeps the last one.
ALLOWED: Final = ("message", "edited_message", "callback_query", "my_chat_member", STOPPED)
RETRIES: Final = 3  # after "too many requests"; the library's own default is none
CONNECT_S: Final = 5.0
ANSWER_S: Final = 10.0  # for an answer, after what is sent has been sent
POOL_S: Final = 30.0  # for a free connection: nothing was sent yet, so waiting is safe
CONFLICT: Final = "conflict"
PASSING: Final = ("sendMessageDraft", "sendChatAction")  # worth nothing later

App: TypeAlias = Application[Any, Any, Any, Any, Any, Any]


@dataclass(eq=False)
class Pulse:
    """Whether Telegram answers: a plain sentence when that changes, and not again until it does.

    ``refused`` is set for good when the token is not accepted any more.
    """

    say: Say
    refused: asyncio.Event = field(default_factory=asyncio.Event)
    _trouble: str = ""

    def felt(self, trouble: str) -> None:
        """``trouble`` is '' after an answer, CONFLICT, or the kind of failure."""
        before, self._trouble = self._trouble, trouble
        if trouble == CONFLICT != before:
            self.say(
                "Telegram: something else fetches her messages with the same token (409), another "
                "program or a webhook. End it; she goes on trying."
            )
        elif trouble and not before:
            self.say(f"Telegram does not answer ({trouble}); she goes on trying.")
        elif before and not trouble:
            self.say("Telegram answers again.")


class Watched(HTTPXRequest):
    """Requests under a pulse.

    Args:
        pulse: Is told of a token that is refused.
        polls: These requests fetch updates: the pulse is told how each of them ended.
        options: Of the library.
    """

    def __init__(self, pulse: Pulse, *, polls: bool = False, **options: Any) -> None:
        super().__init__(connect_timeout=CONNECT_S, pool_timeout=POOL_S, **options)
        self._pulse, self._polls = pulse, polls

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """One request."""
        try:
            code, payload = await super().do_request(*args, **kwargs)
        except TelegramError as err:
            if self._polls:
                self._pulse.felt(type(err).__name__)
            raise
        if code == HTTPStatus.UNAUTHORIZED:
            self._pulse.refused.set()
        elif self._polls:
            fine, conflict = code < HTTPStatus.MULTIPLE_CHOICES, code == HTTPStatus.CONFLICT
            self._pulse.felt("" if fine else CONFLICT if conflict else str(code))
            if code == HTTPStatus.NOT_FOUND:  # the library would end the polling, and tell nobody
                raise NetworkError("not found")
        return code, payload


class Limiter(AIORateLimiter):
    """The library's, which keeps every call of the bot back while one waits for its second try: what is
    worth nothing later fails at once instead.
    """

    async def process_request(
        self, callback: Callable[..., Coroutine[Any, Any, Any]], args: Any, kwargs: dict[str, Any],
        endpoint: str, data: dict[str, Any], rate_limit_args: int | None,
    ) -> Any:  # fmt: skip
        """One request."""

        async def once(*given: Any, **named: Any) -> Any:
            try:
                return await callback(*given, **named)
            except RetryAfter as err:
                raise SparedError("too many requests") from err

        call = once if endpoint in PASSING else callback
        return await super().process_request(call, args, kwargs, endpoint, data, rate_limit_args)


def application(
    token: str, api_base: str | None, pulse: Pulse, order: Order, *, answer_s: float = ANSWER_S
) -> App:
    """An application without handlers.

    Args:
        token: The bot's.
        api_base: ``http://host:port`` of a Bot API server other than Telegram's.
        pulse: Is told how the connection is.
        order: Gives the updates their turns.
        answer_s: How long an answer may take; after that nobody knows whether it was done.
    """
    builder = (
        ApplicationBuilder()
        .token(token)
        .rate_limiter(Limiter(max_retries=RETRIES))
        .concurrent_updates(order)
        .job_queue(None)
        .request(Watched(pulse, connection_pool_size=AT_ONCE, read_timeout=answer_s, write_timeout=answer_s))
        .get_updates_request(Watched(pulse, polls=True, connection_pool_size=2, read_timeout=answer_s))
    )
    if api_base is not None:
        builder = builder.base_url(f"{api_base}/bot").base_file_url(f"{api_base}/file/bot")
    return builder.build()
