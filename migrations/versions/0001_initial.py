"""First tables: people, settings, conversations, turns, memories, vectors.

Revision 0001, after nothing.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this form of the tables."""
    _people()
    _turns()
    _memories()


def downgrade() -> None:
    """Back to nothing."""
    for table in ("vectors", "memories", "turns", "conversations", "settings", "people"):
        op.drop_table(table)


def _of_person(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_person_people")
    return sa.ForeignKeyConstraint(["person"], ["people.id"], name=name, ondelete="CASCADE")


def _time(name: str) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        _time("created"),
        _time("last_seen"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
    )
    op.create_table(
        "settings",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        _of_person("settings"),
        sa.PrimaryKeyConstraint("person", "name", name=op.f("pk_settings")),
    )
    op.create_table(
        "conversations",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        _time("started"),
        _of_person("conversations"),
        sa.PrimaryKeyConstraint("person", "scope", name=op.f("pk_conversations")),
    )


def _turns() -> None:
    op.create_table(
        "turns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Integer(), nullable=False),
        *(
            sa.Column(n, sa.Text(), nullable=False)
            for n in ("message_id", "text", "reply", "summary", "lang")
        ),
        *(sa.Column(n, sa.Text(), nullable=True) for n in ("eyes", "mouth", "pose")),
        *(
            sa.Column(n, sa.Double(), nullable=True)
            for n in ("intensity", "eyes_score", "mouth_score", "pose_score")
        ),
        _time("created"),
        sa.CheckConstraint("lang IN ('ko', 'en')", name=op.f("ck_turns_lang")),
        _of_person("turns"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turns")),
        sa.UniqueConstraint("person", "scope", "message_id", name=op.f("uq_turns_person_scope_message_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_turns_person_scope_conversation"), "turns", ["person", "scope", "conversation"])


def _memories() -> None:
    op.create_table(
        "memories",
        sa.Column("id", sa.Integer(), nullable=False),
        *(
            sa.Column(n, sa.Text(), nullable=False)
            for n in ("person", "scope", "digest", "key", "value", "source")
        ),
        _time("created"),
        _time("updated"),
        _of_person("memories"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memories")),
        sa.UniqueConstraint("person", "scope", "digest", name=op.f("uq_memories_person_scope_digest")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "vectors",
        sa.Column("memory_id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("dim", sa.Integer(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["memory_id"], ["memories.id"], name=op.f("fk_vectors_memory_id_memories"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("memory_id", "model_id", name=op.f("pk_vectors")),
    )
