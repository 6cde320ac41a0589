"""Erasures that complete after a crash, and tombstones, which a restored backup obeys.

Revision 0006, after 0004.
"""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None

_KEY = "tombstone_key:"


def upgrade() -> None:
    """To this form of the tables, with a key of this database's own."""
    op.create_table(
        "erasures",
        *_text("mark", "person"),
        sa.Column("scope", sa.Text(), nullable=True),
        sa.Column("below", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_erasures")),
    )
    op.create_table(
        "tombstones",
        *_text("target", "person", "key", "mark"),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("target", name=op.f("pk_tombstones")),
    )
    op.create_index(op.f("ix_tombstones_person"), "tombstones", ["person"])
    state = sa.table("state", sa.column("name", sa.Text()), sa.column("value", sa.Text()))
    op.bulk_insert(state, [{"name": f"{_KEY}{secrets.token_hex(4)}", "value": secrets.token_hex(32)}])


def downgrade() -> None:
    """Back to erasures that nothing is known of afterwards."""
    op.drop_table("tombstones")
    op.drop_table("erasures")
    op.execute(sa.text("DELETE FROM state WHERE substr(name, 1, 14) = 'tombstone_key:'"))


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]
