"""``/battle`` begins a battle; ``/battles``: who is best, what was, the same again, stop, reset."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final

import discord
from discord import app_commands

from adapters.discord_chat.battle_cards import battling_of
from adapters.discord_chat.desk import Desk, Talk
from adapters.discord_chat.doors import PLATFORM, message_key
from adapters.discord_chat.translate import person_of, place_of
from adapters.discord_chat.translator import lang_of
from adapters.shared.answers import Answer
from adapters.shared.battle_asks import Press
from adapters.shared.battles import BattleDesk, Begun
from adapters.shared.desk import Caller
from adapters.shared.texts import text as shared_text
from core.battle.game import MOST_TRIALS, Rival
from core.battle.ports import Tier
from core.battle.setup import Challenge
from core.errors import HiddenError, UserFacingError
from core.people import Owner

TIERS: Final = [
    app_commands.Choice(name="easy", value=Tier.RANDOM.value),
    app_commands.Choice(name="normal", value=Tier.TRIALS.value),
    app_commands.Choice(name="hard", value=Tier.SURROGATE.value),
    app_commands.Choice(name="hardest", value=Tier.REFINED.value),
]
MOST: Final = 25  # choices of an option

Dataset = app_commands.Range[str, 1, 50]
Number = app_commands.Range[int, 1, 2**53]
Trials = app_commands.Range[int, 1, MOST_TRIALS]
Work = Callable[[BattleDesk, Caller], Awaitable[Answer]]


def battle_command(desk: Desk) -> app_commands.Command[Any, ..., None]:
    """The command that begins a battle, whose card is its answer."""

    @app_commands.command(description="Battle Oh-LoRA at choosing hyperparameters")
    @app_commands.describe(
        dataset="Which pictures",
        opponent="Whom; leave it out for Oh-LoRA",
        tier="How strong Oh-LoRA plays",
        optuna="Against Optuna instead, with so many trials",
    )
    @app_commands.choices(tier=TIERS)
    async def battle(
        talk: Talk, dataset: Dataset = "", opponent: discord.User | None = None,
        tier: str = Tier.SURROGATE.value, optuna: Trials | None = None,
    ) -> None:  # fmt: skip
        async def ask(who: Caller) -> Begun:
            channel, message = message_key(talk.channel_id or 0), message_key(talk.id)
            wanted = Challenge(who.owner, channel, message, who.lang, dataset, tier=Tier(tier))
            if opponent is not None and opponent.id != talk.application_id:
                if not who.group:
                    return Begun(Answer(shared_text("group_only_discord", who.lang), done=False))
                if opponent.bot or optuna or not _inside(opponent):
                    raise UserFacingError("battle_opponent", most=MOST_TRIALS)
                wanted = replace(wanted, rival=Rival.PERSON, other=f"{PLATFORM}:{opponent.id}")
            elif optuna is not None:
                wanted = replace(wanted, rival=Rival.OPTUNA, trials=optuna)
            return await battling_of(talk).hall.start(wanted)

        names = {} if opponent is None else {f"{PLATFORM}:{opponent.id}": opponent.display_name}
        await battling_of(talk).begin(talk, ask, names)

    @battle.autocomplete("dataset")
    async def datasets(talk: Talk, typed: str) -> list[app_commands.Choice[str]]:
        return await dataset_choices(desk, talk, typed)

    return battle


class BattlesGroup(app_commands.Group):
    """The subcommands; every answer is seen by its asker only."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(name="battles", description="Leaderboards and past battles")
        self._desk = desk

    @app_commands.command(description="Who is best in this server")
    @app_commands.describe(dataset="Which pictures")
    async def leaderboard(self, talk: Talk, dataset: Dataset = "") -> None:
        """Those who joined in, with enough games."""
        await self._run(talk, lambda hall, who: hall.leaderboard(who.owner, who.lang, dataset), inside=True)

    @app_commands.command(description="Your past battles here")
    async def history(self, talk: Talk) -> None:
        """The newest ones."""
        named = battling_of(talk).names
        await self._run(
            talk, lambda hall, who: hall.history(who.owner, who.lang, {who.person.id: who.person.name}, named)
        )

    @app_commands.command(description="Train a past battle again and compare every number")
    @app_commands.describe(battle="Its number")
    async def replay(self, talk: Talk, battle: Number) -> None:
        """Whether it comes out the same to the last digit."""
        await self._run(talk, lambda hall, who: hall.replay(who.owner, battle, who.lang))

    @replay.autocomplete("battle")
    async def _past(self, talk: Talk, typed: str) -> list[app_commands.Choice[int]]:
        hall, owner = self._desk.commands.battle_desk, Owner(person_of(talk.user).id, _scope(talk))
        try:
            found = await hall.battles.history(owner, MOST) if hall is not None else []
        except HiddenError:
            return []
        named = [(f"#{view.id} · {view.created:%m-%d} · {view.instance}", view.id) for view in found]
        return [app_commands.Choice(name=name, value=id) for name, id in named if typed in name]

    @app_commands.command(description="Stand on the leaderboards here, with your name and rating")
    async def join(self, talk: Talk) -> None:
        """From now on the person's battles count."""
        await self._run(
            talk, lambda hall, who: hall.join(who.owner, who.person.name, who.lang), inside=True
        )  # fmt: skip

    @app_commands.command(description="Leave the leaderboards here; your rating is erased")
    async def leave(self, talk: Talk) -> None:
        """Name and ratings go."""
        await self._run(talk, lambda hall, who: hall.leave(who.owner, who.lang))

    @app_commands.command(description="Stop your battle; admins stop any battle here")
    @app_commands.describe(battle="Its number; leave it out for yours, or this channel's (admins)")
    async def stop(self, talk: Talk, battle: Number | None = None) -> None:
        """One's own is called off; an admin's word ends the one of the channel, or of a number."""
        channel = message_key(talk.channel_id or 0)
        await self._run(talk, lambda hall, who: _stopped(hall, who, battle, channel))

    @app_commands.command(description="Begin the leaderboards here anew (admins)")
    @app_commands.describe(dataset="Which pictures; leave it out for all")
    async def reset(self, talk: Talk, dataset: Dataset | None = None) -> None:
        """Erase the ratings of this server."""

        async def work(hall: BattleDesk, who: Caller) -> Answer:
            if not who.manages:
                return Answer(shared_text("admin_only_discord", who.lang), done=False)
            return await hall.reset(who.owner, who.lang, dataset)

        await self._run(talk, work, inside=True)

    @leaderboard.autocomplete("dataset")
    @reset.autocomplete("dataset")
    async def _datasets(self, talk: Talk, typed: str) -> list[app_commands.Choice[str]]:
        return await dataset_choices(self._desk, talk, typed)

    async def _run(self, talk: Talk, work: Work, *, inside: bool = False) -> None:
        """The answer of ``work``; ``inside`` a server only: in direct messages nobody knows the others."""

        async def checked(who: Caller) -> Answer:
            if inside and not who.group:
                return Answer(shared_text("group_only_discord", who.lang), done=False)
            return await work(battling_of(talk).hall, who)

        await self._desk.answer(talk, checked)


