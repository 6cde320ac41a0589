"""``/forget``: counts first, then a button that its asker alone may press within two minutes, then a receipt.

The button's id carries all there is to know, so it needs no memory of its own and works after a
restart. What it says is checked again when it is pressed, an admin's rights too.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any, Final, Self

import discord

from adapters.discord_chat.command_texts import text
from adapters.discord_chat.desk import Caller, Desk, Talk, defer, desk_of, forgiving, put, show
from adapters.discord_chat.doors import PLATFORM
from adapters.shared.commands import Answer
from core.people import Lang
from core.ports_places import EVERYWHERE

PATIENCE_S: Final = 120
SCOPES: Final = ("here", "everywhere")


@dataclass(frozen=True, slots=True)
class Request:
    """Who asked to erase whom, where (here, everywhere, or no more), and when (Unix seconds)."""

    asker: int
    target: int
    where: str
    at: int

    @property
    def custom_id(self) -> str:
        """At most 80 characters."""
        return f"ohlora:forget:{self.asker}:{self.target}:{self.where}:{self.at}"

    @property
    def of_another(self) -> bool:
        """Whether it is an admin's act."""
        return self.asker != self.target


async def ask(desk: Desk, talk: Talk, user: discord.abc.User | None, where: str | None) -> None:
    """Show what would be erased, with the buttons that do it."""
    await defer(talk, thinking=True, ephemeral=True)
    who = await desk.caller(talk)
    target = talk.user.id if user is None else user.id
    request = Request(talk.user.id, target, where or "here", int(time.time()))
    refused = _refused(request, who)
    if refused is not None:
        await show(talk, refused)
        return
    answer = await _preview(desk, who, request, where)
    await show(talk, answer, view=_buttons(request, where, who.lang) if answer.done else None)


def _refused(request: Request, who: Caller) -> Answer | None:
    """Erasing another one is for admins of this guild; everywhere, for the owner."""
    if not request.of_another:
        return None
    if request.where == "everywhere":
        return None if who.owns else Answer(text("owner_only", who.lang), done=False)
    if not who.group:
        return Answer(text("guild_only", who.lang), done=False)
    return None if who.manages else Answer(text("admin_only", who.lang), done=False)


async def _preview(desk: Desk, who: Caller, request: Request, where: str | None) -> Answer:
    if not request.of_another:
        wanted = (where,) if where else SCOPES
        asked = [await desk.commands.forget_preview(who.owner, w == "everywhere", who.lang) for w in wanted]
        return Answer("\n".join(answer.text for answer in asked), done=all(answer.done for answer in asked))
    return await desk.admin.forget_ask(who.person.id, _group(who, request), _person(request), who.lang)


async def _erase(desk: Desk, who: Caller, request: Request) -> Answer:
    if not request.of_another:
        return await desk.commands.forget(who.owner, request.where == "everywhere", who.lang)
    return await desk.admin.forget(who.person.id, _group(who, request), _person(request), who.lang)


def _group(who: Caller, request: Request) -> str:
    return EVERYWHERE if request.where == "everywhere" else who.group


def _person(request: Request) -> str:
    return f"{PLATFORM}:{request.target}"


def _buttons(request: Request, where: str | None, lang: Lang) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    offered = (where,) if where else SCOPES[: 1 if request.of_another else 2]
    for scope in (*offered, "no"):
        asked = Request(request.asker, request.target, scope, request.at)
        view.add_item(ForgetButton(asked, text(f"forget_button_{scope}", lang)))
    return view


class ForgetButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"ohlora:forget:(?P<asker>\d{1,20}):(?P<target>\d{1,20}):(?P<where>here|everywhere|no):(?P<at>\d{1,12})",
):
    """Erases, or leaves everything as it is."""

    def __init__(self, request: Request, label: str = "…") -> None:
        style = discord.ButtonStyle.secondary if request.where == "no" else discord.ButtonStyle.danger
        super().__init__(discord.ui.Button(style=style, label=label, custom_id=request.custom_id))
        self._request = request

    @classmethod
    async def from_custom_id(
        cls, interaction: Talk, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button as its id describes it."""
        asker, target, at = int(match["asker"]), int(match["target"]), int(match["at"])
        return cls(Request(asker, target, match["where"], at))

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
            await show(talk, Answer(text("not_yours", who.lang), done=False))
            return
        answer = await self._decide(desk, who)
        await put(talk, content=answer.text, view=None)

    async def _decide(self, desk: Desk, who: Caller) -> Answer:
        request = self._request
        if request.where == "no":
            return Answer(text("forget_left", who.lang))
        if not 0 <= time.time() - request.at <= PATIENCE_S:
            return Answer(text("forget_late", who.lang), done=False)
        return _refused(request, who) or await _erase(desk, who, request)
