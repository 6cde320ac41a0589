"""``bench discord``: many people at once, against a fake Discord in a process of its own."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bot.commands.bench import resident_mb
from bot.settings import Settings

ROOT = Path(__file__).parents[2]
LAG_EVERY_S = 0.01


async def bench_discord(people: int, seconds: float, seed: int, settings: Settings) -> dict[str, Any]:
    """The figures of contracts §11's load model. Raises FileNotFoundError outside a checkout."""
    if not (ROOT / "tests" / "fake_discord").is_dir():
        raise FileNotFoundError("tests/fake_discord")
    from models.text.corpus_data import CORPUS_DIR, DEV_FILE

    command = [
        sys.executable, "-m", "tests.fake_discord.load", "--people", str(people),
        "--seconds", str(seconds), "--seed", str(seed), "--texts", str(CORPUS_DIR / DEV_FILE),
    ]  # fmt: skip
    crowd = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, cwd=ROOT)
    assert crowd.stdout is not None  # asked for above  # noqa: S101
    try:
        address = json.loads(await crowd.stdout.readline())
        with tempfile.TemporaryDirectory() as folder:
            found = settings.model_copy(update={"var_dir": Path(folder)})
            lags = await _serve_until(found, address, crowd.stdout)
    finally:
        if crowd.returncode is None:
            crowd.kill()
        await crowd.wait()
    return lags


async def _serve_until(
    settings: Settings, address: dict[str, str], out: asyncio.StreamReader
) -> dict[str, Any]:
    from adapters.discord_chat.run import DiscordConfig, serve
    from bot.doors import discord_doors
    from bot.wiring import build_app

    async with build_app(settings) as app:
        stop = asyncio.Event()
        config = DiscordConfig(address["token"], address["rest"], address["gateway"])
        serving = asyncio.create_task(serve(discord_doors(app), config, stop))
        lags: list[float] = []
        watching = asyncio.create_task(_watch(lags))
        line = await out.readline()
        watching.cancel()
        resident = resident_mb()
        stop.set()
        await serving
    figures: dict[str, Any] = json.loads(line)
    lags.sort()
    figures["loop lag p50 ms"] = round(lags[len(lags) // 2], 2)
    figures["loop lag p99 ms"] = round(lags[int(0.99 * (len(lags) - 1))], 1)
    figures["resident MB"] = resident
    return figures


async def _watch(lags: list[float]) -> None:
    """How late the loop wakes a sleeper, in milliseconds, after a quiet start."""
    await asyncio.sleep(15.0)
    while True:
        due = time.perf_counter() + LAG_EVERY_S
        await asyncio.sleep(LAG_EVERY_S)
        lags.append(1000 * max(0.0, time.perf_counter() - due))
