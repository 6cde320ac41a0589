"""Loading the shipped weights; every import of a heavy library stands inside a function.

Functions here run on a worker thread. They raise :class:`core.errors.ModelError` only.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zipfile import BadZipFile

from core.errors import ModelError
from models.runtime.process import ModelProcess
from models.runtime.queue import Whole
from models.text.process import begin_text

if TYPE_CHECKING:
    from core.ports import Vector
    from models.face.portraits import Shot
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
    """What was loaded; None or empty where it was not wanted or, for sentences and face, not usable.

    ``senses`` holds the sentence model and the face, in this order.
    """

    text: ModelProcess | None = None
    senses: ModelProcess | None = None
    model_id: str = ""
    faces: tuple[str, ...] = ()
    index: ExemplarIndex | None = None
    ranker: Ranker | None = None
    problems: list[str] = field(default_factory=list)

    def close(self) -> None:
        """End the processes."""
        for process in (self.text, self.senses):
            if process is not None:
                process.close()


def offline() -> None:
    """Libraries, here and in processes begun from here, stay silent and fetch nothing."""
    os.environ.update(_OFFLINE)  # noqa: TID251 (the libraries read nothing else)


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


def load(folder: Path, wanted: Wanted, torch_threads: int) -> Loaded:
    """Everything wanted from a weights folder. Raises ModelError when the text part is not usable.

    The models load in processes of their own; meanwhile the corpus is read here.
    """
    out = Loaded()
    offline()
    with ExitStack() as failed:
        failed.callback(out.close)
        if wanted.embed or wanted.face:  # takes longest: it has a core to itself
            out.senses = begin_senses(folder, wanted.embed, wanted.face, torch_threads)
        if wanted.exemplars:
            limit_threads(torch_threads)
            out.index = load_index(folder, with_vectors=wanted.embed)
        if wanted.ranker:
            out.ranker = load_ranker(folder / "text")
        if wanted.text:
            out.text = begin_text(folder / "text", torch_threads)
            out.text.ready()
        if out.senses is not None:
            _look(out, out.senses, wanted)
        failed.pop_all()
    return out


def _look(out: Loaded, senses: ModelProcess, wanted: Wanted) -> None:
    """What there is of sentences and face."""
    try:
        sentences, face = senses.ready()
    except ModelError as err:
        sentences = face = err
    for asked, found, missing in ((wanted.embed, sentences, "no_recall"), (wanted.face, face, "no_face")):
        if asked and isinstance(found, ModelError):
            log.warning("%s: %s", missing, found)
            out.problems.append(missing)
    out.model_id = "" if isinstance(sentences, ModelError) else sentences
    out.faces = () if isinstance(face, ModelError) else face


def begin_senses(folder: Path, embed: bool, face: bool, torch_threads: int) -> ModelProcess:
    """Sentence model and face, which load in a process of their own from now on."""
    return ModelProcess(_senses, folder, embed, face, torch_threads, count=2)


def _senses(folder: Path, embed: bool, face: bool, torch_threads: int) -> list[Any]:
    """In the child: what is wanted, or the ModelError that says why not."""
    limit_threads(torch_threads, torch=True)
    return [
        _tried(lambda: load_encoder(folder / "embed")) if embed else ModelError("not wanted"),
        _tried(lambda: load_face(folder / "face")) if face else ModelError("not wanted"),
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
    return Whole(engine.run, tuple(engine.faces))


def load_index(folder: Path, *, with_vectors: bool) -> ExemplarIndex:
    """The corpus with its vectors; by shared words alone where the vectors do not fit.

    Raises ModelError when the corpus is missing or damaged.
    """
    try:
        from models.embed.marks import read_model_id
        from models.text.corpus_data import train_rows
        from models.text.exemplars import ExemplarIndex
        from models.text.service import load_vectors

        rows = train_rows()
    except (ImportError, OSError, ValueError) as err:
        raise ModelError(f"corpus: {type(err).__name__}") from err
    vectors = None
    if with_vectors:
        try:
            vectors = load_vectors(folder / "text" / "vectors.npz", rows, read_model_id(folder / "embed"))
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as err:
            log.warning("corpus vectors: %s", type(err).__name__)
        if vectors is None:
            log.warning("corpus vectors do not fit; run: python bot.py train text vectors")
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


def _tried(work: Callable[[], T]) -> T | ModelError:
    try:
        return work()
    except ModelError as err:
        return err
