"""Groups, blocks, audit and state through their ports."""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from core.people import Owner, Place, PlaceKind
from core.ports_memory import MemoryStore
from core.ports_places import AuditLog, Block, BlockStore, DeliveryStore, GroupStore, StateStore
from db import place_stores
from db.engine import Database
from db.stores import (
    SqlAuditLog,
    SqlBlockStore,
    SqlDeliveryStore,
    SqlGroupStore,
    SqlHistoryStore,
    SqlStateStore,
)
from tests.db.samples import START, fact, turn

JUN, MINA = "discord:1", "discord:2"
GUILD, NEAR = "discord:42", "discord:421"


def here(person: str, group: str, hidden: str = "") -> Owner:
    return Owner(person, Place(PlaceKind.GROUP, group, hidden).scope)


@pytest.fixture
def groups(database: Database) -> GroupStore:
    return SqlGroupStore(database)


@pytest.fixture
def blocks(database: Database) -> BlockStore:
    return SqlBlockStore(database)


@pytest.fixture
def audit(database: Database) -> AuditLog:
    return SqlAuditLog(database, lambda: START)


@pytest.fixture
def deliveries(database: Database) -> DeliveryStore:
    return SqlDeliveryStore(database, lambda: START)


@pytest.fixture
def state(database: Database) -> StateStore:
    return SqlStateStore(database)


async def test_settings_are_set_changed_and_cleared(groups: GroupStore) -> None:
    assert await groups.settings(GUILD) == {}
    await groups.set(GUILD, "language", "ko")
    await groups.set(GUILD, "language", "en")
    await groups.set(GUILD, "image", "off")
    await groups.set("", "maintenance", "on")
    assert await groups.settings(GUILD) == {"image": "off", "language": "en"}
    assert await groups.settings("") == {"maintenance": "on"} and await groups.settings(NEAR) == {}
    assert await groups.having("image") == [GUILD] and await groups.having("channels") == []
    await groups.set(GUILD, "language", None)
    await groups.set(GUILD, "never set", None)
    assert await groups.settings(GUILD) == {"image": "off"}


async def test_settings_are_read_once_in_a_while_and_changes_hold_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, elsewhere = SqlGroupStore(database), SqlGroupStore(database)  # as in two processes
    assert await mine.settings(GUILD) == {}
    await elsewhere.set(GUILD, "language", "ko")
    assert await mine.settings(GUILD) == {}, "of a moment ago"
    await mine.set(NEAR, "image", "off")
    found = await mine.settings(GUILD)
    assert found == {"language": "ko"}
    found["language"] = "none of ours"
    await elsewhere.set(GUILD, "language", "en")
    assert await mine.settings(GUILD) == {"language": "ko"}
    monkeypatch.setattr(place_stores, "SETTINGS_KEPT_S", 0.0)
    assert await mine.settings(GUILD) == {"language": "en"}
    await mine.erase(GUILD)
    assert await mine.settings(GUILD) == {}


async def test_groups_of_which_anything_is_kept(
    groups: GroupStore, memories: MemoryStore, audit: AuditLog
) -> None:
    assert await groups.known() == []
    await groups.set("", "maintenance", "on")
    await groups.set(NEAR, "image", "off")
    await audit.add("discord:7", JUN, "set", "image", {})
    for owner in (here(MINA, GUILD), here(MINA, GUILD, "9"), Owner(JUN, "direct")):
        await memories.add(owner, fact("취미", "등산"), 0)
    assert await groups.known() == [GUILD, NEAR, "discord:7"]
    await groups.erase(GUILD)
    assert await groups.known() == [NEAR, "discord:7"]


