"""Turns, conversations and choices through the port."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.people import Owner
from core.ports import HistoryStore, Turn
from core.ports_memory import MemoryStore
from db.engine import Database
from db.stores import SqlHistoryStore
from tests.db.samples import JUN, JUN_IN_GUILD, MINA, SMILE, START, stored, turn


async def test_turns_come_back_oldest_first_and_no_more_than_asked(history: HistoryStore) -> None:
    turns = [turn(i) for i in range(5)]
    for each in turns:
        assert await history.add_turn(JUN, each, 0)

    assert await history.last_turns(JUN, 2) == turns[-2:]
    assert await history.last_turns(JUN, 99) == turns
    assert await history.last_turns(JUN, 0) == [] and await history.last_turns(JUN, -1) == []


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(), reply=st.text(), summary=st.text(), message=st.text())
async def test_any_text_survives(
    address: str | Path, door: str, text: str, reply: str, summary: str, message: str
) -> None:
    owner, said = Owner(f"web:{uuid4()}", "direct"), Turn(message, text, reply, summary, "en", START)
    message, text, reply, summary = (stored(each, door) for each in (message, text, reply, summary))
    kept = Turn(message, text, reply, summary, "en", START)
    async with Database(address) as database:
        store = SqlHistoryStore(database)
        await store.add_turn(owner, said, 0)
        assert await store.last_turns(owner, 1) == [kept]


async def test_turns_of_other_people_and_places_are_not_seen(history: HistoryStore) -> None:
    for owner, text in ((JUN, "여기"), (JUN_IN_GUILD, "저기"), (MINA, "거기")):
        await history.add_turn(owner, turn(1, text), 0)
    for owner, text in ((JUN, "여기"), (JUN_IN_GUILD, "저기"), (MINA, "거기")):
        assert [each.text for each in await history.last_turns(owner, 9)] == [text]


async def test_what_is_known_later_is_filled_in(history: HistoryStore) -> None:
    await history.add_turn(JUN, turn(1), 0)
    await history.finish_turn(JUN, "m1", summary="인사했다")
    await history.finish_turn(JUN, "m1", expression=SMILE)
    await history.finish_turn(JUN, "m1")
    await history.finish_turn(MINA, "m1", summary="남의 것")

    assert await history.last_turns(JUN, 1) == [replace(turn(1), summary="인사했다", expression=SMILE)]


async def test_an_expression_can_come_with_the_turn(history: HistoryStore) -> None:
    kept = replace(turn(1), expression=SMILE, lang="en")
    await history.add_turn(JUN, kept, 0)
    assert await history.last_turns(JUN, 1) == [kept]


async def test_the_same_message_again_replaces_its_turn(history: HistoryStore) -> None:
    await history.add_turn(JUN, turn(1, reply="처음"), 0)
    assert await history.add_turn(JUN, turn(1, reply="다시"), 0)
    assert [each.reply for each in await history.last_turns(JUN, 9)] == ["다시"]


async def test_reset_begins_a_new_conversation_here_only(
    history: HistoryStore, memories: MemoryStore
) -> None:
    for owner in (JUN, JUN_IN_GUILD):
        await history.add_turn(owner, turn(1), 0)

    await history.reset(JUN)
    assert await history.last_turns(JUN, 9) == []
    await history.add_turn(JUN, turn(2), 0)
    assert await history.last_turns(JUN, 9) == [turn(2)]
    await history.reset(JUN)
    assert await history.last_turns(JUN, 9) == []

    assert await history.last_turns(JUN_IN_GUILD, 9) == [turn(1)]
    assert await memories.counts(JUN.person, None) == {"memories": 0, "turns": 3}


async def test_reset_of_an_unknown_person(history: HistoryStore) -> None:
    await history.reset(MINA)
    assert await history.last_turns(MINA, 1) == []


async def test_a_turn_begun_before_the_erasure_is_dropped(
    history: HistoryStore, memories: MemoryStore
) -> None:
    await history.add_turn(JUN, turn(1), 0)
    await memories.forget(JUN.person, JUN.scope)

    assert not await history.add_turn(JUN, turn(2), 0)
    await history.finish_turn(JUN, "m1", summary="남으면 안 된다", expression=SMILE)
    assert await history.last_turns(JUN, 9) == []
    assert await history.add_turn(JUN, turn(3), 1)


@pytest.mark.parametrize("name", ["language", "얼굴", ""])
async def test_choices_are_set_changed_and_cleared(history: HistoryStore, name: str) -> None:
    assert await history.choices(JUN.person) == {}
    await history.choose(JUN.person, name, "ko")
    await history.choose(JUN.person, name, "en")
    await history.choose(JUN.person, "face", "v8-3")
    await history.choose(MINA.person, name, "ko")
    assert await history.choices(JUN.person) == {name: "en", "face": "v8-3"}

    await history.choose(JUN.person, name, None)
    await history.choose(JUN.person, "never set", None)
    assert await history.choices(JUN.person) == {"face": "v8-3"}
    assert await history.choices(MINA.person) == {name: "ko"}


async def test_a_turn_is_found_by_any_message_of_its_burst(history: HistoryStore) -> None:
    kept = replace(turn(3), joined=("m1", "m2"), expression=SMILE)
    await history.add_turn(JUN, kept, 0)
    await history.add_turn(JUN, turn(4), 0)
    for message in ("m1", "m2", "m3"):
        assert await history.turn(JUN, message) == kept
        for owner in (MINA, JUN_IN_GUILD):
            assert await history.turn(owner, message) is None
    assert await history.turn(JUN, "m9") is None
    assert await history.last_turns(JUN, 9) == [kept, turn(4)]


async def test_a_turn_after_a_reset_is_still_found(history: HistoryStore) -> None:
    await history.add_turn(JUN, turn(1), 0)
    await history.reset(JUN)
    assert await history.turn(JUN, "m1") == turn(1)


@pytest.mark.parametrize("message", ["m1", "m2"])
async def test_a_dropped_turn_is_in_no_byte(
    database: Database, history: HistoryStore, raw: Callable[[], bytes], message: str
) -> None:
    kept = replace(turn(2, "비밀이야기 " * 400, "비밀이야기"), joined=("m1",))
    await history.add_turn(JUN, kept, 0)
    await history.add_turn(MINA, turn(2, "공개이야기"), 0)
    assert await history.drop_turn(JUN_IN_GUILD, message) is None
    assert await history.drop_turn(JUN, message) == kept
    assert await history.drop_turn(JUN, message) is None
    await history.finish_turn(JUN, "m2", summary="비밀 요약")
    assert await database.finish_erasures()
    assert "비밀".encode() not in raw() and "공개이야기".encode() in raw()


async def test_a_turn_that_was_begun_before_is_dropped_too(history: HistoryStore) -> None:
    writing = asyncio.ensure_future(history.add_turn(JUN, turn(1), 0))
    await asyncio.sleep(0)
    writing.cancel()
    assert await history.drop_turn(JUN, "m1") == turn(1)
    assert await history.last_turns(JUN, 9) == []


async def test_writing_a_turn_again_replaces_its_burst(history: HistoryStore) -> None:
    await history.add_turn(JUN, replace(turn(2), joined=("m0", "m1")), 0)
    await history.add_turn(JUN, replace(turn(2), joined=("m1",)), 0)
    assert await history.turn(JUN, "m0") is None
    assert await history.last_turns(JUN, 9) == [replace(turn(2), joined=("m1",))]


async def test_other_words_stand_in_a_turn_and_the_old_ones_nowhere(
    database: Database, history: SqlHistoryStore, raw: Callable[[], bytes]
) -> None:
    await history.add_turn(JUN, turn(1, "비밀스러운 말"), 0)
    assert await history.reword(JUN, "m1", "새 말") and not await history.reword(MINA, "m1", "새 말")
    assert await history.last_turns(JUN, 1) == [turn(1, "새 말")]
    assert await database.finish_erasures() and "비밀스러운".encode() not in raw()
