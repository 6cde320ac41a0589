"""What a search reads of one person's facts but for their vectors, together in one index of SQLite.

Revision 0011, after 0010.
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NAME = "ix_memories_searched"
COLUMNS = ["person", "scope", "superseded_by", "id", "key", "value", "created", "ends", "pinned"]


def upgrade() -> None:
    """To this form of the tables."""
    if op.get_bind().dialect.name == "sqlite":
        op.create_index(NAME, "memories", COLUMNS)


def downgrade() -> None:
    """Back to the table alone."""
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index(NAME, "memories")
