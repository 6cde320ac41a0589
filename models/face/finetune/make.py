"""The stages of the lineage: fine-tunes of the trained generator, in one folder with their report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import torch

from models.face.finetune.recipes import EXPRESSION, RECIPES, FineTune
from models.face.finetune.report import draw_curves, report
from models.face.finetune.run import Judges, lay_base, run_finetune, run_vae
from models.face.finetune.training import Report
from models.face.finetune.vae import VaeTune
from models.face.scores.networks import PropertyScoreCNN, ScoreNet, load_scores


@dataclass(frozen=True)
class LineageConfig:
    """One fine-tune of the embedded size: steps (of v3: epochs), pictures drawn, speed of the mapping."""

    steps: int = 1000
    pictures: int = 4000
    speed: float = 20.0
    r1_gamma: float = 2.0
    batch: int = 8
    threads: int = 2


STEPS: Final = ("v1", "v8", "v3", "v4", "v5", "v9")  # in the order in which they lean on each other
CONFIG: Final = LineageConfig()


def recipe_of(name: str, config: LineageConfig) -> FineTune:
    """The original's recipe at the embedded size: labels of the expression only, a quicker mapping."""
    recipe = RECIPES[name]
    labels = EXPRESSION if recipe.labels else ()
    return replace(
        recipe, labels=labels, batch=config.batch, speed=config.speed, r1_gamma=config.r1_gamma, ema=0.995
    )


def lineage(
    name: str, config: LineageConfig, checkpoint: Path, judge: Path,
    filters: Mapping[str, Sequence[ScoreNet]], work: Path, report_step: Report,
) -> dict[str, Any]:  # fmt: skip
    """One step of the lineage in ``work``, from ``checkpoint`` on; its outcome.

    ``judge`` are the weights of the merged property network. Raises ModelError where a step before it is
    missing.
    """
    torch.set_num_threads(config.threads)
    properties = load_scores(judge)
    if not isinstance(properties, PropertyScoreCNN):
        raise ValueError(f"{judge} holds no property network")
    judges = Judges(filters, properties)
    if not (work / "base").exists():
        lay_base(checkpoint, work)
    if name == "v3":
        return run_vae(VaeTune(), work, judges, epochs=config.steps, n=config.pictures, report=report_step)
    recipe = recipe_of(name, config)
    return run_finetune(recipe, work, judges, steps=config.steps, n=config.pictures, report=report_step)


def write_report(work: Path, out: Path) -> None:
    """Figures (``lineage.md``) and curves of v8 and v9 (``lineage.png``) of the steps in ``work``."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "lineage.md").write_text(report(work), "utf-8")
    logs = {name: work / name / "log.jsonl" for name in ("v8", "v9") if (work / name / "log.jsonl").exists()}
    if logs:
        draw_curves(logs, out / "lineage.png")
