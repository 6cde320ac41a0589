"""The table that the surrogate learns from: a training a row, resumable, with the original's columns.

Rows come in blocks of twenty: twelve of problems that the surrogate may learn from, the last of which
repeats another with a new seed, and four choices on one held-out problem, each with two seeds. So a
table of any length says how well choices are ranked within problems that nobody learnt from, and how
well that can be done at all.
"""

from __future__ import annotations

import csv
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from core.battle.hyperparameters import RANGES, Hyperparameters
from core.battle.ports import Part, Problem, Trial
from models.battle.bank import instance_ids, problem_of
from models.battle.choices import collapsed, drawn, held_out, inputs_of
from models.battle.jobs import Job
from models.battle.pictures import Pictures
from models.battle.trial import Training

BLOCK: Final = 20
LEARNT: Final = 12
SEEDS: Final = 2
HIGH: Final = 2e-4  # half of the rows to learn from have at least this learning rate: there it is decided


@dataclass(frozen=True, slots=True)
class Row:
    """A training of the table. ``kind`` is ``learn``, ``repeat`` or ``test``."""

    number: int
    kind: str
    instance: str
    hyperparameters: Hyperparameters
    seed: int


def plan(pictures: Pictures, seed: int) -> Iterator[Row]:
    """The rows of the endless table of a data set; a pure function of the arguments."""
    ids = instance_ids(pictures)
    learnt = [each for number, each in enumerate(ids) if not held_out(number)]
    kept = [each for number, each in enumerate(ids) if held_out(number)]
    rng = np.random.default_rng((seed, zlib.crc32(pictures.id.encode())))
    number = 0
    for block in iter(int, 1):
        del block
        rows = list(_learnt(learnt, rng))
        instance = kept[number // BLOCK // 2 % len(kept)]
        for _ in range((BLOCK - LEARNT) // SEEDS):
            chosen = drawn(rng)
            rows += [("test", instance, chosen, k) for k in range(1, SEEDS + 1)]
        for kind, instance, chosen, own in rows:
            yield Row(number, kind, instance, chosen, own)
            number += 1


def _learnt(ids: list[str], rng: np.random.Generator) -> Iterator[tuple[str, str, Hyperparameters, int]]:
    instance, chosen = "", None
    for i in range(LEARNT - 1):
        instance = ids[rng.integers(len(ids))]
        chosen = drawn(rng, (HIGH, RANGES["lr"][1]) if i % 2 else RANGES["lr"])
        yield "learn", instance, chosen, 1
    if chosen is not None:
        yield "repeat", instance, chosen, 2


def produce(pictures: Pictures, rows: int, seed: int, path: Path, report: Callable[[int], None]) -> None:
    """Train the first ``rows`` rows into ``path``; those that it holds stay.

    ``report`` gets how many there are. Raises ValueError where ``path`` holds another table.
    """
    pictures = replace(pictures, hidden=None)  # those columns can be added to any table
    have = _have(path)
    wanted = list(islice(plan(pictures, seed), rows))
    for row, found in zip(wanted, have, strict=False):
        if (found["instance"], int(found["seed"])) != (row.instance, row.seed):
            raise ValueError(f"{path} holds another table")
    report(len(have))
    problems: dict[str, Problem] = {}
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8", newline="") as file:
        writer: csv.DictWriter[str] | None = None
        for row in wanted[len(have) :]:
            problem = problems.setdefault(row.instance, problem_of(pictures, row.instance))
            job = Job(pictures.id, row.instance, row.hyperparameters, row.seed, Part.HELD_OUT)
            record = record_of(row, problem, Training(job, pictures).run())
            if writer is None:
                writer = csv.DictWriter(file, list(record))
                if not have and row.number == 0:
                    writer.writeheader()
            writer.writerow(record)
            file.flush()
            report(row.number + 1)


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a table. Raises OSError."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _have(path: Path) -> list[dict[str, str]]:
    """What a table holds; a last line that was cut off is taken away."""
    if not path.exists():
        return []
    text = path.read_bytes()
    if text and not text.endswith(b"\n"):
        path.write_bytes(text[: text.rfind(b"\n") + 1])
    return read(path)


def record_of(row: Row, problem: Problem, trial: Trial) -> dict[str, float | str]:
    """A line of the table."""
    best = min(trial.epochs, key=lambda epoch: epoch.valid_loss)
    return {
        "dataset": problem.dataset, "instance": problem.instance, "kind": row.kind, "seed": row.seed,
        **inputs_of(problem, row.hyperparameters), "epochs": len(trial.epochs),
        "seconds": round(trial.seconds, 3), "collapsed": int(collapsed(problem, trial.f1)),
        "f1_score_macro_valid": best.valid_f1, "f1_score_macro": trial.f1,
    }  # fmt: skip
