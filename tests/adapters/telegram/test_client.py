"""What comes beside messages: blocks, removals, groups that move, drafts that are ended, tidying, bugs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.telegram_chat.client import Client
from adapters.telegram_chat.desk import Desk
from adapters.telegram_chat.doors import group_key
from adapters.telegram_chat.order import Order
from adapters.telegram_chat.run import POLL_S
from adapters.telegram_chat.wire import ALLOWED, Pulse, application
from bot.app import App
from bot.doors import telegram_doors
from core.people import Owner
from tests.adapters.serving import until
from tests.adapters.telegram.test_serve import opened
from tests.fake_telegram import Chat, FakeTelegram


@dataclass
class Running:
    """A client that polls."""

    fake: FakeTelegram
    app: App
    client: Client

    async def done(self) -> None:
        """Wait until she has done everything that there is."""
        await self.fake.fetched()
        await self.client.app.update_queue.join()


@asynccontextmanager
async def polling(path: Path) -> AsyncIterator[Running]:
    async with FakeTelegram() as fake, opened(path) as app:
        order = Order()
        wire = application(fake.token, fake.base_url, Pulse(lambda _: None), order, answer_s=2.0)
        client = Client(Desk(telegram_doors(app)), wire, order)
        try:
            await client.open()
            assert wire.updater is not None
            await wire.updater.start_polling(timeout=POLL_S, allowed_updates=ALLOWED)
            await fake.connected()
            yield Running(fake, app, client)
        finally:
            await client.finish(5.0)


async def talked(run: Running, chat: Chat, user_said: str = "hello") -> None:
    """Somebody of a group talks with her there."""
    user = next(member.user for member in chat.members.values() if not member.user.is_bot)
    before = len(run.fake.said(chat))
    await run.fake.say(user, chat, f"/chat@{run.fake.bot.username} {user_said}")
    await run.fake.answer(chat, before + 1)
    await run.done()


async def test_she_listens_to_what_she_needs(tmp_path: Path) -> None:
    async with polling(tmp_path) as run:
        assert set(run.fake.world.updates.allowed) == {
            "message", "edited_message", "callback_query", "my_chat_member", "stopped_message_generation"
        }  # fmt: skip


async def test_a_group_that_removes_and_invites_her(tmp_path: Path) -> None:
    async with polling(tmp_path) as run:
        fake, groups = run.fake, run.app.groups
        mina = fake.add_user("mina")
        town = fake.add_group("town", mina)
        await talked(run, town)
        in_a_year = run.app.clock.now() + timedelta(days=365)
        await fake.kick_bot(mina, town)
        await run.done()
        assert await groups.expired(in_a_year) == [group_key(town.id)]
        await fake.join(fake.bot, town, by=mina)
        await run.done()
        assert await groups.expired(in_a_year) == []


async def test_a_chat_that_blocks_her_and_lets_her_back(tmp_path: Path) -> None:
    async with polling(tmp_path) as run:
        mina = run.fake.add_user("mina")
        await run.fake.start(mina)
        await run.fake.block(mina)
        await run.done()
        assert await run.app.chats.closed(group_key(mina.id)) is not None
        await run.fake.start(mina)
        await run.done()
        assert await run.app.chats.closed(group_key(mina.id)) is None


async def test_a_draft_that_is_ended_ends_the_turn(tmp_path: Path) -> None:
    async with polling(tmp_path) as run:
        mina = run.fake.add_user("mina")
        ended: list[tuple[int, int]] = []

        async def stopped(chat_id: int, draft_id: int) -> None:
            ended.append((chat_id, draft_id))

        run.client.chat.stopped = stopped  # type: ignore[method-assign]
        update = {"chat": {"id": mina.id, "type": "private"}, "draft_id": 7}
        run.fake.world.updates.push("stopped_message_generation", update)
        await run.done()
        assert ended == [(mina.id, 7)]


async def test_a_group_whose_grace_is_over_is_erased_unless_she_is_in_it(tmp_path: Path) -> None:
    async with polling(tmp_path) as run:
        fake, groups, clock = run.fake, run.app.groups, run.app.clock
        mina = fake.add_user("mina")
        gone, back = fake.add_group("gone", mina), fake.add_group("back", mina)
        for chat in (gone, back):
            await talked(run, chat)
        await fake.kick_bot(mina, gone)
        await run.done()
        long_ago = clock.now() - timedelta(days=31)
        for chat in (gone, back):  # of the second one, her return was not told
            await groups.returned(group_key(chat.id))
            await groups.left(group_key(chat.id), long_ago)
        await run.client.tidy()
        assert await groups.expired(clock.now()) == []

        def turns(chat: Chat) -> Owner:
            return Owner(f"telegram:{mina.id}", f"group:{group_key(chat.id)}")

        assert not await run.app.history.last_turns(turns(gone), 5)
        assert await run.app.history.last_turns(turns(back), 5)


async def test_a_removal_that_nobody_told_begins_the_grace(tmp_path: Path) -> None:
    """Telegram keeps what she missed for a day."""
    async with polling(tmp_path) as run:
        fake, groups = run.fake, run.app.groups
        mina = fake.add_user("mina")
        gone, here = fake.add_group("gone", mina), fake.add_group("here", mina)
        for chat in (gone, here):
            await talked(run, chat)
        await fake.kick_bot(mina, gone)
        await run.done()
        await groups.returned(group_key(gone.id))  # as if it had not been told
        await groups.set("discord:5", "language", "ko")
        await run.client.find_removals()
        in_a_year = run.app.clock.now() + timedelta(days=365)
        assert await groups.expired(in_a_year) == [group_key(gone.id)]


async def test_nothing_is_erased_while_telegram_does_not_say(tmp_path: Path) -> None:
    async with polling(tmp_path) as run:
        fake, groups, clock = run.fake, run.app.groups, run.app.clock
        town = fake.add_group("town", fake.add_user("mina"))
        await groups.set(group_key(town.id), "language", "ko")
        await groups.left(group_key(town.id), clock.now() - timedelta(days=31))
        await groups.left("discord:5", clock.now() - timedelta(days=31))
        fake.faults.next("getChatMember", status=500, times=9)
        await run.client.tidy()
        assert await groups.settings(group_key(town.id)) == {"language": "ko"}
        assert await groups.expired(clock.now()) == ["discord:5"], "of another platform"


async def test_a_group_that_becomes_a_supergroup_keeps_everything(tmp_path: Path) -> None:
    async with polling(tmp_path) as run:
        fake = run.fake
        mina = fake.add_user("mina")
        town = fake.add_group("town", mina)
        await run.app.groups.set(group_key(town.id), "grace_days", "7")
        await talked(run, town)
        new = await fake.migrate(town)
        await run.done()
        assert await run.app.groups.settings(group_key(new.id)) == {"grace_days": "7"}
        assert await run.app.groups.settings(group_key(town.id)) == {}
        owner = Owner(f"telegram:{mina.id}", f"group:{group_key(new.id)}")
        assert len(await run.app.history.last_turns(owner, 5)) == 1
        await talked(run, new)
        assert len(await run.app.history.last_turns(owner, 5)) == 2


async def test_a_bug_is_logged_without_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with polling(tmp_path) as run:

        async def breaks(_: object) -> None:
            raise KeyError("what Jun wrote")

        monkeypatch.setattr(run.client.chat, "take", breaks)
        with caplog.at_level(logging.INFO):
            await run.fake.dm(run.fake.add_user("jun"), "what Jun wrote")
            await run.done()
        (record,) = [r for r in caplog.records if r.levelno >= logging.ERROR]
        assert "KeyError at " in record.getMessage() and "Jun" not in caplog.text


async def test_what_hangs_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.telegram_chat.client.LAST_WORDS_S", 0.1)
    begun, ended = asyncio.Event(), asyncio.Event()

    async def hangs(_: object) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with polling(tmp_path) as run:
        monkeypatch.setattr(run.client.chat, "take", hangs)
        mina = run.fake.add_user("mina")
        await run.fake.dm(mina, "one")
        await run.fake.dm(mina, "two")
        await begun.wait()
        assert not await run.client.finish(0.1)
        assert ended.is_set() and not run.client.app.running
        await until(lambda: not run.client.app.bot._requests_initialized)
