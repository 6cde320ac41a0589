"""Past turns and choices in SQL: every query carries the person, and the scope where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.people import Expression, Lang, Owner, Scores
from core.ports import Turn
from db.engine import Database
from db.erasing import leave
from db.owners import Now, affected, seen, seen_in, utc_now
from db.tables import ConversationRow, SettingRow, TurnRow
from db.tables_places import JoinedRow


class SqlHistoryStore:
    """:class:`core.ports.HistoryStore` on a :class:`Database`; one session per call.

    What :meth:`reword` and :meth:`drop_turn` erase, no query finds from then on; the next
    :meth:`Database.finish_erasures` takes it from every page.
    """

    def __init__(self, database: Database, now: Now = utc_now) -> None:
        """``now`` gives aware times."""
        self._db, self._now = database, now

    async def add_turn(self, owner: Owner, turn: Turn, epoch: int) -> bool:
        """Keep a turn; the same message id again replaces what was kept. Raises StoreError.

        False, and nothing written, when the person was erased since ``epoch`` was read.
        """
        now = self._now()

        async def work(session: AsyncSession) -> bool:
            if not await seen_in(session, owner.person, now, epoch):
                return False
            number = await _conversation(session, owner)
            row = await session.scalar(select(TurnRow).where(_turn(owner, turn.message_id)))
            if row is None:
                row = TurnRow(person=owner.person, scope=owner.scope, message_id=turn.message_id)
                session.add(row)
            row.conversation = number
            row.text, row.reply, row.summary = turn.text, turn.reply, turn.summary
            row.lang, row.created = turn.lang, turn.at
            for name, value in _columns(turn.expression).items():
                setattr(row, name, value)
            await session.flush()
            await session.execute(delete(JoinedRow).where(JoinedRow.turn == row.id))
            for position, joined in enumerate(turn.joined):
                session.add(JoinedRow(turn=row.id, message_id=joined, position=position))
            return True

        return await self._db.write(work)

    async def finish_turn(
        self,
        owner: Owner,
        message_id: str,
        *,
        summary: str | None = None,
        expression: Expression | None = None,
    ) -> None:
        """Fill in what is known later; None leaves what is there. Raises StoreError.

        Nothing happens if the turn is unknown or was forgotten.
        """
        values: dict[str, Any] = {} if expression is None else _columns(expression)
        if summary is not None:
            values["summary"] = summary
        if not values:
            return

        async def work(session: AsyncSession) -> None:
            await session.execute(update(TurnRow).where(_turn(owner, message_id)).values(**values))

        await self._db.write(work)

    async def turn(self, owner: Owner, message_id: str) -> Turn | None:
        """The turn that answers a message, itself or as part of a burst. Raises StoreError."""

        async def work(session: AsyncSession) -> Turn | None:
            row = await _answering(session, owner, message_id)
            return None if row is None else (await _to_turns(session, [row]))[0]

        return await self._db.read(work)

    async def reword(self, owner: Owner, message_id: str, text: str) -> bool:
        """Put words in the place of a turn's, which are erased; whether there is one. Raises StoreError."""

        async def work(session: AsyncSession) -> bool:
            there = update(TurnRow).where(_turn(owner, message_id)).values(text=text)
            found = await affected(session, there) > 0
            if found:
                await leave(session, owner, "message", message_id, self._now())
            return found

        return await self._db.erase(work, bool, later=True)

    async def drop_turn(self, owner: Owner, message_id: str) -> Turn | None:
        """Erase that turn; what it was, or None. Raises StoreError."""

        async def work(session: AsyncSession) -> Turn | None:
            row = await _answering(session, owner, message_id)
            if row is None:
                return None
            (gone,) = await _to_turns(session, [row])
            await session.execute(delete(TurnRow).where(TurnRow.id == row.id))
            await leave(session, owner, "message", gone.message_id, self._now())
            return gone

        return await self._db.erase(work, lambda gone: gone is not None, later=True)

    async def last_turns(self, owner: Owner, n: int) -> list[Turn]:
        """The newest ``n`` turns since the last reset, oldest first. Raises StoreError."""
        if n <= 0:
            return []

        async def work(session: AsyncSession) -> list[Turn]:
            number = await _conversation(session, owner)
            query = (
                select(TurnRow)
                .where(_of(TurnRow, owner), TurnRow.conversation == number)
                .order_by(TurnRow.id.desc())
                .limit(n)
            )
            return await _to_turns(session, [*reversed((await session.scalars(query)).all())])

        return await self._db.read(work)

    async def reset(self, owner: Owner) -> None:
        """Begin a new conversation; turns and memories stay. Raises StoreError."""
        now = self._now()

        async def work(session: AsyncSession) -> None:
            await seen(session, owner.person, now)
            number = await _conversation(session, owner) + 1
            await session.merge(
                ConversationRow(person=owner.person, scope=owner.scope, number=number, started=now)
            )

        await self._db.write(work)

    async def choices(self, person: str) -> dict[str, str]:
        """The person's settings by name. Raises StoreError."""

        async def work(session: AsyncSession) -> dict[str, str]:
            query = select(SettingRow.name, SettingRow.value).where(SettingRow.person == person)
            rows = (await session.execute(query.order_by(SettingRow.name))).all()
            return {name: value for name, value in rows}

        return await self._db.read(work)

    async def choose(self, person: str, name: str, value: str | None) -> None:
        """Set one setting, or clear it with None. Raises StoreError."""
        now = self._now()

        async def work(session: AsyncSession) -> None:
            if value is None:
                mine = and_(SettingRow.person == person, SettingRow.name == name)
                await session.execute(delete(SettingRow).where(mine))
                return
            await seen(session, person, now)
            await session.merge(SettingRow(person=person, name=name, value=value))

        await self._db.write(work)


