"""Connecting and ending: what is in the way is named with its mend, and she goes on where she can."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from adapters.telegram_chat.run import TelegramConfig, TelegramProblem, serve
from bot.app import App
from bot.doors import telegram_doors
from bot.wiring import build_app
from core.prompt import Task
from tests.adapters.serving import Serving, serving_with, until
from tests.fake_telegram import FakeTelegram, User
from tests.fake_telegram.webhook import SECRET_HEADER
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


def scripted() -> ScriptedModel:
    return ScriptedModel({Task.MEMORY: ""})


@asynccontextmanager
async def opened(path: Path, model: ScriptedModel | None = None) -> AsyncIterator[App]:
    settings = settings_in(path)
    async with build_app(
        settings, language_model=model or scripted(), exemplars=FewExemplars(),
        ranker=LikesAll(), embedder=HashEmbedder(), portraits=PaintedPortraits(), clock=FixedClock(),
    ) as app:  # fmt: skip
        yield app


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[App]:
    async with opened(tmp_path) as it:
        yield it


def config(fake: FakeTelegram, **changes: Any) -> TelegramConfig:
    usual: dict[str, Any] = {"token": fake.token, "first_pause_s": 0.05, "answer_s": 2.0}
    return TelegramConfig(api_base=fake.base_url, **(usual | changes))


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def hooked(fake: FakeTelegram, **changes: Any) -> TelegramConfig:
    port = free_port()
    url = f"http://127.0.0.1:{port}/ohlora"
    return config(fake, **({"webhook_url": url, "webhook_port": port} | changes))


def serving(app: App, settings: TelegramConfig) -> AbstractAsyncContextManager[Serving]:
    return serving_with(serve, telegram_doors(app), settings)


async def greeted(fake: FakeTelegram, user: User, said: str = "안녕") -> None:
    await fake.dm(user, said)
    assert (await fake.answer(fake.private_chat(user))).text


async def test_she_says_who_she_is_and_answers(app: App) -> None:
    async with FakeTelegram() as fake, serving(app, config(fake)) as it:
        await until(lambda: it.ups)
        assert it.told(f"Telegram: connected as @{fake.bot.username}. In groups she reads only what is meant")
        await greeted(fake, fake.add_user("mina"))
        await it.end()
        assert all(update.confirmed for update in fake.updates), "nothing comes a second time"


async def test_privacy_mode_is_named_where_it_is_in_the_way(app: App) -> None:
    await app.groups.set("telegram:-5", "always_answer", "0")
    async with FakeTelegram() as fake, serving(app, config(fake)) as it:
        await until(lambda: it.told("/setprivacy"))
    async with FakeTelegram() as fake:
        fake.traits.can_read_all_group_messages = True
        async with serving(app, config(fake)) as it:
            await until(lambda: it.told("reads every message"))
            assert not it.told("/setprivacy")


@pytest.mark.parametrize("wrong", ["110201543:AAHwrongwrongwrongwrongwrongwrongwro", "no-token-at-all"])
async def test_a_token_that_is_refused_is_named_with_its_mend(app: App, wrong: str) -> None:
    async with FakeTelegram() as fake, serving(app, config(fake, token=wrong)) as it:
        with pytest.raises(TelegramProblem, match="OHLORA_TELEGRAM_TOKEN") as caught:
            await asyncio.wait_for(it.task, PATIENCE_S)
        assert caught.value.kind == "token" and wrong not in str(caught.value) and it.ups == 0
        assert caught.value.__cause__ is None and caught.value.__suppress_context__, "its text has the token"


async def test_a_token_that_is_revoked_while_she_runs(app: App) -> None:
    async with FakeTelegram() as fake, serving(app, config(fake)) as it:
        await until(lambda: it.ups)
        await fake.connected()
        fake.faults.revoke_token()
        with pytest.raises(TelegramProblem, match="BotFather"):
            await asyncio.wait_for(it.task, PATIENCE_S)


async def test_an_unreachable_telegram_is_tried_again_and_said(app: App) -> None:
    async with FakeTelegram() as fake:
        fake.faults.server_error("getMe", times=2)
        async with serving(app, config(fake)) as it:
            await until(lambda: it.ups)
            assert it.told("trying again") == 2 and it.told("connected as")


async def test_a_wait_that_telegram_asks_for_is_kept(app: App) -> None:
    async with FakeTelegram() as fake:
        fake.faults.flood("getMe", retry_after=1, times=4)  # three tries are the library's own
        async with serving(app, config(fake)) as it:
            await until(lambda: it.ups)
            assert it.told("RetryAfter") and it.told("in 1 s")


async def test_nobody_there_at_all(app: App) -> None:
    async with FakeTelegram() as fake:
        gone = config(fake)
    async with serving(app, gone) as it:
        await until(lambda: len(it.said) >= 3)
        assert it.told("cannot be reached") and not it.task.done() and it.ups == 0
        await it.end()


async def test_a_stop_before_anything_was_reached(app: App) -> None:
    async with FakeTelegram() as fake:
        held = fake.faults.hold("getMe")
        async with serving(app, config(fake)) as it:
            await held.reached.wait()
            await it.end()
            assert it.said == [] and it.ups == 0


async def test_another_program_with_the_same_token(app: App) -> None:
    async with FakeTelegram() as fake:
        fake.faults.conflict(times=2)
        async with serving(app, config(fake)) as it:
            await until(lambda: it.told("409"))
            await greeted(fake, fake.add_user("mina"))
            assert it.told("409") == 1 and it.told("answers again") == 1, "said once, not at each try"


async def test_polls_that_fail_are_said_once_and_nothing_is_lost(app: App) -> None:
    async with FakeTelegram() as fake:
        mina = fake.add_user("mina")
        fake.faults.server_error("getUpdates", times=2)
        async with serving(app, config(fake)) as it:
            await until(lambda: it.told("does not answer"))
            await greeted(fake, mina)
            assert it.told("does not answer (502)") == 1 and it.told("answers again") == 1
            assert len(fake.said(fake.private_chat(mina))) == 1


async def test_updates_that_come_twice_are_answered_once(tmp_path: Path) -> None:
    """Within a run, and after a restart that lost the confirmation."""
    async with FakeTelegram() as fake:
        mina = fake.add_user("mina")
        talk = fake.private_chat(mina)

        async def comes_again(times: int) -> None:
            fake.faults.repeat_updates(2)
            await fake.wait_for(lambda: [u.delivered for u in fake.updates[-2:]] == [times, times])
            await fake.quiet()
            assert len(fake.said(talk)) == 2

        async with opened(tmp_path) as app, serving(app, config(fake)):
            await greeted(fake, mina)
            await fake.dm(mina, "/help")
            await fake.answer(talk, 2)
            await fake.fetched()
            await comes_again(2)
        async with opened(tmp_path) as app, serving(app, config(fake)):
            await comes_again(3)


async def test_what_was_said_long_ago_is_left_alone(app: App) -> None:
    async with FakeTelegram() as fake:
        mina = fake.add_user("mina")
        talk = fake.private_chat(mina)
        old, new = await fake.dm(mina, "아까"), await fake.dm(mina, "지금")
        for update, age_s in zip(fake.updates, (660, 540), strict=True):
            update.data["date"] -= age_s
        async with serving(app, config(fake)):
            answer = await fake.answer(talk)
            await fake.fetched()
            await fake.quiet()
            assert fake.said(talk) == [answer] and answer.id > new.id > old.id


@pytest.mark.parametrize("secret", [None, "fixed-secret_1"])
async def test_a_webhook(app: App, secret: str | None) -> None:
    async with FakeTelegram() as fake:
        mina = fake.add_user("mina")
        settings = hooked(fake, webhook_secret=secret)
        async with serving(app, settings) as it:
            await until(lambda: it.ups)
            sent = fake.webhook.settings["secret_token"]
            assert sent == secret if secret else len(sent) >= 32
            await greeted(fake, mina)
            update = fake.updates[-1].json | {"update_id": 1}
            async with aiohttp.ClientSession() as thief:
                for headers in ({}, {SECRET_HEADER: "guessed"}):
                    assert settings.webhook_url is not None
                    async with thief.post(settings.webhook_url, json=update, headers=headers) as answer:
                        assert answer.status == 403
            assert len(fake.said(fake.private_chat(mina))) == 1 and not fake.requested("getUpdates")
        async with serving(app, config(fake)) as it:
            await until(lambda: it.ups)
            await greeted(fake, fake.add_user("john"))
            assert fake.webhook.info["url"] == "", "polling takes the webhook away"


async def test_a_webhook_that_telegram_refuses(app: App) -> None:
    async with FakeTelegram(strict_webhooks=True) as fake, serving(app, hooked(fake)) as it:
        with pytest.raises(TelegramProblem, match="https url must be provided") as caught:
            await asyncio.wait_for(it.task, PATIENCE_S)
        assert caught.value.kind == "webhook" and "OHLORA_TELEGRAM_WEBHOOK_URL" in str(caught.value)


async def test_a_port_that_somebody_else_has(app: App) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        async with FakeTelegram() as fake, serving(app, hooked(fake, webhook_port=port)) as it:
            with pytest.raises(TelegramProblem, match=f"127.0.0.1:{port} cannot be listened on"):
                await asyncio.wait_for(it.task, PATIENCE_S)


async def test_a_stop_lets_messages_in_flight_end(tmp_path: Path) -> None:
    release, begun = asyncio.Event(), list[str]()
    model = scripted()
    generate = model.generate

    async def held(request: Any) -> Any:
        begun.append(request.person)
        await release.wait()
        return await generate(request)

    model.generate = held  # type: ignore[method-assign]
    async with FakeTelegram() as fake, opened(tmp_path, model) as app, serving(app, config(fake)) as it:
        mina, john = fake.add_user("mina"), fake.add_user("john", language_code="en")
        group = fake.add_group("town", mina, john)
        await fake.dm(mina, "안녕")
        await fake.say(john, group, f"/chat@{fake.bot.username} hello")
        await until(lambda: len(set(begun)) == 2)
        it.stop.set()
        await asyncio.sleep(0.1)
        late = await fake.dm(mina, "늦었나?")
        release.set()
        async with asyncio.timeout(PATIENCE_S):
            await it.task
        (first,) = fake.said(fake.private_chat(mina))
        (second,) = fake.said(group)
        assert "좋은 생각이야!" in first.text and second.text.startswith("Oh nice!")
        assert second.last.media is not None, "the face is waited for, too"
        last = fake.updates[-1]
        assert last.data["message_id"] == late.id and not last.confirmed, "it is there for the next start"


async def test_the_menus_never_stop_the_start(app: App) -> None:
    async with FakeTelegram() as fake:
        held = fake.faults.hold("setMyCommands", times=50)
        async with serving(app, config(fake)) as it:
            await held.reached.wait()
            await greeted(fake, fake.add_user("mina"))
            await it.end()


def test_the_token_is_not_shown() -> None:
    assert "secret" not in repr(TelegramConfig("secret", webhook_secret="secret"))
