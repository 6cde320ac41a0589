"""The command tree: ``/chat``, what a person chooses and asks, and the menu "Ask Oh-LoRA".

Pure application commands. Each acknowledges at once (Discord waits three seconds), then works, then
puts its answer in the place of "is thinking"; what is private is seen by its asker only.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final, Self, cast

import discord
from discord import app_commands

from adapters.discord_chat.admin import AdminGroup
from adapters.discord_chat.battle_cards import BattleButton
from adapters.discord_chat.battle_commands import BattlesGroup, battle_command
from adapters.discord_chat.command_texts import text
from adapters.discord_chat.desk import Desk, Talk, apologise, forgiving, track
from adapters.discord_chat.face_commands import FaceGroup, FaceMenu
from adapters.discord_chat.forget import ForgetButton, ask
from adapters.discord_chat.link_commands import LinkButton, link_command, unlink_command
from adapters.discord_chat.memory_commands import MemoryGroup
from adapters.discord_chat.sync import sync_commands, try_sync
from adapters.discord_chat.threads import open_thread
from adapters.discord_chat.translator import Words, lang_of
from adapters.shared.profile import zones_like
from core.instructions import quoting
from core.people import Lang
from core.phrases import phrase

LONGEST: Final = 4000  # characters that /chat takes; what is too long for her gets her own answer
LANGUAGES: Final = [
    app_commands.Choice(name="automatic", value="auto"),
    app_commands.Choice(name="Korean", value="ko"),
    app_commands.Choice(name="English", value="en"),
]
WHERE: Final = [
    app_commands.Choice(name="here", value="here"), app_commands.Choice(name="everywhere", value="everywhere")
]  # fmt: skip


class Tree(app_commands.CommandTree[Any]):
    """All commands, for servers and direct messages where she is installed."""

    def __init__(self, client: discord.Client) -> None:
        super().__init__(
            client,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        )

    async def interaction_check(self, interaction: Talk, /) -> bool:
        """Before every command: nothing new is begun while the program ends."""
        if interaction.type is discord.InteractionType.autocomplete:
            return True
        if interaction.client.chat.leaving:
            said = phrase("leaving", lang_of(interaction.locale))
            await interaction.response.send_message(said, ephemeral=True)
            return False
        track(interaction)
        return True

    async def on_error(self, interaction: Talk, error: app_commands.AppCommandError, /) -> None:
        """The last line of a command: an apology instead of silence, the class of the error in the log."""
        await apologise(interaction, getattr(error, "original", error))


def build_tree(client: discord.Client, desk: Desk) -> Tree:
    """The tree of a client; at most one for each client."""
    tree = Tree(client)
    for command in (
        _chat(desk), _forget(desk), MemoryGroup(desk), _reset(desk), FaceGroup(desk), _profile(desk),
        _language(desk), _timezone(desk), _privacy(desk), _help(desk), link_command(desk),
        unlink_command(desk), battle_command(desk), BattlesGroup(desk), AdminGroup(desk), _ask_menu(desk),
    ):  # fmt: skip
        tree.add_command(command)
    return tree


async def furnish(client: discord.Client, desk: Desk) -> Tree:
    """Give a client its commands, once it is logged in and before it connects (its ``setup_hook``).

    The application's owner, or those of its team who look after it, own the bot.
    """
    tree = build_tree(client, desk)
    await tree.set_translator(Words())
    client.add_dynamic_items(ForgetButton, FaceMenu, LinkButton, BattleButton)
    about = client.application
    if about is not None:
        desk.owners |= _owners(about)
        desk.register = partial(sync_commands, tree, desk.doors.state, about.id, force=True)
        await try_sync(tree, desk.doors.state, about.id)
    return tree


def _owners(about: discord.AppInfo) -> set[int]:
    """Not who was only invited into the team, and not who may only look on."""
    team, caring = about.team, (discord.TeamMemberRole.admin, discord.TeamMemberRole.developer)
    if team is None:
        return {about.owner.id}
    there = [m for m in team.members if m.membership_state is discord.TeamMembershipState.accepted]
    return {member.id for member in there if member.role in caring or member.id == team.owner_id}


def _chat(desk: Desk) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(description="Talk to Oh-LoRA")
    @app_commands.rename(said="text")
    @app_commands.describe(said="What you want to say", thread="Also open a thread for this conversation")
    async def chat(talk: Talk, said: app_commands.Range[str, 1, LONGEST], thread: bool = False) -> None:
        if await desk.converse(talk, said) and thread:
            await open_thread(talk)

    return chat


def _forget(desk: Desk) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(description="Erase what she knows about you; asks before it does")
    @app_commands.describe(user="Someone else, for admins only", where="Here only, or everywhere")
    @app_commands.choices(where=WHERE)
    async def forget(talk: Talk, user: discord.User | None = None, where: str | None = None) -> None:
        await ask(desk, talk, user, where)

    return forget


def _reset(desk: Desk) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(description="Begin a new conversation; memories stay")
    async def reset(talk: Talk) -> None:
        await desk.answer(talk, lambda who: desk.commands.reset(who.owner, who.lang))

    return reset


def _profile(desk: Desk) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(description="What she keeps about you, at a glance")
    async def profile(talk: Talk) -> None:
        await desk.answer(talk, lambda who: desk.profile.show(who.owner, who.lang))

    return profile


def _language(desk: Desk) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(description="The language she answers you in")
    @app_commands.describe(language="Which language")
    @app_commands.choices(language=LANGUAGES)
    async def language(talk: Talk, language: str) -> None:
        value = cast("Lang | None", language if language in ("ko", "en") else None)
        await desk.answer(talk, lambda who: desk.profile.language(who.owner, value, who.lang))

    return language


def _timezone(desk: Desk) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(description="Your time zone, for today and tomorrow")
    @app_commands.describe(zone="For example Asia/Seoul")
    async def timezone(talk: Talk, zone: app_commands.Range[str, 1, 60]) -> None:
        await desk.answer(talk, lambda who: desk.profile.timezone(who.owner, zone, who.lang))

    @timezone.autocomplete("zone")
    async def zones(talk: Talk, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=zone, value=zone) for zone in zones_like(typed)]

    return timezone


def _privacy(desk: Desk) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(description="What is kept, where, and how to erase it")
    async def privacy(talk: Talk) -> None:
        await desk.guide(talk, desk.profile.privacy)

    return privacy


def _help(desk: Desk) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(description="What you can do here")
    async def help(talk: Talk) -> None:
        await desk.guide(talk, desk.profile.help)

    return help


def _ask_menu(desk: Desk) -> app_commands.ContextMenu:
    async def ask_her(talk: Talk, message: discord.Message) -> None:
        await _asked(desk, talk, message)

    return app_commands.ContextMenu(name="Ask Oh-LoRA", callback=ask_her)


async def _asked(desk: Desk, talk: Talk, message: discord.Message) -> None:
    """Answer one's own message at once; another's words are shown in a form first, and stay a quote.

    What others wrote never enters a prompt unasked: whoever sends the form asks about it.
    """
    lang = lang_of(talk.locale)
    if message.author.id == talk.application_id:
        await talk.response.send_message(text("ask_herself", lang), ephemeral=True)
    elif not message.content.strip():
        await talk.response.send_message(phrase("only_text", lang), ephemeral=True)
    elif message.author.id == talk.user.id:
        await desk.converse(talk, message.content, {user.id: user.display_name for user in message.mentions})
    else:
        form = AskForm(desk, lang, message.content)
        await talk.response.send_modal(form)
        form.words.default = None  # the form waits for its answer; another's words are not held for it


class AskForm(discord.ui.Modal):
    """Someone else's message to be asked about, in words that the asker may change."""

    def __init__(self, desk: Desk, lang: Lang, said: str) -> None:
        super().__init__(title=text("ask_title", lang), timeout=900)  # each with an id of its own
        self._desk = desk
        self.words: discord.ui.TextInput[Self] = discord.ui.TextInput(
            label=text("ask_label", lang), custom_id="words", style=discord.TextStyle.paragraph,
            default=said[:LONGEST], max_length=LONGEST,
        )  # fmt: skip
        self.add_item(self.words)

    async def on_submit(self, interaction: Talk, /) -> None:
        """Whoever sent the words asks about them; nothing in them is learned as said of themselves."""
        async with forgiving(interaction):
            await self._desk.converse(interaction, quoting(self.words.value))
