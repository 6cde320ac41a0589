"""The commands of people beyond the terminal's: search, edit, export, why, profile, preview."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.shared import texts
from adapters.shared.commands import Picture
from adapters.shared.greeting import first_contact
from adapters.shared.memories import LONGEST, Asked, asked
from adapters.shared.profile import zones_like
from adapters.shared.texts import text
from core.errors import ModelError, StoreError
from core.people import DIRECT, Lang, Person, ReplyDone
from core.phrases import lines, phrase
from core.prompt import Task
from tests.adapters.house import HERE, HIDDEN, House, open_house, owner


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        yield opened


async def test_search_finds_here_only(house: House) -> None:
    await house.say("[취미: 등산] 안녕")
    await house.say("[고향: 부산] 안녕")
    found = await house.commands.memory.search(owner(), "등산 취미", "ko")
    assert found.memories[0].tag == "[취미: 등산]" and "[취미: 등산]" in found.text
    for elsewhere in (owner("2"), owner("1", HERE)):
        answer = await house.commands.memory.search(elsewhere, "등산", "ko")
        assert not answer.done and answer.memories == ()


async def test_search_and_edit_without_a_sentence_model(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise ModelError("broken")

    await house.say("나 등산 좋아해")
    assert house.app.embedder is not None
    monkeypatch.setattr(type(house.app.embedder), "encode", broken)
    (fact,) = await house.facts()
    assert (await house.commands.memory.edit(owner(), fact.id, "수영", "ko")).done
    found = await house.commands.memory.search(owner(), "수영", "ko")
    assert [memory.tag for memory in found.memories] == ["[취미: 수영]"]


@pytest.mark.parametrize(
    ("said", "tag"),
    [
        ("수영", "[취미: 수영]"), ("운동: 수영", "[운동: 수영]"), ("[운동: 수영]", "[운동: 수영]"),
        (" 수영 ", "[취미: 수영]"), ("등산", "[취미: 등산]"), (" 등 산", "[취미: 등 산]"),
    ],
)  # fmt: skip
async def test_a_memory_is_said_differently(house: House, said: str, tag: str) -> None:
    await house.say("나 등산 좋아해")
    (old,) = await house.facts()
    answer = await house.commands.memory.edit(owner(), old.id, said, "ko")
    assert answer.done and "[취미: 등산] →" in answer.text
    (new,) = await house.facts()
    assert (new.tag, new.created, new.source) == (tag, old.created, old.source)
    assert answer.memories == (new,)
    (found, score), *_ = await house.app.memories.search(
        owner(), tag, (await house.app.embedder.encode([tag]))[0], house.app.embedder.model_id, 1
    ) if house.app.embedder else []  # fmt: skip
    assert found == new and score > 0.7, "its vector is that of the new words"


@pytest.mark.parametrize("said", ["", "  ", "가" * 200, "http://x.y", "[]"])
async def test_what_cannot_be_a_memory_is_refused(house: House, said: str) -> None:
    await house.say("나 등산 좋아해")
    (old,) = await house.facts()
    answer = await house.commands.memory.edit(owner(), old.id, said, "en")
    assert not answer.done and answer.text == text("memory_unusable", "en")
    assert await house.facts() == [old]


async def test_nobody_edits_what_is_not_theirs(house: House) -> None:
    await house.say("나 등산 좋아해")
    (old,) = await house.facts()
    for other in (owner("2"), owner("1", HERE)):
        assert not (await house.commands.memory.edit(other, old.id, "수영", "ko")).done
    assert await house.facts() == [old]


async def test_pinning_puts_a_memory_first_and_outlives_an_edit(house: House) -> None:
    await house.say("[취미: 등산] 안녕")
    await house.say("[고향: 부산] 안녕")
    memory, (_, home) = house.commands.memory, await house.facts()
    assert "[고향: 부산]" in (pinned := await memory.pin(owner(), home.id, "ko")).text and pinned.done
    lines = (await memory.all(owner(), "ko")).text.splitlines()
    assert lines[0].split() == [str(home.id), "📌", "[고향:", "부산]"] and "📌" not in lines[1]
    (edited,) = (await memory.edit(owner(), home.id, "대구", "en")).memories
    assert edited.pinned and (await memory.search(owner(), "고향 대구", "en")).memories[0].pinned
    document = (await memory.export(owner(), "en")).document
    assert document is not None
    assert {m["value"]: m["pinned"] for m in json.loads(document)["memories"]} == {
        "등산": False,
        "대구": True,
    }
    assert text("memory_unpinned", "en", tag=edited.tag) == (await memory.pin(owner(), edited.id, "en")).text
    assert not any(m.pinned for m in await house.facts())
    for other, number in ((owner("2"), edited.id), (owner("1", HERE), edited.id), (owner(), 10**18 - 1)):
        assert not (await memory.pin(other, number, "ko")).done


@given(
    st.text(max_size=40),
    st.sampled_from(["", "edit 1 ", "pin ", "DELETE ", "search ", "list", "on", "edit 2"]),
)
def test_whatever_is_typed_is_one_subcommand_or_none(typed: str, act: str) -> None:
    what = asked(act + typed)
    if what is None:
        return
    again = " ".join(part for part in (what.act, str(what.fact or ""), what.words) if part)
    assert asked(again) == what and len(what.words) <= LONGEST
    assert bool(what.words) == (what.act in ("search", "edit"))


@pytest.mark.parametrize(
    ("typed", "what"),
    [
        ("", Asked("list")), ("LIST", Asked("list")), ("pin 7", Asked("pin", 7)), ("pin", None),
        ("pin 7 8", None), ("pin ７", None), ("edit 7", None), ("edit 7 a b", Asked("edit", 7, "a b")),
        ("search  a b ", Asked("search", words="a b")), ("off now", None), ("delete -1", None),
    ],
)  # fmt: skip
def test_subcommands_as_they_are_typed(typed: str, what: Asked | None) -> None:
    assert asked(typed) == what


async def test_the_export_holds_everything_of_this_place(house: House) -> None:
    await house.say("나 등산 좋아해")
    await house.profile.language(owner(), "ko", "ko")
    answer = await house.commands.memory.export(owner(), "ko")
    assert answer.document is not None
    document = json.loads(answer.document)
    assert (document["person"], document["scope"]) == ("discord:1", "direct")
    assert document["choices"] == {"language": "ko"}
    (fact,) = document["memories"]
    assert (fact["key"], fact["value"]) == ("취미", "등산") and fact["created"].startswith("2026-11-21T")
    elsewhere = (await house.commands.memory.export(owner("1", HERE), "ko")).document
    assert elsewhere is not None and json.loads(elsewhere)["memories"] == []
    assert [memory.id for memory in await house.commands.memory.known(owner())] == [fact["id"]]


async def test_why_tells_the_memories_and_the_expression(house: House) -> None:
    await house.say("나 등산 좋아해", place=HERE)
    (done,) = [e for e in await house.say("취미 등산 어때?", place=HERE) if isinstance(e, ReplyDone)]
    mine = owner("1", HERE)
    store = house.app.deliveries
    await store.claim("discord:m2", mine.person, mine.scope, house.clock.now())
    await store.shown("discord:m2", "c", ("discord:r2",), tuple(m.id for m in done.recalled))
    answer = await house.commands.why(mine, "discord:m2", "ko")
    assert [memory.tag for memory in answer.memories] == ["[취미: 등산]"]
    assert "[취미: 등산]" in answer.text and "눈 크게" in answer.text
    assert "eyes wide" in (await house.commands.why(mine, "discord:m1", "en")).text
    assert text("why_nothing", "en") in (await house.commands.why(mine, "discord:m1", "en")).text
    for other in (owner("2", HERE), owner("1", HIDDEN), owner()):
        unknown = await house.commands.why(other, "discord:m2", "ko")
        assert not unknown.done and unknown.memories == ()

    await house.commands.memory.delete(mine, answer.memories[0].id, "ko")
    after = await house.commands.why(mine, "discord:m2", "ko")
    assert text("why_gone", "ko") in after.text and text("why_nothing", "ko") not in after.text
    assert after.memories == ()


async def test_the_preview_of_forgetting(house: House) -> None:
    for place in (DIRECT, HERE):
        await house.say("나 등산 좋아해", place=place)
    here = await house.commands.forget_preview(owner("1", HERE), False, "en")
    everywhere = await house.commands.forget_preview(owner("1", HERE), True, "en")
    assert "from here (memories: 1, exchanges: 1)" in here.text
    assert "everywhere (memories: 2, exchanges: 2)" in everywhere.text
    assert "/forget" not in here.text + everywhere.text
    both = "here: memories 1, exchanges 1 · everywhere: memories 2, exchanges 2"
    assert both in here.text and both in everywhere.text
    open_ = await house.commands.forget_preview(owner("1", HERE), None, "en")
    assert "from here (memories: 1" in open_.text and "everywhere (memories: 2" in open_.text


async def test_forgetting_oneself_stands_in_the_audit_without_a_name(house: House) -> None:
    await house.say("나 등산 좋아해", place=HERE)
    receipt = await house.commands.forget(owner("1", HERE), False, "en")
    assert "memories: 1, exchanges: 1" in receipt.text and text("forgot_left_chat", "en") in receipt.text
    assert text("forgot_left_server", "en") not in receipt.text
    (entry,) = await house.app.audit.list(HERE.group, 9)
    assert entry.counts == {"memories": 1, "turns": 1} and "discord:1" not in entry.actor + entry.target
    told = (await house.admin.audit(HERE.group, "en")).text
    assert "forget oneself" in told and "memories 1 · turns 1" in told and "discord:1" not in told
    assert await house.app.audit.list("", 9) == []


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_the_receipt_tells_of_a_servers_log(house: House, lang: Lang) -> None:
    await house.say("나 등산 좋아해", place=HERE)
    receipt = await replace(house.commands, on_server=True).forget(owner("1", HERE), False, lang)
    assert receipt.text.endswith(text("forgot_left_server", lang))


async def test_profile(house: House) -> None:
    await house.say("나 등산 좋아해")
    await house.profile.timezone(owner(), " Europe/Berlin ", "en")
    await house.commands.face_choose(owner(), "dusk", "en")
    await house.commands.face_hair(owner(), "lavender", "en")
    await house.commands.memory.learning(owner(), False, "en")
    shown = (await house.profile.show(owner(), "en")).text
    for part in (
        "Europe/Berlin",
        "Dusk (on)",
        "hair: violet",
        "learning: off",
        "language: the one you write in",
        "here: memories 1",
    ):
        assert part in shown


@pytest.mark.parametrize(
    ("on", "picture", "wish", "said"),
    [
        (False, None, "off", "no face"), (True, None, None, "back"), (True, "still", "still", "still picture"),
        (True, "animated", "animated", "moves now"),
    ],
)  # fmt: skip
async def test_faces_are_switched(
    house: House, on: bool, picture: Picture | None, wish: str | None, said: str
) -> None:
    answer = await house.commands.face_switch(owner(), on, "en", picture)
    assert said in answer.text
    assert (await house.app.history.choices(owner().person)).get("face") == wish


async def test_language(house: House) -> None:
    assert "English" in (await house.profile.language(owner(), "en", "ko")).text
    house.model.answers[Task.REPLY] = "Sounds great!"
    (done,) = [e for e in await house.say("안녕") if isinstance(e, ReplyDone)]
    assert done.lang == "en"
    assert (await house.profile.language(owner(), None, "ko")).text == text("language_auto", "ko")
    assert await house.app.history.choices(owner().person) == {}


async def test_timezone(house: House) -> None:
    assert not (await house.profile.timezone(owner(), "Mars/Olympus", "ko")).done
    for typed, zone in (("서울", "Asia/Seoul"), ("뉴욕 시간", "America/New_York"), ("뮌헨", "Europe/Berlin")):
        assert zones_like(typed) == [zone]
        assert zone in (await house.profile.timezone(owner(), typed, "ko")).text
    assert (await house.profile.timezone(owner(), "America/Los_Angeles", "ko")).done
    await house.say("오늘 무슨 요일이야?")
    prompt = next(request.prompt for request in house.model.seen if request.task is Task.REPLY)
    assert "오늘 11월 20일 금요일 저녁" in prompt  # 12 o'clock of Saturday in Seoul
    assert (await house.profile.timezone(owner(), None, "ko")).text == text("timezone_cleared", "ko")
    assert await house.app.history.choices(owner().person) == {}


def test_zones_are_offered() -> None:
    assert zones_like("")[0] == "Asia/Seoul"
    assert zones_like("seoul") == ["Asia/Seoul"]
    assert zones_like("new york") == ["America/New_York"]
    assert len(zones_like("a")) == 25 and zones_like("atlantis") == []


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_help_and_privacy_speak_of_their_platform(house: House, lang: Lang) -> None:
    assert "/privacy" in house.profile.help(lang).text and "/quit" not in house.profile.help(lang).text
    privacy = house.profile.privacy(lang).text
    assert "/forget" in privacy and "/memory off" in privacy
    assert all(len(said) <= 2000 for said in (privacy, house.profile.help(lang).text))


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_a_locked_notebook_gets_a_polite_text(
    house: House, monkeypatch: pytest.MonkeyPatch, lang: Lang
) -> None:
    async def failing(*_: object, **__: object) -> None:
        raise StoreError("disk on fire")

    for store in (house.app.memories, house.app.history, house.app.deliveries):
        for name in ("list", "search", "counts", "choices", "choose", "turn", "of_source", "epoch"):
            if hasattr(store, name):
                monkeypatch.setattr(store, name, failing)
    answers = [
        await house.commands.memory.search(owner(), "등산", lang),
        await house.commands.memory.edit(owner(), 1, "등산", lang),
        await house.commands.memory.pin(owner(), 1, lang),
        await house.commands.memory.export(owner(), lang),
        await house.commands.why(owner(), "m1", lang),
        await house.commands.forget_preview(owner(), True, lang),
        await house.profile.show(owner(), lang),
        await house.profile.language(owner(), "ko", lang),
        await house.profile.timezone(owner(), "UTC", lang),
    ]
    assert {(answer.text, answer.done) for answer in answers} == {(text("store_failed", lang), False)}
    assert await house.commands.memory.known(owner()) == []


async def test_the_first_words_fit_the_platform(house: House) -> None:
    person = Person("discord", "1")
    told = await first_contact(house.app.history, person, "ko", "first_contact_discord")
    assert told == lines("first_contact_discord", "ko") and "컴퓨터" not in "".join(told)
    assert await first_contact(house.app.history, person, "ko", "first_contact_discord") == ()


def test_every_text_stands_in_both_languages_with_the_same_blanks() -> None:
    for key, said in texts._ALL.items():
        blanks = [
            {part.split("}")[0] for part in said[lang].split("{")[1:]} for lang in ("ko", "en")
        ]  # fmt: skip
        assert blanks[0] == blanks[1] and all(each.strip() for each in said.values()), key
    assert phrase("blocked", "ko") and phrase("maintenance", "en")
