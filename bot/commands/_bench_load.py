"""``bench discord``, ``telegram``, ``both``: many people at once, against fakes in their own processes."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.commands.bench import resident_mb
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.app import App

ROOT = Path(__file__).parents[2]
LAG_EVERY_S = 0.01
QUIET_S = 15.0  # at first the lag does not count; nor does what people see


@dataclass(frozen=True)
class Crowd:
    """A fake platform full of people, at ``address``; ``out`` brings what they saw."""

    platform: str
    address: dict[str, str]
    out: asyncio.StreamReader

    def serve(self, app: App, stop: asyncio.Event) -> Coroutine[Any, Any, None]:
        """The adapter at work for these people."""
        if self.platform == "telegram":
            return _telegram(app, self.address, stop)
        return _discord(app, self.address, stop)


async def bench_load(
    platforms: Sequence[str], people: int, seconds: float, seed: int, settings: Settings
) -> dict[str, Any]:
    """The figures of contracts §11's load model, the people shared out evenly among the platforms.

    Raises:
        FileNotFoundError: Outside a checkout.
        RuntimeError: A platform ended before its people did.
    """
    async with AsyncExitStack() as stack:
        crowds = []
        for number, platform in enumerate(platforms):
            share = (people + number) // len(platforms)
            crowds.append(await stack.enter_async_context(_crowd(platform, share, seconds, seed + number)))
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        return await _serve_until(crowds, settings.apart(Path(folder)))


@asynccontextmanager
async def _crowd(platform: str, people: int, seconds: float, seed: int) -> AsyncIterator[Crowd]:
    """So many people who write to her for so long."""
    if not (ROOT / "tests" / f"fake_{platform}").is_dir():
        raise FileNotFoundError(f"tests/fake_{platform}")
    from models.text.corpus_data import CORPUS_DIR, DEV_FILE

    command = [
        sys.executable, "-m", f"tests.fake_{platform}.load", "--people", str(people), "--seed", str(seed),
        "--seconds", str(seconds), "--warm", str(QUIET_S), "--texts", str(CORPUS_DIR / DEV_FILE),
    ]  # fmt: skip
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None  # asked for above  # noqa: S101
    try:
        yield Crowd(platform, json.loads(await process.stdout.readline()), process.stdout)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _serve_until(crowds: Sequence[Crowd], settings: Settings) -> dict[str, Any]:
    """Serve all of them until the last has said what it saw."""
    from bot.wiring import build_app

    async with build_app(settings) as app:
        stop = asyncio.Event()
        serving = [asyncio.create_task(crowd.serve(app, stop)) for crowd in crowds]
        lags: list[float] = []
        watching = asyncio.create_task(_watch(lags))
        seen = asyncio.gather(*(crowd.out.readline() for crowd in crowds))
        pending: list[asyncio.Future[Any]] = [seen, *serving]
        await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        watching.cancel()
        resident = resident_mb()
        stop.set()
        await asyncio.gather(*serving)
        if not seen.done():
            seen.cancel()
            raise RuntimeError("a platform ended before its people did")
    lags.sort()
    return _together(crowds, seen.result()) | {
        "loop lag p50 ms": round(lags[len(lags) // 2], 2),
        "loop lag p99 ms": round(lags[int(0.99 * (len(lags) - 1))], 1),
        "resident MB": resident,
    }


def _together(crowds: Sequence[Crowd], lines: Sequence[bytes]) -> dict[str, Any]:
    """What the people of each platform saw, under its name where there are several."""
    figures: dict[str, Any] = {}
    for crowd, line in zip(crowds, lines, strict=True):
        prefix = f"{crowd.platform}: " if len(crowds) > 1 else ""
        figures |= {f"{prefix}{name}": value for name, value in json.loads(line).items()}
    return figures


async def _discord(app: App, address: dict[str, str], stop: asyncio.Event) -> None:
    from adapters.discord_chat.run import DiscordConfig, serve
    from bot.doors import discord_doors

    config = DiscordConfig(address["token"], address["rest"], address["gateway"])
    await serve(discord_doors(app), config, stop)


async def _telegram(app: App, address: dict[str, str], stop: asyncio.Event) -> None:
    from adapters.telegram_chat.run import TelegramConfig, serve
    from bot.doors import telegram_doors

    await serve(telegram_doors(app), TelegramConfig(address["token"], address["api"]), stop)


async def _watch(lags: list[float]) -> None:
    """How late the loop wakes a sleeper, in milliseconds, after a quiet start."""
    await asyncio.sleep(QUIET_S)
    while True:
        due = time.perf_counter() + LAG_EVERY_S
        await asyncio.sleep(LAG_EVERY_S)
        lags.append(1000 * max(0.0, time.perf_counter() - due))
