"""What trained a battle, and what its machine chose by.

Revision 0010, after 0009.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this form of the tables."""
    for name in ("code", "knowledge"):
        op.add_column("battles", sa.Column(name, sa.Text(), nullable=True))


def downgrade() -> None:
    """Back to battles of which that is not known."""
    for name in ("code", "knowledge"):
        op.drop_column("battles", name)
