"""The stages of ``train battle``: pictures that ship, tables of trainings, the surrogate."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from core.errors import ModelError

BATTLE_STAGES: Final = ("data", "table", "hidden", "surrogate")
AT_ONCE: Final = 60  # rows of a table before another data set has its turn
ROWS: Final = 2000
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
    if "hidden" in stages:
        _hidden(names, var_dir / "battle", args.steps, args.seed, args.threads or 1, bar)
    if "surrogate" in stages:
        _surrogate(names, tables, out, args.seed, var_dir / "battle" if args.hidden else None)


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


def _hidden(
    names: Sequence[str], folder: Path, epochs: int | None, seed: int | None, threads: int, bar: Bar
) -> None:
    """An auto-encoder for each data set; from then on its problems have 128 more statistics."""
    from models.battle.hidden import HiddenConfig, train_hidden
    from models.battle.shelf import Shelf, hidden_file
    from models.battle.worker import make_repeatable

    make_repeatable(threads)
    config = HiddenConfig(epochs=epochs or HiddenConfig.epochs)
    config = config if seed is None else replace(config, seed=seed)
    for name in names:
        with bar(f"auto-encoder {name}", config.epochs) as report:
            try:
                made = train_hidden(
                    Shelf(folder).get(name), config, lambda epoch, error: report(epoch, {"mse": error})
                )
            except (KeyError, ValueError) as err:
                raise ModelError(f"{name}: {err}") from err
        made.save(hidden_file(folder, name))


def _surrogate(names: Sequence[str], tables: Path, out: Path, seed: int | None, hidden: Path | None) -> None:
    """``hidden``: the folder of the auto-encoders, where their columns are wanted."""
    from models.battle.bank import problem_of
    from models.battle.shelf import Shelf, hidden_file
    from models.battle.train import Family, Rows, fit_among

    shelf = Shelf(hidden)

    def widened(name: str, rows: Rows) -> Rows:
        if hidden is None:
            return rows
        if not hidden_file(hidden, name).exists():
            raise ModelError(
                f"{name} has no auto-encoder: python bot.py train battle hidden --dataset {name}"
            )
        wide = {each: problem_of(shelf.get(name), each).statistics for each in {r["instance"] for r in rows}}
        return [row | {key: str(value) for key, value in wide[row["instance"]].items()} for row in rows]

    found = {name: table_file(tables, name) for name in names}
    figures = fit_among(found, out, Family() if seed is None else Family(seed=seed), widened)
    print(json.dumps(figures, indent=1))
