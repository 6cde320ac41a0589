"""A shuffled script for everybody: secrets, small talk, commands, buttons, names, links, and forgetting."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.adapters.canary.accounts import Account, OnDiscord, OnTelegram, Room, owner
from tests.adapters.canary.ledger import KEYS_EN, KEYS_KO
from tests.adapters.canary.stage import Stage

_CODE = re.compile(r"\b\d{6}\b")
NUMBERS = 400  # the numbers of facts that people try
AT_ONCE = (
    12  # people who do something at the same time: with more, a slow machine keeps them waiting too long
)


@dataclass(eq=False)
class Player:
    """One person with one or two accounts; does one thing after another."""

    stage: Stage
    accounts: list[Account]
    ko: bool
    forgets: bool
    rng: Random
    done: Counter[str] = field(default_factory=Counter)
    # what was said and answered, to be edited, deleted, asked about: account, room, message, reply, word
    talked: list[tuple[Account, Room, Any, Any, str]] = field(default_factory=list)

    def script(self, secrets: int) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
        """Everything that the person will do, shuffled."""
        scopes = {room.scope: (one, room) for one in self.accounts for room in one.rooms}
        each = [place for _, place in sorted(scopes.items())]
        acts: list[tuple[str, Callable[[], Awaitable[None]]]] = []
        for place in each:
            acts += [("tell", lambda p=place: self.tell(*p)) for _ in range(secrets)]  # type: ignore[misc]
        more = (
            self.chat, self.burst, self.facts, self.search, self.export, self.why, self.again, self.meddle,
            self.try_numbers, self.edit, self.delete, self.rename, self.profile,
        )  # fmt: skip
        acts += [(act.__name__, act) for act in more for _ in range(max(1, secrets // 5))]
        self.rng.shuffle(acts)
        if self.forgets:  # when there is something to forget, and something to say afterwards
            acts.insert(self.rng.randrange(len(acts) // 2, len(acts)), ("forget", self.forget))
        return acts

    async def play(self, secrets: int, turn: asyncio.Semaphore) -> None:
        """Join the accounts at some time, and do everything else."""
        acts = self.script(secrets)
        if len(self.accounts) == 2:
            acts.insert(self.rng.randrange(len(acts) // 2), ("link", self.link))
        for name, act in acts:
            async with turn:
                await act()
            self.done[name] += 1
            await asyncio.sleep(self.rng.random() * 0.02)

    def anywhere(self) -> tuple[Account, Room]:
        """One of the rooms."""
        account = self.rng.choice(self.accounts)
        return account, self.rng.choice(account.rooms)

    async def tell(self, account: Account, room: Room) -> None:
        """A secret, sometimes in answer to what another one said in the same room."""
        word = self.stage.ledger.word(owner(account, room), secret=True)
        key = self.rng.choice(KEYS_KO if self.ko else KEYS_EN)
        told = f"내 {key}는 {word}야" if self.ko else f"my {key} is {word}"
        await self._say(account, room, told, word)

    async def chat(self) -> None:
        """Small talk, with a word to know it by."""
        account, room = self.anywhere()
        word = self.stage.ledger.word(owner(account, room))
        await self._say(account, room, f"오늘 {word} 어때" if self.ko else f"what of {word} today", word)

    async def burst(self) -> None:
        """Two messages without waiting."""
        account, room = self.anywhere()
        first = self.stage.ledger.word(owner(account, room))
        await account.say(room, f"{first} 말이야" if self.ko else f"about {first}")
        await self.chat_in(account, room)

    async def chat_in(self, account: Account, room: Room) -> None:
        word = self.stage.ledger.word(owner(account, room))
        await self._say(account, room, f"{word} 기억나?" if self.ko else f"do I like {word}", word)

    async def _say(self, account: Account, room: Room, text: str, word: str) -> None:
        others = [m for r, m, who in self.stage.heard if r.chat is room.chat and who != account.id]
        quoted = self.rng.choice(others[-5:]) if others and self.rng.random() < 0.2 else None
        message = await account.say(room, text, quoted)
        reply = await account.heard(room, word)
        self.talked.append((account, room, message, reply, word))
        if room.public:
            self.stage.heard.append((room, reply, account.id))

    async def facts(self) -> None:
        account, room = self.anywhere()
        await account.ask(room, "memory list" if isinstance(account, OnDiscord) else "memory")

    async def search(self) -> None:
        account, room = self.anywhere()
        await account.ask(room, "memory search", query="zo")

    async def export(self) -> None:
        account, room = self.anywhere()
        await account.ask(room, "memory export")

    async def profile(self) -> None:
        account, room = self.anywhere()
        await account.ask(room, "profile")

    async def why(self) -> None:
        if self.talked:
            account, room, _, reply, _ = self.rng.choice(self.talked)
            await account.press(room, reply, "why")

    async def again(self) -> None:
        if self.talked:
            account, room, _, reply, _ = self.talked[-1]
            await account.press(room, reply, "again")

    async def meddle(self) -> None:
        """Press the buttons of somebody else's reply."""
        account, room = self.anywhere()
        others = [m for r, m, who in self.stage.heard if r.chat is room.chat and who != account.id]
        if others:
            reply, key = self.rng.choice(others[-20:]), self.rng.choice(("why", "again"))
            assert await account.press(room, reply, key), "it says that the button is not theirs"

    async def try_numbers(self) -> None:
        """Ask for facts by numbers, most of which are other people's."""
        account, room = self.anywhere()
        for act in ("pin", "delete"):
            await account.ask(room, f"memory {act}", fact=self.rng.randrange(1, NUMBERS))
        number, word = self.rng.randrange(1, NUMBERS), self.stage.ledger.word(owner(account, room))
        await account.ask(room, "memory edit", fact=number, value=word)

    async def edit(self) -> None:
        """Say something and change it: it is answered anew, in the same reply."""
        account, room = self.anywhere()
        await self.tell(account, room)
        _, _, message, reply, _ = self.talked.pop()
        word = self.stage.ledger.word(owner(account, room), secret=True)
        await account.change(room, message, f"내 특기는 {word}야" if self.ko else f"my skill is {word}")
        assert await account.heard(room, word) is reply, "no second one beside it"

    async def delete(self) -> None:
        if self.talked:
            account, _, message, _, _ = self.talked.pop()
            await account.delete(message)

    async def rename(self) -> None:
        """Take somebody else's name."""
        self.rng.choice(self.accounts).rename(f"person{self.rng.randrange(len(self.stage.cast))}")

    async def forget(self) -> None:
        """Everything here; what was said before is not touched again."""
        account, room = self.anywhere()
        await account.forget(room)
        self.stage.ledger.erase(owner(account, room))
        self.talked = [each for each in self.talked if each[1].scope != room.scope]

    async def link(self) -> None:
        """Join both accounts: a code here, the question there, the question here."""
        there, here = self.accounts
        assert isinstance(there, OnDiscord) and isinstance(here, OnTelegram)
        asked = await there.question(there.rooms[0], "link")
        code = _CODE.search(asked.content)
        assert code is not None
        await here.confirm(await here.question(here.rooms[0], f"/link {code[0]}", "l"))
        self.stage.ledger.join(there.id, here.id)
        await there.confirm(await there.question(there.rooms[0], "link"))

    async def part(self) -> None:
        if len(self.accounts) == 2:
            there = self.accounts[0]
            await there.ask(there.rooms[0], "unlink")
            self.stage.ledger.part(*(account.id for account in self.accounts))

    async def look(self, turn: asyncio.Semaphore) -> None:
        """At everything that is kept, everywhere, and at what shaped the last reply in each room."""
        for account in self.accounts:
            for room in account.rooms:
                async with turn:
                    await self._look(account, room)

    async def _look(self, account: Account, room: Room) -> None:
        await account.ask(room, "memory list" if isinstance(account, OnDiscord) else "memory")
        await account.ask(room, "memory export")
        if isinstance(account, OnDiscord):
            await account.propose(room, "memory delete", "fact")
        replies = [reply for _, where, _, reply, _ in self.talked if where is room]
        if replies:
            await account.press(room, replies[-1], "why")


async def perform(it: Stage, secrets: int, seed: int) -> Counter[str]:
    """Everybody plays at once; then all look at what is kept, before and after the links end."""
    players = [
        Player(
            it, accounts, number % 2 == 0, number % 3 == 1 or number % 5 == 3, Random(seed * 1000 + number)
        )
        for number, accounts in enumerate(it.cast)
    ]
    turn = asyncio.Semaphore(AT_ONCE)
    await asyncio.gather(*(player.play(secrets, turn) for player in players))
    await it.settle()
    await asyncio.gather(*(player.look(turn) for player in players))
    for player in players:
        await player.part()
    await asyncio.gather(*(player.look(turn) for player in players if len(player.accounts) == 2))
    await it.settle()
    return sum((player.done for player in players), Counter())
