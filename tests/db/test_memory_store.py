"""Memories through the port: whose they are, how they are found, how they end."""

from __future__ import annotations

import asyncio
import math
import random
import sqlite3
import unicodedata
from array import array
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.people import Owner
from core.ports_memory import MemoryStore, NewMemory
from db.engine import Database
from db.stores import SqlHistoryStore, SqlMemoryStore
from tests.db.samples import JUN, JUN_IN_GUILD, MINA, START, fact, likeness, stored, turn, unit


async def test_a_fact_comes_back_as_it_was_written(memories: MemoryStore) -> None:
    seoul = timezone(timedelta(hours=9))
    new = NewMemory("취미", "등산 🏔️", START.astimezone(seoul), "msg-1", unit(1, 0), "m1")

    written = await memories.add(JUN, new, 0)

    assert written is not None
    assert (written.tag, written.source, written.created) == ("[취미: 등산 🏔️]", "msg-1", START)
    assert written.created.utcoffset() == timedelta(0)
    assert await memories.list(JUN) == [written]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.text(max_size=20), value=st.text(max_size=200))
async def test_any_text_survives(address: str | Path, door: str, key: str, value: str) -> None:
    owner = Owner(f"console:{uuid4()}", "direct")
    async with Database(address) as database:
        store = SqlMemoryStore(database)
        written = await store.add(owner, fact(key, value), 0)
        assert await store.list(owner) == [written]
        assert written is not None and [written.key, written.value] == [
            stored(each, door) for each in (key, value)
        ]
        assert (await store.search(owner, value, None, "", 5))[0][0] == written


async def test_half_a_surrogate_pair_is_replaced_not_refused(memories: MemoryStore) -> None:
    written = await memories.add(JUN, fact("이모지", "웃음 \ud83d"), 0)

    assert written is not None
    assert [kept.value for kept in await memories.list(JUN)] == ["웃음 \ufffd"]


async def test_facts_of_other_people_and_places_are_never_found(memories: MemoryStore) -> None:
    for owner, value in ((JUN, "부산"), (JUN_IN_GUILD, "대구"), (MINA, "제주")):
        await memories.add(owner, fact("고향", value, unit(1, 0)), 0)

    for owner, value in ((JUN, "부산"), (JUN_IN_GUILD, "대구"), (MINA, "제주")):
        found = await memories.search(owner, "고향 부산 대구 제주", unit(1, 0), "m1", 10)
        assert [memory.value for memory, _ in found] == [value]
        assert [memory.value for memory in await memories.list(owner)] == [value]


async def test_an_equal_fact_is_refreshed_not_doubled(memories: MemoryStore) -> None:
    first = await memories.add(JUN, fact("좋아하는 음식", "Pizza 와 떡볶이"), 0)
    again = await memories.add(JUN, fact("좋아하는음식", " pizza와  떡볶이 ", minutes=5), 0)

    assert first is not None and again is not None
    assert again.id == first.id
    assert (again.created, again.source) == (START + timedelta(minutes=5), "message-5")
    assert await memories.list(JUN) == [again]


@pytest.mark.parametrize(
    ("key", "again"),
    [
        ("fav snack", "favsnack"),
        ("토요일일정", "토요일 일정"),
        ("취미", unicodedata.normalize("NFD", "취미")),
    ],
)
async def test_a_key_in_another_spelling_is_the_same_fact_with_its_pin(
    memories: MemoryStore, key: str, again: str
) -> None:
    first = await memories.add(JUN, fact(key, "choco"), 0)
    assert first is not None
    await memories.pin(JUN, first.id, True)
    newer = await memories.add(JUN, fact(again, "Choco", minutes=5), 0)
    assert newer is not None and (newer.id, newer.key, newer.value, newer.pinned) == (
        first.id, again, "Choco", True
    )  # fmt: skip
    assert await memories.add(JUN, fact(key, "choco", minutes=1), 0) == newer, "told before, read later"
    assert await memories.list(JUN) == [newer]
    hiking = await memories.add(JUN, fact("운동", "등산", minutes=6), 0)
    assert hiking is not None
    edited = await memories.edit(JUN, hiking.id, fact(key, "choco", minutes=7))
    assert edited is not None and (edited.id, edited.key) == (first.id, key)


