"""What happens in a battle, for those who show it, and what may be seen of it by whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.battle.commitment import sealed
from core.battle.game import SIDES, Battle, Ending, Phase, Rival, Side, SideName
from core.battle.grades import Grade, Verdict
from core.battle.hyperparameters import Hyperparameters
from core.battle.keeping import RatingChange
from core.battle.parsing import Parsed
from core.battle.ports import Epoch, Problem, Tier, Trial
from core.battle.rules import waited_for
from core.people import Expression, Lang


@dataclass(frozen=True, slots=True)
class MoveView:
    """A choice as it may be shown: the hash at once, everything else when it may be known.

    Anybody can check ``sha256(content + "\\n" + nonce) == digest`` (:mod:`core.battle.commitment`).
    """

    number: int
    digest: str
    hyperparameters: Hyperparameters | None = None
    valid_f1: float | None = None
    trial: Trial | None = None
    expected: float | None = None
    content: str = ""
    nonce: str = ""


@dataclass(frozen=True, slots=True)
class SideView:
    """A side as it may be shown; ``person`` "" is a machine. ``named`` counts from 1.

    ``pick`` is the hash of what names the choice that counts; what was hashed opens at the end. ``seal`` is
    one hash over those of a machine's choices and of its pick (:func:`core.battle.commitment.sealed`), once
    it has all of them. ``conceded``: the person gave the battle up.
    """

    person: str
    rounds: int
    moves: tuple[MoveView, ...]
    turn: bool
    named: int | None
    pick: str
    finals: tuple[Trial, ...]
    pick_content: str = ""
    pick_nonce: str = ""
    seal: str = ""
    conceded: bool = False


@dataclass(frozen=True, slots=True)
class BattleView:
    """A battle as somebody may see it; ``verdict`` and ``round_grades`` are as the challenger sees it.

    ``lang`` is the challenger's language. ``waiting`` is how many trainings of others are before the next
    one of this.
    """

    id: int
    scope: str
    channel: str
    card: str
    dataset: str
    instance: str
    rival: Rival
    tier: Tier
    seed: int
    phase: Phase
    ending: Ending | None
    created: datetime
    deadline: datetime | None
    left: SideView
    right: SideView
    verdict: Verdict | None
    round_grades: tuple[Grade, ...]
    comment: str
    lang: Lang
    waiting: int = 0

    def side(self, name: SideName) -> SideView:
        """A side by its name."""
        return self.left if name == "left" else self.right

    @property
    def scored(self) -> bool:
        """Whether people know a score by now: who calls it off then loses it."""
        people = [side for side in (self.left, self.right) if side.person]
        return any(move.valid_f1 is not None for side in people for move in side.moves)


def view(battle: Battle, viewer: str = "", waiting: int = 0) -> BattleView:
    """The battle as ``viewer`` may see it, "" for everybody: the others' choices only at the end."""
    done = battle.phase is Phase.DONE
    left, right = (_side_view(battle, name, viewer) for name in SIDES)
    return BattleView(
        battle.id, battle.scope, battle.channel, battle.card, battle.dataset, battle.instance, battle.rival,
        battle.tier, battle.seed, battle.phase, battle.ending, battle.created, battle.deadline, left, right,
        battle.verdict if done else None, battle.round_grades if done else (), battle.comment, battle.lang,
        waiting,
    )  # fmt: skip


def _side_view(battle: Battle, name: SideName, viewer: str) -> SideView:
    side, done = battle.side(name), battle.phase is Phase.DONE
    alone = battle.rival is not Rival.PERSON and bool(side.person)  # no other person to hide it from
    known = done or alone or (bool(side.person) and side.person == viewer)
    moves = tuple(_move_view(side, at, known, done) for at in range(len(side.moves)))
    pick = side.pick
    opened = (pick.content, pick.nonce) if pick is not None and done else ("", "")
    whole = [*(move.digest for move in moves), pick.digest] if pick is not None and not side.person else []
    return SideView(
        side.person, side.rounds, moves, name in waited_for(battle),
        side.named + 1 if side.named is not None and known else None,
        pick.digest if pick is not None else "", side.finals if done else (), *opened,
        sealed(whole) if whole else "", side.conceded,
    )  # fmt: skip


def _move_view(side: Side, at: int, known: bool, done: bool) -> MoveView:
    move = side.moves[at]
    trial = side.scores[at] if at < len(side.scores) else None
    score = trial.f1 if trial is not None and (known or side.person) else None
    if not known:
        return MoveView(at + 1, move.commitment.digest, None, score)
    proof = (move.commitment.content, move.commitment.nonce) if done else ("", "")
    return MoveView(
        at + 1, move.commitment.digest, move.hyperparameters, score, trial, move.expected if done else None,
        *proof,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Played:
    """A choice was taken, as it was understood."""

    view: BattleView
    parsed: Parsed


@dataclass(frozen=True, slots=True)
class BattleSeen:
    """The state as everybody may see it: first of all events, and after every change of state."""

    view: BattleView


@dataclass(frozen=True, slots=True)
class ProblemReady:
    """The problem with a PNG of some of its training pictures; a machine's first choice is made by now."""

    problem: Problem
    thumbnails: bytes
    view: BattleView


@dataclass(frozen=True, slots=True)
class Promised:
    """A machine has played all its rounds and named its choice: here are the hashes of all of it."""

    side: SideName
    digests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Queued:
    """So many trainings of others are before the next one of this; 0: it begins."""

    position: int


@dataclass(frozen=True, slots=True)
class RoundStarted:
    """A person's choice is being trained; ``number`` counts from 1."""

    side: SideName
    number: int


@dataclass(frozen=True, slots=True)
class FinalStarted:
    """The named choices are being trained, ``trainings`` of them in all."""

    trainings: int


@dataclass(frozen=True, slots=True)
class EpochSeen:
    """An epoch of a person's round or, with ``final``, of the ``number``-th training of a side at the end."""

    side: SideName
    number: int
    final: bool
    epoch: Epoch


@dataclass(frozen=True, slots=True)
class RoundScored:
    """A person's round has its validation score."""

    side: SideName
    number: int
    valid_f1: float


@dataclass(frozen=True, slots=True)
class TurnStarted:
    """It is the turn of these, until then."""

    sides: tuple[SideName, ...]
    deadline: datetime


@dataclass(frozen=True, slots=True)
class BattleDone:
    """Everything is revealed; ``changes`` are of the ratings of those who joined in."""

    view: BattleView
    changes: tuple[RatingChange, ...]


@dataclass(frozen=True, slots=True)
class Commented:
    """What she says to the result, and the face that she makes."""

    text: str
    expression: Expression


@dataclass(frozen=True, slots=True)
class BattleGone:
    """It was not played to its end; ``ending`` None when it was erased. ``changes`` are as in BattleDone."""

    ending: Ending | None
    changes: tuple[RatingChange, ...] = ()


BattleEvent = (
    BattleSeen | ProblemReady | Promised | Queued | RoundStarted | FinalStarted | EpochSeen | RoundScored
    | TurnStarted | BattleDone | Commented | BattleGone
)  # fmt: skip
