"""``python bot.py run``: without tokens, with wrong ones, nothing there, signals; the exit codes."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from bot import exits
from bot.app import App
from bot.cli import build_parser, main
from bot.commands import run
from bot.settings import Settings, SettingsError, load_settings
from core.errors import ModelError
from tests.fake_discord import FakeDiscord
from tests.fake_telegram import FakeTelegram
from tests.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("given", [[], ["--only", "discord"], ["--only", "telegram"]])
def test_without_a_token_she_points_to_the_terminal(
    given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", *given]) == exits.CONFIG
    told = capsys.readouterr().err
    assert "make chat" in told and "Traceback" not in told
    for name in ("discord", "telegram"):
        assert (f"OHLORA_{name.upper()}_TOKEN" in told) is (name in given or not given)


@pytest.mark.parametrize(
    "wrong", [["--only", "irc"], ["--connect-timeout", "0"], ["--connect-timeout", "nan"]]
)
def test_wrong_use(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        build_parser().parse_args(["run", *wrong])
    assert caught.value.code == exits.USAGE


def test_what_cannot_start_names_the_mend(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Damaged(AbstractAsyncContextManager[App]):
        async def __aenter__(self) -> App:
            raise ModelError("text weights are damaged")

        async def __aexit__(self, *_: object) -> None:
            pass

    monkeypatch.setenv("OHLORA_DISCORD_TOKEN", "x")
    assert run.run(build_parser().parse_args(["run"]), load_settings(), lambda _: Damaged()) == exits.CONFIG
    assert "text weights are damaged\nTo mend it" in capsys.readouterr().err


def test_settings_of_discord(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().discord_shard_range == ((), None)
    monkeypatch.setenv("OHLORA_DISCORD_SHARDS", "2-4/16")
    monkeypatch.setenv("OHLORA_DISCORD_OWNER_IDS", "12, 34")
    monkeypatch.setenv("OHLORA_DISCORD_ADMIN_ROLE_IDS", "56")
    settings = load_settings()
    assert settings.discord_shard_range == ((2, 3, 4), 16)
    assert settings.discord_owners == {12, 34} and settings.discord_admin_roles == {56}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("OHLORA_DISCORD_SHARDS", "4-2/16"), ("OHLORA_DISCORD_SHARDS", "0-16/16"),
        ("OHLORA_DISCORD_SHARDS", "all"), ("OHLORA_DISCORD_OWNER_IDS", "mina"),
        ("OHLORA_DISCORD_ADMIN_ROLE_IDS", "12;34"),
    ],
)  # fmt: skip
def test_wrong_settings_name_the_key(monkeypatch: pytest.MonkeyPatch, key: str, value: str) -> None:
    monkeypatch.setenv(key, value)
    with pytest.raises(SettingsError, match=key):
        load_settings()


class Running:
    """``run`` on fake models in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process, self.told = process, ""

    async def tells(self, part: str) -> None:
        """Wait for a line on stderr."""
        assert self.process.stderr is not None
        async with asyncio.timeout(PATIENCE_S):
            while part not in self.told:
                line = await self.process.stderr.readline()
                assert line, f"it ended: {self.told}"
                self.told += line.decode()

    async def ended(self) -> int:
        """The exit code, once it has one."""
        assert self.process.stderr is not None
        async with asyncio.timeout(PATIENCE_S):
            self.told += (await self.process.stderr.read()).decode()
            return await self.process.wait()


