"""Stages that make the score networks of painted portraits: properties and filters.

They learn at a lower resolution than the pictures have, and with fewer channels than the original's.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors.torch import load_file

from core.errors import ModelError
from models.face.data.dataset import PortraitSet
from models.face.data.photos import PhotoFolder
from models.face.scores.measures import normalise
from models.face.scores.networks import ScoreConfig, ScoreNet, build, load_scores, save_scores, write_scores
from models.face.scores.train import (
    FILTERS,
    FOLDS,
    Floats,
    Report,
    ScoreTrainConfig,
    train_filter,
    train_property_scores,
)
from models.face.scores.truths import (
    TRUTHS,
    Small,
    as_painted,
    filter_truths,
    identity_truths,
    photo_truths,
    truths,
)
from models.runtime.int8 import packed
from models.runtime.loading import loading

PROPERTIES: Final = ScoreTrainConfig(
    ScoreConfig("merged", 0.25, 128), lr=1e-3, period=5, epochs=5, patience=5
)
HAIRSTYLE: Final = replace(  # at the rate of the others it never begins to learn
    PROPERTIES, net=ScoreConfig("hairstyle", 0.25, 128), lr=3e-4, period=6, epochs=6, patience=6
)
FIGURES: Final = ("held_out", "correlation", "mean_absolute_error")
HAIRSTYLE_PART: Final = "hairstyle_score_cnn"
WEIGHTS: Final = "property.safetensors"
IDENTITY: Final = replace(PROPERTIES, net=ScoreConfig("identity", 0.5, 128))
IDENTITY_WEIGHTS: Final = "identity.safetensors"


# From where on a portrait is of that kind. Wrinkles and grey hair begin at .42 and .5 of the painter's age:
# at .5 nobody sees them yet.
FROM: Final = {"age": 0.6}
LONGER: Final = {"age": 2}  # how many times as many epochs; what tells age is small and in many places


@dataclass(frozen=True)
class FiltersConfig:
    """All filters: epochs of each of their five folds, and how many portraits these share.

    The rarer kind (men, poor pictures, the old, spectacles) is a ``share`` of them, if there are so many.
    """

    epochs: int = 6
    portraits: int = 6_000
    share: float = 0.3
    width: float = 0.25
    resolution: int = 128  # glasses and blur are hardly seen at less
    lr: float = 1e-3
    seed: int = 20031011
    threads: int = 1
    device: str = "cpu"
    minutes: float = math.inf  # after which a call ends; the next one goes on
    bf16: bool = False
    kinds: tuple[str, ...] = field(default=tuple(FILTERS))

    def of(self, kind: str) -> ScoreTrainConfig:
        """The schedule of one filter; the original's thresholds, a rate that falls once to nothing."""
        net, epochs = ScoreConfig(kind, self.width, self.resolution), self.epochs * LONGER.get(kind, 1)
        return replace(
            FILTERS[kind], net=net, epochs=epochs, period=epochs, lr=self.lr, limit=np.inf,
            seed=self.seed, threads=self.threads, device=self.device, bf16=self.bf16,
        )  # fmt: skip

    @property
    def every_epoch(self) -> int:
        """Epochs of all folds of all filters."""
        return FOLDS * sum(self.of(kind).epochs for kind in self.kinds)


def properties(
    config: ScoreTrainConfig, portraits: PortraitSet | PhotoFolder, work: Path, out: Path, report: Report
) -> dict[str, Any]:
    """Train the merged property network and write it; its figures on the tenth that was held out.

    With the weights go means and standard deviations of the raw scores, which its z-scores are made of.
    Raises ModelError where photographs lack labels.
    """
    targets, scale = _targets(portraits, work)
    pictures = Small(portraits, config.net.resolution)
    trained = train_property_scores(pictures, targets, config, report, checkpoint=work / "properties.pt")
    found = {name: round(value, 4) for name, value in trained.figures.items()}
    names = config.net.outputs
    figures = {
        "held_out": len(portraits) - int(0.9 * len(portraits)),
        "correlation": {name: found[f"{name}_corr"] for name in names},
        "mean_absolute_error": {name: found[f"{name}_mae"] for name in names},
    }
    schedule = {"epochs": len(trained.history), "seed": config.seed}
    save_scores(trained.net, out / WEIGHTS, scale=scale, **schedule, **figures)
    return figures


def hairstyle(
    config: ScoreTrainConfig, portraits: PortraitSet | PhotoFolder, work: Path, out: Path, report: Report
) -> dict[str, Any]:
    """Train the property network's part for the hair's style anew, alone, as the original did; its figures.

    The other parts stay as they are, and so do the pictures that are held out. Raises FileNotFoundError,
    which names the stage, where there is no network, ModelError where it is no merged one of the same size
    or photographs lack one of the eight labels.
    """
    path = out / WEIGHTS
    if not path.exists():
        raise FileNotFoundError(f"no {path}: run the stage scores first")
    net = load_scores(path).config
    if replace(config.net, kind="merged") != net:
        size = f"width {config.net.width:g}, {config.net.resolution} px"
        raise ModelError(f"{path.name} is no merged network of {size}")
    with loading(f"score weights {path.name}"):
        about = json.loads(path.with_suffix(".json").read_text())
        figures, scales = {name: about[name] for name in FIGURES}, about.pop("scale")
        config = replace(config, seed=about["seed"])
    targets, scale = _targets(portraits, work)
    pictures, targets = Small(portraits, net.resolution), targets[:, -1:]
    trained = train_property_scores(pictures, targets, config, report, checkpoint=work / "hairstyle.pt")
    part = {f"{HAIRSTYLE_PART}.{name}": value for name, value in packed(trained.net.state_dict()).items()}
    scales["hairstyle"] = scale["hairstyle"]
    figures["correlation"]["hairstyle"] = round(trained.figures["hairstyle_corr"], 4)
    figures["mean_absolute_error"]["hairstyle"] = round(trained.figures["hairstyle_mae"], 4)
    about |= {"scale": scales, "hairstyle_epochs": len(trained.history), **figures}
    del about["net"]
    write_scores(build(net), load_file(path) | part, path, **about)
    return figures


