"""A whole battle in the app as it is wired: real pictures and trainings, a real database, a scripted model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.settings import Settings
from bot.wiring import build_app
from core.battle.events import BattleDone, Commented, ProblemReady, TurnStarted
from core.battle.game import Phase
from core.battle.setup import Challenge
from core.people import DIRECT, Owner
from tests.fakes import FewExemplars, FixedClock, HashEmbedder, LikesAll, PaintedPortraits, ScriptedModel
from tests.fakes_battle import ArithmeticArena
from tests.houses import settings_in

JUN = Owner("console:jun", DIRECT.scope)


def fakes() -> dict[str, Any]:
    return {
        "language_model": ScriptedModel(), "exemplars": FewExemplars(), "ranker": LikesAll(),
        "embedder": HashEmbedder(), "portraits": PaintedPortraits(), "clock": FixedClock(),
    }  # fmt: skip


async def played(app: Any, number: int) -> list[Any]:
    """Both rounds are played with the usual, and the first choice is named."""
    seen = []
    async for event in app.battles.watch(number):
        seen.append(event)
        if isinstance(event, TurnStarted):
            phase = (await app.battles.state(number, JUN.scope, JUN.person)).phase
            if phase is Phase.NAMING:
                await app.battles.name_final(JUN.person, 1)
            else:
                await app.battles.play(JUN.person, "lr=3e-4" if phase is Phase.ROUND_1 else "lr=1e-3")
    return seen


async def test_an_open_battle_goes_on_with_the_next_start(tmp_path: Path) -> None:
    wanted, plain = Challenge(JUN, "console", "console:m1", "ko"), settings_in(tmp_path)
    async with build_app(plain, **fakes(), arena=ArithmeticArena()) as app:
        begun = await app.battles.start(wanted)
    async with build_app(plain, **fakes(), arena=ArithmeticArena()) as app:
        assert await app.battles.resume(lambda view: view.left.person == JUN.person)
        seen = await played(app, begun.id)
    (done,) = [event for event in seen if isinstance(event, BattleDone)]
    assert done.view.verdict is not None and [event for event in seen if isinstance(event, Commented)]


@pytest.mark.slow
async def test_a_battle_on_real_pictures_is_replayed_to_the_last_digit(tmp_path: Path) -> None:
    async with build_app(Settings(var_dir=tmp_path / "var"), **fakes()) as app:
        begun = await app.battles.start(Challenge(JUN, "console", "console:m1", "ko", seed=1))
        seen = await played(app, begun.id)
        assert [event for event in seen if isinstance(event, ProblemReady) and event.thumbnails]
        (done,) = [event for event in seen if isinstance(event, BattleDone)]
        assert done.view.verdict is not None and len(done.view.left.finals) == 3
        again = await app.battles.replay(begun.id, JUN)
        assert again.same and again.compared > 10
