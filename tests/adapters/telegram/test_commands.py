"""Commands through a fake Telegram, in both languages: what they say, do, offer, and where they say it."""

from __future__ import annotations

import asyncio
import json
import re
import time
from pathlib import Path

import pytest

from adapters.shared import forget
from adapters.shared.desk import Caller
from adapters.telegram_chat.command_texts import DESCRIPTIONS
from adapters.telegram_chat.commands import COMMANDS
from core.errors import StoreError
from core.people import DIRECT, Lang, Owner, Person
from core.ports_memory import NewMemory
from tests.adapters.telegram.office import Office, labels, office, plain
from tests.db.people import bytes_of
from tests.fake_telegram import Message

HANGUL = re.compile("[가-힣]")


async def both(place: Office, command: str) -> tuple[str, str]:
    """The answer to mina, and to john."""
    return plain(await place.ask(place.mina, command)), plain(await place.ask(place.john, command))


EVERY = (
    "/start", "/chat ?!", "/chat", "/forget", "/forget here", "/forget everywhere", "/forget sometime",
    "/memory", "/memory list", "/memory search x", "/memory edit 1 x", "/memory delete 1", "/memory pin 1",
    "/memory export",
    "/memory off", "/memory on", "/memory nonsense", "/reset", "/face", "/face show", "/face choose",
    "/face choose nobody", "/face hair #8a2be2", "/face hair white", "/face hair", "/face express 0.5 0 -1", "/face express", "/face off", "/face on",
    "/face on animated", "/profile", "/language", "/language auto", "/timezone", "/timezone UTC",
    "/timezone america", "/timezone Mars", "/privacy", "/help", "/link", "/link 000000", "/unlink",
    "/nonsense", "/battle", "/battle mars", "/battle lr=9", "/battle choose", "/battles", "/battles history",
    "/battles leaderboard", "/battles leaderboard mars", "/battles replay 7", "/battles join", "/battles leave",
    "/battles stop", "/battles reset", "/battles nonsense",
)  # fmt: skip
ADMINS = (
    "/admin", "/admin settings", "/admin settings image", "/admin settings image off",
    "/admin settings channels", "/admin settings nonsense 1", "/admin block", "/admin block 5000099 2h spam",
    "/admin blocks", "/admin unblock 5000099", "/admin unblock", "/admin audit", "/admin audit 3",
    "/admin status", "/admin maintenance on", "/admin maintenance off", "/admin maintenance",
)  # fmt: skip


async def test_every_command_answers_in_both_languages(tmp_path: Path) -> None:
    assert {command.split()[0][1:] for command in (*EVERY, *ADMINS)} == {*COMMANDS, "nonsense"}
    assert set(COMMANDS) == {*DESCRIPTIONS, "start"}
    async with office(tmp_path) as place:
        for command in EVERY:
            for user in (place.mina, place.john):
                said = await place.use(user, command)
                assert said, command
                assert bool(HANGUL.search(plain(said[-1]))) is (user is place.mina), (command, said[-1].text)


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_every_admin_command_answers_in_both_languages(tmp_path: Path, lang: Lang) -> None:
    async with office(tmp_path) as place:
        await place.fake.promote(place.mina, place.group)
        user = place.mina if lang == "ko" else place.boss
        for command in ADMINS:
            told, answer = await place.use(user, command, place.group)
            for one in (told, answer):
                assert bool(HANGUL.search(plain(one))) is (lang == "ko"), (command, one.text)
            assert answer.chat is place.alone(user), command