PIECES = (
    "토요일",
    "일정",
    "취미",
    "좋아하는",
    "음식",
    "사는",
    "곳",
    "plan",
    "for",
    "Tomorrow",
    "ﬁ",
    "ẞ",
    " ",
    "ᄀ",
    "ᅡ",
    "́",
    "3",
    "-",
)
WORDS = st.lists(st.sampled_from(PIECES), max_size=5).map("".join) | st.text(max_size=9)
SPELLINGS: list[Callable[[str], str]] = [
    str, str.upper, str.casefold, lambda text: text.replace(" ", ""), " ".join,
    lambda text: unicodedata.normalize("NFD", text), lambda text: unicodedata.normalize("NFC", text),
]  # fmt: skip


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(WORDS, WORDS, st.lists(st.sampled_from(SPELLINGS), max_size=3)), max_size=3))
async def test_whatever_is_told_the_newer_is_kept(
    address: str | Path, said: list[tuple[str, str, list[Callable[[str], str]]]]
) -> None:
    owner = Owner(f"console:{uuid4()}", "direct")
    facts = [(key, value) for key, value, _ in said]
    facts += [(each(key), each(value)) for key, value, spellings in said for each in spellings]
    async with Database(address) as database:
        store = SqlMemoryStore(database)
        for minutes, (key, value) in enumerate(facts):
            newer = await store.add(owner, fact(key, value, minutes=minutes), 0)
            assert newer is not None and newer in await store.list(owner) and newer.superseded_by is None
            assert newer.created == START + timedelta(minutes=minutes)


async def test_an_older_equal_fact_does_not_turn_back_the_date(memories: MemoryStore) -> None:
    newer = await memories.add(JUN, fact("취미", "등산", minutes=5), 0)
    assert await memories.add(JUN, fact("취미", "등산"), 0) == newer


async def test_refreshing_gives_a_missing_vector(memories: MemoryStore) -> None:
    await memories.add(JUN, fact("취미", "등산"), 0)
    await memories.add(JUN, fact("취미", "등산", unit(1, 0)), 0)

    assert (await memories.search(JUN, "hiking", unit(1, 0), "m1", 1))[0][1] == pytest.approx(0.9)


async def test_equal_facts_of_two_places_stay_two(memories: MemoryStore) -> None:
    here = await memories.add(JUN, fact("취미", "등산"), 0)
    there = await memories.add(JUN_IN_GUILD, fact("취미", "등산"), 0)
    assert here is not None and there is not None and here.id != there.id


async def test_scores_weigh_meaning_and_spelling(memories: MemoryStore) -> None:
    await memories.add(JUN, fact("취미", "등산", unit(1, 0, 0)), 0)
    await memories.add(JUN, fact("강아지", "초코", unit(0.6, 0.8, 0)), 0)
    await memories.add(JUN, fact("시험", "수학", unit(0, 0, 1)), 0)

    found = await memories.search(JUN, "강아지랑 산책", unit(1, 0, 0), "m1", 2)

    spelt = likeness("강아지랑 산책", "강아지 초코")
    assert [memory.key for memory, _ in found] == ["취미", "강아지"]
    assert [score for _, score in found] == pytest.approx([0.9, 0.9 * 0.6 + 0.1 * spelt], abs=1e-6)


async def test_vectors_of_another_model_are_not_compared(memories: MemoryStore) -> None:
    await memories.add(JUN, fact("취미", "등산", unit(1, 0), model="old"), 0)
    await memories.add(JUN, fact("특기", "수영", unit(0.8, 0.6), model="new"), 0)

    found = await memories.search(JUN, "등산", unit(1, 0), "new", 5)

    scores = {memory.key: score for memory, score in found}
    assert scores == pytest.approx({"취미": likeness("등산", "취미 등산"), "특기": 0.9 * 0.8}, abs=1e-6)


