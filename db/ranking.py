"""Scores for the facts of one account: meaning by vectors, spelling by letter pairs."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from core.facts import TOLD_AS_PAST
from core.merging import family
from db.lexical import letter_pairs

COSINE_SHARE: Final = 0.9
LEXICAL_SHARE: Final = 0.1
_STORED: Final = np.dtype("<f4")
_FOR_GOOD: Final = date.max.toordinal()
_Floats = NDArray[np.float32]


class Row(NamedTuple):
    """What is read of a fact, ``ends`` and ``vector`` where it has them; ``created`` has an order."""

    id: int
    text: str
    created: Any
    ends: date | None
    vector: bytes | None
    key: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """The facts of one account in one scope that count, as arrays, newest first, with one model's vectors.

    ``vectors`` are unit rows for each length of vector, with the places of their facts.
    """

    ids: NDArray[np.int64]
    ends: NDArray[np.int64]  # days
    pairs: NDArray[np.uint64]
    having: NDArray[np.int32]  # the place of the fact that has a pair
    counts: NDArray[np.int64]  # pairs of each fact
    families: tuple[str, ...]
    family: NDArray[np.int32]  # the place of each fact's own among them
    places: tuple[NDArray[np.int64], ...]
    vectors: tuple[_Floats, ...]

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Self:
        """Read off some rows."""
        newest = sorted(rows, key=itemgetter(2, 0), reverse=True)
        columns = [*zip(*newest, strict=True)] or [()] * len(Row._fields)
        ids, texts, _, ends, vectors, keys = columns
        names = {key: family(key) for key in dict.fromkeys(keys)}
        numbers = {name: number for number, name in enumerate(dict.fromkeys(names.values()))}
        pairs, having = letter_pairs(texts)
        days = [_FOR_GOOD if end is None else end.toordinal() for end in ends]
        sizes = np.array([len(vector or b"") for vector in vectors])
        fitting = [int(size) for size in np.unique(sizes) if size and size % _STORED.itemsize == 0]
        places = tuple(np.flatnonzero(sizes == size) for size in fitting)
        return cls(
            np.array(ids, dtype=np.int64), np.array(days, dtype=np.int64), pairs, having,
            np.bincount(having, minlength=len(newest)), tuple(numbers),
            np.array([numbers[names[key]] for key in keys], dtype=np.int32), places,
            tuple(_units([vectors[place] for place in each.tolist()]) for each in places),
        )  # fmt: skip

    @property
    def size(self) -> int:
        """Bytes, about."""
        arrays = (self.ids, self.ends, self.pairs, self.having, self.counts, self.family)
        return 1024 + sum(each.nbytes for some in (arrays, self.places, self.vectors) for each in some)

    def of_families(self, wanted: Collection[str] | None) -> NDArray[np.bool_]:
        """Which facts are of some families, all where none are named."""
        if wanted is None:
            return np.ones(len(self.family), dtype=np.bool_)
        return np.isin(self.family, [i for i, name in enumerate(self.families) if name in wanted])

    def scores(self, text: str, vector: array[float] | None) -> NDArray[np.float64]:
        """One score for each fact, at most 1.

        0.9 cosine + 0.1 letter pairs where both vectors are there, letter pairs alone elsewhere.
        """
        wanted, _ = letter_pairs([text])
        first, last = (np.searchsorted(self.pairs, wanted, side) for side in ("left", "right"))
        shared = [self.having[start:end] for start, end in zip(first, last, strict=True)]
        common = np.bincount(np.concatenate([self.having[:0], *shared]), minlength=len(self.ids))
        found = common / np.sqrt(np.maximum(self.counts * len(wanted), 1))
        for places, units in zip(self.places, self.vectors, strict=True):
            if vector is not None and len(vector) == units.shape[1]:
                cosine = _cosines(units, np.asarray(vector, dtype=np.float32))
                found[places] = COSINE_SHARE * cosine + LEXICAL_SHARE * found[places]
        return found


def best(
    every: Iterable[Facts], text: str, vector: array[float] | None, k: int, today: date | None,
    families: Collection[str] | None = None,
) -> dict[int, float]:  # fmt: skip
    """The ids of the ``k`` best facts of each account with their scores; of equals the newer.

    With ``today`` without those that were over a week before it, with ``families`` of these alone.
    """
    told = 0 if today is None else today.toordinal() - TOLD_AS_PAST
    found: dict[int, float] = {}
    for facts in every:
        counting = (facts.ends >= told) & facts.of_families(families)
        score = np.where(counting, facts.scores(text, vector), -np.inf)
        least = np.partition(score, -k)[-k] if len(score) > k else -np.inf
        near = np.flatnonzero((score >= least) & (score > -np.inf))
        first = near[np.argsort(-score[near], kind="stable")[:k]]
        found |= zip(facts.ids[first].tolist(), score[first].tolist(), strict=True)
    return found


def pack(vector: array[float]) -> bytes:
    """A vector as it is stored: little-endian float32."""
    return np.asarray(vector, dtype=_STORED).tobytes()


def cosines(vector: array[float], blobs: Sequence[bytes | None]) -> list[float | None]:
    """The cosine of a vector with each of others, None for those that it cannot be compared with."""
    query = np.asarray(vector, dtype=np.float32)
    fitting = [i for i, blob in enumerate(blobs) if blob is not None and len(blob) == 4 * len(query)]
    found: list[float | None] = [None] * len(blobs)
    if fitting and len(query):
        near = _cosines(_units([blobs[i] or b"" for i in fitting]), query)
        for i, cosine in zip(fitting, near.tolist(), strict=True):
            found[i] = cosine
    return found


def _units(blobs: Sequence[bytes]) -> _Floats:
    """Vectors of one length as rows of length 1; a broken one is nothing, so that it outranks no other."""
    rows = np.frombuffer(b"".join(blobs), dtype=_STORED).reshape(len(blobs), -1)
    with np.errstate(all="ignore"):
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
        units: _Floats = rows / np.maximum(lengths, 1e-12)[:, None].astype(np.float32)
    units[~np.isfinite(lengths)] = 0.0
    return units


def _cosines(units: _Floats, query: _Floats) -> _Floats:
    (wanted,) = _units([query.astype(_STORED).tobytes()])
    found: _Floats = np.clip(units @ wanted, -1.0, 1.0)
    return found
