"""``/face``: her face shown, chosen from a gallery, given an expression, switched off and on."""

from __future__ import annotations

import io
import re
from typing import Any, Final, Self

import discord
from discord import app_commands

from adapters.discord_chat.command_texts import text
from adapters.discord_chat.desk import Desk, Talk, defer, desk_of, forgiving, put, show
from adapters.shared.answers import Answer
from adapters.shared.commands import Picture
from core.errors import HiddenError
from core.people import NEUTRAL, Lang, Scores
from core.phrases import phrase

FACES: Final = 10  # files in one message

Unit = app_commands.Range[float, -1.0, 1.0]


class FaceGroup(app_commands.Group):
    """The subcommands; a face is shown to everybody, choices are seen by their maker only."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(name="face", description="Her face")
        self._desk = desk

    @app_commands.command(description="Show her face")
    async def show(self, talk: Talk) -> None:
        """The face with a resting expression."""
        commands = self._desk.commands
        await self._desk.answer(talk, lambda who: commands.face_show(who.owner, who.lang), private=False)

    @app_commands.command(description="Choose among her faces")
    @app_commands.describe(face="Which face; leave it out to see them all")
    async def choose(self, talk: Talk, face: app_commands.Range[str, 1, 100] | None = None) -> None:
        """Another face at once, or the gallery."""
        commands = self._desk.commands
        if face is not None:
            await self._desk.answer(talk, lambda who: commands.face_choose(who.owner, face, who.lang))
            return
        await defer(talk, thinking=True, ephemeral=True)
        who = await self._desk.caller(talk)
        await show_gallery(self._desk, talk, who.lang)

    @choose.autocomplete("face")
    async def _faces(self, talk: Talk, typed: str) -> list[app_commands.Choice[str]]:
        portraits = self._desk.commands.portraits
        fitting = [f for f in (portraits.faces if portraits else ()) if typed.casefold() in f.casefold()]
        return [app_commands.Choice(name=face, value=face) for face in fitting[:25]]

    @app_commands.command(description="Show her face with an expression of yours")
    @app_commands.describe(
        eyes="From -1 (narrow) to 1 (very wide)",
        mouth="From -1 (closed) to 1 (wide open)",
        head="From -1 (her right) to 1 (her left)",
    )
    async def express(
        self, talk: Talk, eyes: Unit = NEUTRAL.eyes, mouth: Unit = NEUTRAL.mouth, head: Unit = NEUTRAL.pose
    ) -> None:
        """The face with these scores."""
        commands, scores = self._desk.commands, Scores(eyes, mouth, head)
        work = lambda who: commands.face_show(who.owner, who.lang, scores)  # noqa: E731
        await self._desk.answer(talk, work, private=False)

    @app_commands.command(description="No face with replies")
    async def off(self, talk: Talk) -> None:
        """Faces off."""
        commands = self._desk.commands
        await self._desk.answer(talk, lambda who: commands.face_switch(who.owner, False, who.lang))

    @app_commands.command(description="A face with every reply")
    @app_commands.describe(picture="A still picture or one that moves")
    async def on(self, talk: Talk, picture: Picture | None = None) -> None:
        """Faces on."""
        commands = self._desk.commands
        await self._desk.answer(talk, lambda who: commands.face_switch(who.owner, True, who.lang, picture))


async def show_gallery(desk: Desk, talk: Talk, lang: Lang) -> None:
    """Every face (at most ten) as a picture, and a menu of them."""
    portraits = desk.commands.portraits
    if portraits is None:
        await show(talk, Answer(phrase("no_face", lang), done=False))
        return
    offered = portraits.faces[:FACES]
    try:
        for face in offered:
            if face not in desk.gallery:
                desk.gallery[face] = await portraits.draw(face, NEUTRAL)
    except HiddenError:
        await show(talk, Answer(phrase("no_face", lang), done=False))
        return

    def files() -> list[discord.File]:
        return [
            discord.File(
                io.BytesIO(desk.gallery[face]), f"{number}-{face}.png", description=f"{number}. {face}"
            )
            for number, face in enumerate(offered, 1)
        ]

    view = discord.ui.View(timeout=None)
    view.add_item(FaceMenu(offered, lang))
    await show(talk, Answer(text("gallery", lang)), view=view, files=files)


class FaceMenu(discord.ui.DynamicItem[discord.ui.Select[Any]], template=r"ohlora:face"):
    """The menu under the gallery; it works after a restart, too."""

    def __init__(self, faces: tuple[str, ...], lang: Lang) -> None:
        options = [discord.SelectOption(label=f"{n}. {face}", value=face) for n, face in enumerate(faces, 1)]
        super().__init__(
            discord.ui.Select(
                custom_id="ohlora:face", placeholder=text("gallery_menu", lang), options=options
            )
        )

    @classmethod
    async def from_custom_id(
        cls, interaction: Talk, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The menu that was used; its options no longer matter."""
        return cls(("-",), "en")

    async def callback(self, interaction: Talk) -> None:
        """Keep the choice and say so in the same message."""
        async with forgiving(interaction):
            await defer(interaction)
            desk = desk_of(interaction)
            who = await desk.caller(interaction)
            answer = await desk.commands.face_choose(who.owner, "".join(self.item.values[:1]), who.lang)
            await put(interaction, content=answer.text)
