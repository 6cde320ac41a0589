"""``/link`` and back with Discord and Telegram both served, as one person with two accounts does it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.discord_chat.run import DiscordConfig, serve
from bot.doors import discord_doors
from tests.adapters.discord.office import message
from tests.adapters.telegram.office import Office, labels, office, plain
from tests.fake_discord import Channel, FakeDiscord, Interaction
from tests.fake_discord import User as DiscordUser


@dataclass
class Both:
    """Mina on Telegram (``mina`` of the office) and on Discord, in her direct messages."""

    telegram: Office
    discord: FakeDiscord
    mina: DiscordUser
    alone: Channel

    async def slash(self, command: str, **options: object) -> Interaction:
        """She uses a command on Discord."""
        talk = await self.discord.slash(self.mina, self.alone, command, options or None)
        return await talk.done()

    async def press(self, talk: Interaction, number: int) -> str:
        """She presses a button there; what stands there then."""
        shown = message(talk)
        talk = await self.discord.press(self.mina, shown, shown.buttons()[number]["custom_id"])
        await talk.answered()
        await self.discord.wait_for(lambda: not shown.buttons())
        return shown.content

    async def say(self, text: str) -> str:
        """She writes to her there; the whole reply."""
        number = len(self.discord.said(self.alone)) + 1
        await self.discord.dm(self.mina, text)
        reply = await self.discord.answer(self.alone, number)
        await self.telegram.app.conversation.drain()
        await self.discord.wait_for(lambda: reply.attachments and len(reply.buttons()) == 2)
        return reply.content

    async def facts(self) -> tuple[str, str]:
        """What "/memory list" shows on Discord, and "/memory" on Telegram."""
        there = await self.telegram.ask(self.telegram.mina, "/memory list")
        return (await self.slash("memory list")).content, plain(there)


@asynccontextmanager
async def both(path: Path) -> AsyncIterator[Both]:
    async with office(path) as telegram, FakeDiscord() as discord:
        mina = discord.add_user("mina", locale="ko")
        discord.add_guild("town", mina)
        stop, up = asyncio.Event(), asyncio.Event()
        config = DiscordConfig(discord.token, discord.rest_url, discord.gateway_url, ready_timeout_s=0.1)
        task = asyncio.create_task(serve(discord_doors(telegram.app), config, stop, up=up.set))
        try:
            await asyncio.wait_for(up.wait(), 30)
            yield Both(telegram, discord, mina, discord.private_channel(mina))
        finally:
            stop.set()
            await task


async def test_link_and_unlink(tmp_path: Path) -> None:
    async with both(tmp_path) as it:
        telegram, mina = it.telegram, it.telegram.mina
        await telegram.learn(mina, None, "취미: 등산")
        await telegram.learn(mina, telegram.group, "고향: 부산")

        code = re.search(r"\b\d{6}\b", (await it.slash("계정잇기")).content)
        assert code is not None
        asked = await telegram.ask(mina, f"/link {code[0]}")
        assert "디스코드 계정 「mina」" in plain(asked) and labels(asked) == [
            "응, 내 계정이야",
            "아니, 잇지 마",
        ]
        await telegram.press(mina, asked, "응, 내 계정이야")
        assert plain(asked).startswith("좋아! 이제 디스코드") and labels(asked) == []

        for told in (True, False):  # she tells of it with the next reply, once
            assert ("텔레그램 계정 「mina」" in await it.say("안녕")) is told
        assert "등산" not in (await it.facts())[0]

        question = await it.slash("계정잇기")
        assert f"({mina.id})" in question.content
        assert (await it.press(question, 0)).startswith("이었어!")
        here, there = await it.facts()
        assert "등산" in here and "등산" in there and "부산" not in here + there

        assert plain(await telegram.ask(mina, "/unlink")).startswith("나눴어")
        here, there = await it.facts()
        assert "등산" not in here and "등산" in there


async def test_a_link_that_is_refused(tmp_path: Path) -> None:
    async with both(tmp_path) as it:
        telegram, mina = it.telegram, it.telegram.mina
        code = re.search(r"\b\d{6}\b", plain(await telegram.ask(mina, "/link")))
        assert code is not None
        question = await it.slash("계정잇기", 코드=code[0])
        assert (await it.press(question, 1)).startswith("알았어")
        again = await telegram.ask(mina, "/link")
        assert re.search(r"\b\d{6}\b", plain(again)), "the question is gone, so here is a new code"
        assert await telegram.app.links.linked(f"telegram:{mina.id}") == ()
        assert "이을 수 없어" in (await it.slash("계정잇기", 코드=code[0])).content


async def test_the_name_of_the_other_account_is_only_a_name(tmp_path: Path) -> None:
    """Whoever types a code chooses what Discord shows; it must not become a link there."""
    async with both(tmp_path) as it:
        telegram, thief = it.telegram, it.telegram.john
        thief.first_name = "**x** https://evil.example"
        code = re.search(r"\b\d{6}\b", (await it.slash("계정잇기")).content)
        assert code is not None
        await telegram.ask(thief, f"/link {code[0]}")
        question = await it.slash("계정잇기")
        for shown in (question.content, await it.press(question, 0)):
            assert "evil.example" in shown and "https://evil" not in shown and r"\*\*x" in shown
