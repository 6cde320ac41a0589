"""``battle``: picture sets to battle on, what is known of her choices, and how often she wins."""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from pathlib import Path
from typing import Any

from bot import exits
from bot.battles import alone
from bot.commands._battle_play import add_play
from bot.settings import Settings
from core.battle.ports import Tier
from core.errors import ModelError

_EXAMPLES = """examples:
  python bot.py battle play
  python bot.py battle replay 17
  python bot.py battle data list
  python bot.py battle data add fashion_mnist ~/pictures/fashion
  python bot.py battle surrogate eval --data table.csv --target f1_score_macro --head 1000
  python bot.py battle bench --opponent tpe --trials 5 --instances 100 --json
"""
_ADD = """example:
  python bot.py battle data add mnist ~/pictures/mnist

PATH is a folder with the four IDX files of MNIST or Fashion-MNIST (gzipped or not), with data_batch_*.bin and
test_batch.bin of CIFAR-10's binary version, with Parquet files (columns image and label; those with "test"
in their names are held out; needs the package pyarrow), or with {label}/*.png, alone or under train and test.
mnist, fashion_mnist and cifar10 have the original's boxes; other names are free. What is kept under
OHLORA_VAR_DIR/battle has a checksum. --profile original (the default) learns with the original's networks,
which take half a minute and more; small with those of the shipped sets.
"""
_LIST = "example:\n  python bot.py battle data list"
_EVAL = """example:
  python bot.py battle surrogate eval --data table.csv --target f1_score_macro --head 1000 --json

Fits the family of her surrogate on the first rows of a table and foretells the others. Words become inputs of
their own, hp_lr its logarithm; with a column instance the rank correlation within problems is told as well.
"""
_BENCH = """example:
  python bot.py battle bench --opponent tpe --trials 15 --instances 100 --json

Plays problems that her surrogate did not learn from, of every shipped data set in turn. She has two rounds,
the opponent --trials of them, both see validation scores only; each side's last word is trained with three
seeds and scored on held-out pictures. A draw (less than .01 or a standard error apart) is half a win. tpe is
Optuna's usual sampler. Trainings are kept under OHLORA_VAR_DIR/battle: run it again to go on.
"""


def add_parser(subparsers: Any) -> None:
    """Register the command and its sub-commands."""
    parser = subparsers.add_parser("battle", help="hyperparameter battles", epilog=_EXAMPLES)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    data = actions.add_parser("data", help="picture sets to battle on", epilog=_ADD)
    steps = data.add_subparsers(dest="step", metavar="STEP", required=True)
    added = steps.add_parser("add", help="check and keep a picture set", epilog=_ADD)
    added.add_argument("name")
    added.add_argument("path", type=Path)
    added.add_argument("--profile", choices=("original", "small"), default="original", help="its networks")
    added.set_defaults(run=add_data)
    listed = steps.add_parser("list", help="what there is", epilog=_LIST)
    listed.add_argument("--json", action="store_true", help="print as JSON")
    listed.set_defaults(run=list_data)
    add_play(actions, alone)
    _add_eval(actions.add_parser("surrogate", help="how well scores are foretold", epilog=_EVAL))
    _add_bench(actions.add_parser("bench", help="how often she wins", epilog=_BENCH))


def _add_eval(parser: Any) -> None:
    steps = parser.add_subparsers(dest="step", metavar="STEP", required=True)
    judged = steps.add_parser("eval", help="fit and judge on a table", epilog=_EVAL)
    judged.add_argument("--data", type=Path, required=True, metavar="FILE.csv")
    judged.add_argument("--target", default="f1_score_macro", help="the column to foretell")
    judged.add_argument("--head", type=int, required=True, metavar="N", help="rows to learn from")
    judged.add_argument("--seed", type=int, default=1)
    judged.add_argument("--json", action="store_true", help="print as JSON")
    judged.set_defaults(run=evaluate)


