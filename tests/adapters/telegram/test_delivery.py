"""Each message is answered once: through replays, restarts and a store that fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from adapters.shared.doors import Doors
from adapters.telegram_chat import drafts
from core.errors import StoreError
from core.phrases import phrase
from core.prompt import Task
from tests.adapters.telegram.house import House, first_line, key_of, open_house, think_early


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        yield opened


async def test_updates_that_come_twice_are_answered_once(house: House) -> None:
    async with house.running() as run:
        await run.ask("안녕")
        house.telegram.faults.repeat_updates()
        await run.idle()
        assert len(house.telegram.said(house.alone)) == 1
    house.telegram.faults.repeat_updates()
    async with house.running() as run:
        await run.idle()
    assert len(house.telegram.said(house.alone)) == 1


async def test_what_was_said_while_she_was_away_is_answered(house: House) -> None:
    await house.telegram.dm(house.mina, "있어?")
    async with house.running() as run:
        await house.telegram.answer(house.alone)
        await run.idle()


async def test_what_carries_a_reply_is_known(house: House) -> None:
    async with house.running() as run:
        source = await house.call("안녕", chat=house.town)
        reply = await house.telegram.answer(house.town)
        await run.idle()
        delivery = await run.app.deliveries.of_source(key_of(source))
        assert delivery is not None
        assert delivery.replies == (key_of(reply),)
        assert delivery.channel == str(house.town.id) and delivery.scope == run.town_scope
        assert delivery.person == f"telegram:{house.mina.id}"


@dataclass(frozen=True)
class Broken:
    """A store of deliveries that is locked."""

    async def fail(self, *_: Any, **__: Any) -> Any:
        raise StoreError("locked")

    claim = shown = of_source = of_reply = mark = prune = unsure = pending = told = fail


def without_deliveries(doors: Doors) -> Doors:
    return replace(doors, deliveries=Broken())


async def test_she_answers_without_her_notebook(house: House) -> None:
    async with house.running(change=without_deliveries) as run:
        await run.ask("안녕")
        house.telegram.faults.repeat_updates()
        await run.idle()
    assert len(house.telegram.said(house.alone)) == 1


async def test_stopping_lets_her_finish(house: House) -> None:
    house.model.on[Task.REPLY].hold = hold = asyncio.Event()
    async with house.running() as run:
        await run.ask_held("안녕")
        asyncio.get_running_loop().call_later(0.3, hold.set)
    (reply,) = house.telegram.said(house.alone)
    assert first_line(reply.text) == "응, 나도 반가워!"


async def test_what_cannot_be_finished_gets_a_line(house: House) -> None:
    house.model.on[Task.REPLY].hold = asyncio.Event()
    async with house.running() as run:
        await run.ask_held("안녕")
        await run.client.finish(0.2)
    (reply,) = house.telegram.said(house.alone)
    assert reply.text == phrase("leaving", "ko")
    assert [button["text"] for button in reply.keyboard] == ["다시"]


async def test_a_draft_is_renewed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "RENEW_S", 0.2)
    think_early(monkeypatch)
    house.model.on[Task.REPLY].hold = hold = asyncio.Event()
    async with house.running() as run:
        await run.ask_held("안녕")
        await house.telegram.drafted(house.alone, 3)
        assert {(draft.id, draft.text) for draft in house.alone.drafts} == {(1, "")}
        hold.set()
        await house.telegram.answer(house.alone)
        await run.idle()
        count = len(house.alone.drafts)
        await asyncio.sleep(0.5)
    assert len(house.alone.drafts) == count


async def test_a_lost_reply_is_told_again_once(house: House) -> None:
    house.answers("산이 좋지!", "바다도 좋지!", "강도 좋지!", "들도 좋지!")
    async with house.running() as run:
        house.telegram.faults.next("sendMessage", drop="after")
        await run.ask("어디가 좋아?")
    async with house.running() as run:  # also after a restart
        house.telegram.faults.next("sendMessage", drop="before")
        await house.call("그다음은?", chat=house.alone)
        await house.telegram.wait_for(lambda: len(house.telegram.requested("sendMessage")) == 2)
        await run.idle()
        third = await run.ask("또?")
        assert phrase("lost_reply", "ko", reply="산이 좋지!") in third.text, "not told by a lost one"
        assert phrase("lost_reply", "ko", reply="바다도 좋지!") in third.text
        fourth = await run.ask("그리고?")
    assert first_line(fourth.text) == "들도 좋지!" and "산이" not in fourth.text
