"""A desk: one person at a terminal, with the real conversation and a real database, models faked."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.console.faces import FaceFolder
from adapters.console.session import Session
from adapters.console.views import PipeView
from bot.doors import commands_of
from bot.wiring import build_app
from core.prompt import Task
from tests.adapters.desk import JUN, Desk, Open
from tests.fakes import (
    FewExemplars,
    FixedClock,
    HashEmbedder,
    LikesAll,
    PaintedPortraits,
    ScriptedModel,
)  # fmt: skip
from tests.houses import settings_in


@pytest.fixture
def desk(tmp_path: Path) -> Open:
    """Opens a desk: ``async with desk(json=True) as d``."""

    @asynccontextmanager
    async def opened(
        *, json: bool = False, model: ScriptedModel | None = None, portraits: PaintedPortraits | None = None
    ) -> AsyncIterator[Desk]:
        settings = settings_in(tmp_path)
        portraits = portraits or PaintedPortraits()
        async with build_app(
            settings, language_model=model or ScriptedModel({Task.MEMORY: "[취미: 등산]"}),
            exemplars=FewExemplars(), ranker=LikesAll(), embedder=HashEmbedder(), portraits=portraits,
            clock=FixedClock(),
        ) as app:  # fmt: skip
            view = PipeView(io.StringIO(), io.StringIO(), json)
            faces = FaceFolder(tmp_path / "var" / "faces", JUN.id)
            session = Session(commands_of(app), app.clock, faces, view, JUN)
            out, err = view.out, view.err
            assert isinstance(out, io.StringIO) and isinstance(err, io.StringIO)
            yield Desk(app, session, out, err, portraits)

    return opened
