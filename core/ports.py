"""What the core needs from the outside, as small protocols."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from math import inf
from typing import Protocol, TypeAlias

from core.colours import NATURAL
from core.people import Expression, Film, Lang, Owner, Scores
from core.prompt import Exchange, Task

Vector: TypeAlias = "array[float]"  # typecode 'f', unit length


class Priority(IntEnum):
    """Smaller goes first."""

    REPLY = 0
    FACE = 1
    MEMORY = 2
    SUMMARY = 3


@dataclass(frozen=True, slots=True)
class GenerateRequest:
    """``n`` samples of a completion; ``person`` is for fairness and cancellation only.

    Once ``enough`` samples have ended (0: all of them), the others come back unfinished. Every
    completion begins with ``begun``, if there is such, and is one of ``choices``, if there are any.
    """

    task: Task
    prompt: str
    person: str
    priority: Priority
    n: int = 1
    enough: int = 0
    max_tokens: int = 48
    temperature: float = 0.0
    deadline_s: float = 20.0
    begun: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Completion:
    """Generated text, its mean log-probability per token (nats), and whether it ended by itself."""

    text: str
    logprob: float
    finished: bool


class LanguageModel(Protocol):
    """Generates completions; batches requests of many people; never blocks the loop.

    Raises OverloadedError, DeadlineError or ModelError.
    """

    async def generate(self, request: GenerateRequest) -> list[Completion]:
        """``request.n`` completions."""
        ...

    def count_tokens(self, text: str) -> int:
        """Length of a text in the model's tokens."""
        ...

    def cancel(self, person: str) -> int:
        """Drop the person's jobs that have not run yet; returns how many."""
        ...


