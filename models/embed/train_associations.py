"""Count which words of messages go with which words of memories.

IBM's first model (Brown et al., 1993) with a word for nothing, broken off after two rounds: each word of a
message is shared out among the words of its memory. More rounds decide too much by pairs that were seen
once. Nothing is drawn, so the same data give the same table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.embed.associations import Associations, pieces
from models.embed.memory_data import MemoryData, Pair


@dataclass(frozen=True)
class AssociationConfig:
    """``steps`` are rounds of expectation and maximisation."""

    steps: int = 2
    seen: int = 2  # a piece stands in so many pairs, else it is not counted
    doubt: float = 2.0  # pairs of a piece with anything else, as if they had been seen
    doublings: int = 2  # of a piece's chance, at least, for an entry


def pairs_of(data: MemoryData) -> list[Pair]:
    """What is counted: memories with their messages, and names of concepts with each of their words."""
    words = [(", ".join(each.names), word) for each in data.concepts for word in each.words]
    return [*data.fitting, *words]


def learn(pairs: Sequence[Pair], config: AssociationConfig) -> Associations:
    """The table of some pairs of a memory and a message. Raises ValueError where no word recurs."""
    both = [(pieces(memory), pieces(message)) for memory, message in pairs]
    known, said = (_recurring([pair[side] for pair in both], config.seen) for side in (0, 1))
    if not known or not said:
        raise ValueError("too few pairs of memory and message")
    candidates, group = _places(both, known, said)
    keys, entry = np.unique(candidates, return_inverse=True)
    row, column = np.divmod(keys, len(said))  # row 0 is the word for nothing
    times = np.bincount(column, weights=np.bincount(entry) * (row == 0), minlength=len(said))
    usual = times / times.sum()
    chance = 1.0 / np.bincount(row)[row]
    for _ in range(config.steps):
        share = chance[entry]
        share = share / np.bincount(group, weights=share)[group]
        counts = np.bincount(entry, weights=share)
        chance = counts / (np.bincount(row, weights=counts)[row] + config.doubt)
    doublings = np.log2(chance / usual[column])
    kept = (row > 0) & (doublings >= config.doublings)
    places = (keys[kept] - len(said)).astype(np.uint32)
    return Associations(known, said, places, np.rint(doublings[kept]).astype(np.uint8))


def _recurring(texts: Sequence[Sequence[str]], least: int) -> dict[str, int]:
    """Numbers of the pieces that so many texts have, the commonest first: neighbouring entries lie close."""
    counts = Counter(piece for text in texts for piece in text)
    frequent = sorted((-count, piece) for piece, count in counts.items() if count >= least)
    return {piece: number for number, (_, piece) in enumerate(frequent)}


def _places(
    both: Sequence[tuple[Sequence[str], Sequence[str]]], known: dict[str, int], said: dict[str, int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Entries that pieces of messages may come from, and the piece of a message that each is for."""
    rows, columns, sizes = [], [], []
    for memory, message in both:
        there = [0, *(known[piece] + 1 for piece in memory if piece in known)]
        for piece in message:
            if piece in said:
                rows += there
                columns += [said[piece]] * len(there)
                sizes.append(len(there))
    places = np.array(rows, dtype=np.int64) * len(said) + np.array(columns, dtype=np.int64)
    return places, np.repeat(np.arange(len(sizes)), sizes)