def _of(table: type[TurnRow | ConversationRow], owner: Owner) -> ColumnElement[bool]:
    return and_(table.person == owner.person, table.scope == owner.scope)


def _turn(owner: Owner, message_id: str) -> ColumnElement[bool]:
    return and_(_of(TurnRow, owner), TurnRow.message_id == message_id)


async def _answering(session: AsyncSession, owner: Owner, message_id: str) -> TurnRow | None:
    """The row of a turn, by its own message or one of its burst."""
    burst = select(JoinedRow.turn).where(JoinedRow.message_id == message_id)
    mine = and_(_of(TurnRow, owner), or_(TurnRow.message_id == message_id, TurnRow.id.in_(burst)))
    return await session.scalar(select(TurnRow).where(mine).order_by(TurnRow.id.desc()).limit(1))


async def _conversation(session: AsyncSession, owner: Owner) -> int:
    return await session.scalar(select(ConversationRow.number).where(_of(ConversationRow, owner))) or 0


def _columns(expression: Expression | None) -> dict[str, Any]:
    if expression is None:
        names = ("eyes", "mouth", "pose", "intensity", "eyes_score", "mouth_score", "pose_score")
        return dict.fromkeys(names)
    return {
        "eyes": expression.eyes,
        "mouth": expression.mouth,
        "pose": expression.pose,
        "intensity": expression.intensity,
        "eyes_score": expression.scores.eyes,
        "mouth_score": expression.scores.mouth,
        "pose_score": expression.scores.pose,
    }


def _expression(row: TurnRow) -> Expression | None:
    if row.eyes is None or row.mouth is None or row.pose is None or row.intensity is None:
        return None
    scores = Scores(row.eyes_score or 0.0, row.mouth_score or 0.0, row.pose_score or 0.0)
    return Expression(row.eyes, row.mouth, row.pose, row.intensity, scores)


async def _to_turns(session: AsyncSession, rows: Sequence[TurnRow]) -> list[Turn]:
    query = select(JoinedRow).where(JoinedRow.turn.in_([row.id for row in rows]))
    bursts: dict[int, tuple[str, ...]] = {}
    for each in await session.scalars(query.order_by(JoinedRow.position)):
        bursts[each.turn] = (*bursts.get(each.turn, ()), each.message_id)
    return [
        Turn(
            row.message_id, row.text, row.reply, row.summary, cast(Lang, row.lang), row.created,
            _expression(row), bursts.get(row.id, ()),
        )
        for row in rows
    ]  # fmt: skip
