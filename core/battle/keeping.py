"""What the game needs from a store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from core.battle.game import Battle, SideName
from core.battle.ports import Trial
from core.battle.rating import Rating
from core.people import Owner


class Busy(StrEnum):
    """Why a battle cannot begin."""

    PERSON = "person"
    RIVAL = "rival"
    CHANNEL = "channel"
    FORGOTTEN = "forgotten"  # the person was erased meanwhile


@dataclass(frozen=True, slots=True)
class RatedGame:
    """A result that counts: ``against`` is another person, or a strength that does not change."""

    person: str
    against: str | Rating
    points: float


@dataclass(frozen=True, slots=True)
class RatingChange:
    """What a battle did to somebody's rating."""

    person: str
    before: Rating
    after: Rating
    games: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A line of a leaderboard; ``name`` is what the person showed when joining in."""

    person: str
    name: str
    rating: Rating
    games: int
    wins: int
    draws: int
    losses: int


class BattleStore(Protocol):
    """Battles and standings, by scope. Raises StoreError.

    Everything here goes with the people it is about: of two who played, with either of them.
    """

    async def epoch(self, person: str) -> int:
        """Counts a person's erasures."""
        ...

    async def begin(self, battle: Battle, epoch: int, accounts: Collection[str] = ()) -> Battle | Busy:
        """Keep a new battle; with its id, or why it cannot begin.

        The battle of an earlier call with the same message is what it was. ``accounts`` are others of
        the challenger's: a person has one battle at a time, whichever account plays, a channel too. An
        invitation binds its sender only.
        """
        ...

    async def accept(self, battle: Battle, accounts: Collection[str] = ()) -> bool | Busy:
        """Keep that the invited person came in; False when it was erased, Busy.PERSON in another battle.

        ``accounts`` are others of that person.
        """
        ...

    async def save(self, battle: Battle, side: SideName = "left", trial: Trial | None = None) -> bool:
        """Keep the present state, with a training that ``side`` has more; False when it was erased.

        Of a battle that is over only card and comment change; False where it ended otherwise.
        The first validation score shows the problem to its person: see :meth:`seen`.
        """
        ...

    async def finish(self, battle: Battle, games: Sequence[RatedGame]) -> tuple[RatingChange, ...] | None:
        """Keep the end with what it does to the ratings of those who joined in.

        None when it was erased, or over before.
        """
        ...

    async def get(self, battle: int) -> Battle | None:
        """A battle by its id."""
        ...

    async def open(self) -> list[Battle]:
        """Battles that are not over, oldest first."""
        ...

    async def history(self, owner: Owner, n: int) -> list[Battle]:
        """A person's newest ``n`` battles that are over, newest first."""
        ...

    async def seen(self, people: Collection[str], dataset: str) -> dict[str, int]:
        """The problems that people have had a score on, anywhere, with the id of the first battle."""
        ...

    async def join(self, owner: Owner, name: str, now: datetime) -> None:
        """The person wants to stand on the leaderboards of this scope from now on, under a name."""
        ...

    async def leave(self, owner: Owner) -> bool:
        """The person does not want to: consent and ratings are erased; whether there was a consent."""
        ...

    async def joined(self, owner: Owner) -> bool:
        """Whether the person joined in here."""
        ...

    async def leaderboard(self, scope: str, dataset: str, least: int) -> list[Standing]:
        """Those with at least ``least`` games, the surest strength (rating - 2 deviations) first."""
        ...

    async def reset(self, scope: str, dataset: str | None = None) -> int:
        """Erase the ratings of a scope, of one data set or of all; how many. Consents stay."""
        ...
