"""The tables about groups and deliveries: ids, numbers and what admins chose, nothing that people said.

Nobody needs to be known to be blocked, and an act stays in the audit whatever becomes of its person,
so those tables do not refer to ``people``.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.tables import Base


class GroupRow(Base):
    """A group that she left, and when."""

    __tablename__ = "left_groups"

    id: Mapped[str] = mapped_column(primary_key=True)
    left: Mapped[datetime]


class GroupSettingRow(Base):
    """One setting of a group; those of "" hold everywhere."""

    __tablename__ = "group_settings"

    group: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class BlockRow(Base):
    """A person who is not answered in a group, "" for everywhere."""

    __tablename__ = "blocks"

    group: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    by: Mapped[str]
    reason: Mapped[str]
    since: Mapped[datetime]
    until: Mapped[datetime | None]


class AuditRow(Base):
    """One act of an admin; ``counts`` is a JSON object of numbers."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "group", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    group: Mapped[str]
    actor: Mapped[str]
    action: Mapped[str]
    target: Mapped[str]
    counts: Mapped[str]
    created: Mapped[datetime]


class DeliveryRow(Base):
    """A message that was taken to be answered; ``recalled`` are ids of memories, by spaces."""

    __tablename__ = "deliveries"
    __table_args__ = (Index(None, "person", "scope"), Index(None, "created"))

    message_id: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    scope: Mapped[str]
    channel: Mapped[str]
    recalled: Mapped[str]
    redone: Mapped[bool]
    created: Mapped[datetime]


class ReplyRow(Base):
    """A message of hers, one of those that carry the reply to ``message_id``."""

    __tablename__ = "delivery_replies"
    __table_args__ = (Index(None, "message_id"),)

    reply_id: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("deliveries.message_id", ondelete="CASCADE"))
    position: Mapped[int]


class UnsureRow(Base):
    """A delivery whose reply may not have arrived, and was not offered again yet."""

    __tablename__ = "unsure_deliveries"

    message_id: Mapped[str] = mapped_column(
        ForeignKey("deliveries.message_id", ondelete="CASCADE"), primary_key=True
    )


class ClosedChatRow(Base):
    """A chat that cannot be written to until its people come back."""

    __tablename__ = "closed_chats"

    chat: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]


class JoinedRow(Base):
    """A message of a burst that was answered together with a newer one, in the newer one's turn."""

    __tablename__ = "joined_messages"

    __table_args__ = (Index(None, "message_id"),)

    turn: Mapped[int] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    message_id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]


class StateRow(Base):
    """A small fact of the program itself."""

    __tablename__ = "state"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
