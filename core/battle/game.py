"""A battle as a value; what may happen to it is in :mod:`core.battle.rules`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

from core.battle.commitment import Commitment
from core.battle.grades import Grade, Verdict, grade, judge
from core.battle.hyperparameters import Hyperparameters
from core.battle.ports import Tier, Trial, Tried
from core.errors import UserFacingError
from core.people import Lang

ROUNDS: Final = 2  # tries of a person, and of her
FINALS: Final = 3  # trainings of each side at the end
MOST_TRIALS: Final = 30  # of Optuna

SideName = Literal["left", "right"]  # the challenger, the opponent
SIDES: Final[tuple[SideName, SideName]] = ("left", "right")


class Phase(StrEnum):
    """Where a battle is."""

    INVITED = "invited"
    ROUND_1 = "round_1"
    ROUND_2 = "round_2"
    NAMING = "naming"
    FINAL = "final"
    DONE = "done"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        """Whether nothing can happen any more."""
        return self in (Phase.DONE, Phase.CANCELLED)


class Rival(StrEnum):
    """Kinds of opponents."""

    LORA = "lora"
    PERSON = "person"
    OPTUNA = "optuna"


class Ending(StrEnum):
    """Why a battle was cancelled."""

    CANCELLED = "cancelled"  # by one who plays, before there was a score
    CONCEDED = "conceded"  # by one who plays, later: the other side has won
    REFUSED = "refused"
    TIMEOUT = "timeout"
    STOPPED = "stopped"  # by an admin
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Move:
    """A choice with what promised it, and the held-out score that was expected of it, if any."""

    hyperparameters: Hyperparameters
    commitment: Commitment
    expected: float | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """One who plays; ``person`` "" is a machine. ``scores`` are the rounds' trainings, in order.

    ``named`` is the position of the move that counts; ``passed``: there will be no further round;
    ``conceded``: the person gave the battle up.
    """

    person: str = ""
    rounds: int = ROUNDS
    moves: tuple[Move, ...] = ()
    scores: tuple[Trial, ...] = ()
    named: int | None = None
    pick: Commitment | None = None
    passed: bool = False
    finals: tuple[Trial, ...] = ()
    conceded: bool = False

    @property
    def tried(self) -> list[Tried]:
        """What this side knows of its choices."""
        return [Tried(trial.hyperparameters, trial.f1) for trial in self.scores]

    @property
    def best(self) -> int:
        """The position of the move with the best validation score, the earlier of equals."""
        return max(range(len(self.scores)), key=lambda at: (self.scores[at].f1, -at))

    @property
    def chosen(self) -> Hyperparameters | None:
        """What is trained at the end."""
        return None if self.named is None else self.moves[self.named].hyperparameters


@dataclass(frozen=True, slots=True)
class Battle:
    """Everything about a battle; ``id`` is 0 before it is kept.

    ``seed`` is where all other seeds come from; ``drawn``: nobody asked for its problem or its seed;
    ``message`` is what started it, ``inputs`` are ids of messages that have had their effect; ``card``
    is what shows it, for the adapter. ``deadline`` is None while nobody's turn runs. ``code`` is what trained
    it, ``knowledge`` what its machine chose by (see :mod:`core.battle.ports`); "" where that is not known.
    """

    id: int
    scope: str
    channel: str
    message: str
    dataset: str
    instance: str
    version: str
    rival: Rival
    tier: Tier
    seed: int
    lang: Lang
    created: datetime
    left: Side
    right: Side
    phase: Phase
    drawn: bool = True
    deadline: datetime | None = None
    ending: Ending | None = None
    card: str = ""
    comment: str = ""
    inputs: tuple[str, ...] = ()
    code: str = ""
    knowledge: str = ""

    def side(self, name: SideName) -> Side:
        """A side by its name."""
        return self.left if name == "left" else self.right

    @property
    def people(self) -> tuple[str, ...]:
        """Who plays."""
        return tuple(side.person for side in (self.left, self.right) if side.person)

    @property
    def bound(self) -> tuple[str, ...]:
        """Who may be in no other battle: an invitation binds its sender only."""
        return self.people[:1] if self.phase is Phase.INVITED else self.people

    @property
    def scored(self) -> bool:
        """Whether people know a score by now."""
        return any(side.person and side.scores for side in (self.left, self.right))

    def of(self, person: str) -> SideName:
        """The side of a person. Raises UserFacingError for one who only watches."""
        for name in SIDES:
            if person and self.side(name).person == person:
                return name
        raise UserFacingError("battle_not_yours")

    def random(self, *what: object) -> int:
        """A seed for one purpose, in [0, 2**31)."""
        digest = hashlib.sha256("/".join(map(str, (self.seed, *what))).encode()).digest()
        return int.from_bytes(digest[:4], "big") >> 1

    @property
    def verdict(self) -> Verdict:
        """The result as the challenger sees it. Raises ValueError before there is one."""
        return judge([t.f1 for t in self.left.finals], [t.f1 for t in self.right.finals])

    @property
    def points(self) -> float | None:
        """What the challenger has of it, from 0 to 1; None where nobody won or lost."""
        if self.ending is Ending.CONCEDED:
            return float(self.right.conceded)
        return self.verdict.grade.points if self.phase is Phase.DONE else None

    @property
    def round_grades(self) -> tuple[Grade, ...]:
        """The grades of the rounds that both sides played, by validation scores."""
        both = zip(self.left.scores[:ROUNDS], self.right.scores[:ROUNDS], strict=False)
        return tuple(grade(one.f1 - other.f1) for one, other in both)
