"""``/memory`` with dates and history: how it reads, what is exported, what an edit changes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import cast

import pytest

from adapters.shared.texts import text
from core.people import Lang, Owner
from core.phrases import phrase
from core.ports_memory import NewMemory
from core.prompt import Task
from tests.adapters.house import GUILD, HERE, HIDDEN, House, open_house, owner
from tests.db.people import join


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path, learns="") as opened:
        yield opened


async def listed(house: House, lang: Lang = "ko") -> list[str]:
    """The lines of the list without their numbers."""
    lines = (await house.commands.memory.all(owner(), lang)).text.splitlines()
    return [line.split(maxsplit=1)[1] for line in lines if not line.startswith("(")]


async def test_plans_are_listed_with_their_dates_in_the_reader_s_language(house: House) -> None:
    await house.say("[내일 일정: 시험] [취미: 등산] [상태: 졸림] 안녕")
    assert await listed(house) == ["[일정 · 11월 22일: 시험]", "[취미: 등산]", "[상태 · 11월 21일: 졸림]"]
    assert (await listed(house, "en"))[0] == "[일정 · November 22: 시험]"


async def test_what_was_is_listed_apart(house: House) -> None:
    for place in ("부산", "서울"):
        await house.say(f"[사는 곳: {place}] 안녕")
        house.clock.at += timedelta(days=1)
    await house.say("[취미: 등산] 안녕")
    assert await listed(house) == ["[사는 곳: 서울]", "[취미: 등산]", "예전: [사는 곳: 부산]"]
    assert (await listed(house, "en"))[-1] == "earlier: [사는 곳: 부산]"
    assert text("memory_former_why", "ko") in (await house.commands.memory.all(owner(), "ko")).text


async def test_what_is_told_after_a_pinned_fact_takes_over_its_pin(house: House) -> None:
    await house.say("[사는 곳: 부산] 안녕")
    (pinned,) = await house.facts()
    await house.commands.memory.pin(owner(), pinned.id, "ko")
    house.clock.at += timedelta(days=1)
    await house.say("[사는 곳: 서울] 안녕")
    assert await listed(house) == ["📌 [사는 곳: 서울]", "예전: [사는 곳: 부산]"]


async def test_the_export_has_every_field(house: House) -> None:
    house.model.answers[Task.MEMORY] = "[좋아하는 음식: 떡볶이]"
    await house.say("[내일 일정: 시험] 나 떡볶이 좋아해")
    house.model.answers[Task.MEMORY] = ""
    house.clock.at += timedelta(hours=1)
    await house.say("[모레 일정: 시험] 안녕")
    document = (await house.commands.memory.export(owner(), "ko")).document
    assert document is not None
    exam, food, later = json.loads(document)["memories"]
    assert exam == {
        "id": exam["id"], "account": "discord:1", "key": "내일 일정", "listed_as": "일정 · 11월 22일", "value": "시험",
        "language": "ko", "created": exam["created"], "source": "discord:m1",
        "pinned": False, "starts": "2026-11-22", "ends": "2026-11-22", "confidence": 1.0, "former": True,
        "superseded_by": later["id"],
    }  # fmt: skip
    assert (food["starts"], food["ends"], food["former"], food["superseded_by"]) == (None, None, False, None)
    assert 0 < food["confidence"] <= 1 and later["former"] is False


async def test_the_export_can_be_read(house: House) -> None:
    await house.say("[사는 곳: 부산] 안녕")
    house.clock.at += timedelta(days=1)
    await house.say("[사는 곳: 서울] [내일 일정: 시험] 안녕")
    await house.profile.timezone(owner(), "Asia/Tokyo", "ko")
    for lang, title, direct in (
        ("ko", "오로라가 너에 대해 기억해 둔 것 · 2026-11-22 12:00", "둘만의 대화"),
        ("en", "What Oh-LoRA remembers about you · 2026-11-22 12:00", "direct messages"),
    ):
        answer = await house.commands.memory.export(owner(), cast("Lang", lang))
        first, account, chosen, count, _, *facts = (answer.readable or "").splitlines()
        assert first == title and "discord:1" in account and direct in account
        assert chosen.endswith(": Asia/Tokyo") and "3" in count and len(facts) == 6
        assert "[사는 곳: 서울]" in facts[0] and "2026-11-22 12:00" in facts[1] and "discord:m2" in facts[1]
        assert "[사는 곳: 부산]" in facts[4] and "2026-11-21 12:00" in facts[5]
        assert [name for name, _ in answer.files] == ["oh-lora.txt", "oh-lora.json"]


async def test_the_export_tells_of_choices_what_its_text_does(house: House) -> None:
    for name, value in (("greeted", "yes"), ("timezone", "Asia/Tokyo")):
        await house.app.history.choose(owner().person, name, value)
    document = (await house.commands.memory.export(owner(), "ko")).document
    assert json.loads(document or "")["choices"] == {"timezone": "Asia/Tokyo"}


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_who_switches_what_is_switched_is_told(house: House, lang: Lang) -> None:
    memory = house.commands.memory
    assert (await memory.learning(owner(), True, lang)).text == text("memory_already_on", lang)
    assert (await memory.learning(owner(), False, lang)).text == phrase("memory_off", lang)
    assert (await memory.learning(owner(), False, lang)).text == text("memory_already_off", lang)
    assert (await memory.learning(owner(), True, lang)).text == phrase("memory_on", lang)


async def test_what_a_linked_account_told_names_it(house: House) -> None:
    commands = house.commands.memory
    await house.say("[취미: 등산] 안녕")
    await join(house.app.memories._db, "discord:1", "telegram:7")  # type: ignore[attr-defined]
    new = NewMemory("고향", "부산", house.clock.now(), "telegram:m1", None, "")
    await house.app.memories.add(Owner("telegram:7", "direct"), new, 0)
    assert await listed(house) == ["[취미: 등산]", "[고향: 부산] (텔레그램)"]
    assert (await listed(house, "en"))[1] == "[고향: 부산] (Telegram)"
    assert "(텔레그램)" in (await commands.search(owner(), "부산", "ko")).text
    answer = await commands.export(owner(), "ko")
    assert answer.document is not None and answer.readable is not None
    accounts = [memory["account"] for memory in json.loads(answer.document)["memories"]]
    assert accounts == ["discord:1", "telegram:7"]
    assert answer.readable.splitlines()[-1].endswith("telegram:m1 · telegram:7")


async def test_a_search_finds_words_inside_of_others(house: House) -> None:
    await house.say("[취미: 밤 등산] [고향: 부산] [좋아하는 음식: 떡볶이] 안녕")
    for said, found in (
        ("산", ["밤 등산", "부산"]),
        ("밤등산", ["밤 등산"]),
        ("떡볶", ["떡볶이"]),
        (" ", []),
    ):
        answer = await house.commands.memory.search(owner(), said, "ko")
        assert {memory.value for memory in answer.memories} >= set(found), said


@pytest.mark.parametrize(
    ("said", "key", "value", "starts"),
    [
        ("수학 시험", "내일 일정", "수학 시험", 22), ("일정 · 11월 22일: 수학 시험", "일정", "수학 시험", 22), ("일정 · 11월 25일: 시험", "일정", "시험", 25),
        ("모레 일정: 시험", "모레 일정", "시험", 24), ("금요일 시험", "내일 일정", "금요일 시험", 27),
    ],
)  # fmt: skip
async def test_an_edited_plan_is_on_the_day_that_is_meant(
    house: House, said: str, key: str, value: str, starts: int
) -> None:
    await house.say("[내일 일정: 시험] 안녕")
    (old,) = await house.facts()
    house.clock.at += timedelta(days=1)
    assert (await house.commands.memory.edit(owner(), old.id, said, "ko")).done
    (new,) = await house.facts()
    assert (new.key, new.value, new.starts, new.created) == (key, value, date(2026, 11, starts), old.created)


async def test_an_edit_means_the_days_where_the_person_lives(house: House) -> None:
    await house.profile.timezone(owner(), "America/Los_Angeles", "ko")
    house.clock.at = house.clock.at.replace(hour=10)  # in Los Angeles the evening before
    await house.say("[취미: 등산] 안녕")
    (old,) = await house.facts()
    await house.commands.memory.edit(owner(), old.id, "내일 일정: 등산", "ko")
    assert [fact.starts for fact in await house.facts()] == [date(2026, 11, 21)]


async def test_an_edit_in_a_group_means_the_days_where_the_group_is(house: House) -> None:
    house.clock.at = house.clock.at.replace(hour=10)  # in Los Angeles the evening before
    await house.app.groups.set(GUILD, "timezone", "America/Los_Angeles")
    for name, place, told, edited in (("1", HERE, 22, 21), ("1", HIDDEN, 22, 21), ("2", HERE, 23, 22)):
        if name == "2":
            await house.profile.timezone(owner(name), "Asia/Seoul", "ko")
        await house.say("[모레 일정: 시험] 안녕", name, place)
        (old,) = await house.facts(name, place)
        await house.commands.memory.edit(owner(name, place), old.id, "내일 일정: 회의", "ko")
        (new,) = await house.facts(name, place)
        assert [fact.starts for fact in (old, new)] == [date(2026, 11, told), date(2026, 11, edited)]


async def test_a_rule_for_her_is_no_edit(house: House) -> None:
    await house.say("[취미: 등산] 안녕")
    (old,) = await house.facts()
    for said in ("규칙: 반말 금지", "항상 존댓말로 대답하기"):
        answer = await house.commands.memory.edit(owner(), old.id, said, "ko")
        assert not answer.done and answer.text == text("memory_unusable", "ko")
    assert await house.facts() == [old]


async def test_history_goes_with_everything_else(house: House) -> None:
    for place in ("부산비밀", "서울비밀"):
        await house.say(f"[사는 곳: {place}] 안녕")
    assert len(await house.facts()) == 2
    await house.commands.forget(owner(), True, "ko")
    assert await house.facts() == []
    assert "비밀".encode() not in house.app.settings.database.read_bytes()
