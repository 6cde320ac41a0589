"""``run``: serve every chat platform that has a token."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from bot import exits
from bot.settings import Settings

EPILOG = """example:
  python bot.py run

Platforms are switched on by their tokens, see .env.example. This version has the terminal only.
"""


def add_parser(subparsers: Any) -> None:
    """Register the command."""
    parser = subparsers.add_parser("run", help="serve every platform that has a token", epilog=EPILOG)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Say what can be served; the exit code."""
    del args
    named = [
        name
        for name, token in (("Discord", settings.discord_token), ("Telegram", settings.telegram_token))
        if token is not None
    ]
    if named:
        print(f"{' and '.join(named)}: not in this version yet. Talk to her with: make chat", file=sys.stderr)
    else:
        print("No platform has a token. Talk to her in the terminal with: make chat", file=sys.stderr)
    return exits.CONFIG
