"""The buttons under a reply. Their ids carry what they are about, so they work after a restart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Self, cast

import discord

from adapters.shared.drafts import Key
from adapters.shared.texts import text
from core.people import Lang

if TYPE_CHECKING:
    from adapters.discord_chat.presses import Presses

_STYLE: Final = discord.ButtonStyle


def keys_view(keys: tuple[Key, ...], source: int, lang: Lang) -> discord.ui.View | None:
    """The buttons under the reply to ``source``; None for no buttons."""
    if not keys:
        return None
    view = discord.ui.View(timeout=None)
    for key in keys:
        view.add_item(ReplyButton(key, source, text(f"button_{key}", lang)))
    return view


def drops_view(source: int, memories: tuple[int, ...], lang: Lang) -> discord.ui.View | None:
    """One button for each memory that was used, to delete it if it is wrong."""
    if not memories:
        return None
    view = discord.ui.View(timeout=None)
    for memory in memories[:5]:
        view.add_item(DropButton(source, memory, text("button_drop", lang, id=memory)))
    return view


class ReplyButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"ohlora:(?P<key>again|why|stop):(?P<source>\d{1,20})",
):
    """Try again, why?, stop."""

    def __init__(self, key: Key, source: int, label: str = "…") -> None:
        style = _STYLE.danger if key is Key.STOP else _STYLE.secondary
        super().__init__(discord.ui.Button(style=style, label=label, custom_id=f"ohlora:{key}:{source}"))
        self._key, self._source = key, source

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button that its id describes."""
        return cls(Key(match["key"]), int(match["source"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> Any:
        """Someone pressed it."""
        await _presses(interaction).reply_key(interaction, self._key, self._source)


class DropButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"ohlora:drop:(?P<source>\d{1,20}):(?P<memory>\d{1,18})",
):
    """Deletes a memory that "why?" showed."""

    def __init__(self, source: int, memory: int, label: str = "…") -> None:
        custom_id = f"ohlora:drop:{source}:{memory}"
        super().__init__(discord.ui.Button(style=_STYLE.danger, label=label, custom_id=custom_id))
        self._source, self._memory = source, memory

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button that its id describes."""
        return cls(int(match["source"]), int(match["memory"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> Any:
        """Someone pressed it."""
        await _presses(interaction).drop(interaction, self._source, self._memory)


def _presses(interaction: discord.Interaction[Any]) -> Presses:
    return cast("Presses", interaction.client.presses)


BUTTONS: Final = (ReplyButton, DropButton)
