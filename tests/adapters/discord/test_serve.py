"""Connecting and ending: what is in the way is named with its mend, and she goes on where she can."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any

import discord
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord_chat.run import DiscordConfig, DiscordProblem, serve
from bot.app import App
from bot.doors import discord_doors
from bot.wiring import build_app
from core.prompt import Task
from tests.adapters.discord.office import office
from tests.adapters.serving import Serving, serving_with, until
from tests.fake_discord import FakeDiscord, Intent
from tests.fake_discord.sessions import Session
from tests.fakes import (
    FewExemplars,
    FixedClock,
    HashEmbedder,
    LikesAll,
    PaintedPortraits,
    ScriptedModel,
)
from tests.houses import settings_in
from tests.patience import PATIENCE_S


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[App]:
    settings = settings_in(tmp_path)
    async with build_app(
        settings, language_model=ScriptedModel({Task.MEMORY: ""}), exemplars=FewExemplars(), ranker=LikesAll(),
        embedder=HashEmbedder(), portraits=PaintedPortraits(), clock=FixedClock(),
    ) as opened:  # fmt: skip
        yield opened


@pytest.fixture(autouse=True)
def addresses_stay() -> Iterator[None]:
    """Nothing of a redirection is left in discord.py."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, "gateway" in vars(DiscordWebSocket)
    yield
    assert (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, "gateway" in vars(DiscordWebSocket)) == before


def config(fake: FakeDiscord, **changes: Any) -> DiscordConfig:
    usual: dict[str, Any] = {"token": fake.token, "ready_timeout_s": 0.1, "first_pause_s": 0.05}
    return DiscordConfig(api_base=fake.rest_url, gateway=fake.gateway_url, **(usual | changes))


def serving(app: App, settings: DiscordConfig) -> AbstractAsyncContextManager[Serving]:
    return serving_with(serve, discord_doors(app), settings)


async def test_a_token_that_is_refused_is_named_with_its_mend(app: App) -> None:
    async with FakeDiscord() as fake, serving(app, config(fake, token="wrong")) as it:
        with pytest.raises(DiscordProblem, match="OHLORA_DISCORD_TOKEN") as caught:
            await asyncio.wait_for(it.task, PATIENCE_S)
        assert caught.value.kind == "token" and "wrong" not in str(caught.value) and it.ups == 0


async def test_a_token_that_is_revoked_while_she_runs(app: App) -> None:
    async with FakeDiscord() as fake, serving(app, config(fake)) as it:
        await until(lambda: it.ups)
        fake.faults.revoke_token()
        with pytest.raises(DiscordProblem, match="Reset Token"):
            await asyncio.wait_for(it.task, PATIENCE_S)


async def test_an_intent_that_is_missing_is_named_and_she_goes_on(app: App) -> None:
    async with FakeDiscord() as fake:
        mina = fake.add_user("mina")
        guild = fake.add_guild("town", mina)
        square = fake.add_channel(guild, "square")
        await app.groups.set(f"discord:{guild.id}", "always_answer", str(square.id))
        async with serving(app, config(fake)) as it:
            await until(lambda: it.ups)
            assert it.told("Message Content Intent") and it.told("goes on without it")
            await fake.say(mina, square, "안녕", mentions=[fake.bot])
            assert (await fake.answer(square)).content


async def test_an_intent_that_is_granted_is_used_and_said(app: App) -> None:
    async with FakeDiscord(granted=Intent.MESSAGE_CONTENT) as fake:
        mina = fake.add_user("mina")
        guild = fake.add_guild("town", mina)
        square = fake.add_channel(guild, "square")
        await app.groups.set(f"discord:{guild.id}", "always_answer", str(square.id))
        async with serving(app, config(fake)) as it:
            await until(lambda: it.ups)
            assert it.told("message content intent is used") and not it.told("does not grant")
            await fake.say(mina, square, "안녕")
            assert (await fake.answer(square)).content


async def test_a_group_of_another_platform_asks_for_no_intent(app: App) -> None:
    await app.groups.set("telegram:-1001", "always_answer", "0")
    async with FakeDiscord() as fake, serving(app, config(fake)) as it:
        await until(lambda: it.ups)
        assert not it.told("ontent intent") and not it.told("ontent Intent")


