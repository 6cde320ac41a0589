"""``/battle`` and ``/battles`` as they are typed in a chat at the terminal."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

from adapters.shared.battles import BattleDesk
from adapters.shared.texts import text
from core.phrases import phrase
from tests.adapters.desk import Desk, Open
from tests.core.battle.conftest import House, house  # noqa: F401
from tests.patience import PATIENCE_S


async def until(d: Desk, words: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while words not in d.err.getvalue():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_a_battle_in_a_chat(desk: Open, house: House) -> None:  # noqa: F811
    async with desk() as d:
        d.session.commands = replace(d.session.commands, battle_desk=BattleDesk(house.battles))
        assert phrase("battle_dataset", "ko", value="mars", options="digits · faces") in await d.take(
            "/battle mars"
        )
        assert text("b_usage", "ko") in await d.take("/battle seed:x")
        assert text("b_started", "ko") in await d.take("/battle digits easy seed:3")
        await until(d, "1차 차례")
        await until(d, "/battle safe (무난하게)")
        assert "0.006" in await d.take("/battle lr=8"), "a friendly error"
        assert "lr=0.0003" in await d.take("/battle lr=3e-4 drop=0.1")
        await until(d, "2차 차례")
        assert "#1" in await d.take("/battle")
        assert "lr=0.0025" in await d.take("/battle bold")
        await until(d, text("b_naming", "ko", who="jun", time="3분"))
        await until(d, "/battle 2 (2차로 승부")
        assert text("b_named", "ko", number=2) in await d.take("/battle 2")
        await until(d, "🏆")
        lines = d.err.getvalue().splitlines()
        assert len([line for line in lines if re.match("jun 1차: 검증 F1", line)]) == 2, (
            "one of them was asked for"
        )
        assert "#1" in await d.take("/battles history") and "✅" in await d.take("/battles replay 1")
        assert text("b_joined", "ko") in await d.take("/battles join")
        assert text("b_left", "ko") in await d.take("/battles leave")
        assert text("b_board_none", "ko") in await d.take("/battles leaderboard digits")
        assert "/battles" in await d.take("/battles dance") and "/battle " in await d.take("/help")
        assert text("b_started", "ko") in await d.take("/battle")
        assert text("b_stopped", "ko", id=2) in await d.take("/battles stop")
        await d.session.finish()
