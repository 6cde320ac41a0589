"""What there is to say about a result, as data: the model is given it, and its comment is held against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from core.battle.game import Battle, Rival, Side
from core.battle.grades import Grade
from core.battle.hyperparameters import RANGES, Hyperparameters, Scheduler
from core.people import Lang

COLLAPSED: Final = 0.2  # macro F1 of five classes: hardly more than guessing the largest one
OVERFIT: Final = 0.35  # nats that the validation loss is above the training loss
SMOTHERED: Final = -0.15
SLOW: Final = 0.8  # nats of training loss at the end
HOT, COLD = 1.5e-3, 2e-4  # learning rates above and below which they are to blame


@dataclass(frozen=True, slots=True)
class Facts:
    """A result as the challenger has it; ``gap`` is validation less training loss at the end, in nats.

    ``rounds`` are grades by the validation scores ``left_rounds`` and ``right_rounds``; ``chosen`` are both
    named choices, the challenger's first, ``named`` their positions among those tried; ``epochs`` how many
    the final trainings took.
    """

    lang: Lang
    dataset: str
    rival: Rival
    grade: Grade
    left: float
    right: float
    rounds: tuple[Grade, ...]
    left_rounds: tuple[float, ...]
    right_rounds: tuple[float, ...]
    chosen: tuple[Hyperparameters, Hyperparameters]
    named: tuple[int, int]
    epochs: tuple[int, ...]
    train_loss: float
    gap: float
    trials: int

    @property
    def difference(self) -> float:
        """Macro F1; above 0 for the challenger."""
        return self.left - self.right

    def numbers(self) -> Iterator[tuple[str, int, float]]:
        """Every score and the size of every difference: kind (left, right, gap), scope (-1: end), value."""
        both = [(-1, self.left, self.right), *self._by_round()]
        for scope, left, right in both:
            yield from (("left", scope, left), ("right", scope, right), ("gap", scope, abs(left - right)))

    def settings(self) -> Iterator[float]:
        """The numbers of both choices."""
        for chosen in self.chosen:
            yield from (getattr(chosen, name) for name in RANGES)

    @property
    def tip(self) -> str:
        """What the rules advise the challenger (a key of :data:`core.battle.lines.TIPS`), "" for nothing."""
        mine = self.chosen[0]
        if self.left < COLLAPSED:
            return "collapsed_high" if mine.lr >= HOT else "collapsed_low" if mine.lr <= COLD else ""
        if self.gap >= OVERFIT and mine.dropout_fc < RANGES["dropout_fc"][1]:
            return "overfit"
        if self.gap <= SMOTHERED and mine.dropout_fc + mine.dropout_conv_later > 0.3:
            return "smothered"
        if self.train_loss >= SLOW and mine.lr <= COLD:
            return "slow"
        return "decayed" if mine.scheduler is Scheduler.EXP_80 and self.grade.sign <= 0 else ""

    def _by_round(self) -> Iterator[tuple[int, float, float]]:
        pairs = zip(self.left_rounds, self.right_rounds, strict=False)
        yield from ((at, left, right) for at, (left, right) in enumerate(pairs) if at < len(self.rounds))


def facts_of(battle: Battle) -> Facts:
    """The facts of a battle that is done. Raises ValueError for another."""
    verdict, last = battle.verdict, battle.left.finals[0].epochs
    return Facts(
        battle.lang, battle.dataset, battle.rival, verdict.grade, verdict.left, verdict.right,
        battle.round_grades, _scores(battle.left), _scores(battle.right),
        (_chosen(battle.left), _chosen(battle.right)), (battle.left.named or 0, battle.right.named or 0),
        tuple(len(trial.epochs) for side in (battle.left, battle.right) for trial in side.finals),
        last[-1].train_loss if last else 0.0, last[-1].valid_loss - last[-1].train_loss if last else 0.0,
        battle.right.rounds,
    )  # fmt: skip


def _scores(side: Side) -> tuple[float, ...]:
    return tuple(trial.f1 for trial in side.scores)


def _chosen(side: Side) -> Hyperparameters:
    return side.moves[side.named or 0].hyperparameters
