"""The one message of a battle on Discord: its buttons, its picture, and where it stands."""

from __future__ import annotations

import io
import logging
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self, cast

import discord

from adapters.discord_chat.command_texts import text
from adapters.discord_chat.doors import message_key
from adapters.discord_chat.errors import trying
from adapters.discord_chat.surfaces import ALT_MAX
from adapters.discord_chat.text import pages
from adapters.media.picture import Picture
from adapters.shared.battle_asks import pressed
from adapters.shared.battle_card import Card
from adapters.shared.edges import BusyError, GoneError, Mends, RefusedError, UnsureError
from core.battle.service import Battles
from core.errors import EdgeError, HiddenError, UserFacingError
from core.people import Lang

if TYPE_CHECKING:
    from adapters.discord_chat.battling import Battling

log = logging.getLogger(__name__)

PREFIX: Final = "ohlora:"
FILE: Final = "battle.png"
NONCE: Final = 25  # letters


def card_view(card: Card) -> discord.ui.View | None:
    """The buttons of a card; None for no buttons."""
    if not card.buttons:
        return None
    view = discord.ui.View(timeout=None)
    for row, buttons in enumerate(card.buttons):
        for button in buttons:
            view.add_item(BattleButton(button.data, button.label, discord.ButtonStyle[button.style], row))
    return view


def card_file(picture: Picture) -> discord.File:
    """The picture of a card, with its words; a new one for every upload: it can be read once."""
    return discord.File(io.BytesIO(picture.png), FILE, description=picture.alt[:ALT_MAX])


class BattleButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=rf"{PREFIX}(?P<data>bt:\d{{1,18}}:[a-z]{{3,8}}(?::[12])?)",
):
    """A button of a battle's card; its id says everything, so it works after a restart."""

    def __init__(
        self, data: str, label: str = "…", style: discord.ButtonStyle = discord.ButtonStyle.secondary,
        row: int | None = None,
    ) -> None:  # fmt: skip
        button: discord.ui.Button[Any] = discord.ui.Button(
            style=style, label=label[:80], custom_id=f"{PREFIX}{data}", row=row
        )
        super().__init__(button, row=row)
        self._data = data

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button that its id describes."""
        return cls(match["data"])

    async def callback(self, interaction: discord.Interaction[Any]) -> Any:
        """Someone pressed it."""
        await battling_of(interaction).pressed(interaction, pressed(self._data))


def battling_of(talk: discord.Interaction[Any]) -> Battling:
    """The battles of the client that an interaction belongs to."""
    return cast("Battling", talk.client.battling)


@dataclass(eq=False)
class CardPort:
    """Sends and edits the card of one battle: an :class:`adapters.shared.growing.Port`.

    While the ``talk`` that began it lasts (a quarter of an hour), the card is its answer, which needs no
    right to see the channel; later, and after a restart, it is message ``id`` of ``channel``. ``invited``
    is the account of somebody who is to be called, once: an edit calls nobody.
    """

    battles: Battles
    number: int
    mends: Mends
    lang: Lang
    channel: Any  # discord.abc.Messageable
    talk: discord.Interaction[Any] | None = None
    id: int = 0
    invited: str = ""
    _picture: Picture | None = None
    _bare: bool = False  # pictures are not taken here

    async def send(self, state: Card) -> None:
        """Make the message, and keep its id for the next start."""
        await self.edit(state)
        await self._call()

    async def edit(self, state: Card) -> None:
        """Change the message; one that is gone is made anew."""
        before = self.id
        await self._put(state)
        if self.id == before:
            return
        try:
            await self.battles.card(self.number, message_key(self.id))
        except (HiddenError, UserFacingError) as err:
            log.warning("card of battle %d not kept: %s", self.number, type(err).__name__)

    async def _put(self, card: Card) -> None:
        new = card.picture if card.picture is not self._picture and not self._bare else None
        try:
            await self._bring(card, new)
        except (UnsureError, GoneError):
            raise
        except EdgeError as err:
            if new is None:
                self._explain(err)
                raise
            self._bare = True  # what is written matters more
            self.mends.once("battle cards not taken", self.channel.id, "give the bot Attach Files")
            await self._bring(card, None)
            return
        self._picture = new or self._picture

    async def _bring(self, card: Card, new: Picture | None) -> None:
        content, view = pages(card.text)[0], card_view(card)
        talk = self.talk
        if talk is not None and not talk.is_expired():
            try:
                self.id = await trying(partial(_answer, talk, content, view, new))
            except GoneError:
                if not self.id:
                    raise
            else:
                return
        self.talk = None
        if self.id:
            try:
                await trying(partial(_change, self.channel, self.id, content, view, new))
            except GoneError:
                log.info("card of battle %d is gone: there is a new one", self.number)
            else:
                return
        nonce = f"{self.id}-{self.number}"[:NONCE]
        self.id = await trying(partial(_send, self.channel, nonce, content, view, new or self._picture))

    async def _call(self) -> None:
        """Tell whoever is invited; the card shows it all the same where that fails."""
        if not self.invited or self.talk is None:
            return
        person = discord.Object(int(self.invited))
        said = text("battle_call", self.lang, who=f"<@{self.invited}>")
        calls = discord.AllowedMentions(users=[person], everyone=False, roles=False)
        send = partial(self.talk.followup.send, said, allowed_mentions=calls, wait=True)
        try:
            await trying(send, passing=BusyError)
        except EdgeError as err:
            log.info("battle %d: nobody called: %s", self.number, err)

    def _explain(self, err: EdgeError) -> None:
        if isinstance(err, RefusedError):
            mend = "give the bot View Channel, Send Messages (in Threads)"
            self.mends.once("may not change a battle's card", self.channel.id, mend)


async def _answer(
    talk: discord.Interaction[Any], content: str, view: discord.ui.View | None, new: Picture | None
) -> int:
    extra: dict[str, Any] = {} if new is None else {"attachments": [card_file(new)]}
    return (await talk.edit_original_response(content=content, view=view, **extra)).id


async def _change(
    channel: Any, number: int, content: str, view: discord.ui.View | None, new: Picture | None
) -> None:
    extra: dict[str, Any] = {} if new is None else {"attachments": [card_file(new)]}
    await channel.get_partial_message(number).edit(content=content, view=view, **extra)


async def _send(
    channel: Any, nonce: str, content: str, view: discord.ui.View | None, new: Picture | None
) -> int:
    extra: dict[str, Any] = {} if view is None else {"view": view}
    if new is not None:
        extra["file"] = card_file(new)
    message: discord.Message = await channel.send(content, nonce=nonce, suppress_embeds=True, **extra)
    return message.id
