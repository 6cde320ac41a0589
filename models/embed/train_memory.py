"""Train the memory model: which of a person's memories bear on a message, said or unsaid.

It goes on from the sentence model of the corpus, with the same tokenizer and size, but apart from it: what
is near for a reply (two wordings of one intent) is not what is near for a memory ("seafood place tonight"
and a shellfish allergy). A step has a multiple-negatives ranking loss (Henderson et al., 2017) both ways over
pairs of memory and message and over words of one concept, a margin for near misses, and a choice among the
memories of one person.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor
from torch.nn import functional as F

from models.embed.memory_data import Batch, MemoryData, draw
from models.embed.opening import open_model
from models.embed.train import save_named
from models.runtime.saving import learn_to

NAME: Final = "ohlora-mini-memory"
_AT_ONCE: Final = 48  # texts of like length in one pass
_FREE: Final = {"threads": 0, "bf16": False, "steps": 0}  # may change between two runs


@dataclass(frozen=True)
class MemoryTrainConfig:
    """Schedule; ``pairs``, ``concepts``, ``far`` and ``scenes`` say what a batch is made of."""

    steps: int = 2600
    lr: float = 5e-4
    pairs: int = 48
    concepts: int = 48
    far: int = 16
    scenes: int = 3
    scale: float = 20.0  # of cosines, in the softmax
    margin: float = 0.35  # cosine that near misses stay below
    weight_decay: float = 0.02
    seed: int = 20031011
    threads: int = 1
    bf16: bool = False  # for processors with AMX

    def rate(self, step: int) -> float:
        """The learning rate of a step: up to ``lr`` in the first twelfth, then down along a half cosine."""
        part, up = step / self.steps, 1 / 12
        return self.lr * (part / up if part < up else (1 + math.cos(math.pi * (part - up) / (1 - up))) / 2)

    @property
    def sizes(self) -> tuple[int, int, int, int]:
        """Of a batch, as :func:`models.embed.memory_data.draw` takes them."""
        return self.pairs, self.concepts, self.far, self.scenes


class _Training:
    """Model and optimiser with one state."""

    def __init__(self, config: MemoryTrainConfig, data: MemoryData, base: Path) -> None:
        self.config, self.data, self.step = config, data, 0
        self.model = open_model(base).train()
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), config.lr, weight_decay=config.weight_decay
        )

    def state(self) -> dict[str, Any]:
        parts = {"model": self.model, "optimizer": self.optimizer}
        return {"step": self.step, "config": asdict(self.config)} | {
            name: part.state_dict() for name, part in parts.items()
        }

    def load(self, state: dict[str, Any]) -> None:
        """Raises ValueError for the state of another configuration."""
        if state["config"] | _FREE != asdict(self.config) | _FREE:
            raise ValueError("the checkpoint was made with another configuration; --fresh begins anew")
        self.step = state["step"]
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])

    def learn(self) -> float:
        """One step; it draws by seed and number, so that a resumed run sees what a whole one does."""
        seed = self.config.seed * 1_000_003 + self.step
        torch.manual_seed(seed)
        batch = draw(self.data, self.config.sizes, random.Random(seed))
        with torch.autocast("cpu", torch.bfloat16, enabled=self.config.bf16):
            units = self.units(_texts(batch))
        loss = loss_of(batch, units.float(), self.config)
        for group in self.optimizer.param_groups:
            group["lr"] = self.config.rate(self.step)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1
        return float(loss.detach())

    def units(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors [texts, dim]; short texts are not padded to the longest."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        rows: list[Tensor] = [torch.empty(0)] * len(texts)
        for first in range(0, len(order), _AT_ONCE):
            places = order[first : first + _AT_ONCE]
            features = self.model(self.model.preprocess([texts[i] for i in places]))
            for i, row in zip(places, F.normalize(features["sentence_embedding"], dim=-1), strict=True):
                rows[i] = row
        return torch.stack(rows)


def _texts(batch: Batch) -> list[str]:
    memories, messages = [[pair[side] for pair in batch.near] for side in (0, 1)]
    far_memories, far_messages = [[pair[side] for pair in batch.far] for side in (0, 1)]
    scenes = [text for memories, message, _ in batch.scenes for text in (*memories, message)]
    return [*memories, *messages, *far_memories, *far_messages, *scenes]


def loss_of(batch: Batch, units: Tensor, config: MemoryTrainConfig) -> Tensor:
    """The loss of a batch with the unit vectors [texts, dim] of its texts, in nats."""
    sizes = (
        [len(batch.near)] * 2 + [len(batch.far)] * 2 + [len(memories) + 1 for memories, *_ in batch.scenes]
    )
    memories, messages, far_memories, far_messages, *scenes = units.split(sizes)
    every = torch.cat([memories, far_memories])
    scores = config.scale * messages @ every.T
    right = torch.arange(len(batch.near))
    loss = F.cross_entropy(scores, right) + F.cross_entropy(scores[:, : len(right)].T, right)
    misses = far_messages @ every.T - config.margin
    loss = loss + 2.4 * F.softplus(config.scale * misses).mean()
    for rows, (_, _, place) in zip(scenes, batch.scenes, strict=True):
        choice = config.scale * rows[:-1] @ rows[-1]
        loss = loss + 0.3 * F.cross_entropy(choice[None], torch.tensor([place]))
    return loss


def train_memory(
    config: MemoryTrainConfig,
    data: MemoryData,
    base: Path,
    folder: Path,
    checkpoint: Path,
    report: Callable[[int, float], None],
    save_every: int = 100,
) -> None:
    """Train from the sentence model in ``base`` on, resuming ``checkpoint``; ``folder`` gets the result.

    Raises ValueError when the checkpoint is of another configuration.
    """
    torch.set_num_threads(config.threads)
    training = _Training(config, data, base)
    learn_to(training, config.steps, checkpoint, report, save_every)
    folder.mkdir(parents=True, exist_ok=True)
    save_named(training.model, folder, NAME)