async def test_a_chosen_language_wins_over_the_clients(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.ask(place.mina, "/language english")
        assert (await place.ask(place.mina, "/memory list")).text == "Nothing remembered yet."
        asked = await place.ask(place.mina, "/language")
        assert labels(asked) == ["한국어", "English", "As you write"]
        await place.press(place.mina, asked, "한국어")
        assert asked.text == "이제부터 한국어로 말할게!" and not asked.keyboard
        assert (await place.ask(place.mina, "/memory")).text == "아직 기억해 둔 게 없어."
        await place.ask(place.mina, "/language 자동")
        assert "language" not in await place.choices(place.mina)


async def test_a_client_that_tells_no_language(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        stranger = place.fake.add_user("stranger", language_code=None)
        assert HANGUL.search((await place.ask(stranger, "/help")).text)


async def test_start_greets_and_says_once_what_she_keeps(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        new = place.fake.add_user("newcomer", language_code="en")
        first = plain(await place.ask(new, "/start"))
        assert "I'm Oh-LoRA" in first and "AI virtual human" in first and "/privacy" in first
        again = plain(await place.ask(new, "/start whatever"))
        assert "AI virtual human" not in again and "/help" in again
        commands = [e for e in (await place.ask(new, "/start")).entities if e["type"] == "bot_command"]
        assert len(commands) == 2, "they can be tapped"


async def test_chat_answers_like_a_message(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        said = await place.ask(place.mina, "/chat 내 취미는 등산이야", place.group)
        assert "좋은 생각이야!" in said.text and said.chat is place.group
        await place.app.conversation.drain()
        assert [memory.value for memory in await place.known(place.mina, place.group)] == ["등산"]
        assert await place.known(place.mina) == []


async def test_help_tells_which_messages_she_sees(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        told = (await place.ask(place.john, "/help")).text
        assert "privacy mode is on" in told and "/chat@ohlora_bot" in told
        for name in DESCRIPTIONS:
            if name not in ("help", "admin"):
                assert f"/{name}" in told


async def test_help_with_privacy_mode_off(tmp_path: Path) -> None:
    from tests.fake_telegram import FakeTelegram

    async with FakeTelegram() as fake:
        fake.traits.can_read_all_group_messages = True
        async with office(tmp_path, fake) as place:
            assert "privacy mode is off" in (await place.ask(place.john, "/help")).text


async def test_privacy_says_what_telegram_does_not_tell(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        korean, english = await both(place, "/privacy")
        assert "알려 주지 않아" in korean and "does not tell me when you delete" in english
        assert "AI" in korean and "AI" in english


async def test_time_zone(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        asked = await place.ask(place.john, "/timezone")
        await place.press(place.john, asked, "Europe/Berlin")
        assert "Europe/Berlin" in asked.text
        assert (await place.choices(place.john))["timezone"] == "Europe/Berlin"
        await place.press(place.john, await place.ask(place.john, "/timezone"), "back to the default")
        assert "timezone" not in await place.choices(place.john)
        await place.ask(place.john, "/timezone tokyo")
        assert (await place.choices(place.john))["timezone"] == "Asia/Tokyo"
        offered = await place.ask(place.john, "/timezone america/new")
        assert "America/New_York" in (offered.text + "".join(labels(offered)))
        assert "Mars" not in (await place.ask(place.john, "/timezone Mars")).text
        assert (await place.choices(place.john))["timezone"] != "Mars"


async def test_memories_are_listed_found_edited_exported_deleted(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        (fact,) = await place.learn(place.mina)
        listed = await place.ask(place.mina, "/memory")
        assert "등산" in listed.text and labels(listed) == [
            f"📌 {fact}", f"✕ {fact}", "파일로 받기", "기억하기 끄기",
        ]  # fmt: skip
        assert "등산" in (await place.ask(place.mina, "/memory search 취미 등산")).text
        await place.ask(place.mina, f"/memory edit {fact} 낚시")
        (edited,) = await place.known(place.mina)
        assert edited.value == "낚시"
        first, second = await place.use(place.mina, "/memory export")
        assert first.media is not None and "낚시" in first.media.content.decode() and second.text
        file = second.media
        assert file is not None and file.kind == "document" and file.name.endswith(".json")
        assert [m["value"] for m in json.loads(file.content)["memories"]] == ["낚시"]
        foreign = await place.ask(place.john, f"/memory delete {edited.id}")
        assert str(edited.id) in foreign.text and await place.known(place.mina)
        await place.ask(place.mina, f"/memory delete {edited.id}")
        assert await place.known(place.mina) == []


async def test_memories_by_buttons(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        first, second = await place.learn(place.john, None, "hobby: chess", "pet: cat")
        panel = await place.ask(place.john, "/memory")
        pressed = await place.press(place.john, panel, f"✕ {first}")
        assert "It is gone" in pressed.text
        assert "chess" not in panel.text and labels(panel)[:2] == [f"📌 {second}", f"✕ {second}"]
        assert "Pinned" in (await place.press(place.john, panel, f"📌 {second}")).text
        assert "📌 [pet: cat]" in panel.text
        assert "No longer" in (await place.ask(place.john, f"/memory pin {second}")).text
        await place.press(place.john, panel, "Stop remembering")
        assert (await place.choices(place.john))["learning"] == "off"
        await place.press(place.john, panel, "Remember again")
        assert "learning" not in await place.choices(place.john)
        before = len(place.fake.said(place.alone(place.john)))
        await place.press(place.john, panel, "As a file")
        assert place.fake.said(place.alone(place.john))[before].media is not None


async def test_a_long_list_comes_in_several_messages(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        owner = place.owner(place.mina)
        for number in range(200):
            new = NewMemory(f"일정 {number}", "가" * 30, place.app.clock.now(), f"m{number}", None, "")
            await place.app.memories.add(owner, new, 0)
        first, *more = await place.use(place.mina, "/memory list")
        assert "일정 0" in first.text and more and "일정 199" in more[-1].text
        assert not first.keyboard and labels(more[-1])


async def test_what_she_remembers_cannot_be_tapped(tmp_path: Path) -> None:
    """What someone told her may look like anything."""
    async with office(tmp_path) as place:
        (fact,) = await place.learn(place.john, None, "hobby: /forget @mina <b>x</b> http://x.com")
        listed = await place.ask(place.john, "/memory")
        assert plain(listed).strip() == f"{fact}  [hobby: /forget @mina <b>x</b> http://x.com]"
        assert listed.entities == []


async def test_forget_shows_counts_asks_and_gives_a_receipt(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.learn(place.mina)
        await place.learn(place.mina, place.group)
        told, asked = await place.use(place.mina, "/forget", place.group)
        assert told.chat is place.group and "기억" not in told.text
        assert "「town」" in asked.text and "기억 1개" in asked.text and "기억 2개" in asked.text
        assert labels(asked) == ["여기서 지우기", "모든 곳에서 지우기", "그만두기"]
        await place.press(place.mina, asked, "여기서 지우기")
        assert "다 지웠어" in asked.text and not asked.keyboard
        assert await place.known(place.mina, place.group) == [] and await place.known(place.mina)
        everywhere = await place.ask(place.mina, "/forget everywhere")
        assert labels(everywhere) == ["모든 곳에서 지우기", "그만두기"]
        await place.press(place.mina, everywhere, "모든 곳에서 지우기")
        assert await place.known(place.mina) == [] and "백업" in everywhere.text
    kept = bytes_of(tmp_path).decode(errors="replace")
    assert f"telegram:{place.mina.id}" not in kept, "not even who it was"


async def test_forget_can_be_left_and_waits_two_minutes_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path) as place:
        await place.learn(place.john)
        left = await place.ask(place.john, "/forget")
        await place.press(place.john, left, "Leave it")
        assert left.text == "Okay, everything stays."
        late = await place.ask(place.john, "/forget")
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + forget.PATIENCE_S + 5)
        await place.press(place.john, late, "Erase here")
        assert late.text.startswith("Two minutes") and await place.known(place.john)


async def test_an_old_forget_button_works_after_a_restart(tmp_path: Path) -> None:
    from tests.fake_telegram import FakeTelegram

    async with FakeTelegram() as fake:
        async with office(tmp_path, fake) as first:
            await first.learn(first.mina)
            asked = await first.ask(first.mina, "/forget here")
        async with office(tmp_path, fake) as second:
            await second.press(second.mina, asked, "여기서 지우기")
            assert "다 지웠어" in asked.text and await second.known(second.mina) == []


async def test_a_command_that_comes_again_is_not_answered_again(tmp_path: Path) -> None:
    from tests.fake_telegram import FakeTelegram

    async with FakeTelegram() as fake:
        async with office(tmp_path, fake) as first:
            await first.ask(first.mina, "/profile")
            fake.faults.repeat_updates()
            await first.idle()
            assert len(fake.said(first.alone(first.mina))) == 1
        fake.faults.repeat_updates()
        async with office(tmp_path, fake) as second:
            await second.idle()
            assert len(fake.said(second.alone(second.mina))) == 1


async def test_a_store_that_fails_is_said_politely(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with office(tmp_path) as place:

        async def fails(*_: object, **__: object) -> object:
            raise StoreError("locked")

        for store, name in (
            (place.app.memories, "list"), (place.app.memories, "counts"), (place.app.history, "choices"),
            (place.app.history, "choose"), (place.app.history, "reset"), (place.app.deliveries, "claim"),
        ):  # fmt: skip
            monkeypatch.setattr(store, name, fails)
        for command in ("/memory", "/memory off", "/forget", "/reset", "/profile", "/language ko"):
            assert "notebook" in (await place.ask(place.john, command)).text


async def test_a_bug_is_no_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with office(tmp_path) as place:
        asked = await place.ask(place.mina, "/forget here")

        async def broken(*_: object, **__: object) -> object:
            raise ZeroDivisionError

        monkeypatch.setattr(place.app.memories, "list", broken)
        monkeypatch.setattr(place.app.memories, "forget", broken)
        assert (await place.ask(place.mina, "/memory")).text.startswith("앗")
        pressed = await place.press(place.mina, asked, "여기서 지우기")
        assert pressed.text.startswith("앗") and pressed.alert and asked.keyboard


async def test_nothing_is_begun_while_the_program_ends(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        place.client.chat.leave()
        said = await place.ask(place.john, "/memory off")
        assert "step out" in said.text and "learning" not in await place.choices(place.john)


async def test_forwarded_and_edited_commands_are_none(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        chat = place.alone(place.john)
        written = await place.fake.dm(place.john, "/profile")
        await place.idle()
        await place.fake.edit(written, "/memory off")
        await place.fake.forward(place.john, await place.fake.say(place.john, chat, "/memory off"), chat)
        await place.ask(place.john, "/memory on")
        await place.fake.edit(written, "/memory off")
        await place.idle()
        assert "learning" not in await place.choices(place.john)


async def test_topics_are_kept_to(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        forum = place.fake.add_group("club", place.mina, owner=place.boss, forum=True)
        topic = await place.fake.add_topic(place.boss, forum, "hikes")
        said, *_ = await place.use(place.mina, "/face", forum, thread=topic)
        assert said.thread == topic.id and said.reply_to is not None
        line, *_ = await place.use(place.mina, "/memory", forum, thread=topic)
        assert line.thread == topic.id


async def test_an_answer_follows_its_group(tmp_path: Path) -> None:
    """The group became a supergroup while she was away from her letters."""
    async with office(tmp_path) as place:
        old = place.fake.add_group("village", place.john)
        held = place.fake.faults.hold("sendMessage")
        await place.fake.say(place.john, old, place.addressed("/help"))
        await held.reached.wait()
        new = await place.fake.migrate(old)
        held.release()
        assert "Just write to me" in (await place.fake.answer(new)).text
        await place.idle()
        assert len(place.fake.said(new)) == 1


async def test_nothing_is_learned_from_commands(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.ask(place.mina, "/memory search 내 취미는 등산이야")
        await place.app.conversation.drain()
        assert await place.known(place.mina) == []
        assert not place.client.chat.live


async def test_answers_of_a_slow_telegram_come_once(tmp_path: Path) -> None:
    """The answer arrived, but nobody told her: she does not say it again."""
    async with office(tmp_path, answer_s=1.0) as place:
        fault = place.fake.faults.timeout_after("sendMessage")
        await place.fake.dm(place.mina, "/privacy")
        await asyncio.wait_for(fault.reached.wait(), 5)
        await place.idle()
        assert len(place.fake.said(place.alone(place.mina))) == 1
        flooded = place.fake.faults.flood("sendMessage", retry_after=0.1)
        said: list[Message] = await place.use(place.mina, "/help")
        assert flooded.hits == 1 and len(said) == 1


async def test_accounts_are_joined_and_split(tmp_path: Path) -> None:
    """The other side is one of Discord's, whose commands are tested there."""
    async with office(tmp_path) as place:
        linking, other = place.desk.doors.linking, Person("discord", "77", "John D.")
        there = Caller(other, DIRECT, "en", "en", False, False)
        code = re.search(r"\d{6}", (await linking.link(there)).text)
        assert code is not None
        in_group = await place.use(place.john, f"/link {code[0]}", place.group)
        assert "direct message" in in_group[0].text and "worth nothing now" in in_group[0].text
        code = re.search(r"\d{6}", (await linking.link(there)).text)
        assert code is not None
        asked = await place.ask(place.john, f"/link {code[0]}")
        assert "John D." in asked.text and labels(asked) == ["Yes, it's mine", "No, don't"]
        mina = await place.forge(
            place.mina, await place.ask(place.mina, "/help"), asked.keyboard[0]["callback_data"]
        )
        assert mina.alert, "someone else's question"
        await place.press(place.john, asked, "Yes, it's mine")
        assert not asked.keyboard and "confirm there, too" in asked.text
        ((data, _), _) = (await linking.link(there)).buttons
        assert (await linking.pressed(there, data)).done
        await place.learn(place.john, None, "hobby: chess")
        listed = await place.app.memories.list(Owner(other.id, "direct"))
        assert [memory.value for memory in listed] == ["chess"]
        assert "joined" in (await place.ask(place.john, "/link")).text
        assert "Split" in (await place.ask(place.john, "/unlink")).text
        assert await place.app.memories.list(Owner(other.id, "direct")) == []


async def test_a_code_can_be_tapped_and_copied(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        told = (await place.ask(place.john, "/link")).text
        assert re.search(r"/link \d{6}", told), "without a character of no width in it"
