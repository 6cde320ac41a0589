"""The tables about battles. What two played goes with either of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.tables import Base


def _person(*, key: bool = False) -> Mapped[str]:
    return mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=key)


class BattleRow(Base):
    """A battle in its present state; ``other`` is the opponent where that is a person.

    ``sides`` is a JSON object of :func:`core.battle.record.side_record`, ``inputs`` a JSON list; ``code`` and
    ``knowledge`` are NULL for battles of before they were kept.
    """

    __tablename__ = "battles"
    # an id that was shown ("replay 7") must never come to mean another battle
    __table_args__ = (
        Index(None, "person", "message"), Index(None, "other"), Index(None, "scope", "phase"),
        {"sqlite_autoincrement": True},
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    person: Mapped[str] = _person()
    other: Mapped[str | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    scope: Mapped[str]
    channel: Mapped[str]
    message: Mapped[str]
    dataset: Mapped[str]
    instance: Mapped[str]
    version: Mapped[str]
    rival: Mapped[str]
    tier: Mapped[str]
    seed: Mapped[int]
    lang: Mapped[str]
    phase: Mapped[str]
    ending: Mapped[str | None]
    drawn: Mapped[bool]
    created: Mapped[datetime]
    deadline: Mapped[datetime | None]
    card: Mapped[str]
    comment: Mapped[str]
    inputs: Mapped[str]
    sides: Mapped[str]
    code: Mapped[str | None]
    knowledge: Mapped[str | None]


class BattleTrialRow(Base):
    """A training of a battle; ``epochs`` is a JSON list of :func:`core.battle.record.epochs_record`."""

    __tablename__ = "battle_trials"

    battle: Mapped[int] = mapped_column(ForeignKey("battles.id", ondelete="CASCADE"), primary_key=True)
    side: Mapped[str] = mapped_column(primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    hyperparameters: Mapped[str]
    seed: Mapped[int]
    f1: Mapped[float]
    epochs: Mapped[str]
    seconds: Mapped[float]


class BattleProblemRow(Base):
    """A problem on which a person had a score, first in that battle."""

    __tablename__ = "battle_problems"

    person: Mapped[str] = _person(key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)
    dataset: Mapped[str] = mapped_column(primary_key=True)
    instance: Mapped[str] = mapped_column(primary_key=True)
    battle: Mapped[int]


class BattleConsentRow(Base):
    """A person who wants to stand on the leaderboards of a scope, and under which name."""

    __tablename__ = "battle_consents"

    person: Mapped[str] = _person(key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    since: Mapped[datetime]


class BattleRatingRow(Base):
    """How good a person is at a data set, among those of a scope (:class:`core.battle.rating.Rating`)."""

    __tablename__ = "battle_ratings"
    __table_args__ = (Index(None, "scope", "dataset"),)

    person: Mapped[str] = _person(key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)
    dataset: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[float]
    deviation: Mapped[float]
    volatility: Mapped[float]
    games: Mapped[int]
    wins: Mapped[int]
    draws: Mapped[int]
    losses: Mapped[int]
