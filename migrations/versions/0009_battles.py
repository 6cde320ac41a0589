"""Battles with their trainings, problems that people know, consents and ratings.

Revision 0009, after 0008.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this form of the tables."""
    _battles()
    op.create_table(
        "battle_trials", *_whole("battle"), *_text("side", "part"), *_whole("position"),
        *_text("hyperparameters"), *_whole("seed"), *_real("f1"), *_text("epochs"), *_real("seconds"),
        sa.ForeignKeyConstraint(
            ["battle"], ["battles.id"], name=op.f("fk_battle_trials_battle_battles"), ondelete="CASCADE"
        ),
        _key("battle_trials", "battle", "side", "part", "position"),
    )  # fmt: skip
    op.create_table(
        "battle_problems", *_text("person", "scope", "dataset", "instance"), *_whole("battle"),
        _person("battle_problems", "person"),
        _key("battle_problems", "person", "scope", "dataset", "instance"),
    )  # fmt: skip
    op.create_table(
        "battle_consents", *_text("person", "scope", "name"), _time("since"),
        _person("battle_consents", "person"), _key("battle_consents", "person", "scope"),
    )  # fmt: skip
    op.create_table(
        "battle_ratings", *_text("person", "scope", "dataset"), *_real("value", "deviation", "volatility"),
        *_whole("games", "wins", "draws", "losses"), _person("battle_ratings", "person"),
        _key("battle_ratings", "person", "scope", "dataset"),
    )  # fmt: skip
    op.create_index(op.f("ix_battle_ratings_scope_dataset"), "battle_ratings", ["scope", "dataset"])


def downgrade() -> None:
    """Back to a bot that plays nothing."""
    for table in ("battle_ratings", "battle_consents", "battle_problems", "battle_trials", "battles"):
        op.drop_table(table)


def _battles() -> None:
    op.create_table(
        "battles", *_whole("id"), *_text("person"), sa.Column("other", sa.Text(), nullable=True),
        *_text("scope", "channel", "message", "dataset", "instance", "version", "rival", "tier"),
        *_whole("seed"), *_text("lang", "phase"), sa.Column("ending", sa.Text(), nullable=True),
        sa.Column("drawn", sa.Boolean(), nullable=False), _time("created"),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        *_text("card", "comment", "inputs", "sides"),
        _person("battles", "person"), _person("battles", "other"), _key("battles", "id"),
        sqlite_autoincrement=True,
    )  # fmt: skip
    for columns in (["person", "message"], ["other"], ["scope", "phase"]):
        op.create_index(op.f(f"ix_battles_{'_'.join(columns)}"), "battles", columns)


def _columns(kind: Any, names: Iterable[str]) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def _text(*names: str) -> list[sa.Column[Any]]:
    return _columns(sa.Text(), names)


def _whole(*names: str) -> list[sa.Column[Any]]:
    return _columns(sa.Integer(), names)


def _real(*names: str) -> list[sa.Column[Any]]:
    return _columns(sa.Double(), names)


def _time(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _person(table: str, column: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_people")
    return sa.ForeignKeyConstraint([column], ["people.id"], name=name, ondelete="CASCADE")
