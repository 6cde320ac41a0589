"""``/link`` and ``/unlink``: joining the accounts that one person has on two platforms."""

from __future__ import annotations

import re
from typing import Any, Final, Self

import discord
from discord import app_commands

from adapters.discord_chat.desk import Desk, Talk, defer, desk_of, forgiving, put, show
from adapters.discord_chat.text import pages
from adapters.shared.answers import Answer
from adapters.shared.linking import DATA

PREFIX: Final = "ohlora:link:"


def link_command(desk: Desk) -> app_commands.Command[Any, ..., None]:
    """The command that shows a code, or takes one."""

    @app_commands.command(description="Join your accounts on two platforms")
    @app_commands.describe(code="The code from your other account; leave it out to get one")
    async def link(talk: Talk, code: app_commands.Range[str, 1, 20] | None = None) -> None:
        await defer(talk, thinking=True, ephemeral=True)
        who = await desk.caller(talk)
        answer = await desk.doors.linking.link(who, code or "")
        await show(talk, answer, view=_buttons(answer))

    return link


def unlink_command(desk: Desk) -> app_commands.Command[Any, ..., None]:
    """The command that splits them."""

    @app_commands.command(description="Split joined accounts again")
    async def unlink(talk: Talk) -> None:
        await desk.answer(talk, desk.doors.linking.unlink)

    return unlink


def _buttons(answer: Answer) -> discord.ui.View | None:
    if not answer.buttons:
        return None
    view = discord.ui.View(timeout=None)
    for data, label in answer.buttons:
        view.add_item(LinkButton(data, label))
    return view


class LinkButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=f"{PREFIX}{DATA}"):
    """Confirms that two accounts are one person's, or says no; the question is looked up again."""

    def __init__(self, data: str, label: str = "…") -> None:
        yes = data.startswith("yes")
        style = discord.ButtonStyle.primary if yes else discord.ButtonStyle.secondary
        super().__init__(discord.ui.Button(style=style, label=label, custom_id=f"{PREFIX}{data}"))
        self._data = data

    @classmethod
    async def from_custom_id(
        cls, interaction: Talk, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button that its id describes."""
        return cls(match[0].removeprefix(PREFIX))

    async def callback(self, interaction: Talk) -> None:
        """Say what it led to in the place of the question."""
        async with forgiving(interaction):
            await defer(interaction)
            desk = desk_of(interaction)
            answer = await desk.doors.linking.pressed(await desk.caller(interaction), self._data)
            await put(interaction, content=pages(answer.text)[0], view=None)  # someone else's name is in it
