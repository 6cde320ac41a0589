"""``python bot.py doctor``: is everything there that she needs, and how is it mended?"""

from __future__ import annotations

import argparse
import dataclasses
import json

from bot import exits
from bot.settings import Settings

_EXAMPLE = "example:\n  python bot.py doctor\n  python bot.py doctor --json"


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser(
        "doctor", help="check the installation", epilog=_EXAMPLE,
        description="Check Python, packages, weights, database and disk; exit code 1 when a check fails.",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print the checks as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Check everything; the exit code."""
    from bot.checks import run_checks

    checks = run_checks(settings)
    ok = all(check.ok for check in checks)
    if args.json:
        found = {"ok": ok, "checks": [dataclasses.asdict(check) for check in checks]}
        print(json.dumps(found, ensure_ascii=False))
    else:
        for check in checks:
            print(f"{'ok  ' if check.ok else 'FAIL'}  {check.name:<17} {check.detail}")
            if check.mend:
                print(f"      to mend it: {check.mend}")
    return exits.OK if ok else exits.FAILED