@asynccontextmanager
async def running(*args: str, environ: Mapping[str, str], cwd: Path = ROOT) -> AsyncIterator[Running]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("OHLORA_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bot.fake_run", *args, cwd=cwd, env={**clean, **environ},
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield Running(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def environ(fake: FakeDiscord, tmp_path: Path, **changes: str) -> dict[str, str]:
    return {
        "OHLORA_VAR_DIR": str(tmp_path / "var"), "OHLORA_DISCORD_TOKEN": fake.token,
        "OHLORA_DISCORD_API_BASE": fake.rest_url, "OHLORA_DISCORD_GATEWAY": fake.gateway_url,
    } | changes  # fmt: skip


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, exits.OK), (signal.SIGINT, exits.INTERRUPTED)])
async def test_with_a_token_she_answers_until_a_signal(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    async with FakeDiscord() as fake:
        mina = fake.add_user("mina")
        square = fake.add_channel(fake.add_guild("town", mina), "square")
        async with running(environ=environ(fake, tmp_path)) as bot:
            await bot.tells("in 1 server")
            await fake.say(mina, square, "안녕", mentions=[fake.bot])
            answer = await fake.answer(square)
            bot.process.send_signal(number)
            assert await bot.ended() == code
            assert answer.attachments and "Traceback" not in bot.told
        assert fake.token not in (tmp_path / "var" / "log" / "ohlora.log").read_text("utf-8")


@pytest.mark.parametrize("guide", ["discord.md", "discord.ko.md"])
async def test_the_guide_followed_to_the_letter(tmp_path: Path, guide: str) -> None:
    """Nothing but the token in a copy of .env.example; only Discord's address is that of the fake."""
    told = (ROOT / "docs" / guide).read_text("utf-8")
    (line,) = re.findall(r"^ +(OHLORA_DISCORD_TOKEN=).*$", told, re.MULTILINE)
    async with FakeDiscord() as fake:
        env = (ROOT / ".env.example").read_text("utf-8")
        (tmp_path / ".env").write_text(f"{env}\n{line}{fake.token}\n", "utf-8")
        given = {k: v for k, v in environ(fake, tmp_path).items() if k != "OHLORA_DISCORD_TOKEN"}
        async with running(environ=given | {"PYTHONPATH": str(ROOT)}, cwd=tmp_path) as bot:
            await bot.tells("Let her into a server: ")
            (invite,) = re.findall(r"^https://discord\.com/oauth2/authorize\S+$", told, re.MULTILINE)
            wanted = parse_qs(urlsplit(invite.replace("APPLICATION_ID", str(fake.bot.id))).query)
            shown = re.search(r"Let her into a server: (\S+)", bot.told)
            assert shown is not None and parse_qs(urlsplit(shown[1]).query) == wanted
            mina = fake.add_user("mina")
            square = fake.add_channel(fake.add_guild("town", mina), "square")
            for line in ("She wakes up ...", f"Discord: connected as {fake.bot.name}"):
                assert line in bot.told and line.replace(fake.bot.name, "Oh-LoRA") in told
            hello = "안녕" if "ko" in guide else "hello"
            assert f"`@Oh-LoRA {hello}`" in told
            await fake.say(mina, square, hello, mentions=[fake.bot])
            assert (await fake.answer(square)).reference is not None
            bot.process.send_signal(signal.SIGTERM)
            assert await bot.ended() == exits.OK


async def test_a_wrong_token(tmp_path: Path) -> None:
    async with FakeDiscord() as fake:
        given = environ(fake, tmp_path, OHLORA_DISCORD_TOKEN="wrong-secret")
        async with running(environ=given) as bot:
            assert await bot.ended() == exits.CONFIG
            assert "OHLORA_DISCORD_TOKEN" in bot.told and "wrong-secret" not in bot.told
            assert "Traceback" not in bot.told


async def test_nothing_is_there(tmp_path: Path) -> None:
    async with FakeDiscord() as fake:
        given = environ(fake, tmp_path)
    async with running("--connect-timeout", "1.5", environ=given) as bot:
        assert await bot.ended() == exits.UNREACHABLE
        assert "cannot be reached" in bot.told and "No platform was reached" in bot.told


def both(discord: FakeDiscord, telegram: FakeTelegram, tmp_path: Path, **changes: str) -> dict[str, str]:
    given = environ(discord, tmp_path, OHLORA_TELEGRAM_TOKEN=telegram.token)
    return given | {"OHLORA_TELEGRAM_API_BASE": telegram.base_url} | changes


def alone(telegram: FakeTelegram, tmp_path: Path, **changes: str) -> dict[str, str]:
    given = {"OHLORA_VAR_DIR": str(tmp_path / "var"), "OHLORA_TELEGRAM_TOKEN": telegram.token}
    return given | {"OHLORA_TELEGRAM_API_BASE": telegram.base_url} | changes


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, exits.OK), (signal.SIGINT, exits.INTERRUPTED)])
async def test_telegram_alone_until_a_signal(tmp_path: Path, number: signal.Signals, code: int) -> None:
    async with FakeTelegram() as fake:
        mina = fake.add_user("mina")
        async with running(environ=alone(fake, tmp_path)) as bot:
            await bot.tells(f"Telegram: connected as @{fake.bot.username}")
            await fake.dm(mina, "비밀이야기")
            answer = await fake.answer(fake.private_chat(mina))
            await fake.wait_for(lambda: answer.last.media)
            bot.process.send_signal(number)
            assert await bot.ended() == code and "Traceback" not in bot.told
        written = (tmp_path / "var" / "log" / "ohlora.log").read_text("utf-8")
        assert fake.token not in written and fake.token not in bot.told
        assert fake.token.partition(":")[2] not in written and "비밀이야기" not in written
        assert "bot.commands" in written or "adapters.telegram_chat" in written, "there is a log"


