"""What a message is: linear classifiers on the n-grams and the sentence vector of the exemplar index.

Logistic regressions (scikit-learn), stored as plain arrays with a predict of their own that the tests
compare. ``tells``: whether the message tells something about its person that is worth remembering;
``improper``: whether it asks for what she declines; ``follows``: whether it needs what was said before it;
and one for each fact of her card: whether the right reply states it. The labels are the corpus's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from models.text.card import facts, stated
from models.text.corpus_data import Row

FILE: Final = "heads.npz"
VECTOR_SCALE: Final = 2.0  # of the vector beside n-grams of unit length, before regularisation
LABELS: Final[dict[str, Callable[[Row], bool]]] = {
    "tells": lambda row: bool(row.memory),
    "improper": lambda row: row.declines,
    "follows": lambda row: bool(row.summary_in),
}
STRENGTH: Final = 8.0  # C of scikit-learn, chosen on dev
SMALL: Final = 0.05  # n-gram weights below it are stored as 0, for most say nothing about her card


def labels_of(rows: Sequence[Row]) -> dict[str, NDArray[np.bool_]]:
    """What each head should say of the rows, [rows]; heads that would say the same of all are left out."""
    said = [stated(row) for row in rows]
    every = {name: np.array([label(row) for row in rows]) for name, label in LABELS.items()}
    every |= {name: np.array([name in facts_ for facts_ in said]) for name in facts()}
    return {name: label for name, label in every.items() if label.any() and not label.all()}


@dataclass(frozen=True)
class Heads:
    """Weights of all heads: [heads, n-grams], [heads, dimensions], [heads]."""

    names: tuple[str, ...]
    ngrams: NDArray[np.float32]
    vector: NDArray[np.float32]
    bias: NDArray[np.float32]

    @classmethod
    def fit(cls, rows: Sequence[Row], texts: csr_matrix[Any], vectors: NDArray[np.floating[Any]]) -> Heads:
        """Heads for the rows with these TF-IDF [rows, n-grams] and sentence vectors [rows, dimensions]."""
        from scipy.sparse import hstack
        from sklearn.linear_model import LogisticRegression

        x = hstack([texts, csr_matrix(vectors * VECTOR_SCALE)]).tocsr()
        labels = labels_of(rows)
        found = []
        for label in labels.values():
            model = LogisticRegression(C=STRENGTH, class_weight="balanced", solver="liblinear")
            found.append(model.fit(x, label))
        weights = np.stack([model.coef_[0] for model in found]).astype(np.float32)
        n = texts.shape[1]
        bias = np.array([model.intercept_[0] for model in found], dtype=np.float32)
        words = np.where(np.abs(weights[:, :n]) < SMALL, np.float32(0), weights[:, :n])
        return cls(tuple(labels), words, weights[:, n:] * np.float32(VECTOR_SCALE), bias)

    def scores(self, text: csr_matrix[Any], vector: NDArray[np.floating[Any]]) -> dict[str, float]:
        """Log-odds of every head for one message: its TF-IDF [1, n-grams] and sentence vector."""
        out = np.asarray(text @ self.ngrams.T)[0] + self.vector @ vector + self.bias
        return dict(zip(self.names, map(float, out), strict=True))

    def save(self, path: Path, model_id: str) -> None:
        """Write the arrays, n-grams in int8 with a scale for each head, bound to the sentence model."""
        scales = np.abs(self.ngrams).max(axis=1, keepdims=True).clip(1e-8) / 127
        arrays: Mapping[str, Any] = {
            "names": np.array(self.names), "ngrams": np.rint(self.ngrams / scales).astype(np.int8),
            "scales": scales, "vector": self.vector.astype(np.float16), "bias": self.bias,
            "model_id": np.array(model_id),
        }  # fmt: skip
        np.savez_compressed(path, **arrays)

    @classmethod
    def load(cls, path: Path, model_id: str, ngrams: int) -> Heads | None:
        """The heads of a file; None when there is none, or it was made for other n-grams or vectors."""
        if not path.is_file():
            return None
        with np.load(path, allow_pickle=False) as stored:
            if str(stored["model_id"]) != model_id or stored["ngrams"].shape[1] != ngrams:
                return None
            words = stored["ngrams"] * stored["scales"]
            names = tuple(map(str, stored["names"]))
            return cls(names, words, stored["vector"].astype(np.float32), stored["bias"])
