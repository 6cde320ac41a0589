"""What she says, as Telegram shall show it: as HTML in which nothing of hers becomes a link or a command.

Telegram looks for addresses, names, tags, commands and numbers in every text and makes them something to
tap. A character of no width inside them ends what it looks for, and is not seen.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from adapters.shared.cleaning import visible
from adapters.shared.splitting import split, utf16_units

LIMIT: Final = 4096  # UTF-16 units of a message
CAPTION_LIMIT: Final = 1024  # of the text under a picture
JOINER: Final = "\u2060"  # WORD JOINER: no letter of names, tags and addresses, and no place for a line break
# Between digits, as a word joiner is skipped there; elsewhere it counts as a letter of tags and addresses.
NON_JOINER: Final = "\u200c"

_DROPPED: Final = re.compile("[\u0333\u033f\u030a\u2028\u2029]")  # Telegram takes them out itself, afterwards
_TAPPED: Final = re.compile(
    r"@(?=[A-Za-z0-9_])"  # names, mail
    r"|(?<!\w)/(?=[A-Za-z0-9_])"  # commands
    r"|#(?=[\w\u00b7\u200c\u0d80-\u0dff])"  # tags
    r"|\$(?=[A-Z1])"  # shares
    r"|(?<=\w)\.(?=[^\W\d])"  # addresses by their last part, »한국« too
    r"|:(?=//)"  # addresses by their first
    r"|(?<=\d)\.(?=\d{1,3}\.\d{1,3}\.\d)"  # 127.0.0.1
)
_COMMAND: Final = re.compile(r"(?<!\w)/[a-z0-9_]{1,32}(?:@[A-Za-z0-9_]{3,32})?\b(?!\.)")
_DIGITS: Final = re.compile(r"[+(]?\d(?:[-. ()/]{0,2}\d){6,}")  # telephones, bank cards
_THREE: Final = re.compile(r"((?:\d\D*?){3})(?=\D*\d)")
_GROWS: Final = frozenset("@/#$.:")  # one unit that may become two; digits too


@dataclass(frozen=True, slots=True)
class Page:
    """One message: as HTML, and as it is sent when Telegram does not take the HTML."""

    html: str
    plain: str

    @property
    def units(self) -> int:
        """Its length as Telegram counts it."""
        return utf16_units(self.plain)


def defused(text: str, *, commands: bool = False) -> str:
    """The text with nothing in it to tap, not yet escaped; with ``commands``, those can be tapped."""
    apart = _DIGITS.sub(lambda match: _THREE.sub(rf"\1{NON_JOINER}", match[0]), _seen(text))

    kept = [match.span() for match in _COMMAND.finditer(apart)] if commands else []

    def broken(match: re.Match[str]) -> str:
        whole = any(start <= match.start() < end for start, end in kept)
        return match[0] if whole else match[0] + JOINER

    return _TAPPED.sub(broken, apart)


def safe(text: str, *, commands: bool = False) -> str:
    """:func:`defused`, as HTML."""
    return html.escape(defused(text, commands=commands), quote=False)


def cost(text: str) -> int:
    """At least the units of ``defused(text)``, and the sum over its characters."""
    return utf16_units(text) + sum(1 for char in text if char in _GROWS or char.isdigit())


def pages(
    text: str, notes: Sequence[str] = (), limit: int = LIMIT, *, commands: bool = False
) -> list[Page]:  # fmt: skip
    """The messages that carry a text and, in italics under it, some asides.

    Args:
        text: What she says.
        notes: The asides.
        limit: The most units of a message.
        commands: Whether commands can be tapped: in our own fixed texts.
    """
    found = [_page(part, commands=commands) for part in split(_seen(text), limit, cost)]
    small = [_page(part, "i") for note in notes for part in split(_seen(note), limit // 4, cost)]
    for note in small:
        if found and found[-1].units + 1 + note.units <= limit:
            found[-1] = Page(f"{found[-1].html}\n{note.html}", f"{found[-1].plain}\n{note.plain}")
        else:
            found.append(note)
    return found or [Page("…", "…")]


def naming(line: str, person: int, name: str) -> Page:
    """A line that tells somebody of it, by a link where its ``{}`` stands."""
    called = safe(name[:100])
    link = f'<a href="tg://user?id={person}">{called}</a>'
    return Page(safe(line).replace("{}", link), defused(line).replace("{}", defused(name[:100])))


def _seen(text: str) -> str:
    return _DROPPED.sub("", visible(text))


def _page(text: str, tag: str = "", *, commands: bool = False) -> Page:
    plain = defused(text, commands=commands)
    escaped = html.escape(plain, quote=False)
    return Page(f"<{tag}>{escaped}</{tag}>" if tag else escaped, plain)
