"""The first step of a turn: may this message be answered at all?"""

from __future__ import annotations

import unicodedata
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Final

from core.errors import UserFacingError

MAX_CHARACTERS: Final = 1000


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most ``messages`` in ``seconds`` for each person."""

    messages: int = 12
    seconds: float = 30.0


def clean(text: str) -> str:
    """The message without control characters and lone surrogates, trimmed and composed; line breaks stay."""
    kept = "".join(c for c in text if c in "\n\t" or not _is_control(c)).replace("\t", " ").strip()
    kept = unicodedata.normalize("NFC", kept)  # a Mac may send 한글 letter by letter, which no word matches
    visible = any(not c.isspace() and unicodedata.category(c) != "Cf" for c in kept)
    return kept if visible else ""


def _is_control(char: str) -> bool:
    """Control characters, surrogates, private use, noncharacters, and marks that turn the text round.

    Unassigned code points stay: they may be emoji that are newer than this Python.
    """
    point = ord(char)
    if unicodedata.category(char) in ("Cc", "Cs", "Co"):
        return True
    if 0x202A <= point <= 0x202E or 0x2066 <= point <= 0x2069:
        return True
    return point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF


class Gate:
    """Refuses empty, too long and too frequent messages. Holds timestamps only, never text."""

    def __init__(self, limit: RateLimit | None = None) -> None:
        self._limit = limit or RateLimit()
        self._seen: dict[tuple[str, str], deque[float]] = defaultdict(deque)

    def admit(
        self, person: str, text: str, now: float, place: str = "", limit: RateLimit | None = None
    ) -> str:
        """The cleaned text. Raises UserFacingError (empty, too_long, too_fast); ``now`` in seconds.

        A ``place`` with a ``limit`` of its own counts for itself.
        """
        cleaned = clean(text)
        if not cleaned:
            raise UserFacingError("empty")
        if len(cleaned) > MAX_CHARACTERS:
            raise UserFacingError("too_long")
        seen, limit = self._seen[person, place if limit else ""], limit or self._limit
        while seen and now - seen[0] >= limit.seconds:
            seen.popleft()
        if len(seen) >= limit.messages:
            wait = limit.seconds - (now - seen[0])
            raise UserFacingError("too_fast", seconds=max(1, round(wait)))
        seen.append(now)
        return cleaned

    def forget(self, person: str) -> None:
        """Drop what is held about a person."""
        for key in [key for key in self._seen if key[0] == person]:
            del self._seen[key]
