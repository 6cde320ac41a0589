"""Limits that the operator sets, on a clock that the test sets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from core.people import DIRECT, Owner
from core.ports_keeping import Limits, Overdue
from db.engine import Database
from db.retention import months_before
from db.stores import (
    SqlAuditLog,
    SqlChatStore,
    SqlDeliveryStore,
    SqlHistoryStore,
    SqlKeeper,
    SqlMemoryStore,
)
from db.tables import PersonRow
from tests.db.people import canary, content, join, settle_in
from tests.db.samples import START, fact, turn

JUN, MINA, JUN_TOO = "discord:9182736455", "discord:2020202020", "telegram:7364558291"


def days(number: float) -> datetime:
    """So long after the start."""
    return START + timedelta(days=number)


async def test_history_and_dated_facts_go_by_age(
    database: Database, memories: SqlMemoryStore, history: SqlHistoryStore, raw: Callable[[], bytes]
) -> None:
    owner, keeper, limits = Owner(JUN, DIRECT.scope), SqlKeeper(database), Limits(history_days=30)
    told = (
        ("내일 일정", "시험"), ("오늘 날씨", "눈"), ("plan for tomorrow", "dentist"), ("취미", "등산"),
        ("birthday", "March 2"), ("향후 일정", "유학"),
    )  # fmt: skip
    for number, (key, value) in enumerate(told):
        await memories.add(owner, fact(key, f"오래된{value}", minutes=number), 0)
        await memories.add(owner, replace(fact(key, f"새로운{value}"), created=days(20)), 0)
    for number in range(4):
        at = days(number * 10)
        kept = replace(turn(number, f"말{number}", f"대답{number}"), at=at, summary=f"요약{number}")
        await history.add_turn(owner, kept, 0)
        await SqlDeliveryStore(database).claim(f"m{number}", JUN, owner.scope, at)
    assert await keeper.overdue(limits, days(30)) == Overdue()

    expected = Overdue(turns=2, memories=3)
    assert await keeper.overdue(limits, days(41)) == expected
    assert len(await memories.list(owner)) == 12, "looking erases nothing"
    assert await keeper.retain(limits, days(41)) == expected
    assert await keeper.retain(limits, days(41)) == Overdue()

    assert [each.message_id for each in await history.last_turns(owner, 9)] == ["m2", "m3"]
    left = raw().decode(errors="replace")
    for gone in ("말0", "대답1", "요약1", "오래된시험", "오래된눈", "오래된dentist"):
        assert gone not in left
    for stays in ("말2", "오래된등산", "오래된March", "오래된유학", "새로운시험"):
        assert stays in left
    deliveries = SqlDeliveryStore(database)
    assert [await deliveries.of_source(f"m{n}") is not None for n in range(4)] == [False, False, True, True]


async def test_who_is_silent_is_forgotten_everywhere(
    database: Database, memories: SqlMemoryStore, raw: Callable[[], bytes]
) -> None:
    for person, heard in ((JUN, days(0)), (MINA, days(40))):
        await settle_in(database, person)
        await SqlHistoryStore(database, lambda at=heard: at).choose(person, "learning", "off")  # type: ignore[misc]
        await _heard(database, person, heard)
    await SqlChatStore(database).close(JUN, START)
    keeper, limits = SqlKeeper(database), Limits(silent_months=6)
    half_a_year = datetime(2027, 5, 21, 9, 30, tzinfo=UTC)
    assert await keeper.overdue(limits, half_a_year - timedelta(days=1)) == Overdue()

    late = half_a_year + timedelta(days=1)
    assert await keeper.overdue(limits, late) == Overdue(people=(JUN,))
    assert await keeper.retain(limits, late) == Overdue(people=(JUN,))
    assert await keeper.retain(limits, late) == Overdue(), "nobody is forgotten every day anew"

    assert JUN.encode() not in raw() and b"canary-discord-918" not in raw()
    assert canary(MINA, DIRECT, "said").encode() in raw()
    (entry,) = await SqlAuditLog(database).list("", 9)
    assert (entry.actor, entry.action) == ("-", "forget silent") and "918" not in entry.target
    assert await memories.epoch(JUN) == 1 and await memories.epoch(MINA) == 0


async def test_an_account_that_talks_keeps_the_linked_one(database: Database) -> None:
    for person in (JUN, JUN_TOO):
        await settle_in(database, person, DIRECT)
    await join(database, JUN, JUN_TOO)
    for person, heard in ((JUN, days(0)), (JUN_TOO, days(300))):
        await _heard(database, person, heard)
    keeper, limits = SqlKeeper(database), Limits(silent_months=1)
    assert await keeper.overdue(limits, days(310)) == Overdue()
    assert await keeper.retain(limits, days(340)) == Overdue(people=(JUN, JUN_TOO))


async def _heard(database: Database, person: str, at: datetime) -> None:
    """The person's last word was then."""
    await database.write(
        lambda session: session.execute(update(PersonRow).where(PersonRow.id == person).values(last_seen=at))
    )


async def test_a_message_is_a_word_an_admins_act_is_none(
    database: Database, memories: SqlMemoryStore
) -> None:
    owner = Owner(JUN, DIRECT.scope)
    await SqlHistoryStore(database, lambda: days(1)).add_turn(owner, turn(1), 0)
    assert f"{days(1):%Y-%m-%d}" in (await content(database))["people"]
    await SqlDeliveryStore(database, lambda: days(2)).claim("x", JUN, owner.scope, START)
    assert f"{days(2):%Y-%m-%d}" in (await content(database))["people"]
    await SqlMemoryStore(database, lambda: days(9)).forget(JUN, "group:x", below=True, by=MINA)
    assert f"{days(9):%Y-%m-%d}" not in (await content(database))["people"]


async def test_without_limits_nothing_goes(database: Database) -> None:
    await settle_in(database, JUN)
    assert not Limits() and Limits(history_days=1) and Limits(silent_months=1)
    assert await SqlKeeper(database).retain(Limits(), days(10_000)) == Overdue()
    assert canary(JUN, DIRECT, "said") in (await content(database))["turns"]


async def test_many_people_at_once(database: Database) -> None:
    await SqlHistoryStore(database, lambda: START).choose("discord:0", "language", "ko")

    async def born(session: AsyncSession) -> None:
        first = await session.get_one(PersonRow, "discord:0")
        session.add_all(
            PersonRow(
                id=f"discord:{number}", platform="discord", account=f"{number}", epoch=0, created=START,
                last_seen=first.last_seen,
            )
            for number in range(1, 105)
        )  # fmt: skip

    await database.write(born)
    done = await SqlKeeper(database).retain(Limits(silent_months=1), days(60))
    assert len(done.people) == 105
    assert (await content(database))["people"] == "[]"


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda now: 1950 <= now.year < 9000), st.integers(1, 500))
def test_months_go_back_by_the_calendar(now: datetime, months: int) -> None:
    before = months_before(now, months)
    assert (now.year * 12 + now.month) - (before.year * 12 + before.month) == months
    assert before.time() == now.time()
    last = (before + timedelta(days=1)).month != before.month
    assert before.day == now.day or (before.day < now.day and last)


@pytest.mark.parametrize(
    ("now", "months", "before"),
    [("2026-03-31", 1, "2026-02-28"), ("2024-03-31", 1, "2024-02-29"), ("2026-01-15", 1, "2025-12-15")],
)
def test_a_shorter_month_ends_sooner(now: str, months: int, before: str) -> None:
    assert months_before(datetime.fromisoformat(now), months) == datetime.fromisoformat(before)
