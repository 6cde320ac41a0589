"""The stages that make portraits, generator and hair net, one function each; reached from ``train`` only.

The others are in :mod:`models.face.scores.make`, :mod:`models.face.finetune.make` and
:mod:`models.face.vectorfind.make`.
"""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import torch

from core.errors import ModelError
from models.face.data.dataset import SEED, Portraits, PortraitSet, draws, learnt, paint_set, unpaint
from models.face.finetune.data import digest
from models.face.finetune.run import OUTCOME, begun_from
from models.face.hair.network import save_hair
from models.face.hair.train import Batch, HairTrainConfig, evaluate, train_hair
from models.face.scores.networks import FILTERS
from models.face.stylegan.generator import Generator
from models.face.stylegan.importing import build, load_generator, recognise
from models.face.stylegan.stage import FaceTrainConfig
from models.face.stylegan.train import train
from models.runtime.saving import TimeUpError


@dataclass(frozen=True)
class PortraitsConfig:
    """The first stage: how many portraits, of how many pixels, painted by how many processes."""

    steps: int = 20_000
    size: int = 256
    seed: int = SEED
    threads: int = 2
    minutes: float = math.inf  # after which no other shard is begun


@dataclass(frozen=True)
class Stage:
    """A training stage and the one whose weights it starts from."""

    config: FaceTrainConfig
    after: str = ""


PORTRAITS = PortraitsConfig()
_PLAIN = FaceTrainConfig(steps=20_000, batch=16, lr=0.002, paired=0.0, adversarial=1.0)
STAGES = {
    "plain64": Stage(_PLAIN),
    "plain128": Stage(replace(_PLAIN, resolution=128), "plain64"),
    "plain256": Stage(replace(_PLAIN, resolution=256, batch=8), "plain128"),
    "paired64": Stage(FaceTrainConfig(64, steps=2_500, lr=0.012, muon=0.1)),
    "paired128": Stage(FaceTrainConfig(128, steps=3_000, lr=0.008, muon=0.07), "paired64"),
    "paired256": Stage(FaceTrainConfig(256, steps=6_000, lr=0.006, muon=0.05, hard=0.5), "paired128"),
    "adversarial256": Stage(
        FaceTrainConfig(256, steps=2_000, lr=0.004, muon=0.03, adversarial=0.2), "paired256"
    ),
}
HAIR, HAIR_BATCH = HairTrainConfig(), 8
Report = Callable[[int, dict[str, float]], None]


# What each stage keeps in the work folder to go on from; a lineage's own folders are named like it.
KEPT: Final = {
    **{name: (f"{name}.pt",) for name in STAGES},
    "hair": ("hair.pt",),
    "scores": ("properties.pt", "truths.npz", "identity.pt"),
    "hairstyle": ("hairstyle.pt",),
    "filters": ("filters", *(f"{kind}-folds" for kind in FILTERS)),
    "vectorfind": ("vectorfind",),
    "faces": ("faces.npz",),
    "v1": ("lineage",),  # all others lean on it
}


def begin_anew(stage: str, work: Path) -> None:
    """Delete what a stage would go on from."""
    if stage == "portraits":
        unpaint(work / "portraits")
    for name in KEPT.get(stage, (f"lineage/{stage}", f"lineage/sets/{stage}")):
        if (work / name).is_dir():
            shutil.rmtree(work / name)
        else:
            (work / name).unlink(missing_ok=True)


def paint(config: PortraitsConfig, work: Path, report: Report) -> PortraitSet:
    """Paint the portraits of all other stages, or what is missing of them.

    Raises ModelError where those that are there are others, or the painter cannot work; TimeUpError.
    """
    until = time.monotonic() + 60 * config.minutes

    def told(done: int) -> None:
        report(done, {})
        if done < config.steps and time.monotonic() >= until:
            raise TimeUpError(work / "portraits")

    try:
        return paint_set(
            work / "portraits", config.steps, seed=config.seed, size=config.size, workers=config.threads,
            report=told,
        )  # fmt: skip
    except ValueError as err:
        raise ModelError(f"{err}; paint anew with: train face portraits --fresh") from None


def painted(work: Path) -> PortraitSet:
    """The portraits of the first stage.

    Raises FileNotFoundError, which names the stage, where they are missing, ModelError where damaged.
    """
    try:
        return PortraitSet(work / "portraits")
    except FileNotFoundError as err:
        raise FileNotFoundError(f"{err}: run the stage portraits first") from None
    except ValueError as err:
        raise ModelError(f"{err}; paint anew with: train face portraits --fresh") from None


def stage(
    name: str, config: FaceTrainConfig, portraits: Portraits, work: Path, report: Report,
    start: Generator | None = None,
) -> None:  # fmt: skip
    """Train one stage, resuming its own checkpoint or starting from another generator or the stage before.

    Raises FileNotFoundError, which names that stage, where there is no checkpoint of it, ValueError for a
    generator of another size, and TimeUpError.
    """
    before, checkpoint = STAGES[name].after, work / f"{name}.pt"
    left = work / f"{before}.pt" if before and start is None else None
    if left and not checkpoint.exists() and not left.exists():
        raise FileNotFoundError(f"{left}: run the stage {before} first")
    train(config, portraits, checkpoint, start=start or left, report=report)


def latest(work: Path) -> Path:
    """The checkpoint of the furthest stage, a plain one where there is no other.

    Raises FileNotFoundError when there is none.
    """
    for name in reversed(STAGES):
        if (work / f"{name}.pt").exists():
            return work / f"{name}.pt"
    raise FileNotFoundError(f"no checkpoint in {work}: run the stages {', '.join(STAGES)} first")


def load_ema(checkpoint: Path) -> Generator:
    """The averaged generator of a checkpoint."""
    weights = torch.load(checkpoint, map_location="cpu", weights_only=True)["ema"]
    return build(weights, recognise(weights, checkpoint.name), checkpoint.name).eval()


def her_generator(work: Path) -> Generator:
    """That of FineTune-v8 where it was made of the furthest stage before the lineage, else that stage's.

    Raises FileNotFoundError when there is none, ModelError where it is damaged.
    """
    lineage, newest = work / "lineage", load_ema(latest(work))
    if (lineage / "v8" / OUTCOME).exists() and begun_from(lineage) == digest(newest):
        return load_generator(lineage / "v8")
    return newest


def hair(
    config: HairTrainConfig, portraits: PortraitSet, work: Path, out: Path, report: Report
) -> dict[str, float]:
    """Teach the hair net the painter's mattes; how well it finds the hair of portraits held out."""

    def batches(start: int) -> Iterator[Batch]:
        for index in draws(learnt(portraits), seed=config.seed, batch=HAIR_BATCH, start=start):
            yield portraits.rows("pictures", index), portraits.rows("mattes", index)

    net = train_hair(config, batches, work / "hair.pt", report=lambda n, loss: report(n, {"loss": loss}))
    index = np.arange(learnt(portraits), len(portraits))
    figures = evaluate(net, portraits.rows("pictures", index), portraits.rows("mattes", index))
    save_hair(net, out, steps=config.steps, seed=config.seed, held_out=len(index), **figures)
    return figures
