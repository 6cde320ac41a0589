"""The sentence models and the face, in a process of their own.

Imports of heavy libraries stand inside functions, which raise :class:`core.errors.ModelError` only.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bot.profiles import found
from bot.settings import Settings, SettingsError
from core.errors import ModelError
from models.runtime.checkpoints import parse_source
from models.runtime.process import ModelProcess
from models.runtime.queue import Whole

if TYPE_CHECKING:
    from core.ports import Vector
    from models.face.portraits import Shot

log = logging.getLogger(__name__)

T = TypeVar("T")


def limit_threads(threads: int, *, torch: bool = False) -> None:
    """So many threads for the helpers of NumPy and, where it is used here, of PyTorch.

    NumPy's spin for a while after each product, and take a core from the models. Raises ModelError
    when a package is missing.
    """
    try:
        from threadpoolctl import threadpool_limits

        if torch:
            from torch import set_num_threads

            set_num_threads(threads)
    except ImportError as err:
        raise ModelError(f"package {err.name} is missing; install the requirements") from err
    threadpool_limits(threads, user_api="blas")


def embed_folder(settings: Settings) -> Path:
    """Where the sentence model lies; where it should lie when it does not."""
    if not settings.embed_model:
        return settings.weights_dir / "embed"
    try:
        return found("OHLORA_EMBED_MODEL", parse_source(settings.embed_model), settings)
    except (SettingsError, ModelError) as err:
        log.warning("%s", err)
        return Path(settings.embed_model)


def memory_folder(settings: Settings) -> Path:
    """Where the model of memory lies: a sentence model that a setting names is for everything."""
    return embed_folder(settings) if settings.embed_model else settings.weights_dir / "memory"


def begin_senses(
    embed: Path | None, memory: Path | None, face: Path | None, torch_threads: int
) -> ModelProcess:
    """The models of these folders, which load in a process of their own from now on."""
    return ModelProcess(_senses, embed, memory, face, torch_threads, count=3)


def _senses(embed: Path | None, memory: Path | None, face: Path | None, torch_threads: int) -> list[Any]:
    """In the child: what is wanted, or the ModelError that says why not."""
    limit_threads(torch_threads, torch=True)
    return [
        _tried(lambda: load_encoder(embed)) if embed else ModelError("not wanted"),
        _tried(lambda: load_encoder(memory)) if memory else ModelError("not wanted"),
        _tried(lambda: load_face(face)) if face else ModelError("not wanted"),
    ]


def load_encoder(folder: Path) -> Whole[tuple[str, ...], list[Vector]]:
    """The sentence model. Raises ModelError."""
    from models.embed.service import SentenceEncoder

    encoder = SentenceEncoder.load(folder)
    return Whole(encoder.run, encoder.model_id)


def load_face(folder: Path) -> Whole[Shot, bytes]:
    """The faces. Raises ModelError."""
    try:
        from models.face.service import load_engine
    except ImportError as err:
        raise ModelError(f"package {err.name} is missing") from err
    engine = load_engine(folder)
    return Whole(engine.run, {face.id: face.name for face in engine.faces.values()})


def _tried(work: Callable[[], T]) -> T | ModelError:
    try:
        return work()
    except ModelError as err:
        return err
