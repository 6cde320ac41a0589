"""Messages that change: an edit is answered anew, once, in the same message."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest

from adapters.shared.doors import Doors
from core.ports_places import Delivery, DeliveryStore
from core.prompt import Task
from tests.adapters.telegram.house import House, first_line, key_of, open_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("where", ["alone", "town"])
async def test_an_edit_redoes_the_reply_once(house: House, where: str) -> None:
    chat = getattr(house, where)
    house.answers("커피 좋지!", "차도 좋지!", "물도 좋지!")
    name = "" if chat.private else f"{house.telegram.bot.mention} "
    async with house.running() as run:
        source = await house.call("커피 마실까", chat=chat)
        reply = await house.telegram.answer(chat)
        await run.idle()
        assert reply.media is not None
        await house.telegram.edit(source, f"{name}차 마실까")
        await house.telegram.wait_for(lambda: reply.text.startswith("차도"))
        await run.idle()
        await house.telegram.edit(source, f"{name}물 마실까")
        await run.idle()
        assert house.telegram.said(chat) == [reply]
        assert first_line(reply.text) == "차도 좋지!" and reply.media is not None
        delivery = await run.app.deliveries.of_source(key_of(source))
        assert delivery is not None and delivery.redone and delivery.replies == (key_of(reply),)
        turns = await run.app.history.last_turns(delivery.owner, 5)
        assert [turn.reply for turn in turns] == ["차도 좋지!"]


@dataclass
class Slow:
    """A busy store: what is asked of it before the reply is noted is answered when the reply is over."""

    late: str  # the question
    over: Callable[[], object]
    kept: DeliveryStore = field(init=False)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    def into(self, doors: Doors) -> Doors:
        self.kept = doors.deliveries
        return replace(doors, deliveries=cast(DeliveryStore, self))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.kept, name)

    async def shown(self, *reply: Any) -> None:
        await self.asked.wait()
        await self.kept.shown(*reply)

    async def of_source(self, message_id: str) -> Delivery | None:
        found = await self.kept.of_source(message_id)
        await self._answer("of_source")
        return found

    async def mark(self, message_id: str, *, redone: bool = True) -> bool:
        new = await self.kept.mark(message_id, redone=redone)
        await self._answer("mark")
        return new

    async def _answer(self, question: str) -> None:
        if question == self.late:
            self.asked.set()
            while not self.over():  # noqa: ASYNC110  (nothing tells of it)
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("late", ["of_source", "mark"])
async def test_an_edit_as_the_reply_ends_redoes_that_reply(house: House, late: str) -> None:
    house.answers("커피 좋지!", "차도 좋지!")
    store = Slow(late, lambda: not run.client.chat.live)
    async with house.running(change=store.into) as run:
        source = await house.call("커피 마실까")
        reply = await house.telegram.answer(house.town)
        await house.telegram.edit(source, f"{house.telegram.bot.mention} 차 마실까")
        await run.until(store.asked.is_set)
        await run.idle()
    assert house.telegram.said(house.town) == [reply]
    assert first_line(reply.text) == "차도 좋지!"


async def test_an_edit_that_changes_no_word_is_left_alone(house: House) -> None:
    house.answers("커피 좋지!", "차도 좋지!")
    async with house.running() as run:
        source = await house.call("커피 마실까", chat=house.alone)
        reply = await house.telegram.answer(house.alone)
        await run.idle()
        await house.telegram.edit(source, "커피 마실까")
        await run.idle()
        assert first_line(reply.text) == "커피 좋지!"
        await house.telegram.edit(source, "차 마실까")
        await house.telegram.wait_for(lambda: reply.text.startswith("차도"))
        await run.idle()


async def test_an_edit_after_a_restart(house: House) -> None:
    house.answers("커피 좋지!", "차도 좋지!")
    async with house.running():
        source = await house.call("커피 마실까", chat=house.alone)
        reply = await house.telegram.answer(house.alone)
        await reply.settled(0.5)
        await house.telegram.wait_for(lambda: reply.media)
    async with house.running() as run:
        await house.telegram.edit(source, "차 마실까")
        await house.telegram.wait_for(lambda: reply.text.startswith("차도"))
        await run.idle()
    assert house.telegram.said(house.alone) == [reply]


async def test_an_edit_while_she_is_writing(house: House) -> None:
    house.model.on[Task.REPLY].hold = hold = asyncio.Event()
    async with house.running() as run:
        source = await run.ask_held("커피 마실까")
        await run.until(lambda: house.model.on[Task.REPLY].calls == 1)
        await house.telegram.edit(source, "차 마실까")
        await run.until(lambda: house.model.on[Task.REPLY].calls == 2)
        hold.set()
        await house.telegram.answer(house.alone)
        await run.idle()
    assert len(house.telegram.said(house.alone)) == 1
    assert "차 마실까" in house.model.prompts(Task.REPLY)[-1]


async def test_too_late_an_edit_is_left_alone(house: House) -> None:
    async with house.running() as run:
        source = await house.call("커피 마실까", chat=house.alone)
        reply = await house.telegram.answer(house.alone)
        await run.idle()
        shown, source.date = reply.text, source.date - 120
        await house.telegram.edit(source, "차 마실까")
        await run.idle()
    assert reply.text == shown and house.telegram.said(house.alone) == [reply]


async def test_what_was_not_said_to_her_stays_so(house: House) -> None:
    house.telegram.traits.can_read_all_group_messages = True
    async with house.running() as run:
        source = await house.telegram.say(house.mina, house.town, "얘들아 밥 먹자")
        await run.idle()
        await house.telegram.edit(source, f"{house.telegram.bot.mention} 밥 먹자")
        await run.idle()
    assert house.telegram.said(house.town) == []


async def test_a_reply_whose_message_is_gone_comes_anew(house: House) -> None:
    house.answers("커피 좋지!", "차도 좋지!")
    async with house.running() as run:
        source = await house.call("커피 마실까", chat=house.alone)
        reply = await house.telegram.answer(house.alone)
        await run.idle()
        await house.telegram.delete(reply)
        await house.telegram.edit(source, "차 마실까")
        again = await house.telegram.answer(house.alone)
        await run.idle()
    assert first_line(again.text) == "차도 좋지!"
