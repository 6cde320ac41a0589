"""Facts with the days on which they hold, how sure they are, what took their place, and their use.

Facts of before get dates from the day on which they were told, as their keys have it.

Revision 0007, after 0006.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Here and not imported: what a migration did must not change with the program.
_DAY_WORDS = {
    "어제 ": -1, "오늘 ": 0, "내일 ": 1, "모레 ": 2, "yesterday": -1, "plan for today": 0,
    "plan for tomorrow": 1, "weather today": 0,
}  # fmt: skip
_FADES = {
    "상태": 1, "state": 1, "최근 일": 14, "recent event": 14, "고민": 28, "worry": 28, "보는 것": 60,
    "watching": 60, "건강": 90, "health": 90,
}  # fmt: skip
_WEEKENDS = ("주말 일정", "weekend plan")
_NEXT_WEEKS = ("다음 주 일정", "plan for next week")
_USUAL_ZONE = "Asia/Seoul"


def upgrade() -> None:
    """To this form of the tables."""
    op.add_column("memories", sa.Column("lang", sa.Text(), nullable=False, server_default="ko"))
    op.add_column("memories", sa.Column("starts", sa.Date(), nullable=True))
    op.add_column("memories", sa.Column("ends", sa.Date(), nullable=True))
    op.add_column("memories", sa.Column("confidence", sa.Double(), nullable=False, server_default="1"))
    op.add_column("memories", sa.Column("superseded_by", sa.Integer(), nullable=True))
    op.add_column("memories", sa.Column("recalls", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("memories", sa.Column("recalled", sa.DateTime(timezone=True), nullable=True))
    _date_facts(op.get_bind())


def downgrade() -> None:
    """Back to facts that are told by the day of their making; history counts as any fact then."""
    for column in ("recalled", "recalls", "superseded_by", "confidence", "ends", "starts", "lang"):
        op.drop_column("memories", column)


def _date_facts(connection: sa.Connection) -> None:
    dates = (sa.column("starts", sa.Date()), sa.column("ends", sa.Date()))
    created_at = sa.column("created", sa.DateTime(timezone=True))
    memories = sa.table(
        "memories", *(sa.column(name) for name in ("id", "person", "key", "lang")), created_at, *dates
    )
    settings = sa.table("settings", *(sa.column(name) for name in ("person", "name", "value")))
    chosen = sa.select(settings.c.person, settings.c.value).where(settings.c.name == "timezone")
    zones = {person: value for person, value in connection.execute(chosen)}
    facts = connection.execute(
        sa.select(memories.c.id, memories.c.person, memories.c.key, memories.c.created)
    ).all()
    for number, person, key, created in facts:
        starts, ends = _validity(key, _lived(created, zones.get(person, _USUAL_ZONE)))
        lang = "en" if key.isascii() and key != "MBTI" else "ko"
        connection.execute(
            sa.update(memories).where(memories.c.id == number).values(starts=starts, ends=ends, lang=lang)
        )


def _lived(created: datetime, zone: str) -> date:
    """The day on which it was told: until 4 in the morning it is still the day before."""
    when = created if created.tzinfo is not None else created.replace(tzinfo=UTC)
    try:
        there = when.astimezone(ZoneInfo(zone))
    except (KeyError, ValueError, OSError):
        there = when.astimezone(ZoneInfo(_USUAL_ZONE))
    return (there - timedelta(hours=4)).date()


def _validity(key: str, told: date) -> tuple[date | None, date | None]:
    if key in _FADES:
        return told, told + timedelta(_FADES[key])
    monday = told - timedelta(told.weekday())
    if key in _WEEKENDS:
        return monday + timedelta(5), monday + timedelta(6)
    if key in _NEXT_WEEKS:
        return monday + timedelta(7), monday + timedelta(13)
    for word, shift in _DAY_WORDS.items():
        if key == word or (word.endswith(" ") and key.startswith(word)):
            return told + timedelta(shift), told + timedelta(shift)
    return None, None
