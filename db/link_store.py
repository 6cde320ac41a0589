"""Links between accounts in SQL: codes, guesses, questions, and who belongs together."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.links import LIFE, TRIES, WRONG_MOST, WRONG_WITHIN, opens
from core.people import DIRECT
from core.ports_links import Account, Agreement, LinkRequest
from db.engine import Database
from db.fact_rows import part, unite
from db.owners import Now, affected, seen, utc_now
from db.tables import MemoryRow, TurnRow
from db.tables_links import LinkCodeRow, LinkRequestRow, LinkRow, LinkTryRow
from db.tables_places import DeliveryRow


class SqlLinkStore:
    """:class:`core.ports_links.LinkStore` on a :class:`Database`; one session per call."""

    def __init__(self, database: Database, now: Now = utc_now) -> None:
        """``now`` gives aware times."""
        self._db, self._now = database, now

    async def offer(self, giver: Account, salt: bytes, sealed: bytes, now: datetime) -> None:
        """Keep a sealed code in place of an earlier one. Raises StoreError."""
        when = self._now()

        async def work(session: AsyncSession) -> None:
            await _tidy(session, now)
            await seen(session, giver.person, when)
            await session.merge(
                LinkCodeRow(
                    account=giver.person, name=giver.name, salt=salt, sealed=sealed, tries=TRIES,
                    expires=now + LIFE,
                )
            )  # fmt: skip

        await self._db.write(work)

    async def take(self, taker: Account, code: str, now: datetime) -> LinkRequest | None:
        """Use up a code; None when it does not join these accounts. Raises StoreError."""
        when = self._now()

        async def work(session: AsyncSession) -> LinkRequest | None:
            await _tidy(session, now)
            await seen(session, taker.person, when)  # locks the account: its guesses queue
            mine = LinkTryRow.account == taker.person
            wrong = await session.scalar(select(func.count()).select_from(LinkTryRow).where(mine)) or 0
            if wrong >= WRONG_MOST:
                return None
            rows = [*await session.scalars(select(LinkCodeRow).with_for_update())]
            found = [row for row in rows if opens(code, row.salt, row.sealed)]
            for row in found:
                if await _joins(session, row, taker.person) and await _used_up(session, row):
                    return await _ask(session, row, taker, now)
            session.add(LinkTryRow(account=taker.person, at=now))
            await _cost(session, rows)
            return None

        return await self._db.write(work)

    async def spoil(self, code: str, now: datetime) -> None:
        """Drop a code that others have seen. Raises StoreError."""

        async def work(session: AsyncSession) -> None:
            await _tidy(session, now)
            for row in [*await session.scalars(select(LinkCodeRow).with_for_update())]:
                if opens(code, row.salt, row.sealed):
                    await session.delete(row)

        await self._db.write(work)

    async def tidy(self, now: datetime) -> None:
        """Drop what is over. Raises StoreError."""
        await self._db.write(lambda session: _tidy(session, now))

    async def pending(self, person: str, now: datetime) -> LinkRequest | None:
        """The newest question to an account. Raises StoreError."""

        async def work(session: AsyncSession) -> LinkRequest | None:
            query = select(LinkRequestRow).where(_asks(person), LinkRequestRow.expires > now)
            row = await session.scalar(query.order_by(LinkRequestRow.id.desc()).limit(1))
            return None if row is None else _request(row)

        return await self._db.read(work)

    async def agree(self, person: str, request: int, now: datetime) -> Agreement:
        """One side confirms. Raises StoreError."""

        async def work(session: AsyncSession) -> Agreement:
            row = await session.get(LinkRequestRow, request, with_for_update=True)
            if row is None or person not in (row.giver, row.taker) or row.expires <= now:
                return Agreement.GONE
            row.giver_agreed = row.giver_agreed or person == row.giver
            row.taker_agreed = row.taker_agreed or person == row.taker
            if not (row.giver_agreed and row.taker_agreed):
                return Agreement.WAITS
            return await _join(session, row)

        return await self._db.write(work)

    async def refuse(self, person: str, request: int) -> bool:
        """One side says no; whether it was asked. Raises StoreError."""

        async def work(session: AsyncSession) -> bool:
            mine = delete(LinkRequestRow).where(LinkRequestRow.id == request, _asks(person))
            return await affected(session, mine) > 0

        return await self._db.write(work)

    async def linked(self, person: str) -> tuple[Account, ...]:
        """The other accounts of the same person. Raises StoreError."""
        return await self._db.read(lambda session: _others(session, person))

    async def unlink(self, person: str) -> tuple[Account, ...]:
        """Split; from which accounts. Raises StoreError."""

        async def work(session: AsyncSession) -> tuple[tuple[Account, ...], int]:
            others = await _others(session, person)
            both = [person, *(other.person for other in others)] if others else []
            retold = sum([await forget_retold(session, each) for each in both])
            await forget_links(session, person)
            await part(session, both)
            return others, retold

        others, _ = await self._db.erase(work, lambda done: done[1] > 0, later=True)
        return others


async def forget_links(session: AsyncSession, person: str) -> int:
    """Erase the codes, questions and the link of an account; how many rows."""
    row = await session.get(LinkRow, person)
    gone = 0 if row is None else await affected(session, delete(LinkRow).where(LinkRow.person == row.person))
    return gone + await _end_questions(session, person)


async def forget_retold(session: AsyncSession, person: str) -> int:
    """Erase the direct messages in which an account was reminded of facts that it does not keep; how many.

    What came after them in the same conversation may repeat them, and goes too.
    """
    mine = and_(TurnRow.person == person, TurnRow.scope == DIRECT.scope)
    own = {*await session.scalars(select(MemoryRow.id).where(MemoryRow.person == person))}
    query = select(TurnRow.id, TurnRow.conversation, DeliveryRow.recalled).join(
        DeliveryRow, DeliveryRow.message_id == TurnRow.message_id
    )
    recalling = query.where(mine, DeliveryRow.person == person, DeliveryRow.recalled != "")
    first: dict[int, int] = {}
    for turn, conversation, recalled in (await session.execute(recalling.order_by(TurnRow.id))).all():
        if not own.issuperset(map(int, recalled.split())):
            first.setdefault(conversation, turn)
    retold = [and_(TurnRow.conversation == each, TurnRow.id >= turn) for each, turn in first.items()]
    return sum([await affected(session, delete(TurnRow).where(mine, later)) for later in retold])


async def _end_questions(session: AsyncSession, *people: str) -> int:
    codes = await affected(session, delete(LinkCodeRow).where(LinkCodeRow.account.in_(people)))
    asked = LinkRequestRow.giver.in_(people) | LinkRequestRow.taker.in_(people)
    return codes + await affected(session, delete(LinkRequestRow).where(asked))


async def _tidy(session: AsyncSession, now: datetime) -> None:
    """Drop what is over."""
    await session.execute(delete(LinkCodeRow).where(LinkCodeRow.expires <= now))
    await session.execute(delete(LinkRequestRow).where(LinkRequestRow.expires <= now))
    await session.execute(delete(LinkTryRow).where(LinkTryRow.at <= now - WRONG_WITHIN))


async def _joins(session: AsyncSession, row: LinkCodeRow, taker: str) -> bool:
    """Whether the code may join its account and this one: of two platforms, both still alone."""
    if Account(row.account).platform == Account(taker).platform:
        return False
    taken = select(func.count()).select_from(LinkRow).where(LinkRow.account.in_((row.account, taker)))
    return not await session.scalar(taken)


async def _used_up(session: AsyncSession, row: LinkCodeRow) -> bool:
    """Take the code away; False when someone else was faster."""
    this = LinkCodeRow.account == row.account, LinkCodeRow.sealed == row.sealed
    drop = delete(LinkCodeRow).where(*this).execution_options(synchronize_session=False)
    return await affected(session, drop) > 0


async def _cost(session: AsyncSession, rows: list[LinkCodeRow]) -> None:
    """A wrong guess was one at every code that was open."""
    for row in rows:
        row.tries -= 1
        if row.tries <= 0:
            await session.delete(row)


async def _ask(session: AsyncSession, row: LinkCodeRow, taker: Account, now: datetime) -> LinkRequest:
    giver = Account(row.account, row.name)
    session.expunge(row)
    await _end_questions(session, giver.person, taker.person)
    asked = LinkRequestRow(
        giver=giver.person, giver_name=giver.name, giver_agreed=False, taker=taker.person,
        taker_name=taker.name, taker_agreed=False, expires=now + LIFE,
    )  # fmt: skip
    session.add(asked)
    await session.flush()
    return _request(asked)


async def _join(session: AsyncSession, row: LinkRequestRow) -> Agreement:
    request = _request(row)
    both = request.giver, request.taker
    names = [account.person for account in both]
    taken = select(func.count()).select_from(LinkRow).where(LinkRow.account.in_(names))
    joined = bool(await session.scalar(taken))
    session.expunge(row)
    await _end_questions(session, *names)
    if joined:
        return Agreement.GONE
    person = secrets.token_hex(8)
    session.add_all(
        LinkRow(account=account.person, person=person, name=other.name)
        for account, other in (both, both[::-1])
    )
    await unite(session, names)
    return Agreement.LINKED


async def _others(session: AsyncSession, person: str) -> tuple[Account, ...]:
    row = await session.get(LinkRow, person)
    if row is None:
        return ()
    query = select(LinkRow.account).where(LinkRow.person == row.person, LinkRow.account != person)
    return tuple(Account(account, row.name) for account in await session.scalars(query))


def _asks(person: str) -> ColumnElement[bool]:
    return or_(LinkRequestRow.giver == person, LinkRequestRow.taker == person)


def _request(row: LinkRequestRow) -> LinkRequest:
    giver, taker = Account(row.giver, row.giver_name), Account(row.taker, row.taker_name)
    return LinkRequest(row.id, giver, taker, row.expires, row.giver_agreed, row.taker_agreed)
