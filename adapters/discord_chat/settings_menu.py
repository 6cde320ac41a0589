"""``/admin settings``: its names and values as Discord offers them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

import discord
from discord import app_commands

from adapters.discord_chat.command_texts import text
from adapters.discord_chat.doors import group_key
from adapters.discord_chat.translator import lang_of
from adapters.shared import settings
from adapters.shared.profile import zones_like
from adapters.shared.settings import DEFAULT, LISTS, added, entries_of, present
from core.places import CHECKS
from core.ports_places import GroupStore

_ENTRY: Final = re.compile(r"([+-]?)\s*(?:<(?:#|@&)(\d{1,20})>|(\d{1,20}))")
MOST: Final = 25


def name_choices() -> list[app_commands.Choice[str]]:
    """Every setting that there is."""
    return [app_commands.Choice(name=name.replace("_", " "), value=name) for name in CHECKS]


async def changed(groups: GroupStore, group: str, name: str, value: str) -> str | None:
    """The value to be kept for what was typed, mentions included; None for the default."""
    return await settings.changed(groups, group, name, value, entries_of(name, value, _ENTRY))


def fits(guild: discord.Guild | None, name: str, value: str) -> bool:
    """Whether what is typed for a list, or added to it, is in the server.

    A channel of elsewhere would silence her; @everyone is no role for admins.
    """
    wanted = [int(number) for number in added(entries_of(name, value, _ENTRY))]
    if guild is None or not wanted:
        return not wanted
    if name == "admin_roles":
        return all((role := guild.get_role(n)) is not None and not role.is_default() for n in wanted)
    found = [guild.get_channel_or_thread(number) for number in wanted]
    return all(c is not None and not isinstance(c, discord.CategoryChannel) for c in found)


async def value_choices(groups: GroupStore, talk: Any, typed: str) -> list[app_commands.Choice[str]]:
    """Values for the setting that was chosen, as far as they fit what was typed."""
    name, lang = str(talk.namespace.setting or ""), lang_of(talk.locale)
    offered: list[tuple[str, str]] = []
    if name in LISTS and talk.guild is not None:
        there = set(await present(groups, group_key(talk.guild.id), name))
        for label, number in _entries(talk, name):
            key, sign = ("setting_remove", "-") if number in there else ("setting_add", "+")
            offered.append((text(key, lang, name=label), f"{sign}{number}"))
    elif name == "timezone":
        offered = [(zone, zone) for zone in zones_like(typed, MOST - 1)]
    else:
        offered = [(value, value) for value in settings.offered(name, lang)]
    if name in CHECKS:
        offered.append((text("setting_default", lang), DEFAULT))
    fitting = [(label, value) for label, value in offered if typed.casefold() in label.casefold()]
    return [app_commands.Choice(name=label[:100], value=value) for label, value in fitting[:MOST]]


def _entries(talk: Any, name: str) -> Iterable[tuple[str, str]]:
    """Roles, or the channels that whoever types can see."""
    guild: discord.Guild = talk.guild
    if name == "admin_roles":
        return [(f"@{role.name}", str(role.id)) for role in guild.roles if not role.is_default()]
    seen = [each for each in guild.text_channels if each.permissions_for(talk.user).view_channel]
    return [(f"#{channel.name}", str(channel.id)) for channel in seen]
