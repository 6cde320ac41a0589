"""Rows of facts inside a transaction: written as ``core.merging`` decides, and put right when others go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, delete, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from core.clock import lived_day
from core.facts import TOLD_AS_PAST, canonical, is_single
from core.merging import Fate, family, fate, merge, too_old, usefulness, validity
from core.people import DIRECT, Lang, Owner
from core.ports import Vector
from core.ports_memory import Memory, NewMemory
from db.lexical import digest
from db.ranking import cosines, pack
from db.scopes import accounts, readable
from db.tables import MemoryRow, PersonRow, VectorRow

CAP: Final = 2000  # facts of one person in one scope
SLACK: Final = 50  # one fiftieth of them goes at once
MET: Final = 50  # facts of a family, the last before each, that are looked at when accounts are linked


def memory_of(row: MemoryRow) -> Memory:
    """A row as it leaves the store."""
    lang: Lang = "en" if row.lang == "en" else "ko"
    return Memory(
        row.id, row.key, row.value, row.created, row.source, row.pinned, row.person, lang, row.starts,
        row.ends, row.confidence, row.superseded_by,
    )  # fmt: skip


def owned(owner: Owner) -> ColumnElement[bool]:
    """The facts that an account keeps in a scope."""
    return and_(MemoryRow.person == owner.person, MemoryRow.scope == owner.scope)


def names(row: MemoryRow) -> tuple[str, str]:
    """By what a fact is known again in a backup: its words, and its id, for there it may have had others."""
    return row.digest, str(row.id)


async def write(
    session: AsyncSession, owner: Owner, new: NewMemory, now: datetime, cap: int
) -> Memory | None:
    """The fact that ``new`` became; None where it is the least useful of too many."""
    same = digest(new.key, new.value)
    known = await _family(session, owner, new, same)
    equal = next((id_ for id_, row in known.items() if row.digest == same), None)
    near = await _likeness(session, new, known)
    decided = merge(new, [(memory_of(row), near.get(id_)) for id_, row in known.items()], equal)
    row = known.get(decided.refreshes or 0)
    if row is None:
        row = MemoryRow(person=owner.person, scope=owner.scope, pinned=False, recalls=0, confidence=0.0)
        row.created, (row.starts, row.ends) = new.created, (new.starts, new.ends)
        session.add(row)
    elif not decided.stale:
        row.starts, row.ends = validity(new, memory_of(row))
    if not decided.stale:
        row.created, row.updated = max(new.created, row.created), now
        row.confidence, row.superseded_by = max(new.confidence, row.confidence), decided.superseded_by
        row.pinned = row.pinned or new.pinned or decided.pinned
    if decided.reworded:
        row.digest, row.key, row.value = same, new.key, new.value
        row.lang, row.source = new.lang, new.source
        await session.flush()
    if decided.reworded or row.id == equal:
        await keep_vector(session, row.id, new.vector, new.model_id, others=row.id == equal)
    for id_ in decided.supersedes:
        known[id_].superseded_by, known[id_].pinned = row.id, False
    if row.superseded_by is not None and row.pinned:  # a pin goes to what counts
        known[row.superseded_by].pinned, row.pinned = True, False
    if not decided.stale:
        await _end_others(session, owner, new, row)
    await session.flush()
    there = known | {row.id: row}
    await remove(session, [there[id_] for id_ in too_old(memory_of(each) for each in there.values())])
    await _make_room(session, owner, now, cap)
    await changed(session, accounts(literal(owner.person), owner.scope))
    kept = await session.get(MemoryRow, row.id, populate_existing=True)  # as any later reader sees it
    return None if kept is None else memory_of(kept)


async def _end_others(session: AsyncSession, owner: Owner, new: NewMemory, row: MemoryRow) -> None:
    """Let a fact count in place of what its message ended, and settle it with rivals of linked accounts."""
    seen = and_(readable(owner), MemoryRow.id != row.id, MemoryRow.superseded_by.is_(None))
    older = and_(seen, MemoryRow.created <= new.created)
    for ended in await session.scalars(select(MemoryRow).where(older, MemoryRow.id.in_(new.instead_of))):
        ended.superseded_by = row.id
        if ended.pinned and ended.person == row.person:
            row.pinned, ended.pinned = row.pinned or family(row.key) == family(ended.key), False
    if owner.scope != DIRECT.scope or row.superseded_by is not None:
        return
    others = and_(seen, MemoryRow.person != owner.person)
    keys = await session.scalars(select(MemoryRow.key).where(others).distinct())
    meeting = MemoryRow.key.in_([key for key in keys if family(key) == family(new.key)])
    found = {each.id: each for each in await session.scalars(select(MemoryRow).where(others, meeting))}
    near = await _likeness(session, new, found)
    rivals = [each for id_, each in found.items() if fate(new, memory_of(each), near.get(id_)) is Fate.RIVALS]
    over = [each for each in rivals if each.created > new.created]
    if over:
        row.superseded_by = max(over, key=_weight).id
        return
    for each in rivals:  # which stays pinned, for the day on which its account has it back
        each.superseded_by = row.id


def _weight(row: MemoryRow) -> tuple[bool, datetime, int]:
    """Of facts of which one counts, the pinned or newest one does."""
    return row.pinned, row.created, row.id


async def changed(session: AsyncSession, people: Sequence[str] | Select[str]) -> None:
    """What is held of these people's facts is old; whoever writes facts or vectors says so."""
    theirs = update(PersonRow).where(PersonRow.id.in_(people)).values(revision=PersonRow.revision + 1)
    await session.execute(theirs, execution_options={"synchronize_session": False})


