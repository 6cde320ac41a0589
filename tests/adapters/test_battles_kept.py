"""What the commands about memory say of battles: counts before and after, and the export."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.battle.game import Battle, Phase, Side
from core.battle.keeping import BattleStore, RatedGame
from core.battle.parsing import DEFAULTS, formatted
from core.battle.ports import Choice, Part, Trial
from core.battle.rating import Rating
from core.battle.rules import Train, locked, trained
from core.people import DIRECT
from tests.adapters.house import ADMIN, GUILD, HERE, House, open_house, owner
from tests.db.test_battle_store import battle


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as built:
        yield built


async def play(store: BattleStore, number: str) -> Battle:
    """A battle that is over, and counts."""
    wanted = replace(battle(owner(number).person, scope=HERE.scope), right=Side(named=0))
    kept = await store.begin(wanted, 0)
    assert isinstance(kept, Battle)
    kept = locked(kept, "left", Choice(DEFAULTS, None))
    await store.join(owner(number, HERE), "준", kept.created)
    kept = trained(kept, Train("left", 0, Part.VALID), trial := Trial(DEFAULTS, 1, Part.VALID, 0.5, (), 0.1))
    await store.save(kept, "left", trial)
    kept = replace(kept, phase=Phase.CANCELLED)
    await store.finish(kept, [RatedGame(owner(number).person, Rating(), 1.0)])
    return kept


async def test_forgetting_and_exports_tell_of_battles(house: House) -> None:
    store, commands = house.app.battle_store, house.commands
    asked = await commands.forget_preview(owner("1", HERE), False, "en")
    assert "attle" not in asked.text, "nothing is said of what there is not"
    before = await commands.memory.export(owner("1", HERE), "en")
    assert before.document is not None and "attle" not in before.document
    played = await play(store, "1")
    for everywhere in (False, True):
        asked = await commands.forget_preview(owner("1", HERE), everywhere, "en")
        assert "Battles (1, " in asked.text and "entries (2)" in asked.text
    assert "attle" not in (await commands.forget_preview(owner("1", DIRECT), False, "en")).text
    assert "배틀 1개" in (await house.admin.forget_ask(ADMIN, GUILD, owner("1").person, "ko")).text

    export = await commands.memory.export(owner("1", HERE), "ko")
    assert export.document is not None and export.readable is not None
    (kept,) = json.loads(export.document)["battles"]
    assert kept["id"] == played.id and kept["left"]["moves"][0]["hyperparameters"]["lr"] == DEFAULTS.lr
    assert formatted(DEFAULTS) in export.readable

    receipt = await commands.forget(owner("1", HERE), False, "ko")
    assert "배틀 1개와 순위표 기록 2개도 지웠어" in receipt.text
    assert await store.get(played.id) is None
    assert "배틀" not in (await commands.forget(owner("1", HERE), False, "ko")).text