def _add_bench(parser: Any) -> None:
    parser.add_argument("--opponent", choices=("random", "tpe"), default="tpe")
    parser.add_argument("--trials", type=int, default=5, help="the opponent's rounds (default 5)")
    parser.add_argument("--instances", type=int, default=100, help="problems (default 100)")
    which = "only this data set (may be repeated; default: those that ship)"
    parser.add_argument("--dataset", action="append", default=[], metavar="NAME", help=which)
    parser.add_argument("--tier", choices=[tier.value for tier in Tier], default=Tier.REFINED.value)
    parser.add_argument("--seed", type=int, default=1, help="of both sides' chance")
    parser.add_argument("--json", action="store_true", help="print as JSON")
    parser.set_defaults(run=bench)


def add_data(args: argparse.Namespace, settings: Settings) -> int:
    """Read, check and keep a picture set; the exit code."""
    from models.battle import readers, shelf

    try:
        raw = readers.read(args.name, args.path)
        path = shelf.add(settings.var_dir / "battle", args.name, raw, args.profile)
    except (ValueError, ModelError) as err:
        print(f"{args.name} was not added: {err}", file=sys.stderr)
        return exits.BAD_INPUT
    except OSError as err:
        print(f"{err.filename or args.path}: {err.strerror or err}", file=sys.stderr)
        return exits.BAD_INPUT
    print(f"{path}: {len(raw.labels)} pictures, {int(raw.held_out.sum())} of them held out")
    return exits.OK


def list_data(args: argparse.Namespace, settings: Settings) -> int:
    """Say what there is; the exit code."""
    from models.battle.shelf import Shelf

    shelf, found, code = Shelf(settings.var_dir / "battle"), [], exits.OK
    for name in shelf.ids():
        try:
            pictures = shelf.get(name)
        except ModelError as err:
            print(f"{name} is left out of battles: {err}", file=sys.stderr)
            code = exits.FAILED
            continue
        found.append({
            "id": name, "name": pictures.name, "pictures": len(pictures.labels),
            "held_out": int(pictures.held_out.sum()), "size": pictures.size, "profile": pictures.profile,
            "classes": len(pictures.classes), "problems": len(pictures.boxes),
        })  # fmt: skip
    if args.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        for each in found:
            print(
                "{id}: {pictures} pictures of {classes} classes, {problems} problems ({profile})".format(
                    **each
                )
            )
    return code


def evaluate(args: argparse.Namespace, settings: Settings) -> int:
    """Fit on the first rows of a table, foretell the rest; the exit code."""
    from models.battle.table import read
    from models.battle.train import Family, fit, judge, truth

    try:
        rows = read(args.data)
        if not 10 <= args.head <= len(rows) - 3:
            raise ValueError(f"--head: 10 to {len(rows) - 3} of {len(rows)} rows")
        surrogate = fit(rows[: args.head], Family(seed=args.seed), args.target)
        truth(rows, args.target)  # of all rows, so that a wrong one is called by its number in the table
        with warnings.catch_warnings():  # of figures that there are not; they come out as such
            warnings.simplefilter("ignore")
            figures = {"head": args.head, **judge(surrogate, rows[args.head :], args.target)}
    except OSError as err:
        print(f"{args.data}: {err.strerror or err}", file=sys.stderr)
        return exits.BAD_INPUT
    except (ValueError, KeyError, TypeError) as err:
        print(f"{args.data}: {err}", file=sys.stderr)
        return exits.BAD_INPUT
    _print(figures, args.json)
    return exits.OK


def bench(args: argparse.Namespace, settings: Settings) -> int:
    """Play problems against an opponent; the exit code."""
    from bot.commands._bench_battle import bench_battle

    try:
        figures = bench_battle(args, settings)
    except (ValueError, KeyError) as err:
        print(f"bench: {err}", file=sys.stderr)
        return exits.USAGE
    except ModelError as err:
        print(f"bench: {err}", file=sys.stderr)
        return exits.CONFIG
    _print(figures, args.json)
    return exits.OK


def _print(figures: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(figures, indent=1, allow_nan=False))
        return
    for name, value in figures.items():
        print(f"{name:28} {'-' if value is None else value}")
