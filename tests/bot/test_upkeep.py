"""What the running bot does in the background."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.console.faces import FaceFolder
from bot import upkeep
from bot.app import App
from bot.wiring import build_app
from core.errors import StoreError
from core.facts import canonical
from core.people import DIRECT, Owner
from db.engine import Database
from db.tables_erasure import ErasureRow
from tests.caches import cached_texts
from tests.db.people import bytes_of, settle_in
from tests.db.samples import START
from tests.fakes import FewExemplars, FixedClock, HashEmbedder, LikesAll, ScriptedModel
from tests.houses import settings_in

JUN, MINA = "console:jun", "discord:2"


@asynccontextmanager
async def opened(folder: Path, clock: FixedClock, **settings: int) -> AsyncIterator[App]:
    """An app on fakes whose limits are ``settings``."""
    async with build_app(
        settings_in(folder, **settings), language_model=ScriptedModel(), exemplars=FewExemplars(), ranker=LikesAll(),
        embedder=HashEmbedder(), portraits=None, clock=clock,
    ) as app:  # fmt: skip
        yield app


async def fill(app: App) -> None:
    async with Database(app.settings.database) as database:
        for person in (JUN, MINA):
            await settle_in(database, person, DIRECT)


async def test_what_another_process_erased_is_not_held_in_caches_for_long(tmp_path: Path) -> None:
    async with opened(tmp_path, FixedClock()) as app:
        assert canonical("멜론 별명") in cached_texts()
        await upkeep.tend(app)
        assert "멜론 별명" not in cached_texts()


async def left(app: App) -> int:
    counts = [await app.memories.counts(person, None) for person in (JUN, MINA)]
    return sum(each["turns"] for each in counts)


async def test_the_limits_are_heeded_once_a_day_also_over_restarts(tmp_path: Path) -> None:
    clock = FixedClock()
    clock.at = START + timedelta(days=20)
    async with opened(tmp_path, clock, retention_days=30) as app:
        await fill(app)
        await upkeep.tend(app)
        assert await left(app) == 4
        clock.at += timedelta(hours=23)
    clock.at += timedelta(days=11)
    async with opened(tmp_path, clock, retention_days=30) as app:
        await upkeep.tend(app)
        assert await left(app) == 0
        await fill(app)
        clock.at += timedelta(hours=23)
        await upkeep.tend(app)
        assert await left(app) == 4, "not before the next day"
        clock.at += timedelta(hours=2)
        await upkeep.tend(app)
        assert await left(app) == 0


async def test_who_was_silent_goes_with_the_pictures(tmp_path: Path) -> None:
    clock, folder = FixedClock(), tmp_path / "var" / "faces"
    async with opened(tmp_path, clock, forget_silent_months=3) as app:
        await fill(app)
        for person in (JUN, "console:mina"):
            FaceFolder(folder, person).save(f"picture of {person}".encode())
        clock.at += timedelta(days=10_000)
        await upkeep.tend(app)
    assert [path.read_bytes() for path in folder.iterdir()] == [b"picture of console:mina"]
    assert b"canary" not in bytes_of(tmp_path)


async def test_without_limits_nothing_goes(tmp_path: Path) -> None:
    clock = FixedClock()
    async with opened(tmp_path, clock) as app:
        await fill(app)
        clock.at += timedelta(days=10_000)
        await upkeep.tend(app)
        assert await left(app) == 4 and await app.state.get(upkeep.STATE) is None


async def test_an_erasure_that_did_not_end_is_completed_while_she_runs(tmp_path: Path) -> None:
    async with opened(tmp_path, FixedClock()) as app:
        await fill(app)

        async def begun(session: AsyncSession) -> None:
            session.add(ErasureRow(mark="m", person=JUN, scope=None, below=False, by=None, at=START))

        async with Database(app.settings.database) as database:
            await database.write(begun)
        async with upkeep.looked_after(contextlib.nullcontext(app)):
            for _ in range(2000):
                if await left(app) == 2:
                    break
                await asyncio.sleep(0.01)
    assert b"canary-console-jun" not in bytes_of(tmp_path)


@pytest.mark.parametrize("way", ["while she runs", "at the end"])
async def test_the_bytes_of_a_single_fact_go_soon(tmp_path: Path, way: str) -> None:
    async with opened(tmp_path, FixedClock()) as app:
        await fill(app)
        owner = Owner(JUN, DIRECT.scope)
        (kept,) = await app.memories.list(owner)
        assert await app.memories.delete(owner, kept.id) is not None
        if way == "while she runs":
            await upkeep.tend(app)
            assert kept.value.encode() not in bytes_of(tmp_path)
    found = bytes_of(tmp_path)
    assert kept.value.encode() not in found and b"canary-discord-2~direct~value" in found


async def test_a_store_that_fails_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[bool] = []

    class Failing:
        async def complete(self) -> int:
            tries.append(True)
            raise StoreError("locked")

    monkeypatch.setattr(upkeep, "EVERY_S", 0.01)
    async with opened(tmp_path, FixedClock()) as app:
        broken = replace(app, keeper=Failing())  # type: ignore[arg-type]
        async with upkeep.looked_after(contextlib.nullcontext(broken)):
            for _ in range(2000):
                if len(tries) >= 3:
                    break
                await asyncio.sleep(0.01)
    assert len(tries) >= 3


async def test_a_date_that_cannot_be_read_counts_as_none(tmp_path: Path) -> None:
    clock = FixedClock()
    async with opened(tmp_path, clock, retention_days=1) as app:
        await app.state.put(upkeep.STATE, "yesterday, I think")
        await upkeep.tend(app)
        assert await app.state.get(upkeep.STATE) == clock.now().isoformat()
