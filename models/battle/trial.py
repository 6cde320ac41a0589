"""One training: seeded, with logits in the loss and dropout off where it is scored."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from math import cos, pi
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from core.battle.hyperparameters import Hyperparameters, Optimizer, Scheduler
from core.battle.ports import Epoch, Part, Trial
from models.battle.bank import Parts, number_of, parts_of
from models.battle.jobs import Job
from models.battle.networks import RECIPES, Recipe, logits, network
from models.battle.pictures import Index, Pictures

DECAY: Final = 0.01
SCORING: Final = 256  # pictures at once


@dataclass(frozen=True, eq=False)
class Scored:
    """Pictures [n, c, h, w] in [-1, 1] and their classes [n] as places among those in play."""

    pictures: Tensor
    targets: Tensor


@cache
def code_version() -> str:
    """A hash of the code that trains: with another one, the same job may give other numbers."""
    files = (Path(__file__), Path(__file__).with_name("networks.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def macro_f1(targets: NDArray[np.int64], predicted: NDArray[np.int64], classes: int) -> float:
    """The mean over all classes in play of each one's F1, which is 0 where nothing is right."""
    found = np.bincount(targets * classes + predicted, minlength=classes**2).reshape(classes, classes)
    right = found.diagonal()
    return float((2 * right / np.maximum(found.sum(0) + found.sum(1), 1)).mean())


def rate(scheduler: Scheduler, epoch: int, epochs: int) -> float:
    """What the learning rate is multiplied by in an epoch from 0 on."""
    if scheduler is Scheduler.COSINE:
        return 0.5 * (1.0 + cos(pi * epoch / epochs))
    return float((int(scheduler.value.removeprefix("exp_")) / 100) ** epoch)


class Training:
    """A training of a job, an epoch at a time; the same job gives the same numbers.

    Raises KeyError for a problem that is not in the bank. One thread must be set before.
    """

    def __init__(self, job: Job, pictures: Pictures) -> None:
        self.job = job
        parts = parts_of(pictures, number_of(pictures, job.instance))
        self._recipe = RECIPES[pictures.profile]
        self._train, self._valid = (_scored(pictures, parts, part) for part in (parts.train, parts.valid))
        self._judge = partial(_scored, pictures, parts, parts.held_out)
        torch.manual_seed(job.seed)
        self._net = network(pictures.profile, pictures.size, len(parts.classes), job.hyperparameters)
        self._state = torch.get_rng_state()
        self._optimizer = _optimizer(self._net, job.hyperparameters)
        self._best: dict[str, Tensor] = {}
        self._steps, self._seconds = 0, 0.0
        self.epochs: list[Epoch] = []

    def run(self) -> Trial:
        """The whole training."""
        for _ in self.course():
            pass
        return self.trial()

    def course(self) -> Iterator[Epoch]:
        """Train, an epoch with each step."""
        while not self._done():
            yield self.epoch()

    def epoch(self) -> Epoch:
        """One pass over the training pictures, and its scores."""
        began = time.perf_counter()
        torch.set_rng_state(self._state)  # others may train between two epochs
        number = len(self.epochs)
        train_loss = self._pass(rate(self.job.hyperparameters.scheduler, number, self._recipe.epochs))
        self._state = torch.get_rng_state()
        valid_loss, valid_f1 = self._score(self._valid)
        if valid_loss < min((e.valid_loss for e in self.epochs), default=float("inf")) or not self._best:
            self._best = {name: value.clone() for name, value in self._net.state_dict().items()}
        self.epochs.append(Epoch(number + 1, train_loss, valid_loss, valid_f1))
        self._seconds += time.perf_counter() - began
        return self.epochs[-1]

    def finished(self) -> bool:
        """Whether :meth:`trial` can be had."""
        return self._done()

    def trial(self) -> Trial:
        """The score of the weights with the least validation loss, to four places."""
        began = time.perf_counter()
        self._net.load_state_dict(self._best)
        _, f1 = self._score(self._valid if self.job.part is Part.VALID else self._judge())
        self._seconds += time.perf_counter() - began
        job = self.job
        return Trial(job.hyperparameters, job.seed, job.part, f1, tuple(self.epochs), self._seconds)

    def _done(self) -> bool:
        recipe: Recipe = self._recipe
        if len(self.epochs) >= recipe.epochs:
            return True
        if len(self.epochs) < recipe.least:
            return False
        best, since = float("inf"), 0
        for epoch in self.epochs:
            since += 1
            if epoch.valid_loss < best - recipe.delta:
                best, since = epoch.valid_loss, 0
        return since >= recipe.patience

    def _pass(self, factor: float) -> float:
        self._net.train()
        total, n = 0.0, len(self._train.targets)
        for index in torch.randperm(n).split(self._recipe.batch):
            self._steps += 1
            warm = min(self._steps / self._recipe.warm_up, 1.0)
            for group in self._optimizer.param_groups:
                group["lr"] = self.job.hyperparameters.lr * factor * warm
            loss = cross_entropy(self._net(self._train.pictures[index]), self._train.targets[index])
            self._optimizer.zero_grad()
            loss.backward()
            self._optimizer.step()
            total += float(loss.detach()) * len(index)
        return round(total / n, 6)

    @torch.no_grad()
    def _score(self, part: Scored) -> tuple[float, float]:
        """Mean loss and macro F1."""
        found = torch.cat([logits(self._net, some) for some in part.pictures.split(SCORING)])
        f1 = macro_f1(part.targets.numpy(), found.argmax(1).numpy(), found.shape[1])
        return round(float(cross_entropy(found, part.targets)), 6), round(f1, 4)


def _scored(pictures: Pictures, parts: Parts, index: Index) -> Scored:
    pixels = torch.from_numpy(pictures.pixels[index]).permute(0, 3, 1, 2).float() / 127.5 - 1.0
    targets = torch.from_numpy(parts.targets(pictures.labels)[index])
    return Scored(pixels.contiguous(), targets)


def _optimizer(net: nn.Module, chosen: Hyperparameters) -> torch.optim.Optimizer:
    if chosen.optimizer is Optimizer.ADAMW:
        return torch.optim.AdamW(net.parameters(), chosen.lr, weight_decay=DECAY, fused=True)
    return torch.optim.Adam(net.parameters(), chosen.lr, fused=True)
