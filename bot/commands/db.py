"""``python bot.py db upgrade|backup|restore|retain``: look after the database by hand."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot import exits
from bot.settings import Settings

if TYPE_CHECKING:
    from core.ports_keeping import Limits, Overdue
    from db.backup import Copy, Progress
    from db.restore import Restored

_EXAMPLES = """examples:
  python bot.py db upgrade
  python bot.py db backup /backups/ohlora-monday.sqlite3
  python bot.py db restore /backups/ohlora-monday.sqlite3
  python bot.py db retain --dry-run"""
_UPGRADE = "example:\n  python bot.py db upgrade"
_BACKUP = """examples:
  python bot.py db backup /backups/ohlora.sqlite3
  python bot.py db backup --force --json /backups/ohlora-monday.sqlite3

She may go on talking meanwhile. The file holds what people said: it is readable for you alone (mode
600), and whoever erases something stays in it until a newer backup takes its place. So keep few.

Of a Postgres database (OHLORA_DATABASE_URL) it is a file of pg_dump's, which must be installed here."""
_RESTORE = """examples:
  python bot.py db restore /backups/ohlora-monday.sqlite3
  python bot.py db restore --json --force /backups/ohlora-monday.sqlite3

Stop her first. Whoever was forgotten since the backup was made is forgotten in it, too. The present
file is kept beside the database as .before-restore; delete it once you are content, for /forget does
not reach it. A Postgres database (OHLORA_DATABASE_URL) is replaced with pg_restore and psql, in one
transaction, and nothing is kept aside: back it up first."""
_RETAIN = """examples:
  OHLORA_RETENTION_DAYS=365 python bot.py db retain --dry-run
  OHLORA_FORGET_SILENT_MONTHS=12 python bot.py db retain --json

She does the same once a day while she runs. Without these settings nothing is erased."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command and its sub-commands."""
    parser = subparsers.add_parser("db", help="look after the database", epilog=_EXAMPLES)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    def action(
        name: str, run: Callable[[argparse.Namespace, Settings], int], about: str, more: str, epilog: str
    ) -> argparse.ArgumentParser:
        made = actions.add_parser(name, help=about, description=more, epilog=epilog)
        made.add_argument("--json", action="store_true", help="print the result as JSON")
        made.set_defaults(run=run)
        return made

    action(
        "upgrade", upgrade, "bring the tables to the newest form",
        "Bring the tables to the newest form; every start does so, too.", _UPGRADE,
    )  # fmt: skip
    made = action(
        "backup", backup, "write a copy of the database", "Write a whole copy of the database.", _BACKUP
    )
    made.add_argument("file", type=Path, metavar="FILE", help="the copy")
    made.add_argument("--force", action="store_true", help="replace FILE if it is there")
    made = action(
        "restore", restore, "put a backup in place of the database",
        "Put a backup in place of the database.", _RESTORE,
    )  # fmt: skip
    made.add_argument("file", type=Path, metavar="FILE", help="the backup")
    made.add_argument(
        "--force", action="store_true",
        help="replace the file that an earlier restore kept aside; go on where a damaged database does not "
        "tell who was forgotten",
    )  # fmt: skip
    made = action(
        "retain", retain, "erase what is older than the settings allow",
        "Erase history and dated facts older than OHLORA_RETENTION_DAYS, and people who were silent for "
        "OHLORA_FORGET_SILENT_MONTHS.", _RETAIN,
    )  # fmt: skip
    made.add_argument("--dry-run", action="store_true", help="only count it")


def upgrade(args: argparse.Namespace, settings: Settings) -> int:
    """Upgrade; the exit code."""
    from core.errors import StoreError
    from db.migrate import upgrade

    try:
        revision = asyncio.run(upgrade(settings.database_address, busy_timeout_ms=settings.busy_timeout_ms))
    except StoreError as err:
        return _failed(f"{settings.database_name} cannot be upgraded: {type(err).__name__}: {err}")
    out = {"database": settings.database_name, "revision": revision}
    print(json.dumps(out) if args.json else f"{settings.database_name} is at revision {revision}")
    return exits.OK


def backup(args: argparse.Namespace, settings: Settings) -> int:
    """Write a copy; the exit code."""
    from core.errors import StoreError
    from db.errors import in_words

    if args.file.is_dir():
        inside = args.file / "ohlora.sqlite3"
        return _failed(f"{args.file} is a folder; name a file in it, such as {inside}", exits.USAGE)
    try:
        done = _copied(args, settings)
    except FileExistsError:
        return _failed(f"{args.file} is there already; --force replaces it", exits.CANNOT_CREATE)
    except ValueError:
        return _failed(f"{args.file} is the database itself", exits.USAGE)
    except OSError as err:
        return _failed(f"{args.file} cannot be written ({type(err).__name__})", exits.CANNOT_CREATE)
    except StoreError as err:
        return _failed(f"{settings.database_name} cannot be backed up: {in_words(err)}")
    out = {"file": str(done.file), "bytes": done.size, **done.counts}
    looked = "" if settings.database_url is not None else "; looked through, it is whole"
    said = f"{done.file}: {done.size / 1e6:.1f} MB, {_counted(done.counts)}{looked}"
    print(json.dumps(out) if args.json else said)
    return exits.OK


