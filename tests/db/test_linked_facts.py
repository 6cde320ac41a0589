"""Facts of accounts that are linked: what contradicts is settled between them, and each keeps its own."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.people import DIRECT, Owner
from core.ports_memory import Memory
from db.engine import Database
from db.erasing import Share, clear
from db.stores import SqlDeliveryStore, SqlHistoryStore, SqlLinkStore, SqlMemoryStore
from tests.db.people import join
from tests.db.samples import START, turn
from tests.db.test_fact_merging import counting, former, told

ONE, OTHER = Owner("discord:7", DIRECT.scope), Owner("telegram:8", DIRECT.scope)
HOME = "사는 곳"


async def linked(database: Database) -> SqlMemoryStore:
    """Two accounts of one person who said nothing yet that matters."""
    memories = SqlMemoryStore(database)
    for owner in (ONE, OTHER):
        await memories.add(owner, told("취미", "등산"), 0)
    await join(database, ONE.person, OTHER.person)
    return memories


async def homes(memories: SqlMemoryStore, owner: Owner) -> list[str]:
    """Where somebody lives as far as that account knows, by what counts."""
    return [tag for tag in await counting(memories, owner) if HOME in tag]


async def test_a_message_that_comes_late_on_one_account_changes_nothing_on_the_other(
    database: Database,
) -> None:
    memories = await linked(database)
    await memories.add(ONE, told(HOME, "서울", 1), 0)
    late = await memories.add(OTHER, told(HOME, "부산", 0), 0)
    assert late is not None and late.superseded_by is not None
    assert await homes(memories, ONE) == await homes(memories, OTHER) == ["[사는 곳: 서울]"]
    await SqlLinkStore(database).unlink(ONE.person)
    assert await homes(memories, OTHER) == ["[사는 곳: 부산]"], "its own is given back"


@pytest.mark.parametrize("owners", [(ONE, OTHER), (OTHER, ONE)])
async def test_of_equals_the_newer_is_found_on_whichever_account(
    database: Database, owners: tuple[Owner, Owner]
) -> None:
    memories = await linked(database)
    for day, (owner, key) in enumerate(zip(owners, ("취미", "특기"), strict=True), 1):
        await memories.add(owner, told(key, "서울", day), 0)
    for asker in owners:
        ((found, _),) = await memories.search(asker, "서울", None, "m", 1)
        assert found.key == "특기"


async def test_what_one_account_tells_since_counts_in_place_of_what_the_other_pinned(
    database: Database,
) -> None:
    memories = await linked(database)
    pinned = await memories.add(ONE, told(HOME, "서울", pinned=True), 0)
    for day, city in enumerate(("부산", "대구"), 1):
        await memories.add(OTHER, told(HOME, city, day), 0)
    assert pinned is not None and await homes(memories, ONE) == ["[사는 곳: 대구]"], "what was told last"
    await SqlLinkStore(database).unlink(ONE.person)
    assert [fact.tag for fact in await memories.list(ONE) if fact.pinned] == ["[사는 곳: 서울]"]
    assert await homes(memories, ONE) == ["[사는 곳: 서울]"], "its own is given back with its pin"


async def test_what_was_told_before_the_link_is_settled_by_it(database: Database) -> None:
    memories = SqlMemoryStore(database)
    for key, value in ((HOME, "부산"), ("좋아하는 음식", "오이"), ("이름", "준")):
        await memories.add(ONE, told(key, value), 0)
    for key, value in ((HOME, "서울"), ("싫어하는 음식", "오이"), ("이름", "준")):
        await memories.add(OTHER, told(key, value, 1), 0)
    in_group = Owner(ONE.person, "group:discord:1")
    await memories.add(in_group, told(HOME, "부산"), 0)
    await join(database, ONE.person, OTHER.person)
    assert await former(memories, ONE) == ["[사는 곳: 부산]", "[좋아하는 음식: 오이]"]
    assert await counting(memories, in_group) == ["[사는 곳: 부산]"]
    await SqlLinkStore(database).unlink(OTHER.person)
    assert await former(memories, ONE) == await former(memories, OTHER) == []


async def test_what_was_pinned_before_the_link_counts(database: Database) -> None:
    memories = SqlMemoryStore(database)
    await memories.add(ONE, told(HOME, "부산", pinned=True), 0)
    await memories.add(OTHER, told(HOME, "서울", 1), 0)
    await join(database, ONE.person, OTHER.person)
    assert await homes(memories, OTHER) == ["[사는 곳: 부산]"]


@pytest.mark.parametrize("where", [None, DIRECT.scope])
async def test_what_a_backup_erases_of_one_account_gives_the_other_its_own_back(
    database: Database, where: str | None
) -> None:
    """There they may be linked that were parted when the one was forgotten."""
    memories = await linked(database)
    for day, (owner, city) in enumerate(((ONE, "부산"), (ONE, "대구"), (OTHER, "서울"))):
        await memories.add(owner, told(HOME, city, day), 0)
    await database.write(lambda session: clear(session, Share(OTHER.person, where)))
    assert await homes(memories, ONE) == ["[사는 곳: 대구]"]


@pytest.mark.parametrize("way", ["unlink", "restore"])
async def test_a_link_that_is_over_leaves_no_talk_that_repeats_the_other_account(
    database: Database, way: str
) -> None:
    """What was said before the first reminder, in another conversation, or of one's own facts stays."""
    memories, history = await linked(database), SqlHistoryStore(database)
    deliveries, links = SqlDeliveryStore(database), SqlLinkStore(database)
    theirs, own = (
        await memories.add(ONE, told(HOME, "서울"), 0),
        await memories.add(OTHER, told("이름", "준"), 0),
    )
    assert theirs is not None and own is not None

    async def says(number: int, *recalled: Memory) -> None:
        said, facts = turn(number, reply="서울!"), tuple(each.id for each in recalled)
        await history.add_turn(OTHER, said, 0)
        await deliveries.claim(said.message_id, OTHER.person, OTHER.scope, START)
        await deliveries.shown(said.message_id, "channel", (f"r{number}",), facts)

    await says(1, own)
    await says(2, theirs, own)
    await says(3)
    await history.reset(OTHER)
    await says(4)
    if way == "unlink":
        await links.unlink(ONE.person)
    else:  # where the backup links those who had parted when the one was forgotten
        await database.write(lambda session: clear(session, Share(ONE.person)))
    kept = [await history.turn(OTHER, turn(number).message_id) for number in (1, 2, 3, 4)]
    assert [each is not None for each in kept] == [True, False, False, True]
    assert "[이름: 준]" in await counting(memories, OTHER) and await homes(memories, OTHER) == []


