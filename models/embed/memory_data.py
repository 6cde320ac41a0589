"""What the memory model learns from: who would think of which memory on which message."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models.runtime.packed import read_text
from models.text.corpus_data import Row

DATA: Final = Path(__file__).parent / "data"
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Concept:
    """Names under which a concept stands in a note, and words that people use when it matters."""

    names: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """Memories of one person, and messages each with the place of the memory that bears on it."""

    memories: tuple[str, ...]
    asked: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class MemoryData:
    """Pairs of a memory and a message that bear on each other, pairs that do not, concepts and scenes."""

    fitting: tuple[Pair, ...]
    unfitting: tuple[Pair, ...]
    concepts: tuple[Concept, ...]
    scenes: tuple[Scene, ...]

    @classmethod
    def read(cls, rows: Sequence[Row], folder: Path = DATA) -> MemoryData:
        """The committed data, and the corpus's rows that use a memory.

        Raises FileNotFoundError, or ValueError naming file and line for one that does not fit.
        """
        fitting = [(row.memory_in, row.text) for row in rows if row.memory_in.startswith("[")]
        unfitting: list[Pair] = []
        for label, memory, message in _columns(folder / "pairs.tsv.xz"):
            (fitting if label == "1" else unfitting).append((memory, message))
        for memory, *messages in _columns(folder / "lines.tsv.xz"):
            fitting += [(memory, message) for message in messages]
        concepts = [
            Concept(_words(names), _words(words)) for names, words in _columns(folder / "concepts.tsv.xz")
        ]
        scenes = _scenes(folder / "scenes.jsonl.xz")
        return cls(tuple(fitting), tuple(unfitting), tuple(concepts), tuple(scenes))


def _columns(path: Path) -> list[list[str]]:
    lines = [line.split("\t") for line in read_text(path).splitlines()]
    least = 3 if path.name.startswith("pairs.") else 2
    for number, line in enumerate(lines, 1):
        if len(line) < least or not all(part.strip() for part in line):
            raise ValueError(f"{path.name}:{number}: a column is missing")
    return lines


def _words(listed: str) -> tuple[str, ...]:
    return tuple(word for part in listed.split(",") if (word := part.strip()))


def _scenes(path: Path) -> list[Scene]:
    scenes = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        try:
            read = json.loads(line)
            asked = tuple((each["text"], each["relevant"][0]) for each in read["queries"] if each["relevant"])
            scenes.append(Scene(tuple(read["memories"]), asked))
        except (ValueError, KeyError, TypeError) as err:
            raise ValueError(f"{path.name}:{number}: no scene: {err}") from err
    return scenes


@dataclass(frozen=True, slots=True)
class Batch:
    """What one step learns from; in ``near`` and ``far`` a memory (or its like) and a message."""

    near: tuple[Pair, ...]
    far: tuple[Pair, ...]
    scenes: tuple[tuple[tuple[str, ...], str, int], ...]


def draw(data: MemoryData, sizes: tuple[int, int, int, int], rng: random.Random) -> Batch:
    """A batch of so many pairs, concepts, unfitting pairs and scenes; no memory stands in it twice."""
    pairs, concepts, far, scenes = sizes
    near: dict[str, str] = {}
    for memory, message in rng.sample(data.fitting, min(3 * pairs, len(data.fitting))):
        if len(near) < pairs:
            near.setdefault(memory, damaged(message, rng))
    chosen = rng.sample(data.concepts, min(concepts, len(data.concepts)))
    return Batch(
        (*near.items(), *(_belonging(concept, rng) for concept in chosen)),
        tuple((a, damaged(b, rng)) for a, b in rng.sample(data.unfitting, min(far, len(data.unfitting)))),
        tuple(_asked(scene, rng) for scene in rng.sample(data.scenes, min(scenes, len(data.scenes)))),
    )


def _belonging(concept: Concept, rng: random.Random) -> Pair:
    """A name of a concept, or some of its words, and others of its words."""
    words = rng.sample(concept.words, len(concept.words))
    said = rng.randint(1, 3)
    name = (
        rng.choice(concept.names) if rng.random() < 0.6 else ", ".join(words[said : said + rng.randint(1, 3)])
    )
    return name or concept.names[0], " ".join(words[:said])


def _asked(scene: Scene, rng: random.Random) -> tuple[tuple[str, ...], str, int]:
    message, place = rng.choice(scene.asked)
    return scene.memories, message, place


def damaged(text: str, rng: random.Random, share: float = 0.1) -> str:
    """Drop characters or words now and then: typing is not clean."""
    if rng.random() < 0.25 and len(text) > 4:
        at = rng.randrange(len(text))
        text = text[:at] + text[at + 1 :]
    words = [word for word in text.split() if rng.random() > share]
    return " ".join(words) or text
