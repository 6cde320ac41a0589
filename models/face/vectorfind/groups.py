"""The geometry of VectorFind: groups of codes, their extremes, and directions between these.

A linear SVM's normal tells best what to look at, not where to go: where codes lie unevenly, walking along it
changes hair and background too. Two other directions are offered. The ``pattern`` is the normal times the
covariance of the codes, along which everything that is drawn independently of the property stays (Haufe et
al., NeuroImage 2014). The ``joint`` directions are the coefficients of one linear regression of codes on all
scores together, ``code = mean + sum_k score_k * d_k + noise``: where scores are linear in the codes, a step
along d_k changes score k alone, even where scores go together among random codes.
"""

from __future__ import annotations

import warnings
from itertools import product

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC

Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]
Index = NDArray[np.int64]
SEED = 2025


def letters(scores: Floats, medians: Floats) -> NDArray[np.str_]:
    """Group names [n]: for each score [n, g] 'h' from its median [g] on, else 'l'."""
    marks = np.where(scores >= medians, "h", "l")
    out = np.full(len(scores), "", dtype=f"<U{max(1, len(medians))}")
    for column in marks.T:
        out = np.char.add(out, column)
    return out


def all_groups(count: int) -> tuple[str, ...]:
    """Names of the 2 ** count groups: hhh, hhl, ... lll; one without a name for 0."""
    return tuple("".join(each) for each in product("hl", repeat=count))


def extremes(scores: Floats, ratio: float) -> tuple[Index, Index]:
    """Which of scores [n] are lowest and highest, [k] each; k = max(int(ratio * n), 1)."""
    k = max(int(ratio * len(scores)), 1)
    order = np.argsort(scores, kind="stable")
    return order[:k], order[-k:]


def boundary(vectors: Vectors, low: Index, high: Index, seed: int = SEED) -> tuple[Floats, float]:
    """Normal [d] of a linear SVM between two choices of vectors [n, d], and its accuracy.

    The normal points to ``high``. Four fifths of each choice are learnt, the accuracy is that of the rest.
    Raises ValueError where a choice has fewer than two.
    """
    if min(len(low), len(high)) < 2:
        raise ValueError("an SVM needs two codes or more on each side")
    rng = np.random.default_rng(seed)
    learnt, unseen = [], []
    for side in (low, high):
        mixed, cut = rng.permutation(side), min(int(0.8 * len(side)), len(side) - 1)
        learnt.append(mixed[:cut])
        unseen.append(mixed[cut:])
    svm = LinearSVC(random_state=seed)
    with warnings.catch_warnings():
        # At the step limit, which the original kept too, the normal has long settled; its accuracy tells.
        warnings.simplefilter("ignore", ConvergenceWarning)
        svm.fit(vectors[np.concatenate(learnt)], np.repeat([0, 1], [len(side) for side in learnt]))
    truth = np.repeat([0, 1], [len(side) for side in unseen])
    return svm.coef_[0], float(svm.score(vectors[np.concatenate(unseen)], truth))


def pattern(vectors: Vectors, normal: Floats) -> Floats:
    """Covariance of vectors [n, d] times ``normal`` [d]."""
    along = vectors @ normal.astype(np.float32)
    return ((along - along.mean()) @ vectors / (len(vectors) - 1)).astype(np.float64)


def joint(vectors: Vectors, scores: Floats) -> Floats:
    """Directions [k, d], for one standard deviation of each of scores [n, k], the others at rest.

    Raises ValueError where a score does not vary, or is a sum of the others.
    """
    spread = scores.std(axis=0)
    if not (spread > 0).all():
        raise ValueError("a score does not vary among the codes")
    standard = (scores - scores.mean(axis=0)) / spread
    gram = standard.T @ standard / len(scores)
    if np.linalg.cond(gram) > 1e8:
        raise ValueError("scores depend on each other")
    cross = standard.T.astype(np.float32) @ vectors / len(scores)
    return np.linalg.solve(gram, cross.astype(np.float64))


def unit(directions: Floats) -> Floats:
    """Rows of length 1. Raises ValueError for one of length 0."""
    length = np.linalg.norm(directions, axis=-1, keepdims=True)
    if not (length > 0).all():
        raise ValueError("a direction has no length")
    return directions / length