@dataclass(frozen=True, slots=True)
class Exemplar:
    """A corpus exchange near to the message, its reply adapted to the present memory.

    ``memory`` is the tag of what its person revealed, '' for nothing; ``reworded`` the reply in other
    words, '' for none. Where ``exact``, every word matters: she declines, or states a fact of her card.
    ``kin`` counts the near exchanges of the same intent besides it; ``summary`` is of the reply, and so
    are ``labels``, those of eyes, mouth and head, None where nobody gave any.
    """

    exchange: Exchange
    score: float
    memory: str = ""
    reworded: str = ""
    exact: bool = False
    kin: int = 0
    summary: str = ""
    labels: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """What a reply answers to.

    ``vector`` is that of the text, None without a sentence model, ``vector_after`` that of the text after
    the summary (:func:`core.prompt.after`), None without either; ``clock`` what the clock knows of
    what is asked (:func:`core.clock.clock_tags`); ``declines`` whether an exchange must be one in which
    she declined (True), or must not (False); ``fact`` the fact of her card that it should state, '' for
    none, and ``weight`` how much farther an exchange counts that does not; infinite: it must.
    ``clauses`` are the parts of a text that says more than one thing, with their vectors.
    """

    text: str
    lang: Lang
    memories: tuple[str, ...] = ()
    summary: str = ""
    vector: Vector | None = None
    clock: tuple[str, ...] = ()
    declines: bool | None = None
    fact: str = ""
    weight: float = 0.0
    vector_after: Vector | None = None
    clauses: tuple[tuple[str, Vector], ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        """Everything that a reply may tell: tags of memories and of the clock."""
        return self.memories + self.clock


@dataclass(frozen=True, slots=True)
class Nature:
    """What a message is, as log-odds.

    ``tells``: it says something about its person that is worth remembering; ``improper``: it asks for
    what she declines; ``asks``: the right reply states ``fact``, the likeliest fact of her card. ``key``
    is the likeliest key of what it tells, '' for unknown.
    """

    tells: float
    improper: float
    key: str = ""
    fact: str = ""
    asks: float = -inf


class ExemplarStore(Protocol):
    """The corpus, searched by similarity."""

    async def nearest(self, situation: Situation, k: int) -> list[Exemplar]:
        """The ``k`` nearest exchanges, best first."""
        ...

    async def nature(self, situation: Situation) -> Nature | None:
        """What kind of message it is; None when the store cannot say."""
        ...

    async def keys_asked(self, situation: Situation) -> dict[str, float]:
        """Keys of memories that a message of this kind may ask for, with scores in [-1, 2].

        The score is the likeness of the nearest exchange that was answered with such a memory, plus how
        much nearer it is than any other exchange.
        """
        ...

    def forget(self) -> None:
        """Drop what is held of the messages that were asked about."""
        ...


class ReplyRanker(Protocol):
    """Judges candidate replies before the first sentence is shown."""

    async def rank(self, situation: Situation, candidates: Sequence[Candidate]) -> list[float]:
        """A score for each candidate; higher is better, about [0, 2]."""
        ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible reply.

    Of the exchange it comes from: ``near`` is the similarity, ``answered`` the message, ``kin`` as there.
    """

    text: str
    near: float = 0.0
    kin: int = 0
    answered: str = ""


class Embedder(Protocol):
    """Texts to unit vectors. Raises ModelError or OverloadedError."""

    @property
    def model_id(self) -> str:
        """Names the model; vectors of different models are never compared."""
        ...

    async def encode(self, texts: Sequence[str]) -> list[Vector]:
        """One vector for each text."""
        ...


class PortraitModel(Protocol):
    """Draws her face. Raises ModelError or OverloadedError."""

    @property
    def faces(self) -> tuple[str, ...]:
        """Ids of the faces on offer; the first is the default."""
        ...

    def name(self, face: str) -> str:
        """What a face is called; its id where it has no name."""
        ...

    async def draw(self, face: str, scores: Scores, hair: str = NATURAL) -> bytes:
        """A PNG of ``face`` with the expression ``scores``; ``hair`` is of :func:`core.colours.hair_of`."""
        ...

    async def animate(self, face: str, start: Scores, end: Scores, kind: Film, hair: str = NATURAL) -> bytes:
        """A short loop of ``face``, a file of ``kind`` whose first picture is ``end``.

        It leads in to ``end`` from the side of ``start``, the expression of before.
        """
        ...

    async def sheet(self, faces: Sequence[str], first: int = 1) -> bytes:
        """A PNG of ``faces`` at rest, numbered from ``first``."""
        ...


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange of the past; ``joined`` are the ids of earlier messages of the same burst."""

    message_id: str
    text: str
    reply: str
    summary: str
    lang: Lang
    at: datetime
    expression: Expression | None = None
    joined: tuple[str, ...] = ()


class HistoryStore(Protocol):
    """Past turns and what a person chose. Raises StoreError."""

    async def add_turn(self, owner: Owner, turn: Turn, epoch: int) -> bool:
        """Keep a turn; False when the epoch is over."""
        ...

    async def finish_turn(
        self, owner: Owner, message_id: str, *, summary: str | None = None,
        expression: Expression | None = None,
    ) -> None:  # fmt: skip
        """Fill in what is known later."""
        ...

    async def turn(self, owner: Owner, message_id: str) -> Turn | None:
        """The turn that answers a message, itself or as part of a burst."""
        ...

    async def reword(self, owner: Owner, message_id: str, text: str) -> bool:
        """Erase the words of a turn, others stand in their place; False when there is no such turn."""
        ...

    async def drop_turn(self, owner: Owner, message_id: str) -> Turn | None:
        """Erase that turn, a write of it begun before this included; what it was."""
        ...

    async def last_turns(self, owner: Owner, n: int) -> list[Turn]:
        """The newest ``n`` turns since the last reset, oldest first."""
        ...

    async def reset(self, owner: Owner) -> None:
        """Begin a new conversation; memories stay."""
        ...

    async def choices(self, person: str) -> dict[str, str]:
        """The person's settings (language, face, learning …)."""
        ...

    async def choose(self, person: str, name: str, value: str | None) -> None:
        """Set or clear one setting."""
        ...


class Clock(Protocol):
    """The present, with its time zone."""

    def now(self) -> datetime:
        """An aware datetime."""
        ...
