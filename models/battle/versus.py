"""How often she wins: the same problems for both sides, the same seeds, held-out pictures at the end."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.battle.game import ROUNDS
from core.battle.grades import judge
from core.battle.hyperparameters import CHOICES, Hyperparameters
from core.battle.ports import Choice, Part, Problem, Tier, Tried
from models.battle.bank import instance_ids, problem_of
from models.battle.choices import collapsed, drawn, held_out
from models.battle.jobs import Job
from models.battle.pictures import Pictures
from models.battle.player import SurrogatePlayer
from models.battle.tpe import TpePlayer, best
from models.battle.trial import Training, code_version

SEEDS: Final = (101, 102, 103)  # of the last trainings, for both sides
RESAMPLES: Final = 4000


@dataclass(frozen=True)
class Match:
    """One problem: mean held-out scores of both, who won (1, 0, -1 as she sees it), and how."""

    instance: str
    hers: float
    theirs: float
    won: int
    collapsed: tuple[int, int]  # last trainings of hers, of theirs
    trainings: int
    search_s: float
    battle_s: float
    her_choice: dict[str, Any]
    their_choice: dict[str, Any]


@dataclass
class Kept:
    """Trainings that were done already, in a file: the same job gives the same numbers."""

    path: Path | None = None
    _found: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.path is not None and self.path.exists():
            for line in self.path.read_text("utf-8").splitlines():
                record = json.loads(line)
                self._found[record["key"]] = record

    def train(self, pictures: Pictures, problem: Problem, job: Job) -> tuple[float, float]:
        """Score and seconds of a training."""
        key = json.dumps([problem.version, code_version(), *asdict(job).values()], default=str)
        if key not in self._found:
            trial = Training(job, pictures).run()
            record = {"key": key, "f1": trial.f1, "seconds": round(trial.seconds, 3)}
            self._found[key] = record
            if self.path is not None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with self.path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(record) + "\n")
        return self._found[key]["f1"], self._found[key]["seconds"]


@dataclass(frozen=True)
class Side:
    """What a side did: the last word, its held-out scores, seconds of choosing and of training."""

    chosen: Hyperparameters
    scores: tuple[float, ...]
    search_s: float
    train_s: float
    trainings: int


@dataclass
class Bench:
    """Plays problems of the data sets that the surrogate did not learn from."""

    player: SurrogatePlayer
    tier: Tier
    opponent: str  # random or tpe
    trials: int
    kept: Kept
    seed: int = 1

    def matches(self, sets: Sequence[Pictures], instances: int) -> Iterator[Match]:
        """So many problems, of each data set in turn. Raises ValueError where there are not so many."""
        ids = [[each for k, each in enumerate(instance_ids(p)) if held_out(k)] for p in sets]
        turns = [(p, own[k]) for k in range(max(map(len, ids))) for p, own in zip(sets, ids, strict=True)]
        if not 1 <= instances <= len(turns):
            raise ValueError(f"1 to {len(turns)} problems")
        for pictures, instance in turns[:instances]:
            yield self.match(pictures, instance)

    def match(self, pictures: Pictures, instance: str) -> Match:
        """One problem."""
        problem = problem_of(pictures, instance)
        hers = self._play(pictures, problem, self._she, ROUNDS, self._settled)
        they = self._tpe if self.opponent == "tpe" else self._random
        theirs = self._play(pictures, problem, they, self.trials, lambda _, tried: best(tried))
        verdict = judge(hers.scores, theirs.scores)
        return Match(
            instance, round(verdict.left, 4), round(verdict.right, 4), verdict.grade.sign,
            (_collapsed(problem, hers), _collapsed(problem, theirs)),
            hers.trainings + theirs.trainings, round(hers.search_s, 3),
            round(hers.search_s + hers.train_s, 2), _plain(hers.chosen), _plain(theirs.chosen),
        )  # fmt: skip

    def _play(
        self, pictures: Pictures, problem: Problem, choose: Callable[[Problem, list[Tried]], Choice],
        rounds: int, settle: Callable[[Problem, list[Tried]], int],
    ) -> Side:  # fmt: skip
        tried: list[Tried] = []
        search, spent = 0.0, 0.0
        for k in range(rounds):
            began = time.perf_counter()
            chosen = choose(problem, tried).hyperparameters
            search += time.perf_counter() - began
            job = Job(problem.dataset, problem.instance, chosen, k + 1, Part.VALID)
            f1, seconds = self.kept.train(pictures, problem, job)
            tried.append(Tried(chosen, f1))
            spent += seconds
        last = tried[settle(problem, tried)].hyperparameters
        scores = []
        for seed in SEEDS:
            job = Job(problem.dataset, problem.instance, last, seed, Part.HELD_OUT)
            f1, seconds = self.kept.train(pictures, problem, job)
            scores.append(f1)
            spent += seconds
        return Side(last, tuple(scores), search / max(rounds, 1), spent, rounds + len(SEEDS))

    def _she(self, problem: Problem, tried: list[Tried]) -> Choice:
        return self.player.chosen(problem, self.tier, tried, self.seed)

    def _settled(self, problem: Problem, tried: list[Tried]) -> int:
        return self.player.settled(problem, self.tier, tried)

    def _tpe(self, problem: Problem, tried: list[Tried]) -> Choice:
        return TpePlayer().chosen(tried, self._own(problem))

    def _random(self, problem: Problem, tried: list[Tried]) -> Choice:
        rng = np.random.default_rng((self._own(problem), len(tried), 77))
        return Choice(drawn(rng), None)

    def _own(self, problem: Problem) -> int:
        """A seed for each problem, so that the opponent does not begin alike everywhere."""
        return self.seed * 100_003 + int(problem.version[:6], 16)


def summary(matches: Sequence[Match], seed: int = 1) -> dict[str, Any]:
    """Win rate (a draw is half) with a 95 % interval over problems, differences, times, collapsed runs."""
    points = np.array([(1 + match.won) / 2 for match in matches])
    gaps = np.array([match.hers - match.theirs for match in matches])
    rng = np.random.default_rng(seed)
    means = points[rng.integers(len(points), size=(RESAMPLES, len(points)))].mean(1)
    regret = [max(match.hers, match.theirs) - match.hers for match in matches]
    mine, others = np.mean([match.collapsed for match in matches], 0) / len(SEEDS)
    return {
        "problems": len(matches), "win_rate": _shown(points.mean()),
        "interval": [_shown(each) for each in np.quantile(means, [0.025, 0.975])],
        "won": int((points == 1).sum()), "drawn": int((points == 0.5).sum()),
        "lost": int((points == 0).sum()),
        "mean_hers": _shown(np.mean([match.hers for match in matches])),
        "mean_theirs": _shown(np.mean([match.theirs for match in matches])),
        "mean_difference": _shown(gaps.mean()), "mean_regret": _shown(np.mean(regret)),
        "search_s_median": _shown(np.median([match.search_s for match in matches])),
        "her_battle_s_median": _shown(np.median([match.battle_s for match in matches])),
        "her_collapsed_share": _shown(mine), "their_collapsed_share": _shown(others),
    }  # fmt: skip


def _collapsed(problem: Problem, side: Side) -> int:
    return sum(collapsed(problem, score) for score in side.scores)


def _shown(value: Any) -> float:
    return round(float(value), 4)


def _plain(chosen: Hyperparameters) -> dict[str, Any]:
    return asdict(chosen) | {name: getattr(chosen, name).value for name in CHOICES}
