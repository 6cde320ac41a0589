"""What was particular about a result, seen from one side, and the words that stand in a line about it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from core.battle.facts import Facts
from core.battle.game import Rival
from core.battle.hyperparameters import Scheduler
from core.people import Lang

_APART: Final = 1.5  # times as high is another learning rate
_MORE: Final = 0.1  # ... so much is another dropout


class Moment(StrEnum):
    """Of the person against her, else of the winner; of a draw of others, of the challenger."""

    HOTTER = "hotter"  # a higher learning rate than the other side's
    COOLER = "cooler"
    ALIKE = "alike"
    SCHEDULERS = "schedulers"  # two different ones
    MORE_DROPOUT = "more_dropout"  # before the last layer
    LESS_DROPOUT = "less_dropout"
    FIRST = "first"  # two choices were tried, and the first one named
    SECOND = "second"
    AHEAD = "ahead"  # after round one, by the validation scores
    BEHIND = "behind"
    DIGITS = "digits"  # the data set
    HAIR = "hair"
    MOODS = "moods"
    CHEER = "cheer"  # the person won against Optuna
    COMFORT = "comfort"


def moments(facts: Facts) -> frozenset[Moment]:
    """Everything that holds."""
    at = _side(facts)
    one, other = facts.chosen[at], facts.chosen[1 - at]
    rate, dropout = one.lr / other.lr, one.dropout_fc - other.dropout_fc
    ahead = (facts.rounds[0].sign if facts.rounds else 0) * (1 if at == 0 else -1)
    tried = len((facts.left_rounds, facts.right_rounds)[at])
    against = facts.grade.sign if facts.rival is Rival.OPTUNA else 0
    holds = {
        Moment.HOTTER: rate >= _APART,
        Moment.COOLER: rate <= 1 / _APART,
        Moment.ALIKE: 1 / _APART < rate < _APART,
        Moment.SCHEDULERS: one.scheduler is not other.scheduler,
        Moment.MORE_DROPOUT: dropout >= _MORE,
        Moment.LESS_DROPOUT: dropout <= -_MORE,
        Moment.FIRST: tried == 2 and facts.named[at] == 0,
        Moment.SECOND: tried == 2 and facts.named[at] == 1,
        Moment.AHEAD: ahead > 0,
        Moment.BEHIND: ahead < 0,
        Moment.CHEER: against > 0,
        Moment.COMFORT: against < 0,
    }
    found = {moment for moment, held in holds.items() if held}
    return frozenset(found | {moment for moment in Moment if moment == facts.dataset})


def filling(facts: Facts) -> dict[str, str]:
    """The numbers and names of a line: of ``you`` and ``me`` against her, else of ``best`` and ``rest``."""
    at, mine = _side(facts), facts.rival is Rival.LORA
    scores = (facts.left, facts.right)
    filled = {"gap": f"{abs(facts.difference):.3f}"}
    words = (("you", "your"), ("me", "my")) if mine else (("best", "best"), ("rest", "rest"))
    for side, (whom, whose) in zip((at, 1 - at), words, strict=True):
        chosen = facts.chosen[side]
        filled |= {
            whom: f"{scores[side]:.3f}", f"{whose}_lr": number(chosen.lr),
            f"{whose}_drop": number(chosen.dropout_fc),
            f"{whose}_scheduler": _scheduler(chosen.scheduler, facts.lang),
        }  # fmt: skip
    for side, whom in () if mine else ((at, "winner"), (1 - at, "loser")):
        names, owners = NAMES[facts.rival][facts.lang], WHOSE[facts.rival][facts.lang]
        filled |= {whom: names[side], f"{whom}s": owners[side]}
    return filled


def number(value: float) -> str:
    """A hyperparameter with two figures: 0.00073, 2e-5."""
    return f"{value:.2g}".replace("e-0", "e-")


def _side(facts: Facts) -> int:
    return 0 if facts.rival is Rival.LORA or facts.grade.sign >= 0 else 1


def _scheduler(scheduler: Scheduler, lang: Lang) -> str:
    return "코사인" if lang == "ko" and scheduler is Scheduler.COSINE else scheduler.value


# The challenger and the opponent as those who do something, and as those whose something is.
NAMES: Final[dict[Rival, dict[Lang, tuple[str, str]]]] = {
    Rival.LORA: {"ko": ("네가", "내가"), "en": ("you", "I")},
    Rival.OPTUNA: {"ko": ("네가", "옵튜나가"), "en": ("you", "Optuna")},
    Rival.PERSON: {"ko": ("도전자가", "맞수가"), "en": ("the challenger", "the rival")},
}
WHOSE: Final[dict[Rival, dict[Lang, tuple[str, str]]]] = {
    Rival.LORA: {"ko": ("네", "내"), "en": ("your", "my")},
    Rival.OPTUNA: {"ko": ("네", "옵튜나"), "en": ("your", "Optuna's")},
    Rival.PERSON: {"ko": ("도전자", "맞수"), "en": ("the challenger's", "the rival's")},
}
