"""Train the face generator on painted portraits: paired first, then adversarially, growing.

Paired stage: the code of a portrait is written into (z, label), the painter draws it, the generator
learns to draw the same (L1 on the picture, its edges and a half-size copy, eyes and mouth weighted).
Adversarial stage: the non-saturating logistic loss with R1 (Mescheder et al., ICML 2018) on top of
the paired loss, with a second discriminator on the crop of eyes and mouth. An exponential moving
average of the generator (Karras et al., ICLR 2018) is what ships. A batch is a pure function of seed
and number, so a resumed run sees the same pictures as an uninterrupted one.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from models.face.data.dataset import PortraitSet, batches
from models.face.painter.params import PARAM_NAMES
from models.face.stylegan.discriminator import Discriminator
from models.face.stylegan.generator import Generator, GeneratorConfig
from models.face.stylegan.latent import (
    N_EXPRESSION,
    code_of_gaussian,
    orthonormal_label_weight,
    write_passage,
)
from models.runtime.saving import save_whole

FEATURES = (slice(80, 208), slice(64, 192))  # rows, columns of eyes and mouth at 256 px
MAPPING_SPEED = 40.0


@dataclass(frozen=True)
class FaceTrainConfig:
    """One stage of the training. Steps are optimiser steps of ``batch`` portraits."""

    resolution: int = 64
    steps: int = 3000
    batch: int = 16
    lr: float = 2e-3
    adversarial: float = 0.0  # weight of the adversarial loss; 0 = the paired stage
    r1_gamma: float = 2.0
    r1_every: int = 16
    ema: float = 0.998
    seed: int = 20031011
    threads: int = 1


def expression_scores(codes: Tensor) -> Tensor:
    """Exact scores of eyes, mouth and pose in [-1, 1] behind Gaussian codes, [B, 3]."""
    return torch.special.ndtr(codes[:, :N_EXPRESSION]) * 2 - 1


def crop(image: Tensor) -> Tensor:
    """The part with eyes and mouth, [B, 3, r/2, r/2]."""
    k = image.shape[-1] / 256
    rows, cols = (slice(int(s.start * k), int(s.stop * k)) for s in FEATURES)
    return image[:, :, rows, cols]


def paired_loss(fake: Tensor, real: Tensor) -> Tensor:
    """L1 on picture, edges and half size; eyes and mouth count three times."""
    loss = F.l1_loss(fake, real) + 2 * F.l1_loss(crop(fake), crop(real))
    for dim in (2, 3):
        loss = loss + F.l1_loss(fake.diff(dim=dim), real.diff(dim=dim))
        loss = loss + F.l1_loss(crop(fake).diff(dim=dim), crop(real).diff(dim=dim))
    return loss + 0.5 * F.l1_loss(F.avg_pool2d(fake, 2), F.avg_pool2d(real, 2))


def slim(resolution: int) -> GeneratorConfig:
    """The generator's size with half its channels: discriminators that cost a quarter suffice here."""
    full = GeneratorConfig.mini(resolution)
    return replace(full, channels=tuple(n // 2 for n in full.channels))


class Critics:
    """Two discriminators, on the whole portrait and on the crop of eyes and mouth."""

    def __init__(self, config: FaceTrainConfig) -> None:
        self.config, self.half = config, config.resolution // 2
        self.nets = torch.nn.ModuleList([Discriminator(slim(r)) for r in (config.resolution, self.half)])
        self.opt = torch.optim.Adam(self.nets.parameters(), config.lr, (0.0, 0.99))

    def judge(self, image: Tensor, label: Tensor) -> Tensor:
        """Logits [2B, 1]: first of the whole portraits, then of their crops."""
        part = F.interpolate(crop(image), size=(self.half, self.half), mode="bilinear")
        return torch.cat([self.nets[0](image, label), self.nets[1](part, label)])

    def step(self, real: Tensor, fake: Tensor, label: Tensor, number: int) -> float:
        """One step on real and generated portraits, with R1 on every ``r1_every``-th; the loss."""
        real = real.clone().requires_grad_(number % self.config.r1_every == 0)
        on_real = self.judge(real, label)
        loss = F.softplus(self.judge(fake.detach(), label)).mean() + F.softplus(-on_real).mean()
        if real.requires_grad:
            (grad,) = torch.autograd.grad(on_real.sum(), real, create_graph=True)
            r1 = grad.square().sum(dim=(1, 2, 3)).mean()
            loss = loss + self.config.r1_gamma / 2 * self.config.r1_every * r1
        self.opt.zero_grad(set_to_none=True)
        loss.backward()
        self.opt.step()
        return float(loss.detach())

    def fool(self, fake: Tensor, label: Tensor) -> Tensor:
        """The generator's non-saturating loss; the discriminators get no gradient."""
        self.nets.requires_grad_(False)
        loss = F.softplus(-self.judge(fake, label)).mean()
        self.nets.requires_grad_(True)
        return loss


class FaceTrainer:
    """Holds networks, optimisers and step; one call of :meth:`step` is one optimiser step."""

    def __init__(self, config: FaceTrainConfig) -> None:
        torch.manual_seed(config.seed)
        self.config, self.done = config, 0
        net = GeneratorConfig.mini(config.resolution)
        self.net, self.g = net, Generator(net)
        self.g.mapping.label_weight.data.copy_(orthonormal_label_weight(net))
        self.g.mapping.label_weight.requires_grad_(False)
        write_passage(self.g.mapping, len(PARAM_NAMES))
        self.ema = copy.deepcopy(self.g).requires_grad_(False)
        mapping = [p for p in self.g.mapping.parameters() if p.requires_grad]
        # Pairs tell the mapping what to learn, so the paired stage lifts its hundredfold slowness.
        faster = 1.0 if config.adversarial else MAPPING_SPEED
        groups = [
            {"params": [*self.g.synthesis.parameters()], "speed": 1.0},
            {"params": mapping, "speed": faster},
        ]
        betas = (0.0, 0.99) if config.adversarial else (0.9, 0.99)
        self.g_opt = torch.optim.Adam(groups, config.lr, betas)
        self.critics = Critics(config) if config.adversarial else None

    @property
    def optimizers(self) -> list[torch.optim.Optimizer]:
        """Of the generator and, in the adversarial stage, of the discriminators."""
        return [self.g_opt, self.critics.opt] if self.critics else [self.g_opt]

    def load(self, state: dict[str, Any]) -> None:
        """Take over a checkpoint: the same stage is resumed, another stage starts from its weights."""
        free = {key: state["config"][key] for key in ("steps", "threads")}  # may change between two runs
        same = state["config"] == asdict(self.config) | free
        for module, key in ((self.g, "g"), (self.ema, "ema")):
            module.load_state_dict(state[key], strict=state["resolution"] == self.config.resolution)
        if same:
            self.done = state["done"]
            self.g_opt.load_state_dict(state["g_opt"])
            if self.critics:
                self.critics.nets.load_state_dict(state["d"])
                self.critics.opt.load_state_dict(state["d_opt"])

    def state(self) -> dict[str, Any]:
        """Everything that :meth:`load` needs; tensors and plain values only."""
        state: dict[str, Any] = {
            "config": asdict(self.config),
            "resolution": self.config.resolution,
            "done": self.done,
            "g": self.g.state_dict(),
            "ema": self.ema.state_dict(),
            "g_opt": self.g_opt.state_dict(),
        }
        if self.critics:
            state |= {"d": self.critics.nets.state_dict(), "d_opt": self.critics.opt.state_dict()}
        return state

    def step(self, codes: Tensor, real: Tensor) -> dict[str, float]:
        """One step on codes [B, n_params] and portraits [B, 3, r, r]; returns the losses."""
        free = torch.Generator().manual_seed(self.config.seed + self.done)
        z, label = code_of_gaussian(codes, self.net, free)
        fake = self.g(z, label)
        loss = paired_loss(fake, real)
        out = {"paired": float(loss.detach())}
        if self.critics:
            out["d"] = self.critics.step(real, fake, label, self.done)
            fool = self.critics.fool(fake, label)
            loss = loss + self.config.adversarial * fool
            out["g"] = float(fool.detach())
        self.g_opt.zero_grad(set_to_none=True)
        loss.backward()
        self.g_opt.step()
        self.done += 1
        decay = min(self.config.ema, (1 + self.done) / (10 + self.done))
        for mean, now in zip(self.ema.parameters(), self.g.parameters(), strict=True):
            mean.lerp_(now, 1 - decay)
        return out


def train(
    config: FaceTrainConfig,
    portraits: PortraitSet,
    checkpoint: Path,
    *,
    start: Path | None = None,
    save_every_s: float = 120.0,
    report: Callable[[int, dict[str, float]], None] | None = None,
) -> FaceTrainer:
    """Run one stage on painted portraits to ``config.steps``; resumes ``checkpoint`` when it exists.

    The learning rate falls linearly to a tenth over the last half of the stage. Raises
    ``FileNotFoundError`` when ``start`` is named and missing.
    """
    torch.set_num_threads(config.threads)
    trainer = FaceTrainer(config)
    source = checkpoint if checkpoint.exists() else start
    if source is not None:
        trainer.load(torch.load(source, weights_only=True))
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    saved = time.monotonic()
    sizes = {"seed": config.seed, "batch": config.batch, "resolution": config.resolution}
    stream = batches(portraits, **sizes, start=trainer.done)
    while trainer.done < config.steps:
        share = trainer.done / config.steps
        for opt in trainer.optimizers:
            for group in opt.param_groups:
                group["lr"] = config.lr * group.get("speed", 1.0) * min(1.0, 1.0 - 1.8 * (share - 0.5))
        losses = trainer.step(*next(stream))
        if report:
            report(trainer.done, losses)
        if time.monotonic() - saved > save_every_s or trainer.done == config.steps:
            save_whole(trainer.state(), checkpoint)
            saved = time.monotonic()
    return trainer
