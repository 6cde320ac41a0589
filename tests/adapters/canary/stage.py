"""She serves on both fakes at once, with models that repeat all they read; and the rooms that people meet in."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from adapters.discord_chat.run import DiscordConfig, serve
from adapters.telegram_chat.client import Client
from adapters.telegram_chat.desk import Desk
from adapters.telegram_chat.order import Order
from adapters.telegram_chat.wire import ALLOWED, Pulse, application
from bot.app import App
from bot.doors import discord_doors, telegram_doors
from bot.logs import setup_logging
from bot.wiring import build_app
from core.people import DIRECT
from tests.adapters.canary.accounts import Account, OnDiscord, OnTelegram, Room
from tests.adapters.canary.ledger import EchoExemplars, EchoModel, Ledger
from tests.adapters.telegram.house import Pictures
from tests.fake_discord import Channel, FakeDiscord, Permission
from tests.fake_telegram import Chat, FakeTelegram, User
from tests.fakes import FixedClock, HashEmbedder, LikesAll
from tests.houses import settings_in

_OURS = ("core", "adapters", "db", "bot")


@dataclass(eq=False)
class Stage:
    """Everything behind her and everything that people see; ``cast`` are the accounts of each person."""

    path: Path
    ledger: Ledger
    model: EchoModel
    app: App
    discord: FakeDiscord
    telegram: FakeTelegram
    logged: list[str]
    cast: list[list[Account]] = field(default_factory=list)
    scopes: dict[int, str] = field(default_factory=dict)  # by the ids of channels and chats
    heard: list[tuple[Room, object, str]] = field(default_factory=list)  # replies in public, and to whom

    def admit(self, people: int) -> None:
        """So many people come: in turn on Discord, on Telegram, and on both."""
        fake, world = self.discord, self.discord.world
        guild = fake.add_guild("town")
        square, cellar = fake.add_channel(guild, "square"), fake.add_channel(guild, "cellar", hidden=True)
        world.overwrite(cellar, fake.bot, allow=Permission.VIEW_CHANNEL)
        corner = world.add_thread(square, "corner", fake.owner)  # of the same scope as the square
        boss = self.telegram.add_user("Boss")
        town = self.telegram.add_group("town", owner=boss, supergroup=True)
        club = self.telegram.add_group("club", owner=boss, supergroup=True)
        self.scopes = {
            square.id: "discord:town", corner.id: "discord:town", cellar.id: "discord:cellar",
            town.id: "telegram:town", club.id: "telegram:club",
        }  # fmt: skip
        for number in range(people):
            kind, ko = number % 3, number % 2 == 0
            accounts: list[Account] = []
            if kind != 1:
                accounts.append(
                    self._on_discord(f"person{number}", ko, [square, cellar][: 2 - kind] or [corner])
                )
            if kind != 0:
                accounts.append(self._on_telegram(f"person{number}", ko, [town, club][: 3 - kind], boss))
            self.cast.append(accounts)

    def _on_discord(self, name: str, ko: bool, channels: list[Channel]) -> OnDiscord:
        fake, world = self.discord, self.discord.world
        user = fake.add_user(name, locale="ko" if ko else "en-US")
        world.join_guild(user, next(iter(world.guilds.values())))
        for channel in channels:
            if channel.overwrites:
                world.overwrite(channel, user, allow=Permission.VIEW_CHANNEL)
        alone = Room(DIRECT.scope, fake.private_channel(user), public=False)
        return OnDiscord(fake, user, [alone, *(Room(self.scopes[each.id], each) for each in channels)])

    def _on_telegram(self, name: str, ko: bool, groups: list[Chat], boss: User) -> OnTelegram:
        fake = self.telegram
        user = fake.add_user(name, language_code="ko" if ko else "en")
        user.started = True
        for group in groups:
            fake.world.set_status(group, user, "member", boss)
        alone = Room(DIRECT.scope, fake.private_chat(user), public=False)
        return OnTelegram(fake, user, [alone, *(Room(self.scopes[each.id], each) for each in groups)])

    async def settle(self) -> None:
        """Wait until she is done with everything."""
        await self.telegram.fetched()
        while not await self.app.conversation.drain():
            pass
        await self.telegram.quiet(0.5, 60.0)
        await self.app.conversation.drain()


class Everything(logging.Handler):
    """Every record of ours as it is before anything is struck out."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter())

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.partition(".")[0] in _OURS:
            self.lines.append(self.format(record))


@contextmanager
def logging_all(var_dir: Path) -> Iterator[list[str]]:
    """The log as it is set up when she serves, and besides every record of ours, whatever its level."""
    root, kept, ours = logging.getLogger(), Everything(), [logging.getLogger(name) for name in _OURS]
    level, before = root.level, list(root.handlers)
    setup_logging(var_dir)
    root.addHandler(kept)
    for each in ours:
        each.setLevel(logging.DEBUG)
    try:
        yield kept.lines
    finally:
        for handler in [handler for handler in root.handlers if handler not in before]:
            root.removeHandler(handler)
            handler.close()
        root.setLevel(level)
        for each in ours:
            each.setLevel(logging.NOTSET)
        logging.captureWarnings(False)


@asynccontextmanager
async def stage(path: Path, people: int, seed: int) -> AsyncIterator[Stage]:
    """She serves inside the block."""
    # here nobody is told that the notebook is locked, however slow the machine
    settings = settings_in(path, rate_messages=100_000, busy_timeout_ms=60_000)
    ledger = Ledger(Random(seed))
    model = EchoModel(ledger)
    with logging_all(path / "var") as logged:
        async with (
            build_app(
                settings, language_model=model, exemplars=EchoExemplars(), ranker=LikesAll(),
                embedder=HashEmbedder(), portraits=Pictures(), clock=FixedClock(),
            ) as app,
            FakeDiscord() as discord, FakeTelegram() as telegram,
        ):  # fmt: skip
            it = Stage(path, ledger, model, app, discord, telegram, logged)
            it.admit(people)
            async with _on_discord(it), _on_telegram(it):
                yield it


@asynccontextmanager
async def _on_discord(it: Stage) -> AsyncIterator[None]:
    fake, stop, up = it.discord, asyncio.Event(), asyncio.Event()
    config = DiscordConfig(fake.token, fake.rest_url, fake.gateway_url, ready_timeout_s=0.1)
    task = asyncio.create_task(serve(discord_doors(it.app), config, stop, up=up.set))
    try:
        await asyncio.wait_for(up.wait(), 30)
        yield
    finally:
        stop.set()
        await task


@asynccontextmanager
async def _on_telegram(it: Stage) -> AsyncIterator[None]:
    fake, order = it.telegram, Order()
    bot = application(fake.token, fake.base_url, Pulse(lambda _: None), order, answer_s=30.0)
    limiter = bot.bot.rate_limiter  # this server has no limits, and nobody here shall wait a minute
    limiter._group_max_rate, limiter._base_limiter = 0, None
    client = Client(Desk(telegram_doors(it.app)), bot, order)
    client.chat.sender.pace.every_s = 0.0
    try:
        await client.open()
        assert bot.updater is not None
        await bot.updater.start_polling(timeout=1, allowed_updates=ALLOWED)
        await fake.connected()
        yield
    finally:
        await client.finish(5.0)
