"""Bad days: nothing is doubled, and nothing lost but what nobody can know of."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.telegram_chat.pacing import PRIVATE_EVERY_S
from core.phrases import phrase
from core.prompt import Task
from tests.adapters.telegram.house import House, open_house

REPLY = "응, 나도 반가워!"
TWO = "왔구나, 반가워! 오늘 어땠어?"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path, answer_s=1.5) as opened:
        yield opened


def texts(house: House, chat: object = None) -> list[str]:
    """What she has said, first lines only."""
    return [m.text.split("\n")[0] for m in house.telegram.said(chat or house.alone)]  # type: ignore[arg-type]


@pytest.mark.parametrize("where", ["alone", "town"])
@pytest.mark.parametrize("method", ["sendMessage", "editMessageMedia", "sendMessageDraft", "*"])
async def test_too_many_requests(house: House, method: str, where: str) -> None:
    house.says(TWO)
    house.portraits.takes_s = 0.6
    async with house.running() as run:
        house.telegram.faults.flood(method, retry_after=0.2, times=2)
        reply = await run.ask("안녕", chat=getattr(house, where))
    assert texts(house, getattr(house, where)) == [TWO]
    assert reply.media is not None


@pytest.mark.parametrize("method", ["sendMessageDraft", "sendChatAction"])
async def test_too_many_drafts_hold_up_nobody(house: House, method: str) -> None:
    """The library keeps every call back while it waits for a second try."""
    house.says(TWO)
    async with house.running() as run:
        house.telegram.faults.flood(method, retry_after=30)
        begun = asyncio.get_running_loop().time()
        await run.ask("안녕")
        assert asyncio.get_running_loop().time() - begun < 10
    assert texts(house) == [TWO]
    assert method == "sendChatAction" or len(house.telegram.requested(method)) == 1


@pytest.mark.parametrize("status", [404, 502])
async def test_polling_goes_on(house: House, status: int) -> None:
    async with house.running() as run:
        house.telegram.faults.next("getUpdates", status=status, times=2)
        await run.ask("안녕")
        await house.telegram.wait_for(
            lambda: any(one.status == status for one in house.telegram.requested("getUpdates"))
        )
        await run.ask("있잖아")
    assert len(texts(house)) == 2


@pytest.mark.parametrize("status", [500, 502])
async def test_an_edit_is_repeated(house: House, status: int) -> None:
    async with house.running() as run:
        house.telegram.faults.server_error("editMessageMedia", status=status, times=2)
        reply = await run.ask("안녕")
    assert texts(house) == [REPLY] and reply.media is not None


async def test_an_edit_that_was_done_already(house: House) -> None:
    async with house.running() as run:
        house.telegram.faults.timeout_after("editMessageMedia")
        reply = await run.ask("안녕")
    assert texts(house) == [REPLY] and reply.media is not None
    assert [one.status for one in house.telegram.requested("editMessageMedia")][-1] in (200, 400)


@pytest.mark.parametrize("fault", ["after", "before", "cut", "502", "500"])
async def test_a_send_of_unknown_fate_is_not_repeated(house: House, fault: str) -> None:
    async with house.running() as run:
        faults = house.telegram.faults
        match fault:
            case "after":
                faults.timeout_after("sendMessage")
            case "before":
                faults.next("sendMessage", silent=True)
            case "cut":
                faults.next("sendMessage", drop="after")
            case status:
                faults.server_error("sendMessage", status=int(status))
        await house.call("안녕", chat=house.alone)
        await house.telegram.wait_for(lambda: house.telegram.requested("sendMessage"))
        await run.idle()
        arrived = [REPLY] if fault in ("after", "cut") else []
        assert texts(house) == arrived
        assert len(house.telegram.requested("sendMessage")) == 1
        house.answers("그래서 뭐 할까?", "그건 나도 좋아!")
        second = await run.ask("있잖아")
        assert phrase("lost_reply", "ko", reply=REPLY) in second.text
        third = await run.ask("또 있잖아")
        assert REPLY not in third.text, "offered once"


async def test_the_face_is_refused(house: House) -> None:
    house.answers(REPLY, "또 왔네!")
    async with house.running() as run:
        house.telegram.faults.next(
            "editMessageMedia", status=400, description="Bad Request: IMAGE_PROCESS_FAILED"
        )
        reply = await run.ask("안녕")
        assert reply.media is None and reply.keyboard
        house.telegram.faults.clear()
        assert (await run.ask("또")).media is not None
    assert texts(house) == [REPLY, "또 왔네!"]


async def test_pictures_are_not_allowed_in_a_group(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.telegram.deny(house.town, "photo")
    async with house.running() as run:
        monkeypatch.setattr(run.client.chat.sender.pace, "scarce", lambda _: True)
        reply = await run.ask("안녕", chat=house.town)
    assert reply.media is None and texts(house, house.town) == [REPLY]


async def test_an_id_of_a_file_that_is_not_valid_any_more(house: House) -> None:
    house.answers(REPLY, "또 왔네!")
    async with house.running() as run:
        await run.ask("안녕")
        wrong = "Bad Request: wrong file identifier/HTTP URL specified"
        house.telegram.faults.next("editMessageMedia", status=400, description=wrong)
        reply = await run.ask("또 안녕")
    assert reply.media is not None and not reply.last.reused


async def test_html_that_is_not_taken_goes_as_plain_text(house: House) -> None:
    async with house.running() as run:
        why = "Bad Request: can't parse entities: unsupported start tag"
        house.telegram.faults.next("sendMessage", status=400, description=why)
        reply = await run.ask("안녕")
    assert texts(house) == [REPLY]
    first = reply.versions[0]
    assert first.text.startswith(REPLY) and not [one for one in first.entities if one["type"] == "italic"]


@pytest.mark.parametrize("why", ["method", "chat"])
async def test_without_drafts_one_message_grows(house: House, why: str) -> None:
    house.pace_s = PRIVATE_EVERY_S
    house.answers(TWO, "또 왔구나! 오늘도 바빴어?")
    house.portraits.takes_s = 0.6
    if why == "method":
        house.telegram.faults.without("sendMessageDraft")
    house.alone.drafts_allowed = why != "chat"
    async with house.running() as run:
        first, second = await run.ask("안녕"), await run.ask("또 안녕")
    assert len(house.telegram.requested("sendMessageDraft")) == 1, "asked once"
    assert texts(house) == [TWO, "또 왔구나! 오늘도 바빴어?"]
    for message in (first, second):
        shown = [version.text.split("\n")[0] for version in message.versions]
        assert shown[0] in ("왔구나, 반가워!", "또 왔구나!")
        times = [version.at for version in message.versions]
        assert all(after - before > 0.9 for before, after in itertools.pairwise(times))


async def test_one_message_in_a_second(house: House) -> None:
    house.pace_s = PRIVATE_EVERY_S
    house.says(TWO)
    house.telegram.limit("private", 1, 0.9)
    async with house.running() as run:
        for said in ("하나", "둘", "셋"):
            await house.call(said, chat=house.alone)
            await asyncio.sleep(0.3)
        await run.idle()
    assert [one for one in house.telegram.requests if one.status == 429] == []
    assert house.telegram.said(house.alone)


async def test_she_was_blocked(house: House) -> None:
    house.model.on[Task.REPLY].hold = hold = asyncio.Event()
    async with house.running() as run:
        await run.ask_held("안녕")
        await house.telegram.block(house.mina)
        hold.set()
        await run.idle()
        assert house.telegram.said(house.alone) == []
        sends = [one.method for one in house.telegram.requests if one.method.startswith("send")]
        assert sends.count("sendMessage") == 1 and "sendPhoto" not in sends
        assert await run.doors.chats.closed(f"telegram:{house.alone.id}") is not None
        await house.telegram.start(house.mina)
        await house.telegram.answer(house.alone)
        await run.idle()
        before = len(house.telegram.said(house.alone))
        house.answers("또 왔네!")
        reply = await run.ask("다시 왔어")
        assert reply.text.startswith("또 왔네!")
        assert await run.doors.chats.closed(f"telegram:{house.alone.id}") is None
        assert len(house.telegram.said(house.alone)) == before + 1


async def test_a_group_that_became_a_supergroup(house: House) -> None:
    house.learns("[취미: 등산]")
    house.model.on[Task.REPLY].hold = hold = asyncio.Event()
    async with house.running() as run:
        await run.ask_held("나 등산 좋아해", house.town)
        moved = await house.telegram.migrate(house.town)
        hold.set()
        reply = await house.telegram.answer(moved)
        await run.idle()
        assert reply.text.startswith(REPLY)
        assert house.telegram.said(house.town) == []
        scope = f"group:telegram:{moved.id}"
        assert [m.value for m in await run.memories(house.mina, scope)] == ["등산"]
        assert await run.memories(house.mina, run.town_scope) == []
        await run.ask("안녕", chat=moved)
    assert len(house.telegram.said(moved)) == 2


async def test_the_move_is_first_known_from_a_refusal(house: House) -> None:
    house.answers(REPLY, "또 왔네!")
    async with house.running() as run:
        moved = {"migrate_to_chat_id": -1_002_000_000_777}
        await run.ask("안녕", chat=house.town)
        target = house.telegram.add_group("new town", house.mina, supergroup=True)
        moved["migrate_to_chat_id"] = target.id
        why = "Bad Request: group chat was upgraded to a supergroup chat"
        house.telegram.faults.next("sendMessage", status=400, description=why, parameters=moved)
        await house.call("또", chat=house.town)
        await house.telegram.answer(target)
        await run.idle()
    assert texts(house, house.town) == [REPLY] and texts(house, target) == ["또 왔네!"]


async def test_the_place_of_the_source_is_gone(house: House) -> None:
    house.model.on[Task.REPLY].hold = hold = asyncio.Event()
    async with house.running() as run:
        source = await run.ask_held("안녕", house.town)
        await house.telegram.delete(source)
        hold.set()
        reply = await house.telegram.answer(house.town)
        await run.idle()
    assert reply.reply_to is None and texts(house, house.town) == [REPLY]


async def test_a_reply_that_someone_deletes_does_not_come_back(house: House) -> None:
    house.portraits.on.hold = hold = asyncio.Event()
    async with house.running() as run:
        await house.call("안녕", chat=house.town)
        reply = await house.telegram.answer(house.town)
        await house.telegram.delete(reply)
        hold.set()
        await run.idle()
    assert house.telegram.said(house.town) == []
