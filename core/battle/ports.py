"""What a battle needs from the outside: pictures to learn, trainings, and a player who chooses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from core.battle.hyperparameters import Hyperparameters
from core.people import Lang


class Part(StrEnum):
    """Pictures that a network is scored on; held-out ones are used nowhere before the end."""

    VALID = "valid"
    HELD_OUT = "held_out"


class Tier(StrEnum):
    """How well she chooses, weakest first."""

    RANDOM = "random"
    TRIALS = "trials"  # the best of a few random ones, by the surrogate
    SURROGATE = "surrogate"
    REFINED = "refined"  # learns from the validation score of her first round


@dataclass(frozen=True, slots=True)
class PictureClass:
    """A class by its number in the data set, with its name and how many pictures of it each part has."""

    label: int
    name: dict[Lang, str]
    train: int
    valid: int
    held_out: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Pictures of five classes out of a data set.

    ``instance`` names it within the data set (``digits-017``); ``version`` is a hash of the pictures in
    their parts, so that a battle can tell whether it is replayed on the same ones; ``statistics`` are
    what a player may look at besides the counts, by name.
    """

    dataset: str
    instance: str
    version: str
    classes: tuple[PictureClass, ...]
    size: tuple[int, int, int]  # channels, height, width
    statistics: dict[str, float]


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass over the training pictures; losses in nats per picture, macro F1 over the classes in play."""

    number: int
    train_loss: float
    valid_loss: float
    valid_f1: float


@dataclass(frozen=True, slots=True)
class Trial:
    """One training: macro F1 on ``part`` of the weights with the best validation loss, and its course."""

    hyperparameters: Hyperparameters
    seed: int
    part: Part
    f1: float
    epochs: tuple[Epoch, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Tried:
    """What a player knows of a choice: its validation score."""

    hyperparameters: Hyperparameters
    valid_f1: float


@dataclass(frozen=True, slots=True)
class Choice:
    """What a player chose, and the held-out macro F1 that is expected of it, None without a surrogate."""

    hyperparameters: Hyperparameters
    expected: float | None


@dataclass(frozen=True, slots=True)
class Dataset:
    """Something to battle on; ``instances`` are the ids of its bank of problems, in order."""

    id: str
    name: dict[Lang, str]
    instances: tuple[str, ...]


class Arena(Protocol):
    """Problems and trainings. Training runs beside everything else, with lower priority.

    Raises ModelError, OverloadedError, DeadlineError; KeyError for an unknown data set or instance.
    """

    @property
    def datasets(self) -> tuple[Dataset, ...]:
        """What can be battled on; the first is the default."""
        ...

    @property
    def code(self) -> str:
        """Names the code that trains: with another one the same arguments may give other numbers."""
        ...

    async def problem(self, dataset: str, instance: str) -> Problem:
        """A problem of the bank."""
        ...

    async def thumbnails(self, problem: Problem, each: int = 6) -> bytes:
        """A PNG with ``each`` training pictures of every class in a row, in the order of its classes."""
        ...

    async def train(
        self, problem: Problem, chosen: Hyperparameters, seed: int, part: Part, battle: str,
        report: Callable[[Epoch], None] = lambda _: None,
    ) -> Trial:  # fmt: skip
        """Train and score; ``report`` is called on the loop after each epoch. ``battle`` is for fairness.

        The same arguments give the same numbers. Cancelling ends the training.
        """
        ...

    def waiting(self, battle: str) -> int:
        """How many trainings of other battles are before the next one of this."""
        ...


class Player(Protocol):
    """Chooses hyperparameters. Raises ModelError."""

    def knows(self, dataset: str) -> str:
        """Names what the player knows of a data set: with anything else it may choose otherwise."""
        ...

    async def choose(self, problem: Problem, tier: Tier, tried: Sequence[Tried], seed: int) -> Choice:
        """What to train next; the same arguments give the same choice."""
        ...

    async def settle(self, problem: Problem, tier: Tier, tried: Sequence[Tried]) -> int:
        """Which of its choices is its last word; a position in ``tried``."""
        ...
