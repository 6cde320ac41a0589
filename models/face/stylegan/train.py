"""Train the face generator on painted portraits: paired first, then adversarially, growing.

Paired stage: the code of a portrait is written into (z, label), the mapping is fitted to what such a
portrait shows (:mod:`models.face.stylegan.passage`), the painter draws it and the generator learns to
draw the same (L1 on the picture, its edges and a half-size copy, eyes and mouth weighted).
Adversarial stage: the non-saturating logistic loss with R1 (Mescheder et al., ICML 2018) on top of
the paired loss, with discriminators on the whole, on the crop of eyes and mouth, and on a window that
is elsewhere at every step (:mod:`models.face.stylegan.critics`). An exponential moving
average of the generator (Karras et al., ICLR 2018) is what ships. Without weight on the paired loss
that is the plain way: z and labels are drawn N(0, 1), and what is real alone teaches. A batch is a pure
function of seed and number, so a resumed run sees the same pictures as an uninterrupted one.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models.face.data.dataset import Portraits, PortraitSet, batches, learnt
from models.face.data.labels import labelled
from models.face.stylegan.critics import Critics
from models.face.stylegan.generator import Generator, GeneratorConfig
from models.face.stylegan.latent import code_of_gaussian, orthonormal_label_weight
from models.face.stylegan.losses import paired_loss
from models.face.stylegan.muon import Convolutions
from models.face.stylegan.passage import fit_mapping, temper
from models.face.stylegan.stage import FaceTrainConfig
from models.face.stylegan.widening import widened
from models.runtime.saving import TimeUpError, save_whole

FREE = ("steps", "threads", "device", "minutes", "bf16")


class FaceTrainer:
    """Holds networks, optimisers and step; one call of :meth:`step` is one optimiser step."""

    def __init__(self, config: FaceTrainConfig) -> None:
        torch.manual_seed(config.seed)
        if not (config.paired or config.adversarial):
            raise ValueError("neither a paired nor an adversarial loss")
        self.config, self.done = config, 0
        net = GeneratorConfig.mini(config.resolution)
        self.net, self.g = net, Generator(net)
        self.g.mapping.label_weight.data.copy_(orthonormal_label_weight(net))
        self.g.mapping.label_weight.requires_grad_(False)
        temper(self.g.synthesis)
        self.g.to(config.device)
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
        """Fit the mapping to the traits of portraits, before the first stage; on the CPU, as they are."""
        fit_mapping(self.g.mapping.cpu(), self.config.fit, seed=self.config.seed)
        self.g.mapping.to(self.config.device)
        self.ema.mapping.load_state_dict(self.g.mapping.state_dict())

    def begin(self, other: Generator) -> None:
        """Take over another generator's weights. Raises ValueError when it is of another size or wider."""
        wide = widened(other, self.net, seed=self.config.seed).state_dict()
        self.g.load_state_dict(wide)
        self.ema.load_state_dict(wide)

    def goes_on(self, state: dict[str, Any]) -> bool:
        """Whether a checkpoint is of the same stage; what is in FREE may change between runs."""
        theirs = asdict(FaceTrainConfig()) | state["config"]  # older ones lack what has come since
        return bool(theirs == asdict(self.config) | {key: theirs[key] for key in FREE})

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
        with torch.autocast(wp.device.type, torch.bfloat16, enabled=self.config.bf16):
            return self.g.synthesis(wp, randomize_noise=not self.config.paired).float()

    def inputs(self, given: Tensor) -> tuple[Tensor, Tensor]:
        """z [B, z_dim] and label [B, n_labels] of codes [B, n_params]; in the plain way, of labels."""
        free = torch.Generator().manual_seed(self.config.seed + self.done)
        if self.config.paired:
            z, label = code_of_gaussian(given, self.net, free)
        else:
            torch.manual_seed(self.config.seed + self.done)  # of the noise
            z, label = torch.randn(len(given), self.net.z_dim, generator=free), given
        return z.to(self.config.device), label.to(self.config.device)

    def step(self, given: Tensor, real: Tensor) -> dict[str, float]:
        """One step on portraits [B, 3, r, r] and what :meth:`inputs` takes; returns the losses."""
        (z, label), real = self.inputs(given), real.to(self.config.device)
        fake, out = self.draw(z, label), dict[str, float]()
        loss = fake.new_zeros(())
        if self.config.paired:
            paired = paired_loss(fake, real)
            loss, out["paired"] = self.config.paired * paired, float(paired.detach())
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


def stream(config: FaceTrainConfig, portraits: Portraits, start: int) -> Iterator[tuple[Tensor, Tensor]]:
    """What :meth:`FaceTrainer.step` takes, from a step on. Raises ValueError for pictures without codes."""
    how: dict[str, Any] = {"batch": config.batch, "resolution": config.resolution, "start": start}
    if not config.paired:
        return labelled(portraits, seed=config.seed, **how)
    if not isinstance(portraits, PortraitSet):
        raise ValueError("only painted portraits have codes to be paired with")
    return batches(portraits, seed=config.seed, among=learnt(portraits), hard=config.hard, **how)


def train(
    config: FaceTrainConfig,
    portraits: Portraits,
    checkpoint: Path,
    *,
    start: Path | Generator | None = None,
    save_every_s: float = 120.0,
    report: Callable[[int, dict[str, float]], None] | None = None,
) -> FaceTrainer:
    """Run one stage on portraits to ``config.steps``; resumes ``checkpoint`` when it exists.

    It starts from the checkpoint of the stage before, or from a generator, which is widened where it has
    fewer channels. The learning rate falls linearly to a tenth over the last half of the stage. Raises
    ``FileNotFoundError`` when ``start`` is named and missing, ``ValueError`` when ``checkpoint`` is of
    another training or the generator of another size, TimeUpError when the minutes are over before.
    """
    torch.set_num_threads(config.threads)
    until = time.monotonic() + 60 * config.minutes
    trainer = _begun(config, checkpoint, start)
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    saved = time.monotonic()
    source = stream(config, portraits, trainer.done)
    while trainer.done < config.steps:
        share = trainer.done / config.steps
        trainer.slow(min(1.0, 1.0 - 1.8 * (share - 0.5)))
        losses = trainer.step(*next(source))
        if report:
            report(trainer.done, losses)
        now, finished = time.monotonic(), trainer.done == config.steps
        if finished or now >= until or now - saved > save_every_s:
            save_whole(trainer.state(), checkpoint)
            saved = now
        if now >= until and not finished:
            raise TimeUpError(checkpoint)
    return trainer


def _begun(config: FaceTrainConfig, checkpoint: Path, start: Path | Generator | None) -> FaceTrainer:
    """The trainer of a stage as it was left, or as the one before left its networks, or a fresh one."""
    trainer = FaceTrainer(config)
    source = checkpoint if checkpoint.exists() else start
    if isinstance(source, Generator):
        trainer.begin(source)
    elif source is not None:
        state = torch.load(source, map_location="cpu", weights_only=True)
        if source == checkpoint and not trainer.goes_on(state):
            raise ValueError(f"{checkpoint} is of another training")
        trainer.load(state)
    elif config.paired:
        trainer.fit()
    return trainer
