"""Facts that meet others in the store: merged, superseded, kept as history, and never too many."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta, timezone
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.clock import lived_day
from core.facts import canonical, is_single, typed_fact
from core.merging import FORMER_MOST
from core.people import Owner
from core.ports_memory import Memory, MemoryStore, NewMemory
from db.engine import Database
from db.stores import SqlLinkStore, SqlMemoryStore
from tests.db.people import join
from tests.db.samples import JUN, MINA, START, unit

SEOUL = timezone(timedelta(hours=9))
Told = tuple[str, str]


def told(
    key: str,
    value: str,
    day: int = 0,
    *,
    source: str = "",
    pinned: bool = False,
    vector: array[float] | None = None,
) -> NewMemory:
    """A fact that was told ``day`` days after the start, in the evening of Seoul."""
    at = (START + timedelta(day)).astimezone(SEOUL)
    return NewMemory.of(typed_fact(key, value, lived_day(at)), at, source or f"m{day}", vector, "m1", pinned)


async def counting(memories: MemoryStore, owner: Owner = JUN) -> list[str]:
    """The tags of the facts that count."""
    return [fact.tag for fact in await memories.list(owner) if fact.superseded_by is None]


async def former(memories: MemoryStore, owner: Owner = JUN) -> list[str]:
    """The tags of the others."""
    return [fact.tag for fact in await memories.list(owner) if fact.superseded_by is not None]


async def write(memories: MemoryStore, *facts: NewMemory) -> list[Memory]:
    written = [await memories.add(JUN, fact, 0) for fact in facts]
    return [fact for fact in written if fact is not None]


async def test_everything_of_a_fact_comes_back(memories: MemoryStore) -> None:
    new = replace(told("내일 일정", "시험"), lang="en", confidence=0.25)
    (written,) = await write(memories, new)
    assert (written.starts, written.ends) == (date(2026, 11, 22), date(2026, 11, 22))
    assert (written.lang, written.confidence, written.superseded_by) == ("en", 0.25, None)
    assert await memories.list(JUN) == [written]


async def test_who_moves_lives_in_one_place(memories: MemoryStore) -> None:
    busan, seoul = await write(memories, told("사는 곳", "부산"), told("lives in", "Seoul", 1))
    assert await counting(memories) == ["[lives in: Seoul]"] and await former(memories) == ["[사는 곳: 부산]"]
    assert [fact.superseded_by for fact in await memories.list(JUN)] == [seoul.id, None]
    found = await memories.search(JUN, "사는 곳 부산", None, "", 9)
    assert [fact.tag for fact, _ in found] == ["[lives in: Seoul]"], "what is former is never recalled"
    (back,) = await write(memories, told("사는 곳", "부산", 2))
    assert back.id == busan.id and await counting(memories) == ["[사는 곳: 부산]"]


async def test_a_near_duplicate_keeps_the_id_and_takes_the_newer_words(memories: MemoryStore) -> None:
    first = (await write(memories, told("반려동물", "강아지 두 마리", vector=unit(1, 0))))[0]
    (again,) = await write(memories, told("반려동물", "강아지 2마리", 1, vector=unit(0, 1)))
    assert (again.id, again.value, again.source) == (first.id, "강아지 2마리", "m1")
    assert again.created == START + timedelta(1) and await memories.list(JUN) == [again]
    ((_, score),) = await memories.search(JUN, "??", unit(0, 1), "m1", 1)
    assert score == pytest.approx(0.9), "its vector is that of the new words"


async def test_what_says_less_changes_no_words_and_no_source(memories: MemoryStore) -> None:
    """The source stays with the words: who deletes that message takes them back."""
    await write(memories, told("반려동물", "강아지 두 마리"), told("반려동물", "강아지", 1))
    (kept,) = await memories.list(JUN)
    assert (kept.value, kept.source, kept.created) == ("강아지 두 마리", "m0", START + timedelta(1))
    assert await memories.delete_source(JUN, "m0") == 1 and await memories.list(JUN) == []


async def test_of_one_message_what_says_more_is_kept_however_often_it_is_read(memories: MemoryStore) -> None:
    both = [told("반려동물", "강아지"), told("반려동물", "강아지 두 마리")]
    for facts in (both, both, both[::-1]):
        await write(memories, *facts)
        assert await counting(memories) == ["[반려동물: 강아지 두 마리]"]


async def test_the_vector_decides_where_one_says_more(memories: MemoryStore) -> None:
    await write(
        memories,
        told("내일 일정", "시험", vector=unit(1, 0)),
        told("내일 일정", "시험 공부", vector=unit(0.5, 1)),
    )
    assert len(await counting(memories)) == 2
    await write(
        memories,
        told("취미", "성대모사", vector=unit(1, 0)),
        told("취미", "성대모사 모임", 1, vector=unit(1, 0.1)),
    )
    assert "[취미: 성대모사 모임]" in await counting(memories) and "[취미: 성대모사]" not in await counting(
        memories
    )


async def test_a_change_of_taste_supersedes(memories: MemoryStore) -> None:
    await write(
        memories,
        told("좋아하는 음식", "오이"),
        told("좋아하는 음식", "가지"),
        told("싫어하는 음식", "오이", 1),
    )
    assert await counting(memories) == ["[좋아하는 음식: 가지]", "[싫어하는 음식: 오이]"]
    assert await former(memories) == ["[좋아하는 음식: 오이]"]


async def test_a_plan_that_is_put_off_supersedes_and_one_that_is_over_is_refreshed(
    memories: MemoryStore,
) -> None:
    first, later = await write(memories, told("내일 일정", "시험"), told("모레 일정", "시험", 1))
    assert await former(memories) == ["[내일 일정: 시험]"] and later.starts == date(2026, 11, 24)
    (again,) = await write(memories, told("내일 일정", "시험", 9))
    assert again.id == first.id and again.starts == date(2026, 12, 1), "the same words are one row"


async def test_a_pin_goes_to_what_is_told_since(memories: MemoryStore) -> None:
    (busan,) = await write(memories, told("사는 곳", "부산", pinned=True))
    (seoul,) = await write(memories, told("사는 곳", "서울", 2))
    assert seoul.pinned and await counting(memories) == ["[사는 곳: 서울]"]
    (late,) = await write(memories, told("사는 곳", "대구", 1))
    assert late.superseded_by == seoul.id, "told before, read later"
    await memories.delete_source(JUN, "m2")
    assert [(fact.tag, fact.pinned) for fact in await memories.list(JUN) if fact.superseded_by is None] == [
        ("[사는 곳: 대구]", True)
    ], "never said: what it took the place of has its pin again"
    await memories.pin(JUN, busan.id, True)
    assert await counting(memories) == ["[사는 곳: 부산]"], "the hand counts, whatever was told"
    await memories.pin(JUN, busan.id, False)
    assert await counting(memories) == ["[사는 곳: 대구]"]


async def test_a_pinned_fact_that_is_deleted_leaves_its_place_to_what_was_told_since(
    memories: MemoryStore,
) -> None:
    busan, _ = await write(memories, told("사는 곳", "부산"), told("사는 곳", "대구", 2))
    await memories.pin(JUN, busan.id, True)
    await memories.delete(JUN, busan.id)
    assert await counting(memories) == ["[사는 곳: 대구]"]


async def test_who_deletes_what_is_true_does_not_bring_back_what_was(memories: MemoryStore) -> None:
    _, seoul = await write(memories, told("사는 곳", "부산"), told("사는 곳", "서울", 1))
    await memories.delete(JUN, seoul.id)
    assert await counting(memories) == [] and await former(memories) == ["[사는 곳: 부산]"]


async def test_what_was_never_said_has_superseded_nothing(memories: MemoryStore) -> None:
    await write(
        memories, *(told("사는 곳", place, day) for day, place in enumerate(("부산", "서울", "대구")))
    )
    assert await memories.delete_source(JUN, "m1") == 1
    assert await counting(memories) == ["[사는 곳: 대구]"]
    assert await memories.delete_source(JUN, "m2") == 1
    assert await counting(memories) == ["[사는 곳: 부산]"] and await former(memories) == []


async def test_an_edit_is_as_it_was_typed(
    database: Database, memories: MemoryStore, raw: Callable[[], bytes]
) -> None:
    (pinned,) = await write(memories, told("사는 곳", "비밀스러운 동네 부산", pinned=True))
    await write(memories, told("사는 곳", "서울", 1))
    edited = await memories.edit(JUN, pinned.id, told("사는 곳", "부산", 2, pinned=True))
    assert edited is not None and edited.id != pinned.id
    assert await counting(memories) == ["[사는 곳: 부산]"] and await former(memories) == ["[사는 곳: 서울]"]
    assert await database.finish_erasures() and "비밀스러운".encode() not in raw()
    assert await memories.edit(JUN, pinned.id, told("사는 곳", "대구")) is None
    assert await memories.edit(MINA, edited.id, told("사는 곳", "대구")) is None


async def test_history_that_is_edited_stays_history(memories: MemoryStore) -> None:
    busan, _ = await write(memories, told("사는 곳", "부산"), told("사는 곳", "서울", 1))
    await memories.edit(JUN, busan.id, told("사는 곳", "대구"))
    assert await counting(memories) == ["[사는 곳: 서울]"] and await former(memories) == ["[사는 곳: 대구]"]


async def test_an_edit_into_a_known_fact_leaves_one(memories: MemoryStore) -> None:
    hiking, swimming = await write(memories, told("취미", "등산"), told("취미", "수영", 1))
    edited = await memories.edit(JUN, hiking.id, told("취미", "수영"))
    assert edited is not None and edited.id == swimming.id and await counting(memories) == ["[취미: 수영]"]


async def test_what_an_edited_fact_had_superseded_counts_again_when_that_is_unsaid(
    memories: MemoryStore,
) -> None:
    _, busan = await write(memories, told("사는 곳", "서울"), told("사는 곳", "부산", 1))
    for place in ("대전", "대구"):
        edited = await memories.edit(JUN, busan.id, told("사는 곳", place, 1))
        assert edited is not None
        assert [fact.superseded_by for fact in await memories.list(JUN)] == [edited.id, None]
        busan = edited
    await memories.delete_source(JUN, "m1")
    assert await counting(memories) == ["[사는 곳: 서울]"] and await former(memories) == []


async def test_what_a_linked_account_superseded_before_an_edit_is_given_back(database: Database) -> None:
    memories, links = SqlMemoryStore(database), SqlLinkStore(database)
    one, other = Owner("discord:7", "direct"), Owner("telegram:8", "direct")
    await memories.add(one, told("사는 곳", "부산"), 0)
    await memories.add(other, told("이름", "준"), 0)
    await join(database, one.person, other.person)
    seoul = await memories.add(other, told("사는 곳", "서울", 1), 0)
    assert seoul is not None
    await memories.edit(one, seoul.id, told("사는 곳", "대전", 1))
    assert await counting(memories, one) == ["[이름: 준]", "[사는 곳: 대전]"]
    await links.unlink(other.person)
    assert await counting(memories, one) == ["[사는 곳: 부산]"]


async def test_an_edit_back_into_what_the_same_message_had_superseded_counts(memories: MemoryStore) -> None:
    seoul, busan = await write(memories, told("사는 곳", "서울"), told("사는 곳", "부산"))
    edited = await memories.edit(JUN, busan.id, told("사는 곳", "서울"))
    assert edited is not None and (edited.id, edited.superseded_by) == (seoul.id, None)
    assert await memories.list(JUN) == [edited]
    assert [fact for fact, _ in await memories.search(JUN, "서울", None, "", 9)] == [edited]


async def test_what_is_over_is_not_searched(memories: MemoryStore) -> None:
    await write(memories, told("내일 일정", "시험"), told("취미", "등산"), told("상태", "졸림", pinned=True))

    async def found(day: int) -> set[str]:
        today = lived_day(START + timedelta(day))
        return {fact.key for fact, _ in await memories.search(JUN, "시험", None, "", 9, today)}

    assert await found(8) == {"내일 일정", "취미", "상태"} and await found(9) == {"취미", "상태"}
    assert len(await memories.search(JUN, "시험", None, "", 9)) == 3


async def test_the_least_useful_go_when_there_are_too_many(database: Database) -> None:
    now = START + timedelta(30)
    memories = SqlMemoryStore(database, lambda: now, cap=5)
    facts = [
        told("이름", "준", pinned=True), told("내일 일정", "시험", 1), told("사는 곳", "부산", 2), told("사는 곳", "서울", 3),
        told("취미", "등산", 4),
    ]  # fmt: skip
    (_, _, _, _, hiking) = await write(memories, *facts)
    await memories.recalled(JUN, [hiking.id, 10**9])
    left = []
    for n, value in enumerate(("수영", "독서", "낚시", "요리")):
        await write(memories, told("취미", value, 5 + n))
        left.append([fact.value for fact in await memories.list(JUN)])
    assert left[0] == ["준", "시험", "서울", "등산", "수영"], "history first"
    assert left[1] == ["준", "서울", "등산", "수영", "독서"], "then what is over"
    assert left[2] == ["준", "등산", "수영", "독서", "낚시"], "then by age"
    assert left[3] == ["준", "등산", "독서", "낚시", "요리"], "what was recalled is as if told anew"


async def test_room_is_made_for_some_writes_at_once(database: Database) -> None:
    memories = SqlMemoryStore(database, cap=100)
    for n in range(101):
        await memories.add(JUN, told("읽은 책", f"책 {n}", n), 0)
    assert len(await memories.list(JUN)) == 98


async def test_the_cap_is_that_of_an_account_in_a_scope(database: Database) -> None:
    memories = SqlMemoryStore(database, cap=2)
    for owner in (JUN, MINA, Owner(JUN.person, "group:1")):
        for day, value in enumerate(("등산", "수영")):
            await memories.add(owner, told("취미", value, day), 0)
    assert await memories.counts(JUN.person, None) == {"memories": 4, "turns": 0}
    assert len(await memories.list(MINA)) == 2


async def test_a_fact_for_which_there_is_no_room_is_not_kept(database: Database) -> None:
    memories = SqlMemoryStore(database, cap=1)
    await write(memories, told("이름", "준", pinned=True))
    assert await write(memories, told("취미", "등산", 1)) == [] and await counting(memories) == ["[이름: 준]"]


async def test_recalling_counts_for_its_owner_only(memories: MemoryStore, database: Database) -> None:
    (fact,) = await write(memories, told("취미", "등산"))
    await memories.recalled(MINA, [fact.id])
    await memories.recalled(JUN, [])
    assert await memories.list(JUN) == [fact]


POOL: Sequence[Told] = (
    ("사는 곳", "부산"), ("사는 곳", "서울"), ("사는 곳", "서울 마포구"), ("lives in", "Seoul"), ("이름", "준"), ("name", "Jun"),
    ("직업", "간호사"), ("job", "nurse"), ("오늘 날씨", "비"), ("오늘 날씨", "맑음"), ("연인", "여자친구"), ("연인", "지우"),
    ("좋아하는 음식", "오이"), ("싫어하는 음식", "오이"), ("반려동물", "강아지 두 마리"), ("반려동물", "강아지 2마리"), ("반려동물", "강아지"),
    ("내일 일정", "시험"), ("모레 일정", "시험"), ("향후 일정", "시험"), ("취미", "등산"),
)  # fmt: skip
CAP = 9
STEPS = st.lists(
    st.tuples(st.sampled_from(("tell", "tell", "tell", "tell pinned", "pin", "unpin", "delete", "retract")),
              st.sampled_from(POOL), st.integers(0, 12), st.integers(0, 20)),
    max_size=25,
)  # fmt: skip
SLOWLY = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


async def follow(store: SqlMemoryStore, owner: Owner, steps: Sequence[tuple[str, Told, int, int]]) -> None:
    for number, (act, fact, day, which) in enumerate(steps):
        known = await store.list(owner)
        some = known[which % len(known)] if known else None
        if act.startswith("tell"):
            await store.add(owner, told(*fact, day, source=f"m{number}", pinned="pinned" in act), 0)
        elif some is not None and act == "retract":
            await store.delete_source(owner, some.source)
        elif some is not None and act == "delete":
            await store.delete(owner, some.id)
        elif some is not None:
            await store.pin(owner, some.id, act == "pin")
        holds(await store.list(owner))


def holds(facts: Sequence[Memory]) -> None:
    """What is true of any person's facts."""
    assert len(facts) <= CAP
    by_key: dict[str, list[Memory]] = {}
    for fact in facts:
        if fact.superseded_by is None:
            by_key.setdefault(canonical(fact.key), []).append(fact)
    for key, true in by_key.items():
        assert not is_single(key) or len(true) == 1 or all(fact.pinned for fact in true), true
    history = Counter(canonical(f.key) for f in facts if f.superseded_by is not None and not f.pinned)
    assert not history or max(history.values()) <= FORMER_MOST
    assert len({(fact.key, fact.value) for fact in facts}) == len(facts)
    assert not any(fact.pinned and fact.superseded_by is not None for fact in facts)


