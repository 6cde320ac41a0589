"""The stages of ``train battle``: pictures that ship, tables of trainings, the surrogate."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Final

from core.errors import ModelError

BATTLE_STAGES: Final = ("data", "table", "surrogate")
AT_ONCE: Final = 60  # rows of a table before another data set has its turn
ROWS: Final = 1200
Bar = Callable[[str, int], AbstractContextManager[Callable[[int, dict[str, float]], None]]]


def train_battle(stages: Sequence[str], args: argparse.Namespace, var_dir: Path, out: Path, bar: Bar) -> None:
    """Carry the stages out. Raises ModelError, OSError."""
    from models.battle.pictures import NAMES

    tables = var_dir / "train" / "battle"
    names = tuple(args.dataset) or NAMES
    if "data" in stages:
        _data([each for each in names if each in NAMES], args.seed, bar)
    if "table" in stages:
        seed = 1 if args.seed is None else args.seed
        _table(names, args.rows or ROWS, seed, args.threads or 1, var_dir, tables, bar)
    if "surrogate" in stages:
        _surrogate(names, tables, out, args.seed)


def table_file(folder: Path, dataset: str) -> Path:
    """The table of a data set."""
    return folder / f"table-{dataset}.csv"


def _data(names: Sequence[str], seed: int | None, bar: Bar) -> None:
    from models.battle.make import Plan, checksums, make
    from models.battle.pictures import SHIPPED

    plan = Plan() if seed is None else Plan(seed=seed)
    with bar("tiles", plan.each * sum(name != "digits" for name in names)) as report:
        done = 0

        def drawn(count: int) -> None:
            nonlocal done
            done += count
            report(done, {})

        sizes = make(SHIPPED, names, plan, drawn)
    (SHIPPED / "SHA256SUMS").write_text(checksums(SHIPPED), encoding="utf-8")
    print(json.dumps(sizes))


def _table(
    names: Sequence[str], rows: int, seed: int, threads: int, var_dir: Path, tables: Path, bar: Bar
) -> None:
    """The data sets take turns, so that all tables are of use whenever this is interrupted."""
    from models.battle.shelf import Shelf
    from models.battle.table import produce
    from models.battle.worker import make_repeatable

    make_repeatable(threads)
    shelf = Shelf(var_dir / "battle")
    with bar("rows", rows * len(names)) as report:
        done = dict.fromkeys(names, 0)

        def told(name: str, count: int) -> None:
            done[name] = max(done[name], count)
            report(sum(done.values()), {})

        for until in [*range(AT_ONCE, rows, AT_ONCE), rows]:
            for name in names:
                try:
                    path = table_file(tables, name)
                    produce(shelf.get(name), until, seed, path, partial(told, name))
                except (KeyError, ValueError) as err:
                    raise ModelError(f"{name}: {err}") from err


def _surrogate(names: Sequence[str], tables: Path, out: Path, seed: int | None) -> None:
    from models.battle.train import Family, fit_tables

    found = {name: table_file(tables, name) for name in names}
    figures = fit_tables(found, out, Family() if seed is None else Family(seed=seed))
    print(json.dumps(figures, indent=1))
