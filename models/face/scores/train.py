"""Train the networks of :mod:`models.face.scores.networks` on scored or labelled pictures.

The schedules are those of the original Oh-LoRA: AdamW with a rate that swings along a cosine, and an
early end once the loss on held-out pictures has not fallen for a while. Pictures are uint8 [n, r, r, 3]
and may lie in a file (``np.load(path, mmap_mode="r")``) or be a torch ``Dataset`` of pictures [r, r, 3]:
one batch at a time is read. Everything is drawn from the seed and the epoch, so a resumed training ends
like an uninterrupted one, on a CPU to the last bit.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold
from torch import Tensor

from models.face import pixels
from models.face.scores.losses import cross_entropy, errors, squares, verdicts
from models.face.scores.networks import FILTERS as NETS
from models.face.scores.networks import ScoreConfig, ScoreNet, build, score
from models.face.scores.truths import parted
from models.runtime.saving import TimeUpError, save_whole

Floats = NDArray[np.float64]
Report = Callable[[int, dict[str, float]], None]
FOLDS: Final = 5


@dataclass(frozen=True)
class ScoreTrainConfig:
    """Schedule of one network. An epoch goes once through the pictures that are not held out."""

    net: ScoreConfig = field(default_factory=ScoreConfig)
    batch: int = 16
    lr: float = 5e-5
    period: int = 10  # epochs in which the rate falls to 0; it rises again in as many
    decay: float = 0.0  # factor of the rate with each epoch, instead of the cosine
    patience: int = 20  # epochs without a lower loss after which training ends
    epochs: int = 500
    threshold: float = 0.5  # probability from which a filter says yes, for its accuracy
    limit: float = math.inf  # loss that a filter's fold must reach, else it is trained anew,
    tries: int = 3  # this often at most
    seed: int = 20031011
    threads: int = 1
    device: str = "cpu"
    minutes: float = math.inf  # after which a call ends, with a step made at least; the next one goes on
    bf16: bool = False  # convolutions in bfloat16, for processors with AMX


PROPERTY: Final = ScoreTrainConfig()
HAIRSTYLE: Final = ScoreTrainConfig(ScoreConfig("hairstyle"), decay=0.95, patience=45)
FILTERS: Final = {  # from scratch; with ``start`` the original takes a tenth of the rate
    "gender": ScoreTrainConfig(ScoreConfig("gender"), limit=0.35),
    "quality": ScoreTrainConfig(ScoreConfig("quality"), threshold=0.9, limit=0.13),
    "age": ScoreTrainConfig(ScoreConfig("age"), lr=2.5e-5, threshold=0.1, limit=0.23),
    "glass": ScoreTrainConfig(ScoreConfig("glass"), threshold=0.1, limit=0.1),
}


@dataclass(frozen=True)
class Trained:
    """The network of the best epoch, in eval mode, its number, and the figures of every epoch."""

    net: ScoreNet
    best: int
    history: tuple[dict[str, float], ...]

    @property
    def figures(self) -> dict[str, float]:
        """Those of the best epoch."""
        return self.history[self.best]


def train_property_scores(
    images: Any,
    targets: Floats,
    config: ScoreTrainConfig = PROPERTY,
    report: Report | None = None,
    *,
    checkpoint: Path | None = None,
) -> Trained:
    """Learn z-scores ``targets`` [n, k] of ``images``, a tenth of which is held out; k as the network has it.

    The loss is the squared error, summed over the scores. Figures of an epoch: ``train``; ``loss``, the
    mean squared error on held-out pictures without background_std, by which the best epoch is chosen; and
    ``<name>_mse``, ``<name>_mae``, ``<name>_corr`` of every score. ``checkpoint`` is written after each
    epoch and resumed when it exists. Raises ValueError when numbers do not belong together, TimeUpError when
    the minutes are over before.
    """
    names, n = config.net.outputs, len(images)
    if (
        config.net.kind in NETS
        or targets.shape != (n, len(names))
        or n < 10
        or not np.isfinite(targets).all()
    ):
        wanted = f"10 or more, and {len(names)} for each"
        raise ValueError(f"{config.net.kind}: {n} pictures, targets {list(targets.shape)}; {wanted}")
    learnt, held_out = parted(n, config.seed)
    task = _Task(images, targets, learnt, held_out, squares, lambda found, true: errors(found, true, names))
    until = time.monotonic() + 60 * config.minutes
    return _run(_Trainer(config, task, (0,)), checkpoint, report or _silent, until)


def train_filter(
    images: Any,
    labels: NDArray[Any],
    config: ScoreTrainConfig,
    report: Report | None = None,
    *,
    start: ScoreNet | None = None,
    work: Path | None = None,
) -> list[Trained]:
    """Learn ``labels`` [n] of 0 and 1 in five stratified folds; the fold's own fifth is held out.

    The final score of a filter is the mean of the five: :func:`models.face.scores.networks.score_mean`.
    The loss is the binary cross-entropy, in training summed over a batch. Figures of an epoch: ``fold``,
    ``train``, and on the held-out fifth ``loss`` (by which the best epoch is chosen), ``auroc``,
    ``accuracy``. ``start`` gives the weights to begin with, ``work`` the folder of the checkpoints. Raises
    ValueError for other labels, or fewer than five of a kind; TimeUpError.
    """
    truth = np.asarray(labels, np.float64)
    counts = [int(np.count_nonzero(truth == value)) for value in (0, 1)]
    n = len(images)
    if config.net.kind not in NETS or truth.shape != (n,) or sum(counts) != n or min(counts) < FOLDS:
        found = f"labels {list(truth.shape)} with {counts} times 0 and 1"
        raise ValueError(f"{config.net.kind}: {n} pictures, {found}")
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=config.seed).split(truth[:, None], truth)
    out, until = [], time.monotonic() + 60 * config.minutes
    for fold, (train, valid) in enumerate(folds):
        judge = verdicts(config.threshold, fold)
        task = _Task(images, truth[:, None], train, valid, cross_entropy, judge)
        tries: list[Trained] = []
        while not tries or (tries[-1].figures["loss"] > config.limit and len(tries) < config.tries):
            name = (fold, len(tries))
            trainer = _Trainer(config, task, name, None if tries else start)  # after a miss: from scratch
            checkpoint = work and work / "fold{}_{}.pt".format(*name)
            tries.append(_run(trainer, checkpoint, report or _silent, until))
        out.append(min(tries, key=lambda trained: trained.figures["loss"]))
    return out


@dataclass(frozen=True)
class _Task:
    """Pictures, what is wanted for each [n, k], which to learn from, which to hold out, how to judge."""

    pictures: Any
    targets: Floats
    train: NDArray[np.int64]
    valid: NDArray[np.int64]
    loss: Callable[[Tensor, Tensor], Tensor]  # of what is found and what is wanted, [B, k]
    judge: Callable[[Floats, Floats], dict[str, float]]  # the same, all that is held out; names "loss"


class _Trainer:
    """Holds network, optimiser and history; one call of :meth:`epoch` is one epoch."""

    def __init__(
        self, config: ScoreTrainConfig, task: _Task, name: tuple[int, ...], start: ScoreNet | None = None
    ) -> None:
        torch.set_num_threads(config.threads)
        self.config, self.task, self.name = config, task, name
        self._seed(0)
        self.net = build(config.net)
        if start is not None:
            self.net.load_state_dict(start.state_dict())
        self.net.to(config.device)
        self.opt = torch.optim.AdamW(self.net.parameters(), config.lr)
        self.history: list[dict[str, float]] = []
        self.losses: list[float] = []  # of the steps of the epoch that has begun,
        self.chance = torch.get_rng_state()  # and what comes next by chance in it
        self.best, self.least, self.weights = 0, math.inf, _copy(self.net)

    def _seed(self, number: int) -> None:
        seeds = np.random.SeedSequence((self.config.seed, *self.name, number))
        torch.manual_seed(int(seeds.generate_state(1)[0]))

    @property
    def finished(self) -> bool:
        """Whether the loss has not fallen for long enough, or the epochs are used up."""
        done = len(self.history)
        return done >= self.config.epochs or done - 1 - self.best >= self.config.patience

    def epoch(self, until: float = math.inf) -> bool:
        """Go once through the pictures, judge those held out, keep the weights if they are the best yet.

        Whether it came to the end before the moment ``until`` (monotonic); else the next call goes on.
        """
        done, config = len(self.history), self.config
        self._seed(done + 1)
        for group in self.opt.param_groups:
            group["lr"] = rate(config, done)
        order = self.task.train[torch.randperm(len(self.task.train)).numpy()]
        batches = [order[i : i + config.batch] for i in range(0, len(order), config.batch)]
        self.net.train()
        if self.losses:
            torch.set_rng_state(self.chance)
        for batch in batches[len(self.losses) :]:
            self.losses.append(self._step(batch))
            if time.monotonic() >= until:
                self.chance = torch.get_rng_state()
                return False
        self._judge()
        return True

    def _judge(self) -> None:
        seen = score(self.net, self.task.pictures, self.task.valid)
        losses, self.losses = self.losses, []
        figures = {
            "train": float(np.mean(losses)),
            **self.task.judge(seen, self.task.targets[self.task.valid]),
        }
        if figures["loss"] < self.least:
            self.best, self.least, self.weights = len(self.history), figures["loss"], _copy(self.net)
        self.history.append(figures)

    def _step(self, chosen: NDArray[np.int64]) -> float:
        images = pixels.chosen(self.task.pictures, chosen).to(self.config.device)
        wanted = torch.from_numpy(self.task.targets[chosen]).float().to(self.config.device)
        with torch.autocast(images.device.type, torch.bfloat16, enabled=self.config.bf16):
            found = self.net(images)
        loss = self.task.loss(found.float(), wanted)
        self.opt.zero_grad(set_to_none=True)
        loss.backward()
        self.opt.step()
        return float(loss.detach())

    def state(self) -> dict[str, Any]:
        """Everything that :meth:`load` needs; tensors and plain values only."""
        return {
            "about": self._about(),
            "net": self.net.state_dict(),
            "opt": self.opt.state_dict(),
            "weights": self.weights,
            "best": self.best,
            "history": self.history,
            "losses": self.losses,
            "chance": self.chance,
        }

    def _about(self) -> dict[str, Any]:
        free = ("epochs", "patience", "threads", "device", "minutes", "bf16")  # may change between two runs
        config = {key: value for key, value in asdict(self.config).items() if key not in free}
        sums = [float(total) for total in self.task.targets.sum(axis=0)]
        return {"config": config, "name": self.name, "pictures": len(self.task.targets), "targets": sums}

    def load(self, state: dict[str, Any]) -> None:
        """Go on from :meth:`state`. Raises ValueError when it is of another training."""
        if state["about"] != self._about():
            raise ValueError("the checkpoint is of another training")
        self.net.load_state_dict(state["net"])
        self.opt.load_state_dict(state["opt"])
        self.best, self.history, self.weights = state["best"], state["history"], state["weights"]
        self.losses, self.chance = state.get("losses", []), state.get("chance", self.chance).cpu()
        self.least = self.history[self.best]["loss"] if self.history else math.inf


def _run(trainer: _Trainer, checkpoint: Path | None, report: Report, until: float) -> Trained:
    """Train to the end; ``checkpoint`` is resumed when it exists and written after each epoch.

    Raises TimeUpError at the moment ``until`` (monotonic); ``checkpoint`` is written then, too.
    """
    if checkpoint is not None and checkpoint.exists():
        trainer.load(torch.load(checkpoint, map_location=trainer.config.device, weights_only=True))
    while not trainer.finished:
        whole = trainer.epoch(until)
        if checkpoint is not None:
            save_whole(trainer.state(), checkpoint)
        if whole:
            report(len(trainer.history) - 1, trainer.history[-1])
        if time.monotonic() >= until and not trainer.finished:
            raise TimeUpError(checkpoint)
    trainer.net.load_state_dict(trainer.weights)
    return Trained(trainer.net.eval(), trainer.best, tuple(trainer.history))


def rate(config: ScoreTrainConfig, epoch: int) -> float:
    """Learning rate of an epoch, counted from 0."""
    if config.decay:
        return config.lr * config.decay**epoch
    return config.lr * (1 + math.cos(math.pi * epoch / config.period)) / 2


def _silent(epoch: int, figures: dict[str, float]) -> None:
    pass


def _copy(net: ScoreNet) -> dict[str, Tensor]:
    return {key: value.detach().clone() for key, value in net.state_dict().items()}