@SLOWLY
@given(STEPS)
async def test_whatever_is_told_two_facts_never_exclude_each_other(
    address: str | Path, steps: list[tuple[str, Told, int, int]]
) -> None:
    owner = Owner(f"console:{uuid4()}", "direct")
    async with Database(address) as database:
        await follow(SqlMemoryStore(database, lambda: START + timedelta(12), cap=CAP), owner, steps)


@SLOWLY
@given(st.lists(st.tuples(st.sampled_from(POOL), st.integers(0, 12)), max_size=12))
async def test_telling_every_message_twice_changes_nothing(
    address: str | Path, said: list[tuple[Told, int]]
) -> None:
    once, twice = (Owner(f"console:{uuid4()}", "direct") for _ in range(2))
    async with Database(address) as database:
        store = SqlMemoryStore(database)
        for number, (fact, day) in enumerate(said):
            new = told(*fact, day, source=f"m{number}")
            await store.add(once, new, 0)
            for _ in range(2):
                await store.add(twice, new, 0)
        seen = [
            [(f.key, f.value, f.created, f.source, f.starts, f.ends, f.superseded_by is None) for f in await store.list(owner)]
            for owner in (once, twice)
        ]  # fmt: skip
        assert seen[0] == seen[1]


@SLOWLY
@given(
    st.permutations(list(enumerate(("부산", "서울", "대구", "제주")))),
    st.sampled_from(("사는 곳", "이름", "직업")),
)
async def test_what_was_told_last_counts_in_whatever_order_it_is_written(
    address: str | Path, order: list[tuple[int, str]], key: str
) -> None:
    owner = Owner(f"console:{uuid4()}", "direct")
    async with Database(address) as database:
        store = SqlMemoryStore(database)
        for day, value in order:
            await store.add(owner, told(key, value, day), 0)
        assert await counting(store, owner) == [f"[{key}: 제주]"]


