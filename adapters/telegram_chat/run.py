"""Serving Telegram: connect, say in plain words what is in the way, and stop gracefully.

What cannot be mended by waiting (a token that is refused, a webhook that cannot be set) is raised as
:class:`TelegramProblem`; what can (an unreachable network, another program with the same token) is
tried again with growing pauses.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from telegram.error import BadRequest, InvalidToken, TelegramError
from telegram.ext import Updater

from adapters.shared.connecting import FIRST_PAUSE_S, STOP_S, Pauses, Say, always_answers, silent
from adapters.shared.doors import Doors
from adapters.telegram_chat.client import Client
from adapters.telegram_chat.desk import Desk
from adapters.telegram_chat.doors import PLATFORM
from adapters.telegram_chat.errors import asked
from adapters.telegram_chat.order import Order
from adapters.telegram_chat.wire import ALLOWED, ANSWER_S, Pulse, application
from core.errors import EdgeError

log = logging.getLogger(__name__)

POLL_S: Final = 25  # Telegram holds a question for updates so long
MENDS: Final = {
    "token": "copy the token again from @BotFather > /mybots > your bot > API Token into "
    "OHLORA_TELEGRAM_TOKEN (docs/telegram.md, step 1)",
    "webhook": "look at OHLORA_TELEGRAM_WEBHOOK_URL, OHLORA_TELEGRAM_WEBHOOK_LISTEN and "
    "OHLORA_TELEGRAM_WEBHOOK_PORT (docs/telegram.md, webhook), or leave them out and she polls",
}


class TelegramProblem(EdgeError):
    """What keeps her from Telegram; ``kind`` is token or webhook, ``mend`` says what helps."""

    def __init__(self, kind: str, mend: str, detail: str = "") -> None:
        super().__init__(f"Telegram: {kind}: {f'{detail}; ' if detail else ''}{mend}")
        self.kind, self.mend = kind, mend


@dataclass(frozen=True)
class TelegramConfig:
    """How to connect.

    ``api_base`` (``http://host:port``) stands for Telegram's own server. With ``webhook_url`` Telegram
    calls her there, and she listens on ``webhook_listen`` and ``webhook_port``, behind a proxy that
    speaks https; without it she polls. ``webhook_secret`` comes with each of these calls; without one,
    a new one is made at each start. ``owners`` are the ids of accounts that own the bot.
    """

    token: str = field(repr=False)
    api_base: str | None = None
    webhook_url: str | None = None
    webhook_listen: str = "127.0.0.1"
    webhook_port: int = 8443
    webhook_secret: str | None = field(default=None, repr=False)
    owners: frozenset[int] = frozenset()
    answer_s: float = ANSWER_S
    first_pause_s: float = FIRST_PAUSE_S


async def serve(
    doors: Doors, config: TelegramConfig, stop: asyncio.Event, *, say: Say = silent,
    up: Callable[[], None] = lambda: None,
) -> None:  # fmt: skip
    """Serve until ``stop`` is set.

    Args:
        doors: What she can do.
        config: How to connect.
        stop: Set it to end; work in flight gets ten seconds.
        say: Takes plain sentences for whoever runs her.
        up: Called when she is connected, at each (re)start.

    Raises:
        TelegramProblem: Telegram refuses her for good.
    """
    pauses = Pauses("Telegram", stop, say, config.first_pause_s, (1.0, 1.2))
    while not stop.is_set():
        session = Session(doors, config, say, up)
        try:
            await session.run(stop)
            return
        except InvalidToken:  # its text has the token in it
            raise TelegramProblem("token", MENDS["token"]) from None
        except TelegramError as err:
            await pauses.wait(err, was_up=session.was_up, asked_s=asked(err))


@dataclass
class Session:
    """One application, from its login to its end."""

    doors: Doors
    config: TelegramConfig
    say: Say
    up: Callable[[], None]
    was_up: bool = False

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until ``stop``.

        Raises:
            TelegramProblem: The webhook cannot be set, or nobody can listen there.
            telegram.error.TelegramError: Not connected, or the token is refused.
        """
        config, pulse = self.config, Pulse(self.say)
        desk = Desk(self.doors, set(config.owners))
        order = Order()
        app = application(config.token, config.api_base, pulse, order, answer_s=config.answer_s)
        client = Client(desk, app, order)
        starting = asyncio.create_task(self._start(client))
        ends = [asyncio.create_task(event.wait()) for event in (stop, pulse.refused)]
        try:
            await asyncio.wait({starting, *ends}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                await starting
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (starting, *ends):
                task.cancel()
            await asyncio.gather(starting, *ends, return_exceptions=True)
            await client.finish(STOP_S)
        if pulse.refused.is_set():
            raise InvalidToken

    async def _start(self, client: Client) -> None:
        await client.open()
        updater = client.app.updater
        assert updater is not None  # the builder makes one  # noqa: S101
        if self.config.webhook_url is None:
            await updater.start_polling(timeout=POLL_S, allowed_updates=ALLOWED, error_callback=_known)
        else:
            await self._listen(updater, self.config.webhook_url)
        self.was_up = True
        self.up()
        me = client.app.bot.bot
        reads = "every message" if me.can_read_all_group_messages else "only what is meant for her"
        self.say(f"Telegram: connected as @{me.username}. In groups she reads {reads}.")
        if not me.can_read_all_group_messages and await always_answers(self.doors, PLATFORM):
            self.say(
                "A group is set to always answer, but privacy mode is on: @BotFather > /setprivacy > "
                "Disable, then remove her from the group and add her again (docs/telegram.md, step 3)."
            )

    async def _listen(self, updater: Updater, url: str) -> None:
        config = self.config
        listening = _listening(config)  # before Telegram is told where to call
        try:
            await updater.start_webhook(
                unix=listening, url_path=urlsplit(url).path, webhook_url=url, allowed_updates=ALLOWED,
                secret_token=config.webhook_secret or secrets.token_urlsafe(32),
            )  # fmt: skip
        except BadRequest as err:
            raise TelegramProblem("webhook", MENDS["webhook"], err.message) from err
        finally:
            if not updater.running:
                listening.close()


def _listening(config: TelegramConfig) -> socket.socket:
    """The socket for Telegram's calls. The library binds none of an address itself that it could not close
    again, but takes one where it would take a Unix socket. Raises TelegramProblem.
    """
    address = config.webhook_listen, config.webhook_port
    try:
        found = socket.create_server(address, family=socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
    except OSError as err:
        detail = f"{address[0]}:{address[1]} cannot be listened on"
        raise TelegramProblem("webhook", MENDS["webhook"], detail) from err
    found.setblocking(False)
    return found


def _known(_: TelegramError) -> None:
    """The pulse has told of it."""
