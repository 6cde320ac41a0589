"""``python bot.py face sheet``: sheets of her faces and painted ones for a blind reading."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from bot import exits
from bot.commands._face_paint import whole
from bot.settings import Settings

_EXAMPLE = """example:
  python bot.py face sheet --seed 7 --out var/reading

Read var/reading/sheets: 0, 1 or 2 for each number, for clean, attractive, of one style. Only then look into
var/reading/key.json. Needs the extra "train"."""


def add_parser(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the sub-command."""
    parser = actions.add_parser(
        "sheet", help="make sheets for a blind reading", epilog=_EXAMPLE,
        description="Unselected pictures of her faces with random expressions, mixed with 16 painted "
        "portraits: numbered sheets of 4 x 4 under DIR/sheets, and what each number is in DIR/key.json.",
    )  # fmt: skip
    seed = "another seed gives other pictures (default: 1)"
    parser.add_argument("--seed", type=whole(0, 2**32 - 1), default=1, metavar="N", help=seed)
    about = "pictures of her (default: 64)"
    parser.add_argument("--n", type=whole(1, 1000), default=64, metavar="N", help=about)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write them into")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Draw, paint and write; the exit code."""
    from bot.senses import limit_threads
    from core.errors import ModelError
    from models.face.readings import reading
    from models.face.service import load_engine

    sheets = args.out / "sheets"
    try:
        limit_threads(settings.torch_threads, torch=True)
        engine = load_engine(settings.weights_dir / "face")
        sheets.mkdir(parents=True, exist_ok=True)
        made, key = reading(engine, args.seed, args.n)
        for old in sheets.glob("sheet*.png"):  # of another reading, which may have had more
            old.unlink()
        for number, sheet in enumerate(made, 1):
            sheet.save(sheets / f"sheet{number}.png")
        (args.out / "key.json").write_text(json.dumps(key))
    except ModelError as err:
        print(f"No sheets can be made: {err}", file=sys.stderr)
        return exits.CONFIG
    except OSError as err:
        print(f"{err.filename or args.out} cannot be written: {err.strerror or err}", file=sys.stderr)
        return exits.CANNOT_CREATE
    print(f"{sheets}: {len(made)} sheets of {len(key)} pictures; the key: {args.out / 'key.json'}")
    return exits.OK
