"""The stages that make the shipped face weights, one function each; reached from ``train`` only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.errors import ModelError
from models.face.data.dataset import SEED, PortraitSet, draws, learnt, paint_set, unpaint
from models.face.hair.network import save_hair
from models.face.hair.train import Batch, HairTrainConfig, evaluate, train_hair
from models.face.painter.params import EXPRESSIONS, PARAM_NAMES
from models.face.property import load_property, save_property
from models.face.service import save_faces
from models.face.stylegan.generator import Generator, GeneratorConfig
from models.face.stylegan.latent import code_of_gaussian
from models.face.stylegan.train import FaceTrainConfig, train
from models.face.train_property import PropertyTrainConfig, held_out, train_property
from models.face.vectorfind.check import trial
from models.face.vectorfind.codes import draw, sample, space_of
from models.face.vectorfind.find import VERSIONS, find
from models.face.vectorfind.gallery import choose


@dataclass(frozen=True)
class PortraitsConfig:
    """The first stage: how many portraits, of how many pixels, painted by how many processes."""

    steps: int = 20_000
    size: int = 256
    seed: int = SEED
    threads: int = 2


@dataclass(frozen=True)
class Stage:
    """A training stage and the one whose weights it starts from."""

    config: FaceTrainConfig
    after: str = ""


PORTRAITS = PortraitsConfig()
STAGES = {
    "paired64": Stage(FaceTrainConfig(resolution=64, steps=12_000, batch=8, lr=0.012)),
    "paired128": Stage(FaceTrainConfig(resolution=128, steps=6_000, batch=8, lr=0.006), "paired64"),
    "paired256": Stage(FaceTrainConfig(resolution=256, steps=4_000, batch=8, lr=0.004), "paired128"),
    "adversarial256": Stage(
        FaceTrainConfig(resolution=256, steps=2_000, batch=8, lr=0.001, adversarial=0.1), "paired256"
    ),
}
PROPERTY = PropertyTrainConfig()
HAIR, HAIR_BATCH = HairTrainConfig(), 8
LABEL_SPREAD = 1.3  # of the expression in random codes: the ends of its range more often than by chance
FACES = 8
CANDIDATES = 14
Report = Callable[[int, dict[str, float]], None]


def paint(config: PortraitsConfig, work: Path, report: Report, *, fresh: bool = False) -> PortraitSet:
    """Paint the portraits of all other stages, or what is missing of them; ``fresh``: all anew.

    Raises ModelError where those that are there are others, or the painter cannot work.
    """
    folder = work / "portraits"
    if fresh:
        unpaint(folder)
    try:
        return paint_set(
            folder, config.steps, seed=config.seed, size=config.size, workers=config.threads,
            report=lambda done: report(done, {}),
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


def stage(name: str, config: FaceTrainConfig, portraits: PortraitSet, work: Path, report: Report) -> None:
    """Train one stage, resuming its own checkpoint or starting from the stage before.

    Raises FileNotFoundError, which names that stage, where there is no checkpoint of it.
    """
    before = STAGES[name].after
    checkpoint, start = work / f"{name}.pt", work / f"{before}.pt" if before else None
    if start and not checkpoint.exists() and not start.exists():
        raise FileNotFoundError(f"{start}: run the stage {before} first")
    train(config, portraits, checkpoint, start=start, report=report)


def latest(work: Path) -> Path:
    """The checkpoint of the furthest stage. Raises FileNotFoundError when there is none."""
    for name in reversed(STAGES):
        if (work / f"{name}.pt").exists():
            return work / f"{name}.pt"
    raise FileNotFoundError(f"no checkpoint in {work}: run the stages {', '.join(STAGES)} first")


def load_ema(checkpoint: Path) -> Generator:
    """The averaged generator of a checkpoint."""
    state = torch.load(checkpoint, weights_only=True)
    generator = Generator(GeneratorConfig.mini(state["resolution"]))
    generator.load_state_dict(state["ema"])
    return generator.eval()


def property_cnn(
    config: PropertyTrainConfig,
    portraits: PortraitSet,
    work: Path,
    out: Path,
    report: Callable[[int, float], None],
) -> dict[str, Any]:
    """Train the property CNN at the generator's resolution; how well it reads portraits held out."""
    resolution = load_ema(latest(work)).config.resolution
    config = replace(config, resolution=resolution)
    net = train_property(config, portraits, report)
    figures = held_out(net, portraits, resolution)
    save_property(net, out, resolution=resolution, steps=config.steps, seed=config.seed, **figures)
    return figures


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


# What her face may not be, by the sign of the painter's code: a man's, old, with glasses, blurred.
NOT_HERS = {"gender": -1, "age": -1, "glasses": -1, "quality": 1}


def resting_codes(n: int, seed: int) -> torch.Tensor:
    """Gaussian codes of candidate faces: neutral expression, tasteful middle of the identity range."""
    rng = np.random.default_rng(seed)
    codes = 0.7 * rng.standard_normal((n, len(PARAM_NAMES)))
    codes[:, :EXPRESSIONS] = 0.0
    for name, sign in NOT_HERS.items():
        column = codes[:, PARAM_NAMES.index(name)]
        column[:] = sign * np.abs(column)
    return torch.tensor(codes, dtype=torch.float32)


def faces(work: Path, out: Path, seed: int = 20031011) -> list[dict[str, Any]]:
    """Find the directions, calibrate candidate faces, keep those that follow best; write the weights.

    Raises ModelError when none follows.
    """
    generator, cnn, version = load_ema(latest(work)), load_property(out), VERSIONS["plain"]
    space = space_of(generator)
    random = sample(space, cnn, draw(space, version.n, 2025, LABEL_SPREAD))
    found = find(space, random, version, exact=True)
    at_rest = code_of_gaussian(
        resting_codes(CANDIDATES, seed), generator.config, torch.Generator().manual_seed(seed)
    )
    tested = trial(space, cnn, found, torch.cat(at_rest, dim=1))
    try:
        gallery = choose(space, version.space, tested, FACES)
    except ValueError as err:
        raise ModelError(f"no faces: {err}") from None
    report = [
        {"id": face.id, "correlation": [round(c, 3) for c in face.correlation]} for face in gallery.faces
    ]
    about = {"svm_accuracy": found.groups[""].accuracy, "checkpoint": latest(work).stem}
    save_faces(out, generator, gallery.normals, gallery.faces, gallery.space, **about)
    return report
