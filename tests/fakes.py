"""Small fakes of the core's ports: real behaviour in a few lines, no mocks."""

from __future__ import annotations

import hashlib
import io
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from core.colours import NATURAL
from core.errors import ModelError
from core.people import NEUTRAL, Film, Scores
from core.ports import Candidate, Completion, Exemplar, GenerateRequest, Nature, Situation, Vector
from core.prompt import Exchange, Task

SEOUL = ZoneInfo("Asia/Seoul")
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=SEOUL)
GLAD = "<|eyes:크게|><|mouth:크게|><|pose:보통|>"

Answer = str | Exception | Callable[[GenerateRequest], str]


@dataclass
class ScriptedModel:
    """core.ports.LanguageModel: one answer for each task; an exception is raised."""

    answers: dict[Task, Answer] = field(default_factory=dict)
    seen: list[GenerateRequest] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)

    async def generate(self, request: GenerateRequest) -> list[Completion]:
        """``request.n`` times the answer of the task."""
        self.seen.append(request)
        usual: dict[Task, Answer] = {Task.REPLY: "좋은 생각이야!", Task.EXPRESSION: GLAD}
        answer = self.answers.get(request.task, usual.get(request.task, ""))
        if isinstance(answer, Exception):
            raise answer
        text = answer if isinstance(answer, str) else answer(request)
        return [Completion(text, -0.1, True) for _ in range(request.n)]

    def count_tokens(self, text: str) -> int:
        """Two characters are a token."""
        return len(text) // 2 + 1

    def cancel(self, person: str) -> int:
        """Only noted down."""
        self.cancelled.append(person)
        return 0


@dataclass
class FewExemplars:
    """core.ports.ExemplarStore: the same exchange for everything."""

    ko: str = "오 좋다! 나도 그거 좋아해."
    en: str = "Oh nice! I like that too."

    async def nearest(self, situation: Situation, k: int) -> list[Exemplar]:
        """One exemplar in the language."""
        reply = self.ko if situation.lang == "ko" else self.en
        return [Exemplar(Exchange(situation.text, reply), 0.9)][:k]

    async def nature(self, situation: Situation) -> Nature | None:
        """Nobody can say."""
        return None

    async def keys_asked(self, situation: Situation) -> dict[str, float]:
        """No message asks for anything."""
        return {}

    def forget(self) -> None:
        """Nothing is held."""


class LikesAll:
    """core.ports.ReplyRanker: everything fits."""

    async def rank(self, situation: Situation, candidates: Sequence[Candidate]) -> list[float]:
        """2 for all."""
        return [2.0 for _ in candidates]


class HashEmbedder:
    """core.ports.Embedder: letters into 64 buckets; equal texts have equal vectors."""

    @property
    def model_id(self) -> str:
        """The name of the fake."""
        return "hash-64"

    async def encode(self, texts: Sequence[str]) -> list[Vector]:
        """Unit vectors."""
        return [self._vector(text) for text in texts]

    @staticmethod
    def _vector(text: str) -> Vector:
        buckets = [0.0] * 64
        for char in text or " ":
            buckets[hashlib.md5(char.encode(), usedforsecurity=False).digest()[0] % 64] += 1
        length = sum(b * b for b in buckets) ** 0.5
        return array("f", (b / length for b in buckets))


@dataclass
class PaintedPortraits:
    """core.ports.PortraitModel: a square whose colour tells face and expression."""

    offered: tuple[str, ...] = ("aurora", "dusk")
    broken: bool = False
    drawn: list[tuple[str, Scores]] = field(default_factory=list)
    moved: list[tuple[str, Scores, Scores]] = field(default_factory=list)
    hair: list[str] = field(default_factory=list)
    sheets: list[tuple[tuple[str, ...], int]] = field(default_factory=list)

    @property
    def faces(self) -> tuple[str, ...]:
        """Ids."""
        return self.offered

    def name(self, face: str) -> str:
        """The id in capitals."""
        return face.capitalize()

    async def draw(self, face: str, scores: Scores, hair: str = NATURAL) -> bytes:
        """A PNG, or ModelError when broken."""
        if self.broken:
            raise ModelError("no faces today")
        self.drawn.append((face, scores))
        self.hair.append(hair)
        return self._square(scores, "PNG")

    async def animate(self, face: str, start: Scores, end: Scores, kind: Film, hair: str = NATURAL) -> bytes:
        """One picture of the end, or ModelError when broken."""
        if self.broken:
            raise ModelError("no faces today")
        self.moved.append((face, start, end))
        self.hair.append(hair)
        return self._square(end, kind)

    async def sheet(self, faces: Sequence[str], first: int = 1) -> bytes:
        """A PNG, or ModelError when broken."""
        if self.broken:
            raise ModelError("no faces today")
        self.sheets.append((tuple(faces), first))
        return self._square(NEUTRAL, "PNG")

    @staticmethod
    def _square(scores: Scores, kind: str) -> bytes:
        from PIL import Image

        colour = tuple(round(127 + 100 * s) for s in (scores.eyes, scores.mouth, scores.pose))
        buffer = io.BytesIO()
        Image.new("RGB", (256, 256), colour).save(buffer, kind)
        return buffer.getvalue()


@dataclass
class FixedClock:
    """core.ports.Clock: stands still."""

    at: datetime = NOON

    def now(self) -> datetime:
        """Always the same."""
        return self.at
