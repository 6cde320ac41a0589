"""Loading the models of a profile; every import of a heavy library stands inside a function.

Functions here run on a worker thread. They raise :class:`core.errors.ModelError` only.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar
from zipfile import BadZipFile

from bot.profiles import VERIFY, Profile, found
from bot.settings import Settings, SettingsError
from core.errors import ModelError
from models.runtime.checkpoints import parse_source
from models.runtime.process import ModelProcess
from models.runtime.queue import Stepwise, Whole
from models.text.process import begin_hub, begin_text

if TYPE_CHECKING:
    from core.ports import Vector
    from models.face.portraits import Shot
    from models.text.corpus_data import Row
    from models.text.exemplars import ExemplarIndex, Vectors
    from models.text.heads import Heads
    from models.text.ranker import Ranker

    VectorsOf: TypeAlias = Callable[[Sequence[Row]], Vectors | None]

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
    faces: Mapping[str, str] = field(default_factory=dict)  # names by id
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


def mend(settings: Settings) -> str:
    """How weights that are not usable are mended."""
    larger = settings.profile != "embedded" and settings.text_base
    return f"{VERIFY}, or set OHLORA_PROFILE=embedded" if larger else MEND


def load(settings: Settings, wanted: Wanted, profile: Profile) -> Loaded:
    """Everything wanted of a profile. Raises ModelError when the text part is not usable.

    The models load in processes of their own; meanwhile the corpus is read here.
    """
    out = Loaded()
    folder, torch_threads = settings.weights_dir, settings.torch_threads
    embed = embed_folder(settings) if wanted.embed else None
    offline()
    with ExitStack() as failed:
        failed.callback(out.close)
        if wanted.embed or wanted.face:  # takes longest: it has a core to itself
            face = folder / "face" if wanted.face else None
            out.senses = begin_senses(embed, face, torch_threads)
        if wanted.exemplars:
            limit_threads(torch_threads)
            out.index = load_index(_vectors(settings, out.senses) if wanted.embed else None)
            if wanted.embed and not settings.embed_model:
                out.index.heads = _heads(settings.weights_dir, out.index)
        if wanted.ranker:
            out.ranker = load_ranker(folder / "text")
        if wanted.text:
            out.text = begin_profile(settings, profile)
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
    for asked, about, missing in ((wanted.embed, sentences, "no_recall"), (wanted.face, face, "no_face")):
        if asked and isinstance(about, ModelError):
            log.warning("%s: %s", missing, about)
            out.problems.append(missing)
    out.model_id = "" if isinstance(sentences, ModelError) else sentences
    out.faces = {} if isinstance(face, ModelError) else face


def begin_profile(settings: Settings, profile: Profile) -> ModelProcess:
    """The text model of a profile, which loads in a process of its own from now on."""
    if profile.hub is not None:
        return begin_hub(profile.hub, settings.torch_threads, settings.sampling_seed)
    return begin_text(settings.weights_dir / "text", settings.torch_threads, settings.sampling_seed)


def embed_folder(settings: Settings) -> Path:
    """Where the sentence model lies; where it should lie when it does not."""
    if not settings.embed_model:
        return settings.weights_dir / "embed"
    try:
        return found("OHLORA_EMBED_MODEL", parse_source(settings.embed_model), settings)
    except (SettingsError, ModelError) as err:
        log.warning("%s", err)
        return Path(settings.embed_model)


def begin_senses(embed: Path | None, face: Path | None, torch_threads: int) -> ModelProcess:
    """Sentence model and face of these folders, which load in a process of their own from now on."""
    return ModelProcess(_senses, embed, face, torch_threads, count=2)


def _senses(embed: Path | None, face: Path | None, torch_threads: int) -> list[Any]:
    """In the child: what is wanted, or the ModelError that says why not."""
    limit_threads(torch_threads, torch=True)
    return [
        _tried(lambda: load_encoder(embed)) if embed else ModelError("not wanted"),
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


def _vectors(settings: Settings, senses: ModelProcess | None) -> VectorsOf:
    """How vectors are had for the corpus: shipped with their model, or made by the one in ``senses``."""

    def shipped(rows: Sequence[Row]) -> Vectors | None:
        from models.embed.marks import read_model_id
        from models.text.service import load_vectors

        folder = settings.weights_dir
        vectors = load_vectors(folder / "text" / "vectors.npz", rows, read_model_id(folder / "embed"))
        if vectors is None:
            log.warning("corpus vectors do not fit; run: python bot.py train text vectors")
        return vectors

    def made(rows: Sequence[Row]) -> Vectors | None:
        from models.text.service import cached_vectors

        model_id = senses.ready()[0] if senses is not None else ModelError("not wanted")
        if senses is None or isinstance(model_id, ModelError):
            return None
        encode = partial(_encode, senses.models[0])
        return cached_vectors(settings.var_dir / "vectors", rows, model_id, encode)

    return made if settings.embed_model else shipped


def _encode(model: Stepwise[tuple[str, ...], list[Vector]], texts: Sequence[str]) -> Vectors:
    """Vectors of many texts, [texts, dim], before anybody else uses the model."""
    import numpy as np

    model.join([(0, tuple(texts))])
    ((_, vectors),) = model.step(lambda: False)
    return np.stack([np.frombuffer(vector, dtype=np.float32) for vector in vectors])


def load_index(vectors_of: VectorsOf | None = None) -> ExemplarIndex:
    """The corpus with its vectors; by shared words alone where there are none.

    Raises ModelError when the corpus is missing or damaged.
    """
    try:
        from models.text.corpus_data import train_rows
        from models.text.exemplars import ExemplarIndex

        rows = train_rows()
    except (ImportError, OSError, ValueError) as err:
        raise ModelError(f"corpus: {type(err).__name__}") from err
    vectors = None
    if vectors_of is not None:
        try:
            vectors = vectors_of(rows)
        except (OSError, ValueError, KeyError, EOFError, BadZipFile, ModelError) as err:
            log.warning("corpus vectors: %s", type(err).__name__)
    return ExemplarIndex(rows, vectors)


def _heads(folder: Path, index: ExemplarIndex) -> Heads | None:
    """The shipped classifiers of messages; None where they do not fit."""
    from models.embed.marks import read_model_id
    from models.text.heads import FILE, Heads

    try:
        heads = Heads.load(folder / "text" / FILE, read_model_id(folder / "embed"), index.ngrams)
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as err:
        log.warning("classifiers of messages: %s", type(err).__name__)
        return None
    if heads is None:
        log.warning("classifiers of messages do not fit; run: python bot.py train text heads")
    return heads


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
