"""What is held of facts between searches: never old, never another's, and nothing after an erasure."""

from __future__ import annotations

import asyncio
import math
import threading
from array import array
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.people import DIRECT, Owner
from core.ports_keeping import Limits
from db.engine import Database
from db.fact_index import FactIndex
from db.ranking import Facts, Row, best, pack
from db.stores import SqlGroupStore, SqlHistoryStore, SqlKeeper, SqlLinkStore, SqlMemoryStore
from tests.db.people import GUILD, HIDDEN, join, settle_in
from tests.db.samples import JUN, JUN_IN_GUILD, MINA, START, fact, likeness, unit

NUMBERS = st.sampled_from([0.0, 1.0, -0.5, 1e-30, 1e30, math.nan, math.inf])
VECTORS = st.none() | st.integers(1, 3).flatmap(lambda size: st.lists(NUMBERS, min_size=size, max_size=size))
ROWS = st.lists(
    st.tuples(st.sampled_from(("취미", "sport", "")), st.text(alphabet="등산수영a ", max_size=6), st.integers(0, 3),
              st.booleans(), st.none() | st.integers(0, 20), VECTORS),
    max_size=8,
)  # fmt: skip


def score(text: str, said: str, vector: Sequence[float] | None, other: Sequence[float] | None) -> float:
    """How alike a question and a fact are, number by number."""
    spelt = likeness(text, said)
    if vector is None or other is None or len(vector) != len(other):
        return spelt
    lengths = [math.sqrt(sum(x * x for x in each)) for each in (vector, other)]
    if not all(0 < length < 1e15 for length in lengths):
        return 0.1 * spelt
    cosine = sum(x * y for x, y in zip(vector, other, strict=True)) / (lengths[0] * lengths[1])
    return 0.9 * cosine + 0.1 * spelt


@given(ROWS, st.text(alphabet="등산수영a ", max_size=8), st.none() | st.just([0.6, 0.8]), st.integers(1, 5))
def test_the_best_facts_are_those_of_a_plain_count(
    drawn: list[tuple[str, str, int, bool, int | None, list[float] | None]], text: str,
    vector: list[float] | None, k: int,
) -> None:  # fmt: skip
    today, rows, wanted = date(2026, 11, 21), [], []
    for id_, (key, value, created, pinned, days, numbers) in enumerate(drawn, 1):
        ends = None if days is None else today - timedelta(days)
        blob = None if numbers is None else pack(array("f", numbers))
        rows.append(Row(id_, f"{key} {value}", f"{created}", None if pinned else ends, blob))
        if pinned or days is None or days <= 7:
            wanted.append((round(score(text, f"{key} {value}", vector, numbers), 5), f"{created}", id_))
    found = best([Facts.of(rows)], text, None if vector is None else array("f", vector), k, today)
    told = [(round(points, 5), rows[id_ - 1].created, id_) for id_, points in found.items()]
    assert [points for points, *_ in told] == pytest.approx(
        [w[0] for w in sorted(wanted, reverse=True)[:k]], abs=2e-5
    )
    assert {id_ for *_, id_ in told} <= {id_ for *_, id_ in wanted} and len(told) == min(k, len(wanted))


async def test_of_equals_the_newer_comes_first(memories: SqlMemoryStore) -> None:
    for minutes in (3, 9, 1, 5):
        await memories.add(JUN, fact("취미", f"{minutes}", unit(1, 0), minutes=minutes), 0)
    found = await memories.search(JUN, "?", unit(1, 0), "m1", 3)
    assert [memory.value for memory, _ in found] == ["9", "5", "3"]


async def test_facts_of_some_families_alone(memories: SqlMemoryStore) -> None:
    """Plans are one family whatever their day, and so is a key in both languages."""
    told = (
        ("취미", "등산"),
        ("hobby", "chess"),
        ("내일 일정", "치과"),
        ("plan for today", "choir"),
        ("생일", "5월"),
    )
    for minutes, (key, value) in enumerate(told):
        await memories.add(JUN, fact(key, value, minutes=minutes), 0)
    for families, keys in (
        ({"취미"}, {"취미", "hobby"}), ({"plan"}, {"내일 일정", "plan for today"}), ({"생일", "?"}, {"생일"}),
        (set(), set()), (None, {"취미", "hobby", "내일 일정", "plan for today", "생일"}),
    ):  # fmt: skip
        found = await memories.search(JUN, "등산", None, "", 9, families=families)
        assert {memory.key for memory, _ in found} == keys


