"""``python bot.py db upgrade``: bring the database to the newest form by hand."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

from bot import exits
from bot.settings import Settings

_EXAMPLE = "example:\n  python bot.py db upgrade"


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command and its one sub-command."""
    parser = subparsers.add_parser("db", help="look after the database", epilog=_EXAMPLE)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    upgrade = actions.add_parser(
        "upgrade", help="bring the tables to the newest form", epilog=_EXAMPLE,
        description="Bring the tables to the newest form; every start does so, too.",
    )  # fmt: skip
    upgrade.add_argument("--json", action="store_true", help="print the result as JSON")
    upgrade.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Upgrade; the exit code."""
    from core.errors import StoreError
    from db.migrate import upgrade

    try:
        revision = asyncio.run(upgrade(settings.database, busy_timeout_ms=settings.busy_timeout_ms))
    except StoreError as err:
        print(f"{settings.database} cannot be upgraded: {type(err).__name__}: {err}", file=sys.stderr)
        return exits.FAILED
    out = {"database": str(settings.database), "revision": revision}
    print(json.dumps(out) if args.json else f"{settings.database} is at revision {revision}")
    return exits.OK