async def test_the_grace_of_a_group_that_she_left(groups: GroupStore) -> None:
    await groups.set(NEAR, "grace_days", "0")
    await groups.set("discord:9", "grace_days", "broken")
    for group in (GUILD, NEAR, "discord:9"):
        await groups.left(group, START)
    assert await groups.expired(START) == [NEAR]
    await groups.left(GUILD, START + timedelta(days=20))
    assert await groups.expired(START + timedelta(days=30, seconds=-1)) == [NEAR]
    assert set(await groups.expired(START + timedelta(days=30))) == {GUILD, NEAR, "discord:9"}
    await groups.returned(GUILD)
    await groups.returned("discord:7")
    assert set(await groups.expired(START + timedelta(days=99))) == {NEAR, "discord:9"}
    await groups.left(GUILD, START + timedelta(days=60))
    assert GUILD not in await groups.expired(START + timedelta(days=89))


async def test_blocks_hold_where_and_as_long_as_they_are_meant(blocks: BlockStore) -> None:
    end = START + timedelta(hours=1)
    await blocks.block(GUILD, JUN, MINA, "도배", end, START)
    assert await blocks.active(GUILD, JUN, START) == Block(GUILD, JUN, MINA, "도배", START, end)
    assert await blocks.active(GUILD, MINA, START) is None
    for group in (NEAR, ""):
        assert await blocks.active(group, JUN, START) is None
    assert await blocks.active(GUILD, JUN, end) is None and await blocks.list(GUILD, end) == []
    assert not await blocks.unblock(GUILD, JUN, end)

    await blocks.block("", JUN, MINA, "", None, START)
    for group in (GUILD, NEAR, ""):
        assert (await blocks.active(group, JUN, end + timedelta(days=9999))) is not None
    assert await blocks.list(GUILD, START) == []
    assert not await blocks.unblock(GUILD, JUN, START)
    assert await blocks.unblock("", JUN, START) and not await blocks.unblock("", JUN, START)


async def test_a_new_block_replaces_the_old_one(blocks: BlockStore) -> None:
    later = START + timedelta(minutes=5)
    await blocks.block(GUILD, JUN, MINA, "one", None, START)
    await blocks.block(GUILD, MINA, JUN, "", None, START)
    await blocks.block(GUILD, JUN, MINA, "two", None, later)
    assert [(each.person, each.reason) for each in await blocks.list(GUILD, later)] == [
        (JUN, "two"),
        (MINA, ""),
    ]
    await blocks.block("", JUN, MINA, "all", None, later)
    found = await blocks.active(GUILD, JUN, later)
    assert found is not None and found.reason == "two", "the group's own comes first"


async def test_the_audit_is_newest_first_and_of_one_group(audit: AuditLog) -> None:
    for number in range(3):
        await audit.add(GUILD, MINA, "forget", JUN, {"memories": number})
    await audit.add("", MINA, "maintenance on", "", {})
    found = await audit.list(GUILD, 2)
    assert [entry.counts for entry in found] == [{"memories": 2}, {"memories": 1}]
    assert (found[0].at, found[0].actor, found[0].action, found[0].target) == (START, MINA, "forget", JUN)
    assert await audit.list(NEAR, 9) == [] and await audit.list(GUILD, -1) == []
    assert [entry.action for entry in await audit.list("", 9)] == ["maintenance on"]


async def test_state_is_kept(state: StateStore) -> None:
    assert await state.get("commands") is None
    await state.put("commands", "abc")
    await state.put("commands", "def")
    assert await state.get("commands") == "def"


async def test_a_message_is_taken_once(deliveries: DeliveryStore, database: Database) -> None:
    scope = here(JUN, GUILD).scope
    assert await deliveries.claim("discord:m1", JUN, scope, START)
    assert not await deliveries.claim("discord:m1", JUN, scope, START)
    assert not await SqlDeliveryStore(database).claim("discord:m1", MINA, "direct", START)
    found = await deliveries.of_source("discord:m1")
    assert found is not None and (found.owner, found.at) == (here(JUN, GUILD), START)
    assert (found.replies, found.recalled, found.redone, found.channel) == ((), (), False, "")
    assert await deliveries.of_source("discord:m2") is None


