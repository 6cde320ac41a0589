"""The tables about erasures: those that are under way, and what each one leaves behind."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from db.tables import Base


class ErasureRow(Base):
    """An erasure that was begun and is not done; it names the person, and goes with what it erases.

    ``person`` "" is everybody, ``scope`` None everywhere; ``by`` as in :func:`db.erasing.erase`.
    """

    __tablename__ = "erasures"

    mark: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str]
    scope: Mapped[str | None]
    below: Mapped[bool]
    by: Mapped[str | None]
    at: Mapped[datetime]


class TombstoneRow(Base):
    """Something was erased. ``target`` and ``person`` are keyed hashes (:mod:`db.tombstones`).

    What is erased again has one tombstone still, with another ``mark``: by the marks a restored backup
    is told which erasures it does not know.
    """

    __tablename__ = "tombstones"
    __table_args__ = (Index(None, "person"),)

    target: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str]
    key: Mapped[str]
    mark: Mapped[str]
    epoch: Mapped[int]
    at: Mapped[datetime]
