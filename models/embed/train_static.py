"""Train static embeddings: a memory's nearest message among a thousand is its own, and the other way.

Multiple-negatives ranking (Henderson et al., 2017) in large batches, on the pairs that associations are
counted from. Pieces are dropped at random, so that no text hangs on one of them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from models.embed.associations import pieces
from models.embed.memory_data import Pair
from models.embed.static import StaticEmbeddings
from models.runtime.saving import learn_to

Rows = NDArray[np.int64]
_FREE: Final = {"threads": 0}  # may change between two runs


@dataclass(frozen=True)
class StaticTrainConfig:
    """``seen``: a piece stands in so many pairs, else it has no vector; ``drop``: share of them left out."""

    steps: int = 1300
    batch: int = 1024
    dim: int = 160
    lr: float = 0.01
    scale: float = 8.0  # of cosines, in the softmax
    drop: float = 0.15
    seen: int = 5
    seed: int = 20031011
    threads: int = 1

    def rate(self, step: int) -> float:
        """The learning rate of a step: ``lr`` at first, then down along a line."""
        return self.lr * min(1.0, 1.2 * (1 - step / self.steps))


class _Training:
    """Embeddings and optimiser with one state."""

    def __init__(self, config: StaticTrainConfig, pairs: Sequence[Pair]) -> None:
        both = [(pieces(memory), pieces(message)) for memory, message in pairs]
        counts = Counter(piece for pair in both for piece in dict.fromkeys([*pair[0], *pair[1]]))
        frequent = [piece for piece, count in counts.most_common() if count >= config.seen]
        self.config, self.step = config, 0
        self.known = {piece: row for row, piece in enumerate(frequent)}
        told = ((name, *map(self._rows, pair)) for (name, _), pair in zip(pairs, both, strict=True))
        kept = [(name, memory, message) for name, memory, message in told if len(memory) and len(message)]
        if len(kept) < 2:
            raise ValueError("too few pairs of memory and message")
        numbers = {name: number for number, name in enumerate(dict.fromkeys(name for name, _, _ in kept))}
        self.pairs = [(memory, message) for _, memory, message in kept]
        self.memory = np.array([numbers[name] for name, _, _ in kept])
        rare = torch.tensor([math.log(len(pairs) / counts[piece] + 1) for piece in frequent])
        torch.manual_seed(config.seed)
        self.vectors = torch.nn.Parameter(0.1 * torch.randn(len(frequent), config.dim))
        self.weights = torch.nn.Parameter((rare / rare.mean())[:, None].repeat(1, 2))
        self.optimizer = torch.optim.Adam([self.vectors, self.weights], config.lr)

    def _rows(self, text: Sequence[str]) -> Rows:
        return np.array([self.known[piece] for piece in text if piece in self.known], dtype=np.int64)

    def state(self) -> dict[str, Any]:
        return {
            "step": self.step, "config": asdict(self.config), "known": list(self.known),
            "vectors": self.vectors.data, "weights": self.weights.data,
            "optimizer": self.optimizer.state_dict(),
        }  # fmt: skip

    def load(self, state: dict[str, Any]) -> None:
        """Raises ValueError for the state of another configuration, or of other data."""
        theirs, mine = state["config"] | _FREE, asdict(self.config) | _FREE
        if theirs != mine or state["known"] != list(self.known):
            raise ValueError("the checkpoint is of another configuration or other data; --fresh begins anew")
        self.step = state["step"]
        self.vectors.data, self.weights.data = state["vectors"], state["weights"]
        self.optimizer.load_state_dict(state["optimizer"])

    def learn(self) -> float:
        """One step; batches are a function of seed and step, so a resumed run sees what a whole one does."""
        config = self.config
        size = min(config.batch, len(self.pairs))
        round_, place = divmod(self.step, len(self.pairs) // size)
        order = np.random.default_rng((config.seed, round_)).permutation(len(self.pairs))
        chosen, chance = order[place * size :][:size], np.random.default_rng((config.seed, 1, self.step))
        memories, messages = (
            self._units([_thinned(self.pairs[i][side], config.drop, chance) for i in chosen], side)
            for side in (0, 1)
        )
        loss = _loss(config.scale * messages @ memories.T, torch.from_numpy(self.memory[chosen]))
        for group in self.optimizer.param_groups:
            group["lr"] = config.rate(self.step)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        self.step += 1
        return float(loss.detach())

    def _units(self, texts: Sequence[Rows], side: int) -> Tensor:
        """Unit vectors [texts, dim]."""
        rows = torch.from_numpy(np.concatenate(texts))
        first = torch.from_numpy(np.cumsum([0, *(len(text) for text in texts[:-1])]))
        counted = self.weights[rows, side]
        return F.normalize(
            F.embedding_bag(rows, self.vectors, first, mode="sum", per_sample_weights=counted), dim=1
        )

    def result(self) -> StaticEmbeddings:
        return StaticEmbeddings(
            self.known, self.vectors.detach().numpy().copy(), self.weights.detach().numpy().copy()
        )


def _thinned(text: Rows, share: float, chance: np.random.Generator) -> Rows:
    """A text without some of its pieces, but never without all."""
    left = text[chance.random(len(text)) >= share]
    return left if len(left) else text


def _loss(scores: Tensor, memory: Tensor) -> Tensor:
    """Softmax both ways over scores [messages, memories]; another message of the same memory is no miss."""
    same = (memory[:, None] == memory) & ~torch.eye(len(memory), dtype=torch.bool)
    scores, right = scores.masked_fill(same, -1e4), torch.arange(len(memory))
    return F.cross_entropy(scores, right) + F.cross_entropy(scores.T, right)


def train_static(
    config: StaticTrainConfig,
    pairs: Sequence[Pair],
    checkpoint: Path,
    report: Callable[[int, float], None],
    save_every: int = 200,
) -> StaticEmbeddings:
    """Train on pairs of a memory and a message, resuming ``checkpoint``.

    Raises ValueError for too few pairs, and when the checkpoint is of another configuration or data.
    """
    torch.set_num_threads(config.threads)
    training = _Training(config, pairs)
    learn_to(training, config.steps, checkpoint, report, save_every)
    return training.result()
