"""``python bot.py face paint``: a set of painted portraits, with codes, maps and mattes."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bot import exits
from bot.settings import Settings

_EXAMPLE = """examples:
  python bot.py face paint --n 20000 --out var/portraits
  python bot.py face paint --n 64 --size 128 --out var/look --sheet look.png

Interrupted, the same command goes on. Needs the extra "train"."""
_MOST = 1_000_000
_SIZES = (32, 64, 128, 256, 512, 1024)


def whole(least: int, most: int) -> Callable[[str], int]:
    """What makes an argument a whole number in these bounds."""

    def number(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not least <= int(value[:12]) <= most:
            raise argparse.ArgumentTypeError(f"a number from {least} to {most}")
        return int(value)

    return number


def add_parser(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the sub-command."""
    parser = actions.add_parser(
        "paint", help="paint a set of portraits", epilog=_EXAMPLE,
        description="Make a folder a set of painted portraits to learn from: paint what is missing of them. "
        "Each has its code, a map of its parts and its hair's matte: 0.33 MB for one of 256 px.",
    )  # fmt: skip
    parser.add_argument("--n", type=whole(1, _MOST), required=True, metavar="N", help="how many portraits")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the set")
    seed = "the same seed gives the same portraits (default: 20031011)"
    parser.add_argument("--seed", type=whole(0, 2**32 - 1), default=20031011, metavar="N", help=seed)
    parser.add_argument(
        "--size", type=int, choices=_SIZES, default=256, metavar="PX",
        help=f"{', '.join(map(str, _SIZES))} (default: 256)",
    )  # fmt: skip
    processes = "painting processes (default: 2)"
    parser.add_argument("--workers", type=whole(1, 256), default=2, metavar="N", help=processes)
    parser.add_argument("--sheet", type=Path, metavar="FILE", help="the first 64 as one picture, a .png")
    parser.add_argument("--json", action="store_true", help="print what was done as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Paint; the exit code."""
    from core.errors import ModelError
    from models.face.data.dataset import contact_sheet, paint_set

    if args.sheet and args.sheet.suffix.lower() != ".png":
        print("--sheet must name a .png", file=sys.stderr)
        return exits.USAGE
    if args.sheet and not args.sheet.parent.is_dir():  # said now, not when all is painted
        print(f"{args.sheet} cannot be written: there is no folder {args.sheet.parent}", file=sys.stderr)
        return exits.CANNOT_CREATE
    counts: list[int] = []
    began = time.perf_counter()
    try:
        with _bar(args.n, counts) as report:
            portraits = paint_set(
                args.out, args.n, seed=args.seed, size=args.size, workers=args.workers, report=report
            )
        seconds = time.perf_counter() - began
        if args.sheet:
            contact_sheet(portraits).save(args.sheet)
    except ModelError as err:
        print(f"Nothing can be painted: {err}", file=sys.stderr)
        return exits.CONFIG
    except ValueError as err:
        print(f"{err}; name another folder", file=sys.stderr)
        return exits.CANNOT_CREATE
    except OSError as err:
        print(f"{err.filename or args.out} cannot be written: {err.strerror or err}", file=sys.stderr)
        return exits.CANNOT_CREATE
    _say(args, counts[-1] - counts[0], seconds)
    return exits.OK


@contextmanager
def _bar(total: int, counts: list[int]) -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal; ``counts`` gets every number of portraits reported."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("portraits", total=total)

        def report(done: int) -> None:
            counts.append(done)
            progress.update(task, completed=done)

        yield report


def _say(args: argparse.Namespace, painted: int, seconds: float) -> None:
    rate = painted / seconds
    out = {
        "out": str(args.out), "n": args.n, "size": args.size, "seed": args.seed, "painted": painted,
        "seconds": round(seconds, 2), "per_second": round(rate, 2),
        "sheet": str(args.sheet) if args.sheet else None,
    }  # fmt: skip
    said = f"{args.out}: {args.n} portraits of {args.size} px"
    work = f"{painted} painted in {seconds:.0f} s, {rate:.1f} a second" if painted else "all were there"
    print(json.dumps(out, ensure_ascii=False) if args.json else f"{said}, {work}")
