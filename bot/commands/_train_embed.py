"""The stages of ``train embed``: sentence models, and words that belong to words of memories."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bot.commands._train_face import Bar, overridden
from core.errors import ModelError

if TYPE_CHECKING:
    from models.embed.memory_data import MemoryData, Pair

EMBED_STAGES: Final = ("messages", "memory", "associations", "static")


def train_embed(
    stages: Sequence[str], overrides: dict[str, Any], work: Path, out: Path, *, fresh: bool, bar: Bar
) -> None:
    """Carry the stages out; ``out`` is the folder of the sentence model, the others' lie beside it.

    Raises ModelError, OSError.
    """
    if fresh:
        for name in set(stages) & {"memory", "static"}:
            (work / f"{name}.pt").unlink(missing_ok=True)
    try:
        if "messages" in stages:
            _messages(overrides, out, bar, fresh=fresh)
        if set(stages) - {"messages"}:
            _of_memories(stages, overrides, work, out, bar)
    except ValueError as err:  # data, or a checkpoint, that does not fit
        raise ModelError(str(err)) from err


def _of_memories(
    stages: Sequence[str], overrides: dict[str, Any], work: Path, out: Path, bar: Bar
) -> None:  # fmt: skip
    """The stages that learn from the data about memories, which are read once."""
    from models.embed.memory_data import MemoryData
    from models.embed.train_associations import pairs_of
    from models.text.corpus_data import train_rows

    data, folder = MemoryData.read(train_rows()), out.with_name("associations")
    if "memory" in stages:
        _memory(overrides, data, work / "memory.pt", out, bar)
    if "associations" in stages:
        _associations(overrides, pairs_of(data), folder)
    if "static" in stages:
        _static(overrides, pairs_of(data), work / "static.pt", folder, bar)


def _messages(overrides: dict[str, Any], out: Path, bar: Bar, *, fresh: bool) -> None:
    """Train the sentence model of messages."""
    from models.embed.marks import MODEL_ID
    from models.embed.train import EmbedTrainConfig, train
    from models.text.corpus_data import train_rows

    if fresh:
        (out / MODEL_ID).unlink(missing_ok=True)
    config = overridden(EmbedTrainConfig(), overrides)
    with bar("sentence model", config.steps) as report:
        train(config, train_rows(), out, lambda step, loss: report(step, {"loss": loss}))


def _memory(overrides: dict[str, Any], data: MemoryData, checkpoint: Path, out: Path, bar: Bar) -> None:
    """Train the sentence model of memories."""
    from models.embed.train_memory import MemoryTrainConfig, train_memory

    config = overridden(MemoryTrainConfig(), overrides)
    with bar("memory model", config.steps) as report:
        train_memory(
            config, data, out, out.with_name("memory"), checkpoint,
            lambda step, loss: report(step, {"loss": loss}),
        )  # fmt: skip


def _associations(overrides: dict[str, Any], pairs: Sequence[Pair], folder: Path) -> None:
    """Count what belongs together, from the beginning: it takes half a minute."""
    from models.embed.associations import FILE
    from models.embed.train_associations import AssociationConfig, learn

    found = learn(pairs, overridden(AssociationConfig(), overrides))
    found.save(folder / FILE)
    print(f"{len(found.keys)} associations of {len(found.known)} and {len(found.said)} pieces of words")


def _static(
    overrides: dict[str, Any], pairs: Sequence[Pair], checkpoint: Path, folder: Path, bar: Bar
) -> None:  # fmt: skip
    """Learn vectors of pieces of words."""
    from models.embed.static import FILE
    from models.embed.train_static import StaticTrainConfig, train_static

    config = overridden(StaticTrainConfig(), overrides)
    with bar("static embeddings", config.steps) as report:
        found = train_static(config, pairs, checkpoint, lambda step, loss: report(step, {"loss": loss}))
    found.save(folder / FILE)
