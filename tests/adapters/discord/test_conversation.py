"""The way of a message through the fake Discord: said, answered once, with her face."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.discord_chat.doors import group_key, message_key
from core.phrases import lines, phrase
from core.places import PlaceSettings
from core.prompt import Task
from tests.adapters.discord.house import House, open_house
from tests.fake_discord import Intent, Permission
from tests.patience import PATIENCE_S

GREETED = "\n".join(f"-# {line}" for line in lines("first_contact_discord", "ko"))


@pytest.fixture
async def house(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        if "in_one_message" not in request.node.name:  # the pause is looked at there
            opened.hurries(edit_every_s=0.1)
        yield opened


def first_line(content: str) -> str:
    return content.split("\n")[0]


async def test_a_mention_is_answered_in_one_message_with_her_face(house: House) -> None:
    async with house.running() as run:
        said = await house.call("안녕!")
        reply = await house.discord.answer(house.square)
        assert reply.reference is said
        await run.idle()
    assert house.discord.said(house.square) == [reply]
    assert first_line(reply.content) == "응, 나도 반가워!"
    (face,) = reply.attachments
    assert face.content == b"\x89PNG a"
    assert face.filename == "oh-lora.png"
    assert face.description == "오로라의 얼굴: 눈 크게 · 입 아주 크게 · 고개 돌림 없음"
    assert {button["label"] for button in reply.buttons()} == {"다시", "왜?"}
    assert all(after - before >= 1.2 for before, after in itertools.pairwise(v.at for v in reply.versions))
    assert not reply.last.mentions and not reply.last.mention_everyone
    assert reply.last.flags & (1 << 2)  # no embeds
    assert house.square.typing or reply.versions[0].content  # typing at once, unless the reply was faster


async def test_a_face_that_moves_is_a_webp(house: House) -> None:
    async with house.running() as run:
        await run.doors.groups.set(group_key(house.guild.id), "image", "animated")
        reply = await run.ask("안녕!")
        (face,) = reply.attachments
        assert (face.filename, face.content) == ("oh-lora.webp", b"webp a")
        assert face.description == "오로라의 얼굴: 눈 크게 · 입 아주 크게 · 고개 돌림 없음"


async def test_three_messages_and_a_fact_is_known(house: House) -> None:
    house.learns("[취미: 등산]")
    replies = iter(("왔구나, 반가워!", "오 멋지다!", "너 등산 좋아한다며!"))
    house.model.scripts[Task.REPLY] = lambda _: next(replies)
    async with house.running() as run:
        first, second, third = [
            await run.ask(said) for said in ("안녕", "나 등산 좋아해", "내 취미가 뭐였지, 등산?")
        ]
    assert house.discord.said(house.square) == [first, second, third]
    assert [first_line(m.content) for m in (first, second, third)] == [
        "왔구나, 반가워!", "오 멋지다!", "너 등산 좋아한다며!",
    ]  # fmt: skip
    assert "[취미: 등산]" in house.model.prompts(Task.REPLY)[-1]
    assert GREETED in first.content and "-#" not in second.content + third.content
    assert all(len(m.attachments) == 1 for m in (first, second, third))


async def test_english_is_answered_in_english(house: House) -> None:
    async with house.running() as run:
        await house.call("hello there", house.john)
        reply = await house.discord.answer(house.square)
        await run.idle()
    assert first_line(reply.content) == "Hi, nice to see you!"
    assert {button["label"] for button in reply.buttons()} == {"Try again", "Why?"}
    assert (reply.attachments[0].description or "").startswith("Oh-LoRA's face: eyes wide")


async def test_whom_she_does_not_answer(house: House) -> None:
    other = house.discord.add_user("robot", bot=True)
    house.discord.world.join_guild(other, house.guild)
    async with house.running() as run:
        await house.discord.say(house.mina, house.square, "그냥 얘기")
        await house.call("안녕", other)
        last = await house.discord.say(house.mina, house.square, kind=7)
        await run.seen(last)
    assert house.discord.said(house.square) == []


async def test_direct_messages_and_replies_to_her(house: House) -> None:
    talk = house.discord.private_channel(house.mina)
    async with house.running() as run:
        await house.discord.dm(house.mina, "안녕")
        hers = await house.discord.answer(talk)
        await run.idle()
        await house.discord.say(house.mina, talk, "또 왔어", reply_to=hers)
        await house.discord.answer(talk, 2)
        await run.idle()
        await house.call("여기서도")
        here = await house.discord.answer(house.square)
        await house.discord.say(house.mina, house.square, "답장", reply_to=here)
        await house.discord.answer(house.square, 2)


async def test_a_reply_without_a_ping_cannot_be_read(house: House) -> None:
    async with house.running() as run:
        await house.call("안녕")
        hers = await house.discord.answer(house.square)
        await run.idle()
        await house.discord.say(house.mina, house.square, "안 보이지", reply_to=hers, ping=False)
        hint = await house.discord.answer(house.square, 2)
        assert hint.content == phrase("cannot_read", "ko")
        again = await house.discord.say(house.mina, house.square, "또", reply_to=hers, ping=False)
        await run.seen(again)
    assert len(house.discord.said(house.square)) == 2  # said once in an hour


async def test_the_role_of_her_name_is_not_passed_over_in_silence(house: House) -> None:
    role = house.discord.world.add_role(house.guild, "Oh-LoRA", Permission(0), house.discord.bot)
    role.bot_id = house.discord.bot.id
    async with house.running() as run:
        await house.discord.say(house.mina, house.square, f"<@&{role.id}> 안녕")
        hint = await house.discord.answer(house.square)
        assert hint.content == phrase("cannot_read", "ko")
        other = house.discord.world.add_role(house.guild, "crew", Permission(0))
        await run.seen(await house.discord.say(house.mina, house.square, f"<@&{other.id}> 모여"))
    assert len(house.discord.said(house.square)) == 1


async def test_in_a_thread_she_opened(house: House, tmp_path: Path) -> None:
    thread = await house.discord.start_thread(house.discord.bot, house.square, "얘기")
    async with house.running():
        await house.discord.say(house.mina, thread, "안녕 로라", mentions=[house.discord.bot])
        await house.discord.answer(thread)
    async with open_house(tmp_path / "other", granted=Intent.MESSAGE_CONTENT) as reading:
        thread = await reading.discord.start_thread(reading.discord.bot, reading.square, "얘기")
        async with reading.running(reads_all=True):
            await reading.discord.say(reading.mina, thread, "안녕 로라")
            await reading.discord.answer(thread)


async def test_always_answer_channels_cool_down(tmp_path: Path) -> None:
    async with open_house(tmp_path, granted=Intent.MESSAGE_CONTENT) as house:
        async with house.running(reads_all=True) as run:
            group = f"discord:{house.guild.id}"
            await run.app.groups.set(group, "always_answer", str(house.square.id))
            await run.app.groups.set(group, "cooldown_seconds", "3600")
            await house.discord.say(house.mina, house.square, "아무나 대답해 줘")
            await house.discord.answer(house.square)
            await run.idle()
            await house.discord.say(house.mina, house.square, "아직 쉬는 중")
            await house.call("불렀으니까")
            reply = await house.discord.answer(house.square, 2)
            await run.idle()
            assert reply.reference is not None and "불렀으니까" in reply.reference.content
        assert len(house.discord.said(house.square)) == 2


@pytest.mark.parametrize(
    "things", [{"attachments": [("cat.png", b"meow")]}, {"stickers": ["wave"]}], ids=["file", "sticker"]
)
async def test_a_picture_gets_a_friendly_line(house: House, things: dict[str, list[object]]) -> None:
    async with house.running() as run:
        await house.discord.say(house.mina, house.square, mentions=[house.discord.bot], **things)  # type: ignore[arg-type]
        line = await house.discord.answer(house.square)
        await run.idle()
    assert line.content == phrase("only_text", "ko")
    assert line.buttons() == []


async def test_a_burst_is_answered_once_under_the_newest(house: House) -> None:
    house.model.on[Task.REPLY].hold = hold = asyncio.Event()
    async with house.running() as run:
        for text in ("하나", "둘", "셋"):
            last = await house.call(text)
        await run.until(lambda: list(run.client.chat.live) == [message_key(last.id)])
        hold.set()
        reply = await house.discord.answer(house.square)
        await run.idle()
    assert reply.reference is last
    assert len(house.discord.said(house.square)) == 1
    prompt = house.model.prompts(Task.REPLY)[-1]
    assert prompt.index("하나") < prompt.index("둘") < prompt.index("셋")


async def test_a_hidden_channel_and_the_guild_know_nothing_of_each_other(house: House) -> None:
    house.learns("[취미: 파티]")
    back = house.discord.add_channel(house.guild, "back", hidden=True)
    everything = Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES
    house.discord.world.overwrite(back, house.discord.bot, allow=everything)
    house.discord.world.overwrite(back, house.mina, allow=everything)
    async with house.running() as run:
        await house.call("비밀인데 내 취미는 파티야", channel=back)
        await house.discord.answer(back)
        await run.idle()
        group = f"group:discord:{house.guild.id}"
        assert await run.memories(house.mina, group) == []
        assert len(await run.memories(house.mina, f"{group}/{back.id}")) == 1


async def test_two_people_at_once_and_fifty(house: House) -> None:
    people = [house.discord.add_user(f"person{n}") for n in range(50)]
    for person in people:
        house.discord.world.join_guild(person, house.guild)
    async with house.running() as run:
        sent = [await house.call("안녕", person) for person in people]
        await house.discord.answer(house.square, 50, timeout=PATIENCE_S)
        await run.idle()
    replies = house.discord.said(house.square)
    assert {reply.reference for reply in replies} == set(sent) and len(replies) == 50
    assert all(len(reply.attachments) == 1 for reply in replies)


async def test_a_mention_alone_is_answered(house: House) -> None:
    async with house.running() as run:
        assert (await run.ask("")).content == phrase("empty", "ko")


async def test_a_blocked_person_is_told_once(house: House) -> None:
    async with house.running() as run:
        group, now = f"discord:{house.guild.id}", house.clock.now()
        await run.app.blocks.block(group, f"discord:{house.mina.id}", "discord:1", "spam", None, now)
        assert (await run.ask("안녕")).content == phrase("blocked", "ko")
        await run.seen(await house.call("안녕?"))
        assert len(house.discord.said(house.square)) == 1
        await house.discord.dm(house.mina, "여기서는?")
        await house.discord.answer(house.discord.private_channel(house.mina))


async def test_blocks_and_maintenance_hold_for_pictures_too(house: House) -> None:
    hers, cat = [house.discord.bot], [("cat.png", b"meow")]
    async with house.running() as run:
        group, now = f"discord:{house.guild.id}", house.clock.now()
        await run.app.blocks.block(group, f"discord:{house.mina.id}", "discord:1", "spam", None, now)
        for _ in range(2):
            await run.seen(await house.discord.say(house.mina, house.square, mentions=hers, attachments=cat))
        await run.app.groups.set(group, "maintenance", "on")
        await house.discord.say(house.john, house.square, mentions=hers, attachments=cat)
        await house.discord.answer(house.square, 2)
        await run.idle()
    told = [message.content for message in house.discord.said(house.square)]
    assert told == [phrase("blocked", "ko"), phrase("maintenance", "ko")]


async def test_what_is_not_meant_for_her_costs_no_look_into_the_database(house: House) -> None:
    async with house.running() as run:
        asked: list[str] = []
        settings = run.doors.rules.settings

        async def counted(group: str) -> PlaceSettings:
            asked.append(group)
            return await settings(group)

        run.doors.rules.settings = counted  # type: ignore[method-assign]
        chatter = [await house.discord.say(house.mina, house.square, f"우리끼리 {n}") for n in range(5)]
        await run.seen(chatter[-1])
    assert set(asked) == {""}, "only john's direct message"


async def test_a_private_thread_is_a_place_of_its_own(house: House) -> None:
    house.learns("[취미: 파티]")
    thread = await house.discord.start_thread(house.mina, house.square, "쉿", private=True)
    house.discord.world.join_thread(thread, house.discord.bot)
    open_thread = await house.discord.start_thread(house.mina, house.square, "모두")
    async with house.running() as run:
        await run.ask("비밀인데 내 취미는 파티야", channel=thread)
        group = f"group:discord:{house.guild.id}"
        assert await run.memories(house.mina, group) == []
        assert len(await run.memories(house.mina, f"{group}/{thread.id}")) == 1
        await run.ask("다들 알지만 내 취미는 파티야", channel=open_thread)
        assert len(await run.memories(house.mina, group)) == 1


async def test_channels_that_an_admin_has_set(house: House) -> None:
    async with house.running() as run:
        other = house.discord.add_channel(house.guild, "other")
        await run.app.groups.set(f"discord:{house.guild.id}", "channels", str(other.id))
        await run.seen(await house.call("여기는 아니야"))
        await run.ask("여기", channel=other)
    assert house.discord.said(house.square) == []


async def test_logs_hold_no_text(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with house.running() as run:
        await house.call("비밀스러운말")
        await run.until(lambda: house.discord.said(house.square))
        await run.idle()
    ours = [record for record in caplog.records if not record.name.startswith("discord")]
    assert "비밀스러운말" not in "".join(record.getMessage() for record in ours)
