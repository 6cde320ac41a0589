"""Train the face generator on painted portraits: paired first, then adversarially, growing.

Paired stage: the code of a portrait is written into (z, label), the mapping is fitted to what such a
portrait shows (:mod:`models.face.stylegan.passage`), the painter draws it and the generator learns to
draw the same (L1 on the picture, its edges and a half-size copy, eyes and mouth weighted).
Adversarial stage: the non-saturating logistic loss with R1 (Mescheder et al., ICML 2018) on top of
the paired loss, with discriminators on the whole, on the crop of eyes and mouth, and on a window that
is elsewhere at every step. An exponential moving
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

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from models.face.data.dataset import PortraitSet, batches, learnt
from models.face.stylegan.discriminator import Discriminator
from models.face.stylegan.generator import Generator, GeneratorConfig
from models.face.stylegan.latent import code_of_gaussian, orthonormal_label_weight
from models.face.stylegan.passage import fit_mapping, temper
from models.runtime.saving import save_whole

FEATURES = (slice(80, 208), slice(64, 192))  # rows, columns of eyes and mouth at 256 px
EYES = (slice(96, 144), slice(48, 208))  # of the eyes, of heads that are turned to the end, too


@dataclass(frozen=True)
class FaceTrainConfig:
    """One stage of the training. Steps are optimiser steps of ``batch`` portraits."""

    resolution: int = 64
    steps: int = 3000
    batch: int = 8
    lr: float = 2e-3
    fit: int = 4000  # steps that fit the mapping before the first stage
    muon: float = 0.0  # rate of Muon for the convolutions; 0: Adam trains them, too
    adversarial: float = 0.0  # weight of the adversarial loss; 0 = the paired stage
    r1_gamma: float = 2.0
    r1_every: int = 16
    ema: float = 0.998
    seed: int = 20031011
    threads: int = 1
    bf16: bool = False  # convolutions in bfloat16: five times as fast on processors with AMX, slow on others


def crop(image: Tensor, part: tuple[slice, slice] = FEATURES) -> Tensor:
    """A part of images [B, 3, r, r]; that with eyes and mouth is [B, 3, r/2, r/2]."""
    k = image.shape[-1] / 256
    rows, cols = (slice(int(s.start * k), int(s.stop * k)) for s in part)
    return image[:, :, rows, cols]


def paired_loss(fake: Tensor, real: Tensor) -> Tensor:
    """L1 on picture, edges and half size; eyes and mouth count again by themselves, the eyes twice.

    Edges of the whole picture weigh most: they are few, and what is blurred costs little otherwise.
    """
    loss = 0.5 * F.l1_loss(F.avg_pool2d(fake, 2), F.avg_pool2d(real, 2))
    parts = (fake, real, 5.0), (crop(fake), crop(real), 1.0), (crop(fake, EYES), crop(real, EYES), 1.0)
    for mine, true, edges in parts:
        loss = loss + F.l1_loss(mine, true)
        for dim in (2, 3):
            loss = loss + edges * F.l1_loss(mine.diff(dim=dim), true.diff(dim=dim))
    return loss


def slim(resolution: int) -> GeneratorConfig:
    """The generator's size with half its channels: discriminators that cost a quarter suffice here."""
    full = GeneratorConfig.mini(resolution)
    return replace(full, channels=tuple(n // 2 for n in full.channels))


class Convolutions:
    """Muon (Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024) on 3x3 kernels.

    A kernel counts as a matrix [n_out, 9 n_in]. Updates are brought to the size of Adam's.
    """

    def __init__(self, module: torch.nn.Module, lr: float) -> None:
        self.weights = [p for p in module.parameters() if p.ndim == 4 and p.shape[2:] == (3, 3)]
        # The same memory, seen as matrices: Muon takes no others.
        self._matrices = [torch.nn.Parameter(p.detach().view(len(p), -1)) for p in self.weights]
        self.opt = torch.optim.Muon(
            self._matrices, lr=lr, weight_decay=0.0, adjust_lr_fn="match_rms_adamw"
        )  # fmt: skip

    def clear(self) -> None:
        """Forget the gradients of before."""
        for weight in self.weights:
            weight.grad = None

    def step(self) -> None:
        """One step by the gradients of the kernels; one without a gradient stays as it is."""
        for weight, matrix in zip(self.weights, self._matrices, strict=True):
            matrix.grad = None if weight.grad is None else weight.grad.view_as(matrix)
        self.opt.step()


class Critics:
    """Discriminators on the whole portrait, on the crop of eyes and mouth, and on a window of half its size.

    Where the window is depends on the step's number only.
    """

    def __init__(self, config: FaceTrainConfig) -> None:
        self.config, self.half = config, config.resolution // 2
        sizes = (config.resolution, self.half, self.half)
        self.nets = torch.nn.ModuleList([Discriminator(slim(size)) for size in sizes])
        self.convs = Convolutions(self.nets, config.muon) if config.muon else None
        taken = {id(p) for p in self.convs.weights} if self.convs else set()
        others = [p for p in self.nets.parameters() if id(p) not in taken]
        self.opt = torch.optim.Adam(others, config.lr, (0.0, 0.99))

    def judge(self, image: Tensor, label: Tensor, number: int, *, exact: bool = False) -> Tensor:
        """Logits [3B, 1] of the whole portraits, their crops and their windows; ``exact``: in float32."""
        part = F.interpolate(crop(image), size=(self.half, self.half), mode="bilinear")
        top, left = np.random.default_rng((self.config.seed, number)).integers(self.half + 1, size=2)
        window = image[:, :, top : top + self.half, left : left + self.half]
        with torch.autocast("cpu", torch.bfloat16, enabled=self.config.bf16 and not exact):
            shown = zip(self.nets, (image, part, window), strict=True)
            return torch.cat([net(pictures, label) for net, pictures in shown]).float()

    def step(self, real: Tensor, fake: Tensor, label: Tensor, number: int) -> float:
        """One step on real and generated portraits, with R1 on every ``r1_every``-th; the loss."""
        real = real.clone().requires_grad_(number % self.config.r1_every == 0)
        # oneDNN kills the process in the second derivative of small convolutions in bfloat16.
        on_real = self.judge(real, label, number, exact=real.requires_grad)
        loss = F.softplus(self.judge(fake.detach(), label, number)).mean() + F.softplus(-on_real).mean()
        if real.requires_grad:
            (grad,) = torch.autograd.grad(on_real.sum(), real, create_graph=True)
            r1 = grad.square().sum(dim=(1, 2, 3)).mean()
            loss = loss + self.config.r1_gamma / 2 * self.config.r1_every * r1
        self.opt.zero_grad(set_to_none=True)
        if self.convs:
            self.convs.clear()
        loss.backward()
        self.opt.step()
        if self.convs:
            self.convs.step()
        return float(loss.detach())

    def fool(self, fake: Tensor, label: Tensor, number: int) -> Tensor:
        """The generator's non-saturating loss; the discriminators get no gradient."""
        self.nets.requires_grad_(False)
        loss = F.softplus(-self.judge(fake, label, number)).mean()
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
        temper(self.g.synthesis)
        self.ema = copy.deepcopy(self.g).requires_grad_(False)
        mapping = [p for p in self.g.mapping.parameters() if p.requires_grad]
        self.convs = Convolutions(self.g.synthesis, config.muon) if config.muon else None
        taken = {id(p) for p in self.convs.weights} if self.convs else set()
        others = [p for p in self.g.synthesis.parameters() if id(p) not in taken]
        betas = (0.0, 0.99) if config.adversarial else (0.9, 0.99)
        self.g_opt = torch.optim.Adam([*others, *mapping], config.lr, betas)
        self.critics = Critics(config) if config.adversarial else None

    @property
    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        """By their names in a checkpoint; of discriminators only in the adversarial stage."""
        found: dict[str, torch.optim.Optimizer] = {"g_opt": self.g_opt}
        if self.convs:
            found["muon"] = self.convs.opt
        if self.critics:
            found["d_opt"] = self.critics.opt
            if self.critics.convs:
                found["d_muon"] = self.critics.convs.opt
        return found

    def slow(self, factor: float) -> None:
        """Set all rates to ``factor`` times what the stage begins with."""
        for name, opt in self.optimizers.items():
            rate = self.config.muon if name.endswith("muon") else self.config.lr
            for group in opt.param_groups:
                group["lr"] = rate * factor

    def fit(self) -> None:
        """Fit the mapping to the traits of portraits, before the first stage."""
        fit_mapping(self.g.mapping, self.config.fit, seed=self.config.seed)
        self.ema.mapping.load_state_dict(self.g.mapping.state_dict())

    def goes_on(self, state: dict[str, Any]) -> bool:
        """Whether a checkpoint is of the same stage; steps, threads and bf16 may change between runs."""
        free = {key: state["config"][key] for key in ("steps", "threads", "bf16")}
        return bool(state["config"] == asdict(self.config) | free)

    def load(self, state: dict[str, Any]) -> None:
        """Take over a checkpoint: the same stage is resumed, another stage starts from its weights."""
        for module, key in ((self.g, "g"), (self.ema, "ema")):
            module.load_state_dict(state[key], strict=state["resolution"] == self.config.resolution)
        if self.goes_on(state):
            self.done = state["done"]
            for name, opt in self.optimizers.items():
                opt.load_state_dict(state[name])
            if self.critics:
                self.critics.nets.load_state_dict(state["d"])

    def state(self) -> dict[str, Any]:
        """Everything that :meth:`load` needs; tensors and plain values only."""
        state: dict[str, Any] = {
            "config": asdict(self.config),
            "resolution": self.config.resolution,
            "done": self.done,
            "g": self.g.state_dict(),
            "ema": self.ema.state_dict(),
        }
        if self.critics:
            state["d"] = self.critics.nets.state_dict()
        return state | {name: opt.state_dict() for name, opt in self.optimizers.items()}

    def draw(self, z: Tensor, label: Tensor) -> Tensor:
        """The generator's pictures [B, 3, r, r]; its mapping, whose channels cancel, stays in float32."""
        wp = self.g.truncation(self.g.mapping(z, label))
        with torch.autocast("cpu", torch.bfloat16, enabled=self.config.bf16):
            return self.g.synthesis(wp).float()

    def step(self, codes: Tensor, real: Tensor) -> dict[str, float]:
        """One step on codes [B, n_params] and portraits [B, 3, r, r]; returns the losses."""
        free = torch.Generator().manual_seed(self.config.seed + self.done)
        z, label = code_of_gaussian(codes, self.net, free)
        fake = self.draw(z, label)
        loss = paired_loss(fake, real)
        out = {"paired": float(loss.detach())}
        if self.critics:
            out["d"] = self.critics.step(real, fake, label, self.done)
            fool = self.critics.fool(fake, label, self.done)
            loss = loss + self.config.adversarial * fool
            out["g"] = float(fool.detach())
        self.g_opt.zero_grad(set_to_none=True)
        if self.convs:
            self.convs.clear()
        loss.backward()
        self.g_opt.step()
        if self.convs:
            self.convs.step()
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
    ``FileNotFoundError`` when ``start`` is named and missing, ``ValueError`` when ``checkpoint`` is of
    another training.
    """
    torch.set_num_threads(config.threads)
    trainer = FaceTrainer(config)
    source = checkpoint if checkpoint.exists() else start
    if source is None:
        trainer.fit()
    else:
        state = torch.load(source, weights_only=True)
        if source == checkpoint and not trainer.goes_on(state):
            raise ValueError(f"{checkpoint} is of another training")
        trainer.load(state)
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    saved = time.monotonic()
    sizes = {"seed": config.seed, "batch": config.batch, "resolution": config.resolution}
    stream = batches(portraits, **sizes, start=trainer.done, among=learnt(portraits))
    while trainer.done < config.steps:
        share = trainer.done / config.steps
        trainer.slow(min(1.0, 1.0 - 1.8 * (share - 0.5)))
        losses = trainer.step(*next(stream))
        if report:
            report(trainer.done, losses)
        if time.monotonic() - saved > save_every_s or trainer.done == config.steps:
            save_whole(trainer.state(), checkpoint)
            saved = time.monotonic()
    return trainer
