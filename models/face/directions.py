"""Directions in w that open the eyes, open the mouth and turn the head.

VectorFind of the original: draw codes, score their pictures with the property CNN, fit a linear SVM
between the top and bottom share for each property, take its normal (sign flipped so that + raises
the score). Ours adds two things. A normal tells best what to look at, not where to go: where the codes
lie unevenly, walking along it changes hair and background too. The direction to walk is the normal
times the covariance of w (the activation pattern of a linear classifier; Haufe et al., NeuroImage
2014), along which everything that is drawn independently of the property stays. And every face gets a
table from wanted scores to multipliers, so that +-1 is the painter's range.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.svm import LinearSVC
from torch import Tensor

from models.face.networks import Generator
from models.face.property import PROPERTIES, PropertyCNN

Floats = NDArray[np.float64]
SHARE = 0.2  # of the codes on each side of a property


@dataclass(frozen=True)
class Directions:
    """``normals`` [3, w_dim]: unit vectors in w, + raises the score; ``accuracy`` of each SVM.

    ``spread`` [3] is the standard deviation of random w along each normal.
    """

    normals: Tensor
    accuracy: tuple[float, ...]
    spread: Floats


def w_space(generator: Generator, z: Tensor, label: Tensor) -> Tensor:
    """w [B, w_dim] of codes."""
    with torch.inference_mode():
        return generator.mapping(z, label)


def pictures(generator: Generator, w: Tensor, batch: int = 16) -> Tensor:
    """Images of w codes, clamped to [-1, 1]."""
    with torch.inference_mode():
        parts = [generator.synthesis(generator.truncation(part)).clamp(-1, 1) for part in w.split(batch)]
    return torch.cat(parts)


def measure(generator: Generator, cnn: PropertyCNN, w: Tensor) -> Tensor:
    """Property scores [B, 3] of the pictures of w codes."""
    with torch.inference_mode():
        return torch.cat([cnn(pictures(generator, part)) for part in w.split(64)])


def find_directions(generator: Generator, cnn: PropertyCNN, n: int = 3000, seed: int = 2025) -> Directions:
    """SVM directions from ``n`` random codes; accuracy on a held-out fifth of the extremes."""
    rng = torch.Generator().manual_seed(seed)
    config = generator.config
    z = torch.randn(n, config.z_dim, generator=rng)
    label = 1.3 * torch.randn(n, config.n_labels, generator=rng)
    w = w_space(generator, z, label)
    scores = measure(generator, cnn, w).numpy()
    vectors = w.numpy()
    covariance = np.cov(vectors.T)
    normals, accuracy = [], []
    for i in range(len(PROPERTIES)):
        order = np.argsort(scores[:, i])
        k = int(SHARE * n)
        x = np.concatenate([vectors[order[:k]], vectors[order[-k:]]])
        y = np.repeat([0, 1], k)
        shuffled = np.random.default_rng(seed).permutation(len(x))
        cut = int(0.8 * len(x))
        svm = LinearSVC(random_state=seed).fit(x[shuffled[:cut]], y[shuffled[:cut]])
        accuracy.append(float(svm.score(x[shuffled[cut:]], y[shuffled[cut:]])))
        pattern = covariance @ svm.coef_[0]  # classes sort 0 < 1: + raises the score
        normals.append(pattern / np.linalg.norm(pattern))
    spread = (vectors @ np.array(normals).T).std(axis=0).astype(np.float64)
    return Directions(torch.tensor(np.array(normals), dtype=torch.float32), tuple(accuracy), spread)


def _terms(scores: Floats) -> Floats:
    """Second-order terms of wanted scores, [rows, 10]."""
    a, b, c = scores.T
    one = np.ones_like(a)
    return np.stack([one, a, b, c, a * a, b * b, c * c, a * b, a * c, b * c], axis=1)


@dataclass(frozen=True)
class Calibration:
    """Wanted scores -> multipliers of the normals for one face; second-order, clipped to what was seen."""

    coefficients: Floats  # [10, 3]
    low: Floats  # [3]
    high: Floats  # [3]

    def multipliers(self, scores: Floats) -> Floats:
        """Multipliers [rows, 3] for wanted scores [rows, 3] in [-1, 1]."""
        return np.clip(_terms(np.clip(scores, -1, 1)) @ self.coefficients, self.low, self.high)


def grid(steps: Floats, reach: Floats | float) -> Floats:
    """All combinations of ``steps`` (in [-1, 1]) on three axes, times ``reach`` (of each axis)."""
    return reach * np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)


def calibrate(
    generator: Generator, cnn: PropertyCNN, w: Tensor, normals: Tensor, reach: Floats | float
) -> tuple[Calibration, Floats]:
    """Measure a grid of multipliers on one face and invert it; also returns the measured scores.

    ``w`` [w_dim] is the face at rest. The inverse is fitted on the part of the grid that lies inside
    the painter's range, a little beyond at most.
    """
    tried = grid(np.linspace(-1, 1, 5), reach)
    codes = w + torch.tensor(tried, dtype=torch.float32) @ normals
    seen = measure(generator, cnn, codes).numpy().astype(np.float64)
    inside = (np.abs(seen) < 1.25).all(axis=1)
    x, y = _terms(seen[inside]), tried[inside]
    coefficients = np.asarray(np.linalg.solve(x.T @ x + 1e-2 * np.eye(x.shape[1]), x.T @ y), np.float64)
    bound = np.broadcast_to(np.asarray(reach, np.float64), (3,)).copy()
    return Calibration(coefficients, -bound, bound), seen


def check_face(
    generator: Generator, cnn: PropertyCNN, w: Tensor, normals: Tensor, calibration: Calibration
) -> Floats:
    """Correlation of asked and measured scores on the 50-picture grid (2 eyes x 5 mouth x 5 pose)."""
    eyes, five = np.array([-0.8, 0.8]), np.linspace(-0.9, 0.9, 5)
    asked = np.stack(np.meshgrid(eyes, five, five, indexing="ij"), axis=-1).reshape(-1, 3)
    codes = w + torch.tensor(calibration.multipliers(asked), dtype=torch.float32) @ normals
    seen = measure(generator, cnn, codes).numpy()
    return np.array([np.corrcoef(asked[:, i], seen[:, i])[0, 1] for i in range(len(PROPERTIES))])
