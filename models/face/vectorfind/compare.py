"""The stage that compares VectorFind's versions on our generators, with the original's figures beside them.

All versions share their random codes and are tested on the same others. A version of a split point needs a
mapping with a second branch, that of FineTune-v9; the others take her generator. What is done is kept, for
the generators by which it was done: the codes' scores a thousand at a time, and each version's figures.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from models.face.finetune.data import digest
from models.face.finetune.run import OUTCOME
from models.face.scores.make import WEIGHTS, scale_of
from models.face.scores.networks import load_scores
from models.face.stylegan.generator import Generator
from models.face.stylegan.importing import load_generator
from models.face.vectorfind.check import STABLE, summary, trial
from models.face.vectorfind.codes import Codes, Scale, Scorer, Space, Table, draw, measure, space_of
from models.face.vectorfind.find import VERSIONS, Found, Version, find
from models.face.vectorfind.gradient import GradientConfig
from models.face.vectorfind.report import write_report
from models.runtime.saving import TimeUpError

PART: Final = 1000  # codes whose scores are kept at a time
HERS, SPLIT = "hers", "v9"  # names of the generators
Row = dict[str, Any]


@dataclass(frozen=True)
class CompareConfig:
    """How many random codes directions come from, and on how many others each version is tested.

    ``versions`` are tested with the original's multipliers; ``tables`` once more, and only ``by_table``
    codes, as the gallery is: with scores, through each face's own table.
    """

    steps: int = 16_000
    tested: int = 100
    by_table: int = 40
    versions: tuple[str, ...] = (
        "v6", "v7", "v8", "v9-mixed", "v9-ms2", "gradient-w", "gradient-split1", "gradient-split2",
        "v7-joint", "v8-joint",
    )  # fmt: skip
    tables: tuple[str, ...] = ("v8", "v8-joint")
    gradient: GradientConfig = field(default_factory=GradientConfig)
    seed: int = 2025
    batch: int = 16
    threads: int = 2
    device: str = "cpu"
    bf16: bool = False  # pictures in bfloat16, for processors with AMX
    minutes: float = math.inf  # after which a call ends; the next one goes on

    @property
    def total(self) -> int:
        """Codes that are drawn, for two generators, or tested, at most."""
        return 2 * self.steps + len(self.versions) * self.tested + len(self.tables) * self.by_table

    @property
    def tries(self) -> list[tuple[str, bool]]:
        """Versions in their order, and whether they are tested through tables."""
        return [(name, False) for name in self.versions] + [(name, True) for name in self.tables]


COMPARE: Final = CompareConfig()


class _Progress:
    """Counts codes for ``report``, and ends a call in a pause after its ``minutes``."""

    def __init__(self, report: Callable[[int], None], minutes: float, work: Path) -> None:
        self._report, self._until, self._work, self._done = report, time.monotonic() + 60 * minutes, work, 0

    def count(self, number: int = 1) -> None:
        """So many more codes are drawn or tested."""
        self._done += number
        self._report(self._done)

    def pause(self) -> None:
        """What is done is kept. Raises TimeUpError when the minutes are over."""
        if time.monotonic() >= self._until:
            raise TimeUpError(self._work)


def compare(
    config: CompareConfig, out: Path, work: Path, docs: Path, report: Callable[[int], None]
) -> list[Row]:
    """Compare the versions, write ``vectorfind.md`` with t-SNE sheets into ``docs``; the figures of each.

    ``out`` holds her finished generator and the property network, ``work`` perhaps the lineage, and keeps in
    ``vectorfind`` what is done. ``report`` gets the number of codes drawn or tested. Raises ModelError where
    weights are missing, ValueError where ``work`` holds a comparison of other sizes or by another judge, and
    TimeUpError.
    """
    torch.set_num_threads(config.threads)
    generators, judge = _generators(out, work, config.device), out / WEIGHTS
    scorer, scale, work = load_scores(judge).to(config.device), scale_of(judge), work / "vectorfind"
    work.mkdir(parents=True, exist_ok=True)
    _begin(config, scorer, work)
    drawn, progress = dict[str, Codes](), _Progress(report, config.minutes, work)
    for name, generator in generators.items():
        space = space_of(generator, batch=config.batch, bf16=config.bf16)
        latents = draw(space, config.steps, config.seed)
        kept = work / f"{name}-{digest(generator)}"
        drawn[name] = _scored(space, scorer, latents, kept, progress)
    rows = []
    for name, by_table in config.tries:
        version = _sized(name, by_table, config)
        own, count = _own(version, generators), progress.count
        path = work / f"{name}{'-table' * by_table}-{digest(generators[own])}.json"
        if not path.exists():
            row = _judged(version, by_table, config, (own, generators[own]), drawn[own], scorer, scale, count)
            path.write_text(json.dumps(row))
            progress.pause()
        rows.append(json.loads(path.read_text()))
    write_report(rows, space_of(generators[HERS], batch=config.batch), drawn[HERS], docs)
    return rows


def _generators(out: Path, work: Path, device: str) -> dict[str, Generator]:
    """Hers, and that of FineTune-v9 where there is one."""
    folders, split = {HERS: out}, work / "lineage" / "v9"
    if (split / OUTCOME).exists():
        folders[SPLIT] = split
    return {name: load_generator(folder).to(device) for name, folder in folders.items()}


def _own(version: Version, generators: Mapping[str, Generator]) -> str:
    """The name of the generator on which a version is tried."""
    return SPLIT if version.space.startswith("split") and SPLIT in generators else HERS


def _begin(config: CompareConfig, scorer: nn.Module, work: Path) -> None:
    """Raises ValueError where ``work`` is of another comparison."""
    free = ("threads", "batch", "bf16", "device", "minutes", "versions", "tables")  # may change between runs
    about = {key: value for key, value in asdict(config).items() if key not in free}
    about = json.loads(json.dumps(about | {"judge": digest(scorer)}))
    path = work / "about.json"
    if path.exists() and json.loads(path.read_text()) != about:
        raise ValueError(f"{work} is of another comparison")
    path.write_text(json.dumps(about))


def _scored(space: Space, scorer: Scorer, latents: Tensor, kept: Path, progress: _Progress) -> Codes:
    """Random codes with the scores of their pictures, of which ``kept`` holds what was done before."""
    kept.mkdir(exist_ok=True)
    codes, tables = space.codes(latents), []
    for number, part in enumerate(codes.split(PART)):
        path = kept / f"{number:04}.npz"
        if not path.exists():
            table, partial = measure(space, scorer, part), path.with_suffix(".part.npz")
            np.savez(partial, names=np.array(table.names), values=table.values)
            partial.replace(path)
            progress.pause()
        with np.load(path) as found:
            tables.append(Table(tuple(map(str, found["names"])), found["values"]))
        progress.count(len(part))
    return Codes(latents, Table(tables[0].names, np.concatenate([table.values for table in tables])))


def _sized(name: str, by_table: bool, config: CompareConfig) -> Version:
    tested = config.by_table if by_table else config.tested
    return replace(VERSIONS[name], n=config.steps, tested=tested, passes=tested)


def _judged(
    version: Version, by_table: bool, config: CompareConfig, named: tuple[str, Generator], codes: Codes,
    scorer: Scorer, scale: Scale, count: Callable[[], None],
) -> Row:  # fmt: skip
    """What the report tells of a version; ``missing`` says what the generator lacks."""
    own, generator = named
    row: Row = {"version": version.name, "space": version.space, "generator": own, "by_table": by_table}
    try:
        space = space_of(generator, version.space, config.batch, bf16=config.bf16)
    except ValueError as err:
        return row | {"missing": f"{err}: train face v9"}
    gradient = replace(config.gradient, device=config.device)
    found = find(space, codes, version, scale=scale, gradient=gradient)
    latents = draw(space, version.tested, config.seed + 1)
    how: dict[str, Any] = {"calibrated": by_table, "stable": None, "report": lambda number: count()}
    tested = trial(space, scorer, found, latents, **how)
    still = sum(each.follow.passes(version.pass_at, STABLE) for each in tested)
    return row | summary(tested) | {"codes": config.steps, "still": still, **_told(found)}


def _told(found: Found) -> Row:
    version = found.version
    own = [each for name, each in found.groups.items() if name not in found.fallen]
    accuracy = np.mean([each.accuracy for each in own or found.groups.values()], axis=0)
    svm = [method == "svm" for method in version.methods]
    return {
        "groups": len(found.groups), "small": len(found.fallen),
        "accuracy": np.where(svm, accuracy, np.nan).tolist(),
        "methods": " ".join(dict.fromkeys(version.methods)) + " hold" * version.hold,
        "spread": np.mean([each.spread[:3] for each in found.groups.values()], axis=0).tolist(),
        "squares": list(found.gradients.errors) if found.gradients else [],
    }  # fmt: skip
