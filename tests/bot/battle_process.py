"""``battle play`` and ``battle replay`` with real trainings, and without what only talks: quick to start.

``python -m tests.bot.battle_process VAR_DIR replay 1 --json`` is what another process runs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bot.commands._battle_play import add_play
from bot.settings import Settings
from core.battle.game import Rival
from core.battle.service import Battles
from db.engine import Database
from db.migrate import upgrade
from db.stores import SqlBattleStore
from models.battle.arena import LocalArena
from models.battle.player import SurrogatePlayer
from models.battle.shelf import Shelf
from tests.fakes_core import FixedClock


@asynccontextmanager
async def build(settings: Settings) -> AsyncIterator[Battles]:
    """Battles on the database and the picture sets of ``settings``."""
    await upgrade(settings.database_address, busy_timeout_ms=10_000)
    async with Database(settings.database_address, 10_000) as database:
        arena = LocalArena(Shelf(settings.var_dir / "battle"))
        players = {Rival.LORA: SurrogatePlayer({})}
        battles = Battles(arena, players, SqlBattleStore(database), FixedClock())
        try:
            yield battles
        finally:
            await battles.close()
            await arena.close()


def main(words: Sequence[str]) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser()
    add_play(parser.add_subparsers(), build)
    args = parser.parse_args(words[1:])
    code: int = args.run(args, Settings(var_dir=Path(words[0])))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