async def test_a_pin_on_one_account_is_seen_at_once_by_a_search_on_the_other(database: Database) -> None:
    memories = await linked(database)
    old = await memories.add(ONE, told(HOME, "부산"), 0)
    await memories.add(OTHER, told(HOME, "서울", 1), 0)

    async def found() -> list[str]:
        return [
            fact.value for fact, _ in await memories.search(ONE, "사는 곳", None, "", 9) if fact.key == HOME
        ]

    assert old is not None and await found() == ["서울"]
    await memories.pin(ONE, old.id, True)
    assert await found() == ["부산"]


async def test_what_another_process_took_back_is_found_again(address: str | Path) -> None:
    async with Database(address) as here, Database(address) as there:
        memories = await linked(here)
        await memories.add(ONE, told(HOME, "부산"), 0)
        await memories.add(OTHER, told(HOME, "서울", 1), 0)
        first = await memories.search(ONE, "사는 곳", None, "", 1)
        await SqlMemoryStore(there).delete_source(OTHER, "m1")
        again = await memories.search(ONE, "사는 곳", None, "", 1)
        assert [fact.value for fact, _ in (*first, *again)] == ["서울", "부산"]


@settings(
    max_examples=4,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.permutations([*enumerate(("부산", "서울", "대구", "제주"))]), st.integers(0, 15), st.integers(0, 4))
async def test_what_was_told_last_counts_whoever_heard_it_and_whenever_they_were_linked(
    file: Path, order: list[tuple[int, str]], who: int, before: int
) -> None:
    async with Database(file) as database:
        memories, number = SqlMemoryStore(database), uuid4()
        one, other = (Owner(f"{platform}:{number}", DIRECT.scope) for platform in ("discord", "telegram"))
        for owner in (one, other):
            await memories.add(owner, told("취미", "등산"), 0)
        for at, (day, city) in enumerate(order):
            if at == before:
                await join(database, one.person, other.person)
            await memories.add((one, other)[who >> at & 1], told(HOME, city, day), 0)
        if before == len(order):
            await join(database, one.person, other.person)
        assert await homes(memories, one) == await homes(memories, other) == ["[사는 곳: 제주]"]
        await SqlLinkStore(database).unlink(one.person)
        for owner, which in ((one, 0), (other, 1)):
            own = [each for at, each in enumerate(order) if who >> at & 1 == which]
            assert await homes(memories, owner) == [f"[사는 곳: {city}]" for _, city in sorted(own)[-1:]]
