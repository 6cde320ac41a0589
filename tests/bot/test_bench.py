"""The benches measure what they say: people of fake platforms who are served, memories that are found."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot import exits
from bot.cli import main
from bot.commands._bench_memory import bench_memory
from bot.settings import Settings
from tests.bot.test_wiring import fakes
from tests.fakes import HashEmbedder

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_a_few_people_on_both_platforms_are_all_answered() -> None:
    command = [
        sys.executable, "bot.py", "bench", "both", "--people", "8", "--seconds", "20", "--json"
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    figures = json.loads(done.stdout)
    for platform in ("discord", "telegram"):
        assert figures[f"{platform}: messages"] > 0 == figures[f"{platform}: not answered"]
        assert figures[f"{platform}: with face"] == figures[f"{platform}: messages"]
    assert figures["loop lag p99 ms"] < 500


@pytest.mark.slow
def test_her_face_is_measured_on_one_core_and_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "face", "--n", "2", "--json"]) == exits.OK
    figures = json.loads(capsys.readouterr().out)
    assert figures.pop("pictures") == 2 and len(figures) == 5
    assert all(value > 0 for value in figures.values())
    assert figures["picture, one core, ms"] < figures["film as WebP, two cores, ms"]


def test_a_bench_without_weights_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OHLORA_WEIGHTS_DIR", str(tmp_path))
    assert main(["bench", "face"]) == exits.CONFIG
    assert "no face to measure" in capsys.readouterr().err


@pytest.mark.parametrize("embedder", [HashEmbedder(), None])
async def test_searches_among_few_memories_are_measured(
    embedder: HashEmbedder | None, tmp_path: Path
) -> None:
    parts = fakes(embedder=embedder, portraits=None)
    figures = await bench_memory(300, 1000, 4, 1, Settings(var_dir=tmp_path), **parts)
    assert (figures["memories"], figures["of one person"], figures["searches"]) == (300, 60, 4)
    for name in ("first p50 ms", "warm p50 ms", "with embedding p50 ms"):
        assert figures[name] > 0
    for name in ("warm", "with embedding"):
        assert figures[f"{name} p50 ms"] <= figures[f"{name} p99 ms"]
    assert not [*tmp_path.iterdir()], "it works on a database of its own"
