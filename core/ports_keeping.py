"""What the core needs to keep no longer than it may: limits that the operator sets, and who heeds them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Limits:
    """How long things are kept; None for as long as nobody erases them."""

    history_days: int | None = None  # what was said, and facts that were true of a day only
    silent_months: int | None = None  # after so long without a word, everything of a person

    def __bool__(self) -> bool:
        """Whether there is any limit."""
        return self.history_days is not None or self.silent_months is not None


@dataclass(frozen=True, slots=True)
class Overdue:
    """What is beyond the limits: exchanges, dated facts and battles of all, and people who are silent."""

    turns: int = 0
    memories: int = 0
    people: tuple[str, ...] = ()
    battles: int = 0


class Keeper(Protocol):
    """Looks after what is kept. Raises StoreError."""

    async def complete(self) -> int:
        """Complete the erasures that did not come to their end; how many."""
        ...

    async def overdue(self, limits: Limits, now: datetime) -> Overdue:
        """What is beyond the limits at a time."""
        ...

    async def retain(self, limits: Limits, now: datetime) -> Overdue:
        """Erase it; what it was."""
        ...
