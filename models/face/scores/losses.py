"""Losses of score networks, and the figures of what they find on held-out pictures, both [n, k]."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from torch import Tensor
from torch.nn import functional as F

Floats = NDArray[np.float64]
UNCOUNTED: Final = "background_std"  # hardly learnable, so it has no say in when training ends


def squares(found: Tensor, wanted: Tensor) -> Tensor:
    """Squared error, summed over the k scores."""
    return (found - wanted).square().mean(dim=0).sum()


def cross_entropy(found: Tensor, wanted: Tensor) -> Tensor:
    """Of probabilities, summed over the batch."""
    return F.binary_cross_entropy(found, wanted, reduction="sum")


def errors(found: Floats, wanted: Floats, names: Sequence[str]) -> dict[str, float]:
    """``<name>_mse``, ``_mae``, ``_corr`` of every score; ``loss``, the mean mse without background_std."""
    squares, sizes = ((found - wanted) ** 2).mean(axis=0), np.abs(found - wanted).mean(axis=0)
    out = {"loss": float(np.mean([s for s, name in zip(squares, names, strict=True) if name != UNCOUNTED]))}
    for i, name in enumerate(names):
        out[f"{name}_mse"], out[f"{name}_mae"] = float(squares[i]), float(sizes[i])
        varies = min(np.ptp(found[:, i]), np.ptp(wanted[:, i])) > 0
        out[f"{name}_corr"] = float(np.corrcoef(found[:, i], wanted[:, i])[0, 1]) if varies else 0.0
    return out


def verdicts(threshold: float, fold: int) -> Callable[[Floats, Floats], dict[str, float]]:
    """What judges a filter: ``fold``, ``loss``, ``auroc``, and ``accuracy`` where ``threshold`` says yes."""

    def judge(found: Floats, wanted: Floats) -> dict[str, float]:
        sure = np.clip(found, 1e-7, 1 - 1e-7)
        loss = -np.mean(wanted * np.log(sure) + (1 - wanted) * np.log(1 - sure))
        right = np.mean((found >= threshold) == (wanted == 1))
        auroc = roc_auc_score(wanted[:, 0], found[:, 0])
        return {"fold": fold, "loss": float(loss), "auroc": float(auroc), "accuracy": float(right)}

    return judge