async def _family(session: AsyncSession, owner: Owner, new: NewMemory, same: str) -> dict[int, MemoryRow]:
    """The facts that a new one may meet: of its family and not over for long, or history; and the same.

    Keys that are the same but for their spelling may be of two families: "토요일 일정", "토요일일정".
    """
    wanted = family(new.key)
    keys = await session.scalars(select(MemoryRow.key).where(owned(owner)).distinct())
    meeting = MemoryRow.key.in_([each for each in keys if family(each) == wanted])
    alive = or_(MemoryRow.ends.is_(None), MemoryRow.ends >= lived_day(new.created) - timedelta(TOLD_AS_PAST))
    kin = and_(meeting, or_(alive, MemoryRow.superseded_by.is_not(None)))
    rows = await session.scalars(select(MemoryRow).where(owned(owner), or_(kin, MemoryRow.digest == same)))
    return {row.id: row for row in rows}


async def _likeness(session: AsyncSession, new: NewMemory, known: Collection[int]) -> dict[int, float | None]:
    """The cosine of the new fact's vector with those of others."""
    if new.vector is None or not known:
        return {}
    theirs = and_(VectorRow.memory_id == MemoryRow.id, VectorRow.model_id == new.model_id)
    query = select(MemoryRow.id, VectorRow.vector).join(VectorRow, theirs).where(MemoryRow.id.in_(known))
    blobs = {id_: blob for id_, blob in (await session.execute(query)).all()}
    return dict(zip(blobs, cosines(new.vector, list(blobs.values())), strict=True))


async def keep_vector(
    session: AsyncSession, id_: int, vector: Vector | None, model_id: str, *, others: bool
) -> None:  # fmt: skip
    """The vector of a wording; ``others``: those of other models are of the same one, and stay."""
    if not others:
        await session.execute(delete(VectorRow).where(VectorRow.memory_id == id_))
    if vector is not None and len(vector):
        row = VectorRow(memory_id=id_, model_id=model_id, dim=len(vector), vector=pack(vector))
        await session.merge(row)


async def remove(session: AsyncSession, rows: Iterable[MemoryRow], *, unsaid: bool = False) -> int:
    """Delete facts; how many. What was told after one that was pinned counts again.

    ``unsaid``: as if they had never been told, so that everything they had superseded counts again.
    """
    gone = sorted(rows, key=lambda row: (row.created, row.id))
    for row in gone:
        heirs = [*await session.scalars(select(MemoryRow).where(_after(row)))]
        for heir in heirs:
            if row.superseded_by is not None:
                heir.superseded_by = row.superseded_by
            elif unsaid or heir.created > row.created:
                heir.superseded_by = None
        kin = [heir for heir in heirs if unsaid and row.pinned and family(heir.key) == family(row.key)]
        if kin and row.superseded_by is None:
            max(kin, key=_weight).pinned = True
        await session.delete(row)
        await session.flush()
    for owner in dict.fromkeys(Owner(row.person, row.scope) for row in gone):
        await settle(session, owner)
    return len(gone)


def _after(row: MemoryRow) -> ColumnElement[bool]:
    """The facts that a fact has taken the place of."""
    return and_(readable(Owner(row.person, row.scope)), MemoryRow.superseded_by == row.id)


