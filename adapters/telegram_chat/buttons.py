"""The buttons under a reply. Their data carry what they are about, so they work after a restart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from adapters.shared.drafts import Key
from adapters.shared.texts import text
from core.people import Lang

DROPS: Final = 5  # buttons for memories under one answer
_KEY: Final = re.compile(r"(again|why|stop):(\d{1,10})")
_DROP: Final = re.compile(r"drop:(-?\d{1,16}):(\d{1,10}):(\d{1,18})")
PATTERN: Final = re.compile(rf"^(?:{_KEY.pattern}|{_DROP.pattern})$")


@dataclass(frozen=True, slots=True)
class KeyPress:
    """A button under a reply; ``source`` is the message answered, in the chat of the press."""

    key: Key
    source: int


@dataclass(frozen=True, slots=True)
class DropPress:
    """Deletes a memory that "why?" showed; the answer may stand in another chat than its source."""

    chat_id: int
    source: int
    memory: int


def pressed(data: str) -> KeyPress | DropPress | None:
    """What the data of a button mean; None when it is none of these."""
    if match := _KEY.fullmatch(data):
        return KeyPress(Key(match[1]), int(match[2]))
    if match := _DROP.fullmatch(data):
        return DropPress(int(match[1]), int(match[2]), int(match[3]))
    return None


def keys_markup(keys: Sequence[Key], source: int, lang: Lang) -> InlineKeyboardMarkup | None:
    """The buttons under the reply to ``source``, in one row; None for no buttons."""
    if not keys:
        return None
    row = [InlineKeyboardButton(text(f"button_{key}", lang), callback_data=f"{key}:{source}") for key in keys]
    return InlineKeyboardMarkup([row])


def drops_markup(
    chat_id: int, source: int, memories: Sequence[int], lang: Lang
) -> InlineKeyboardMarkup | None:
    """One button for each memory that was used, to delete it if it is wrong."""
    rows = [
        [InlineKeyboardButton(
            text("button_drop", lang, id=memory), callback_data=f"drop:{chat_id}:{source}:{memory}"
        )]
        for memory in memories[:DROPS]
    ]  # fmt: skip
    return InlineKeyboardMarkup(rows) if rows else None
