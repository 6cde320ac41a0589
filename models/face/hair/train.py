"""Teach the hair network a teacher's soft maps (distillation; Hinton et al., 2015).

The target of a pixel is the teacher's probability, not its decision, and the loss is the cross entropy of
the two-way choice between hair and no hair. The teacher's pictures are recoloured under its own map, so
that the student learns the shape of hair and not the colours that the teacher saw. Every step is seeded by
its number, so a resumed run that is given the same batches ends where an uninterrupted one does.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from models.face.hair.network import HairNet, HairNetConfig, fold, hair_maps
from models.face.hair.ombre import dye_of, ombre
from models.face.pixels import to_images
from models.runtime.saving import TimeUpError, save_whole

# Pictures uint8 [B, r, r, 3] and the teacher's maps [B, r, r]: uint8 in 0..255 or float in [0, 1].
Batch: TypeAlias = tuple[NDArray[np.uint8], NDArray[Any]]
Report: TypeAlias = Callable[[int, float], None]

FREE = ("steps", "threads", "device", "minutes")  # of a run's settings, may change while it goes on
LOSSES = ("bce", "mse", "kl")
SCHEDULES = ("cosine", "exponential")
FINAL_RATE = 0.01  # of the learning rate, at the end of a run
HUES_APART = 137  # degrees between the dyes of two pictures that are looked at
HAIR_TURN = 0.5  # share of pictures whose hair is recoloured


@dataclass(frozen=True)
class HairTrainConfig:
    """One run. Steps are optimiser steps of one batch. Raises ValueError for an unknown loss or schedule.

    loss: ``bce`` (soft cross entropy), ``mse``, or ``kl`` (of both outcomes; the cross entropy less what no
    student can reach). schedule: how the rate falls to a hundredth, ``cosine`` or ``exponential``.
    """

    net: HairNetConfig = field(default_factory=HairNetConfig.mini)
    steps: int = 6000
    lr: float = 2e-3
    weight_decay: float = 1e-2
    loss: str = "bce"
    schedule: str = "cosine"
    augment: bool = True
    seed: int = 20031011
    threads: int = 1
    device: str = "cpu"
    minutes: float = math.inf  # after which a call ends, with a step made at least; the next one goes on

    def __post_init__(self) -> None:
        if self.loss not in LOSSES or self.schedule not in SCHEDULES:
            raise ValueError(f"unknown loss {self.loss!r} or schedule {self.schedule!r}")

    def rate(self, done: int) -> float:
        """Learning rate of the step after ``done`` steps."""
        share = done / self.steps
        if self.schedule == "exponential":
            return self.lr * FINAL_RATE**share
        return self.lr * (FINAL_RATE + (1 - FINAL_RATE) * 0.5 * (1 + math.cos(math.pi * share)))


def to_target(maps: NDArray[Any]) -> Tensor:
    """Probability [B, 1, r, r] of maps [B, r, r], uint8 in 0..255 or float in [0, 1]."""
    scale = 255 if maps.dtype == np.uint8 else 1
    return torch.from_numpy(maps)[:, None].float() / scale


def hair_loss(logits: Tensor, target: Tensor, kind: str = "bce") -> Tensor:
    """Mean over pixels of the loss between log odds and target probability, both [B, 1, r, r]."""
    if kind == "mse":
        return F.mse_loss(torch.sigmoid(logits), target)
    loss = F.binary_cross_entropy_with_logits(logits, target)
    if kind == "kl":
        # Both outcomes count: divergence of the hair side alone is least where all is painted as hair.
        loss = loss - F.binary_cross_entropy(target, target)
    return loss


def _each(low: float, high: float, like: Tensor, rng: torch.Generator) -> Tensor:
    """A uniform number for each picture, [B, 1, 1, 1]."""
    return low + (high - low) * torch.rand(len(like), 1, 1, 1, generator=rng)


def turn_hue(image: Tensor, turns: Tensor) -> Tensor:
    """Colours [B, 3, r, r] in [-1, 1] turned round the grey axis by ``turns`` [B, 1, 1, 1]."""
    angle = 2 * math.pi * turns.reshape(-1, 1, 1)
    cross = torch.tensor([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]]) / math.sqrt(3)
    matrix = angle.cos() * torch.eye(3) + (1 - angle.cos()) / 3 + angle.sin() * cross
    return torch.einsum("bij,bjhw->bihw", matrix, image)


def recolour(image: Tensor, target: Tensor, rng: torch.Generator) -> Tensor:
    """Half of the pictures with hair of another hue, strength, lightness and tint, under the map."""
    other = turn_hue(image, _each(-0.5, 0.5, image, rng))
    tint = 0.3 * torch.randn(len(image), 3, 1, 1, generator=rng)
    other = other * _each(0.5, 1.3, image, rng) + _each(-0.3, 0.3, image, rng) + tint
    chosen = _each(0, 1, image, rng) < HAIR_TURN
    return image + target * chosen * (other - image)


def augment(image: Tensor, target: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Pictures [B, 3, r, r] and their targets [B, 1, r, r], varied in every way that leaves hair hair.

    Mirrored with the target; hair and the whole picture recoloured; brightness, contrast, blur and noise.
    """
    mirrored = _each(0, 1, image, rng) < 0.5
    image, target = (torch.where(mirrored, x.flip(-1), x) for x in (image, target))
    image = turn_hue(recolour(image, target, rng), _each(-0.06, 0.06, image, rng))
    middle = image.mean(dim=(1, 2, 3), keepdim=True)
    image = middle + (image - middle) * _each(0.7, 1.3, image, rng) + _each(-0.25, 0.25, image, rng)
    soft = F.interpolate(F.avg_pool2d(image, 2), scale_factor=2.0, mode="bilinear")
    image = torch.where(_each(0, 1, image, rng) < 0.4, soft, image)
    noise = torch.randn(image.shape, generator=rng) * _each(0, 0.08, image, rng)
    return (image + noise).clamp(-1, 1), target


