"""Battles, put together; what is open goes on when she starts, and is let go of when she ends."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from bot.settings import Settings
from core.battle.comments import ResultComments
from core.battle.game import Rival
from core.battle.keeping import BattleStore
from core.battle.ports import Arena, Player
from core.battle.service import Battles
from core.errors import ModelError, logged
from core.ports import Clock, LanguageModel
from core.ports_links import LinkStore

if TYPE_CHECKING:
    from db.engine import Database

log = logging.getLogger(__name__)


def make_battles(
    settings: Settings, model: LanguageModel, store: BattleStore, links: LinkStore, clock: Clock,
    arena: Arena | None, stack: AsyncExitStack, free: bool,
) -> Battles:  # fmt: skip
    """Pictures and trainings load with the first battle; without a surrogate she chooses what is usual.

    An arena that is made here is closed by ``stack``. ``free``: the model writes comments, else it
    chooses among hers.
    """
    from models.battle import surrogate
    from models.battle.arena import LocalArena
    from models.battle.player import SurrogatePlayer
    from models.battle.shelf import Shelf
    from models.battle.tpe import TpePlayer

    try:
        guesses = surrogate.load(settings.weights_dir / "battle")
    except ModelError as err:
        log.warning("battles without a surrogate: %s", logged(err))
        guesses = {}
    players: dict[Rival, Player] = {Rival.LORA: SurrogatePlayer(guesses), Rival.OPTUNA: TpePlayer()}
    if arena is None:
        arena = own = LocalArena(Shelf(settings.var_dir / "battle"))
        stack.push_async_callback(own.close)
    comments = ResultComments(model, store, clock, free)
    return Battles(arena, players, store, clock, comments, links, settings.battle_turn_s)


@asynccontextmanager
async def going_on(battles: Battles, database: Database) -> AsyncIterator[None]:
    """Inside, erased battles end; who serves a platform takes up those of before that are its own."""
    database.on_erase(battles.recheck)
    try:
        yield
    finally:
        await battles.close()


@asynccontextmanager
async def alone(settings: Settings) -> AsyncIterator[Battles]:
    """Battles at the terminal: with the model that comments on them, without memory search and face.

    Raises ModelError and SettingsError as :func:`bot.wiring.build_app` does.
    """
    from bot.wiring import build_app

    async with build_app(settings, embedder=None, portraits=None) as app:
        yield app.battles