async def test_a_delivery_is_found_by_any_of_its_replies(deliveries: DeliveryStore) -> None:
    await deliveries.claim("m1", JUN, "direct", START)
    await deliveries.shown("m1", "c1", ("r2", "r1"), (7, 3))
    await deliveries.shown("never claimed", "c1", ("r9",), ())
    found = await deliveries.of_source("m1")
    assert found is not None
    assert (found.channel, found.replies, found.recalled) == ("c1", ("r2", "r1"), (7, 3))
    assert await deliveries.of_reply("r1") == await deliveries.of_reply("r2") == found
    assert await deliveries.of_reply("r9") is None and await deliveries.of_reply("m1") is None

    await deliveries.shown("m1", "c1", ("r2", "r3"), ())
    again = await deliveries.of_reply("r3")
    assert again == replace(found, replies=("r2", "r3"), recalled=())
    assert await deliveries.of_reply("r1") is None


async def test_a_reply_is_redone_once(deliveries: DeliveryStore) -> None:
    await deliveries.claim("m1", JUN, "direct", START)
    assert await deliveries.mark("m1", redone=True) and not await deliveries.mark("m1", redone=True)
    assert not await deliveries.mark("unknown", redone=True)
    found = await deliveries.of_source("m1")
    assert found is not None and found.redone


async def test_old_deliveries_are_pruned(deliveries: DeliveryStore) -> None:
    for day in range(4):
        await deliveries.claim(f"m{day}", JUN, "direct", START + timedelta(days=day))
        await deliveries.shown(f"m{day}", "c", (f"r{day}",), ())
    assert await deliveries.prune(START + timedelta(days=2)) == 2
    assert await deliveries.of_reply("r1") is None and await deliveries.of_reply("r2") is not None


async def test_deliveries_of_what_is_remembered_are_not_pruned(
    deliveries: DeliveryStore, memories: MemoryStore, history: SqlHistoryStore
) -> None:
    """Whoever deletes the message years later still has its facts erased."""
    for message in ("m1", "m2", "m3", "message-0"):
        await deliveries.claim(message, JUN, "direct", START)
    await deliveries.claim("m4", MINA, "direct", START)
    await history.add_turn(Owner(JUN, "direct"), replace(turn(2), joined=("m1",)), 0)
    await history.add_turn(Owner(JUN, "direct"), turn(4), 0)
    await memories.add(Owner(JUN, "direct"), fact("취미", "등산"), 0)
    assert await deliveries.prune(START + timedelta(days=2)) == 2
    found = [m for m in ("m1", "m2", "m3", "m4", "message-0") if await deliveries.of_source(m) is not None]
    assert found == ["m1", "m2", "message-0"]


async def test_deliveries_go_with_what_a_person_forgets(
    deliveries: DeliveryStore, memories: MemoryStore, history: SqlHistoryStore
) -> None:
    hidden = here(JUN, GUILD, "9")
    owners = (Owner(JUN, "direct"), here(JUN, GUILD), hidden, here(JUN, NEAR), here(MINA, GUILD))
    for number, owner in enumerate(owners):
        await deliveries.claim(f"m{number}", owner.person, owner.scope, START)
        await deliveries.shown(f"m{number}", "c", (f"r{number}",), (number,))
        await history.add_turn(owner, turn(number), 0)

    async def left() -> list[int]:
        return [n for n in range(5) if await deliveries.of_reply(f"r{n}") is not None]

    assert await memories.forget(JUN, here(JUN, GUILD).scope) == {"memories": 0, "turns": 1}
    assert await left() == [0, 2, 3, 4]
    await deliveries.shown("m1", "c", ("late",), ())
    assert await deliveries.of_reply("late") is None
    assert await memories.forget(JUN, here(JUN, GUILD).scope, below=True) == {"memories": 0, "turns": 1}
    assert await left() == [0, 3, 4]
    assert await memories.forget(JUN, None) == {"memories": 0, "turns": 2}
    assert await left() == [4]


