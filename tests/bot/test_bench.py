"""The load benches serve people of fake platforms to the end and say what these saw."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

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
