"""The text model's own process; light to import, so that it can begin before anything heavy is here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from models.runtime.process import ModelProcess

if TYPE_CHECKING:
    from models.text.engine import TextEngine


def begin_text(folder: Path, threads: int) -> ModelProcess:
    """A process whose first model is for replies, the second for everything else; they load from now on."""
    return ModelProcess(_engines, folder, threads, count=2)


def _engines(folder: Path, threads: int) -> tuple[TextEngine, TextEngine]:
    """In the child. Raises ModelError for weights that are not usable."""
    import torch

    from models.text.engine import TextEngine

    torch.set_num_threads(threads)
    engine = TextEngine.load(folder)
    return engine, engine.twin()