async def test_an_admins_erasure_stays_inside_the_group(memories: MemoryStore) -> None:
    owners = (
        here(JUN, GUILD),
        here(JUN, GUILD, "9"),
        Owner(JUN, "direct"),
        here(JUN, NEAR),
        here(MINA, GUILD),
    )
    for owner in owners:
        await memories.add(owner, fact("취미", "등산"), 0)
    scope = here(JUN, GUILD).scope
    assert await memories.counts(JUN, scope) == {"memories": 1, "turns": 0}
    assert await memories.counts(JUN, scope, below=True) == {"memories": 2, "turns": 0}
    assert await memories.forget(JUN, scope, below=True) == {"memories": 2, "turns": 0}
    assert [len(await memories.list(owner)) for owner in owners] == [0, 0, 1, 1, 1]
    assert await memories.epoch(JUN) == 0, "what is under way elsewhere goes on"
    assert await memories.add(Owner(JUN, "direct"), fact("고향", "부산"), 0) is not None


@pytest.mark.parametrize("group", ["a_b", "a%b", "A:1"])
async def test_signs_in_a_groups_name_stand_for_themselves(memories: MemoryStore, group: str) -> None:
    inside, outside = here(JUN, group, "9"), [here(JUN, other, "9") for other in ("axb", "a:1")]
    for owner in (inside, *outside):
        await memories.add(owner, fact("취미", "등산"), 0)
    assert (await memories.forget(JUN, here(JUN, group).scope, below=True))["memories"] == 1
    assert await memories.list(inside) == []
    assert [len(await memories.list(owner)) for owner in outside] == [1, 1]


async def test_a_group_that_is_erased_is_in_no_byte(
    groups: GroupStore,
    blocks: BlockStore,
    audit: AuditLog,
    deliveries: DeliveryStore,
    memories: MemoryStore,
    history: SqlHistoryStore,
    raw: Callable[[], bytes],
) -> None:
    vector = array("f", [random.Random(1).uniform(-1, 1) for _ in range(64)])
    for person in (JUN, MINA):
        for owner in (here(person, GUILD), here(person, GUILD, "9")):
            await memories.add(owner, fact("비밀", "비밀이야기", vector), 0)
            await history.add_turn(owner, turn(1, "비밀이야기 " * 50, "비밀이야기"), 0)
            await history.reset(owner)
        for owner in (here(person, NEAR), Owner(person, "direct")):
            await memories.add(owner, fact("공개", "공개이야기"), 0)
            await history.add_turn(owner, turn(1, "공개이야기"), 0)
    await deliveries.claim("m1", JUN, here(JUN, GUILD).scope, START)
    await blocks.block(GUILD, JUN, MINA, "비밀이유", None, START)
    await blocks.block(NEAR, JUN, MINA, "공개이유", None, START)
    await groups.set(GUILD, "language", "ko")
    await groups.set(NEAR, "language", "ko")
    await audit.add(GUILD, MINA, "block", JUN, {})
    await groups.left(GUILD, START)
    assert "비밀".encode() in raw() and vector.tobytes() in raw()

    expected = {"memories": 4, "turns": 4, "deliveries": 1, "blocks": 1, "settings": 1, "audit": 1}
    assert await groups.erase(GUILD) == expected
    assert await groups.erase(GUILD) == dict.fromkeys(expected, 0)

    assert "비밀".encode() not in raw() and vector.tobytes()[:16] not in raw()
    assert f"group:{GUILD}/".encode() not in raw()
    assert "공개이야기".encode() in raw() and "공개이유".encode() in raw()
    assert await memories.counts(JUN, None) == {"memories": 2, "turns": 2}
    assert await groups.expired(START + timedelta(days=99)) == []
    assert await groups.settings(NEAR) == {"language": "ko"} and await audit.list(GUILD, 9) == []


async def test_everywhere_is_no_group_that_could_be_erased(groups: GroupStore) -> None:
    await groups.set("", "maintenance", "on")
    with pytest.raises(ValueError, match="no group"):
        await groups.erase("")
    assert await groups.settings("") == {"maintenance": "on"}