async def dataset_choices(desk: Desk, talk: Talk, typed: str) -> list[app_commands.Choice[str]]:
    """The data sets whose name or id has in it what was typed; the first look at them reads files."""
    hall, lang, wanted = desk.commands.battle_desk, lang_of(talk.locale), typed.casefold().strip()
    try:
        found = await asyncio.to_thread(lambda: hall.battles.datasets if hall else ())
    except HiddenError:  # one is damaged; `/battle` says so
        return []
    named = [(each.name[lang], each.id) for each in found]
    fitting = [(name, id) for name, id in named if wanted in name.casefold() or wanted in id]
    return [app_commands.Choice(name=name[:100], value=id) for name, id in fitting[:MOST]]


async def _stopped(hall: BattleDesk, who: Caller, battle: int | None, channel: str) -> Answer:
    own, there = hall.battles.current(who.person.id), hall.battles.in_channel(channel)
    number = battle or next((each.id for each in (there, own) if each is not None), 0)
    if own is not None and number == own.id:
        answer = await hall.press(who.owner, Press(number, "cancel"), who.lang)
        return replace(answer, text=answer.text or shared_text("b_end_cancelled", who.lang))
    if number and not who.manages:
        return Answer(shared_text("admin_only_discord", who.lang), done=False)
    return await hall.stop(who.owner, who.lang, number)


def _inside(user: discord.abc.User) -> bool:
    """Whether it is a member of the server: others can be named, too, by their number."""
    return isinstance(user, discord.Member)


def _scope(talk: Talk) -> str:
    return place_of(talk.channel).scope
