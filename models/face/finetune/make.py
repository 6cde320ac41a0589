"""The stages of the lineage: fine-tunes of the trained generator, in one folder with their report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import torch

from models.face.finetune.data import drawn, random_codes
from models.face.finetune.recipes import ENDLESS, EXPRESSION, RECIPES, FineTune
from models.face.finetune.report import curves, report
from models.face.finetune.run import GENERATOR, Judges, lay_base, load_step, run_finetune, run_vae
from models.face.finetune.training import Report as Told
from models.face.finetune.vae import VaeTune
from models.face.reporting import Report, tiles
from models.face.scores.networks import PropertyScoreCNN, ScoreNet, load_scores


@dataclass(frozen=True)
class LineageConfig:
    """One fine-tune of the embedded size: steps (of v3: epochs), pictures drawn, rates, R1, warm-up.

    The rates are above the original's, for there are fewer steps, but for v5; v3 takes ``speed`` alone.
    ``labels`` stand for those of the recipes that have any; those of v8 and v9 are zeros.
    """

    steps: int = 300
    pictures: int = 4000
    lr: float = 3e-4
    speed: float = 16.0  # of the mapping
    r1_gamma: float = 10.0
    r1_every: int = 8
    warm_up: int = 0
    batch: int = 8
    threads: int = 2
    labels: tuple[str, ...] = EXPRESSION
    device: str = "cpu"
    bf16: bool = False  # convolutions in bfloat16, for processors with AMX; v3 has none of it
    minutes: float = ENDLESS  # after which a call ends, with a step made at least; the next one goes on


STEPS: Final = ("v1", "v8", "v3", "v4", "v5", "v9")  # in the order in which they lean on each other
CONFIG: Final = LineageConfig()
CONFIGS: Final = {name: CONFIG for name in STEPS} | {
    # Her generator comes without a critic: a fresh one learns, at first alone.
    "v1": replace(CONFIG, steps=500, lr=1e-3, speed=4.0, r1_gamma=2.0, warm_up=200),
    "v3": replace(CONFIG, steps=12, speed=20.0),
    "v5": replace(CONFIG, steps=150, lr=1e-4, speed=1.0),  # all layers learn: the original's rate
}
SHOWN, SHOWN_SEED, TILE = 10, 7, 96  # random codes of the report's pictures, and their pixels
ROWS_MOST: Final = 40_000  # bytes of these pictures, of up to seven steps


def recipe_of(name: str, config: LineageConfig) -> FineTune:
    """The original's recipe at the embedded size: the config's labels, rates and R1."""
    recipe = RECIPES[name]
    labels = config.labels if recipe.labels else ()
    return replace(
        recipe, labels=labels, batch=config.batch, lr=config.lr, speed=config.speed,
        r1_gamma=config.r1_gamma, r1_every=config.r1_every, warm_up=config.warm_up, ema=0.995,
    )  # fmt: skip


def lineage(
    name: str, config: LineageConfig, checkpoint: Path, judge: Path,
    filters: Mapping[str, Sequence[ScoreNet]], work: Path, report_step: Told,
) -> dict[str, Any]:  # fmt: skip
    """One step of the lineage in ``work``, from ``checkpoint`` on; its outcome.

    ``judge`` are the weights of the merged property network. Raises ModelError where a step before it is
    missing, TimeUpError when the minutes are over before it has pictures to learn from.
    """
    torch.set_num_threads(config.threads)
    properties = load_scores(judge)
    if not isinstance(properties, PropertyScoreCNN):
        raise ValueError(f"{judge} holds no property network")
    judges = Judges(filters, properties)
    lay_base(checkpoint, work)
    how: dict[str, Any] = {"n": config.pictures, "device": config.device, "minutes": config.minutes}
    if name == "v3":
        tune = replace(VaeTune(), batch=config.batch, speed=config.speed)
        return run_vae(tune, work, judges, epochs=config.steps, report=report_step, **how)
    how |= {"bf16": config.bf16, "report": report_step}
    return run_finetune(recipe_of(name, config), work, judges, steps=config.steps, **how)


def write_report(work: Path, out: Path) -> None:
    """``lineage.md``: figures, pictures of the same codes (a row for each step), curves of v8 and v9.

    Raises FileNotFoundError when no step has an outcome.
    """
    told, shown = Report("lineage", "The lineage: fine-tunes towards one kind of face"), []
    told.say(report(work))
    there = [name for name in ("base", *STEPS) if (work / name / GENERATOR).exists()]
    for generator, _ in map(load_step, (work / name for name in there)):
        shown.append(drawn(generator, *random_codes(generator, SHOWN, SHOWN_SEED)))
    told.show(tiles(shown, TILE), f"{', '.join(there)}: one row each, of the same codes", most=ROWS_MOST)
    logs = {name: work / name / "log.jsonl" for name in ("v8", "v9") if (work / name / "log.jsonl").exists()}
    if logs:
        about = f"Filter scores and losses of {' and '.join(logs)} over the batches"
        told.show(curves(logs), about, part="curves", drawn=True)
    told.write(out)
