"""What people do with an account on either fake: the same verbs, so that one script plays both."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol, TypeVar

from core.people import Owner
from tests.adapters.canary.ledger import number_of
from tests.fake_discord import Channel, FakeDiscord, Interaction
from tests.fake_discord import Message as DiscordMessage
from tests.fake_discord import User as DiscordUser
from tests.fake_discord.talks import ANSWER_WITHIN_S
from tests.fake_telegram import Chat, FakeTelegram
from tests.fake_telegram import Message as TelegramMessage
from tests.fake_telegram import User as TelegramUser

PATIENCE_S = 120.0
PROPOSALS = 20  # times that somebody asks for one
TAIL = 250  # messages of a room among which an answer is looked for
_M = TypeVar("_M")
_ADDRESS = re.compile(r"^/[a-z]+")


@dataclass(eq=False)
class Room:
    """A channel or chat, and the name of the scope that it belongs to."""

    scope: str
    chat: Any
    public: bool = True


class Account(Protocol):
    """One account of somebody, with the rooms that it may write in."""

    rooms: list[Room]

    @property
    def id(self) -> str: ...

    def rename(self, name: str) -> None: ...

    async def say(self, room: Room, text: str, quoting: Any = None) -> Any: ...

    async def change(self, room: Room, message: Any, text: str) -> None: ...

    async def delete(self, message: Any) -> None: ...

    async def heard(self, room: Room, word: str, after: int = 0) -> Any: ...

    async def ask(self, room: Room, command: str, **options: Any) -> str: ...

    async def press(self, room: Room, message: Any, key: str) -> str: ...

    async def forget(self, room: Room) -> None: ...


def owner(account: Account, room: Room) -> Owner:
    """Whose canaries are told there."""
    return Owner(account.id, room.scope)


@dataclass(eq=False)
class OnDiscord:
    """An account on the fake Discord."""

    fake: FakeDiscord
    user: DiscordUser
    rooms: list[Room] = field(default_factory=list)

    @property
    def id(self) -> str:
        return f"discord:{self.user.id}"

    def rename(self, name: str) -> None:
        self.user.shown_name = name
        for guild in self.fake.world.guilds.values():
            if self.user.id in guild.members:
                guild.members[self.user.id].nick = name

    async def say(self, room: Room, text: str, quoting: DiscordMessage | None = None) -> DiscordMessage:
        return await self.fake.say(self.user, room.chat, self._addressed(room, text), reply_to=quoting)

    async def change(self, room: Room, message: DiscordMessage, text: str) -> None:
        await self.fake.edit(message, self._addressed(room, text))

    async def delete(self, message: DiscordMessage) -> None:
        await self.fake.delete(message)

    async def heard(self, room: Room, word: str, after: int = 0) -> DiscordMessage:
        """Her reply with a word in it, newer than her ``after``-th, once its buttons stand there."""

        def find() -> DiscordMessage | None:
            return _newest(self._replies(room.chat), lambda m: m.content, word, after)

        message = await self.fake.wait_for(find, PATIENCE_S, f"a reply with {word}")
        assert message is not None
        await self.fake.wait_for(lambda: _custom_id(message, "why"), PATIENCE_S, "its buttons")
        return message

    async def ask(self, room: Room, command: str, **options: Any) -> str:
        return (await self._talk(room, command, options)).content

    async def propose(self, room: Room, command: str, option: str) -> None:
        """Autocompletion, with nothing typed yet. Discord takes no late answer: who sees none asks again."""
        for _ in range(PROPOSALS):
            talk = await self.fake.autocomplete(self.user, room.chat, command, option, "")
            with suppress(TimeoutError):
                await talk.done(ANSWER_WITHIN_S + 1)
                return
        raise TimeoutError(f"nothing was proposed for {command}")

    async def press(self, room: Room, message: DiscordMessage, key: str) -> str:
        """A button under a reply; the line that it was answered with, '' for none yet."""
        button = await self.fake.wait_for(lambda: _custom_id(message, key), PATIENCE_S, f"a button {key}")
        talk = await self.fake.press(self.user, message, button)
        if key == "why":
            return (await talk.done(PATIENCE_S)).content
        before = number_of(message.content)
        await self.fake.wait_for(
            lambda: talk.followups or number_of(message.content) > before, PATIENCE_S, f"{key} of a reply"
        )
        return talk.followups[0].content if talk.followups else ""

    async def forget(self, room: Room) -> None:
        talk = await self._talk(room, "forget", {"where": "here"})
        await self.confirm(talk)

    async def confirm(self, talk: Interaction) -> None:
        """Press the first button of an answer, and wait until it is gone."""
        shown = talk.original
        assert shown is not None
        await self.fake.press(self.user, shown, shown.buttons()[0]["custom_id"])
        await self.fake.wait_for(lambda: not shown.buttons(), PATIENCE_S, "the end of a question")

    async def _talk(self, room: Room, command: str, options: dict[str, Any]) -> Interaction:
        talk = await self.fake.slash(self.user, room.chat, command, options)
        return await talk.done(PATIENCE_S)

    async def question(self, room: Room, command: str, **options: Any) -> Interaction:
        """A command that is answered with buttons."""
        return await self._talk(room, command, options)

    def _addressed(self, room: Room, text: str) -> str:
        return f"{self.fake.bot.mention} {text}" if room.public else text

    def _replies(self, channel: Channel) -> Iterator[DiscordMessage]:
        for message in islice(reversed(channel.messages.values()), TAIL):
            if message.author is self.fake.bot and not (message.ephemeral or message.deleted):
                yield message


@dataclass(eq=False)
class OnTelegram:
    """An account on the fake Telegram; ``asked`` tells when something was asked about which scope."""

    fake: FakeTelegram
    user: TelegramUser
    rooms: list[Room] = field(default_factory=list)
    asked: list[tuple[float, str]] = field(default_factory=list)

    @property
    def id(self) -> str:
        return f"telegram:{self.user.id}"

    def rename(self, name: str) -> None:
        self.user.first_name = name

    async def say(self, room: Room, text: str, quoting: TelegramMessage | None = None) -> TelegramMessage:
        return await self.fake.say(self.user, room.chat, self._addressed(room, text), reply_to=quoting)

    async def change(self, room: Room, message: TelegramMessage, text: str) -> None:
        await self.fake.edit(message, self._addressed(room, text))

    async def delete(self, message: TelegramMessage) -> None:
        await self.fake.delete(message)

    async def heard(self, room: Room, word: str, after: int = 0) -> TelegramMessage:
        def find() -> TelegramMessage | None:
            return _newest(self._replies(room.chat), lambda m: m.text, word, after)

        message = await self.fake.wait_for(find, PATIENCE_S, f"a reply with {word}")
        assert message is not None
        await self.fake.wait_for(lambda: _data(message, "why"), PATIENCE_S, "its buttons")
        return message

    async def ask(self, room: Room, command: str, **options: Any) -> str:
        typed = " ".join(["/" + command, *(str(value) for value in options.values())])
        return (await self.question(room, typed)).text

    async def question(self, room: Room, typed: str, button: str = "") -> TelegramMessage:
        """A command; in a group, its answer in the person's own chat. It has a ``button`` whose data begin so."""
        self.asked.append((time.monotonic(), room.scope))
        alone = self.fake.private_chat(self.user)
        if room.public:
            typed = _ADDRESS.sub(lambda found: f"{found[0]}@{self.fake.bot.username}", typed)
        mine = await self.fake.say(self.user, room.chat, typed)

        def answered() -> TelegramMessage | None:
            for message in self._replies(room.chat):
                if (
                    message.reply_to is mine
                    if room.public
                    else message.id > mine.id and _data(message, button)
                ):
                    return message
            return None

        answer = await self.fake.wait_for(answered, PATIENCE_S, f"an answer to {typed}")
        assert answer is not None
        return next(self._replies(alone), answer)

    async def press(self, room: Room, message: TelegramMessage, key: str) -> str:
        self.asked.append((time.monotonic(), room.scope))
        before, word = number_of(message.text), message.text.split()[2]
        alone = self.fake.private_chat(self.user)
        told = len(self.fake.said(alone))
        if message.deleted:  # another one has taken its place
            return "gone"
        button = await self.fake.wait_for(lambda: _data(message, key), PATIENCE_S, f"a button {key}")
        query = await self.fake.press(self.user, message, button)
        await query.done(PATIENCE_S)
        if key == "again" and not query.text:
            await self.heard(room, word, before)
        elif key == "why" and (
            not room.public or word[:2] in query.text
        ):  # with buttons, for who pressed alone
            await self.fake.wait_for(lambda: len(self.fake.said(alone)) > told, PATIENCE_S, "why")
        return query.text

    async def forget(self, room: Room) -> None:
        await self.confirm(await self.question(room, "/forget here", "f"))

    async def confirm(self, shown: TelegramMessage) -> None:
        """Press the first button of an answer, and wait until all are gone."""
        await self.fake.press(self.user, shown, shown.keyboard[0]["callback_data"])
        await self.fake.wait_for(lambda: not shown.keyboard, PATIENCE_S, "the end of a question")

    def _addressed(self, room: Room, text: str) -> str:
        return f"{self.fake.bot.mention} {text}" if room.public else text

    def _replies(self, chat: Chat) -> Iterator[TelegramMessage]:
        for message in islice(reversed(chat.messages.values()), TAIL):
            if message.author is self.fake.bot and not message.deleted:
                yield message


def _newest(replies: Iterable[_M], text: Callable[[_M], str], word: str, after: int) -> _M | None:
    for message in replies:
        if word in text(message) and number_of(text(message)) > after:
            return message
    return None


def _custom_id(message: DiscordMessage, key: str) -> str:
    return next((b["custom_id"] for b in message.buttons() if f":{key}:" in b["custom_id"]), "")


def _data(message: TelegramMessage, key: str) -> str:
    """The data of a button of a kind; without a kind, something that is true."""
    found = (button.get("callback_data") or "" for button in message.keyboard)
    return next((data for data in found if data.startswith(f"{key}:")), "") if key else "-"