async def test_a_second_signal_does_not_wait(tmp_path: Path) -> None:
    async with FakeTelegram() as fake:
        mina = fake.add_user("mina")
        held = fake.faults.hold("sendMessage")
        async with running(environ=alone(fake, tmp_path)) as bot:
            await bot.tells("Telegram: connected")
            await fake.dm(mina, "안녕")
            await held.reached.wait()
            bot.process.send_signal(signal.SIGINT)
            await bot.tells("Stopping")
            bot.process.send_signal(signal.SIGINT)
            async with asyncio.timeout(8):  # less than the ten seconds for work in flight
                assert await bot.ended() == exits.INTERRUPTED
            assert "Traceback" not in bot.told


async def test_both_in_one_process(tmp_path: Path) -> None:
    async with FakeDiscord() as discord, FakeTelegram() as telegram:
        mina, john = discord.add_user("mina"), telegram.add_user("john", language_code="en")
        square = discord.add_channel(discord.add_guild("town", mina), "square")
        async with running(environ=both(discord, telegram, tmp_path)) as bot:
            await bot.tells("in 1 server")
            await bot.tells("Telegram: connected")
            await discord.say(mina, square, "안녕", mentions=[discord.bot])
            await telegram.dm(john, "hello")
            assert (await discord.answer(square)).content
            assert (await telegram.answer(telegram.private_chat(john))).text
            bot.process.send_signal(signal.SIGTERM)
            assert await bot.ended() == exits.OK and "Traceback" not in bot.told


@pytest.mark.parametrize("only", ["discord", "telegram"])
async def test_only_one_of_both(tmp_path: Path, only: str) -> None:
    async with FakeDiscord() as discord, FakeTelegram() as telegram:
        discord.add_guild("town")
        async with running("--only", only, environ=both(discord, telegram, tmp_path)) as bot:
            await bot.tells(f"{only.title()}: connected")
            bot.process.send_signal(signal.SIGTERM)
            assert await bot.ended() == exits.OK
            assert bot.told.count(": connected") == 1


async def test_telegram_goes_on_without_discord(tmp_path: Path) -> None:
    """Discord refuses the token for good; whoever runs her sees it in the exit code, too."""
    async with FakeDiscord() as discord, FakeTelegram() as telegram:
        mina = telegram.add_user("mina")
        given = both(discord, telegram, tmp_path, OHLORA_DISCORD_TOKEN="wrong-secret")
        async with running("--connect-timeout", "30", environ=given) as bot:
            await bot.tells("OHLORA_DISCORD_TOKEN")
            await telegram.dm(mina, "안녕")
            assert (await telegram.answer(telegram.private_chat(mina))).text
            bot.process.send_signal(signal.SIGTERM)
            assert await bot.ended() == exits.CONFIG and "wrong-secret" not in bot.told