class HairTrainer:
    """Holds network, optimiser and step; one call of :meth:`step` is one optimiser step."""

    def __init__(self, config: HairTrainConfig) -> None:
        torch.manual_seed(config.seed)
        self.config, self.done = config, 0
        self.net = HairNet(config.net).to(config.device)
        self.opt = torch.optim.AdamW(self.net.parameters(), config.lr, weight_decay=config.weight_decay)

    def step(self, pictures: NDArray[np.uint8], maps: NDArray[Any]) -> float:
        """One step on a batch; the loss before it."""
        image, target = to_images(pictures), to_target(maps)
        if self.config.augment:
            rng = torch.Generator().manual_seed(self.config.seed + self.done)
            image, target = augment(image, target, rng)
        image, target = image.to(self.config.device), target.to(self.config.device)
        for group in self.opt.param_groups:
            group["lr"] = self.config.rate(self.done)
        loss = hair_loss(self.net.train().logits(image), target, self.config.loss)
        self.opt.zero_grad(set_to_none=True)
        loss.backward()
        self.opt.step()
        self.done += 1
        return float(loss.detach())

    def state(self) -> dict[str, Any]:
        """Everything that :meth:`load` needs; tensors and plain values only."""
        return {
            "config": asdict(self.config),
            "done": self.done,
            "net": self.net.state_dict(),
            "opt": self.opt.state_dict(),
        }

    def load(self, state: dict[str, Any]) -> None:
        """Take over a checkpoint. Raises ValueError when it is of another run than this, FREE aside."""
        theirs, own = (
            {k: v for k, v in c.items() if k not in FREE} for c in (state["config"], asdict(self.config))
        )
        if theirs != own:
            raise ValueError("the checkpoint was made with another configuration")
        self.net.load_state_dict(state["net"])
        self.opt.load_state_dict(state["opt"])
        self.done = state["done"]


def train_hair(
    config: HairTrainConfig,
    batches: Callable[[int], Iterator[Batch]],
    checkpoint: Path,
    *,
    save_every_s: float = 120.0,
    report: Report | None = None,
) -> HairNet:
    """Run to ``config.steps``, resuming ``checkpoint`` when it exists; the network in eval mode, on the CPU.

    Args:
        config: The run.
        batches: Gives the batches from a step number on; the run ends early where they end.
        checkpoint: File that the state is kept in.
        save_every_s: Seconds between two savings; it is saved at the end in any case.
        report: Called after each step with its number and loss.

    Raises:
        TimeUpError: The minutes are over before.
    """
    torch.set_num_threads(config.threads)
    until = time.monotonic() + 60 * config.minutes
    trainer = HairTrainer(config)
    if checkpoint.exists():
        trainer.load(torch.load(checkpoint, map_location="cpu", weights_only=True))
    saved = time.monotonic()
    stream = batches(trainer.done)
    while trainer.done < config.steps and (batch := next(stream, None)) is not None:
        loss = trainer.step(*batch)
        if report:
            report(trainer.done, loss)
        if time.monotonic() >= until and trainer.done < config.steps:
            save_whole(trainer.state(), checkpoint)
            raise TimeUpError(checkpoint)
        if time.monotonic() - saved > save_every_s:
            save_whole(trainer.state(), checkpoint)
            saved = time.monotonic()
    save_whole(trainer.state(), checkpoint)
    return trainer.net.cpu().eval()


def evaluate(
    net: HairNet, pictures: NDArray[np.uint8], maps: NDArray[Any], batch: int = 16
) -> dict[str, float]:
    """How well the network meets the teacher: mse, iou, dice, recall, precision and spill.

    ``mse`` is per pixel between probabilities; the next four count pixels of all pictures together, hair
    being what has probability .5 or more (a share of nothing is 1). ``spill`` is by how much a dye of the
    network's hair changes what is none, in levels of 255, the mean of pictures in hues all round the circle.
    ``net`` stays in the mode it was in.

    Args:
        net: The student.
        pictures: uint8 [n, r, r, 3].
        maps: The teacher's, uint8 in 0..255 or float in [0, 1], [n, r, r].
        batch: Pictures at a time.
    """
    student, error, both, found, wanted, spilt = fold(net), 0.0, 0, 0, 0, 0.0
    for i in range(0, len(pictures), batch):
        guess = hair_maps(student, pictures[i : i + batch])
        truth = to_target(maps[i : i + batch])[:, 0].numpy()
        error += float(((guess - truth) ** 2).sum(dtype=np.float64))
        hair, real = guess >= 0.5, truth >= 0.5
        both, found, wanted = (
            both + int((hair & real).sum()),
            found + int(hair.sum()),
            wanted + int(real.sum()),
        )
        spilt += sum(map(_spilt, pictures[i : i + batch], guess, ~real, range(i, len(pictures))))
    return {
        "mse": error / maps.size,
        "iou": _share(both, found + wanted - both),
        "dice": _share(2 * both, found + wanted),
        "recall": _share(both, wanted),
        "precision": _share(both, found),
        "spill": spilt / len(pictures),
    }


def _spilt(
    picture: NDArray[np.uint8], hair: NDArray[np.float32], rest: NDArray[np.bool_], number: int
) -> float:
    """Mean change of the pixels ``rest`` [r, r], in levels, by the dye whose hue is this number's turn."""
    dyed = ombre(picture, hair, dye_of(HUES_APART * number % 360))
    return float(np.abs(dyed[rest].astype(np.int16) - picture[rest]).mean()) if rest.any() else 0.0


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
