"""The tables about accounts of one person. Names are those that the accounts showed to each other."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.tables import Base


def _account(*, key: bool = False) -> Mapped[str]:
    return mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=key)


class LinkCodeRow(Base):
    """The code that an account shows, sealed; ``tries`` are left."""

    __tablename__ = "link_codes"

    account: Mapped[str] = _account(key=True)
    name: Mapped[str]
    salt: Mapped[bytes]
    sealed: Mapped[bytes]
    tries: Mapped[int]
    expires: Mapped[datetime]


class LinkTryRow(Base):
    """A wrong guess. It does not refer to ``people``: to be forgotten does not buy more guesses."""

    __tablename__ = "link_tries"
    __table_args__ = (Index(None, "account"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str]
    at: Mapped[datetime]


class LinkRequestRow(Base):
    """A question to both sides, after a code was typed."""

    __tablename__ = "link_requests"
    # a button of an old question must never come to mean another one
    __table_args__ = (Index(None, "giver"), Index(None, "taker"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    giver: Mapped[str] = _account()
    giver_name: Mapped[str]
    giver_agreed: Mapped[bool]
    taker: Mapped[str] = _account()
    taker_name: Mapped[str]
    taker_agreed: Mapped[bool]
    expires: Mapped[datetime]


class LinkRow(Base):
    """An account of a person; those with the same ``person`` are linked. ``name`` is the other one's."""

    __tablename__ = "links"
    __table_args__ = (Index(None, "person"),)

    account: Mapped[str] = _account(key=True)
    person: Mapped[str]
    name: Mapped[str]
