"""How often the facts of a person changed, for what is held of them in memory.

Revision 0008, after 0007.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this form of the tables."""
    op.add_column("people", sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Back to people whose facts are read for every search."""
    op.drop_column("people", "revision")
