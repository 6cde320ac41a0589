"""Settings of a group as admins type them, on every platform.

Lists of channels, topics and roles are changed by one entry at a time: ``+id`` adds, ``-id`` takes
away, ids without a sign replace the list; ``default`` goes back to what holds where nothing is set.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from adapters.shared.hair import HAIR
from core.errors import StoreError
from core.people import Lang
from core.ports_places import GroupStore

DEFAULT: Final = "default"
LISTS: Final = ("channels", "always_answer", "admin_roles")
FIXED: Final = {  # values to choose from, in every language
    "image": ("still", "animated", "off"),
    "language": ("ko", "en"),
    "cooldown_seconds": ("0", "10", "30", "60", "300"),
    "rate_messages": ("6", "12", "30"),
    "rate_seconds": ("10", "30", "60"),
    "grace_days": ("0", "7", "30", "90"),
}

Entry = tuple[str, str]  # sign and id
_ENTRY: Final = re.compile(r"([+-]?)\s*(\d{1,20})")


def offered(name: str, lang: Lang) -> tuple[str, ...]:
    """Values to choose from for a setting; none for lists and time zones."""
    return HAIR[lang] if name == "hair" else FIXED.get(name, ())


def entries_of(name: str, value: str, pattern: re.Pattern[str] = _ENTRY) -> list[Entry]:
    """What is typed for a list; nothing for other settings.

    Args:
        name: The setting.
        value: What was typed.
        pattern: How the platform writes an entry: the sign, then one or more ways to write the id.
    """
    if name not in LISTS:
        return []
    return [(match[1], next(filter(None, match.groups()[1:]), "")) for match in pattern.finditer(value)]


def added(entries: Iterable[Entry]) -> list[str]:
    """The ids that an admin wants in the list."""
    return [number for sign, number in entries if sign != "-"]


async def changed(
    groups: GroupStore, group: str, name: str, value: str, entries: list[Entry]
) -> str | None:  # fmt: skip
    """The value to be kept for what was typed; None for the default.

    A store that fails counts as empty here; the write that follows meets the same failure and says so.
    """
    value = value.strip()
    if value.casefold() == DEFAULT:
        return None
    if not entries:
        return value
    signed = any(sign for sign, _ in entries)
    kept = dict.fromkeys(await present(groups, group, name) if signed else ())
    for sign, number in entries:
        if sign == "-":
            kept.pop(number, None)
        else:
            kept[number] = None
    return " ".join(kept) or None


async def present(groups: GroupStore, group: str, name: str) -> list[str]:
    """The entries of a list; none where the store fails."""
    try:
        return (await groups.settings(group)).get(name, "").split()
    except StoreError:
        return []
