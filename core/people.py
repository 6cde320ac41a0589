"""Who speaks and where; what comes in and what goes out of a turn."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

Lang = Literal["ko", "en"]
Film = Literal["webp", "gif"]  # kinds of files in which a face moves


class PlaceKind(StrEnum):
    """Where a message is written."""

    DIRECT = "direct"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Person:
    """One platform account; ``id`` is stable (never a nickname) and carries the platform."""

    platform: str
    account: str
    name: str = field(default="", compare=False)

    @property
    def id(self) -> str:
        """The key of everything that belongs to this person."""
        return f"{self.platform}:{self.account}"


@dataclass(frozen=True, slots=True)
class Place:
    """A direct message, or a guild/group; threads and topics belong to their group.

    ``hidden`` names a channel that not everyone in the group can see: a scope of its own.
    """

    kind: PlaceKind
    group: str = ""
    hidden: str = ""

    @property
    def scope(self) -> str:
        """The part of the place that bounds memory and history."""
        if self.kind is PlaceKind.DIRECT:
            return "direct"
        return f"group:{self.group}" + (f"/{self.hidden}" if self.hidden else "")

    @classmethod
    def of_scope(cls, scope: str) -> Place:
        """The place whose scope this is."""
        if not scope.startswith("group:"):
            return cls(PlaceKind.DIRECT)
        group, _, hidden = scope.removeprefix("group:").partition("/")
        return cls(PlaceKind.GROUP, group, hidden)


DIRECT = Place(PlaceKind.DIRECT)


@dataclass(frozen=True, slots=True)
class Owner:
    """Person × scope: the key under which memory and history are kept."""

    person: str
    scope: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message of a person, translated from its platform."""

    id: str
    person: Person
    place: Place
    text: str
    at: datetime
    lang: Lang | None = None  # set for this message: answered in it whatever its script is
    locale: Lang | None = None  # the platform's guess, used when nothing better is known
    film: Film = "gif"  # what moves on the platform
    learns: bool = True  # False: nothing shall be learned from it
    epoch: int | None = None  # of the person when it arrived; None: when it is taken up

    @property
    def owner(self) -> Owner:
        """Whose memories this message may read and write."""
        return Owner(self.person.id, self.place.scope)


@dataclass(frozen=True, slots=True)
class Scores:
    """Eyes, mouth and head turn in [-1, 1]; + is wider, wider, to her left."""

    eyes: float
    mouth: float
    pose: float


NEUTRAL = Scores(0.0, -0.8, 0.0)


@dataclass(frozen=True, slots=True)
class Expression:
    """Labels, the probability behind them, and the calibrated scores they stand for."""

    eyes: str
    mouth: str
    pose: str
    intensity: float
    scores: Scores


@dataclass(frozen=True, slots=True)
class Recalled:
    """A memory that stood in the prompt; ``score`` is its similarity to the message."""

    id: int
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Learned:
    """A memory that was written after a turn."""

    id: int
    text: str


@dataclass(frozen=True, slots=True)
class ReplyPart:
    """The next released sentence."""

    text: str


@dataclass(frozen=True, slots=True)
class ReplyDone:
    """The whole reply; ``origin`` says where it comes from (generated, retrieved, phrase)."""

    text: str
    lang: Lang
    origin: str
    recalled: tuple[Recalled, ...] = ()


@dataclass(frozen=True, slots=True)
class FaceReady:
    """The expression of the reply and, where a face can be drawn, its picture (a file of ``kind``)."""

    expression: Expression
    picture: bytes | None
    kind: Literal["png"] | Film = "png"


@dataclass(frozen=True, slots=True)
class MemoryDone:
    """What was learned from the message (often nothing)."""

    learned: tuple[Learned, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """A short aside in her voice: something is missing, said once."""

    text: str


@dataclass(frozen=True, slots=True)
class TurnEnd:
    """Everything of the turn is done; milliseconds since the message arrived, by step."""

    timings_ms: dict[str, float]


@dataclass(frozen=True, slots=True)
class Merged:
    """The message was joined with a newer one, whose turn carries the reply."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """The turn ends without more words: stopped, retracted, forgotten, the program ends, or the person
    is blocked and was told so.
    """


Event = ReplyPart | ReplyDone | FaceReady | MemoryDone | Notice | TurnEnd | Merged | Dropped