def _targets(portraits: PortraitSet | PhotoFolder, work: Path) -> tuple[Floats, dict[str, list[float]]]:
    """z-scores [n, 8], and by name mean and standard deviation of the raw ones in the painter's units.

    Raises ModelError where photographs lack labels.
    """
    work.mkdir(parents=True, exist_ok=True)
    if isinstance(portraits, PhotoFolder):
        raw = photo_truths(portraits)
        targets, (means, deviations) = normalise(raw)[0], as_painted(raw)
    else:
        targets, means, deviations = normalise(truths(portraits, work / "truths.npz"))
    scale = zip(TRUTHS, means, deviations, strict=True)
    return targets, {name: [float(mean), float(deviation)] for name, mean, deviation in scale}


def identity(
    config: ScoreTrainConfig, portraits: PortraitSet, work: Path, out: Path, report: Report
) -> dict[str, Any]:
    """Train the network that tells who she is and write it; its figures on the tenth that was held out."""
    work.mkdir(parents=True, exist_ok=True)
    targets, pictures = normalise(identity_truths(portraits))[0], Small(portraits, config.net.resolution)
    trained = train_property_scores(pictures, targets, config, report, checkpoint=work / "identity.pt")
    figures = {
        "held_out": len(portraits) - int(0.9 * len(portraits)),
        "correlation": {name: round(trained.figures[f"{name}_corr"], 4) for name in config.net.outputs},
    }
    schedule = {"epochs": len(trained.history), "seed": config.seed}
    save_scores(trained.net, out / IDENTITY_WEIGHTS, **schedule, **figures)
    return figures


def load_identity(folder: Path) -> ScoreNet | None:
    """The network of :func:`identity`, None where there is none. Raises ModelError where it is damaged."""
    path = folder / IDENTITY_WEIGHTS
    return load_scores(path) if path.exists() else None


def filters(
    config: FiltersConfig,
    portraits: PortraitSet,
    work: Path,
    report: Callable[[str], Report],
) -> dict[str, Any]:
    """Train the five networks of each filter into ``work``; mean AUROC and accuracy of the folds."""
    every, figures = filter_truths(portraits), {}
    pictures, until = Small(portraits, config.resolution), time.monotonic() + 60 * config.minutes
    for kind in config.kinds:
        truth = every[kind] >= FROM.get(kind, 0.5)
        if kind == "gender":
            truth = ~truth  # the original's score is that of a woman, the painter's parameter a man's
        chosen = _with_enough(truth, config)
        few, labels = np.stack([pictures[int(i)] for i in chosen]), truth[chosen].astype(np.float64)
        schedule = replace(config.of(kind), minutes=(until - time.monotonic()) / 60)
        folds = train_filter(few, labels, schedule, report(kind), work=work / f"{kind}-folds")
        for fold, trained in enumerate(folds):
            save_scores(trained.net, work / "filters" / f"{kind}-{fold}.safetensors", **trained.figures)
        seen = [trained.figures for trained in folds]
        figures[kind] = {
            "portraits": len(labels),
            "positive": round(float(labels.mean()), 4),
            "auroc": round(float(np.mean([each["auroc"] for each in seen])), 4),
            "accuracy": round(float(np.mean([each["accuracy"] for each in seen])), 4),
        }
        (work / "filters" / "figures.json").write_text(json.dumps(figures, indent=1))
    return figures


def _with_enough(truth: NDArray[np.bool_], config: FiltersConfig) -> NDArray[np.int64]:
    """Numbers of portraits among which those of the rarer kind are no longer rare."""
    chance = np.random.default_rng(config.seed)
    rare, common = sorted((np.flatnonzero(truth), np.flatnonzero(~truth)), key=len)
    some = chance.permutation(rare)[: round(config.share * config.portraits)]
    others = chance.permutation(common)[: config.portraits - len(some)]
    return np.sort(np.concatenate([some, others]))


def scale_of(path: Path) -> tuple[Floats, Floats]:
    """What a network's scores of eyes, mouth and pose mean, as mid [3] and unit [3]: (score - mid) / unit
    is the painter's own parameter, in [-1, 1].

    Raises ModelError where the file beside the weights does not tell.
    """
    with loading(f"score weights {path.name}"):
        scale = json.loads(path.with_suffix(".json").read_text())["scale"]
        mean, deviation = np.array([scale[name] for name in ("eyes", "mouth", "pose")]).T
        return -mean / deviation, 1 / deviation


def load_filters(work: Path) -> Mapping[str, list[ScoreNet]]:
    """The networks of :func:`filters`, by kind.

    Raises FileNotFoundError, which names the stage, where there are none.
    """
    folder = work / "filters"
    nets = {
        kind: [load_scores(folder / f"{kind}-{fold}.safetensors") for fold in range(FOLDS)]
        for kind in FILTERS
        if (folder / f"{kind}-0.safetensors").exists()
    }
    if not nets:
        raise FileNotFoundError(f"no filters in {folder}: run the stage filters first")
    return nets
