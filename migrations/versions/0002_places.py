"""Groups, blocks, audit, deliveries, joined messages, state.

Revision 0002, after 0001.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this form of the tables."""
    _groups()
    _audit()
    _deliveries()
    _small()


def downgrade() -> None:
    """Back to people and what they said."""
    for table in (
        "state", "joined_messages", "delivery_replies", "deliveries", "audit", "blocks", "group_settings",
        "left_groups",
    ):  # fmt: skip
        op.drop_table(table)


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _time(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _groups() -> None:
    op.create_table("left_groups", *_text("id"), _time("left"), _key("left_groups", "id"))
    op.create_table(
        "group_settings", *_text("group", "name", "value"), _key("group_settings", "group", "name")
    )
    op.create_table(
        "blocks",
        *_text("group", "person", "by", "reason"),
        _time("since"),
        _time("until", nullable=True),
        _key("blocks", "group", "person"),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        *_text("group", "actor", "action", "target", "counts"),
        _time("created"),
        _key("audit", "id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audit_group_id"), "audit", ["group", "id"])


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        *_text("message_id", "person", "scope", "channel", "recalled"),
        sa.Column("redone", sa.Boolean(), nullable=False),
        _time("created"),
        sa.ForeignKeyConstraint(
            ["person"], ["people.id"], name=op.f("fk_deliveries_person_people"), ondelete="CASCADE"
        ),
        _key("deliveries", "message_id"),
    )
    op.create_index(op.f("ix_deliveries_person_scope"), "deliveries", ["person", "scope"])
    op.create_index(op.f("ix_deliveries_created"), "deliveries", ["created"])
    op.create_table(
        "delivery_replies",
        *_text("reply_id", "message_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["deliveries.message_id"],
            name=op.f("fk_delivery_replies_message_id_deliveries"), ondelete="CASCADE",
        ),
        _key("delivery_replies", "reply_id"),
    )  # fmt: skip
    op.create_index(op.f("ix_delivery_replies_message_id"), "delivery_replies", ["message_id"])


def _small() -> None:
    op.create_table(
        "joined_messages",
        sa.Column("turn", sa.Integer(), nullable=False),
        *_text("message_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["turn"], ["turns.id"], name=op.f("fk_joined_messages_turn_turns"), ondelete="CASCADE"
        ),
        _key("joined_messages", "turn", "message_id"),
    )
    op.create_index(op.f("ix_joined_messages_message_id"), "joined_messages", ["message_id"])
    op.create_table("state", *_text("name", "value"), _key("state", "name"))