async def test_a_vector_of_another_length_is_not_compared(memories: MemoryStore) -> None:
    await memories.add(JUN, fact("취미", "등산", unit(1, 0, 0)), 0)
    assert (await memories.search(JUN, "밥", unit(1, 0), "m1", 5))[0][1] == 0.0


async def test_a_broken_vector_does_not_outrank(memories: MemoryStore) -> None:
    await memories.add(JUN, fact("하나", "일", array("f", [math.nan, 0.0])), 0)
    await memories.add(JUN, fact("둘", "이", array("f", [0.0, 0.0])), 0)
    await memories.add(JUN, fact("셋", "삼", unit(1, 0.5)), 0)

    found = await memories.search(JUN, "??", unit(1, 0), "m1", 5)

    assert found[0][0].key == "셋" and [score for _, score in found[1:]] == [0.0, 0.0]


async def test_without_a_vector_spelling_alone_decides(memories: MemoryStore) -> None:
    for key, value in (("취미", "등산"), ("강아지 이름", "초코"), ("내일 일정", "친구 만나기")):
        await memories.add(JUN, fact(key, value, unit(1, 0)), 0)

    for question, key in (
        ("우리 강아지가 아파", "강아지 이름"),
        ("친구를 만나", "내일 일정"),
        ("등산을 가자", "취미"),
    ):
        found = await memories.search(JUN, question, None, "", 1)
        assert [memory.key for memory, _ in found] == [key]
        assert 0 < found[0][1] <= 1


@pytest.mark.parametrize("k", [0, -1])
async def test_nothing_asked_for_is_nothing_found(memories: MemoryStore, k: int) -> None:
    await memories.add(JUN, fact("취미", "등산"), 0)
    assert await memories.search(JUN, "등산", None, "", k) == []


async def test_of_equal_scores_the_newer_comes_first(memories: MemoryStore) -> None:
    for minutes in (2, 9, 5):
        await memories.add(JUN, fact("일정", f"{minutes}", minutes=minutes), 0)
    found = await memories.search(JUN, "무관한 말", None, "", 3)
    assert [memory.value for memory, _ in found] == ["9", "5", "2"]


async def test_forget_in_one_place_leaves_the_others(memories: MemoryStore, history: SqlHistoryStore) -> None:
    for owner in (JUN, JUN_IN_GUILD, MINA):
        await memories.add(owner, fact("취미", "등산", unit(1, 0)), 0)
        await memories.add(owner, fact("고향", "부산"), 0)
        await history.add_turn(owner, turn(1), 0)
    await history.choose(JUN.person, "language", "ko")

    assert await memories.counts(JUN.person, JUN.scope) == {"memories": 2, "turns": 1}
    assert await memories.counts(JUN.person, None) == {"memories": 4, "turns": 2}
    assert await memories.forget(JUN.person, JUN.scope) == {"memories": 2, "turns": 1}

    assert await memories.list(JUN) == [] and await history.last_turns(JUN, 5) == []
    for owner in (JUN_IN_GUILD, MINA):
        assert len(await memories.list(owner)) == 2 and len(await history.last_turns(owner, 5)) == 1
    assert await history.choices(JUN.person) == {"language": "ko"}
    assert await memories.forget(JUN.person, None) == {"memories": 2, "turns": 1}
    assert await memories.counts(JUN.person, None) == {"memories": 0, "turns": 0}


async def test_a_write_begun_before_the_erasure_is_dropped(memories: MemoryStore) -> None:
    before = await memories.epoch(JUN.person)
    await memories.forget(JUN.person, JUN.scope)

    assert await memories.add(JUN, fact("취미", "등산"), before) is None
    assert await memories.list(JUN) == []
    assert await memories.epoch(JUN.person) == before + 1
    assert await memories.add(JUN, fact("취미", "등산"), before + 1) is not None
    assert await memories.epoch(MINA.person) == 0


