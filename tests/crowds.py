"""What the load programs of the fake platforms have in common: people who write at random times."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

EVERY_S = 20.0  # one message of each person in so many seconds, on average
LAST_WAIT_S = 30.0
FACES_WAIT_S = 2.0  # for the last faces, which come after their texts


async def moments(until: float, rng: random.Random) -> AsyncIterator[None]:
    """Yields whenever someone writes, up to a moment of the monotonic clock (Poisson)."""
    while (pause := rng.expovariate(1 / EVERY_S)) < until - time.monotonic():
        await asyncio.sleep(pause)
        yield


def summary(visible: Sequence[float], faces: Sequence[float], missing: int) -> dict[str, float]:
    """The figures of a crowd: milliseconds to the first visible text and to the face, unanswered messages."""
    out = {"messages": float(len(visible) + missing), "not answered": float(missing)}
    for name, values in (("first visible text", visible), ("face", faces)):
        if len(values) > 1:
            cuts = statistics.quantiles(values, n=20, method="inclusive")
            out |= {f"{name} p50 ms": round(cuts[9], 1), f"{name} p95 ms": round(cuts[18], 1)}
    return out | {"with face": float(len(faces))}


def options(about: str | None, people: int) -> argparse.ArgumentParser:
    """The command line of a load program."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--people", type=int, default=people)
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--warm", type=float, default=15.0, help="seconds at first that do not count")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--texts", type=Path, required=True, help="JSON lines with a key text")
    return parser


def texts_of(path: Path) -> list[str]:
    """What people say."""
    return [json.loads(row)["text"] for row in path.read_text(encoding="utf-8").splitlines()]


def tell(figures: dict[str, str] | dict[str, float]) -> None:
    """One line of JSON for the program that has started this one."""
    print(json.dumps(figures), flush=True)
