"""``python bot.py run``: serve every chat platform that has a token, in one process and one loop."""

from __future__ import annotations

import argparse
import asyncio
import logging
import math
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from bot import exits
from bot.settings import Settings, SettingsError

if TYPE_CHECKING:
    from bot.app import App

    Build = Callable[[Settings], AbstractAsyncContextManager[App]]

log = logging.getLogger(__name__)

PLATFORMS: Final = ("discord", "telegram")
CONNECT_S: Final = 60.0
EPILOG: Final = """examples:
  python bot.py run
  python bot.py run --only discord --connect-timeout 20

Platforms are switched on by their tokens, see .env.example; docs/discord.md and docs/telegram.md say
how to get one."""


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if not (math.isfinite(seconds) and seconds > 0):
        raise argparse.ArgumentTypeError("a number of seconds above 0")
    return seconds


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser("run", help="serve every platform that has a token", epilog=EPILOG)
    parser.add_argument("--only", choices=PLATFORMS, help="leave the other platforms out")
    parser.add_argument(
        "--connect-timeout", type=_seconds, default=CONNECT_S, metavar="S",
        help=f"give up when no platform is reached after S seconds (default {CONNECT_S:.0f})",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings, build: Build | None = None) -> int:
    """Serve until a signal; the exit code. ``build`` opens another app than the real one."""
    wanted = _wanted(args.only, settings)
    if not wanted:
        return exits.CONFIG
    from bot.weights import mend
    from bot.wiring import build_app
    from core.errors import ModelError

    say("She wakes up ...")
    try:
        return asyncio.run(_serve(wanted, args.connect_timeout, settings, build or build_app))
    except ModelError as err:
        say(f"She cannot start: {err}\nTo mend it: {mend(settings)}\nThen: python bot.py doctor")
    except SettingsError as err:
        say(str(err))
    except asyncio.CancelledError:
        say("Stopped at once.")
        return exits.INTERRUPTED
    return exits.CONFIG


def say(line: str) -> None:
    """A plain sentence for whoever runs her."""
    print(line, file=sys.stderr, flush=True)


def _wanted(only: str | None, settings: Settings) -> list[str]:
    """The platforms that can be served; says what is in the way of others."""
    tokens = {"discord": settings.discord_token, "telegram": settings.telegram_token}
    named = [name for name in PLATFORMS if only in (None, name) and tokens[name] is not None]
    if not named:
        keys = " or ".join(f"OHLORA_{name.upper()}_TOKEN" for name in PLATFORMS if only in (None, name))
        say(f"No platform has a token ({keys} is not set). Talk to her in the terminal with: make chat")
    return named


@dataclass
class Service:
    """The platforms while they are served; ``stop`` ends them all."""

    stop: asyncio.Event = field(default_factory=asyncio.Event)
    up: asyncio.Event = field(default_factory=asyncio.Event)
    interrupted: bool = False

    def on_signal(self, number: signal.Signals) -> None:
        """The first signal asks to finish what is in flight; a second one does not wait for it."""
        if self.stop.is_set():
            for task in asyncio.all_tasks():
                task.cancel()
            return
        say("Stopping: what is in flight is finished first.")
        self.interrupted = number is signal.SIGINT
        self.stop.set()

    async def hold(self, platforms: list[Coroutine[Any, Any, None]], patience: float) -> int:
        """Run the platforms until all have ended; the exit code. One that fails leaves the others alone."""
        tasks = [asyncio.create_task(platform) for platform in platforms]
        giving_up = asyncio.create_task(self._give_up(patience))
        code = exits.OK
        while tasks:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                tasks.remove(task)
                code = max(code, _outcome(task))
        giving_up.cancel()
        with suppress(asyncio.CancelledError):
            if await giving_up:
                return exits.UNREACHABLE
        return exits.INTERRUPTED if self.interrupted else code

    async def _give_up(self, patience: float) -> bool:
        """Whether no platform came up in time; then all are ended."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.up.wait(), patience)
            return False
        if self.stop.is_set():
            return False
        say(f"No platform was reached in {patience:.0f} s. Is the network there?")
        self.stop.set()
        return True


def _outcome(task: asyncio.Task[None]) -> int:
    """The exit code for how a platform ended; says what went wrong."""
    from core.errors import EdgeError

    if task.cancelled():
        return exits.OK
    err = task.exception()
    if err is None:
        return exits.OK
    if isinstance(err, EdgeError):
        say(f"{err}")
        return exits.CONFIG
    log.error("a platform failed", exc_info=err)
    say(f"A platform failed ({type(err).__name__}); the log says where. Others go on.")
    return exits.FAILED


async def _serve(platforms: list[str], patience: float, settings: Settings, build: Build) -> int:
    from bot.upkeep import looked_after

    service = Service()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows: Ctrl+C ends the process at once
            loop.add_signal_handler(number, service.on_signal, number)
    async with looked_after(build(settings)) as app:
        for problem in app.problems:
            say(f"She starts without something ({problem}); python bot.py doctor says more.")
        for hint in app.hints:
            say(hint)
        served = {"discord": _discord, "telegram": _telegram}
        return await service.hold([served[name](app, settings, service) for name in platforms], patience)


async def _discord(app: App, settings: Settings, service: Service) -> None:
    from adapters.discord_chat.run import DiscordConfig, serve
    from bot.doors import discord_doors

    assert settings.discord_token is not None  # _wanted() has looked  # noqa: S101
    ids, count = settings.discord_shard_range
    config = DiscordConfig(
        settings.discord_token.get_secret_value(), settings.discord_api_base, settings.discord_gateway,
        ids, count, settings.discord_owners, settings.discord_admin_roles,
    )  # fmt: skip
    await serve(discord_doors(app), config, service.stop, say=say, up=service.up.set)


async def _telegram(app: App, settings: Settings, service: Service) -> None:
    from adapters.telegram_chat.run import TelegramConfig, serve
    from bot.doors import telegram_doors

    assert settings.telegram_token is not None  # _wanted() has looked  # noqa: S101
    secret = settings.telegram_webhook_secret
    config = TelegramConfig(
        settings.telegram_token.get_secret_value(), settings.telegram_api_base,
        settings.telegram_webhook_url, settings.telegram_webhook_listen, settings.telegram_webhook_port,
        secret.get_secret_value() if secret is not None else None, settings.telegram_owners,
    )  # fmt: skip
    await serve(telegram_doors(app), config, service.stop, say=say, up=service.up.set)
