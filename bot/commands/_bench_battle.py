"""``battle bench``: her against chance or Optuna, on problems that her surrogate did not learn from."""

from __future__ import annotations

import argparse
from collections import defaultdict
from dataclasses import asdict
from typing import Any, Final

from bot.settings import Settings

KEPT: Final = "bench.jsonl"


def bench_battle(args: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """The figures of all problems and of each data set, with every match.

    Raises ValueError, KeyError for what there is not, ModelError.
    """
    from rich.console import Console
    from rich.progress import track

    from core.battle.ports import Tier
    from models.battle import surrogate
    from models.battle.pictures import NAMES
    from models.battle.player import SurrogatePlayer
    from models.battle.shelf import Shelf
    from models.battle.versus import Bench, Kept, summary
    from models.battle.worker import make_repeatable

    make_repeatable()
    if args.trials < 1:
        raise ValueError("--trials: at least 1")
    shelf, kept = Shelf(settings.var_dir / "battle"), Kept(settings.var_dir / "battle" / KEPT)
    player = SurrogatePlayer(surrogate.load(settings.weights_dir / "battle"))
    played = Bench(player, Tier(args.tier), args.opponent, args.trials, kept, args.seed)
    sets = [shelf.get(name) for name in args.dataset or NAMES]
    found, console = [], Console(stderr=True)
    matches = played.matches(sets, args.instances)
    for match in track(matches, "matches", total=args.instances, console=console):
        found.append(match)
    by = defaultdict(list)
    for match in found:
        by[match.instance.rpartition("-")[0]].append(match)
    return {
        "opponent": args.opponent, "trials": args.trials, "tier": args.tier, "seed": args.seed,
        **summary(found), "datasets": {name: summary(mine) for name, mine in by.items()},
        "matches": [asdict(match) for match in found],
    }  # fmt: skip