STEPS = st.lists(
    st.tuples(st.sampled_from(("add", "add", "add", "edit", "pin", "unpin", "delete", "retract", "recall", "forget")),
              st.sampled_from(("부산", "서울", "대구")), st.integers(0, 9)),
    max_size=14,
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
async def test_whatever_is_done_a_search_finds_what_is_there(
    address: str | Path, steps: list[tuple[str, str, int]]
) -> None:
    """Also what another process did, on its own connections."""
    owner = Owner(f"console:{uuid4()}", DIRECT.scope)
    async with Database(address) as here, Database(address) as there:
        warm, stores = SqlMemoryStore(here), (SqlMemoryStore(here), SqlMemoryStore(there))
        for number, (act, city, which) in enumerate(steps):
            await do(
                stores[number % 2], owner, act, fact("사는 곳", city, unit(1, which), minutes=which), which
            )
            found = [
                await each.search(owner, "사는 곳 서울", unit(1, 0), "m1", 9)
                for each in (warm, SqlMemoryStore(there))
            ]
            assert found[0] == found[1]


async def do(store: SqlMemoryStore, owner: Owner, act: str, new: object, which: int) -> None:
    """One step."""
    known = await store.list(owner)
    some = known[which % len(known)] if known else None
    if act == "add":
        await store.add(owner, new, await store.epoch(owner.person))  # type: ignore[arg-type]
    elif act == "forget" and which < 3:
        await store.forget(owner.person, (None, owner.scope)[which % 2])
    elif some is not None:
        acts: dict[str, Callable[[], Awaitable[object]]] = {
            "edit": lambda: store.edit(owner, some.id, new),  # type: ignore[arg-type]
            "pin": lambda: store.pin(owner, some.id, True), "unpin": lambda: store.pin(owner, some.id, False),
            "delete": lambda: store.delete(owner, some.id), "retract": lambda: store.delete_source(owner, some.source),
            "recall": lambda: store.recalled(owner, [some.id]), "forget": lambda: store.list(owner),
        }  # fmt: skip
        await acts[act]()


async def test_who_is_linked_is_seen_at_once_and_no_longer_than_that(database: Database) -> None:
    memories = SqlMemoryStore(database)
    jun, too = "discord:1", "telegram:2"
    for person, value in ((jun, "등산"), (too, "수영")):
        await memories.add(Owner(person, DIRECT.scope), fact("취미", value), 0)

    async def seen(person: str, scope: str = DIRECT.scope) -> set[str]:
        found = await memories.search(Owner(person, scope), "취미", None, "", 9)
        return {memory.value for memory, _ in found}

    assert (await seen(jun), await seen(too)) == ({"등산"}, {"수영"})
    await join(database, jun, too)
    assert await seen(jun) == await seen(too) == {"등산", "수영"} and await seen(jun, GUILD.scope) == set()
    await memories.add(Owner(too, DIRECT.scope), fact("취미", "독서"), 0)
    assert await seen(jun) == {"등산", "수영", "독서"}
    await SqlLinkStore(database).unlink(jun)
    assert (await seen(jun), await seen(too)) == ({"등산"}, {"수영", "독서"})


async def held(index: FactIndex, database: Database, owner: Owner, model: str = "m1") -> int:
    """Bytes that are held once an owner's facts were read."""
    await database.read(lambda session: index.facts(session, owner, model))
    return index.size


ERASURES: dict[str, Callable[[Database], Awaitable[object]]] = {
    "everywhere": lambda database: SqlMemoryStore(database).forget(JUN.person, None),
    "here": lambda database: SqlMemoryStore(database).forget(JUN.person, DIRECT.scope),
    "below": lambda database: SqlMemoryStore(database).forget(JUN.person, GUILD.scope, below=True),
    "a group": lambda database: SqlGroupStore(database).erase("discord:42"),
    "a message": lambda database: SqlMemoryStore(database).delete_source(JUN, "message-0"),
    "a turn": lambda database: SqlHistoryStore(database).drop_turn(JUN, f"{JUN.person}-direct-1"),
    "history": lambda database: SqlKeeper(database).retain(Limits(history_days=1), START + timedelta(900)),
    "the silent": lambda database: SqlKeeper(database).retain(
        Limits(silent_months=1), START + timedelta(900)
    ),
}


@pytest.mark.parametrize("what", ERASURES)
async def test_nothing_is_held_after_an_erasure(database: Database, what: str) -> None:
    await settle_in(database, JUN.person, DIRECT, GUILD, HIDDEN)
    index = FactIndex(database)
    for place in (DIRECT, GUILD, HIDDEN):
        assert await held(index, database, Owner(JUN.person, place.scope)) > 0
    await ERASURES[what](database)
    assert index.size == 0


async def test_an_erasure_while_facts_are_read_leaves_none(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await settle_in(database, JUN.person, DIRECT)
    index, reading, go, made = FactIndex(database), threading.Event(), threading.Event(), Facts.of

    def slowly(rows: Sequence[Row]) -> Facts:
        reading.set()
        go.wait(5)
        return made(rows)

    monkeypatch.setattr(Facts, "of", slowly)
    search = asyncio.create_task(held(index, database, JUN))
    await asyncio.to_thread(reading.wait, 5)
    forgotten = asyncio.create_task(SqlMemoryStore(database).forget(JUN.person, None))
    while not index._erasures:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    go.set()
    assert await search == 0 and (await forgotten)["memories"] == 1 and index.size == 0


async def test_what_another_process_erased_goes_when_anything_is_read_anew(
    database: Database, address: str | Path
) -> None:
    for owner in (JUN, MINA):
        await settle_in(database, owner.person, DIRECT)
    alone = await held(FactIndex(database), database, MINA)
    index = FactIndex(database)
    assert await held(index, database, JUN) > 0
    async with Database(address) as other:
        await SqlMemoryStore(other).forget(JUN.person, None)
    assert await held(index, database, MINA) == alone


async def test_no_more_is_held_than_was_allowed(database: Database) -> None:
    memories = SqlMemoryStore(database)
    for owner in (JUN, JUN_IN_GUILD, MINA):
        await memories.add(owner, fact("취미", "등산", unit(*[1] * 100)), 0)
    one = await held(FactIndex(database), database, JUN)
    index = FactIndex(database, 2 * one)
    assert await held(index, database, JUN) == await held(index, database, JUN) == one
    assert await held(index, database, JUN_IN_GUILD) == 2 * one
    await held(index, database, JUN)
    assert await held(index, database, MINA) == 2 * one
    assert [key.scope + key.person for key in index._held] == [
        JUN.scope + JUN.person,
        MINA.scope + MINA.person,
    ]
    assert await held(FactIndex(database, one - 1), database, JUN) == 0
