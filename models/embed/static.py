"""Static embeddings: one vector for each piece of a word, a text the weighted sum of its pieces'.

What the table of associations cannot know, an entry for two pieces that never stood together, follows here
from what both stood with (a two-tower model with bags of n-grams, as DSSM, Huang et al., CIKM 2013).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from models.embed.associations import pieces
from models.runtime.loading import loading

FILE: Final = "static.safetensors"
NATS: Final = 20.0  # that a cosine of 1 counts for beside the nats of the table; on dev
_LEVELS: Final = 7  # of four bits with a sign
_CLIPS: Final = (1.0, 0.85, 0.7, 0.6)  # shares of a row's largest number that are tried as its largest step


@dataclass(frozen=True, slots=True, eq=False)
class StaticEmbeddings:
    """``vectors`` [pieces, dim], and what a piece counts in a memory and in a message, [pieces, 2]."""

    known: dict[str, int]
    vectors: NDArray[np.float32]
    weights: NDArray[np.float32]

    def bearing(self, message: str, memories: Sequence[str]) -> list[float]:
        """How near each memory is to the message, as nats of the table are, at least 0."""
        said = self._unit(message, 1)
        return [NATS * max(0.0, float(self._unit(memory, 0) @ said)) for memory in memories]

    def _unit(self, text: str, side: int) -> NDArray[np.float32]:
        """The unit vector [dim] of a text; zeros where no piece is known."""
        rows = [self.known[piece] for piece in pieces(text) if piece in self.known]
        whole: NDArray[np.float32] = self.weights[rows, side] @ self.vectors[rows]
        return whole / max(float(np.linalg.norm(whole)), 1e-8)

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
