"""Her guess of a held-out score: trees over a problem's statistics and a choice, in NumPy.

The trees are grown by scikit-learn (:mod:`models.battle.train`) and stored as arrays; here they are
only read. All candidates of a search go through all trees at once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.runtime.loading import loading

Floats = NDArray[np.float32]
Row = Mapping[str, Any]

WEIGHTS: Final = "surrogate.safetensors"
CONFIG: Final = "config.json"
LOGARITHMIC: Final = "hp_lr"
ENDS: Final = 0.002  # scores are kept so far from 0 and 1 before their log-odds are taken


@dataclass(frozen=True)
class Encoder:
    """Columns as numbers: as they are, the learning rate by its logarithm, words one by one."""

    numbers: tuple[str, ...]
    words: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What each input is."""
        return (*self.numbers, *(f"{name}={word}" for name, words in self.words for word in words))

    def encode(self, rows: Sequence[Row]) -> Floats:
        """Inputs [rows, names]. Raises KeyError, ValueError for a column that is missing or no number."""
        numbers = np.array([[float(row[name]) for name in self.numbers] for row in rows], np.float64)
        if LOGARITHMIC in self.numbers:
            at = self.numbers.index(LOGARITHMIC)
            numbers[:, at] = np.log10(np.maximum(numbers[:, at], 1e-12))
        words = [[float(row[name] == word) for name, words in self.words for word in words] for row in rows]
        return np.concatenate([numbers, np.array(words).reshape(len(rows), -1)], 1).astype(np.float32)

    def varied(self, row: Row, columns: Mapping[str, Any]) -> Floats:
        """Inputs of rows that are ``row`` but for some columns; the same as encode, and quicker."""
        out = np.repeat(self.encode([row]), len(next(iter(columns.values()))), 0)
        for at, name in enumerate(self.numbers):
            if name in columns:
                found = np.array(columns[name], np.float64)
                out[:, at] = np.log10(np.maximum(found, 1e-12)) if name == LOGARITHMIC else found
        for at, (name, word) in enumerate(
            ((n, w) for n, words in self.words for w in words), len(self.numbers)
        ):
            if name in columns:
                out[:, at] = [each == word for each in columns[name]]
        return out


@dataclass(frozen=True, eq=False)
class Trees:
    """A forest: all nodes of all trees in a row, each before its left child; ``roots`` [trees].

    ``feature`` [nodes], -1 for a leaf; ``number`` [nodes]: the threshold, of a leaf its value; ``skip``
    [nodes]: how far on the right child is.
    """

    roots: NDArray[np.int32]
    feature: NDArray[np.signedinteger[Any]]
    number: Floats
    skip: NDArray[np.signedinteger[Any]]

    def each(self, inputs: Floats) -> Floats:
        """What every tree says [rows, trees]."""
        flat, wide = inputs.ravel(), inputs.shape[1]
        at = np.tile(self.roots, len(inputs))
        begin = np.repeat(np.arange(len(inputs)) * wide, len(self.roots))
        under_way = np.flatnonzero(self.feature[at] >= 0)
        here, begin = at[under_way], begin[under_way]
        while len(under_way):
            lower = flat[begin + self.feature[here]] <= self.number[here]
            here = here + np.where(lower, 1, self.skip[here])
            at[under_way] = here
            further = self.feature[here] >= 0
            under_way, here, begin = under_way[further], here[further], begin[further]
        return self.number[at].reshape(len(inputs), -1)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """For storing."""
        return {"roots": self.roots, "feature": self.feature, "number": self.number, "skip": self.skip}


@dataclass(frozen=True, eq=False)
class Surrogate:
    """The forest of a data set. It predicts log-odds of macro F1, so that .97 and .99 are told apart."""

    encoder: Encoder
    trees: Trees

    @cached_property
    def digest(self) -> str:
        """Twelve hex letters that another surrogate does not have."""
        found = hashlib.sha256(repr(self.encoder).encode())
        for array in self.trees.arrays().values():
            found.update(array.dtype.str.encode() + array.tobytes())
        return found.hexdigest()[:12]

    def each(self, rows: Sequence[Row]) -> Floats:
        """Log-odds that every tree expects [rows, trees]."""
        return self.trees.each(self.encoder.encode(rows))

    def predict(self, rows: Sequence[Row]) -> Floats:
        """Macro F1 [rows]."""
        return score(self.each(rows).mean(1))


def odds(scores: Floats) -> Floats:
    """Log-odds of scores in [0, 1]."""
    kept = np.clip(np.asarray(scores, np.float64), ENDS, 1.0 - ENDS)
    return np.log(kept / (1.0 - kept)).astype(np.float32)


def score(values: Floats) -> Floats:
    """The score of log-odds."""
    return (1.0 / (1.0 + np.exp(-values.astype(np.float64)))).astype(np.float32)


def load(folder: Path) -> dict[str, Surrogate]:
    """The surrogates of a folder by data set. Raises ModelError."""
    from safetensors.numpy import load_file

    with loading("battle surrogate"):
        config = json.loads((folder / CONFIG).read_text("utf-8"))
        arrays = load_file(folder / WEIGHTS)
        out = {}
        for name, about in config["datasets"].items():
            mine = {key.removeprefix(f"{name}."): value for key, value in arrays.items()
                    if key.startswith(f"{name}.")}  # fmt: skip
            words = tuple((key, tuple(each)) for key, each in about["words"].items())
            out[name] = Surrogate(Encoder(tuple(about["numbers"]), words), Trees(**mine))
        return out
