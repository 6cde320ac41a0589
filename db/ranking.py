"""Scores for the facts of one owner: meaning by vectors, spelling by letter pairs."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from db.lexical import grams, overlap

COSINE_SHARE: Final = 0.75
LEXICAL_SHARE: Final = 0.25
_STORED: Final = np.dtype("<f4")


def pack(vector: array[float]) -> bytes:
    """A vector as it is stored: little-endian float32."""
    return np.asarray(vector, dtype=_STORED).tobytes()


def scores(
    text: str, vector: array[float] | None, facts: Sequence[str], blobs: Sequence[bytes | None]
) -> list[float]:
    """One score for each fact, at most 1; ``blobs[i]`` is the vector of ``facts[i]`` if it has one.

    0.75 cosine + 0.25 letter pairs where both vectors are there, letter pairs alone elsewhere.
    """
    wanted = grams(text)
    spelt = [overlap(wanted, grams(fact)) for fact in facts]
    if vector is None or not len(vector):
        return spelt
    for i, cosine in enumerate(cosines(vector, blobs)):
        if cosine is not None:
            spelt[i] = COSINE_SHARE * cosine + LEXICAL_SHARE * spelt[i]
    return spelt


def cosines(vector: array[float], blobs: Sequence[bytes | None]) -> list[float | None]:
    """The cosine of a vector with each of others, None for those that it cannot be compared with."""
    query = np.asarray(vector, dtype=np.float32)
    fitting = [i for i, blob in enumerate(blobs) if blob is not None and len(blob) == 4 * len(query)]
    found: list[float | None] = [None] * len(blobs)
    if fitting and len(query):
        for i, cosine in zip(
            fitting, _cosines(query, b"".join(blobs[i] or b"" for i in fitting)).tolist(), strict=True
        ):
            found[i] = cosine
    return found


def _cosines(query: NDArray[np.float32], blob: bytes) -> NDArray[np.float32]:
    rows = np.frombuffer(blob, dtype=_STORED).reshape(-1, len(query))
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(query)
    # vectors are of unit length by contract; a broken one must not outrank the others
    found: NDArray[np.float32] = np.nan_to_num(rows @ query / np.maximum(lengths, 1e-12), nan=0.0)
    return np.clip(found, -1.0, 1.0)
