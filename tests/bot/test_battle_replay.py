"""A finished battle, run again in another process with real trainings: the same to the last digit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot import exits
from models.battle.shelf import Raw, add
from tests.bot.battle_process import main

ROOT = Path(__file__).parents[2]
CHOICE = "lr=1e-3 drop=0.1 leaky exp_95"


def elsewhere(var: Path, *words: str) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON of another Python."""
    environment = os.environ | {"OHLORA_VAR_DIR": str(var)}
    ran = subprocess.run(
        [sys.executable, *words, "--json"], cwd=ROOT, env=environment, capture_output=True, check=False
    )
    assert ran.stdout, ran.stderr.decode()
    found: dict[str, Any] = json.loads(ran.stdout)
    return ran.returncode, found


def bars() -> Raw:
    """Six classes of small pictures, told apart by where a bar is."""
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 6, 4000)
    pixels = rng.integers(20, 180, (4000, 1, 1, 1)) + rng.integers(0, 70, (4000, 16, 16, 1))
    for label in range(6):
        pixels[labels == label, 2 * label : 2 * label + 2] = 255
    return Raw(pixels.astype(np.uint8), labels, (np.arange(4000) % 3 == 0).astype(np.int64), tuple("abcdef"))


@pytest.mark.slow
def test_a_small_battle_is_the_same_in_another_process(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(tmp_path / "battle", "bars", bars(), "small", problems=1)
    words = ("play", "--dataset", "bars", "--seed", "1", "--hp", CHOICE, "--json")
    assert main([str(tmp_path), *words]) == exits.OK
    played = json.loads(capsys.readouterr().out)
    assert played["verdict"]["person"]["f1"] > 0.5
    code, again = elsewhere(tmp_path, "-m", "tests.bot.battle_process", str(tmp_path), "replay", "1")
    assert (code, again["same"], again["compared"]) == (exits.OK, True, 12)
    assert again["learned"] is None and not again["changed"]


@pytest.mark.slow
def test_a_battle_of_the_whole_program_is_the_same_in_another_process(tmp_path: Path) -> None:
    words = ("--dataset", "digits", "--instance", "digits-006", "--seed", "1", "--hp", CHOICE)
    code, played = elsewhere(tmp_path, "bot.py", "battle", "play", *words)
    assert code == exits.OK and played["verdict"]["person"]["f1"] > 0.8
    code, again = elsewhere(tmp_path, "bot.py", "battle", "replay", str(played["battle"]))
    assert (code, again["same"], again["compared"]) == (exits.OK, True, 12)
