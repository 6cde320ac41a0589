"""The way of a message through the fake Telegram: said, answered once, with her face."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.shared.drafts import Manner
from adapters.telegram_chat import chat as chats
from adapters.telegram_chat.pacing import PRIVATE_EVERY_S
from core.phrases import lines, phrase
from core.prompt import Task
from tests.adapters.telegram.house import GIF, House, first_line, open_house
from tests.fake_telegram.verbs import PIXEL

LONG = "등산 얘기라면 밤새도록 할 수 있지! " * 250


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        yield opened


async def test_three_messages_alone_with_drafts_and_her_face(house: House) -> None:
    house.pace_s = PRIVATE_EVERY_S
    house.learns("[취미: 등산]")
    house.portraits.takes_s = 0.6
    house.answers("왔구나, 반가워! 오늘 어땠어?", "오 멋지다! 산 공기 좋지!", "너 등산 좋아한다며! 또 갈래?")
    async with house.running() as run:
        said = ("안녕", "나 등산 좋아해", "내 취미가 뭐였지, 등산?")
        first, second, third = [await run.ask(one) for one in said]
    assert house.telegram.said(house.alone) == [first, second, third]
    assert [first_line(m.text) for m in (first, second, third)] == [
        "왔구나, 반가워! 오늘 어땠어?", "오 멋지다! 산 공기 좋지!", "너 등산 좋아한다며! 또 갈래?",
    ]  # fmt: skip
    assert "[취미: 등산]" in house.model.prompts(Task.REPLY)[-1]
    for message in (first, second, third):
        assert message.versions[0].media is None, "the text comes first"
        assert message.media is not None and message.media.kind == "photo"
        assert message.media.content.startswith(PIXEL)
        assert message.reply_to is None
    drafts = house.alone.drafts
    assert [draft.text for draft in drafts] == ["왔구나, 반가워!", "오 멋지다!", "너 등산 좋아한다며!"]
    assert all(draft.can_stop for draft in drafts)
    times = [version.at for version in first.versions]
    assert all(after - before >= 0.95 for before, after in itertools.pairwise(times))
    told = lines("first_contact_telegram", "ko")[0]
    assert told in first.text and told not in second.text + third.text


async def test_three_messages_in_a_group_without_streaming(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chats, "QUICK_S", 10.0)  # a busy machine is not what is looked at
    house.learns("[취미: 등산]")
    house.answers("왔구나, 반가워! 오늘 어땠어?", "오 멋지다! 좋지!", "너 등산 좋아한다며! 또 갈래?")
    async with house.running() as run:
        said = ("안녕", "나 등산 좋아해", "내 취미가 뭐였지, 등산?")
        found = [await run.ask(one, chat=house.town) for one in said]
        assert len(await run.memories(house.mina, run.town_scope)) == 1
        assert await run.memories(house.mina) == []
    assert house.telegram.said(house.town) == found
    assert first_line(found[2].text) == "너 등산 좋아한다며! 또 갈래?"
    assert "[취미: 등산]" in house.model.prompts(Task.REPLY)[-1]
    assert not house.town.drafts
    for message in found[1:]:
        assert [bool(version.media) for version in message.versions] == [False, True], "two calls"
    assert all(message.reply_to is not None for message in found)
    assert not house.town.actions, "she was quick: no call for »is typing«"


async def test_english_is_answered_in_english(house: House) -> None:
    async with house.running() as run:
        reply = await run.ask("hello there", house.john, house.telegram.private_chat(house.john))
    assert first_line(reply.text) == "Hi, nice to see you!"
    assert {button["text"] for button in reply.keyboard} == {"Try again", "Why?"}


async def test_nothing_of_hers_becomes_a_link(house: House) -> None:
    house.says("1 < 2 & <b>굵게</b> 좋지")
    async with house.running() as run:
        reply = await run.ask("안녕")
    assert first_line(reply.text).replace("\u2060", "") == "1 < 2 & <b>굵게</b> 좋지"
    assert not [one for one in reply.entities if one["type"] != "italic"]
    sent = house.telegram.requested("sendMessage")[0].params
    assert sent["link_preview_options"] == {"is_disabled": True}


async def test_typing_is_renewed_until_something_is_shown(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = Manner("first_contact_telegram", 0.4, typing_every_s=0.1, thinking_s=None)
    monkeypatch.setattr(chats.Chat, "manner_for", lambda *_: quick)
    house.model.on[Task.REPLY].hold = hold = asyncio.Event()
    async with house.running() as run:
        await run.ask_held("안녕")
        await house.telegram.wait_for(lambda: len(house.alone.actions) >= 3)
        hold.set()
        await house.telegram.answer(house.alone)
        await run.idle()
        count = len(house.alone.actions)
        await asyncio.sleep(0.3)
    assert len(house.alone.actions) == count
    assert {action.action for action in house.alone.actions} == {"typing"}


async def test_one_typing_in_a_group_that_waits(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chats, "QUICK_S", 0.05)
    house.model.on[Task.REPLY].hold = hold = asyncio.Event()
    async with house.running() as run:
        await run.ask_held("안녕", house.town)
        await house.telegram.wait_for(lambda: house.town.actions)
        await asyncio.sleep(0.3)
        hold.set()
        await house.telegram.answer(house.town)
        await run.idle()
    assert len(house.town.actions) == 1


async def test_a_burst_is_answered_once(house: House) -> None:
    house.model.on[Task.REPLY].hold = hold = asyncio.Event()
    async with house.running() as run:
        await run.ask_held("있잖아")
        await run.ask_held("나 내일 시험이야")
        hold.set()
        await house.telegram.answer(house.alone)
        await run.idle()
    assert len(house.telegram.said(house.alone)) == 1
    assert "있잖아" in house.model.prompts(Task.REPLY)[-1]


async def test_people_do_not_wait_for_each_other(house: House) -> None:
    house.model.on[Task.REPLY].hold = hold = asyncio.Event()
    async with house.running() as run:
        await run.ask_held("천천히", house.town)
        await run.until(lambda: house.model.on[Task.REPLY].calls)
        house.model.on[Task.REPLY].hold = None
        await house.call("hello", house.john)
        quick = await house.telegram.answer(house.town)
        assert quick.reply_to is not None and quick.reply_to.author is house.john
        hold.set()
        await house.telegram.answer(house.town, 2)
        await run.idle()


async def test_topics_are_kept(house: House) -> None:
    forum = house.telegram.add_group("forum", house.mina, house.john, forum=True)
    topic = await house.telegram.add_topic(house.mina, forum, "산")
    async with house.running() as run:
        reply = await run.ask("안녕", chat=forum, thread=topic)
        general = await run.ask("안녕", chat=forum)
    assert reply.thread == topic.id and general.thread is None


async def test_a_long_reply_is_cut_and_the_face_stands_under_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.reply.may_show", lambda *_: True)  # else she would never say so much
    house.says(LONG)
    async with house.running() as run:
        await run.ask("길게 말해 줘")
        *texts, face = house.telegram.said(house.alone)
        delivery = await run.app.deliveries.of_source(f"telegram:{house.alone.id}/1")
    assert all(text.media is None for text in texts)
    assert len(texts) == 2 and " ".join(t.text for t in texts).startswith(LONG.strip())
    assert face.media is not None and face.reply_to is texts[-1] and not face.text
    assert texts[-1].keyboard and not any(t.keyboard for t in texts[:-1])
    assert delivery is not None and len(delivery.replies) == len(texts) + 1


async def test_her_face_moves_where_that_is_wanted(house: House) -> None:
    async with house.running() as run:
        await run.app.history.choose(f"telegram:{house.mina.id}", "face", "animated")
        reply = await run.ask("안녕")
    assert reply.media is not None and reply.media.kind == "animation"
    assert reply.media.content.startswith(GIF)


async def test_a_known_face_is_not_uploaded_again(house: House) -> None:
    async with house.running() as run:
        first = await run.ask("안녕")
        second = await run.ask("또 안녕")
    assert not first.last.reused and second.last.reused
    assert house.telegram.requested("editMessageMedia")[-1].uploads == {}
    async with house.running() as run:
        third = await run.ask("다시 왔어")
    assert third.last.reused, "also after a restart"


async def test_what_is_no_text_gets_a_friendly_line(house: House) -> None:
    async with house.running() as run:
        for send in (house.telegram.send_photo, house.telegram.send_sticker, house.telegram.send_voice):
            before = len(house.telegram.said(house.alone))
            source = await send(house.mina, house.alone)
            reply = await house.telegram.answer(house.alone, before + 1)
            assert reply.text == phrase("only_text", "ko") and reply.reply_to is source
        await house.telegram.send_photo(house.mina, house.alone, "이 산 어때?")
        reply = await house.telegram.answer(house.alone, 4)
        await run.idle()
    assert first_line(reply.text) == "응, 나도 반가워!"


async def test_one_line_for_an_album(house: House) -> None:
    async with house.running() as run:
        await house.telegram.send_album(house.mina, house.alone, 4)
        await house.telegram.answer(house.alone)
        await run.idle()
        assert len(house.telegram.said(house.alone)) == 1
        await house.telegram.send_album(house.mina, house.alone, 4, "산에 갔어")
        reply = await house.telegram.answer(house.alone, 2)
        await run.idle()
    assert first_line(reply.text) == "응, 나도 반가워!"
    assert len(house.telegram.said(house.alone)) == 2


async def test_not_addressed_is_left_alone(house: House) -> None:
    house.telegram.traits.can_read_all_group_messages = True
    async with house.running() as run:
        await house.telegram.say(house.mina, house.town, "얘들아 밥 먹자")
        other = house.telegram.add_user("other", bot=True)
        await house.telegram.join(other, house.town)
        await run.idle()
        assert house.telegram.said(house.town) == []
        reply = await run.ask("안녕", chat=house.town)
        again = await house.telegram.say(house.john, house.town, "me too", reply_to=reply)
        answer = await house.telegram.answer(house.town, 2)
        await run.idle()
    assert answer.reply_to is again


async def test_a_group_that_answers_always(house: House) -> None:
    house.telegram.traits.can_read_all_group_messages = True
    async with house.running() as run:
        await run.app.groups.set(f"telegram:{house.town.id}", "always_answer", "0")
        await house.telegram.say(house.mina, house.town, "얘들아 밥 먹자")
        await house.telegram.answer(house.town)
        await run.idle()


async def test_a_busy_group_gets_text_and_face_in_one_call(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house.running() as run:
        monkeypatch.setattr(run.client.chat.sender.pace, "scarce", lambda _: True)
        reply = await run.ask("안녕", chat=house.town)
        slow = house.portraits.on
        slow.hold = asyncio.Event()
        monkeypatch.setattr("adapters.telegram_chat.flow.with_face.__defaults__", (0.2,))
        await house.call("또", chat=house.town)
        late = await house.telegram.answer(house.town, 2)
        assert late.media is None
        slow.hold.set()
        await run.idle()
    assert reply.versions[0].media is not None and late.media is not None


async def test_logs_hold_no_text(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with house.running() as run:
        await run.ask("비밀스러운말")
        await run.ask("비밀스러운말", chat=house.town)
    ours = [record for record in caplog.records if not record.name.startswith("httpx")]
    said = "".join(record.getMessage() for record in ours)
    assert "비밀스러운말" not in said and house.telegram.token not in said
