"""A group that becomes a supergroup, and chats that cannot be written to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.people import DIRECT, Owner, Place, PlaceKind
from core.ports_places import GroupStore
from db.engine import Database
from db.stores import (
    SqlAuditLog,
    SqlBlockStore,
    SqlChatStore,
    SqlDeliveryStore,
    SqlGroupStore,
    SqlHistoryStore,
    SqlMemoryStore,
)
from tests.db.samples import START, fact, turn, unit

JUN, MINA = "telegram:1", "telegram:2"
OLD, NEW, NEAR = "telegram:-7", "telegram:-1007", "telegram:-70"


def here(person: str, group: str, hidden: str = "") -> Owner:
    return Owner(person, Place(PlaceKind.GROUP, group, hidden).scope)


@pytest.fixture
def groups(database: Database) -> GroupStore:
    return SqlGroupStore(database)


async def test_everything_moves(
    database: Database, groups: GroupStore, memories: SqlMemoryStore, history: SqlHistoryStore
) -> None:
    blocks, audit = SqlBlockStore(database), SqlAuditLog(database)
    deliveries, chats = SqlDeliveryStore(database), SqlChatStore(database)
    for group, hidden in ((OLD, ""), (OLD, "9"), (NEAR, "")):
        await memories.add(here(JUN, group, hidden), fact("취미", f"등산{hidden}", unit(1, 0)), 0)
        await history.add_turn(here(JUN, group, hidden), turn(1), 0)
    await history.reset(here(MINA, OLD))
    await history.add_turn(here(MINA, OLD), turn(2), 0)
    await groups.set(OLD, "language", "en")
    await blocks.block(OLD, MINA, JUN, "x", None, START)
    await audit.add(OLD, JUN, "block", MINA, {})
    await deliveries.claim("m1", JUN, here(JUN, OLD).scope, START)
    await groups.left(OLD, START)
    await chats.close(OLD, START)
    for _ in range(2):  # both chats tell of it
        await groups.move(OLD, NEW)
    assert OLD not in await groups.known() and {NEW, NEAR} <= {*await groups.known()}
    assert [m.value for m in await memories.list(here(JUN, NEW))] == ["등산"]
    assert [m.value for m in await memories.list(here(JUN, NEW, "9"))] == ["등산9"]
    assert (await memories.search(here(JUN, NEW), "?", unit(1, 0), "m1", 1))[0][1] == pytest.approx(0.9)
    assert len(await memories.list(here(JUN, NEAR))) == 1
    assert await history.last_turns(here(JUN, NEW), 9) == [turn(1)]
    assert await history.last_turns(here(MINA, NEW), 9) == [turn(2)]
    assert await history.last_turns(here(JUN, OLD), 9) == []
    assert await groups.settings(NEW) == {"language": "en"} and await groups.settings(OLD) == {}
    assert [block.person for block in await blocks.list(NEW, START)] == [MINA]
    assert [entry.action for entry in await audit.list(NEW, 9)] == ["block"]
    delivery = await deliveries.of_source("m1")
    assert delivery is not None and delivery.owner == here(JUN, NEW)
    assert await groups.expired(START + timedelta(days=99)) == [] and await chats.closed(OLD) is None


async def test_what_both_have_is_kept_once(
    database: Database, groups: GroupStore, memories: SqlMemoryStore, history: SqlHistoryStore
) -> None:
    blocks = SqlBlockStore(database)
    old, new = here(JUN, OLD), here(JUN, NEW)
    await memories.add(old, fact("취미", "등산", minutes=9), 0)
    await memories.add(new, replace(fact("취미", "등 산", minutes=1), pinned=True), 0)
    await memories.add(old, replace(fact("고향", "부산", minutes=1), pinned=True), 0)
    await memories.add(new, fact("고향", "부산", minutes=5), 0)
    await history.reset(old)
    await history.add_turn(old, turn(1), 0)
    await history.add_turn(new, turn(2), 0)
    await history.add_turn(old, turn(3), 0)
    await history.add_turn(new, replace(turn(3), reply="다른 답"), 0)
    await groups.set(OLD, "language", "en")
    await groups.set(NEW, "language", "ko")
    await groups.set(OLD, "image", "off")
    for group, until in ((OLD, None), (NEW, START + timedelta(days=1))):
        await blocks.block(group, MINA, JUN, "", until, START)
    await blocks.block(NEW, JUN, MINA, "", None, START)
    await blocks.block(OLD, JUN, MINA, "", START + timedelta(days=1), START)
    await groups.move(OLD, NEW)
    moved = [(m.source, m.pinned) for m in await memories.list(new)]
    assert moved == [("message-5", True), ("message-9", True)]
    assert {t.message_id for t in await history.last_turns(new, 9)} == {"m1", "m2", "m3"}
    assert await groups.settings(NEW) == {"image": "off", "language": "ko"}
    assert {b.person: b.until for b in await blocks.list(NEW, START)} == {MINA: None, JUN: None}


async def test_of_what_both_have_the_newer_counts(groups: GroupStore, memories: SqlMemoryStore) -> None:
    for group, told in ((OLD, ((1, "부산"), (4, "서울"))), (NEW, ((2, "부산"), (3, "대구")))):
        for minutes, place in told:
            await memories.add(here(JUN, group), fact("사는 곳", place, minutes=minutes), 0)
    await groups.move(OLD, NEW)
    facts = {each.value: each for each in await memories.list(here(JUN, NEW))}
    assert [value for value, each in facts.items() if each.superseded_by is None] == ["서울"]
    assert len(facts) == 3 and facts["부산"].created == START + timedelta(minutes=2)


@pytest.mark.parametrize(("old", "new"), [("", NEW), (OLD, ""), (OLD, OLD)])
async def test_no_move_without_two_groups(groups: GroupStore, old: str, new: str) -> None:
    with pytest.raises(ValueError, match="two groups"):
        await groups.move(old, new)


async def test_a_closed_chat_until_somebody_writes(database: Database) -> None:
    chats = SqlChatStore(database)
    assert await chats.closed(OLD) is None and not await chats.reopen(OLD)
    await chats.close(OLD, START)
    await chats.close(OLD, START + timedelta(days=1))
    assert await chats.closed(OLD) == START and await chats.closed(NEW) is None
    assert await chats.reopen(OLD) and not await chats.reopen(OLD)
    assert await chats.closed(OLD) is None


async def test_lost_replies_wait_until_they_are_told(
    database: Database, history: SqlHistoryStore, memories: SqlMemoryStore
) -> None:
    deliveries, me = SqlDeliveryStore(database), Owner(JUN, DIRECT.scope)
    await deliveries.unsure("m1")  # never claimed
    for number in (1, 2, 3):
        await deliveries.claim(f"m{number}", JUN, me.scope, START)
    for number in (2, 1):
        await history.add_turn(me, turn(number, reply=f"답 {number}"), 0)
        await deliveries.unsure(f"m{number}")
        await deliveries.unsure(f"m{number}")
    await deliveries.unsure("m3")  # a fixed phrase: no turn
    assert [(one.message_id, one.reply) for one in await deliveries.pending(me)] == [
        ("m2", "답 2"), ("m1", "답 1"),
    ]  # fmt: skip
    assert (
        await deliveries.pending(Owner(JUN, "group:x"))
        == []
        == await deliveries.pending(Owner(MINA, me.scope))
    )
    await deliveries.told("m2")
    await deliveries.told("m9")
    assert [one.message_id for one in await deliveries.pending(me)] == ["m1"]
    await history.drop_turn(me, "m1")
    assert await deliveries.pending(me) == []
    await memories.forget(JUN, me.scope)
    assert await deliveries.pending(me) == []
