"""Static embeddings: one vector for each piece of a word, a text the weighted sum of its pieces'.

What the table of associations cannot know, an entry for two pieces that never stood together, follows here
from what both stood with (a two-tower model with bags of n-grams, as DSSM, Huang et al., CIKM 2013). The same
vectors, compared piece by piece (late interaction, as ColBERT, Khattab and Zaharia, SIGIR 2020), say whether
one thing of a memory answers to what is said, however little the rest of it does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from models.runtime.loading import loading

FILE: Final = "static.safetensors"
NATS: Final = 15.0  # that a cosine of whole texts counts for beside the nats of the table; on dev
PIECE_NATS: Final = 20.0  # that the pieces' nearest ones count for where all of them are the same; on dev
_LEVELS: Final = 7  # of four bits with a sign
_CLIPS: Final = (1.0, 0.85, 0.7, 0.6)  # shares of a row's largest number that are tried as its largest step


@dataclass(frozen=True, slots=True, eq=False)
class StaticEmbeddings:
    """``vectors`` [pieces, dim], and what a piece counts in a memory and in a message, [pieces, 2]."""

    known: dict[str, int]
    vectors: NDArray[np.float32]
    weights: NDArray[np.float32]

    def bearing(self, message: list[str], memories: Sequence[list[str]]) -> list[float]:
        """How near each memory is to the message, all in pieces, as nats of the table are, at least 0."""
        said, known = self._rows(message), [self._rows(memory) for memory in memories]
        whole = self._unit(said, 1)
        wholes = [max(0.0, float(self._unit(rows, 0) @ whole)) for rows in known]
        nearest = self._nearest(said, known)
        return [NATS * one + PIECE_NATS * other for one, other in zip(wholes, nearest, strict=True)]

    def _rows(self, text: list[str]) -> list[int]:
        return [self.known[piece] for piece in text if piece in self.known]

    def _unit(self, rows: Sequence[int], side: int) -> NDArray[np.float32]:
        """The unit vector [dim] of a text's pieces; zeros where there are none."""
        whole: NDArray[np.float32] = self.weights[rows, side] @ self.vectors[rows]
        return whole / max(float(np.linalg.norm(whole)), 1e-8)

    def _nearest(self, said: Sequence[int], known: Sequence[Sequence[int]]) -> list[float]:
        """For each memory the cosines of the message's pieces with those of its that are nearest, their mean.

        What a piece counts weighs it; 0 at least, and where a text has no pieces.
        """
        found = np.zeros(len(known))
        having = [number for number, rows in enumerate(known) if rows]
        counts = self.weights[said, 1].clip(min=0.0)
        if having and counts.sum() > 0:
            every = self._units([row for number in having for row in known[number]])
            first = np.cumsum([0, *(len(known[number]) for number in having[:-1])])
            nearest = np.maximum.reduceat(self._units(said) @ every.T, first, axis=1)
            found[having] = (counts @ nearest / counts.sum()).clip(min=0.0)
        values: list[float] = found.tolist()
        return values

    def _units(self, rows: Sequence[int]) -> NDArray[np.float32]:
        """Unit vectors [rows, dim] of pieces."""
        vectors = self.vectors[rows]
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True).clip(min=1e-8)
        units: NDArray[np.float32] = vectors / lengths
        return units

    def save(self, path: Path) -> None:
        """Write the vectors in four bits a number, with a scale a row, and the pieces as text."""
        steps, scales = _rounded(self.vectors)
        half = (steps[:, ::2] & 15) | (steps[:, 1::2] << 4)
        joined = np.frombuffer("\n".join(self.known).encode(), dtype=np.uint8)
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(
            {"pieces": joined, "vectors": half.astype(np.uint8), "scales": scales.astype(np.float16),
             "weights": self.weights.astype(np.float16)},
            path,
        )  # fmt: skip

    @classmethod
    def load(cls, path: Path) -> StaticEmbeddings:
        """The embeddings of a file. Raises ModelError when it is missing or damaged."""
        with loading(f"static embeddings in {path.parent.name}"):
            stored = load_file(path)
            known = {piece: row for row, piece in enumerate(stored["pieces"].tobytes().decode().split("\n"))}
            half = stored["vectors"].astype(np.int8)
            # Shifted left and right again, the sign of four bits is that of eight.
            steps = np.stack([half << 4 >> 4, half >> 4], axis=2).reshape(len(half), -1)
            vectors = steps * stored["scales"].astype(np.float32)
            weights = stored["weights"].astype(np.float32)
            if not len(known) == len(vectors) == len(weights):
                raise ValueError("pieces without vectors")
            return cls(known, vectors, weights)


def _rounded(vectors: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Steps [pieces, dim] and their size in each row [pieces, 1], the size that loses least."""
    largest = np.abs(vectors).max(axis=1, keepdims=True).clip(1e-6)
    tried = [(largest * clip / _LEVELS).astype(np.float16).astype(np.float32) for clip in _CLIPS]
    steps = [np.rint(vectors / scale).clip(-_LEVELS, _LEVELS) for scale in tried]
    lost = [((step * scale - vectors) ** 2).sum(axis=1) for step, scale in zip(steps, tried, strict=True)]
    best, rows = np.argmin(lost, axis=0), np.arange(len(vectors))
    return np.stack(steps)[best, rows].astype(np.int8), np.stack(tried)[best, rows]
