"""The text model's own process; light to import, so that it can begin before anything heavy is here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from core.prompt import Task
from models.runtime.process import ModelProcess

if TYPE_CHECKING:
    from core.ports import Completion, GenerateRequest
    from models.runtime.queue import Whole
    from models.text.engine import TextEngine


@dataclass(frozen=True)
class HubConfig:
    """Which larger models serve which task, all in local folders, and how they are kept.

    Attributes:
        bases: a folder for every task, mostly the same one.
        adapters: PEFT folders of the tasks that have one.
        template: ``auto``, or a :class:`models.text.rendering.Template`.
        dtype, device_map, four_bit: see :func:`models.text.hub_loading.load_hub_model`.
    """

    bases: Mapping[Task, Path]
    adapters: Mapping[Task, Path] = field(default_factory=dict)
    template: str = "auto"
    dtype: str = "auto"
    device_map: str = "auto"
    four_bit: bool = False

    def adapters_on(self, base: Path) -> dict[str, Path]:
        """The adapters of the tasks that this base serves, by task."""
        return {task.value: place for task, place in self.adapters.items() if self.bases[task] == base}


def begin_text(folder: Path, threads: int, seed: int | None = None) -> ModelProcess:
    """A process whose first model is for replies, the second for everything else; they load from now on.

    ``seed`` is that of sampling, None: another each time.
    """
    return ModelProcess(_engines, folder, threads, seed, count=2)


def begin_hub(config: HubConfig, threads: int, seed: int | None = None) -> ModelProcess:
    """The same on larger models."""
    return ModelProcess(_hub_engines, config, threads, seed, count=2)


def _engines(folder: Path, threads: int, seed: int | None) -> tuple[TextEngine, TextEngine]:
    """In the child. Raises ModelError for weights that are not usable."""
    import torch

    from models.text.engine import TextEngine

    torch.set_num_threads(threads)
    if seed is not None:
        torch.manual_seed(seed)
    engine = TextEngine.load(folder)
    return engine, engine.twin()


def _hub_engines(
    config: HubConfig, threads: int, seed: int | None
) -> list[Whole[GenerateRequest, list[Completion]]]:
    """In the child. Raises ModelError for models that are not usable."""
    import torch

    from core.memory import KEYS
    from models.runtime.queue import Whole
    from models.text.hub import HubEngine

    torch.set_num_threads(threads)
    if seed is not None:
        torch.manual_seed(seed)
    engine = HubEngine.load(config, KEYS)
    return [Whole(engine.run), Whole(engine.run)]
