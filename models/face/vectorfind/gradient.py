"""Directions from gradients: small networks learn scores of codes, and each face is moved along their slope.

A method of the original's v3.1, with its sizes and schedule. The gradient is taken in eval mode; the original
left dropout on, which makes a direction random.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.face.vectorfind.codes import EXPRESSION


def score_mlp(d: int) -> nn.Sequential:
    """Codes [B, d] -> a score [B, 1] through 768 + d/4 and 128 + d/8 units."""
    wide, narrow = 768 + d // 4, 128 + d // 8
    return nn.Sequential(
        nn.Linear(d, wide), nn.Tanh(), nn.Dropout(0.25),
        nn.Linear(wide, narrow), nn.Tanh(), nn.Dropout(0.25),
        nn.Linear(narrow, 1),
    )  # fmt: skip


@dataclass(frozen=True)
class GradientConfig:
    """Schedule; eight tenths are learnt, one chooses the epoch, one gives the error."""

    lr: float = 1e-3
    decay: float = 0.95
    batch: int = 16
    patience: int = 15
    epochs: int = 200
    seed: int = 2025
    device: str = "cpu"


@dataclass(frozen=True)
class Gradients:
    """A network for each of eyes, mouth, pose, in eval mode; their mean squared errors on unseen codes."""

    nets: nn.ModuleList
    errors: tuple[float, ...]

    def at(self, codes: Tensor) -> Tensor:
        """Unit directions [B, 3, d] in which the scores of codes [B, d] rise."""
        device = next(self.nets.parameters()).device
        with torch.enable_grad():
            there = codes.detach().to(device).requires_grad_(True)
            slopes = [torch.autograd.grad(net(there).sum(), there)[0] for net in self.nets]
        return nn.functional.normalize(torch.stack(slopes, dim=1), dim=2).cpu()


def learn_scores(codes: Tensor, scores: Tensor, config: GradientConfig | None = None) -> Gradients:
    """Fit the networks to scores [n, 3] of codes [n, d]; the best epoch's are kept.

    Raises ValueError for fewer than ten codes.
    """
    config = config or GradientConfig()
    if len(codes) < 10 or scores.shape != (len(codes), len(EXPRESSION)):
        raise ValueError(f"{len(codes)} codes and scores {list(scores.shape)}: ten or more and three each")
    generator = torch.Generator().manual_seed(config.seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        nets = nn.ModuleList(score_mlp(codes.shape[1]) for _ in EXPRESSION).to(config.device)
        order = torch.randperm(len(codes), generator=generator)
        cuts = [int(0.8 * len(codes)), int(0.9 * len(codes))]
        learnt, chosen, unseen = order.tensor_split(cuts)
        _train(nets, codes, scores.float(), (learnt, chosen), config, generator)
    errors = _errors(nets, codes, scores, unseen, config)
    return Gradients(nets, tuple(float(error) for error in errors))


def _train(
    nets: nn.ModuleList, codes: Tensor, scores: Tensor, parts: tuple[Tensor, Tensor],
    config: GradientConfig, generator: torch.Generator,
) -> None:  # fmt: skip
    learnt, chosen = parts
    optimizer = torch.optim.AdamW(nets.parameters(), config.lr)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, config.decay)
    least, best, waited = math.inf, copy.deepcopy(nets.state_dict()), 0
    for _ in range(config.epochs):
        nets.train()
        for index in learnt[torch.randperm(len(learnt), generator=generator)].split(config.batch):
            here, wanted = codes[index].to(config.device), scores[index].to(config.device)
            loss = (_predict(nets, here) - wanted).square().mean(dim=0).sum()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
        schedule.step()
        now = float(_errors(nets, codes, scores, chosen, config).sum())
        waited += 1
        if now < least:
            least, best, waited = now, copy.deepcopy(nets.state_dict()), 0
        if waited >= config.patience:
            break
    nets.load_state_dict(best)
    nets.eval()


def _predict(nets: nn.ModuleList, codes: Tensor) -> Tensor:
    return torch.cat([net(codes) for net in nets], dim=1)


def _errors(
    nets: nn.ModuleList, codes: Tensor, scores: Tensor, index: Tensor, config: GradientConfig
) -> Tensor:
    """Mean squared errors [3] in eval mode."""
    nets.eval()
    with torch.no_grad():
        found = torch.cat([_predict(nets, part.to(config.device)).cpu() for part in codes[index].split(1024)])
    return (found - scores[index]).square().mean(dim=0)
