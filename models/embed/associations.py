"""Words of a message that belong to words of a memory: a table of pairs, counted and not embedded.

A translation model (Berger & Lafferty, SIGIR 1999): how much likelier a message becomes when its person has a
memory. The sentence model sees the two apart and must press what it knows of them into a few hundred
numbers; here 조개 and 회식 simply have an entry. Each knows what the other does not.
"""

from __future__ import annotations

import io
import lzma
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.runtime.loading import loading

FILE: Final = "associations.npz.xz"
BY_CHANCE: Final = 0.6  # share of the words of a message that no memory accounts for
_WORD: Final = re.compile(r"[가-힣]+|[a-z]+|\d+")
_ENDING: Final = re.compile(r"(?:ing|ed|ies|es|s|y)$")


def pieces(text: str) -> list[str]:
    """What a text is counted by, each once: Hangul in pairs of syllables, other words without endings."""
    found: dict[str, None] = {}
    for word in _WORD.findall(unicodedata.normalize("NFC", text).lower()):
        if "가" <= word[0] <= "힣":
            pairs = [word[at : at + 2] for at in range(len(word) - 1)]
            found.update(dict.fromkeys(pairs or [word]))
        else:
            found[_ENDING.sub("", word) if len(word) > 4 else word] = None
    return list(found)


@dataclass(frozen=True, slots=True, eq=False)
class Associations:
    """A sparse table: how much likelier a piece of a message is where a memory has a piece.

    ``known`` and ``said`` number the pieces of memories and of messages. ``keys`` are the places of entries,
    known * len(said) + said, in rising order; ``doublings`` say how often the chance doubles there.
    """

    known: dict[str, int]
    said: dict[str, int]
    keys: NDArray[np.uint32]
    doublings: NDArray[np.uint8]

    def bearing(self, message: list[str], memories: Sequence[list[str]]) -> list[float]:
        """How much each memory accounts for the message, in nats, at least 0: nothing. All are pieces."""
        said = np.array([self.said[piece] for piece in message if piece in self.said], dtype=np.int64)
        known = [[self.known[piece] for piece in each if piece in self.known] for each in memories]
        counts = np.array([len(each) for each in known], dtype=np.int64)
        rows = np.array([number for each in known for number in each], dtype=np.int64)
        lifts = self._lifts(rows[:, None] * len(self.said) + said)
        sums = np.zeros((len(memories), len(said)))
        np.add.at(sums, np.repeat(np.arange(len(memories)), counts), lifts)
        means = sums / np.maximum(counts, 1)[:, None]
        found: list[float] = np.log1p((1 / BY_CHANCE - 1) * means).sum(axis=1).tolist()
        return found

    def _lifts(self, places: NDArray[np.int64]) -> NDArray[np.float64]:
        """How many times likelier a piece becomes; 0 where there is no entry."""
        if not self.keys.size:
            return np.zeros(places.shape)
        at = np.searchsorted(self.keys, places.astype(np.uint32)).clip(max=len(self.keys) - 1)
        return np.where(self.keys[at] == places, np.exp2(self.doublings[at].astype(np.float64)), 0.0)

    def save(self, path: Path) -> None:
        """Write the table: differences of neighbouring places in planes of bytes, for they pack well."""
        gaps = np.diff(self.keys, prepend=np.uint32(0))
        planes = np.stack([(gaps >> np.uint32(8 * plane)).astype(np.uint8) for plane in range(4)])
        whole = io.BytesIO()
        np.savez(
            whole, known=_joined(self.known), said=_joined(self.said), gaps=planes, doublings=self.doublings
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(lzma.compress(whole.getvalue()))

    @classmethod
    def load(cls, path: Path) -> Associations:
        """The table of a file. Raises ModelError when it is missing or damaged."""
        with loading(f"associations in {path.parent.name}"):
            with np.load(io.BytesIO(lzma.decompress(path.read_bytes())), allow_pickle=False) as stored:
                known, said, planes = _numbers(stored["known"]), _numbers(stored["said"]), stored["gaps"]
                doublings: NDArray[np.uint8] = stored["doublings"]
            gaps = sum(planes[plane].astype(np.uint64) << np.uint64(8 * plane) for plane in range(4))
            keys = np.cumsum(gaps, dtype=np.uint64)
            if keys.shape != doublings.shape or keys[-1:].max(initial=0) >= len(known) * len(said):
                raise ValueError("places that are not in the table")
            return cls(known, said, keys.astype(np.uint32), doublings)


def _joined(numbers: dict[str, int]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(numbers).encode(), dtype=np.uint8)


def _numbers(joined: NDArray[np.uint8]) -> dict[str, int]:
    return {piece: number for number, piece in enumerate(joined.tobytes().decode().split("\n"))}
