"""Bad days: nothing is doubled, nothing is lost, and what a person has to mend is named once."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from core.errors import ModelError
from core.phrases import phrase
from core.prompt import Task
from tests.adapters.discord.house import House, open_house
from tests.fake_discord import FakeDiscord, Permission
from tests.patience import PATIENCE_S

SENDS = "/channels/*/messages"
EDITS = "/channels/*/messages/*"
HI = "응, 나도 반가워!"


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        opened.hurries(edit_every_s=0.1)  # the pause has tests of its own
        yield opened


FAULTS: dict[str, Callable[[FakeDiscord, str, str], object]] = {
    "429": lambda d, method, path: d.faults.rate_limited(method, path, times=2),
    "429 everywhere": lambda d, method, path: d.faults.rate_limited(method, path, everywhere=True),
    "429 of Cloudflare": lambda d, method, path: d.faults.rate_limited(method, path, via=False),
    "500": lambda d, method, path: d.faults.server_error(method, path),
    "503": lambda d, method, path: d.faults.server_error(method, path, status=503),
    "broken before": lambda d, method, path: d.faults.next(method, path, drop="before"),
    "broken after": lambda d, method, path: d.faults.next(method, path, drop="after"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", SENDS), ("PATCH", EDITS), ("POST", "/channels/*/typing")]
)
async def test_one_reply_with_one_face(house: House, fault: str, method: str, path: str) -> None:
    FAULTS[fault](house.discord, method, path)
    async with house.running() as run:
        reply = await run.ask("안녕")
    assert house.discord.said(house.square) == [reply]
    assert reply.content.startswith(HI) and len(reply.attachments) == 1


@pytest.mark.parametrize("way", ["drop", "reconnect", "invalid", "close"])
async def test_lost_connections(house: House, way: str) -> None:
    house.discord.faults.replay_duplicates(20)
    house.model.on[Task.REPLY].hold = hold = asyncio.Event()
    ends: dict[str, Callable[[], None]] = {
        "drop": house.discord.faults.drop_socket, "reconnect": house.discord.faults.reconnect,
        "invalid": lambda: house.discord.faults.invalidate(resumable=True),
        "close": lambda: house.discord.faults.close_socket(4000),
    }  # fmt: skip
    async with house.running() as run:
        await run.ask_held("첫 번째")
        ends[way]()
        await house.call("끊긴 사이에", house.john)
        hold.set()
        await house.discord.answer(house.square, 2, timeout=PATIENCE_S)
        await house.discord.connected()
        last = await house.call("그 다음")
        await house.discord.answer(house.square, 3, timeout=PATIENCE_S)
        await run.idle()
    replies = house.discord.said(house.square)
    assert len(replies) == 3 and len({reply.reference for reply in replies}) == 3
    assert replies[-1].reference is last


async def test_a_restart_answers_nothing_twice(house: House) -> None:
    async with house.running() as run:
        await run.ask("안녕")
        say = run.client.chat
        number = house.discord.said(house.square)[0].reference
        assert number is not None
        channel = run.client.get_channel(house.square.id)
    async with house.running() as run:
        channel = run.client.get_channel(house.square.id)
        message = await channel.fetch_message(number.id)  # type: ignore[union-attr]
        await run.client.chat.take(message)  # as a replay would bring it
        assert say is not run.client.chat
    assert len(house.discord.said(house.square)) == 1


async def test_no_right_to_write_is_named_once(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.discord.deny(house.square, Permission.SEND_MESSAGES)
    async with house.running() as run:
        for _ in range(2):
            said = await house.call("안녕")
            await run.seen(said)
    assert house.discord.said(house.square) == []
    assert (
        len([r for r in caplog.records if "give the bot View Channel, Send Messages" in r.getMessage()]) == 1
    )
    assert f"channel {house.square.id}" in caplog.text


async def test_no_right_to_attach_leaves_the_text(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.discord.deny(house.square, Permission.ATTACH_FILES)
    async with house.running() as run:
        replies = [await run.ask("안녕") for _ in range(2)]
    assert all(reply.attachments == [] and reply.content for reply in replies)
    assert caplog.text.count("give the bot Attach Files") == 1


async def test_too_large_a_face_leaves_the_text(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.discord.world.upload_limit = 4
    async with house.running() as run:
        reply = await run.ask("안녕")
    assert reply.content.startswith(HI) and reply.attachments == []
    assert {button["label"] for button in reply.buttons()} == {"다시", "왜?"}
    assert "face too large" in caplog.text


async def test_no_right_to_read_history_costs_the_quote_only(house: House) -> None:
    house.discord.deny(house.square, Permission.READ_MESSAGE_HISTORY)
    async with house.running() as run:
        reply = await run.ask("안녕")
    assert reply.reference is None and reply.content.startswith(HI)
    assert house.discord.said(house.square) == [reply]


async def test_a_reply_that_a_moderator_takes_away_stays_away(house: House) -> None:
    house.portraits.on.hold = hold = asyncio.Event()
    async with house.running() as run:
        await house.call("안녕")
        reply = await house.discord.answer(house.square)
        await house.discord.delete(reply)
        hold.set()
        await run.idle()
    assert house.discord.said(house.square) == []


async def test_a_face_that_fails_is_said_once(house: House) -> None:
    house.portraits.on.fails = ModelError("no faces")
    async with house.running() as run:
        first, second = await run.ask("안녕"), await run.ask("또 안녕")
    assert f"-# {phrase('no_face', 'ko')}" in first.content
    assert "-#" not in second.content


async def test_a_group_without_pictures(house: House) -> None:
    async with house.running() as run:
        await run.app.groups.set(f"discord:{house.guild.id}", "image", "off")
        reply = await run.ask("안녕")
    assert reply.attachments == []


async def test_a_locked_notebook_is_no_reason_for_silence(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "aiosqlite")
    house.patience_ms = 500
    async with house.running() as run:
        other = sqlite3.connect(run.app.settings.database, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        try:
            await house.call("안녕")
            reply = await house.discord.answer(house.square)
            await run.until(lambda: not run.client.chat.live, 30)
        finally:
            other.rollback()
            other.close()
    assert reply.content.startswith(HI) and phrase("no_memory", "ko") in reply.content
    assert house.discord.said(house.square) == [reply]


async def test_what_a_new_session_does_not_bring_is_looked_up(house: House) -> None:
    """After op 9 Discord replays nothing: who talked to her meanwhile is answered all the same, once."""
    async with house.running() as run:
        await run.ask("안녕")
        house.discord.faults.hold_gateway()
        house.discord.faults.invalidate()
        await house.discord.connected(0)
        missed = await house.call("거기 있어?", house.john)
        await house.discord.say(house.mina, house.square, "우리끼리 하는 말")
        house.discord.faults.release_gateway()
        await house.discord.connected()
        reply = await house.discord.answer(house.square, 2, timeout=PATIENCE_S)
        await run.idle()
        await run.ask("그 다음")
    replies = house.discord.said(house.square)
    assert reply.reference is missed and len(replies) == 3
    assert all(len(each.attachments) == 1 for each in replies)


@pytest.mark.parametrize("fault", ["broken before", "broken after"])
async def test_an_acknowledgement_that_is_lost(house: House, fault: str) -> None:
    async with house.running(commands=True) as run:
        FAULTS[fault](house.discord, "POST", "/interactions/*/*/callback")
        talk = await house.discord.slash(house.mina, house.square, "chat", {"text": "안녕"})
        await run.until(lambda: talk.original is not None and talk.original.attachments)
        await run.idle()
        FAULTS[fault](house.discord, "POST", "/interactions/*/*/callback")
        assert talk.original is not None
        why = next(b["custom_id"] for b in talk.original.buttons() if b["label"] == "왜?")
        pressed = await house.discord.press(house.mina, talk.original, why)
        await pressed.done()
        assert "표정" in pressed.content
    assert len(house.discord.said(house.square)) == 1


@pytest.mark.parametrize("fault", FAULTS)
async def test_one_answer_to_a_command(house: House, fault: str) -> None:
    """The same bad days for what is edited over an interaction's token."""
    async with house.running(commands=True) as run:
        FAULTS[fault](house.discord, "PATCH", "/webhooks/*/*/messages/@original")
        talk = await house.discord.slash(house.mina, house.square, "chat", {"text": "안녕"})
        await run.until(lambda: talk.original is not None and talk.original.attachments, 20)
        await run.idle()
        FAULTS[fault](house.discord, "PATCH", "/webhooks/*/*/messages/@original")
        asked = await house.discord.slash(house.mina, house.square, "forget", {"where": "here"})
        await asked.done(20)
        assert asked.original is not None and "대화 1개" in asked.content
        FAULTS[fault](house.discord, "PATCH", "/webhooks/*/*/messages/@original")
        erase = next(b["custom_id"] for b in asked.original.buttons() if b["label"] == "여기서 지우기")
        await house.discord.press(house.mina, asked.original, erase)
        await run.until(lambda: "다 지웠어" in asked.content, 20)
    (reply,) = house.discord.said(house.square)
    assert reply.content.startswith(HI) and len(reply.attachments) == 1
