"""What a card is to those who show it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG, and what it shows in words for those who do not see it."""

    png: bytes
    alt: str