async def test_discord_goes_on_without_telegram(tmp_path: Path) -> None:
    """Telegram cannot be reached; that is tried again and again, and is no failure."""
    async with FakeTelegram() as gone:
        pass
    async with FakeDiscord() as discord:
        mina = discord.add_user("mina")
        square = discord.add_channel(discord.add_guild("town", mina), "square")
        async with running(environ=both(discord, gone, tmp_path)) as bot:
            await bot.tells("Telegram cannot be reached")
            await bot.tells("in 1 server")
            await discord.say(mina, square, "안녕", mentions=[discord.bot])
            assert (await discord.answer(square)).content
            bot.process.send_signal(signal.SIGTERM)
            assert await bot.ended() == exits.OK and "Traceback" not in bot.told


async def test_neither_is_there(tmp_path: Path) -> None:
    async with FakeDiscord() as discord, FakeTelegram() as telegram:
        given = both(discord, telegram, tmp_path)
    async with running("--connect-timeout", "1.5", environ=given) as bot:
        assert await bot.ended() == exits.UNREACHABLE
        assert "Discord cannot be reached" in bot.told and "Telegram cannot be reached" in bot.told


async def test_a_wrong_token_of_telegram(tmp_path: Path) -> None:
    async with FakeTelegram() as fake:
        given = alone(fake, tmp_path, OHLORA_TELEGRAM_TOKEN="7123456:AAHwrongwrongwrongwrongwrongwrongwro")
        async with running(environ=given) as bot:
            assert await bot.ended() == exits.CONFIG
            assert "OHLORA_TELEGRAM_TOKEN" in bot.told and "AAHwrong" not in bot.told
            assert "Traceback" not in bot.told
        assert "AAHwrong" not in (tmp_path / "var" / "log" / "ohlora.log").read_text("utf-8")


async def test_a_platform_that_breaks_leaves_the_other_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """A bug in one adapter: its kind is said, the other one is served on."""
    service, ended = run.Service(), list[str]()

    async def breaks() -> None:
        raise KeyError("what Jun wrote")

    async def serves() -> None:
        service.up.set()
        await service.stop.wait()
        ended.append("well")

    holding = asyncio.create_task(service.hold([breaks(), serves()], 30))
    await asyncio.sleep(0.05)
    assert not holding.done()
    service.stop.set()
    assert await holding == exits.FAILED and ended == ["well"]
    told = capsys.readouterr().err
    assert "KeyError" in told and "Jun" not in told


@pytest.mark.parametrize("guide", ["telegram.md", "telegram.ko.md"])
async def test_the_guide_to_telegram_followed_to_the_letter(tmp_path: Path, guide: str) -> None:
    """Nothing but the token in a copy of .env.example; only Telegram's address is that of the fake."""
    told = (ROOT / "docs" / guide).read_text("utf-8")
    (line,) = re.findall(r"^ +(OHLORA_TELEGRAM_TOKEN=).*$", told, re.MULTILINE)
    async with FakeTelegram() as fake:
        env = (ROOT / ".env.example").read_text("utf-8")
        (tmp_path / ".env").write_text(f"{env}\n{line}{fake.token}\n", "utf-8")
        given = {k: v for k, v in alone(fake, tmp_path).items() if k != "OHLORA_TELEGRAM_TOKEN"}
        async with running(environ=given | {"PYTHONPATH": str(ROOT)}, cwd=tmp_path) as bot:
            await bot.tells("Telegram: connected")
            for said in filter(None, bot.told.splitlines()):
                assert said.replace(fake.bot.username or "", "my_ohlora_bot") in told
            mina = fake.add_user("mina")
            hello = "안녕" if "ko" in guide else "hello"
            assert f"`{hello}`" in told
            await fake.start(mina)
            await fake.dm(mina, hello)
            assert (await fake.answer(fake.private_chat(mina), 2)).text
            bot.process.send_signal(signal.SIGTERM)
            assert await bot.ended() == exits.OK


@pytest.mark.parametrize("guide", ["telegram.md", "telegram.ko.md"])
def test_every_setting_in_the_guide_is_there(guide: str) -> None:
    named = set(re.findall(r"OHLORA_[A-Z_]+[A-Z]", (ROOT / "docs" / guide).read_text("utf-8")))
    assert len(named) > 5
    assert named <= {f"OHLORA_{name.upper()}" for name in Settings.model_fields}
