"""What she says, as Discord shall show it: nothing pings, links, embeds, or hides a part of the text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from adapters.shared.cleaning import visible
from adapters.shared.splitting import split

LIMIT: Final = 2000
BREAK: Final = "\u200b"  # of no width: ends a mention or an address for Discord, not for the eye

_MARKDOWN: Final = re.compile(r"[\\*_~|`\[\]<>]")
_LINE_START: Final = re.compile(r"^([^\S\n]*)([#-])", re.MULTILINE)
_PING: Final = re.compile(r"@(?=everyone|here|[!&]?\d)")
_ADDRESS: Final = re.compile(r"(?i)(://|(?:discord(?:app)?|dsc)\.(?=gg|com|me|io|li))")
_GROWS: Final = frozenset("\\*_~|`[]<>#-@/.")  # one character that may become two


def safe(text: str) -> str:
    """The text with everything escaped that Discord would not show as it is written."""
    seen = visible(text)
    escaped = _MARKDOWN.sub(r"\\\g<0>", seen)
    escaped = _LINE_START.sub(r"\1\\\2", escaped)
    escaped = _ADDRESS.sub(lambda match: match[0] + BREAK, escaped)
    return _PING.sub(f"@{BREAK}", escaped)


def cost(text: str) -> int:
    """At least the length of ``safe(text)``, and the sum over its characters."""
    return len(text) + sum(1 for char in text if char in _GROWS)


def pages(text: str, notes: Sequence[str] = ()) -> list[str]:
    """The messages that carry a reply and, in small print under it, some asides."""
    found = [safe(part) for part in split(text, LIMIT, cost)]
    small = "\n".join(f"-# {line}" for note in notes for line in _note_lines(note))
    if not small:
        return found or ["…"]
    if found and len(found[-1]) + 1 + len(small) <= LIMIT:
        return [*found[:-1], f"{found[-1]}\n{small}"]
    return [*found, small[:LIMIT]]


def _note_lines(note: str) -> list[str]:
    return [safe(part) for line in note.splitlines() for part in split(line, LIMIT // 4, cost)]
