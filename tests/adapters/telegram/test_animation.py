"""A face that moves: on the same message, sent as a film, where the person or the group wants it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.telegram_chat.doors import group_key
from core.prompt import Task
from tests.adapters.telegram.house import GIF, House, open_house
from tests.fake_telegram import Message

SAD = "<|eyes:작게|><|mouth:보통|><|pose:없음|>"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        yield opened


def kind(message: Message) -> str:
    """What hangs at a message."""
    return message.media.kind if message.media is not None else ""


async def test_in_a_private_chat_the_person_switches_it_on(house: House) -> None:
    async with house.running() as run:
        assert kind(await run.ask("안녕!")) == "photo"
        assert "움직일" in (await run.ask("/face on animated")).text
        assert kind(await run.ask("안녕!")) == "animation", "also with the expression of before"
        house.model.scripts[Task.EXPRESSION] = lambda _: SAD
        reply = await run.ask("나 좀 슬퍼")
    assert kind(reply) == "animation" and reply.media is not None
    assert reply.media.content.startswith(GIF) and reply.text


async def test_in_a_group_its_admins_switch_it_on(house: House) -> None:
    async with house.running() as run:
        await run.doors.groups.set(group_key(house.town.id), "image", "animated")
        assert kind(await run.ask("안녕!", chat=house.town)) == "animation"
        await run.ask("/face on still")
        house.model.scripts[Task.EXPRESSION] = lambda _: SAD
        assert kind(await run.ask("나 좀 슬퍼", chat=house.town)) == "photo"
