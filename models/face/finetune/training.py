"""A step of an adversarial fine-tune (recipes: :mod:`models.face.finetune.recipes`), and running to the end.

All recipes share the non-saturating logistic loss (Goodfellow et al., NeurIPS 2014) with R1 (Mescheder et
al., ICML 2018) at every step or, lazily, at every few. A step is seeded by its number, so a resumed run ends
like an uninterrupted one, on a CPU to the last bit.
"""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn
from torch.nn import functional as F

from models.face.finetune.data import Reals, jittered, seeded
from models.face.finetune.recipes import ENDLESS, FineTune, styles
from models.face.stylegan.generator import Generator
from models.runtime.saving import save_whole

ROUNDS: Final = 4  # updates of one network in one step, at most
SAVE_EVERY_S: Final = 120.0
Report = Callable[[int, dict[str, float]], None]
Critic = Callable[[Tensor, Tensor], Tensor]  # pictures and labels -> logits [B, 1]


def critic_loss(
    critic: Critic, real: Tensor, fake: Tensor, label: Tensor, *, penalised: bool = True
) -> tuple[Tensor, Tensor | None, Tensor, Tensor]:
    """softplus(D(fake)) + softplus(-D(real)), R1, D(real) [B, 1], D(fake) [B, 1].

    R1 is the mean squared length of the gradient of D at real pictures; None where it is not ``penalised``.
    """
    real = real.detach().requires_grad_(penalised)
    on_real, on_fake = critic(real, label), critic(fake.detach(), label)
    loss = F.softplus(on_fake).mean() + F.softplus(-on_real).mean()
    if not penalised:
        return loss, None, on_real, on_fake
    (grad,) = torch.autograd.grad(on_real.sum(), real, create_graph=True)
    return loss, grad.square().sum(dim=(1, 2, 3)).mean(), on_real, on_fake


def repeated(update: Callable[[], float], again: Callable[[float], bool]) -> tuple[float, int]:
    """Update up to four times, while the loss calls for another; the last loss, and how often."""
    loss = update()
    for count in range(1, ROUNDS):
        if not again(loss):
            return loss, count
        loss = update()
    return loss, ROUNDS


