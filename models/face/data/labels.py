"""Pictures with labels of the expression, for the plain adversarial way: what is real, and how it looks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.face.data.dataset import STRETCH, Portraits, PortraitSet, draws, learnt
from models.face.data.photos import PhotoFolder
from models.face.stylegan.latent import N_EXPRESSION
from models.face.vectorfind.codes import EXPRESSION

UNKNOWN_SEED = 2025


def labels_of(portraits: Portraits) -> NDArray[np.float32]:
    """Eyes, mouth and pose [n, 3], N(0, 1) or nearly so, of painted or photographed portraits.

    Of photographs they are the z-scores in their label file; what is not there is drawn N(0, 1), and says
    nothing then.
    """
    if isinstance(portraits, PortraitSet):
        return portraits.codes[:, :N_EXPRESSION] / np.float32(STRETCH)
    out = np.random.default_rng(UNKNOWN_SEED).standard_normal((len(portraits), N_EXPRESSION))
    if isinstance(portraits, PhotoFolder):
        for i, name in enumerate(EXPRESSION):
            if name in portraits.label_names:
                scores = portraits.labels([name], z_scores=True)[:, 0]
                out[:, i] = np.where(np.isnan(scores), out[:, i], scores)
    return out.astype(np.float32)


def labelled(
    portraits: Portraits, *, seed: int, batch: int, resolution: int, start: int = 0
) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless (labels [B, 3], pictures [B, 3, r, r] in [-1, 1]) of those that are not held out.

    Which they are is a pure function of seed and number, from batch ``start`` on.
    """
    labels = labels_of(portraits)
    for index in draws(learnt(portraits), seed=seed, batch=batch, start=start):
        yield torch.from_numpy(labels[index]), portraits.pictures(index, resolution)
