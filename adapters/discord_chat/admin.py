"""``/admin``: for whoever may manage the server, or has a role named for it; ``sync`` for the owner.

Discord shows these commands by ``default_permissions``, which a server may change; so the right is
checked here as well, on every call. An admin's group is always the guild the command came from.
"""

from __future__ import annotations

import math
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final

import discord
from discord import app_commands

from adapters.discord_chat.command_texts import text
from adapters.discord_chat.desk import Desk, Talk
from adapters.discord_chat.doors import PLATFORM, group_key
from adapters.discord_chat.settings_menu import changed, fits, name_choices, value_choices
from adapters.shared.answers import Answer
from adapters.shared.desk import Caller
from adapters.shared.texts import text as shared_text
from core.ports_places import EVERYWHERE, Block

NAMES: Final = name_choices()
WHERE: Final = [
    app_commands.Choice(name="here", value="here"), app_commands.Choice(name="everywhere", value="everywhere")
]  # fmt: skip
SWITCH: Final = [app_commands.Choice(name="on", value="on"), app_commands.Choice(name="off", value="off")]
_ACCOUNT: Final = re.compile(r"\d{1,20}")

Work = Callable[[Caller, str], Awaitable[Answer]]


class AdminGroup(app_commands.Group):
    """The subcommands; every answer is seen by the admin only."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(
            name="admin", description="For those who look after this server", guild_only=True,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False),
            default_permissions=discord.Permissions(manage_guild=True),
        )  # fmt: skip
        self._desk = desk

    @app_commands.command(description="See or change how she behaves in this server")
    @app_commands.describe(setting="Which setting; leave it out to see them all", value="Its new value")
    @app_commands.choices(setting=NAMES)
    async def settings(
        self, talk: Talk, setting: str | None = None, value: app_commands.Range[str, 1, 500] | None = None
    ) -> None:
        """All settings, or one changed."""
        admin = self._desk.admin

        async def work(who: Caller, group: str) -> Answer:
            if setting is None or value is None:
                return await admin.settings(group, who.lang)
            if not fits(talk.guild, setting, value):
                return admin.wrong(setting, who.lang)
            new = await changed(self._desk.doors.groups, group, setting, value)
            answer = await admin.set(who.person.id, group, setting, new, who.lang)
            blind = setting == "always_answer" and new is not None and not talk.client.intents.message_content
            if not (answer.done and blind):
                return answer
            return replace(answer, text=f"{answer.text}\n{text('needs_content', who.lang)}")

        await self._run(talk, work)

    @settings.autocomplete("value")
    async def _values(self, talk: Talk, typed: str) -> list[app_commands.Choice[str]]:
        if not await self._allowed(talk):
            return []
        return await value_choices(self._desk.doors.groups, talk, typed)

    @app_commands.command(description="She no longer answers someone")
    @app_commands.describe(
        user="Whom",
        reason="Why; only admins see it",
        length="How long, such as 30m, 2h or 7d; leave it out for good",
        where="In this server, or (owner only) everywhere",
    )
    @app_commands.choices(where=WHERE)
    async def block(
        self, talk: Talk, user: discord.User, reason: app_commands.Range[str, 1, 200] = "",
        length: app_commands.Range[str, 1, 20] = "", where: str = "here",
    ) -> None:  # fmt: skip
        """Block a person."""
        person, admin = f"{PLATFORM}:{user.id}", self._desk.admin
        await self._run(
            talk,
            lambda who, group: admin.block(who.person.id, group, person, reason, length, who.lang),
            where,
        )

    @app_commands.command(description="She answers someone again")
    @app_commands.describe(person="Whom", where="In this server, or (owner only) everywhere")
    @app_commands.choices(where=WHERE)
    async def unblock(self, talk: Talk, person: app_commands.Range[str, 1, 100], where: str = "here") -> None:
        """Lift a block."""
        account, admin = _ACCOUNT.search(person), self._desk.admin

        async def work(who: Caller, group: str) -> Answer:
            if account is None:
                return Answer(text("nobody_named", who.lang), done=False)
            return await admin.unblock(who.person.id, group, f"{PLATFORM}:{account[0]}", who.lang)

        await self._run(talk, work, where)

    @unblock.autocomplete("person")
    async def _blocked(self, talk: Talk, typed: str) -> list[app_commands.Choice[str]]:
        if talk.guild_id is None or not await self._allowed(talk):
            return []
        blocks = await self._desk.admin.blocked_people(group_key(talk.guild_id))
        named = [(block.person.partition(":")[2], _shown(talk, block)) for block in blocks]
        fitting = [(account, name) for account, name in named if typed.casefold() in name.casefold()]
        return [app_commands.Choice(name=name[:100], value=account) for account, name in fitting[:25]]

    @app_commands.command(description="Whom she does not answer")
    @app_commands.describe(where="In this server, or (owner only) everywhere")
    @app_commands.choices(where=WHERE)
    async def blocks(self, talk: Talk, where: str = "here") -> None:
        """The blocks here, with reason and end."""
        await self._run(talk, lambda who, group: self._desk.admin.list_blocks(group, who.lang), where)

    @app_commands.command(description="Who did what to whom; never what was said")
    @app_commands.describe(number="How many entries", where="In this server, or (owner only) everywhere")
    @app_commands.choices(where=WHERE)
    async def audit(
        self, talk: Talk, number: app_commands.Range[int, 1, 100] = 20, where: str = "here"
    ) -> None:
        """The newest acts of admins here, or those that held everywhere."""
        await self._run(talk, lambda who, group: self._desk.admin.audit(group, who.lang, number), where)

    @app_commands.command(description="How she is: queue, delay, models, version")
    async def status(self, talk: Talk) -> None:
        """The running bot, and how far away Discord is."""

        async def work(who: Caller, group: str) -> Answer:
            answer = await self._desk.admin.status(who.lang)
            return replace(answer, text=f"{answer.text}\n{_latency(talk, who)}")

        await self._run(talk, work)

    @app_commands.command(description="Pause her for everybody here, or let her go on")
    @app_commands.describe(switch="On or off", where="In this server, or (owner only) everywhere")
    @app_commands.choices(switch=SWITCH, where=WHERE)
    async def maintenance(self, talk: Talk, switch: str, where: str = "here") -> None:
        """Maintenance on or off."""
        admin = self._desk.admin
        await self._run(
            talk, lambda who, group: admin.maintenance(who.person.id, group, switch == "on", who.lang), where
        )

    @app_commands.command(description="Register the commands with Discord again (owner)")
    async def sync(self, talk: Talk) -> None:
        """Register the commands whether they changed or not."""
        await self._run(talk, lambda who, group: self._sync(who))

    async def _sync(self, who: Caller) -> Answer:
        if not who.owns:
            return Answer(shared_text("owner_only", who.lang), done=False)
        try:
            await self._desk.register()
        except (discord.HTTPException, app_commands.AppCommandError):
            return Answer(text("sync_failed", who.lang), done=False)
        return Answer(text("synced", who.lang))

    async def _run(self, talk: Talk, work: Work, where: str = "here") -> None:
        """The answer of ``work`` for the admin's own guild; for the owner also everywhere."""

        async def checked(who: Caller) -> Answer:
            if not who.group:
                return Answer(shared_text("group_only_discord", who.lang), done=False)
            if not who.manages:
                return Answer(shared_text("admin_only_discord", who.lang), done=False)
            if where == "everywhere" and not who.owns:
                return Answer(shared_text("owner_only", who.lang), done=False)
            return await work(who, EVERYWHERE if where == "everywhere" else who.group)

        await self._desk.answer(talk, checked)

    async def _allowed(self, talk: Talk) -> bool:
        return (await self._desk.caller(talk)).manages


def _latency(talk: Talk, who: Caller) -> str:
    seconds: float = talk.client.latency
    known = math.isfinite(seconds)  # before the first heartbeat it is not
    shards: Any = talk.client.shard_count or 1
    return text("latency", who.lang, ms=round(1000 * seconds) if known else "?", shards=shards)


def _shown(talk: Talk, block: Block) -> str:
    """A blocked person as the admins of this server know them; of strangers, the number only."""
    account = block.person.partition(":")[2]
    member = talk.guild.get_member(int(account)) if talk.guild and account.isdigit() else None
    name = f"{member.display_name} ({account})" if member is not None else account
    return f"{name} · {block.reason}" if block.reason else name
