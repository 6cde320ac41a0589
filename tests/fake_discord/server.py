"""``FakeDiscord``: the whole fake on a loopback port.

It proves wiring, not Discord's mind. Left out: rate limits nobody asked for, categories,
forums, voice, polls, forwarding, webhooks of people, user installs, expiring attachment links, image sizes,
compression of the gateway, and bans. Whatever it does not know answers 404, so that a test notices.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self, TypeVar

from aiohttp import web

from tests.fake_discord.faults import Faults
from tests.fake_discord.gateway import Gateway
from tests.fake_discord.model import Attachment, Channel, Guild, Json, Message, User
from tests.fake_discord.permissions import Permission
from tests.fake_discord.redirect import redirect
from tests.fake_discord.rest import API, Request, Rest
from tests.fake_discord.sessions import Intent
from tests.fake_discord.verbs import Verbs
from tests.fake_discord.world import World
from tests.patience import PATIENCE_S

T = TypeVar("T")
# Larger than any upload that a test makes: too large a request is the fake Discord's own affair.
_BODY_MAX = 256 * 1024 * 1024


class FakeDiscord(Verbs):
    """A Discord of one's own.

    Args:
        granted: Privileged intents that are switched on for the application; as on Discord, none at first.
        shards: How many shards ``/gateway/bot`` recommends.
    """

    def __init__(self, *, granted: Intent = Intent(0), shards: int = 1) -> None:  # noqa: B008  (immutable)
        super().__init__(World())
        self.world.granted = granted
        self.world.shards = shards
        self.gateway = Gateway(self.world)
        self.faults = Faults(self.world, self.gateway)
        self._rest = Rest(self.world, self.faults)
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=_BODY_MAX)
        self._rest.add_to(app)
        app.router.add_get("/gateway/", self.gateway.handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.world.base_url = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.faults.clear()
        await self.gateway.shut()
        assert self._runner is not None
        await self._runner.cleanup()

    # addresses

    @property
    def rest_url(self) -> str:
        """What ``discord.http.Route.BASE`` has to be."""
        return f"http://127.0.0.1:{self.port}{API}"

    @property
    def gateway_url(self) -> str:
        """Where clients connect."""
        return f"ws://127.0.0.1:{self.port}/gateway/"

    @property
    def token(self) -> str:
        """The bot's token.

        Raises:
            AssertionError: It was revoked.
        """
        assert self.world.token is not None
        return self.world.token

    def redirect(self) -> AbstractContextManager[None]:
        """Inside the block, discord.py talks to this fake."""
        return redirect(self.rest_url, self.gateway_url)

    # who and where

    @property
    def bot(self) -> User:
        """The bot's account."""
        return self.world.bot

    @property
    def owner(self) -> User:
        """Who owns the application and every guild."""
        return self.world.owner

    def add_user(self, name: str, *, locale: str = "ko", bot: bool = False) -> User:
        """A new account."""
        return self.world.add_user(name, locale=locale, bot=bot)

    def add_guild(
        self, name: str, *members: User, locale: str = "ko", shard: tuple[int, int] | None = None
    ) -> Guild:
        """A new guild with the bot in it; ``shard`` (index, count) says on which shard it falls."""
        return self.world.add_guild(name, *members, locale=locale, shard=shard)

    def add_channel(
        self, guild: Guild, name: str, *, hidden: bool = False, deny: Permission | None = None
    ) -> Channel:
        """A new text channel; ``deny`` is what the bot may not do there."""
        return self.world.add_channel(guild, name, hidden=hidden, deny=deny)

    def deny(self, channel: Channel, permission: Permission, user: User | None = None) -> None:
        """From now on the bot (or someone) may not do this in a channel; ``Permission(0)`` takes it back."""
        self.world.overwrite(channel, user or self.bot, deny=permission or None)

    def private_channel(self, user: User) -> Channel:
        """The talk between someone and the bot."""
        return self.world.private_channel(user)

    def keep(self, filename: str, content: bytes) -> Attachment:
        """A file for a command's option."""
        return self.world.keep(filename, content, None)

    def limit(self, method: str, path_pattern: str, count: int, per_s: float) -> None:
        """A rate limit: ``limit("PATCH", "/channels/*/messages/*", 5, 5.0)``. At first, there is none."""
        self._rest.buckets.add(method, path_pattern, count, per_s)

    # what happened

    @property
    def requests(self) -> list[Request]:
        """Every REST request, oldest first."""
        return self._rest.requests

    def requested(self, method: str, ending: str = "") -> list[Request]:
        """Requests by method and the end of their path."""
        return [one for one in self.requests if one.method == method and one.path.endswith(ending)]

    def said(self, channel: Channel) -> list[Message]:
        """What the bot has said somewhere and everybody sees, oldest first."""
        return [message for message in channel.log if message.author is self.bot]

    def command(self, name: str, guild: Guild | None = None) -> Json:
        """A registered command.

        Raises:
            LookupError: There is none of this name.
        """
        for command in self.world.available(guild):
            if command["name"] == name:
                return command
        raise LookupError(name)

    @property
    def syncs(self) -> list[tuple[int | None, list[Json]]]:
        """Every PUT of commands: (guild id or None, commands)."""
        return self.world.syncs

    async def wait_for(
        self, predicate: Callable[[], T], timeout: float = PATIENCE_S, what: str = "the awaited state"
    ) -> T:
        """Waits for the predicate's first truthy value and returns it.

        Raises:
            TimeoutError: It stayed falsy for ``timeout`` seconds.
        """
        return await self.world.changes.wait_for(predicate, timeout, what)

    async def answer(self, channel: Channel, number: int = 1, timeout: float = PATIENCE_S) -> Message:
        """Waits for the bot's n-th message in a channel and returns it."""
        what = f"message {number} of the bot"
        await self.wait_for(lambda: len(self.said(channel)) >= number, timeout, what)
        return self.said(channel)[number - 1]

    async def connected(self, count: int = 1, timeout: float = PATIENCE_S) -> None:
        """Waits until so many gateway sessions have a socket."""
        await self.wait_for(lambda: len(self.gateway.connected) == count, timeout, f"{count} sessions")
