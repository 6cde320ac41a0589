"""Sources that are edited or deleted, buttons, guilds that come and go, and the end of a run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from adapters.discord_chat import translate
from adapters.discord_chat.doors import group_key
from adapters.shared.doors import Doors
from adapters.shared.texts import text
from core.people import Owner
from core.phrases import phrase
from core.ports_places import DeliveryStore
from core.prompt import Task
from tests.adapters.discord.house import House, open_house
from tests.fake_discord import Message
from tests.patience import PATIENCE_S


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        opened.hurries(edit_every_s=0.1)  # the pause has tests of its own
        replies = iter(f"답장 {number}호야!" for number in range(1000))
        opened.model.scripts[Task.REPLY] = lambda _: next(replies)
        yield opened


def button(message: Message, label: str) -> str:
    """The id of a button."""
    (found,) = [b["custom_id"] for b in message.buttons() if b["label"] == label]
    return str(found)


# edits


async def test_an_edited_message_is_answered_anew_once(house: House) -> None:
    bot = house.discord.bot.mention
    async with house.running() as run:
        reply = await run.ask("안넝")
        old = reply.content
        assert reply.reference is not None
        await house.discord.edit(reply.reference, f"{bot} 안녕")
        await run.until(lambda: reply.content.split("\n")[0] != old.split("\n")[0])
        await run.idle()
        new = reply.content
        assert len(reply.attachments) == 1
        await house.discord.edit(reply.reference, f"{bot} 또 고침")
        last = await run.ask("다음")
        assert reply.content == new
    assert house.discord.said(house.square) == [reply, last]
    assert len(reply.attachments) == 1


async def test_edited_while_it_is_being_answered(house: House) -> None:
    house.model.on[Task.REPLY].hold = hold = asyncio.Event()
    async with house.running() as run:
        said = await run.ask_held("안넝")
        await run.until(lambda: house.model.on[Task.REPLY].calls == 1)
        await house.discord.edit(said, f"{house.discord.bot.mention} 고친 말")
        await run.until(lambda: house.model.on[Task.REPLY].calls == 2)
        hold.set()
        reply = await house.discord.answer(house.square)
        await run.idle()
    assert house.discord.said(house.square) == [reply]
    assert "고친 말" in house.model.prompts(Task.REPLY)[-1]
    assert len(reply.attachments) == 1


@dataclass
class Held:
    """Deliveries that take a message up when they are told to."""

    kept: DeliveryStore = field(init=False)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    free: asyncio.Event = field(default_factory=asyncio.Event)

    def into(self, doors: Doors) -> Doors:
        self.kept = doors.deliveries
        return replace(doors, deliveries=cast(DeliveryStore, self))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.kept, name)

    async def claim(self, message_id: str, *whose: Any) -> bool:
        if not self.asked.is_set():
            self.asked.set()
            await self.free.wait()
        return await self.kept.claim(message_id, *whose)


async def test_edited_while_it_is_being_taken_up(house: House) -> None:
    store = Held()
    async with house.running(change=store.into) as run:
        said = await house.call("안넝")
        await store.asked.wait()
        await house.discord.edit(said, f"{house.discord.bot.mention} 고친 말")
        await house.call("안녕", house.john)
        other = await house.discord.answer(house.square)  # so the edit has been heard of, too
        store.free.set()
        await run.idle()
    (reply,) = [each for each in house.discord.said(house.square) if each is not other]
    assert reply.reference is said
    assert "고친 말" in house.model.prompts(Task.REPLY)[-1]


async def test_edited_too_late(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translate, "REDO_WITHIN_S", -1.0)
    async with house.running() as run:
        reply = await run.ask("안넝")
        before = reply.content
        assert reply.reference is not None
        await house.discord.edit(reply.reference, f"{house.discord.bot.mention} 안녕")
        await run.ask("다음")
        assert reply.content == before


async def test_what_is_edited_later_is_learned_anew(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translate, "REDO_WITHIN_S", -1.0)
    facts = {"부산": "[사는 곳: 부산]", "대구": "[사는 곳: 대구]"}
    house.model.scripts[Task.MEMORY] = lambda request: next(
        (fact for city, fact in facts.items() if city in request.prompt), ""
    )
    async with house.running() as run:
        reply = await run.ask("나 부산 살아")
        before, said = reply.content, reply.reference
        assert said is not None
        for words, known in (("나 대구 살아", ["대구"]), ("나 커피 좋아해", []), ("난 부산 살아", ["부산"])):
            await house.discord.edit(said, f"{house.discord.bot.mention} {words}")
            async with asyncio.timeout(PATIENCE_S):
                while [fact.value for fact in await run.memories(house.mina)] != known:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
        (fact,) = await run.memories(house.mina)
        (turn,) = await run.app.history.last_turns(
            Owner(fact.person, f"group:{group_key(house.guild.id)}"), 5
        )
        assert turn.text == "난 부산 살아" and reply.content == before


async def test_what_is_no_longer_for_her_is_not_kept(house: House) -> None:
    house.learns("[사는 곳: 부산]")
    async with house.running() as run:
        reply = await run.ask("나 부산 살아")
        before, said = reply.content, reply.reference
        assert said is not None and len(await run.memories(house.mina)) == 1
        await house.discord.edit(said, "얘들아 나 부산 살아")
        async with asyncio.timeout(PATIENCE_S):
            while await run.memories(house.mina):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await run.idle()
        owner = Owner(f"discord:{house.mina.id}", f"group:{group_key(house.guild.id)}")
        assert await run.app.history.last_turns(owner, 5) == [] and reply.content == before
    assert house.discord.said(house.square) == [reply]


async def test_what_is_taken_from_her_while_she_thinks_is_not_answered(house: House) -> None:
    house.model.on[Task.REPLY].hold = hold = asyncio.Event()
    async with house.running() as run:
        said = await run.ask_held("앗 실수")
        await run.until(lambda: house.model.on[Task.REPLY].calls == 1)
        await house.discord.edit(said, "앗 실수")
        await run.until(lambda: not run.client.chat.live)
        hold.set()
        await run.idle()
    assert house.discord.said(house.square) == []


async def test_words_that_change_twice_at_once_are_learned_as_they_are_in_the_end(house: House) -> None:
    house.model.scripts[Task.MEMORY] = lambda request: next(
        (
            f"[사는 곳: {city}]"
            for city in ("부산", "대구", "광주")
            if city in request.prompt.rpartition("<|user|>")[2]
        ),
        "",
    )
    async with house.running() as run:
        said = (await run.ask("나 부산 살아")).reference
        assert said is not None
        house.model.on[Task.REPLY].hold = hold = asyncio.Event()
        for city in ("대구", "광주"):
            await house.discord.edit(said, f"{house.discord.bot.mention} 나 {city} 살아")
        await run.until(lambda: house.model.on[Task.REPLY].calls == 2)
        hold.set()
        async with asyncio.timeout(PATIENCE_S):
            while [fact.value for fact in await run.memories(house.mina)] != ["광주"]:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await run.idle()
        assert [fact.value for fact in await run.memories(house.mina)] == ["광주"]


# deletions


async def test_what_was_learned_goes_with_its_message(house: House) -> None:
    house.learns("[취미: 등산]")
    async with house.running() as run:
        reply = await run.ask("나 등산 좋아해")
        assert len(await run.memories(house.mina)) == 1
        assert reply.reference is not None
        await house.discord.delete(reply.reference)
        async with asyncio.timeout(PATIENCE_S):
            while await run.memories(house.mina):  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def test_deleted_before_the_reply(house: House) -> None:
    house.model.on[Task.REPLY].hold = hold = asyncio.Event()
    async with house.running() as run:
        said = await run.ask_held("앗 실수")
        await house.discord.delete(said)
        await run.until(lambda: not run.client.chat.live)
        hold.set()
        await run.idle()
    assert house.discord.said(house.square) == []


async def test_a_placeholder_goes_with_its_source(house: House) -> None:
    house.hurries(thinking_s=0.05)
    house.model.on[Task.REPLY].hold = asyncio.Event()
    async with house.running() as run:
        said = await run.ask_held("앗 실수")
        reply = await house.discord.answer(house.square)
        assert reply.content == "…"
        await house.discord.delete(said)
        await run.until(lambda: reply.deleted)


# buttons


async def test_try_again_after_a_restart(house: House) -> None:
    async with house.running() as run:
        reply = await run.ask("나 오늘 시험 봤어")
    old = reply.content.split("\n")[0]
    async with house.running() as run:
        await house.discord.press(house.mina, reply, button(reply, "다시"))
        await run.until(lambda: reply.content.split("\n")[0] != old)
        await run.idle()
        await reply.settled(0.5)
    assert house.discord.said(house.square) == [reply]
    assert len(reply.attachments) == 1 and "시험" in house.model.prompts(Task.REPLY)[-1]


async def test_a_plan_that_is_read_again_days_later_keeps_its_day(house: House) -> None:
    house.learns("[내일 일정: 시험]")
    async with house.running() as run:
        reply = await run.ask("나 내일 시험 봐")
        (before,) = await run.memories(house.mina)
        old = reply.content.split("\n")[0]
        house.clock.time += timedelta(days=3)
        await house.discord.press(house.mina, reply, button(reply, "다시"))
        await run.until(lambda: reply.content.split("\n")[0] != old)
        await run.idle()
        (after,) = await run.memories(house.mina)
    assert after == before


async def test_trying_again_leaves_alone_what_was_learned(house: House) -> None:
    house.learns("[취미: 등산]")
    async with house.running() as run:
        reply = await run.ask("[별명: 미나리] 나 등산 좋아해")
        name, hobby = await run.memories(house.mina)
        owner, shown = Owner(name.person, f"group:{group_key(house.guild.id)}"), reply.content.split("\n")[0]
        await run.app.memories.pin(owner, name.id, True)
        await run.app.memories.delete(owner, hobby.id)
        await house.discord.press(house.mina, reply, button(reply, "다시"))
        await run.until(lambda: reply.content.split("\n")[0] != shown)
        await run.idle()
        assert [(fact.id, fact.pinned) for fact in await run.memories(house.mina)] == [(name.id, True)]
        assert reply.reference is not None
        await house.discord.delete(reply.reference)
        async with asyncio.timeout(PATIENCE_S):
            while await run.memories(house.mina):  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def test_others_may_not_press(house: House) -> None:
    async with house.running() as run:
        reply = await run.ask("안녕")
        before = reply.content
        talk = await house.discord.press(house.john, reply, button(reply, "다시"))
        line = await talk.followup()
        assert line.ephemeral and line.content == text("button_not_yours", "en")
        talk = await house.discord.press(house.john, reply, button(reply, "왜?"))
        await talk.done()
        assert talk.ephemeral and talk.content == text("button_not_yours", "en")
        assert reply.content == before


async def test_why_shows_the_memories_and_deletes_a_wrong_one(house: House) -> None:
    house.learns("[취미: 등산]")
    async with house.running() as run:
        await run.ask("나 등산 좋아해")
        (memory,) = await run.memories(house.mina)
        house.learns("")
        reply = await run.ask("내 취미 등산 맞지?")
    async with house.running() as run:
        talk = await house.discord.press(house.mina, reply, button(reply, "왜?"))
        await talk.done()
        assert talk.ephemeral and talk.original is not None
        assert "등산" in talk.content and "눈" in talk.content
        drop = button(talk.original, text("button_drop", "ko", id=memory.id))
        await house.discord.press(house.mina, talk.original, drop)
        await run.until(lambda: talk.original is not None and talk.original.buttons() == [])
        assert await run.memories(house.mina) == []


async def test_why_after_an_edit_tells_what_shaped_the_new_reply(house: House) -> None:
    house.learns("[취미: 등산]")
    async with house.running() as run:
        first = await run.ask("나 등산 좋아해")
        house.learns("")
        reply = await run.ask("내 취미 등산 맞지?")
        source, told = reply.reference, first.reference
        assert source is not None and told is not None
        for edited, words in ((source, "내 취미 등산 기억해?"), (told, "나 사실 등산 싫어해")):
            old = [each.content for each in (first, reply)]

            def changed(old: list[str] = old) -> bool:
                return [each.content for each in (first, reply)] != old

            await house.discord.edit(edited, f"{house.discord.bot.mention} {words}")
            await run.until(changed)
            await run.idle()
            talk = await house.discord.press(house.mina, reply, button(reply, "왜?"))
            await talk.done()
            gone = edited is told
            assert ("등산" in talk.content, text("why_gone", "ko") in talk.content) == (not gone, gone)
            assert text("why_nothing", "ko") not in talk.content


async def test_why_of_a_forgotten_exchange(house: House) -> None:
    async with house.running() as run:
        reply = await run.ask("안녕")
        await run.app.memories.forget(f"discord:{house.mina.id}", None)
        talk = await house.discord.press(house.mina, reply, button(reply, "왜?"))
        await talk.done()
        assert talk.content == text("reply_unknown", "ko")


async def test_stop_while_she_thinks(house: House) -> None:
    house.hurries(thinking_s=0.05)
    house.model.on[Task.REPLY].hold = hold = asyncio.Event()
    async with house.running() as run:
        await run.ask_held("긴 얘기")
        reply = await house.discord.answer(house.square)
        await house.discord.press(house.mina, reply, button(reply, "그만"))
        await run.until(lambda: reply.content != "…")
        assert reply.content == phrase("stopped", "ko")
        hold.set()
        await run.idle()
        await house.discord.press(house.mina, reply, button(reply, "다시"))
        await run.until(lambda: reply.content.startswith("답장"))


async def test_a_press_that_breaks_is_no_silence(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async with house.running() as run:
        reply = await run.ask("안녕")

        async def broken(*_: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(run.app.memories, "list", broken)
        talk = await house.discord.press(house.mina, reply, button(reply, "왜?"))
        await talk.done()
        assert talk.ephemeral and talk.content.startswith("앗")


async def test_try_again_when_the_source_is_gone(house: House) -> None:
    house.learns("[취미: 등산]")
    async with house.running() as run:
        reply = await run.ask("나 등산 좋아해")
    assert reply.reference is not None
    await house.discord.delete(reply.reference)  # while she is away
    async with house.running() as run:
        talk = await house.discord.press(house.mina, reply, button(reply, "다시"))
        line = await talk.followup()
        assert line.content == text("reply_unknown", "ko")
        assert await run.memories(house.mina) == []


async def test_an_answer_to_a_command_has_the_same_buttons(house: House) -> None:
    house.learns("[취미: 등산]")
    async with house.running(commands=True) as run:
        talk = await house.discord.slash(house.mina, house.square, "chat", {"text": "나 등산 좋아해"})
        await talk.done()
        reply = talk.original
        assert reply is not None
        await run.until(lambda: reply.attachments)
        await run.idle()
        assert len(await run.memories(house.mina)) == 1
        old = reply.content
    async with house.running(commands=True) as run:
        await house.discord.press(house.mina, reply, button(reply, "다시"))
        await run.until(lambda: reply.content.split("\n")[0] != old.split("\n")[0])
        await run.until(lambda: reply.attachments)
        await run.idle()
        why = await house.discord.press(house.mina, reply, button(reply, "왜?"))
        await why.done()
        assert why.ephemeral
    assert house.discord.said(house.square) == [reply]
    assert "등산" in house.model.prompts(Task.REPLY)[-1]


# guilds


async def test_a_guild_that_removes_her_is_erased_after_its_grace(house: House) -> None:
    house.learns("[취미: 등산]")
    async with house.running() as run:
        await run.ask("나 등산 좋아해")
        await house.discord.leave_guild(house.discord.bot, house.guild)
        await run.until(lambda: run.client.get_guild(house.guild.id) is None)
        await asyncio.sleep(0.1)
        house.clock.time += timedelta(days=29)
        await run.client.tidy()
        assert len(await run.memories(house.mina)) == 1
        house.clock.time += timedelta(days=2)
        await run.client.tidy()
        assert await run.memories(house.mina) == []


async def test_a_guild_that_removed_her_while_she_was_away(house: House) -> None:
    house.learns("[취미: 등산]")
    async with house.running() as run:
        await run.ask("나 등산 좋아해")
    await house.discord.leave_guild(house.discord.bot, house.guild)
    async with house.running() as run:
        await run.client.tidy()
        house.clock.time += timedelta(days=29)
        await run.client.tidy()
        assert len(await run.memories(house.mina)) == 1
        house.clock.time += timedelta(days=2)
        await run.client.tidy()
        assert await run.memories(house.mina) == []


async def test_a_guild_that_invites_her_again_keeps_everything(house: House) -> None:
    house.learns("[취미: 등산]")
    async with house.running() as run:
        await run.ask("나 등산 좋아해")
        await house.discord.leave_guild(house.discord.bot, house.guild)
        await run.until(lambda: run.client.get_guild(house.guild.id) is None)
        await asyncio.sleep(0.1)
    await house.discord.join_guild(house.discord.bot, house.guild)  # while she is away
    house.clock.time += timedelta(days=40)
    async with house.running() as run:
        await run.client.tidy()
        assert len(await run.memories(house.mina)) == 1


# the end


async def test_messages_under_way_are_finished(house: House) -> None:
    house.model.on[Task.REPLY].hold = hold = asyncio.Event()
    async with house.running() as run:
        await run.ask_held("가기 전에")
        ending = asyncio.create_task(run.client.finish(5.0))
        await asyncio.sleep(0.05)
        await house.call("너무 늦었지", house.john)
        hold.set()
        assert await ending
    (reply,) = house.discord.said(house.square)
    assert reply.content.startswith("답장") and len(reply.attachments) == 1


async def test_nothing_is_begun_anew_while_she_leaves(house: House) -> None:
    async with house.running() as run:
        reply = await run.ask("안녕")
        before = reply.content
        run.client.chat.leave()
        talk = await house.discord.press(house.mina, reply, button(reply, "다시"))
        assert (await talk.followup()).content == phrase("leaving", "ko")
        assert reply.content == before


async def test_what_cannot_be_finished_is_closed_with_a_line(house: House) -> None:
    house.model.on[Task.REPLY].hold = asyncio.Event()
    async with house.running() as run:
        await run.ask_held("가기 전에")
        assert not await run.client.finish(0.1)
    (reply,) = house.discord.said(house.square)
    assert reply.content == phrase("leaving", "ko")
