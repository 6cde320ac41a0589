"""The battles whose cards stand on Telegram: each is followed to its end, and on after a restart."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from adapters.shared.battle_card import Scene
from adapters.shared.battle_face import her_face
from adapters.shared.battle_live import LiveBattle
from adapters.shared.battles import BattleDesk
from adapters.telegram_chat.battle_cards import CardPort
from adapters.telegram_chat.doors import PLATFORM, group_key, numbers_of
from adapters.telegram_chat.errors import trying
from adapters.telegram_chat.sender import Spot
from core.battle.events import BattleView
from core.battle.game import Phase
from core.errors import EdgeError, HiddenError, StoreError, UserFacingError, logged
from core.people import Lang

if TYPE_CHECKING:
    from adapters.telegram_chat.desk import Desk

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Least seconds between two edits of a card, and between two that tell of mere progress."""

    every_s: float
    progress_s: float


ALONE: Final = Rhythm(1.5, 1.5)
GROUP: Final = Rhythm(2.0, 4.0)  # twenty calls in a minute are for everything that she says there


def channel_of(spot: Spot) -> str:
    """The channel of a battle: a chat, or a topic of it."""
    return group_key(spot.chat_id) + (f"/{spot.thread}" if spot.thread else "")


@dataclass(eq=False)
class Hall:
    """One for a bot."""

    desk: Desk
    alone: Rhythm = ALONE
    group: Rhythm = GROUP
    _tasks: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _ports: dict[int, CardPort] = field(default_factory=dict)

    @property
    def battles(self) -> BattleDesk | None:
        """What there is to battle with."""
        return self.desk.commands.battle_desk

    async def resume(self) -> None:
        """Carry on what was open; before anything is taken in, for it may be a press of its buttons."""
        if self.battles is None:
            return
        try:
            await self.battles.battles.resume(_mine)
        except HiddenError as err:
            log.warning("open battles wait for the next start: %s", logged(err))

    async def open(self) -> None:
        """Go on with the cards of before; those of battles that ended meanwhile get their end."""
        battles = self.battles
        if battles is None:
            return
        try:
            found = await battles.battles.resumed(await self._unfinished())
        except HiddenError as err:
            log.warning("cards of before stay as they are: %s", logged(err))
            return
        for view in found:
            if _mine(view) and view.id not in self._tasks:
                spot, number = _place(view)
                scene = battles.scene(view, view.lang, await self.names(view, spot.chat_id, {}))
                self._follow(battles, scene, self._port(battles, scene, spot, number))
        await self._note()

    async def follow(
        self, battles: BattleDesk, view: BattleView, lang: Lang, spot: Spot, known: dict[str, str],
        number: int = 0,
    ) -> None:  # fmt: skip
        """A card for a battle: a new message, or in the place of the one of that number; ``known`` are
        names of people by their ids.
        """
        old = self._ports.get(view.id)
        await self.leave(view.id)
        if old is not None and old.number not in (0, number):
            await self._remove(old)
        names = await self.names(view, spot.chat_id, known)
        scene = battles.scene(view, lang, names)
        port = self._port(battles, scene, spot, number)
        name = names.get(view.right.person)
        if name and view.phase is Phase.INVITED:
            port.calls = int(view.right.person.partition(":")[2]), name
        self._follow(battles, scene, port)
        await self._note()

    async def leave(self, battle: int) -> None:
        """Let go of a card; it stays as it is."""
        task, port = self._tasks.pop(battle, None), self._ports.pop(battle, None)
        if port is not None:
            await port.close()
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def close(self) -> None:
        """Let go of all; what is not at its end is gone on with at the next start."""
        for battle in list(self._tasks):
            await self.leave(battle)

    async def names(self, view: BattleView, chat_id: int, known: dict[str, str]) -> dict[str, str]:
        """The names of those who play; Telegram is asked for those that are not known."""
        found = dict(known)
        for person in {view.left.person, view.right.person} - {"", *known}:
            account = int(person.partition(":")[2])
            try:
                found[person] = await self._name(chat_id, account) or str(account)
            except EdgeError as err:
                log.info("no name of %s: %s", account, type(err).__name__)
        return found

    async def _name(self, chat_id: int, account: int) -> str:
        """What somebody is called. Raises EdgeError."""
        bot = self.desk.bot
        if chat_id > 0:
            return (await trying(lambda: bot.get_chat(chat_id))).full_name or ""
        return (await trying(lambda: bot.get_chat_member(chat_id, account))).user.full_name

    async def _remove(self, old: CardPort) -> None:
        """Take a card away in whose place another one comes; if that fails, both stay."""
        try:
            await self.desk.sender.delete(old.spot.chat_id, old.number)
        except EdgeError as err:
            log.info("card %s stays: %s", old.number, type(err).__name__)

    def _port(self, battles: BattleDesk, scene: Scene, spot: Spot, number: int) -> CardPort:
        async def stands(key: str) -> None:
            try:
                await battles.battles.card(scene.view.id, key)
            except (HiddenError, UserFacingError) as err:
                log.warning("card of battle %d not noted: %s", scene.view.id, type(err).__name__)

        chat = self.desk.chat
        return CardPort(chat.sender, spot, stands, chat.moved, number, lang=scene.lang)

    def _follow(self, battles: BattleDesk, scene: Scene, port: CardPort) -> None:
        view, rhythm = scene.view, self.alone if port.spot.chat_id > 0 else self.group
        live = LiveBattle(
            battles.battles, port, scene, partial(her_face, self.desk.doors, view),
            standing=port.number != 0, interval=rhythm.every_s, progress_s=rhythm.progress_s,
        )  # fmt: skip
        self._ports[view.id] = port
        self._tasks[view.id] = asyncio.create_task(self._run(live))

    async def _run(self, live: LiveBattle) -> None:
        number = live.scene.view.id
        try:
            done = await live.run()
        except (EdgeError, HiddenError) as err:
            log.warning("card of battle %d is not up to date: %s", number, type(err).__name__)
            return
        if done.gone is not None or done.view.phase.over:
            self._tasks.pop(number, None)
            self._ports.pop(number, None)
            await self._note()

    @property
    def _kept(self) -> str:
        return f"telegram_battles:{self.desk.bot.id}"

    async def _unfinished(self) -> list[int]:
        """The battles whose cards were not at their end. Raises StoreError."""
        found = (await self.desk.doors.state.get(self._kept) or "").split()
        return [int(number) for number in found if number.isdecimal()]

    async def _note(self) -> None:
        """Keep which cards are not at their end."""
        try:
            await self.desk.doors.state.put(self._kept, " ".join(map(str, self._tasks)))
        except StoreError as err:
            log.info("open cards not noted: %s", logged(err))


def _mine(view: BattleView) -> bool:
    return view.left.person.startswith(f"{PLATFORM}:")


def _place(view: BattleView) -> tuple[Spot, int]:
    """Where a battle's card goes, and the message that it is, 0 for none."""
    chat, _, thread = view.channel.removeprefix(f"{PLATFORM}:").partition("/")
    there, number = numbers_of(view.card) if view.card else (int(chat), 0)
    return Spot(there, int(thread) if thread else None), number
