"""Names and descriptions of commands in the language of the person's Discord.

The code holds the English words; they are given out under the English locales too, because Discord
would otherwise show English (US) readers whatever other English there is.
"""

from __future__ import annotations

import re
from typing import Any, Final

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as Location

from adapters.discord_chat import words
from core.people import Lang

ENGLISH: Final = (discord.Locale.american_english, discord.Locale.british_english)
_CODE: Final = re.compile(r"`[^`\n]*`")
_WORD: Final = re.compile(r"[a-z_]+")
_TABLES: Final = {
    Location.command_name: words.NAMES,
    Location.group_name: words.NAMES,
    Location.parameter_name: words.NAMES,
    Location.command_description: words.DESCRIPTIONS,
    Location.group_description: words.DESCRIPTIONS,
    Location.parameter_description: words.DESCRIPTIONS,
    Location.choice_name: words.CHOICES,
}


class Words(app_commands.Translator):
    """A look-up in :mod:`adapters.discord_chat.words`; nothing is computed."""

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:  # fmt: skip
        """The text under ``locale``; None where there is none of its own."""
        table = words.MENUS if _is_menu(context) else _TABLES.get(context.location, {})
        if string.message not in table:
            return None
        if locale is discord.Locale.korean:
            return words.PATHS.get(_path(context), table[string.message])
        return string.message if locale in ENGLISH else None


def _path(context: Any) -> str:
    """The whole name of a subcommand whose name is wanted, '' for anything else."""
    named = context.location is Location.command_name
    return getattr(context.data, "qualified_name", "") if named else ""


def _is_menu(context: Any) -> bool:
    return context.location is Location.command_name and isinstance(context.data, app_commands.ContextMenu)


def lang_of(locale: discord.Locale) -> Lang:
    """Her language for people whose Discord is in ``locale``."""
    return "ko" if locale is discord.Locale.korean else "en"


def localised(guide: str, lang: Lang) -> str:
    """One of our texts, with what stands between backticks under the names of the menus."""
    if lang != "ko":
        return guide
    return _CODE.sub(lambda code: _WORD.sub(lambda word: words.NAMES.get(word[0], word[0]), code[0]), guide)