async def test_a_fact_counts_in_place_of_those_that_its_message_ended(memories: MemoryStore) -> None:
    tennis, books, pinned = await write(
        memories, told("취미", "테니스"), told("취미", "독서"), told("취미", "수영", pinned=True)
    )
    news = replace(told("최근 일", "테니스 그만둠", 1), instead_of=(tennis.id, pinned.id, 999))
    await write(memories, news)
    assert await former(memories) == ["[취미: 테니스]", "[취미: 수영]"], "pinned or not"
    await memories.delete_source(JUN, "m1")
    assert books.tag in await counting(memories) and await former(memories) == [], "it was never said"


async def test_a_contradiction_on_a_linked_account_is_settled_until_they_part(database: Database) -> None:
    memories, links = SqlMemoryStore(database), SqlLinkStore(database)
    one, other = Owner("discord:7", "direct"), Owner("telegram:8", "direct")
    before = await memories.add(one, told("사는 곳", "부산"), 0)
    await memories.add(one, told("취미", "등산"), 0)
    await memories.add(Owner(one.person, "group:discord:1"), told("사는 곳", "부산"), 0)
    await memories.add(other, told("이름", "준"), 0)
    await join(database, one.person, other.person)
    await memories.add(other, told("사는 곳", "서울", 1), 0)
    assert await counting(memories, one) == ["[취미: 등산]", "[이름: 준]", "[사는 곳: 서울]"]
    assert await counting(memories, Owner(one.person, "group:discord:1")) == ["[사는 곳: 부산]"]
    found = await memories.search(one, "사는 곳 부산", None, "", 9)
    assert before is not None and before.id not in {fact.id for fact, _ in found}
    await links.unlink(other.person)
    assert await counting(memories, one) == ["[사는 곳: 부산]", "[취미: 등산]"], "its own is given back"


async def test_what_a_linked_account_superseded_counts_again_when_that_is_unsaid(database: Database) -> None:
    memories = SqlMemoryStore(database)
    one, other = Owner("discord:7", "direct"), Owner("telegram:8", "direct")
    await memories.add(one, told("사는 곳", "부산"), 0)
    await memories.add(other, told("이름", "준"), 0)
    await join(database, one.person, other.person)
    await memories.add(other, told("사는 곳", "서울", 1), 0)
    await memories.delete_source(other, "m1")
    assert await counting(memories, one) == ["[사는 곳: 부산]", "[이름: 준]"]
