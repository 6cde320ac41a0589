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
from bot.settings import SettingsError, load_settings
from core.errors import ModelError
from tests.fake_discord import FakeDiscord

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0


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


def test_telegram_alone_is_not_there_yet(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OHLORA_TELEGRAM_TOKEN", "1:x")
    assert main(["run"]) == exits.CONFIG
    assert "make chat" in capsys.readouterr().err


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


async def test_another_platform_is_no_hindrance(tmp_path: Path) -> None:
    async with FakeDiscord() as fake:
        fake.add_guild("town")
        given = environ(fake, tmp_path, OHLORA_TELEGRAM_TOKEN="1:x")
        async with running(environ=given) as bot:
            await bot.tells("in 1 server")
            bot.process.send_signal(signal.SIGTERM)
            assert await bot.ended() == exits.OK and "Telegram" in bot.told
