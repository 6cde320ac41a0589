"""Links between accounts, deliveries of unknown fate, chats that cannot be written to.

Revision 0003, after 0002.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this form of the tables."""
    _codes()
    _requests()
    op.create_table(
        "links", *_text("account", "person", "name"), _account("links", "account"), _key("links", "account")
    )
    op.create_index(op.f("ix_links_person"), "links", ["person"])
    op.create_table("closed_chats", *_text("chat"), _time("since"), _key("closed_chats", "chat"))
    op.create_table(
        "unsure_deliveries",
        *_text("message_id"),
        sa.ForeignKeyConstraint(
            ["message_id"], ["deliveries.message_id"],
            name=op.f("fk_unsure_deliveries_message_id_deliveries"), ondelete="CASCADE",
        ),
        _key("unsure_deliveries", "message_id"),
    )  # fmt: skip


def downgrade() -> None:
    """Back to accounts that stand alone."""
    for table in ("unsure_deliveries", "closed_chats", "links", "link_requests", "link_tries", "link_codes"):
        op.drop_table(table)


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _time(name: str) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _account(table: str, column: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_people")
    return sa.ForeignKeyConstraint([column], ["people.id"], name=name, ondelete="CASCADE")


def _codes() -> None:
    op.create_table(
        "link_codes",
        *_text("account", "name"),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        _time("expires"),
        _account("link_codes", "account"),
        _key("link_codes", "account"),
    )
    op.create_table(
        "link_tries",
        sa.Column("id", sa.Integer(), nullable=False),
        *_text("account"),
        _time("at"),
        _key("link_tries", "id"),
    )
    op.create_index(op.f("ix_link_tries_account"), "link_tries", ["account"])


def _requests() -> None:
    op.create_table(
        "link_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        *_text("giver", "giver_name"),
        _flag("giver_agreed"),
        *_text("taker", "taker_name"),
        _flag("taker_agreed"),
        _time("expires"),
        _account("link_requests", "giver"),
        _account("link_requests", "taker"),
        _key("link_requests", "id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_link_requests_giver"), "link_requests", ["giver"])
    op.create_index(op.f("ix_link_requests_taker"), "link_requests", ["taker"])
