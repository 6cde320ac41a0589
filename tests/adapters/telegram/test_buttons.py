"""The buttons under a reply: for its addressee only, after a restart too, each press answered once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.shared.drafts import Key
from adapters.shared.texts import text
from adapters.telegram_chat.buttons import DropPress, KeyPress, drops_markup, keys_markup, pressed
from core.errors import ModelError
from core.people import Owner
from core.phrases import phrase
from core.prompt import Task
from tests.adapters.telegram.house import House, first_line, open_house, think_early


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        yield opened
        answered = Counter(
            str(one.params["callback_query_id"]) for one in opened.telegram.requested("answerCallbackQuery")
        )
        assert set(answered.values()) <= {1}, "answered once"
        assert set(answered) == set(opened.telegram.world.queries), "each"


@given(st.sampled_from(Key), st.integers(1, 2**31 - 1))
def test_keys_are_read_as_they_were_made(key: Key, source: int) -> None:
    markup = keys_markup([key], source, "ko")
    assert markup is not None
    data = str(markup.inline_keyboard[0][0].callback_data)
    assert pressed(data) == KeyPress(key, source) and len(data.encode()) <= 64


@given(st.integers(-(10**15), 10**13), st.integers(1, 2**31 - 1), st.integers(1, 10**17))
def test_drops_are_read_as_they_were_made(chat: int, source: int, memory: int) -> None:
    markup = drops_markup(chat, source, [memory] * 9, "en")
    assert markup is not None and len(markup.inline_keyboard) == 5
    data = str(markup.inline_keyboard[0][0].callback_data)
    assert pressed(data) == DropPress(chat, source, memory) and len(data.encode()) <= 64


@given(st.text(max_size=64))
def test_other_data_are_left_alone(data: str) -> None:
    found = pressed(data)
    assert found is None or data.startswith(("again:", "why:", "stop:", "drop:"))


@pytest.mark.parametrize("where", ["alone", "town"])
async def test_try_again_in_the_same_message_after_a_restart(house: House, where: str) -> None:
    house.answers("커피 좋지!", "차도 좋지!", "물도 좋지!")
    chat = getattr(house, where)
    async with house.running() as run:
        reply = await run.ask("뭐 마실까", chat=chat)
        await house.telegram.press(house.mina, reply, "다시")
        await house.telegram.wait_for(lambda: reply.text.startswith("차도"))
        await run.idle()
    async with house.running() as run:
        query = await house.telegram.press(house.mina, reply, "다시")
        await house.telegram.wait_for(lambda: reply.text.startswith("물도"))
        await run.idle()
        assert query.answered and not query.text
    assert house.telegram.said(chat) == [reply] and reply.media is not None
    assert "뭐 마실까" in house.model.prompts(Task.REPLY)[-1]


async def test_trying_again_leaves_alone_what_was_learned(house: House) -> None:
    house.answers("커피 좋지!", "차도 좋지!")
    house.learns("[취미: 등산]")
    async with house.running() as run:
        reply = await run.ask("[별명: 미나리] 나 등산 좋아해", chat=house.alone)
        name, hobby = await run.memories(house.mina)
        await run.app.memories.delete(Owner(name.person, "direct"), hobby.id)
        await house.telegram.press(house.mina, reply, "다시")
        await house.telegram.wait_for(lambda: reply.text.startswith("차도"))
        await run.idle()
        assert await run.memories(house.mina) == [name]


async def test_a_failure_can_be_tried_again(house: House) -> None:
    house.model.on[Task.REPLY].fails = ModelError("broken")
    house.portraits.on.fails = ModelError("broken")
    near = house.model
    async with house.running() as run:
        run.app.conversation.maker.exemplars = None  # type: ignore[assignment]
        reply = await run.ask("커피 마실까")
        assert reply.text == phrase("failed", "ko")
        assert reply.reply_to is not None, "it carries its source"
    near.on[Task.REPLY].fails = None
    async with house.running() as run:
        await house.telegram.press(house.mina, reply, "다시")
        await house.telegram.wait_for(lambda: first_line(reply.text) == "응, 나도 반가워!")
        await run.idle()
    assert house.telegram.said(house.alone) == [reply]


async def test_a_press_proves_that_a_reply_arrived(house: House) -> None:
    house.answers("커피 좋지!", "차도 좋지!", "물도 좋지!")
    async with house.running() as run:
        house.telegram.faults.next("sendMessage", drop="after")
        reply = await run.ask("뭐 마실까")
        await house.telegram.press(house.mina, reply, "다시")
        await house.telegram.wait_for(lambda: reply.text.startswith("차도"))
        await run.idle()
        after = await run.ask("그럼 그거?")
    assert house.telegram.said(house.alone) == [reply, after]
    assert "좋지" in after.text and "커피" not in after.text and "차도" not in after.text


@pytest.mark.parametrize("button", ["다시", "왜?"])
async def test_it_is_not_yours(house: House, button: str) -> None:
    async with house.running() as run:
        reply = await run.ask("안녕", chat=house.town)
        shown = len(reply.versions)
        query = await (await house.telegram.press(house.john, reply, button)).done()
        await run.idle()
    assert query.alert and query.text == text("button_not_yours", "en")
    assert len(reply.versions) == shown


async def test_a_reply_that_is_not_known_any_more(house: House) -> None:
    async with house.running() as run:
        reply = await run.ask("안녕")
        await run.app.memories.forget(f"telegram:{house.mina.id}", None)
        for button in ("다시", "왜?"):
            query = await (await house.telegram.press(house.mina, reply, button)).done()
            assert query.text == text("reply_unknown", "ko")
        await run.idle()


async def test_why_alone_with_a_memory_to_delete(house: House) -> None:
    house.learns("[취미: 등산]")
    house.answers("오 멋지다!", "등산 갈까?")
    async with house.running() as run:
        await run.ask("나 등산 좋아해")
        house.learns("")
        reply = await run.ask("내 취미가 뭐였지, 등산?")
        query = await (await house.telegram.press(house.mina, reply, "왜?")).done()
        why = await house.telegram.answer(house.alone, 3)
        assert not query.text and "[취미: 등산]" in why.text and why.reply_to is reply
        (memory,) = await run.memories(house.mina)
        await (await house.telegram.press(house.mina, why, f"{memory.id}번 기억 지우기")).done()
        await house.telegram.wait_for(lambda: not why.keyboard)
        assert await run.memories(house.mina) == []
        await run.idle()
    assert text("memory_deleted", "ko", tag="[취미: 등산]") in why.text


async def test_why_in_a_group_is_seen_by_one_alone(house: House) -> None:
    house.learns("[취미: 등산]")
    house.answers("오 멋지다!", "등산 갈까?")
    await house.telegram.start(house.mina)
    async with house.running() as run:
        greeting = await house.telegram.answer(house.alone)
        await run.ask("나 등산 좋아해", chat=house.town)
        house.learns("")
        reply = await run.ask("내 취미가 뭐였지, 등산?", chat=house.town)
        query = await (await house.telegram.press(house.mina, reply, "왜?")).done()
        assert query.alert and "등산" in query.text and len(query.text) <= 200
        why = await house.telegram.answer(house.alone, 2)
        (memory,) = await run.memories(house.mina, run.town_scope)
        query = await house.telegram.press(house.mina, why, f"{memory.id}번 기억 지우기")
        await query.done()
        await house.telegram.wait_for(lambda: not why.keyboard)
        assert await run.memories(house.mina, run.town_scope) == []
        await run.idle()
    assert house.telegram.said(house.alone) == [greeting, why]
    assert len(house.telegram.said(house.town)) == 2


async def test_why_in_a_group_for_someone_who_never_wrote_to_her_alone(house: House) -> None:
    house.learns("[취미: 등산]")
    house.answers("오 멋지다!", "등산 갈까?")
    async with house.running() as run:
        await run.ask("나 등산 좋아해", chat=house.town)
        reply = await run.ask("내 취미가 뭐였지, 등산?", chat=house.town)
        query = await (await house.telegram.press(house.mina, reply, "왜?")).done()
        await run.idle()
    assert query.alert and "등산" in query.text
    assert house.telegram.said(house.alone) == []


async def test_a_draft_is_stopped(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    think_early(monkeypatch)
    house.model.on[Task.REPLY].hold = asyncio.Event()
    async with house.running() as run:
        await run.ask_held("안녕")
        await house.telegram.drafted(house.alone)
        await house.telegram.stop(house.alone)
        reply = await house.telegram.answer(house.alone)
        await run.idle()
    assert reply.text == phrase("stopped", "ko")
    assert [button["text"] for button in reply.keyboard] == ["다시"]


@pytest.mark.parametrize("where", ["alone", "town"])
async def test_the_stop_button_without_drafts(
    house: House, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    think_early(monkeypatch)
    house.alone.drafts_allowed = False
    house.model.on[Task.REPLY].hold = asyncio.Event()
    chat = getattr(house, where)
    async with house.running() as run:
        await run.ask_held("안녕", chat)
        reply = await house.telegram.answer(chat)
        assert reply.text == "…"
        query = await (await house.telegram.press(house.mina, reply, "그만")).done()
        await house.telegram.wait_for(lambda: reply.text == phrase("stopped", "ko"))
        await run.idle()
        assert not query.text
    assert house.telegram.said(chat) == [reply]


async def test_stopping_what_is_done(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async with house.running() as run:
        reply = await run.ask("안녕")
        source = reply.button("다시")["callback_data"].removeprefix("again:")
        query = house.telegram.world.press(house.mina, reply, f"stop:{source}")
        await query.done()
        await run.idle()
    assert query.text == text("nothing_to_stop", "ko")


async def test_try_again_while_she_writes(house: House) -> None:
    house.portraits.on.hold = hold = asyncio.Event()
    house.answers("커피 좋지!", "차도 좋지!")
    async with house.running() as run:
        await house.call("뭐 마실까", chat=house.alone)
        reply = await house.telegram.answer(house.alone)
        await house.telegram.press(house.mina, reply, "다시")
        await house.telegram.wait_for(lambda: reply.text.startswith("차도"))
        hold.set()
        await run.idle()
    assert house.telegram.said(house.alone) == [reply] and reply.media is not None


async def test_too_late_a_press(house: House) -> None:
    async with house.running() as run:
        reply = await run.ask("안녕")
        house.telegram.traits.query_lifetime_s = -1.0
        await house.telegram.press(house.mina, reply, "왜?")
        await house.telegram.answer(house.alone, 2)
        await run.idle()
