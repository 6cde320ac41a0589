"""``/forget`` on Discord: the question, and the buttons that answer it."""

from __future__ import annotations

import re
from typing import Any, Final, Self

import discord

from adapters.discord_chat.desk import Desk, Talk, defer, desk_of, forgiving, put, show
from adapters.discord_chat.doors import PLATFORM
from adapters.shared.answers import Answer
from adapters.shared.forget import DATA, Forgetting, Request
from adapters.shared.texts import text

PREFIX: Final = "ohlora:"


def _forgetting(desk: Desk) -> Forgetting:
    return Forgetting(desk.commands, desk.admin, PLATFORM)


async def ask(desk: Desk, talk: Talk, user: discord.abc.User | None, where: str | None) -> None:
    """Show what would be erased, with the buttons that do it."""
    await defer(talk, thinking=True, ephemeral=True)
    who = await desk.caller(talk)
    forgetting = _forgetting(desk)
    request = forgetting.request(who, None if user is None else user.id, where)
    answer = await forgetting.ask(request, who, where)
    view = None
    if answer.done:
        view = discord.ui.View(timeout=None)
        for each, label in forgetting.buttons(request, who, where):
            view.add_item(ForgetButton(each, label))
    await show(talk, answer, view=view)


class ForgetButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=f"{PREFIX}{DATA}"):
    """Erases, or leaves everything as it is."""

    def __init__(self, request: Request, label: str = "…") -> None:
        style = discord.ButtonStyle.secondary if request.where == "no" else discord.ButtonStyle.danger
        super().__init__(
            discord.ui.Button(style=style, label=label, custom_id=f"{PREFIX}{request.data}")
        )  # fmt: skip
        self._request = request

    @classmethod
    async def from_custom_id(
        cls, interaction: Talk, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button as its id describes it."""
        return cls(Request.found(match))

    async def callback(self, interaction: Talk) -> None:
        """Do what was asked, once, and take the buttons away."""
        async with forgiving(interaction):
            await self._pressed(interaction)

    async def _pressed(self, talk: Talk) -> None:
        own = talk.user.id == self._request.asker
        await defer(talk, thinking=not own, ephemeral=True)
        desk = desk_of(talk)
        who = await desk.caller(talk)
        if not own:
            await show(talk, Answer(text("forget_not_yours", who.lang), done=False))
            return
        answer = await _forgetting(desk).decide(self._request, who)
        await put(talk, content=answer.text, view=None)
