"""``eval comments``: what she says to simulated results of battles, and whether it contradicts them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random
from typing import IO, Any, Final

from bot.app import App
from bot.evaluation.report import progress, share, write_row
from core.battle.checking import contradiction
from core.battle.comments import RECENT, ResultComments
from core.battle.commitment import Commitment
from core.battle.facts import Facts, facts_of
from core.battle.game import FINALS, Battle, Move, Phase, Rival, Side
from core.battle.grades import BIG, FLOOR, NARROW, Grade
from core.battle.hyperparameters import CHOICES, RANGES, Hyperparameters
from core.battle.lines import tip_of
from core.battle.ports import Epoch, Part, Tier, Trial
from core.people import Lang, Owner

_SETS: Final = ("digits", "hair", "moods", "mnist")
_SIZES: Final = {  # of the difference in macro F1
    Grade.DRAW: (0.0, FLOOR), Grade.NARROW_WIN: (FLOOR, NARROW), Grade.WIN: (NARROW, BIG),
    Grade.BIG_WIN: (BIG, 0.5),
}  # fmt: skip
_EDGE: Final = 0.0005  # from the limits of a grade
_SPREAD: Final = (-0.003, 0.0, 0.003)  # of the scores over seeds


def simulated(rng: Random, number: int) -> Battle:
    """A battle that is done: all grades, both languages and every opponent take turns, the rest is chance."""
    wanted = list(Grade)[number % 7]
    lang: Lang = "ko" if number // 7 % 2 else "en"
    rival = Rival.LORA if number % 4 else list(Rival)[number // 4 % 3]
    least, most = _SIZES[wanted if wanted.sign >= 0 else wanted.mirrored]
    size = rng.uniform(least + _EDGE, most - _EDGE)
    low = rng.uniform(0.05, 0.99 - size)
    left, right = (low + size, low) if wanted.sign >= 0 else (low, low + size)
    rounds = rng.choice((1, 2, 2, 2))
    person = "" if rival is not Rival.PERSON else "them"
    return Battle(
        number + 1, "scope", "channel", "", rng.choice(_SETS), "", "v1", rival, Tier.SURROGATE,
        rng.randrange(2**31), lang, datetime(2026, 1, 1, tzinfo=UTC), _side(rng, "you", rounds, left),
        _side(rng, person, 5 if rival is Rival.OPTUNA else 2, right), Phase.DONE,
    )  # fmt: skip


def _side(rng: Random, person: str, rounds: int, score: float) -> Side:
    moves = tuple(Move(_hyperparameters(rng), Commitment("{}", "")) for _ in range(rounds))
    named = rng.randrange(rounds)
    chosen = moves[named].hyperparameters
    scores = tuple(_trial(rng, move.hyperparameters, Part.VALID, rng.uniform(0.05, 0.99)) for move in moves)
    finals = tuple(_trial(rng, chosen, Part.HELD_OUT, score + by) for by in _SPREAD[:FINALS])
    return Side(person, rounds, moves, scores, named, finals=finals)


def _hyperparameters(rng: Random) -> Hyperparameters:
    """As people and players choose them: the learning rate by its logarithm."""
    values: dict[str, Any] = {name: round(rng.uniform(*limits), 2) for name, limits in RANGES.items()}
    least, most = RANGES["lr"]
    values["lr"] = least * (most / least) ** rng.random()
    return Hyperparameters(**values | {name: rng.choice([*options]) for name, options in CHOICES.items()})


def _trial(rng: Random, chosen: Hyperparameters, part: Part, f1: float) -> Trial:
    loss = rng.uniform(0.05, 1.6)
    epochs = tuple(Epoch(n, loss, loss + rng.uniform(-0.3, 0.6), f1) for n in range(1, rng.randint(3, 8)))
    return Trial(chosen, 0, part, f1, epochs, 1.0)


@dataclass
class Played:
    """The challenger's battles so far, with what she said."""

    battles: list[Battle] = field(default_factory=list)

    async def history(self, owner: Owner, n: int) -> list[Battle]:
        """The newest first."""
        return self.battles[: -n - 1 : -1]


async def comments(app: App, n: int, seed: int, out: IO[str] | None) -> dict[str, Any]:
    """Comments on ``n`` results of one person in one place."""
    rng, played = Random(seed), Played()
    said = ResultComments(app.model, played, app.clock, app.conversation.maker.policy.free)
    origins, wrong, again, seconds, texts = Counter[str](), 0, 0, list[float](), list[str]()
    for number in progress(range(n), "comments"):
        battle = simulated(rng, number)
        began = time.perf_counter()
        comment = await said.comment(battle)
        seconds.append(time.perf_counter() - began)
        facts = facts_of(battle)
        text = without_tip(comment.text, facts)
        broken = contradiction(text, facts, app.clock.now())
        wrong, again = wrong + (broken is not None), again + (text in texts[-RECENT:])
        origins[comment.origin] += 1
        texts.append(text)
        played.battles.append(replace(battle, comment=comment.text))
        write_row(out, {
            "grade": facts.grade, "opponent": facts.rival, "lang": facts.lang, "origin": comment.origin,
            "comment": comment.text, "broken": broken, "seconds": round(seconds[-1], 3),
        })  # fmt: skip
    return {
        "results": n, **{origin: share(count, n) for origin, count in sorted(origins.items())},
        "contradictions": wrong, "said again within six": again, "different": len({*texts}),
        "seconds": {"median": _at(seconds, 0.5), "p95": _at(seconds, 0.95)},
    }  # fmt: skip


def without_tip(comment: str, facts: Facts) -> str:
    """A comment without the advice after it."""
    return comment.removesuffix(tip_of(facts)).strip()


def _at(values: Sequence[float], share: float) -> float | None:
    return round(sorted(values)[min(len(values) - 1, int(share * len(values)))], 3) if values else None