async def test_ids_are_never_used_again(memories: MemoryStore) -> None:
    first = await memories.add(JUN, fact("취미", "등산"), 0)
    await memories.forget(JUN.person, None)
    second = await memories.add(JUN, fact("취미", "수영"), 1)
    assert first is not None and second is not None and second.id > first.id


async def test_erasing_races_with_writing(memories: MemoryStore) -> None:
    """Whatever the order, nothing of the old epoch is left."""

    async def write(number: int) -> None:
        await memories.add(JUN, fact("수", str(number)), 0)

    await asyncio.gather(
        *(write(i) for i in range(20)), memories.forget(JUN.person, None), *(write(i) for i in range(20, 40))
    )
    assert await memories.list(JUN) == []


async def test_erased_text_is_in_no_byte(
    memories: MemoryStore, history: SqlHistoryStore, raw: Callable[[], bytes]
) -> None:
    for i in range(10):
        for owner, mark in ((JUN, "비밀이야기"), (MINA, "공개이야기")):
            await history.add_turn(owner, turn(i, f"{mark}{i} " * 40 * i, f"{mark}{i}"), 0)
            await history.finish_turn(owner, f"m{i}", summary=f"{mark} 요약")
            await memories.add(owner, fact(f"{mark} {i}", mark, unit(1, i + 1)), 0)
    assert "비밀이야기".encode() in raw()

    assert await memories.forget(JUN.person, None) == {"memories": 10, "turns": 10}

    assert "비밀".encode() not in raw() and "공개이야기".encode() in raw()
    assert len(await memories.list(MINA)) == 10


@pytest.mark.parametrize("seed", [3, 6])
async def test_copies_that_sqlite_leaves_between_rows_go_too(
    database: Database, file: Path, raw: Callable[[], bytes], seed: int
) -> None:
    """With these rows, deletion under secure_delete alone leaves about 50 readable pieces behind."""
    _fill(file, random.Random(seed))
    assert raw().count(b"SECRET") > 1000

    counts = await SqlMemoryStore(database).forget(JUN.person, None)

    assert counts["turns"] > 100
    assert b"SECRET" not in raw()


def _fill(file: Path, rng: random.Random) -> None:
    """Rows of changing size, so that pages are split and rows move."""
    time = "2026-01-01 00:00:00.000000"
    with sqlite3.connect(file) as direct:
        direct.execute("PRAGMA secure_delete=ON")
        people = [(owner.person, "", "", 0, time, time) for owner in (JUN, MINA)]
        direct.executemany("INSERT INTO people VALUES (?, ?, ?, ?, ?, ?, 0)", people)
        marks = []
        for i in range(600):
            owner, mark = (JUN, "SECRET") if rng.random() < 0.4 else (MINA, "public")
            marks.append(mark)
            direct.execute(
                "INSERT INTO turns (person, scope, conversation, message_id, text, reply, summary, lang,"
                " created) VALUES (?, ?, 0, ?, ?, ?, '', 'ko', ?)",
                (
                    owner.person, owner.scope, str(i),
                    mark * rng.randint(1, rng.choice([5, 40, 300])), mark * rng.randint(1, 30), time,
                ),
            )  # fmt: skip
            if rng.random() < 0.7:
                k = rng.randint(max(0, i - 20), i)
                summary = marks[k] * rng.randint(1, 60)
                direct.execute("UPDATE turns SET summary = ? WHERE id = ?", (summary, k + 1))
    direct.close()


