"""Loading the shipped weights; every import of a heavy library stands inside a function.

Functions here run on a worker thread. They raise :class:`core.errors.ModelError` only.
"""

from __future__ import annotations

import gc
import importlib
import logging
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from zipfile import BadZipFile

from core.errors import ModelError

if TYPE_CHECKING:
    from models.embed.service import SentenceEncoder
    from models.face.service import LocalPortraits
    from models.text.engine import TextEngine
    from models.text.exemplars import ExemplarIndex
    from models.text.ranker import Ranker

log = logging.getLogger(__name__)

T = TypeVar("T")

MEND = "restore the folder models/weights from the repository (git checkout -- models/weights)"
_OFFLINE = {
    "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1", "TRANSFORMERS_VERBOSITY": "error", "TOKENIZERS_PARALLELISM": "false",
}  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """Which parts to load."""

    text: bool = True
    exemplars: bool = True
    ranker: bool = True
    embed: bool = True
    face: bool = True


@dataclass
class Loaded:
    """What was loaded; None where it was not wanted or, for encoder and portraits, not usable."""

    engine: TextEngine | None = None
    index: ExemplarIndex | None = None
    ranker: Ranker | None = None
    encoder: SentenceEncoder | None = None
    portraits: LocalPortraits | None = None
    problems: list[str] = field(default_factory=list)


def quiet_libraries(torch_threads: int) -> None:
    """Offline, silent, and so many threads; before anything else imports the libraries."""
    os.environ.update(_OFFLINE)  # noqa: TID251 (the libraries read nothing else)
    try:
        import torch
        from transformers.utils import logging as hf_logging
    except ImportError as err:
        raise ModelError(f"package {err.name} is missing; install the requirements") from err
    torch.set_num_threads(torch_threads)
    hf_logging.set_verbosity_error()
    hf_logging.disable_progress_bar()


def load(folder: Path, wanted: Wanted, torch_threads: int) -> Loaded:
    """Everything wanted from a weights folder. Raises ModelError when the text part is not usable."""
    if not any(vars(wanted).values()):
        return Loaded()
    # Importing torch and transformers makes objects by the million that stay: searching them for
    # garbage again and again takes a tenth of the start, and later of every collection.
    gc.disable()
    try:
        return _load(folder, wanted, torch_threads)
    finally:
        gc.freeze()
        gc.enable()


def _load(folder: Path, wanted: Wanted, torch_threads: int) -> Loaded:
    out = Loaded()
    quiet_libraries(torch_threads)
    _import_libraries(wanted)
    if wanted.embed:  # alone: transformers sets the default dtype of the whole process meanwhile
        out.encoder = _or_none("no_recall", lambda: load_encoder(folder / "embed"), out)
    with ThreadPoolExecutor(2, thread_name_prefix="load") as pool:
        engine = _start(pool, wanted.text, lambda: load_engine(folder / "text"))
        face = _start(pool, wanted.face, lambda: load_face(folder / "face"))
        if wanted.exemplars:
            out.index = load_index(folder / "text", out.encoder)
        if wanted.ranker:
            out.ranker = load_ranker(folder / "text")
        out.engine = engine.result() if engine else None
        out.portraits = _or_none("no_face", face.result, out) if face else None
    return out


def _import_libraries(wanted: Wanted) -> None:
    """One after another, before threads start: half-imported libraries do not like each other.

    What cannot be imported is reported by the loader that needs it.
    """
    for needed, name in (
        (wanted.text, "models.text.engine"), (wanted.exemplars or wanted.ranker, "models.text.service"),
        (wanted.face, "models.face.service"),
    ):  # fmt: skip
        if needed:
            with suppress(ImportError):
                importlib.import_module(name)


def load_encoder(folder: Path) -> SentenceEncoder:
    """The sentence model. Raises ModelError."""
    from models.embed.service import SentenceEncoder

    return SentenceEncoder.load(folder)


def load_engine(folder: Path) -> TextEngine:
    """The text model with its adapters. Raises ModelError."""
    try:
        from models.text.engine import TextEngine
    except ImportError as err:
        raise ModelError(f"package {err.name} is missing") from err
    return TextEngine.load(folder)


def load_face(folder: Path) -> LocalPortraits:
    """The faces. Raises ModelError."""
    try:
        from models.face.service import load_portraits
    except ImportError as err:
        raise ModelError(f"package {err.name} is missing") from err
    return load_portraits(folder)


def load_index(folder: Path, encoder: SentenceEncoder | None) -> ExemplarIndex:
    """The corpus with its vectors; by shared words alone where the vectors do not fit.

    Raises ModelError when the corpus is missing or damaged.
    """
    try:
        from models.text.corpus_data import train_rows
        from models.text.exemplars import ExemplarIndex
        from models.text.service import load_vectors

        rows = train_rows()
    except (ImportError, OSError, ValueError) as err:
        raise ModelError(f"corpus: {type(err).__name__}") from err
    vectors = None
    if encoder is not None:
        try:
            vectors = load_vectors(folder / "vectors.npz", rows, encoder.model_id)
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as err:
            log.warning("corpus vectors: %s", type(err).__name__)
        if vectors is None:
            log.warning("corpus vectors do not fit; run: python bot.py train text --stage vectors")
    return ExemplarIndex(rows, vectors)


def load_ranker(folder: Path) -> Ranker:
    """The trained ranker, else the one set by hand."""
    from models.text.ranker import Ranker

    try:
        return Ranker.load(folder / "ranker.json")
    except FileNotFoundError:
        log.info("no trained ranker")
    except (OSError, ValueError, KeyError, TypeError) as err:
        log.warning("ranker: %s", type(err).__name__)
    return Ranker.prior()


def _start(pool: ThreadPoolExecutor, wanted: bool, work: Callable[[], T]) -> Future[T] | None:
    return pool.submit(work) if wanted else None


def _or_none(missing: str, work: Callable[[], T], out: Loaded) -> T | None:
    try:
        return work()
    except ModelError as err:
        log.warning("%s: %s", missing, err)
        out.problems.append(missing)
        return None
