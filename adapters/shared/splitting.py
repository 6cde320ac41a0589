"""Cutting a text into messages that a platform accepts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

# Borders from the best to the worst; what they match is white space and is left out between parts.
_BORDERS: Final = (
    re.compile(r"\n\s*\n\s*"),
    re.compile(r"\s*\n\s*"),
    re.compile(r"(?<=[.!?…。！？~])\s+"),
    re.compile(r"\s+"),
)
_EARLIEST: Final = 0.5  # of the limit: a border before that would leave too short a part


def utf16_units(text: str) -> int:
    """Length as Telegram counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, limit: int, length: Callable[[str], int] = len) -> list[str]:
    """The text in parts of at most ``limit``; only white space at the cuts is left out.

    Cuts at a paragraph, else a line, a sentence, a word, and inside a word between graphemes.

    Args:
        text: What is to be said.
        limit: Greatest length of a part, in units of ``length``.
        length: Length of a text; must be the sum over its characters.

    Raises:
        ValueError: A single character is longer than ``limit``.
    """
    parts = []
    rest = text.strip()
    while rest:
        end = _reach(rest, limit, length)
        if end == len(rest):
            parts.append(rest)
            break
        cut, following = _border(rest, end, limit, length)
        parts.append(rest[:cut].rstrip())
        rest = rest[following:].lstrip()
    return parts


def _reach(text: str, limit: int, length: Callable[[str], int]) -> int:
    """How many characters fit."""
    total = 0
    for index, char in enumerate(text):
        total += length(char)
        if total > limit:
            if index == 0:
                raise ValueError(f"{char!r} is longer than {limit}")
            return index
    return len(text)


def _border(text: str, end: int, limit: int, length: Callable[[str], int]) -> tuple[int, int]:
    """Where the part ends and where the next one begins; ``end`` is how much fits at most."""
    for border in _BORDERS:
        best = None
        for match in border.finditer(text, 1):
            if match.start() > end:
                break
            best = match
        if best is not None and (border is _BORDERS[-1] or length(text[: best.start()]) >= _EARLIEST * limit):
            return best.start(), best.end()
    cut = _grapheme_cut(text, end)
    return cut, cut


def _grapheme_cut(text: str, end: int) -> int:
    """The last border between graphemes up to ``end``; ``end`` itself when there is none."""
    for cut in range(end, 0, -1):
        if not _joined(text, cut):
            return cut
    return end


def _joined(text: str, at: int) -> bool:
    """Whether the characters around a position look like one (a close reading of UAX #29)."""
    before, after = text[at - 1], text[at]
    if before == "\u200d" or after == "\u200d" or (before, after) == ("\r", "\n"):
        return True
    if unicodedata.category(after) in ("Mn", "Me", "Mc") or _is_emoji_tail(after):
        return True
    if _is_flag(before) and _is_flag(after):
        start = at
        while start > 0 and _is_flag(text[start - 1]):
            start -= 1
        return (at - start) % 2 == 1
    return _jamo_join(before, after)


def _is_emoji_tail(char: str) -> bool:
    return 0x1F3FB <= ord(char) <= 0x1F3FF or 0xE0020 <= ord(char) <= 0xE007F


def _is_flag(char: str) -> bool:
    return 0x1F1E6 <= ord(char) <= 0x1F1FF


def _jamo_join(before: str, after: str) -> bool:
    """Conjoining Hangul letters: leading + vowel + trailing make one syllable."""
    one, two = ord(before), ord(after)
    open_syllable = 0xAC00 <= one <= 0xD7A3 and (one - 0xAC00) % 28 == 0
    closed_syllable = 0xAC00 <= one <= 0xD7A3 and not open_syllable
    vowel_or_trailing = 0x1160 <= two <= 0x11FF
    trailing = 0x11A8 <= two <= 0x11FF
    if 0x1100 <= one <= 0x115F:  # leading
        return 0x1100 <= two <= 0x11A7 or 0xAC00 <= two <= 0xD7A3
    if 0x1160 <= one <= 0x11A7 or open_syllable:
        return vowel_or_trailing
    return (0x11A8 <= one <= 0x11FF or closed_syllable) and trailing