async def test_with_nothing_to_erase_the_file_is_not_rewritten(memories: MemoryStore, file: Path) -> None:
    """Else anybody could keep the only writer busy with one command."""

    def rewrites() -> int:
        direct = sqlite3.connect(file)
        version: int = direct.execute("PRAGMA schema_version").fetchone()[0]  # VACUUM counts it up
        direct.close()
        return version

    await memories.add(JUN, fact("취미", "등산"), 0)
    before = rewrites()
    await memories.forget(JUN.person, JUN_IN_GUILD.scope)
    await memories.forget(MINA.person, None)
    assert rewrites() == before
    await memories.forget(JUN.person, None)
    assert rewrites() == before + 1


async def test_vectors_go_with_their_facts(memories: MemoryStore, raw: Callable[[], bytes]) -> None:
    vector = array("f", [random.Random(1).uniform(-1, 1) for _ in range(64)])
    await memories.add(JUN, fact("취미", "등산", vector), 0)
    assert vector.tobytes() in raw()
    await memories.forget(JUN.person, JUN.scope)
    assert vector.tobytes()[:16] not in raw()


async def test_only_its_owner_pins_a_fact_and_it_stays_pinned(memories: MemoryStore) -> None:
    kept = await memories.add(JUN, fact("생일", "3월 2일"), 0)
    assert kept is not None and not kept.pinned

    for other in (MINA, JUN_IN_GUILD):
        assert await memories.pin(other, kept.id, True) is None
    assert await memories.pin(JUN, kept.id, True) == replace(kept, pinned=True)
    assert await memories.pin(JUN, kept.id + 1, True) is None
    again = await memories.add(JUN, fact("생일", "3월 2일", minutes=5), 0)
    assert again is not None and again.pinned and again.id == kept.id
    assert [(each.id, each.pinned) for each in await memories.list(JUN)] == [(kept.id, True)]
    assert [each.pinned for each, _ in await memories.search(JUN, "생일", None, "", 1)] == [True]
    assert await memories.pin(JUN, kept.id, False) == replace(again, pinned=False)


async def test_a_fact_can_be_written_pinned(memories: MemoryStore) -> None:
    kept = await memories.add(JUN, fact("생일", "3월 2일"), 0)
    assert kept is not None
    await memories.add(JUN, replace(fact("생일", "3월 2일"), pinned=True), 0)
    assert [(each, each.pinned) for each in await memories.list(JUN)] == [(replace(kept, pinned=True), True)]


async def test_delete_takes_one_fact_of_its_owner_only(memories: MemoryStore) -> None:
    kept = await memories.add(JUN, fact("사는 곳", "부산"), 0)
    gone = await memories.add(JUN, fact("이름", "민수"), 0)
    assert kept is not None and gone is not None

    assert await memories.delete(MINA, gone.id) is None
    assert await memories.delete(JUN, gone.id) == gone
    assert await memories.delete(JUN, gone.id) is None
    assert await memories.list(JUN) == [kept]


async def test_the_facts_of_one_message_go_from_every_byte(
    database: Database, memories: MemoryStore, raw: Callable[[], bytes]
) -> None:
    for key, minutes in (("비밀하나", 1), ("비밀둘", 1), ("공개", 2)):
        await memories.add(JUN, fact(key, "값" * 30, unit(1, 0), minutes=minutes), 0)
    await memories.add(MINA, fact("남의 것", "값", minutes=1), 0)

    assert await memories.delete_source(JUN, "message-9") == 0
    assert await memories.delete_source(JUN_IN_GUILD, "message-1") == 0
    assert await memories.delete_source(JUN, "message-1") == 2

    assert await database.finish_erasures()
    assert "비밀".encode() not in raw()
    assert [memory.key for memory in await memories.list(JUN)] == ["공개"]
    assert len(await memories.list(MINA)) == 1


async def test_a_write_that_was_begun_before_is_erased_too(memories: MemoryStore) -> None:
    """A cancelled turn's write may already be under way when its source is deleted."""
    writing = asyncio.ensure_future(memories.add(JUN, fact("취미", "등산"), 0))
    await asyncio.sleep(0)
    writing.cancel()
    assert await memories.delete_source(JUN, "message-0") == 1
    assert await memories.list(JUN) == []
