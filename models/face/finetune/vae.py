"""FineTune-v3 of the original Oh-LoRA: a conditional autoencoder whose decoder is the face generator.

An encoder reads a code off a picture and its labels (Kingma and Welling, ICLR 2014; conditional: Sohn et
al., NeurIPS 2015), and the generator's mapping learns to show what the labels say, judged by frozen score
networks instead of by the picture. The encoder learns slowly on purpose: it serves only while codes hardly
depend on the picture. Codes are then chosen by how well 50 pictures of each follow their labels.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from itertools import pairwise, product
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from models.face.finetune.data import seeded
from models.face.finetune.recipes import EXPRESSION, MAPPING, RELABELLED, relabelled, succeed, train_only
from models.face.scores.measures import NAMES
from models.face.scores.networks import PropertyScoreCNN, ScoreNet
from models.face.stylegan.generator import Generator, GeneratorConfig

CHANNELS: Final = (32, 64, 128, 128, 256)
COLUMNS: Final = [NAMES.index(name) for name in EXPRESSION]  # of what a property network puts out
LEAST_CORRELATION: Final = np.array([0.77, 0.85, 0.82])  # of eyes, mouth, pose
MOST_ERROR: Final = np.array([1.0, 0.6, 1.4])
TRIED: Final = 30  # codes that are judged after an epoch: of the first pictures of its last batches
PLACES: Final = np.array(
    list(product((-1.8, 1.8), (-1.2, -0.6, 0.0, 0.8, 1.6), (-1.2, 0.0, 1.2, 2.4, 3.6))), np.float32
)  # [50, 3]: eyes, mouth, pose

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class VaeTune:
    """The recipe. An epoch is as many batches as the pictures fill; the rates swing along a cosine."""

    name: str = "v3"
    start: str = "v1"
    data: str = "base"
    labels: tuple[str, ...] = NAMES
    fresh: tuple[str, ...] = RELABELLED
    batch: int = 8
    lr: float = 1e-4  # of the generator's mapping
    speed: float = 1.0  # times lr
    encoder_lr: float = 1e-5
    period: int = 10  # epochs in which the rates fall to 0
    of_mu: float = 0.2
    of_logvar: float = 0.05
    width: float = 1.0  # times the encoder's channels
    seed: int = 20031011


class Encoder(nn.Module):
    """Pictures [B, 3, r, r] and labels [B, k] -> mean and log variance of z, [B, z_dim] each; r = 32 m."""

    def __init__(self, config: GeneratorConfig, width: float = 1.0) -> None:
        super().__init__()
        sizes = [3, *(max(1, round(n * width)) for n in CHANNELS)]
        convs = [nn.Conv2d(a, b, 4, 2, 1, padding_mode="reflect") for a, b in pairwise(sizes)]
        self.convs = nn.Sequential(*(layer for conv in convs for layer in (conv, nn.LeakyReLU())))
        n_flat, hidden = sizes[-1] * (config.resolution // 32) ** 2, max(1, round(512 * width))
        self.fc = nn.Sequential(nn.Linear(n_flat + config.n_labels, hidden), nn.ELU())
        self.mu = nn.Linear(hidden + config.n_labels, config.z_dim)
        self.logvar = nn.Linear(hidden + config.n_labels, config.z_dim)

    def forward(self, image: Tensor, label: Tensor) -> tuple[Tensor, Tensor]:
        """The mean and the log variance."""
        x = self.fc(torch.cat([self.convs(image).flatten(1), label], dim=1))
        x = torch.cat([x, label], dim=1)
        return self.mu(x), self.logvar(x)


def vae_losses(
    recipe: VaeTune, found: Tensor, wanted: Tensor, gender: Tensor, mu: Tensor, logvar: Tensor
) -> dict[str, Tensor]:
    """Mean squared errors of scores [B, 3] and of gender [B, 1] against 1, mean squares of mu and logvar.

    These parts come unweighted, ``loss`` is their weighted sum.
    """
    parts = {
        "scores": F.mse_loss(found, wanted),
        "gender": (gender - 1).square().mean(),
        "mu": mu.square().mean(),
        "logvar": logvar.square().mean(),
    }
    weighted = recipe.of_mu * parts["mu"] + recipe.of_logvar * parts["logvar"]
    return {"loss": parts["scores"] + parts["gender"] + weighted, **parts}


def prepare_vae(recipe: VaeTune, generator: Generator) -> tuple[Generator, Encoder]:
    """The decoder, made of its forerunner with a label input of its own, and a fresh encoder."""
    torch.manual_seed(recipe.seed)
    made = Generator(relabelled(generator.config, len(recipe.labels)))
    succeed(made, generator.state_dict(), recipe.fresh, may=RELABELLED)
    train_only(made, MAPPING)
    return made, Encoder(made.config, recipe.width)


@dataclass(frozen=True)
class Judged:
    """How well pictures of codes z [n, z_dim] follow: ``correlation`` and mean ``error`` [n, 3]."""

    z: Tensor
    correlation: Floats
    error: Floats

    @property
    def passed(self) -> NDArray[np.bool_]:
        """Which codes [n] reach all six limits of the original."""
        follows = (self.correlation >= LEAST_CORRELATION) & (self.error <= MOST_ERROR)
        return np.asarray(follows.all(axis=1))

    @property
    def best(self) -> int:
        """Of the codes that pass, or of all where none does, the one with the highest mean correlation."""
        return int(np.argmax(self.correlation.mean(axis=1) + 2 * self.passed))

    @property
    def told(self) -> dict[str, Any]:
        """The best code and its figures, as JSON has them."""
        i = self.best
        return {
            "passed": bool(self.passed[i]), "mean": float(self.correlation[i].mean()),
            "correlation": self.correlation[i].tolist(), "error": self.error[i].tolist(),
            "z": self.z[i].tolist(),
        }  # fmt: skip


def judge(found: Floats, z: Tensor) -> Judged:
    """Compare scores ``found`` [n, 50, 3] with :data:`PLACES`. A score that never changes correlates 0."""
    asked = PLACES.astype(np.float64)
    a, b = asked - asked.mean(axis=0), found - found.mean(axis=1, keepdims=True)
    norm = np.sqrt((a**2).sum(axis=0) * (b**2).sum(axis=1))
    varies = np.ptp(found, axis=1) > 0
    correlation = np.where(varies, (a * b).sum(axis=1) / np.where(varies, norm, 1.0), 0.0)
    return Judged(z, correlation, np.abs(found - asked).mean(axis=1))


class VaeTrainer:
    """Holds networks, optimisers and step; one call of :meth:`step` is one optimiser step.

    ``properties`` and ``gender`` are frozen in eval mode; ``epoch`` is in steps.
    """

    def __init__(
        self, recipe: VaeTune, generator: Generator, encoder: Encoder, properties: PropertyScoreCNN,
        gender: ScoreNet, *, epoch: int, device: str = "cpu",
    ) -> None:  # fmt: skip
        self.recipe, self.epoch, self.device, self.done = recipe, epoch, device, 0
        self.g, self.encoder = generator.to(device), encoder.to(device)
        self.properties, self.gender = (
            net.to(device).eval().requires_grad_(False) for net in (properties, gender)
        )
        mapping = [p for p in self.g.parameters() if p.requires_grad]
        groups = [
            {"params": mapping, "lr": recipe.lr * recipe.speed},
            {"params": [*self.encoder.parameters()], "lr": recipe.encoder_lr},
        ]
        self.rates = [recipe.lr * recipe.speed, recipe.encoder_lr]
        self.opt = torch.optim.AdamW(groups)
        self.recent = torch.empty(0, self.g.config.z_dim)
        self.sums: dict[str, list[float]] = {}

    def step(self, real: Tensor, label: Tensor) -> dict[str, float]:
        """One step on pictures [B, 3, r, r] in [-1, 1] and labels [B, k]; :func:`vae_losses`."""
        seeded(self.recipe.seed, self.done)
        swing = (1 + math.cos(math.pi * (self.done // self.epoch) / self.recipe.period)) / 2
        for group, rate in zip(self.opt.param_groups, self.rates, strict=True):
            group["lr"] = rate * swing
        real, label = real.to(self.device), label.to(self.device)
        mu, logvar = self.encoder(real, label)
        z = mu + torch.randn_like(mu) * (logvar / 2).exp()
        image = self.g(z, label, randomize_noise=True)
        wanted = label[:, [self.recipe.labels.index(name) for name in EXPRESSION]]
        found = self.properties(image)[:, COLUMNS]
        losses = vae_losses(self.recipe, found, wanted, self.gender(image), mu, logvar)
        self.opt.zero_grad(set_to_none=True)
        losses["loss"].backward()
        self.opt.step()
        self.recent = torch.cat([self.recent, z[:1].detach().cpu()])[-TRIED:]
        self.done += 1
        out = {key: float(value.detach()) for key, value in losses.items()}
        for key, number in out.items():
            self.sums.setdefault(key, []).append(number)
        return out

    def figures(self) -> dict[str, float]:
        """Mean losses since the last call."""
        sums, self.sums = self.sums, {}
        return {key: float(np.mean(values)) for key, values in sums.items()}

    def judged(self) -> Judged:
        """The codes of the last batches, 50 pictures each with stored noise."""
        label = torch.zeros(len(PLACES), len(self.recipe.labels))
        label[:, [self.recipe.labels.index(name) for name in EXPRESSION]] = torch.from_numpy(PLACES)
        label, found = label.to(self.device), []
        with torch.inference_mode():
            for z in self.recent.to(self.device):
                image = self.g(z.expand(len(label), -1), label)
                found.append(self.properties(image)[:, COLUMNS].double().cpu().numpy())
        return judge(np.stack(found), self.recent)

    def state(self) -> dict[str, Any]:
        """Everything that :meth:`load` needs; tensors and plain values only."""
        networks = {name: getattr(self, name).state_dict() for name in ("g", "encoder", "opt")}
        own = {name: getattr(self, name) for name in ("done", "epoch", "recent", "sums")}
        return {**networks, **own, "recipe": asdict(self.recipe)}

    def load(self, state: dict[str, Any]) -> None:
        """Go on from :meth:`state`. Raises ValueError when it is of another recipe or other epochs."""
        if (state["recipe"], state["epoch"]) != (asdict(self.recipe), self.epoch):
            raise ValueError(f"the checkpoint is of another recipe than this {self.recipe.name}")
        for name in ("g", "encoder", "opt"):
            getattr(self, name).load_state_dict(state[name])
        self.done, self.recent, self.sums = state["done"], state["recent"].cpu(), state["sums"]
