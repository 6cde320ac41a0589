"""Vectors of another sentence model, as whoever runs her sees them: at the start, by the doctor, by reembed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

import bot.checks
from bot import exits
from bot.checks import check_vectors
from bot.cli import main
from bot.settings import Settings
from bot.wiring import build_app
from core.errors import ModelError
from core.ports import Vector
from db.engine import Database
from db.stores import SqlMemoryStore
from tests.bot.test_wiring import fakes
from tests.db.samples import JUN, fact, unit
from tests.houses import settings_in


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("OHLORA_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("OHLORA_WEIGHTS_DIR", str(tmp_path / "none"))
    return settings_in(tmp_path)


@pytest.fixture
def told_before(settings: Settings) -> None:
    """Two facts with vectors of two models, and one without."""

    async def fill() -> None:
        async with Database(settings.database) as database:
            memories = SqlMemoryStore(database)
            await memories.add(JUN, fact("취미", "등산", unit(1, 0), model="old-1"), 0)
            await memories.add(JUN, fact("꿈", "가수", unit(1, 0), model="hash-64", minutes=1), 0)
            await memories.add(JUN, fact("운동", "수영", minutes=2), 0)

    asyncio.run(fill())


def encode(texts: Sequence[str]) -> list[Vector]:
    return [unit(1, 1) for _ in texts]


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.checks, "sentence_model", lambda settings: ("hash-64", encode))


def test_reembed(
    told_before: None, model: None, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    found = check_vectors(settings, "hash-64", encode)
    assert not found.ok and found.detail.startswith("2 of 3 facts") and "memory reembed" in found.mend
    assert main(["memory", "reembed", "--json"]) == exits.OK
    assert json.loads(capsys.readouterr().out) == {
        "model": "hash-64", "dimensions": 2, "written": 2, "changed": 0, "left": 0
    }  # fmt: skip
    assert check_vectors(settings, "hash-64", encode).ok
    assert main(["memory", "reembed"]) == exits.OK
    assert "0 facts have a new vector of hash-64; 0 lack one" in capsys.readouterr().out


async def start(settings: Settings) -> tuple[str, ...]:
    async with build_app(settings, **fakes()) as app:  # its model is hash-64
        return app.hints


def test_a_start_with_vectors_of_another_model_says_so(
    told_before: None, model: None, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    (hint,) = asyncio.run(start(settings))
    assert "old-1" in hint and "hash-64" in hint and "python bot.py memory reembed" in hint
    assert hint in caplog.messages
    assert main(["memory", "reembed"]) == exits.OK
    assert asyncio.run(start(settings)) == ()


def test_an_empty_database_has_nothing_to_make(
    model: None, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asyncio.run(start(settings)) == () and check_vectors(settings, "m", encode).ok
    assert main(["memory", "reembed", "--json"]) == exits.OK
    assert json.loads(capsys.readouterr().out)["written"] == 0


def test_without_a_sentence_model_nothing_is_written(
    told_before: None, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["memory", "reembed"]) == exits.CONFIG
    assert "To mend it" in capsys.readouterr().err
    assert check_vectors(settings, "old-1", encode).detail.startswith("2 of 3")


def test_a_model_of_ones_own_that_is_not_there(
    told_before: None, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("OHLORA_EMBED_MODEL", str(tmp_path / "nowhere"))
    assert main(["memory", "reembed"]) == exits.CONFIG
    said = capsys.readouterr().err
    assert "OHLORA_EMBED_MODEL" in said and "models/weights" not in said


def test_without_facts_no_model_is_loaded(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """There is none here."""
    assert main(["memory", "reembed"]) == exits.OK
    assert "no facts" in capsys.readouterr().out


def test_a_database_that_is_none(model: None, settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    settings.database.write_bytes(b"not a database at all" * 100)
    assert main(["memory", "reembed"]) == exits.FAILED
    assert "run it again" in capsys.readouterr().err
    assert not check_vectors(settings, "m", encode).ok


def test_a_model_that_breaks(told_before: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(texts: Sequence[str]) -> list[Vector]:
        raise ModelError("broken")

    monkeypatch.setattr(bot.checks, "sentence_model", lambda settings: ("m", broken))
    assert main(["memory", "reembed"]) == exits.CONFIG


@pytest.mark.parametrize("wrong", [["memory"], ["memory", "reembed", "x"], ["memory", "embed"]])
def test_wrong_use(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(wrong)
    assert ended.value.code == exits.USAGE and "usage" in capsys.readouterr().err
