"""Vectors for facts that have none of the present sentence model, made while others read and write.

Vectors of two models, or of two lengths, are never compared: until a fact has one of the present model, it is
found by its words. A batch is read, encoded outside of any transaction, and written in a small one; what was
reworded, erased or vanished meanwhile is left as it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, and_, exists, func, not_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.ports import Vector
from db.engine import Database
from db.fact_rows import changed, keep_vector
from db.tables import MemoryRow, VectorRow

BATCH: Final = 64  # facts in one transaction, of some milliseconds

Encode = Callable[[Sequence[str]], Sequence[Vector]]
Progress = Callable[[int, int], None]  # done, of


class Model(NamedTuple):
    """A sentence model by its id and the length of its vectors."""

    id: str
    dim: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many facts there are, and how many of them lack a vector of a model."""

    facts: int
    lacking: int


@dataclass(frozen=True, slots=True)
class Done:
    """Facts with a new vector, those that changed meanwhile, and those that lack one still."""

    written: int
    changed: int
    left: int


class _Fact(NamedTuple):
    id: int
    key: str
    value: str
    person: str


async def coverage(database: Database, model: Model) -> Coverage:
    """How far the facts have vectors of a model; reads all of them. Raises StoreError."""

    async def work(session: AsyncSession) -> Coverage:
        lacking = select(func.count()).select_from(MemoryRow).where(_lacks(model))
        facts = await session.scalar(select(func.count()).select_from(MemoryRow))
        return Coverage(facts or 0, await session.scalar(lacking) or 0)

    return await database.read(work)


async def other_model(database: Database, model_id: str) -> str | None:
    """Some other model than this one of which there are vectors. Raises StoreError."""
    other = select(VectorRow.model_id).where(VectorRow.model_id != model_id).limit(1)
    return await database.read(lambda session: session.scalar(other))


async def reembed(database: Database, model: Model, encode: Encode, progress: Progress) -> Done:
    """Give every fact a vector of a model in place of all others. Raises StoreError, and what encode does.

    ``encode`` makes one vector of each ``[key: value]``, on a thread. What was written stays when this is
    interrupted; a second call goes on with what is lacking.
    """
    todo, last, done, skipped = (await coverage(database, model)).lacking, 0, 0, 0
    while batch := await _next(database, model, last):
        last = batch[-1].id
        vectors = await asyncio.to_thread(encode, [f"[{fact.key}: {fact.value}]" for fact in batch])
        written = await _write(database, model, batch, vectors)
        done, skipped = done + written, skipped + len(batch) - written
        progress(done + skipped, max(todo, done + skipped))
    return Done(done, skipped, (await coverage(database, model)).lacking)


def _lacks(model: Model) -> ColumnElement[bool]:
    of_model = and_(VectorRow.model_id == model.id, VectorRow.dim == model.dim)
    return not_(exists().where(VectorRow.memory_id == MemoryRow.id, of_model))


async def _next(database: Database, model: Model, last: int) -> list[_Fact]:
    """The first facts after ``last`` that lack a vector."""
    query = (
        select(MemoryRow.id, MemoryRow.key, MemoryRow.value, MemoryRow.person)
        .where(MemoryRow.id > last, _lacks(model)).order_by(MemoryRow.id).limit(BATCH)
    )  # fmt: skip

    async def work(session: AsyncSession) -> list[_Fact]:
        return [_Fact(*row) for row in (await session.execute(query)).all()]

    return await database.read(work)


async def _write(database: Database, model: Model, batch: Sequence[_Fact], vectors: Sequence[Vector]) -> int:
    """Keep the vectors of facts that read as they did; how many."""

    async def work(session: AsyncSession) -> int:
        row = MemoryRow
        query = select(row.id, row.key, row.value, row.person).where(row.id.in_([fact.id for fact in batch]))
        there = {_Fact(*found) for found in (await session.execute(query)).all()}
        same = [(fact, vector) for fact, vector in zip(batch, vectors, strict=True) if fact in there]
        for fact, vector in same:
            await keep_vector(session, fact.id, vector, model.id, others=False)
        await changed(session, sorted({fact.person for fact, _ in same}))
        return len(same)

    return await database.write(work)
