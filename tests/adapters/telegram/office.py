"""Oh-LoRA served on a fake Telegram: the real client, conversation and database; models faked."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.telegram_chat import menu
from adapters.telegram_chat.battle_hall import Rhythm
from adapters.telegram_chat.client import Client
from adapters.telegram_chat.desk import Desk
from adapters.telegram_chat.order import Order
from adapters.telegram_chat.wire import ALLOWED, Pulse, application
from bot.app import App
from bot.doors import telegram_doors
from bot.wiring import build_app
from core.battle.ports import Arena
from core.people import DIRECT, Owner, Place, PlaceKind
from core.ports_memory import Memory, NewMemory
from core.prompt import Task
from tests.fake_telegram import CallbackQuery, Chat, FakeTelegram, Message, User
from tests.fakes import (
    FewExemplars,
    FixedClock,
    HashEmbedder,
    LikesAll,
    PaintedPortraits,
    ScriptedModel,
)
from tests.fakes_battle import ArithmeticArena
from tests.houses import settings_in
from tests.patience import PATIENCE_S

HIKING = "[취미: 등산]"
_ADDRESS = re.compile(r"^/[a-z]+")


@dataclass
class Office:
    """A group with mina (Korean), john (English) and boss, who owns it; and everything behind her."""

    fake: FakeTelegram
    app: App
    client: Client
    mina: User
    john: User
    boss: User
    group: Chat

    @property
    def desk(self) -> Desk:
        """The desk of the client."""
        return self.client.desk

    def alone(self, user: User) -> Chat:
        """Someone's chat with her."""
        return self.fake.private_chat(user)

    def owner(self, user: User, group: Chat | None = None) -> Owner:
        """The key of a person's memories in a group, or in direct messages."""
        place = DIRECT if group is None else Place(PlaceKind.GROUP, f"telegram:{group.id}")
        return Owner(f"telegram:{user.id}", place.scope)

    async def known(self, user: User, group: Chat | None = None) -> list[Memory]:
        """What is remembered about a person there."""
        return await self.app.memories.list(self.owner(user, group))

    async def choices(self, user: User) -> dict[str, str]:
        """What someone chose."""
        return await self.app.history.choices(f"telegram:{user.id}")

    async def tell(self, user: User, chat: Chat, text: str = "내 취미는 등산이야") -> Message:
        """Someone says something to her, and she has learned what there is in it; her reply."""
        number = len(self.fake.said(chat)) + 1
        await self.fake.say(user, chat, text if chat.private else f"@{self.fake.bot.username} {text}")
        reply = await self.fake.answer(chat, number)
        await self.idle()
        await self.app.conversation.drain()
        return reply

    async def learn(self, user: User, group: Chat | None = None, *facts: str) -> list[int]:
        """She remembers something about someone, "key: value" each; the numbers of the facts."""
        found: list[int] = []
        for fact in facts or ("취미: 등산",):
            key, _, value = fact.partition(": ")
            now, source = self.app.clock.now(), f"telegram:{user.id}/{len(found)}"
            new = NewMemory(key, value, now, source, None, "")
            owner = self.owner(user, group)
            kept = await self.app.memories.add(owner, new, await self.app.memories.epoch(owner.person))
            assert kept is not None
            found.append(kept.id)
        return found

    async def use(self, user: User, command: str, chat: Chat | None = None, **how: Any) -> list[Message]:
        """Someone uses a command; what she says then, in that chat and in the person's own."""
        where = chat or self.alone(user)
        chats = [where] if where.private else [where, self.alone(user)]
        before = {id(one): len(one.messages) for one in chats}
        typed = command if where.private else self.addressed(command)
        await self.fake.say(user, where, typed, **how)
        await self.idle()
        return [
            message
            for one in chats
            for message in list(one.messages.values())[before[id(one)] :]
            if message.author is self.fake.bot and not message.deleted
        ]

    async def ask(self, user: User, command: str, chat: Chat | None = None, **how: Any) -> Message:
        """The same, for a command with one answer; in a group, the one in the person's own chat if any."""
        return (await self.use(user, command, chat, **how))[-1]

    def addressed(self, command: str) -> str:
        """As people type it in a group."""
        return _ADDRESS.sub(lambda found: f"{found[0]}@{self.fake.bot.username}", command)

    async def press(self, user: User, message: Message, button: str) -> CallbackQuery:
        """Someone presses a button; the answer to the press."""
        pressed = await (await self.fake.press(user, message, button)).done()
        await self.idle()
        return pressed

    async def forge(self, user: User, message: Message, data: str) -> CallbackQuery:
        """Someone presses a button whose data they wrote by hand, as only other programs can."""
        pressed = await self.fake.world.press(user, message, data).done()
        await self.idle()
        return pressed

    async def idle(self) -> None:
        """Wait until everything that was fetched is done."""
        await self.fake.fetched()
        await asyncio.wait_for(self.client.app.update_queue.join(), 30)
        await self.until(lambda: not self.client.chat.working)

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait for something on her side."""
        async with asyncio.timeout(PATIENCE_S):
            while not holds():  # noqa: ASYNC110  (nothing tells of it)
                await asyncio.sleep(0.01)


def labels(message: Message) -> list[str]:
    """The buttons under a message."""
    return [button["text"] for button in message.keyboard]


def plain(message: Message) -> str:
    """What people read: without the characters of no width."""
    return message.text.replace("\u2060", "").replace("\u200c", "")


def _learn(request: Any) -> str:
    return HIKING if "등산" in request.prompt else ""


@asynccontextmanager
async def office(
    path: Path, fake: FakeTelegram | None = None, *, model: ScriptedModel | None = None,
    portraits: PaintedPortraits | None = None, owners: Iterable[str] = (), answer_s: float = 5.0,
    arena: Arena | None = None, informed: bool = True,
) -> AsyncIterator[Office]:  # fmt: skip
    """She serves inside the block; ``owners`` are names of people who own the bot, ``answer_s`` is the
    time that Telegram has for an answer, and where it is ``informed`` it knows her menus.
    """
    if fake is None:
        async with (
            FakeTelegram() as own,
            office(
                path,
                own,
                model=model,
                portraits=portraits,
                owners=owners,
                answer_s=answer_s,
                arena=arena,
                informed=informed,
            ) as opened,
        ):
            yield opened
        return
    settings = settings_in(path)
    parts: dict[str, Any] = {
        "language_model": model or ScriptedModel({Task.MEMORY: _learn}), "exemplars": FewExemplars(),
        "ranker": LikesAll(), "embedder": HashEmbedder(), "portraits": portraits or PaintedPortraits(),
        "clock": FixedClock(), "arena": arena or ArithmeticArena(),
    }  # fmt: skip
    async with build_app(settings, **parts) as app:
        if informed:
            await inform(app, fake)
        people, group = _people(fake)
        order = Order()
        bot = application(fake.token, fake.base_url, Pulse(lambda _: None), order, answer_s=answer_s)
        client = Client(Desk(telegram_doors(app), {people[name].id for name in owners}), bot, order)
        client.chat.sender.pace.every_s = 0.0
        client.desk.hall.alone = client.desk.hall.group = Rhythm(0.0, 0.0)
        try:
            await client.open()
            assert bot.updater is not None
            await bot.updater.start_polling(timeout=1, allowed_updates=ALLOWED)
            await fake.connected()
            yield Office(fake, app, client, people["mina"], people["john"], people["boss"], group)
        finally:
            await client.finish(5.0)


async def inform(app: App, fake: FakeTelegram) -> None:
    """As if she had told Telegram her menus at an earlier start: 18 requests that most tests need not wait for."""
    told = {entry.name: entry.digest for entry in menu.entries()}
    await app.state.put(f"telegram.menu.{fake.bot.id}", json.dumps(told))


def _people(fake: FakeTelegram) -> tuple[dict[str, User], Chat]:
    named = {user.first_name: user for user in fake.world.users.values()}
    for name, code in (("mina", "ko"), ("john", "en"), ("boss", "en")):
        if name not in named:
            named[name] = fake.add_user(name, language_code=code)
            named[name].started = True  # they have written to her before
    group = next((chat for chat in fake.world.chats.values() if chat.title == "town"), None)
    if group is None:
        group = fake.add_group("town", named["mina"], named["john"], owner=named["boss"], supergroup=True)
    return named, group
