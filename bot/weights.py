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
from typing import TYPE_CHECKING, TypeAlias, TypeVar
from zipfile import BadZipFile

from bot.profiles import VERIFY, Profile
from bot.senses import begin_senses, embed_folder, limit_threads, memory_folder
from bot.settings import Settings
from core.errors import ModelError
from models.runtime.process import ModelProcess
from models.runtime.queue import Stepwise
from models.text.process import begin_hub, begin_text

if TYPE_CHECKING:
    from core.ports import Vector
    from models.embed.service import Bearing
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

    ``senses`` holds the sentence model, that of memory and the face, in this order; ``memory_id`` is that
    of the sentence model where a setting names one for both.
    """

    text: ModelProcess | None = None
    senses: ModelProcess | None = None
    model_id: str = ""
    memory_id: str = ""
    faces: Mapping[str, str] = field(default_factory=dict)  # names by id
    index: ExemplarIndex | None = None
    associations: Sequence[Bearing] = ()
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
    if wanted.text and profile.hub is None and not (folder / "text").is_dir():
        raise ModelError(f"text weights: there is no folder {folder / 'text'}")  # known before all else loads
    embed = embed_folder(settings) if wanted.embed else None
    memory = memory_folder(settings) if wanted.embed and not settings.embed_model else None
    offline()
    with ExitStack() as failed:
        failed.callback(out.close)
        if wanted.embed or wanted.face:  # takes longest: it has a core to itself
            face = folder / "face" if wanted.face else None
            out.senses = begin_senses(embed, memory, face, torch_threads)
        if wanted.exemplars:
            limit_threads(torch_threads)
            out.index = load_index(_vectors(settings, out.senses) if wanted.embed else None)
            if wanted.embed and not settings.embed_model:
                out.index.heads = _heads(settings.weights_dir, out.index)
        if wanted.embed:
            out.associations = _associations(folder, out.problems)
        if wanted.ranker:
            out.ranker = load_ranker(folder / "text")
        if wanted.text:
            out.text = begin_profile(settings, profile)
            out.text.ready()
        if out.senses is not None:
            _look(out, out.senses, wanted, settings)
        failed.pop_all()
    return out


def _look(out: Loaded, senses: ModelProcess, wanted: Wanted, settings: Settings) -> None:
    """What there is of sentences and face."""
    try:
        sentences, memory, face = senses.ready()
    except ModelError as err:
        sentences = memory = face = err
    if settings.embed_model:
        memory = sentences
    parts = (
        (wanted.embed, sentences, "no_recall"),
        (wanted.embed, memory, "no_recall"),
        (wanted.face, face, "no_face"),
    )
    for asked, about, missing in parts:
        if asked and isinstance(about, ModelError) and missing not in out.problems:
            log.warning("%s: %s", missing, about)
            out.problems.append(missing)
    out.model_id = "" if isinstance(sentences, ModelError) else sentences
    out.memory_id = "" if isinstance(memory, ModelError) else memory
    out.faces = {} if isinstance(face, ModelError) else face


def begin_profile(settings: Settings, profile: Profile) -> ModelProcess:
    """The text model of a profile, which loads in a process of its own from now on."""
    if profile.hub is not None:
        return begin_hub(profile.hub, settings.torch_threads, settings.sampling_seed)
    return begin_text(settings.weights_dir / "text", settings.torch_threads, settings.sampling_seed)


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


def load_associations(folder: Path) -> Sequence[Bearing]:
    """What belongs together of words: the table and the embeddings. Raises ModelError."""
    try:
        from models.embed import associations, static
    except ImportError as err:
        raise ModelError(f"associations: {err}") from err
    table = associations.Associations.load(folder / "associations" / associations.FILE)
    return table, static.StaticEmbeddings.load(folder / "associations" / static.FILE)


def _associations(folder: Path, problems: list[str]) -> Sequence[Bearing]:
    """Those that ship; none where they cannot be used, which is a problem."""
    try:
        return load_associations(folder)
    except ModelError as err:
        log.warning("no_recall: %s", err)
        problems.append("no_recall")
        return ()


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