async def test_an_unreachable_discord_is_tried_again_and_said(app: App) -> None:
    async with FakeDiscord() as fake:
        fake.faults.next("GET", "/users/@me", times=2, status=503, text="upstream error")
        async with serving(app, config(fake)) as it:
            await until(lambda: it.ups)
            assert sum("trying again" in line for line in it.said) == 2
            assert it.told("connected as")


async def test_nobody_there_at_all(app: App) -> None:
    async with FakeDiscord() as fake:
        gone = config(fake)
    async with serving(app, gone) as it:
        await until(lambda: len(it.said) >= 3)
        assert it.told("cannot be reached") and not it.task.done() and it.ups == 0
        await it.end()


async def test_a_dropped_socket_is_resumed_in_silence(app: App) -> None:
    async with FakeDiscord() as fake, serving(app, config(fake)) as it:
        await until(lambda: it.ups)
        (session,) = fake.gateway.connected
        for expected, fault in enumerate((fake.faults.drop_socket, fake.faults.reconnect), 1):
            fault()
            await fake.wait_for(partial(_resumed, session, expected), 15)
        assert it.ups == 1 and not it.told("cannot be reached")


async def test_resumes_stay_on_the_address_of_the_settings(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    async with FakeDiscord() as fake, serving(app, config(fake)) as it:
        fake.gateway._url = "ws://127.0.0.1:9/elsewhere/"
        monkeypatch.setattr(fake.world, "shards", 1)
        await until(lambda: it.ups)
        assert DiscordWebSocket.DEFAULT_GATEWAY == yarl.URL(fake.gateway_url)
        (session,) = fake.gateway.connected
        fake.faults.close_socket(4000)
        await fake.wait_for(lambda: session.resumes == 1, 15)


@pytest.mark.slow  # Discord wants five seconds between two identifies
async def test_the_recommended_shards(app: App) -> None:
    async with FakeDiscord(shards=2) as fake, serving(app, config(fake)) as it:
        await until(lambda: it.ups)
        assert sorted(session.shard for session in fake.gateway.connected) == [(0, 2), (1, 2)]


async def test_a_range_of_shards(app: App) -> None:
    async with FakeDiscord() as fake, serving(app, config(fake, shard_ids=(3,), shard_count=4)) as it:
        await until(lambda: it.ups)
        assert [session.shard for session in fake.gateway.connected] == [(3, 4)]


async def test_in_no_server_the_invitation_is_shown(app: App) -> None:
    async with FakeDiscord() as fake, serving(app, config(fake)) as it:
        await until(lambda: it.told("Let her into a server"))
        assert it.told(f"client_id={fake.bot.id}") and it.told("permissions=309237746688")


async def test_a_stop_before_anything_was_reached(app: App) -> None:
    async with FakeDiscord() as fake:
        held = fake.faults.hold("GET", "/users/@me")
        async with serving(app, config(fake)) as it:
            await held.reached.wait()
            await it.end()
            assert it.said == [] and it.ups == 0


async def test_a_stop_lets_messages_and_commands_in_flight_end(tmp_path: Path) -> None:
    async with FakeDiscord() as fake:
        model = ScriptedModel()
        release, begun = asyncio.Event(), list[str]()
        generate = model.generate

        async def held(request: Any) -> Any:
            begun.append(request.person)
            await release.wait()
            return await generate(request)

        model.generate = held  # type: ignore[method-assign]
        async with office(tmp_path, fake, model=model) as place:
            talk = await fake.slash(place.mina, place.square, "chat", {"text": "안녕"})
            await talk.answered()
            await fake.say(place.john, place.square, "hello", mentions=[fake.bot])
            await until(lambda: len(set(begun)) == 2)
            place.stop.set()
            await asyncio.sleep(0.1)
            late = await fake.slash(place.boss, place.square, "memory list")
            await late.done()
            release.set()
            assert late.ephemeral, "nothing new is begun"
        assert "좋은 생각이야!" in talk.content
        (answer,) = [message for message in fake.said(place.square) if message.interaction is None]
        assert answer.content.startswith("Oh nice!") and answer.attachments
        await fake.connected(0)


def _resumed(session: Session, times: int) -> bool:
    return session.resumes == times


def test_the_token_is_not_shown() -> None:
    assert "secret" not in repr(DiscordConfig("secret"))
    assert isinstance(DiscordProblem("token", "x"), Exception) and discord.__version__
