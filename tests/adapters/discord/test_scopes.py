"""Whose memories where: threads, hidden channels, talks that not all may join; and nothing in the log."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import discord
import pytest

from adapters.discord_chat.translate import place_of
from core.prompt import Task
from tests.adapters.discord.house import open_house
from tests.adapters.discord.office import message, office
from tests.fake_discord import Permission


@pytest.mark.parametrize(
    ("kind", "deny", "hidden"),
    [(0, 0, False), (0, 1 << 20, False), (2, 0, False), (2, 1 << 20, True), (13, 1 << 20, True), (0, 1 << 10, True)],
)  # fmt: skip
async def test_a_talk_that_not_all_may_join_is_a_place_of_its_own(
    tmp_path: Path, kind: int, deny: int, hidden: bool
) -> None:
    """Where people speak, those who may not connect do not read either."""
    async with open_house(tmp_path) as house:
        async with house.running() as run:
            guild = run.client.get_guild(house.guild.id)
            assert guild is not None
            connect = discord.Permissions.none()
            connect.update(view_channel=True, connect=True)
            guild.default_role._permissions = connect.value
            overwrite = {"id": str(guild.id), "type": 0, "allow": "0", "deny": str(deny)}
            data: Any = {
                "id": "77", "type": kind, "name": "talk", "position": 0, "parent_id": None, "bitrate": 1,
                "user_limit": 0, "permission_overwrites": [overwrite],
            }  # fmt: skip
            factory: Any = discord.channel._guild_channel_factory(kind)[0]
            channel = factory(guild=guild, state=guild._state, data=data)
            assert place_of(channel).hidden == "77", "not known yet"
            guild._add_channel(channel)
            assert bool(place_of(channel).hidden) is hidden


async def test_threads_belong_to_their_channel_private_ones_to_themselves(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        staff = place.fake.add_channel(place.guild, "staff", hidden=True)
        for user in (place.fake.bot, place.boss):
            place.fake.world.overwrite(staff, user, allow=Permission.VIEW_CHANNEL)
        found = {}
        for name, channel, private in (
            ("open", place.square, False), ("private", place.square, True), ("hidden", staff, False),
        ):  # fmt: skip
            thread = await place.fake.start_thread(place.boss, channel, name, private=private)
            if private:
                place.fake.world.join_thread(thread, place.fake.bot)
            await place.tell(place.boss, thread)
            found[name] = thread.id
            listed = await place.command(place.boss, "memory list", None, thread)
            assert "등산" in listed.content
        here = f"group:discord:{place.guild.id}"
        for scope in (here, f"{here}/{found['private']}", f"{here}/{staff.id}"):
            assert await place.app.memories.counts(f"discord:{place.boss.id}", scope) == {
                "memories": 1, "turns": 1,
            }  # fmt: skip
        asked = await place.command(place.fake.owner, "forget", {"user": place.boss})
        assert "3 " in asked.content or "3개" in asked.content, "of all the server"
        await place.press(place.fake.owner, asked)
        await place.fake.wait_for(lambda: not message(asked).buttons())
        assert await place.app.memories.counts(f"discord:{place.boss.id}", here, below=True) == {
            "memories": 0, "turns": 0,
        }  # fmt: skip


async def test_the_log_holds_neither_words_nor_the_token(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    async with office(tmp_path) as place:
        place.fake.faults.server_error("POST", "/channels/*/messages", status=502)
        await place.tell(place.mina, place.square, "내 취미는 등산이야 비밀번호1234")
        place.fake.faults.server_error("PATCH", "/webhooks/*", status=500)
        await place.command(place.mina, "chat", {"text": "비밀번호1234"})
        await place.command(place.boss, "admin block", {"user": place.john, "reason": "비밀번호1234"})

        async def broken(*_: object) -> object:
            raise ZeroDivisionError("비밀번호1234")

        monkeypatch.setattr(place.app.memories, "list", broken)
        assert (await place.command(place.mina, "memory list")).content.startswith("앗")
        token = place.fake.token
    ours = [record.getMessage() for record in caplog.records if record.name.startswith(("a", "c", "d"))]
    assert ours and not [line for line in ours if "비밀번호" in line or "등산" in line or token in line]


async def test_what_begins_while_an_admin_erases_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have read what was there a moment before."""
    async with open_house(tmp_path) as house:
        house.learns("[취미: 등산]")
        async with house.running() as run:
            await run.ask("나 등산 좋아해")
            house.model.on[Task.REPLY].hold = hold = asyncio.Event()
            erase, person = run.app.memories.forget, f"discord:{house.mina.id}"

            async def slow(*given: Any, **named: Any) -> dict[str, int]:
                if house.model.on[Task.REPLY].calls == 1:
                    await run.ask_held("내 취미 등산 맞지?")
                    await run.until(lambda: house.model.on[Task.REPLY].calls == 2)
                return await erase(*given, **named)

            monkeypatch.setattr(run.app.memories, "forget", slow)
            group = f"discord:{house.guild.id}"
            await run.doors.admin.forget("discord:9", group, person, "ko")
            hold.set()
            await run.idle()
            assert "취미: 등산" in house.model.prompts(Task.REPLY)[-1]
            kept = await run.app.memories.counts(person, f"group:{group}", below=True)
            assert kept == {"memories": 0, "turns": 0}


@pytest.mark.parametrize("act", ["maintenance", "block"])
async def test_what_may_not_be_answered_anew_is_left_as_it_is(tmp_path: Path, act: str) -> None:
    async with office(tmp_path) as place:
        await place.tell(place.mina, place.square)
        reply = place.fake.said(place.square)[0]
        await place.fake.wait_for(lambda: len(reply.buttons()) == 2 and reply.attachments)
        before = reply.content
        options: dict[str, Any] = {"switch": "on"} if act == "maintenance" else {"user": place.mina}
        await place.command(place.boss, f"admin {act}", options)
        again = reply.buttons()[0]["custom_id"]
        pressed = await (await place.fake.press(place.mina, reply, again)).answered()
        assert (await pressed.followup()).ephemeral and reply.content == before
        assert await place.known(place.mina, place.guild)
