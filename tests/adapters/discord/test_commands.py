"""Slash commands through a fake Discord, in both languages: what they say, do, propose and keep private."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from adapters.shared import forget
from core.errors import StoreError
from tests.adapters.discord.office import HIKING, Office, message, office
from tests.adapters.discord.test_menus import payloads
from tests.db.people import bytes_of
from tests.fake_discord import Intent, Interaction, Permission


async def both(place: Office, korean: str, english: str, **options: object) -> tuple[str, str]:
    """The answer to mina under the Korean name, and to john under the English one."""
    answers = [
        await place.command(user, name, {**options})
        for user, name in ((place.mina, korean), (place.john, english))
    ]
    assert all(answer.ephemeral for answer in answers)
    return answers[0].content, answers[1].content


async def test_chat_answers_like_a_message(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        talk = await place.command(place.mina, "대화", {"할말": "내 취미는 등산이야"})
        await place.fake.wait_for(lambda: "좋은 생각이야!" in talk.content and message(talk).attachments)
        assert not talk.ephemeral
        await place.app.conversation.drain()
        assert [memory.tag for memory in await place.known(place.mina, place.guild)] == [HIKING]
        english = await place.command(place.john, "chat", {"text": "hello"})
        await place.fake.wait_for(lambda: message(english).attachments)
        long = await place.command(place.mina, "chat", {"text": "아" * 1500})
        await place.fake.wait_for(lambda: "혜나" in long.content)


async def test_chat_can_open_a_thread(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        talk = await place.command(place.john, "chat", {"text": "hello", "thread": True})
        answer = message(talk)
        thread = await place.fake.wait_for(lambda: place.fake.world.channels.get(answer.id))
        assert thread is not None and thread.name == "john & Oh-LoRA"
        await place.fake.say(place.john, thread, "", attachments=[("a.png", b"x")])
        assert (await place.fake.answer(thread)).content, "she reads it without a mention"
        private = place.fake.private_channel(place.john)
        alone = await place.command(place.john, "chat", {"text": "hello", "thread": True}, private)
        assert (await alone.followup()).content == "I can't open a thread here."
        place.fake.deny(place.square, Permission.CREATE_PUBLIC_THREADS)
        refused = await place.command(place.john, "chat", {"text": "hello", "thread": True})
        told = await refused.followup()
        assert told.ephemeral and "public threads" in told.content


async def test_chat_in_a_direct_message_is_its_own_scope(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        private = place.fake.private_channel(place.mina)
        await place.command(place.mina, "chat", {"text": "내 취미는 등산이야"}, private)
        await place.app.conversation.drain()
        assert [memory.tag for memory in await place.known(place.mina)] == [HIKING]
        assert await place.known(place.mina, place.guild) == []


async def test_every_answer_comes_in_the_language_of_the_client(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        korean, english = await both(place, "기억 목록", "memory list")
        assert (korean, english) == ("아직 기억해 둔 게 없어.", "Nothing remembered yet.")
        korean, english = await both(place, "새대화", "reset")
        assert korean.startswith("새 대화 시작") and english.startswith("A fresh conversation")
        korean, english = await both(place, "도움말", "help")
        assert "`/기억 목록" in korean and "`/memory list" in english
        korean, english = await both(place, "개인정보", "privacy")
        assert "나는 AI야" in korean and "I'm an AI" in english
        korean, english = await both(place, "프로필", "profile")
        assert korean != english and "Asia/Seoul" not in english
        assert (await both(place, "얼굴 끄기", "face off"))[1] == "Okay, no face from now on."
        assert (await both(place, "기억 끄기", "memory off"))[0].startswith("알았어")


EVERY: dict[str, dict[str, object]] = {
    "chat": {"text": "?!"}, "forget": {}, "reset": {}, "profile": {}, "privacy": {}, "help": {},
    "memory list": {}, "memory search": {"query": "x"}, "memory edit": {"fact": 1, "value": "x"},
    "memory delete": {"fact": 1}, "memory pin": {"fact": 1}, "memory export": {}, "memory off": {}, "memory on": {},
    "face show": {}, "face choose": {}, "face express": {"eyes": 0.5}, "face hair": {"colour": "#8a2be2"}, "face off": {}, "face on": {},
    "language": {"language": "auto"}, "timezone": {"zone": "UTC"}, "link": {}, "unlink": {},
    "battles leaderboard": {}, "battles history": {}, "battles replay": {"battle": 7},
    "battles join": {}, "battles leave": {}, "battles stop": {}, "battles reset": {},
    "admin settings": {}, "admin block": {"reason": "x", "length": "2h"}, "admin blocks": {},
    "admin unblock": {"person": "1"}, "admin audit": {}, "admin status": {},
    "admin maintenance": {"switch": "off"}, "admin sync": {},
}  # fmt: skip


async def test_every_command_answers_in_both_languages(tmp_path: Path) -> None:
    names = {
        f"{command['name']} {option['name']}" if option.get("type") == 1 else command["name"]
        for command in await payloads()
        for option in command.get("options") or [{}]
        if command["type"] == 1
    }
    assert names == {*EVERY, "battle"}, "its answer is a card"
    async with office(tmp_path) as place:
        place.fake.world.add_role(place.guild, "keepers", Permission.MANAGE_GUILD, place.mina, place.john)
        for command, options in EVERY.items():
            given = options | ({"user": place.boss} if command == "admin block" else {})
            for user in (place.mina, place.john):
                talk = await place.command(user, command, given)
                await place.fake.wait_for(lambda talk=talk: talk.content)  # type: ignore[misc]
                hangul = bool(re.search("[가-힣]", talk.content))
                assert hangul is (user is place.mina), f"{command}: {talk.content}"
                assert talk.ephemeral is (command not in {"chat", "face show", "face express"}), command


async def test_a_chosen_language_wins_over_the_clients(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.command(place.mina, "언어", {"언어": "en"})
        assert (await place.command(place.mina, "memory list")).content == "Nothing remembered yet."
        await place.command(place.mina, "언어", {"언어": "auto"})
        assert (await place.command(place.mina, "memory list")).content == "아직 기억해 둔 게 없어."


async def test_time_zone(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        assert await place.choices(place.john, "timezone", "zone", "berl") == ["Europe/Berlin"]
        assert (
            "Europe/Berlin"
            in (await place.command(place.john, "timezone", {"zone": "Europe/Berlin"})).content
        )
        wrong = await place.command(place.john, "timezone", {"zone": "Mars"})
        assert "Mars" not in (await place.command(place.john, "profile")).content and wrong.ephemeral


async def test_memories_are_listed_found_edited_exported_deleted(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.tell(place.mina, place.square)
        (fact,) = await place.known(place.mina, place.guild)
        listed = (await place.command(place.mina, "memory list")).content
        assert "등산" in listed and str(fact.id) in listed
        assert "등산" in (await place.command(place.mina, "memory search", {"query": "취미 등산"})).content
        assert await place.choices(place.mina, "memory delete", "fact", "등산") == [f"{fact.id} {HIKING}"]
        assert await place.choices(place.mina, "memory edit", "fact", "없는 말") == []
        assert await place.choices(place.john, "memory delete", "fact") == []
        await place.command(place.mina, "memory edit", {"fact": fact.id, "value": "낚시"})
        (edited,) = await place.known(place.mina, place.guild)
        assert edited.value == "낚시"
        assert "📌" in (await place.command(place.mina, "기억 고정", {"기억번호": edited.id})).content
        assert "📌" in (await place.command(place.mina, "memory list")).content
        assert await place.choices(place.mina, "memory pin", "fact") == [f"{edited.id} 📌 {edited.tag}"]
        export = await place.command(place.mina, "memory export")
        reading, file = message(export).attachments
        assert reading.filename == "oh-lora.txt" and "낚시" in reading.content.decode()
        assert [m["value"] for m in json.loads(file.content)["memories"]] == ["낚시"]
        foreign = await place.command(place.john, "memory delete", {"fact": edited.id})
        assert str(edited.id) in foreign.content and await place.known(place.mina, place.guild)
        await place.command(place.mina, "기억 지우기", {"기억번호": edited.id})
        assert await place.known(place.mina, place.guild) == []


async def test_a_long_list_comes_in_several_messages(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        from core.ports_memory import NewMemory

        owner = place.owner(place.mina, place.guild)
        for number in range(120):
            new = NewMemory(f"일정 {number}", "가" * 20, place.app.clock.now(), f"m{number}", None, "")
            await place.app.memories.add(owner, new, 0)
        talk = await place.command(place.mina, "memory list")
        more = await talk.followup()
        assert more.ephemeral and "일정 0" in talk.content
        await place.fake.wait_for(lambda: "일정 119" in talk.followups[-1].content)


async def test_forget_shows_counts_asks_and_gives_a_receipt(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.tell(place.mina, place.square)
        await place.tell(place.mina, place.fake.private_channel(place.mina))
        asked = await place.command(place.mina, "잊기")
        assert (
            asked.ephemeral
            and "기억 1개와 대화 1개" in asked.content
            and "기억 2개와 대화 2개" in asked.content
        )
        assert [b["label"] for b in message(asked).buttons()] == [
            "여기서 지우기",
            "모든 곳에서 지우기",
            "그만두기",
        ]
        await place.press(place.mina, asked)
        await place.fake.wait_for(lambda: "다 지웠어" in asked.content)
        assert message(asked).buttons() == []
        assert await place.known(place.mina, place.guild) == [] and await place.known(place.mina)
        everywhere = await place.command(place.mina, "forget", {"where": "everywhere"})
        await place.press(place.mina, everywhere)
        await place.fake.wait_for(lambda: "다 지웠어" in everywhere.content)
        assert await place.known(place.mina) == [] and "백업" in everywhere.content
    assert str(place.mina.id).encode() not in bytes_of(tmp_path), "not even who it was"


async def test_nobody_else_presses_a_forget_button(tmp_path: Path) -> None:
    """On Discord only its asker sees it; an id that someone forged is refused all the same."""
    async with office(tmp_path) as place:
        await place.tell(place.mina, place.square)
        asked = await place.command(place.mina, "forget", {"where": "here"})
        shown = message(asked)
        shown.last.flags = 0
        pressed = await (await place.fake.press(place.john, shown, shown.buttons()[0]["custom_id"])).done()
        assert pressed.content.startswith("Someone else asked")
        assert await place.known(place.mina, place.guild)


async def test_forget_can_be_left_and_waits_two_minutes_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path) as place:
        await place.tell(place.john, place.square)
        left = await place.command(place.john, "forget", {"where": "here"})
        await place.press(place.john, left, 1)
        await place.fake.wait_for(lambda: left.content == "Okay, everything stays.")
        late = await place.command(place.john, "forget", {"where": "here"})
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + forget.PATIENCE_S + 5)
        await place.press(place.john, late)
        await place.fake.wait_for(lambda: late.content.startswith("Two minutes"))
        assert await place.known(place.john, place.guild)


async def test_an_old_forget_button_works_after_a_restart(tmp_path: Path) -> None:
    async with office(tmp_path) as first:
        await first.tell(first.mina, first.square)
        asked = await first.command(first.mina, "forget", {"where": "here"})
        fake = first.fake
        first.stop.set()
        await fake.connected(0)
        async with office(tmp_path, fake) as second:
            await second.press(second.mina, asked)
            await fake.wait_for(lambda: "다 지웠어" in asked.content)
            assert await second.known(second.mina, second.guild) == []


async def test_ask_her_answers_ones_own_message(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        source = await place.fake.say(place.mina, place.square, "내 취미는 등산이야")
        talk = await (await place.fake.context_menu(place.mina, source, "오로라에게 묻기")).done()
        await place.fake.wait_for(lambda: "좋은 생각이야!" in talk.content)
        await place.app.conversation.drain()
        assert [memory.tag for memory in await place.known(place.mina, place.guild)] == [HIKING]


async def test_ask_her_makes_someone_elses_words_ones_own_first(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        source = await place.fake.say(place.mina, place.square, "내 취미는 등산이야")
        talk = await (await place.fake.context_menu(place.john, source, "Ask Oh-LoRA")).answered()
        assert talk.form is not None and await place.known(place.john, place.guild) == []
        words = {"words": "내 취미는 등산이야\nWhat of this?"}
        sent = await (await place.fake.submit_modal(talk, words)).done()
        await place.fake.wait_for(lambda: sent.original is not None and sent.content)
        await place.app.conversation.drain()
        turns = await place.app.history.last_turns(place.owner(place.john, place.guild), 3)
        assert [turn.text for turn in turns] == ["> 내 취미는 등산이야\n> What of this?"]
        answer = message(sent)
        await place.fake.wait_for(lambda: answer.attachments and len(answer.buttons()) == 2)
        shown = len(answer.versions)
        await place.fake.press(place.john, answer, answer.buttons()[0]["custom_id"])
        await place.fake.wait_for(lambda: len(answer.versions) > shown and len(answer.buttons()) == 2)
        await place.app.conversation.drain()
        assert await place.known(place.john, place.guild) == [], "they are still not john's words"
        assert await place.app.history.last_turns(place.owner(place.mina, place.guild), 3) == []


async def test_codes_of_discord_are_not_left_in_what_she_reads(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        john = place.john
        source = await place.fake.say(place.mina, place.square, "나랑 등산 갈까?", mentions=[john])
        talk = await (await place.fake.context_menu(place.mina, source, "오로라에게 묻기")).done()
        await place.fake.wait_for(lambda: message(talk).attachments)
        said = {"할말": f"{place.fake.bot.mention} <:heart:123456789012345678> 안녕"}
        chat = await place.command(place.mina, "대화", said)
        await place.fake.wait_for(lambda: message(chat).attachments)
        await place.app.conversation.drain()
        turns = await place.app.history.last_turns(place.owner(place.mina, place.guild), 3)
        assert sorted(turn.text for turn in turns) == [":heart: 안녕", f"@{john.name} 나랑 등산 갈까?"]


async def test_commands_have_the_names_that_the_client_shows(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.command(place.mina, "언어", {"언어": "en"})
        told = (await place.command(place.mina, "도움말")).content
        assert told.startswith("Mention me") and "`/기억 목록" in told
        await place.command(place.john, "language", {"language": "ko"})
        told = (await place.command(place.john, "help")).content
        assert told.startswith("나를 부르거나") and "`/memory list" in told


async def test_ask_her_about_her_own_words_or_a_picture(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.tell(place.john, place.square, "hello")
        hers = place.fake.said(place.square)[0]
        talk = await (await place.fake.context_menu(place.john, hers, "Ask Oh-LoRA")).done()
        assert talk.ephemeral and talk.content == "But I said that myself!"
        picture = await place.fake.say(place.john, place.square, attachments=[("a.png", b"x")])
        talk = await (await place.fake.context_menu(place.john, picture, "Ask Oh-LoRA")).done()
        assert talk.ephemeral and talk.content


async def test_a_store_that_fails_is_said_politely(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with office(tmp_path) as place:

        async def fails(*_: object, **__: object) -> object:
            raise StoreError("locked")

        for store, name in (
            (place.app.memories, "list"), (place.app.memories, "counts"), (place.app.history, "choices"),
            (place.app.history, "choose"), (place.app.history, "reset"),
        ):  # fmt: skip
            monkeypatch.setattr(store, name, fails)
        for command in ("memory list", "memory off", "forget", "reset", "profile"):
            assert "notebook" in (await place.command(place.john, command)).content
        assert await place.choices(place.john, "memory delete", "fact") == []
        assert "notebook" in (await place.command(place.john, "language", {"language": "ko"})).content


async def test_a_bug_is_no_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with office(tmp_path) as place:

        async def broken(*_: object) -> object:
            raise ZeroDivisionError

        monkeypatch.setattr(place.app.memories, "list", broken)
        talk = await place.command(place.mina, "memory list")
        assert talk.content.startswith("앗")
        asked = await place.command(place.mina, "forget", {"where": "here"})
        monkeypatch.setattr(place.app.memories, "forget", broken)
        pressed = await place.press(place.mina, asked)
        assert (await pressed.followup()).content.startswith("앗") and message(asked).buttons()


async def test_everything_is_acknowledged_while_the_database_is_slow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three seconds are Discord's patience; the work behind may take longer."""
    import asyncio

    async with office(tmp_path) as place:
        release = asyncio.Event()
        choices = place.app.history.choices

        async def slow(person: str) -> dict[str, str]:
            await release.wait()
            return await choices(person)

        monkeypatch.setattr(place.app.history, "choices", slow)
        talks: list[Interaction] = []
        for command, options in (
            ("memory list", {}), ("forget", {}), ("reset", {}), ("face show", {}), ("face choose", {}),
            ("profile", {}), ("language", {"language": "ko"}), ("timezone", {"zone": "UTC"}), ("help", {}),
            ("privacy", {}), ("link", {}), ("memory export", {}), ("chat", {"text": "hi"}),
        ):  # fmt: skip
            talks.append(await place.fake.slash(place.john, place.square, command, options))
        for talk in talks:
            await talk.answered(2.5)
            assert talk.responded_at is not None and talk.responded_at - talk.created_at < 2.5
        release.set()
        for talk in talks:
            await talk.done()


async def test_an_interaction_that_comes_too_late_is_dropped_quietly(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        fault = place.fake.faults.next(
            "POST", "/interactions/*/*/callback", status=404,
            json={"code": 10062, "message": "Unknown interaction"},
        )  # fmt: skip
        talk = await place.fake.slash(place.mina, place.square, "memory list")
        await place.fake.wait_for(lambda: fault.hits == 1)
        after = await place.command(place.mina, "memory list")
        assert after.content and not talk.acknowledged
        assert len(place.fake.requested("POST", "/callback")) == 2


async def test_nothing_is_learned_from_commands_intents_stay_unprivileged(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        session = place.fake.gateway.connected[0]
        assert session.intents == Intent.GUILDS | Intent.GUILD_MESSAGES | Intent.DIRECT_MESSAGES
        await place.command(place.mina, "memory search", {"query": "내 취미는 등산이야"})
        assert await place.known(place.mina, place.guild) == []
