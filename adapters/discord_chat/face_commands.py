"""``/face``: her face shown, chosen from a gallery, dyed, given an expression, switched off and on."""

from __future__ import annotations

import io
import re
from typing import Any, Final, Self

import discord
from discord import app_commands

from adapters.discord_chat.command_texts import text
from adapters.discord_chat.desk import Desk, Talk, defer, desk_of, forgiving, put, show
from adapters.discord_chat.surfaces import ALT_MAX
from adapters.discord_chat.translator import lang_of
from adapters.shared.answers import Answer
from adapters.shared.commands import Picture
from adapters.shared.desk import Caller
from adapters.shared.gallery import Page, faces_like, pages
from adapters.shared.hair import hair_like
from adapters.shared.texts import text as shared_text
from core.errors import HiddenError
from core.people import NEUTRAL, Lang, Scores
from core.phrases import phrase

MENUS: Final = 5  # in one message
COLOUR: Final = 40  # characters that are read of one

Unit = app_commands.Range[float, -1.0, 1.0]


class FaceGroup(app_commands.Group):
    """The subcommands; a face is shown to everybody, choices are seen by their maker only."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(name="face", description="Her face")
        self._desk = desk

    @app_commands.command(description="Show her face")
    async def show(self, talk: Talk) -> None:
        """The face with a resting expression."""
        await self._desk.answer(talk, self._shown, private=False)

    @app_commands.command(description="Choose among her faces")
    @app_commands.describe(face="Its name or number; leave it out to see them all")
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
        fitting = faces_like(portraits, typed) if portraits else []
        return [app_commands.Choice(name=label[:100], value=face) for label, face in fitting]

    @app_commands.command(description="Dye her hair")
    @app_commands.describe(colour="A colour, #rrggbb, aurora or natural")
    async def hair(self, talk: Talk, colour: app_commands.Range[str, 1, COLOUR]) -> None:
        """Another colour of hair."""
        commands = self._desk.commands
        await self._desk.answer(talk, lambda who: commands.face_hair(who.owner, colour, who.lang))

    @hair.autocomplete("colour")
    async def _colours(self, talk: Talk, typed: str) -> list[app_commands.Choice[str]]:
        words = hair_like(typed[:COLOUR], lang_of(talk.locale))
        return [app_commands.Choice(name=word, value=word) for word in words]

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
        scores = Scores(eyes, mouth, head)
        await self._desk.answer(talk, lambda who: self._shown(who, scores), private=False)

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

    async def _shown(self, who: Caller, scores: Scores = NEUTRAL) -> Answer:
        here = await self._desk.doors.rules.settings(who.group)
        return await self._desk.commands.face_show(who.owner, who.lang, scores, here.hair)


async def show_gallery(desk: Desk, talk: Talk, lang: Lang) -> None:
    """Every face on sheets, and a menu for each sheet; who knows a name need not look for it here."""
    portraits = desk.commands.portraits
    if portraits is None:
        await show(talk, Answer(phrase("no_face", lang), done=False))
        return
    offered = pages(portraits)[:MENUS]
    try:
        for page in offered:
            if page.faces not in desk.gallery:
                desk.gallery[page.faces] = await portraits.sheet(page.faces, page.first)
    except HiddenError:
        await show(talk, Answer(phrase("no_face", lang), done=False))
        return

    def files() -> list[discord.File]:
        return [sheet_file(page, desk.gallery[page.faces], lang) for page in offered]

    view = discord.ui.View(timeout=None)
    for number, page in enumerate(offered, 1):
        view.add_item(FaceMenu.of(page, number, lang))
    await show(talk, Answer(text("gallery", lang)), view=view, files=files)


def sheet_file(page: Page, png: bytes, lang: Lang) -> discord.File:
    """The picture of a page, with its words; a new one for every upload: it can be read once."""
    labels = ", ".join(page.labels)
    words = shared_text("gallery_alt", lang, first=page.first, last=page.last, labels=labels)
    name = f"faces-{page.first}-{page.last}.png"
    return discord.File(io.BytesIO(png), name, description=words[:ALT_MAX])


class FaceMenu(discord.ui.DynamicItem[discord.ui.Select[Any]], template=r"ohlora:face(?::\d{1,2})?"):
    """A menu under the gallery; it works after a restart, too, as do those of before there were pages."""

    def __init__(self, custom_id: str, **fields: Any) -> None:
        super().__init__(discord.ui.Select(custom_id=custom_id, **fields))

    @classmethod
    def of(cls, page: Page, number: int, lang: Lang) -> Self:
        """The menu of a page."""
        options = [
            discord.SelectOption(label=label[:100], value=face)
            for label, face in zip(page.labels, page.faces, strict=True)
        ]
        placeholder = text("gallery_menu", lang, first=page.first, last=page.last)
        return cls(f"ohlora:face:{number}", placeholder=placeholder, options=options)

    @classmethod
    async def from_custom_id(
        cls, interaction: Talk, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The menu that was used; its options no longer matter."""
        return cls(match[0], options=[discord.SelectOption(label="-")])

    async def callback(self, interaction: Talk) -> None:
        """Keep the choice and say so in the same message."""
        async with forgiving(interaction):
            await defer(interaction)
            desk = desk_of(interaction)
            who = await desk.caller(interaction)
            answer = await desk.commands.face_choose(who.owner, "".join(self.item.values[:1]), who.lang)
            await put(interaction, content=answer.text)