class FineTuner:
    """Holds networks, optimisers and step; one call of :meth:`step` is one batch of real pictures.

    ``generator`` and ``critic`` come from :func:`prepare` and are trained in place; with ``bf16`` their
    convolutions are in bfloat16, for processors with AMX.
    """

    def __init__(
        self, recipe: FineTune, generator: Generator, critic: nn.Module, device: str = "cpu",
        *, bf16: bool = False,
    ) -> None:  # fmt: skip
        self.recipe, self.device, self.bf16, self.done = recipe, device, bf16, 0
        self.g, self.d = generator.to(device), critic.to(device).train()
        self.ema = copy.deepcopy(self.g).requires_grad_(False) if recipe.ema else None
        mapping = [p for p in self.g.mapping.parameters() if p.requires_grad]
        synthesis = [p for p in self.g.synthesis.parameters() if p.requires_grad]
        groups = [(mapping, recipe.lr * recipe.speed), (synthesis, recipe.lr)]
        self.g_opt = torch.optim.AdamW([{"params": each, "lr": lr} for each, lr in groups if each])
        self.d_layers = [p for p in self.d.parameters() if p.requires_grad]
        self.d_opt = torch.optim.AdamW(self.d_layers, recipe.lr)
        self.last_g, self.r1, self.penalised = ENDLESS, 0.0, -1  # the last loss, R1, and step with R1
        self.last_d: list[list[float]] = []  # the logits of real pictures and of fakes
        self.seen: dict[str, list[float]] = {}

    @property
    def result(self) -> Generator:
        """The running mean where there is one, else the generator as trained."""
        return self.ema or self.g

    def fake(self, label: Tensor) -> Tensor:
        """Pictures [B, 3, r, r] of random codes, with random noise and, by the recipe, mixed styles."""
        config, synthesis = self.g.config, self.g.synthesis
        z, other = torch.randn(2, len(label), config.z_dim, device=self.device)
        wp = styles(self.g, z, label, self.recipe.psi)
        if self.recipe.mixing > float(torch.rand(())):
            first = int(torch.randint(1, config.n_layers, ()))
            mixed = styles(self.g, other, label, self.recipe.psi)
            wp = torch.cat([wp[:, :first], mixed[:, first:]], dim=1)
        with self._coarse():  # the mapping's channels cancel: it stays as it is
            images: Tensor = synthesis(wp, randomize_noise=True)
        return images.float()

    def judge(self, image: Tensor, label: Tensor) -> Tensor:
        """Logits [B, 1] of pictures [B, 3, r, r] and their labels."""
        with self._coarse():
            logits: Tensor = self.d(image, label)
        return logits.float()

    def _coarse(self) -> torch.autocast:
        return torch.autocast(torch.device(self.device).type, torch.bfloat16, enabled=self.bf16)

    def step(self, real: Tensor, label: Tensor) -> dict[str, float]:
        """One step on pictures [B, 3, r, r] in [-1, 1] and labels [B, k]; losses, the last R1, updates.

        In the steps of the warm-up there is nothing of the generator's.
        """
        recipe = self.recipe
        seeded(recipe.seed, self.done)
        real, label = real.to(self.device), label.to(self.device)
        if recipe.jitter:
            real = jittered(real, recipe.jitter)
        d, d_rounds = repeated(
            lambda: self._teach(real, label), lambda loss: loss >= recipe.again_d * self.last_g
        )
        out = {"d": d, "r1": self.r1, "d_rounds": d_rounds}
        if self.done >= recipe.warm_up:
            out |= self._follow(label, d)
        self.done += 1
        self._average()
        on_real, on_fake = self.last_d
        for key, values in {**{k: [v] for k, v in out.items()}, "real": on_real, "fake": on_fake}.items():
            self.seen.setdefault(key, []).extend(values)
        return out

    def _teach(self, real: Tensor, label: Tensor) -> float:
        """One update of the critic; its loss with R1, the last one where this update is without.

        A lazy R1 counts at the first update of its step alone.
        """
        with torch.no_grad():
            fake = self.fake(label)
        every, half = self.recipe.r1_every, self.recipe.r1_gamma / 2
        due = every == 1 or (self.done % every == 0 and self.penalised != self.done)
        # oneDNN kills the process in the second derivative of small convolutions in bfloat16
        critic = self.d if due else self.judge
        loss, r1, *seen = critic_loss(critic, real, fake, label, penalised=due)
        _update(self.d_opt, loss if r1 is None else loss + every * half * r1)
        if r1 is not None:
            self.r1, self.penalised = float(r1.detach()), self.done
        self.last_d = [each.detach().flatten().tolist() for each in seen]
        return float(loss.detach()) + half * self.r1

    def _follow(self, label: Tensor, d: float) -> dict[str, float]:
        """The generator's updates after the critic's, whose loss was ``d``."""
        for parameter in self.d_layers:
            parameter.requires_grad_(False)
        again = self.recipe.again_g * d
        self.last_g, rounds = repeated(lambda: self._fool(label), lambda loss: loss >= again)
        for parameter in self.d_layers:
            parameter.requires_grad_(True)
        return {"g": self.last_g, "g_rounds": rounds}

    def _fool(self, label: Tensor) -> float:
        """One update of the generator; its loss."""
        loss = F.softplus(-self.judge(self.fake(label), label)).mean()
        _update(self.g_opt, loss)
        return float(loss.detach())

    def _average(self) -> None:
        if self.ema is None:
            return
        decay = min(self.recipe.ema, (1 + self.done) / (10 + self.done))
        for mean, now in zip(self.ema.parameters(), self.g.parameters(), strict=True):
            if now.requires_grad:
                mean.lerp_(now.detach(), 1 - decay)

    def figures(self) -> dict[str, float]:
        """Mean losses and updates since the last call, and how well the critic tells real from fake."""
        seen, self.seen = self.seen, {}
        real, fake = seen.pop("real", []), seen.pop("fake", [])
        out = {key: float(np.mean(values)) for key, values in seen.items()}
        if real and fake:
            out["auroc"] = float(roc_auc_score([1] * len(real) + [0] * len(fake), real + fake))
        return out

    def state(self) -> dict[str, Any]:
        """Everything that :meth:`load` needs; tensors and plain values only."""
        state = {name: getattr(self, name).state_dict() for name in ("g", "d", "g_opt", "d_opt")}
        state |= {"recipe": asdict(self.recipe), "done": self.done, "seen": self.seen}
        state |= {"last_g": self.last_g, "r1": self.r1, "penalised": self.penalised}
        return state | ({"ema": self.ema.state_dict()} if self.ema else {})

    def load(self, state: dict[str, Any]) -> None:
        """Go on from :meth:`state`. Raises ValueError when it is of another recipe."""
        if state["recipe"] != asdict(self.recipe):
            raise ValueError(f"the checkpoint is of another recipe than this {self.recipe.name}")
        for name in ("g", "d", "g_opt", "d_opt", *(("ema",) if self.ema else ())):
            getattr(self, name).load_state_dict(state[name])
        for name in ("done", "seen", "last_g", "r1", "penalised"):
            setattr(self, name, state[name])


