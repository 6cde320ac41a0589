"""``FakeTelegram``: the whole fake on a loopback port.

It proves wiring, not Telegram's mind. Left out: Markdown, inline mode, channels, business, payments, polls,
stories, rich and ephemeral messages, pins, invitations, restrictions of single rights, and the server's own
limits of speed unless ``limit()`` sets some. Whatever it does not know answers 404, so that a test notices.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web

from tests.fake_telegram.api import Api, Request
from tests.fake_telegram.comings import Comings
from tests.fake_telegram.delivery import Delivery
from tests.fake_telegram.editing import Editing
from tests.fake_telegram.faults import Faults
from tests.fake_telegram.model import Chat, Draft, Message, Topic, User
from tests.fake_telegram.pace import Pace, Where
from tests.fake_telegram.places import Places
from tests.fake_telegram.profile import Profile
from tests.fake_telegram.sending import Sending, uploader
from tests.fake_telegram.updates import Update
from tests.fake_telegram.verbs import Verbs
from tests.fake_telegram.webhook import Webhook
from tests.fake_telegram.world import Traits, World
from tests.patience import PATIENCE_S

T = TypeVar("T")
Json = dict[str, Any]

# Of the right form, and nobody's.
TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
# Larger than any upload that a test makes: too large a request is the fake Telegram's own affair.
_BODY_MAX = 256 * 1024 * 1024


class FakeTelegram(Verbs, Comings):
    """A Telegram of one's own, with one bot.

    Args:
        token: The bot's token.
        strict_webhooks: Whether a webhook needs https and one of four ports.
        webhook_retry_s: The pause before a failed push is repeated.
    """

    def __init__(
        self, *, token: str = TOKEN, strict_webhooks: bool = False,
        webhook_retry_s: float = 0.05,
    ) -> None:  # fmt: skip
        world = World()
        Verbs.__init__(self, world)
        self.token = token
        self.faults = Faults(world)
        self.profile = Profile(world)
        self.webhook = Webhook(world.updates, world.changes, strict=strict_webhooks, retry_s=webhook_retry_s)
        self._pace = Pace()
        find = uploader(world)
        methods = {
            **Sending(world, find).methods, **Editing(world, find).methods, **Places(world).methods,
            **Delivery(world, self.webhook).methods, **self.profile.methods,
        }  # fmt: skip
        self._api = Api(world, self.faults, self._pace, methods, token)
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=_BODY_MAX)
        self._api.add_to(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.webhook.shut()
        self.faults.clear()
        self.world.updates.closed = True
        self.world.changes.tell()  # long polls end with nothing
        await asyncio.sleep(0)
        assert self._runner is not None
        await self._runner.cleanup()

    # addresses

    @property
    def base_url(self) -> str:
        """The server; the bot appends ``/bot`` and ``/file/bot``."""
        return f"http://127.0.0.1:{self.port}"

    # who and where

    @property
    def bot(self) -> User:
        """The bot's account."""
        return self.world.bot

    @property
    def traits(self) -> Traits:
        """What BotFather set: privacy mode, topics, how long presses can be answered."""
        return self.world.traits

    def private_chat(self, user: User) -> Chat:
        """The talk between someone and the bot."""
        return self.world.private_chat(user)

    def menu(self, user: User, chat: Chat | None = None) -> list[Json]:
        """The commands that someone is shown in a chat, by Telegram's order of scopes and languages."""
        return self.profile.menu(user, chat or self.private_chat(user))

    def limit(self, where: Where, count: int, per_s: float) -> None:
        """A limit of speed per chat: ``limit("private", 1, 1.0)``, or for ``all``. At first, there is none."""
        self._pace.limit(where, count, per_s)

    # what happened

    @property
    def requests(self) -> list[Request]:
        """Every call of a method, oldest first."""
        return self._api.requests

    @property
    def downloads(self) -> list[str]:
        """The paths of all files that were fetched."""
        return self._api.downloads

    @property
    def updates(self) -> list[Update]:
        """Every update, with how often it was delivered and whether the bot has confirmed it."""
        return self.world.updates.all

    def requested(self, method: str) -> list[Request]:
        """The calls of one method."""
        return [one for one in self.requests if one.method == method]

    def said(self, chat: Chat, thread: Topic | int | None = None) -> list[Message]:
        """What the bot has said somewhere and still stands there, oldest first."""
        number = thread.id if isinstance(thread, Topic) else thread
        return [
            one
            for one in chat.log
            if one.author is self.bot and one.service is None and (number is None or one.thread == number)
        ]

    # waiting

    async def wait_for(
        self, predicate: Callable[[], T], timeout: float = PATIENCE_S, what: str = "the awaited state"
    ) -> T:
        """Waits for the predicate's first truthy value and returns it.

        Raises:
            TimeoutError: It stayed falsy for ``timeout`` seconds.
        """
        return await self.world.changes.wait_for(predicate, timeout, what)

    async def quiet(self, quiet_s: float = 0.3, timeout: float = PATIENCE_S) -> None:
        """Waits until the bot has called nothing (but ``getUpdates``) for a while: to see that nothing follows.

        Raises:
            TimeoutError: It was still busy after ``timeout`` seconds.
        """
        calls = self.requests
        await self.world.changes.quiet(
            lambda: sum(1 + (one.ended is not None) for one in calls if one.method != "getUpdates"),
            quiet_s, timeout,
        )  # fmt: skip

    def tell(self) -> None:
        """Something outside of the fake has changed: whoever waits here looks again."""
        self.world.changes.tell()

    async def answer(
        self, chat: Chat, number: int = 1, *, thread: Topic | int | None = None, timeout: float = PATIENCE_S
    ) -> Message:
        """Waits for the bot's n-th message in a chat (or topic) and returns it."""
        what = f"message {number} of the bot"
        await self.wait_for(lambda: len(self.said(chat, thread)) >= number, timeout, what)
        return self.said(chat, thread)[number - 1]

    async def drafted(self, chat: Chat, number: int = 1, timeout: float = PATIENCE_S) -> Draft:
        """Waits for the n-th draft in a chat and returns it."""
        await self.wait_for(lambda: len(chat.drafts) >= number, timeout, f"draft {number}")
        return chat.drafts[number - 1]

    async def called(self, method: str, number: int = 1, timeout: float = PATIENCE_S) -> Request:
        """Waits until a method was called for the n-th time and has ended."""
        what = f"call {number} of {method}"
        await self.wait_for(
            lambda: sum(one.ended is not None for one in self.requested(method)) >= number, timeout, what
        )
        return self.requested(method)[number - 1]

    async def fetched(self, timeout: float = PATIENCE_S) -> None:
        """Waits until the bot has confirmed every update."""
        await self.wait_for(
            lambda: not self.world.updates.pending, timeout, "the confirmation of all updates"
        )

    async def connected(self, timeout: float = PATIENCE_S) -> None:
        """Waits until the bot polls, or has set a webhook."""
        updates = self.world.updates
        await self.wait_for(lambda: updates.polls or updates.webhook_url, timeout, "a bot")
