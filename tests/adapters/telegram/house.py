"""The real adapter, conversation and database against a fake Telegram; only the models are faked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from adapters.shared.doors import Doors
from adapters.shared.drafts import Manner
from adapters.telegram_chat import chat as chats
from adapters.telegram_chat.client import Client
from adapters.telegram_chat.desk import Desk
from adapters.telegram_chat.doors import group_key, message_key
from adapters.telegram_chat.order import Order
from adapters.telegram_chat.wire import ALLOWED, Pulse, application
from bot.app import App
from bot.doors import telegram_doors
from bot.wiring import build_app
from core.colours import NATURAL
from core.people import Film, Incoming, Owner, PlaceKind, Scores
from core.ports_memory import Memory
from core.prompt import Task
from tests.adapters.telegram.office import inform
from tests.fake_telegram import Chat, FakeTelegram, Message, User
from tests.fake_telegram.verbs import PIXEL
from tests.fakes_core import (
    BigramEmbedder,
    FixedClock,
    FixedExemplars,
    Portraits,
    ScriptedModel,
    TasteRanker,
)
from tests.houses import settings_in
from tests.patience import PATIENCE_S

Change = Callable[[Doors], Doors]
GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01"


@dataclass
class Pictures(Portraits):
    """Faces that a server takes for pictures; each expression of each face is another one."""

    takes_s: float = 0.0

    async def draw(self, face: str, scores: Scores, hair: str = NATURAL) -> bytes:
        await super().draw(face, scores, hair)
        await asyncio.sleep(self.takes_s)
        return PIXEL + f"{face} {scores}".encode()

    async def animate(self, face: str, start: Scores, end: Scores, kind: Film, hair: str = NATURAL) -> bytes:
        await super().draw(face, end, hair)
        return (GIF if kind == "gif" else b"") + f"{face} {start} {end}".encode()


@dataclass
class House:
    """A group with two people, and her in it; both can write to her alone, too."""

    telegram: FakeTelegram
    path: Path
    model: ScriptedModel = field(default_factory=ScriptedModel)
    portraits: Pictures = field(default_factory=Pictures)
    clock: FixedClock = field(default_factory=FixedClock)
    rate: int = 1000
    answer_s: float = 5.0
    pace_s: float = 0.1  # between messages of a private chat; a second otherwise
    owners: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.mina: User = self.telegram.add_user("Mina", language_code="ko")
        self.john: User = self.telegram.add_user("John", language_code="en")
        self.town: Chat = self.telegram.add_group("town", self.mina, self.john)
        self.alone: Chat = self.telegram.private_chat(self.mina)

    @asynccontextmanager
    async def running(self, *, change: Change | None = None) -> AsyncIterator[Run]:
        """She is connected inside the block; enter it again for a restart."""
        settings = settings_in(self.path, rate_messages=self.rate)
        async with build_app(
            settings, language_model=self.model, exemplars=FixedExemplars(), ranker=TasteRanker(),
            embedder=BigramEmbedder(), portraits=self.portraits, clock=self.clock,
        ) as app:  # fmt: skip
            await inform(app, self.telegram)
            doors = telegram_doors(app)
            given = change(doors) if change else doors
            client = self._client(given)
            try:
                await client.open()
                updater = client.app.updater
                assert updater is not None
                await updater.start_polling(timeout=5, allowed_updates=ALLOWED)
                await self.telegram.connected()
                yield Run(self, app, doors, client)
            finally:
                await client.finish(5.0)

    def _client(self, doors: Doors) -> Client:
        order = Order()
        pulse = Pulse(lambda _: None)
        app = application(self.telegram.token, self.telegram.base_url, pulse, order, answer_s=self.answer_s)
        client = Client(Desk(doors, self.owners), app, order)
        client.chat.sender.pace.every_s = self.pace_s
        return client

    async def call(self, text: str, who: User | None = None, chat: Chat | None = None, **how: Any) -> Message:
        """Someone names her in the group, or writes to her alone."""
        place = chat or self.town
        named = text if place.private else f"{self.telegram.bot.mention} {text}"
        return await self.telegram.say(who or self.mina, place, named, **how)

    def says(self, reply: str) -> None:
        """What she answers to everything."""
        self.model.scripts[Task.REPLY] = lambda _: reply

    def answers(self, *replies: str) -> None:
        """What she answers, one after the other."""
        these = iter(replies)
        self.model.scripts[Task.REPLY] = lambda _: next(these)

    def learns(self, fact: str) -> None:
        """What the memory adapter finds in every message that tells it."""
        self.model.scripts[Task.MEMORY] = lambda _: fact


@dataclass
class Run:
    """One run of the program."""

    house: House
    app: App
    doors: Doors
    client: Client

    async def idle(self) -> None:
        """Wait until nothing is under way any more."""
        chat = self.client.chat
        await self.house.telegram.fetched()
        await self.until(lambda: not chat.working and not chat.live and not self.app.conversation.working)

    async def ask(self, text: str, who: User | None = None, chat: Chat | None = None, **how: Any) -> Message:
        """Someone says something to her; her reply, once everything about it is done."""
        place = chat or self.house.alone
        before = len(self.house.telegram.said(place))
        await self.house.call(text, who, place, **how)
        reply = await self.house.telegram.answer(place, before + 1)
        await self.idle()
        return reply

    async def ask_held(self, text: str, chat: Chat | None = None) -> Message:
        """Mina says something while the model is held; the message, once it is being answered."""
        message = await self.house.call(text, chat=chat or self.house.alone)
        await self.until(lambda: key_of(message) in self.client.chat.live)
        return message

    async def until(self, holds: Callable[[], object], timeout: float = PATIENCE_S) -> None:
        """Wait for something on her side."""
        async with asyncio.timeout(timeout):
            while not holds():  # noqa: ASYNC110  (nothing tells of it)
                await asyncio.sleep(0.01)

    async def memories(self, user: User, scope: str | None = None) -> list[Memory]:
        """What she remembers of someone, in the direct chat or under a scope."""
        return await self.app.memories.list(Owner(f"telegram:{user.id}", scope or "direct"))

    @property
    def town_scope(self) -> str:
        """The scope of the group."""
        return f"group:{group_key(self.house.town.id)}"


def key_of(message: Message) -> str:
    """The key of a message in the stores."""
    return message_key(message.chat.id, message.id)


def first_line(said: str) -> str:
    """A reply without the asides under it."""
    return said.split("\n")[0]


def think_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """She shows early that she is thinking."""
    private, group = replace(chats.PRIVATE, thinking_s=0.1), replace(chats.GROUP, thinking_s=0.1)

    def manner_for(_: chats.Chat, said: Incoming) -> Manner:
        return private if said.place.kind is PlaceKind.DIRECT else group

    monkeypatch.setattr(chats.Chat, "manner_for", manner_for)


@asynccontextmanager
async def open_house(path: Path, **options: Any) -> AsyncIterator[House]:
    """A house on a fresh fake; ``options`` are fields of the house."""
    async with FakeTelegram() as fake:
        yield House(fake, path, **options)