def restore(args: argparse.Namespace, settings: Settings) -> int:
    """Put a backup in place; the exit code."""
    from core.errors import StoreError
    from db.restore import InUseError, NoBackupError

    try:
        done = _put_back(args, settings)
    except FileExistsError as err:
        aside = err.args[0]
        return _failed(
            f"{aside} is there from an earlier restore; delete it, or --force does", exits.CANNOT_CREATE
        )
    except OSError as err:
        return _failed(
            f"{settings.database_name} cannot be written ({type(err).__name__})", exits.CANNOT_CREATE
        )
    except NoBackupError as err:
        return _failed(f"{args.file} cannot be restored: {err}", exits.BAD_INPUT)
    except InUseError:
        return _failed(f"{settings.database_name} is in use; stop her and whatever else has it open")
    except StoreError as err:
        force = "" if settings.database_url is not None else " (--force goes on all the same)"
        return _failed(f"nothing is restored: {err}{force}")
    before = None if done.before is None else str(done.before)
    out = {
        "database": settings.database_name, "from": str(args.file), "revision": done.revision, **done.counts,
        "erased": done.erased, "before": before,
    }  # fmt: skip
    lines = [f"{settings.database_name} is restored: {_counted(done.counts)}"]
    if any(done.erased.values()):
        lines.append(f"Erased in it, for it was erased since the backup: {_counted(done.erased)}")
    if before is not None:
        lines.append(f"What was there before: {before} (delete it once you are content)")
    print(json.dumps(out) if args.json else "\n".join(lines))
    return exits.OK


def _copied(args: argparse.Namespace, settings: Settings) -> Copy:
    if settings.database_url is not None:
        from db.postgres_backup import back_up_server

        return back_up_server(str(settings.database_address), args.file, force=args.force)
    from db.backup import back_up

    with bar("backup") as progress:
        return back_up(settings.database, args.file, force=args.force, progress=progress)


def _put_back(args: argparse.Namespace, settings: Settings) -> Restored:
    now = datetime.now(UTC)
    if settings.database_url is not None:
        from db.postgres_backup import restore_server

        return restore_server(args.file, str(settings.database_address), settings.limits, now)
    from db.restore import restore as put_back

    with bar("restore") as progress:
        return put_back(
            args.file, settings.database, settings.limits, now, force=args.force, progress=progress
        )


def retain(args: argparse.Namespace, settings: Settings) -> int:
    """Heed the limits; the exit code."""
    from bot.clock import SystemClock
    from core.errors import StoreError

    if not settings.limits:
        print("No limit is set (OHLORA_RETENTION_DAYS, OHLORA_FORGET_SILENT_MONTHS).", file=sys.stderr)
    try:
        now = SystemClock(settings.zone).now()
        found = asyncio.run(_retain(settings, settings.limits, now, dry=args.dry_run))
    except StoreError as err:
        return _failed(f"{settings.database_name}: {type(err).__name__}: {err}")
    counts = {"turns": found.turns, "memories": found.memories, "battles": found.battles}
    counts["people"] = len(found.people)
    verb = "would go" if args.dry_run else "are gone"
    print(json.dumps(counts | {"dry_run": args.dry_run}) if args.json else f"{_counted(counts)} {verb}")
    return exits.OK


async def _retain(settings: Settings, limits: Limits, now: datetime, *, dry: bool) -> Overdue:
    from bot.upkeep import forget_faces
    from db.engine import Database
    from db.migrate import upgrade
    from db.stores import SqlKeeper

    await upgrade(settings.database_address, busy_timeout_ms=settings.busy_timeout_ms)
    async with Database(settings.database_address, settings.busy_timeout_ms) as database:
        keeper = SqlKeeper(database)
        found = await keeper.overdue(limits, now)
        if dry:
            return found
        await forget_faces(settings.var_dir, found.people)
        return await keeper.retain(limits, now)


def _failed(line: str, code: int = exits.FAILED) -> int:
    print(line, file=sys.stderr)
    return code


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.items())


@contextmanager
def bar(name: str) -> Iterator[Progress]:
    """A progress bar on a terminal, nothing elsewhere."""
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