def _update(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()


class Trainer(Protocol):
    """What :func:`run` needs: a step on a batch, and a state to resume from."""

    done: int
    device: str

    def step(self, real: Tensor, label: Tensor) -> dict[str, float]:
        """One step on pictures [B, 3, r, r] in [-1, 1] and labels [B, k]; its losses."""

    def state(self) -> dict[str, Any]:
        """Everything that ``load`` needs; tensors and plain values only."""

    def load(self, state: dict[str, Any]) -> None:
        """Go on from ``state``."""


def run(
    trainer: Trainer, reals: Reals, folder: Path, *, seed: int, batch: int, steps: int, every: int,
    record: Callable[[], dict[str, float]], until: float = ENDLESS, report: Report | None = None,
) -> bool:  # fmt: skip
    """Train to ``steps`` steps or to the moment ``until`` (monotonic); whether the steps are done.

    ``folder`` gets ``checkpoint.pt``, which is resumed, and ``log.jsonl``: what ``record`` gives before the
    first and after every ``every``-th step. At least one step is made. Raises ValueError when the checkpoint
    is of other pictures or another recipe.
    """
    checkpoint, log = folder / "checkpoint.pt", folder / "log.jsonl"
    folder.mkdir(parents=True, exist_ok=True)
    about = {"pictures": len(reals), "labels": float(reals.labels.sum()), "index": int(reals.index.sum())}
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
        if state.pop("reals") != about:
            raise ValueError(f"{checkpoint} is of other pictures")
        trainer.load(state)
        _cut(log, trainer.done)
    else:
        log.unlink(missing_ok=True)
        _note(log, 0, record())
    saved = time.monotonic()
    while trainer.done < steps:
        losses = trainer.step(*reals.batch(seed, trainer.done, batch))
        if report:
            report(trainer.done, losses)
        if trainer.done % every == 0:
            _note(log, trainer.done, record())
        now = time.monotonic()
        if now - saved > SAVE_EVERY_S or now >= until or trainer.done >= steps:
            save_whole({**trainer.state(), "reals": about}, checkpoint)
            saved = now
        if now >= until:
            break
    return trainer.done >= steps


def _note(log: Path, step: int, figures: dict[str, float]) -> None:
    with log.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"step": step, **figures}) + "\n")


def read_log(log: Path) -> list[dict[str, float]]:
    """The lines of a ``log.jsonl``, without a last one that was cut off."""
    lines = log.read_text("utf-8").splitlines(keepends=True) if log.exists() else []
    return [json.loads(line) for line in lines if line.endswith("\n")]


def _cut(log: Path, done: int) -> None:
    """Leave out what was noted after the checkpoint: those steps are made again."""
    kept = [line for line in read_log(log) if line["step"] <= done]
    log.write_text("".join(json.dumps(line) + "\n" for line in kept), "utf-8")
