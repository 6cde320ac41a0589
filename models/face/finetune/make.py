"""The stages of the lineage: fine-tunes of the trained generator, in one folder with their report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import torch
from PIL import Image

from models.face.finetune.data import drawn, random_codes
from models.face.finetune.recipes import ENDLESS, EXPRESSION, RECIPES, FineTune
from models.face.finetune.report import draw_curves, report
from models.face.finetune.run import GENERATOR, Judges, lay_base, load_step, run_finetune, run_vae
from models.face.finetune.training import Report
from models.face.finetune.vae import VaeTune
from models.face.scores.networks import PropertyScoreCNN, ScoreNet, load_scores
from models.face.stylegan.generator import Generator


@dataclass(frozen=True)
class LineageConfig:
    """One fine-tune of the embedded size: steps (of v3: epochs), pictures drawn, speed of the mapping."""

    steps: int = 1000
    pictures: int = 4000
    speed: float = 20.0
    r1_gamma: float = 2.0
    batch: int = 8
    threads: int = 2
    device: str = "cpu"
    minutes: float = ENDLESS  # after which a call ends, with a step made at least; the next one goes on


STEPS: Final = ("v1", "v8", "v3", "v4", "v5", "v9")  # in the order in which they lean on each other
CONFIG: Final = LineageConfig()
CONFIGS: Final = {name: CONFIG for name in STEPS} | {"v3": replace(CONFIG, steps=12)}
SHOWN, SHOWN_SEED, TILE = 10, 7, 128  # random codes of the report's pictures, and their pixels


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
    return run_finetune(recipe_of(name, config), work, judges, steps=config.steps, report=report_step, **how)


def write_report(work: Path, out: Path) -> None:
    """Figures (``lineage.md``), pictures (``lineage.webp``) and the curves of v8 and v9 (``lineage.png``).

    The pictures are of the same codes, a row for each step in ``work``. Raises FileNotFoundError when no
    step has an outcome.
    """
    out.mkdir(parents=True, exist_ok=True)
    there = [name for name in ("base", *STEPS) if (work / name / GENERATOR).exists()]
    text = f"{report(work)}\n![{', '.join(there)}: one row each, of the same codes](lineage.webp)\n"
    _rows([load_step(work / name)[0] for name in there]).save(out / "lineage.webp", quality=85)
    logs = {name: work / name / "log.jsonl" for name in ("v8", "v9") if (work / name / "log.jsonl").exists()}
    if logs:
        draw_curves(logs, out / "lineage.png")
        text += f"\n![Filter scores and losses of {' and '.join(logs)} over the batches](lineage.png)\n"
    (out / "lineage.md").write_text(text, "utf-8")


def _rows(generators: Sequence[Generator]) -> Image.Image:
    """What each generator draws of the same random codes, one row each."""
    sheet = Image.new("RGB", (SHOWN * TILE, len(generators) * TILE))
    for row, generator in enumerate(generators):
        pictures = drawn(generator, *random_codes(generator, SHOWN, SHOWN_SEED))
        for column, picture in enumerate(pictures):
            tile = Image.fromarray(picture).resize((TILE, TILE), Image.Resampling.LANCZOS)
            sheet.paste(tile, (column * TILE, row * TILE))
    return sheet