async def unite(session: AsyncSession, people: Sequence[str]) -> None:
    """Settle what accounts had told before they were linked; :func:`part` gives each its own back."""
    counts = and_(MemoryRow.scope == DIRECT.scope, MemoryRow.superseded_by.is_(None))
    query = select(MemoryRow).where(counts, MemoryRow.person.in_(people))
    met: defaultdict[str, list[MemoryRow]] = defaultdict(list)
    for row in sorted(await session.scalars(query), key=_weight):
        beaten = [
            each for each in met[family(row.key)][-MET:]
            if each.person != row.person and each.superseded_by is None and not each.pinned
            and _rivals(row, each)
        ]  # fmt: skip
        for each in beaten:
            each.superseded_by = row.id
        met[family(row.key)].append(row)
    await session.flush()
    await changed(session, people)


async def release(session: AsyncSession, people: Sequence[str]) -> None:
    """Let the facts of accounts count in whose place one of another account did."""
    winner = aliased(MemoryRow)
    others = select(winner.id).where(winner.id == MemoryRow.superseded_by, winner.person != MemoryRow.person)
    theirs = update(MemoryRow).where(MemoryRow.person.in_(people), others.exists()).values(superseded_by=None)
    await session.execute(theirs, execution_options={"synchronize_session": False})


async def part(session: AsyncSession, people: Sequence[str]) -> None:
    """Give accounts that are no longer linked their own back: what another's facts had superseded counts."""
    await release(session, people)
    for person in people:
        await settle(session, Owner(person, DIRECT.scope))


async def settle(session: AsyncSession, owner: Owner) -> None:
    """Of keys of which one fact is true at a time, let the pinned or newest one that an owner sees count."""
    counts = and_(readable(owner), MemoryRow.superseded_by.is_(None))
    keys = await session.scalars(select(MemoryRow.key).where(counts).distinct())
    meeting = MemoryRow.key.in_([key for key in keys if is_single(key)])
    found: defaultdict[str, list[MemoryRow]] = defaultdict(list)
    fresh = {"populate_existing": True}  # release() says nothing to the session
    for row in await session.scalars(select(MemoryRow).where(counts, meeting).execution_options(**fresh)):
        found[canonical(row.key)].append(row)
    for rows in found.values():
        first = max(rows, key=_weight)
        for row in rows:
            own = row.person == first.person  # accounts may say the same, each for itself
            if row is not first and not row.pinned and (own or _rivals(first, row)):
                row.superseded_by = first.id
    await session.flush()
    await changed(session, accounts(literal(owner.person), owner.scope))


def _rivals(row: MemoryRow, other: MemoryRow) -> bool:
    return fate(memory_of(row), memory_of(other)) is Fate.RIVALS


async def pin(session: AsyncSession, row: MemoryRow, on: bool) -> None:
    """Pin a fact, which counts then, or unpin it: then what was told after it counts."""
    row.pinned = on
    if on and row.superseded_by is not None:
        winner = await session.get(MemoryRow, row.superseded_by)
        row.superseded_by = None
        if winner is not None:
            winner.superseded_by, winner.pinned = row.id, False
    elif not on:
        later = select(MemoryRow).where(_after(row), MemoryRow.created > row.created)
        heirs = [*await session.scalars(later)]
        for heir in heirs:
            heir.superseded_by = None
        if heirs:
            row.superseded_by = max(heirs, key=lambda heir: (heir.created, heir.id)).id
    await session.flush()
    await settle(session, Owner(row.person, row.scope))


async def _make_room(session: AsyncSession, owner: Owner, now: datetime, cap: int) -> None:
    """Delete the least useful facts once there are more than ``cap``, with some more for the next writes."""
    there = await session.scalar(select(func.count()).select_from(MemoryRow).where(owned(owner))) or 0
    if there <= cap:
        return
    row = MemoryRow
    query = select(
        row.id,
        row.pinned,
        row.superseded_by,
        row.ends,
        row.created,
        row.recalled,
        row.confidence,
        row.recalls,
    ).where(owned(owner))
    worth = []
    for id_, pinned, winner, ends, created, recalled, confidence, times in (
        await session.execute(query)
    ).all():
        last = max(created, recalled or created)
        use = usefulness(
            pinned=pinned, former=winner is not None, ends=ends, last=last, confidence=confidence,
            times=times, now=now,
        )  # fmt: skip
        worth.append((use, id_))
    worth.sort()
    too_many = there - cap
    least = [
        id_ for at, (use, id_) in enumerate(worth[: too_many + cap // SLACK]) if at < too_many or not use[0]
    ]
    await remove(session, await session.scalars(select(MemoryRow).where(MemoryRow.id.in_(least))))
