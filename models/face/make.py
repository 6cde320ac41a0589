"""The stages that make the shipped face weights, one function each; reached from ``train`` only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.face.directions import calibrate, check_face, find_directions, w_space
from models.face.latent import code_of_gaussian
from models.face.networks import Generator, GeneratorConfig
from models.face.painter import PARAM_NAMES
from models.face.property import load_property, save_property
from models.face.service import Face, save_faces
from models.face.train import FaceTrainConfig, train
from models.face.train_property import PropertyTrainConfig, train_property


@dataclass(frozen=True)
class Stage:
    """A training stage and the one whose weights it starts from."""

    config: FaceTrainConfig
    after: str = ""


STAGES = {
    "paired32": Stage(FaceTrainConfig(resolution=32, steps=1200, batch=8, lr=0.015)),
    "paired64": Stage(FaceTrainConfig(resolution=64, steps=3000, batch=8, lr=0.012), "paired32"),
    "paired128": Stage(FaceTrainConfig(resolution=128, steps=3000, batch=8, lr=0.008), "paired64"),
    "adversarial64": Stage(
        FaceTrainConfig(resolution=64, steps=2400, batch=8, lr=0.002, adversarial=0.25), "paired64"
    ),
    "adversarial128": Stage(
        FaceTrainConfig(resolution=128, steps=800, batch=8, lr=0.002, adversarial=0.1), "paired128"
    ),
}
PROPERTY = PropertyTrainConfig()
REACH = 3.0  # multipliers tried when a face is calibrated, in standard deviations of w along a normal
FACES = 8
CANDIDATES = 14
Report = Callable[[int, dict[str, float]], None]


def stage(name: str, config: FaceTrainConfig, work: Path, report: Report) -> None:
    """Train one stage, resuming its own checkpoint or starting from the stage before."""
    before = STAGES[name].after
    start = work / f"{before}.pt" if before else None
    train(config, work / f"{name}.pt", start=start, report=report)


def latest(work: Path) -> Path:
    """The checkpoint of the furthest stage. Raises FileNotFoundError when there is none."""
    for name in ("adversarial128", "paired128", "adversarial64", "paired64", "paired32"):
        if (work / f"{name}.pt").exists():
            return work / f"{name}.pt"
    raise FileNotFoundError(work / "paired32.pt")


def load_ema(checkpoint: Path) -> Generator:
    """The averaged generator of a checkpoint."""
    state = torch.load(checkpoint, weights_only=True)
    generator = Generator(GeneratorConfig.mini(state["resolution"]))
    generator.load_state_dict(state["ema"])
    return generator.eval()


def property_cnn(work: Path, out: Path, report: Callable[[int, float], None]) -> None:
    """Train the property CNN at the generator's resolution."""
    resolution = load_ema(latest(work)).config.resolution
    config = PropertyTrainConfig(resolution=resolution, steps=PROPERTY.steps)
    save_property(
        train_property(config, report), out, resolution=resolution, steps=config.steps, seed=config.seed
    )


def resting_codes(n: int, seed: int) -> torch.Tensor:
    """Gaussian codes of candidate faces: neutral expression, tasteful middle of the identity range."""
    rng = np.random.default_rng(seed)
    codes = 0.7 * rng.standard_normal((n, len(PARAM_NAMES)))
    codes[:, :3] = 0.0
    return torch.tensor(codes, dtype=torch.float32)


def faces(work: Path, out: Path, seed: int = 20031011) -> list[dict[str, Any]]:
    """Find the directions, calibrate candidate faces, keep those that follow best; write the weights."""
    generator, cnn = load_ema(latest(work)), load_property(out)
    directions = find_directions(generator, cnn)
    codes = resting_codes(CANDIDATES, seed)
    z, label = code_of_gaussian(codes, generator.config, torch.Generator().manual_seed(seed))
    w = w_space(generator, z, label)
    found = []
    for i in range(len(codes)):
        calibration, _ = calibrate(generator, cnn, w[i], directions.normals, REACH * directions.spread)
        follows = check_face(generator, cnn, w[i], directions.normals, calibration)
        found.append((float(follows.min()), i, calibration, follows))
    best = sorted(found, key=lambda f: -f[0])[:FACES]
    kept = [Face(f"{i:03d}", w[i], calibration) for _, i, calibration, _ in best]
    report = [
        {"id": f"{i:03d}", "correlation": [round(float(c), 3) for c in follows]} for _, i, _, follows in best
    ]
    about = {"svm_accuracy": directions.accuracy, "follows": report, "checkpoint": latest(work).stem}
    save_faces(out, generator, directions.normals, kept, **about)
    return report
