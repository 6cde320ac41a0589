"""The tables. Rows of these classes never leave ``db``.

Everything a person wrote stands in plain table columns only, never in an index: unique constraints
lie on ids and digests. Times are stored in UTC and come back aware.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from db.vector_type import Floats

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class SafeText(TypeDecorator[str]):
    """Text of any length; what the database does not take becomes U+FFFD.

    No database takes halves of surrogate pairs, and Postgres no NUL.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text that is stored."""
        if value is None:
            return None
        if dialect.name == "postgresql":
            value = value.replace("\0", "\ufffd")
        try:
            value.encode()
        except UnicodeEncodeError:
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return value


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC. Binding a naive one is an error."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The same moment in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without its zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite keeps no zone: what comes back is UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables, with named constraints so that migrations can change them."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: SafeText(),
        int: BigInteger().with_variant(Integer(), "sqlite"),
        datetime: UtcDateTime(),
        float: Double(),
    }


def _person() -> Mapped[str]:
    return mapped_column(ForeignKey("people.id", ondelete="CASCADE"))


class PersonRow(Base):
    """One platform account; ``epoch`` counts its erasures, ``revision`` changes of its facts."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(primary_key=True)
    platform: Mapped[str]
    account: Mapped[str]
    epoch: Mapped[int]
    created: Mapped[datetime]
    last_seen: Mapped[datetime]
    revision: Mapped[int] = mapped_column(server_default="0")


class SettingRow(Base):
    """One choice of a person."""

    __tablename__ = "settings"

    person: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class ConversationRow(Base):
    """The number of the present conversation; without a row it is 0."""

    __tablename__ = "conversations"

    person: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]
    started: Mapped[datetime]


class TurnRow(Base):
    """One exchange; the expression columns are filled later, all or none."""

    __tablename__ = "turns"
    __table_args__ = (
        UniqueConstraint("person", "scope", "message_id"),
        CheckConstraint("lang IN ('ko', 'en')", name="lang"),
        Index(None, "person", "scope", "conversation"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person: Mapped[str] = _person()
    scope: Mapped[str]
    conversation: Mapped[int]
    message_id: Mapped[str]
    text: Mapped[str]
    reply: Mapped[str]
    summary: Mapped[str]
    lang: Mapped[str]
    eyes: Mapped[str | None]
    mouth: Mapped[str | None]
    pose: Mapped[str | None]
    intensity: Mapped[float | None]
    eyes_score: Mapped[float | None]
    mouth_score: Mapped[float | None]
    pose_score: Mapped[float | None]
    created: Mapped[datetime]


SQLITE_ALONE = "ix_memories_searched"


class MemoryRow(Base):
    """One fact. ``digest`` is equal for facts that differ in spaces and case only.

    Its unique constraint begins with person and scope, and so serves as their index. ``superseded_by`` is no
    foreign key: a fact stays history when what took its place is deleted.
    """

    __tablename__ = "memories"
    __table_args__ = (
        UniqueConstraint("person", "scope", "digest"),
        # What a search reads of one person's facts but for their vectors lies together here; in the table, on
        # thousands of pages. In SQLite alone: an entry of Postgres' index takes 2.7 kB at most.
        Index(
            SQLITE_ALONE, "person", "scope", "superseded_by", "id", "key", "value", "created",
            "ends", "pinned",
        ).ddl_if(dialect="sqlite"),
        # an id that was shown ("delete memory 7") must never come to mean another fact
        {"sqlite_autoincrement": True},
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    person: Mapped[str] = _person()
    scope: Mapped[str]
    digest: Mapped[str]
    key: Mapped[str]
    value: Mapped[str]
    source: Mapped[str]
    pinned: Mapped[bool] = mapped_column(server_default=false())
    created: Mapped[datetime]
    updated: Mapped[datetime]
    lang: Mapped[str] = mapped_column(server_default="ko")
    starts: Mapped[date | None]
    ends: Mapped[date | None]
    confidence: Mapped[float] = mapped_column(server_default="1")
    superseded_by: Mapped[int | None]
    recalls: Mapped[int] = mapped_column(server_default="0")
    recalled: Mapped[datetime | None]


class VectorRow(Base):
    """A fact as one model's vector: ``dim`` little-endian float32 numbers, in Postgres ``real[]``."""

    __tablename__ = "vectors"

    memory_id: Mapped[int] = mapped_column(ForeignKey("memories.id", ondelete="CASCADE"), primary_key=True)
    model_id: Mapped[str] = mapped_column(primary_key=True)
    dim: Mapped[int]
    vector: Mapped[bytes] = mapped_column(Floats())
