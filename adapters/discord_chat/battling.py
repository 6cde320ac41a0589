"""Battles on Discord: begun, shown on their cards also after a restart, played by buttons and forms."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import discord

from adapters.discord_chat.battle_cards import CardPort, battling_of
from adapters.discord_chat.chat import Chat
from adapters.discord_chat.command_texts import text
from adapters.discord_chat.desk import Desk, Talk, defer, forgiving, show
from adapters.discord_chat.doors import group_key, message_key, snowflake_of
from adapters.discord_chat.errors import PASSING, trying
from adapters.discord_chat.text import pages
from adapters.discord_chat.translate import channels_of, person_of, place_of
from adapters.discord_chat.translator import lang_of
from adapters.media.words import FIELDS, SHORT
from adapters.shared.answers import Answer
from adapters.shared.battle_asks import Press
from adapters.shared.battle_card import Scene
from adapters.shared.battle_face import her_face
from adapters.shared.battle_live import LiveBattle
from adapters.shared.battles import BattleDesk, Begun, refusal
from adapters.shared.decisions import answers_in
from adapters.shared.desk import Caller
from adapters.shared.texts import text as shared_text
from core.battle.events import BattleView
from core.battle.game import Rival
from core.battle.hyperparameters import CHOICES
from core.battle.parsing import EXAMPLE, LONGEST
from core.errors import EdgeError, HiddenError, UserFacingError, logged
from core.people import Incoming, Lang, Owner, Place
from core.places import SilentError

log = logging.getLogger(__name__)

Ask = Callable[[Caller], Awaitable[Begun]]
QUIET = ("refuse", "cancel", "concede")  # what the card alone answers
NOTHING_NAMED = "default"  # an empty form is all defaults, as its title promises


@dataclass(eq=False)
class Battling:
    """The battles of one client; each has a task that keeps its card up to date.

    ``serves`` tells the groups of this process: with several, each carries its own battles on.
    """

    client: discord.Client
    desk: Desk
    chat: Chat
    serves: Callable[[str], bool]
    _live: dict[int, asyncio.Task[Scene]] = field(default_factory=dict)
    _shown: set[int] = field(default_factory=set)

    @property
    def hall(self) -> BattleDesk:
        """What is done with battles. Raises LookupError where there are none."""
        found = self.desk.commands.battle_desk
        if found is None:
            raise LookupError("no battles here")
        return found

    async def begin(self, talk: Talk, ask: Ask, names: dict[str, str] | None = None) -> None:
        """Begin a battle whose card is the answer to ``talk``; a refusal is seen by the asker only.

        ``names`` are those of people who play, as far as they are known; the asker's own is.
        """
        await defer(talk, thinking=True)
        who = await self.desk.caller(talk)
        try:
            refused = await self._refused(talk, who)
            begun = await ask(who) if refused is None else Begun(refused)
        except SilentError:
            await trying(talk.delete_original_response)
            return
        except UserFacingError as err:
            begun = Begun(refusal(err, who.lang))
        if begun.view is None:
            await trying(talk.delete_original_response)
            await talk.followup.send(pages(begun.answer.text)[0], ephemeral=True)
            await self.take_up()  # the desk may have found one that nobody carried on
            return
        view, known = begun.view, {who.person.id: who.person.name} | (names or {})
        port = self._port(view, talk, talk.channel_id or 0)
        if view.rival is Rival.PERSON:
            port.invited = str(snowflake_of(view.right.person))
        self._follow(view, await self.names(view, known), port)

    async def take_up(self) -> None:
        """Carry on the battles of before a restart, and follow them on their cards."""
        if self.desk.commands.battle_desk is None:
            return
        try:
            await self.hall.battles.resume(self._mine)
            found = await self.hall.battles.resumed()
        except HiddenError as err:
            log.warning("cards of earlier battles stand as they are: %s", logged(err))
            return
        for view in found:
            if self._mine(view) and view.id not in self._shown:
                self._shown.add(view.id)
                port = self._port(view, None, snowflake_of(view.channel))
                self._follow(view, await self.names(view, {}), port)

    async def pressed(self, talk: Talk, press: Press | None) -> None:
        """Somebody pressed a button of a card."""
        async with forgiving(talk):
            if press is None:
                await defer(talk)
            elif press.act == "choose":
                await self._choose(talk, press.battle)
            elif press.act == "again":
                await self.begin(talk, lambda who: self._again(talk, who, press.battle))
            else:
                await self._press(talk, press)

    async def play(self, talk: Talk, battle: int, said: str) -> None:
        """Lock what somebody put into the form."""
        await defer(talk, thinking=True, ephemeral=True)
        who, hall = await self.desk.caller(talk), self.hall
        await show(talk, await hall.play(who.person.id, said, who.lang, message_key(talk.id), battle))

    async def close(self) -> None:
        """Follow nothing more; the cards stand as they are until the next start."""
        tasks = [*self._live.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _mine(self, view: BattleView) -> bool:
        group = Place.of_scope(view.scope).group or group_key(0)  # direct messages are on shard 0
        return view.channel.startswith(message_key("")) and self.serves(group)

    async def _refused(self, talk: Talk, who: Caller) -> Answer | None:
        """Why she does not play here, or with this person; None if she does. Raises SilentError."""
        here = await self.desk.doors.rules.settings(who.place.group)
        if talk.guild_id is not None and not answers_in(channels_of(talk.channel), here):
            return Answer(text("other_channels", who.lang), done=False)
        incoming = Incoming(message_key(talk.id), who.person, who.place, "", self.desk.doors.clock.now())
        try:
            await self.desk.doors.rules.admit(incoming, here, "", time.monotonic())
        except UserFacingError as err:
            return refusal(err, who.lang)
        return None

    async def _again(self, talk: Talk, who: Caller, battle: int) -> Begun:
        channel = message_key(talk.channel_id or 0)
        return await self.hall.again(who.owner, battle, channel, message_key(talk.id), who.lang)

    async def _choose(self, talk: Talk, battle: int) -> None:
        """A form is the first answer or none, so nothing slow comes before it."""
        lang = lang_of(talk.locale)
        here = Owner(person_of(talk.user).id, place_of(talk.channel).scope)
        number, refused = await self.hall.round_of(here, battle, lang)
        if number:
            await talk.response.send_modal(
                ChoiceForm(battle, shared_text("b_form", lang, number=number), lang)
            )
        else:
            await talk.response.send_message(pages(refused.text)[0], ephemeral=True)

    async def _press(self, talk: Talk, press: Press) -> None:
        quiet = press.act in QUIET
        await (defer(talk) if quiet else defer(talk, thinking=True, ephemeral=True))
        who = await self.desk.caller(talk)
        answer = await self.hall.press(who.owner, press, who.lang, message_key(talk.id))
        if not quiet:
            await show(talk, answer)
        elif answer.text:
            await talk.followup.send(pages(answer.text)[0], ephemeral=True)

    def _port(self, view: BattleView, talk: Talk | None, channel: int) -> CardPort:
        place = self.client.get_partial_messageable(channel)
        card = snowflake_of(view.card) if view.card else 0
        return CardPort(self.hall.battles, view.id, self.chat.mends, view.lang, place, talk, card)

    def _follow(self, view: BattleView, names: dict[str, str], port: CardPort) -> None:
        hall = self.hall
        live = LiveBattle(
            hall.battles, port, hall.scene(view, view.lang, names), partial(her_face, self.desk.doors, view),
            standing=bool(port.id), interval=self.chat.manner.edit_every_s,
        )  # fmt: skip
        self._live[view.id] = task = asyncio.create_task(live.run())
        task.add_done_callback(lambda task: self._ended(view.id, task))

    def _ended(self, battle: int, task: asyncio.Task[Scene]) -> None:
        self._live.pop(battle, None)
        err = None if task.cancelled() else task.exception()
        if err is not None:
            log.warning("card of battle %d: %s", battle, err if isinstance(err, EdgeError) else logged(err))

    async def names(self, view: BattleView, known: dict[str, str]) -> dict[str, str]:
        """What the people who play are called here; who cannot be looked up is called by what they are."""
        group, names = Place.of_scope(view.scope).group, dict(known)
        guild = self.client.get_guild(snowflake_of(group)) if group.startswith(group_key("")) else None
        for side in (view.left, view.right):
            if not side.person or side.person in names:
                continue
            try:
                number = snowflake_of(side.person)
                user = await (guild.fetch_member(number) if guild else self.client.fetch_user(number))
            except (*PASSING, ValueError) as err:
                log.info("no name for battle %d: %s", view.id, type(err).__name__)
            else:
                names[side.person] = user.display_name
        return names


class ChoiceForm(discord.ui.Modal):
    """The values of a round: in words of one's own, and what has few values from menus, which win."""

    def __init__(self, battle: int, title: str, lang: Lang) -> None:
        super().__init__(title=title[:45], timeout=900)
        self._battle = battle
        self._words: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id="words", placeholder=EXAMPLE, required=False, max_length=LONGEST
        )
        label, about = text("battle_words", lang), text("battle_words_about", lang)
        self.add_item(discord.ui.Label(text=label, description=about, component=self._words))
        self._menus: dict[str, discord.ui.Select[Any]] = {}
        for name, values in CHOICES.items():
            options = [discord.SelectOption(label=str(value), value=str(value)) for value in values]
            self._menus[name] = discord.ui.Select(
                custom_id=name, placeholder=text("battle_default", lang), options=options, min_values=0,
                required=False,
            )  # fmt: skip
            self.add_item(discord.ui.Label(text=FIELDS[name][lang], component=self._menus[name]))

    async def on_submit(self, interaction: Talk, /) -> None:
        """Play what is in it; where that is no choice, she says why, and it is still the person's turn."""
        chosen = [f"{SHORT[name]}={menu.values[0]}" for name, menu in self._menus.items() if menu.values]
        async with forgiving(interaction):
            said = " ".join([self._words.value, *chosen]).strip() or NOTHING_NAMED
            await battling_of(interaction).play(interaction, self._battle, said)
