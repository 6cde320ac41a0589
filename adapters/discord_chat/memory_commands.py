"""``/memory``: what she remembers, seen and changed by the person alone."""

from __future__ import annotations

from typing import Final

from discord import app_commands

from adapters.discord_chat.desk import Desk, Talk
from adapters.discord_chat.translate import person_of, place_of
from adapters.discord_chat.translator import lang_of
from adapters.shared.listing import numbered
from core.people import Lang, Owner
from core.ports_memory import Memory

CHOICES: Final = 25
NAME: Final = 100


class MemoryGroup(app_commands.Group):
    """The subcommands; every answer is seen by its asker only."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(name="memory", description="What Oh-LoRA remembers about you")
        self._desk = desk

    @app_commands.command(name="list", description="Everything she remembers about you here")
    async def all(self, talk: Talk) -> None:
        """Ids and facts."""
        await self._desk.answer(talk, lambda who: self._desk.commands.memory.all(who.owner, who.lang))

    @app_commands.command(description="Look for something among your memories")
    @app_commands.describe(query="What to look for")
    async def search(self, talk: Talk, query: app_commands.Range[str, 1, 200]) -> None:
        """The facts nearest to some words."""
        commands = self._desk.commands
        await self._desk.answer(talk, lambda who: commands.memory.search(who.owner, query, who.lang))

    @app_commands.command(description="Correct a memory")
    @app_commands.describe(fact="Which memory", value="What is right")
    async def edit(self, talk: Talk, fact: int, value: app_commands.Range[str, 1, 200]) -> None:
        """Another wording of a fact."""
        commands = self._desk.commands
        await self._desk.answer(talk, lambda who: commands.memory.edit(who.owner, fact, value, who.lang))

    @app_commands.command(description="Delete one memory")
    @app_commands.describe(fact="Which memory")
    async def delete(self, talk: Talk, fact: int) -> None:
        """Erase a fact."""
        commands = self._desk.commands
        await self._desk.answer(talk, lambda who: commands.memory.delete(who.owner, fact, who.lang))

    @app_commands.command(description="Pin a memory to go by, or unpin it")
    @app_commands.describe(fact="Which memory")
    async def pin(self, talk: Talk, fact: int) -> None:
        """Keep a fact above what is told later."""
        commands = self._desk.commands
        await self._desk.answer(talk, lambda who: commands.memory.pin(who.owner, fact, who.lang))

    @edit.autocomplete("fact")
    @pin.autocomplete("fact")
    @delete.autocomplete("fact")
    async def _facts(self, talk: Talk, typed: str) -> list[app_commands.Choice[int]]:
        return await memory_choices(self._desk, talk, typed)

    @app_commands.command(description="Your memories and settings here as a file")
    async def export(self, talk: Talk) -> None:
        """A text and a JSON file."""
        await self._desk.answer(talk, lambda who: self._desk.commands.memory.export(who.owner, who.lang))

    @app_commands.command(description="Stop remembering new things")
    async def off(self, talk: Talk) -> None:
        """Learning off."""
        commands = self._desk.commands
        await self._desk.answer(talk, lambda who: commands.memory.learning(who.owner, False, who.lang))

    @app_commands.command(description="Remember new things again")
    async def on(self, talk: Talk) -> None:
        """Learning on."""
        commands = self._desk.commands
        await self._desk.answer(talk, lambda who: commands.memory.learning(who.owner, True, who.lang))


async def memory_choices(desk: Desk, talk: Talk, typed: str) -> list[app_commands.Choice[int]]:
    """The person's facts that contain what was typed, or whose number begins with it; newest first."""
    owner = Owner(person_of(talk.user).id, place_of(talk.channel).scope)
    found = await desk.commands.memory.known(owner)
    wanted = typed.casefold().strip()
    fitting = [m for m in found if wanted in m.tag.casefold() or str(m.id).startswith(wanted)]
    return [_choice(memory, lang_of(talk.locale)) for memory in reversed(fitting[-CHOICES:])]


def _choice(memory: Memory, lang: Lang) -> app_commands.Choice[int]:
    name = " ".join(numbered(memory, lang, former=memory.superseded_by is not None).split())
    return app_commands.Choice(name=name if len(name) <= NAME else name[: NAME - 1] + "…", value=memory.id)
