"""New vectors for old facts, while others read, write and forget."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Sequence
from pathlib import Path

import pytest

from core.errors import ModelError
from core.people import Owner
from core.ports import Vector
from db.engine import Database
from db.reembedding import BATCH, Coverage, Done, Model, coverage, other_model, reembed
from db.stores import SqlMemoryStore
from tests.db.samples import JUN, JUN_IN_GUILD, MINA, fact, unit

NEW = Model("m2", 2)
SEEN: dict[str, array[float]] = {"[취미: 등산]": unit(1, 0), "[꿈: 가수]": unit(0, 1)}


def encode(texts: Sequence[str]) -> list[Vector]:
    return [SEEN.get(text, unit(1, 1)) for text in texts]


async def renew(database: Database, model: Model = NEW) -> Done:
    return await reembed(database, model, encode, lambda done, of: None)


async def cosine_of(memories: SqlMemoryStore, owner: Owner, value: str) -> float:
    """The score of a fact for a message that shares no letter with it, nearly its cosine."""
    found = await memories.search(owner, "?", unit(1, 0), NEW.id, 9)
    return next(score for memory, score in found if memory.value == value)


async def test_facts_of_other_models_lengths_and_none_get_new_vectors(
    database: Database, memories: SqlMemoryStore
) -> None:
    await memories.add(JUN, fact("취미", "등산", unit(1, 0, 0), model="m1"), 0)
    await memories.add(JUN, fact("꿈", "가수", unit(1, 0, 0), model="m2", minutes=1), 0)
    await memories.add(JUN_IN_GUILD, fact("취미", "등산", minutes=2), 0)
    await memories.add(MINA, fact("취미", "등산", unit(0, 1), model="m2", minutes=3), 0)
    assert await coverage(database, NEW) == Coverage(4, 3)
    assert await cosine_of(memories, JUN, "등산") == 0  # by letters, and held in memory as such
    assert await renew(database) == Done(3, 0, 0)
    assert await coverage(database, NEW) == Coverage(4, 0)
    assert await cosine_of(memories, JUN, "등산") == pytest.approx(0.9)
    assert await cosine_of(memories, JUN_IN_GUILD, "등산") == pytest.approx(0.9)
    assert await cosine_of(memories, JUN, "가수") == pytest.approx(0)
    assert await cosine_of(memories, MINA, "등산") == pytest.approx(0)  # hers fitted, and is as it was
    assert await renew(database) == Done(0, 0, 0)


async def test_vectors_of_other_models_are_seen_and_gone_afterwards(
    database: Database, memories: SqlMemoryStore
) -> None:
    await memories.add(JUN, fact("취미", "등산", unit(1, 0), model="m2"), 0)
    assert await other_model(database, "m2") is None and await other_model(database, "m1") == "m2"
    await memories.add(JUN, fact("꿈", "가수", unit(1, 0), model="m1", minutes=1), 0)
    assert await other_model(database, "m2") == "m1"
    await renew(database)
    assert await other_model(database, "m2") is None


async def test_what_changes_meanwhile_is_left_alone(database: Database, memories: SqlMemoryStore) -> None:
    """One fact is edited, one deleted, one person forgotten, while their vectors are being made."""
    kept = await memories.add(JUN, fact("꿈", "가수", unit(1, 0), model="m1"), 0)
    edited = await memories.add(JUN, fact("취미", "등산", unit(1, 0), model="m1", minutes=1), 0)
    deleted = await memories.add(JUN, fact("운동", "수영", unit(1, 0), model="m1", minutes=2), 0)
    await memories.add(MINA, fact("취미", "등산", unit(1, 0), model="m1", minutes=3), 0)
    assert kept and edited and deleted
    loop = asyncio.get_running_loop()

    async def meanwhile() -> None:
        new = fact("취미", "독서", unit(0, 1), model="m2", minutes=4)
        assert await memories.edit(JUN, edited.id, new)
        await memories.delete(JUN, deleted.id)
        await memories.forget(MINA.person, None)

    def slow(texts: Sequence[str]) -> list[Vector]:
        if len(texts) == 4:
            asyncio.run_coroutine_threadsafe(meanwhile(), loop).result(timeout=30)
        return encode(texts)

    done = await reembed(database, NEW, slow, lambda done, of: None)
    assert done == Done(1, 3, 0)
    assert {memory.value for memory in await memories.list(JUN)} == {"가수", "독서"}
    assert await cosine_of(memories, JUN, "독서") == pytest.approx(0)  # the vector that came with the edit
    assert await memories.list(MINA) == [] and await coverage(database, NEW) == Coverage(2, 0)


async def test_what_was_interrupted_goes_on(database: Database, memories: SqlMemoryStore, file: Path) -> None:
    many = BATCH + 3
    for number in range(many):
        await memories.add(JUN, fact(f"k{number}", "등산", unit(1, 0), model="m1"), 0)
    batches: list[int] = []

    def breaks(texts: Sequence[str]) -> list[Vector]:
        batches.append(len(texts))
        if len(batches) > 1:
            raise ModelError("broken")
        return encode(texts)

    with pytest.raises(ModelError):
        await reembed(database, NEW, breaks, lambda done, of: None)
    assert await coverage(database, NEW) == Coverage(many, 3)
    told: list[tuple[int, int]] = []
    async with Database(file) as another:
        done = await reembed(another, NEW, encode, lambda done, of: told.append((done, of)))
    assert done == Done(3, 0, 0) and told == [(3, 3)]


async def test_facts_that_no_longer_count_get_theirs_too(
    database: Database, memories: SqlMemoryStore
) -> None:
    """They may count again when what took their place goes."""
    await memories.add(JUN, fact("사는 곳", "부산", unit(1, 0), model="m1"), 0)
    newer = await memories.add(JUN, fact("사는 곳", "서울", unit(1, 0), model="m1", minutes=1), 0)
    assert newer is not None and await renew(database) == Done(2, 0, 0)
    await memories.delete_source(JUN, newer.source)
    assert await cosine_of(memories, JUN, "부산") == pytest.approx(0.9 / 2**0.5)
