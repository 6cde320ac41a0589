"""``bench memory``: how long recall takes for people with many memories in a large table."""

from __future__ import annotations

import random
import sqlite3
import statistics
import tempfile
import time
from array import array
from collections.abc import Awaitable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from bot.commands.bench import resident_mb
from bot.settings import Settings
from core.errors import StoreError
from core.memory import KEYS
from core.people import DIRECT, Owner
from core.ports import Vector

if TYPE_CHECKING:
    from bot.app import App

FIRSTS: Final = 5  # people with many memories: each has one first recall
OTHERS: Final = 200  # memories of anybody else
FOUND: Final = 50  # as many as a turn looks through
_DIM: Final = 192  # of vectors where there is no sentence model
_SYLLABLES: Final = "가나다라마바사아자차고노도로모보소오조초구누두루무부수우주추기니디리강산영화밥집책길눈물"


async def bench_memory(
    rows: int, of_one: int, n: int, seed: int, settings: Settings, **parts: Any
) -> dict[str, Any]:
    """Milliseconds of searches among ``of_one`` memories of one person and ``rows`` in the table.

    A first search finds nothing of its person in memory, but the file in the system's cache; ``n`` warm ones
    follow. ``parts`` are those of :func:`bot.wiring.build_app`.
    """
    from bot.wiring import build_app
    from db.migrate import upgrade

    rng, of_one, n = random.Random(seed), min(of_one, rows // FIRSTS), max(n, 1)
    figures: dict[str, Any] = {"memories": rows, "of one person": of_one, "searches": n}
    with tempfile.TemporaryDirectory() as folder:
        settings = settings.apart(Path(folder))
        await upgrade(settings.database)
        async with build_app(settings, **parts) as app:
            model_id = app.embedder.model_id if app.embedder is not None else ""
            fill(settings.database, rows, of_one, len(await _meaning(app, "안녕")), model_id, rng)
            texts = [_said(rng) for _ in range(n)]
            vectors = [await _meaning(app, text) for text in texts]
            first = [await _ms(_search(app, who, texts[0], vectors[0])) for who in reversed(range(FIRSTS))]
            asked = zip(texts, vectors, strict=True)
            warm = [await _ms(_search(app, 0, text, vector)) for text, vector in asked]
            both = [await _ms(_search(app, 0, text)) for text in texts]
            figures |= {"first p50 ms": _p(first, 0.5), "first max ms": _p(first, 1.0)}
            for name, values in (("warm", warm), ("with embedding", both)):
                figures |= {f"{name} p50 ms": _p(values, 0.5), f"{name} p99 ms": _p(values, 0.99)}
            return figures | {"resident MB": resident_mb()}


async def _search(app: App, who: int, text: str, vector: Vector | None = None) -> None:
    """One search as a turn makes it, with the sentence model where no vector is given."""
    vector = await _meaning(app, text) if vector is None else vector
    model_id, today = app.embedder.model_id if app.embedder is not None else "", datetime.now(UTC).date()
    owner = Owner(f"bench:{who}", DIRECT.scope)
    found = await app.memories.search(owner, text, vector, model_id, FOUND, today)
    if not await app.conversation.maker.recall.associated(text, found):
        raise StoreError("nothing was found, so that nothing was measured")


async def _meaning(app: App, text: str) -> Vector:
    if app.embedder is None:
        return array("f", _unit(np.random.default_rng(len(text)), 1)[0].tobytes())
    return (await app.embedder.encode([text]))[0]


async def _ms(work: Awaitable[None]) -> float:
    started = time.perf_counter()
    await work
    return 1000 * (time.perf_counter() - started)


def _p(values: list[float], share: float) -> float:
    if share == 0.5:
        return round(statistics.median(values), 1)
    return round(sorted(values)[round(share * (len(values) - 1))], 1)


def fill(file: Path, rows: int, of_one: int, dim: int, model_id: str, rng: random.Random) -> None:
    """Write memories of :data:`FIRSTS` people with many of them, and of others, in no order of people."""
    people = [f"bench:{who}" for who in range(FIRSTS) for _ in range(of_one)]
    people += [f"other:{i // OTHERS}" for i in range(rows - len(people))]
    rng.shuffle(people)
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}"
    with closing(sqlite3.connect(file, isolation_level=None)) as direct:
        direct.execute("PRAGMA synchronous=OFF")
        direct.execute("BEGIN")
        direct.executemany(
            "INSERT INTO people (id, platform, account, epoch, created, last_seen)"
            " VALUES (?, '', '', 0, ?, ?)",
            ((person, now, now) for person in dict.fromkeys(people)),
        )
        direct.executemany(
            "INSERT INTO memories (id, person, scope, digest, key, value, source, created, updated)"
            " VALUES (?, ?, ?, ?, ?, ?, '', ?, ?)",
            (
                (i, person, DIRECT.scope, f"{i:032}", rng.choice(KEYS["ko"]), _said(rng), now, now)
                for i, person in enumerate(people, 1)
            ),
        )
        vectors = _vectors(len(people), dim, rng)
        direct.executemany(
            "INSERT INTO vectors (memory_id, model_id, dim, vector) VALUES (?, ?, ?, ?)",
            ((i, model_id, dim, vector) for i, vector in enumerate(vectors, 1)),
        )
        direct.execute("COMMIT")
        direct.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _vectors(rows: int, dim: int, rng: random.Random) -> Iterator[bytes]:
    numbers = np.random.default_rng(rng.randrange(2**32))
    for first in range(0, rows, 10_000):
        yield from (row.tobytes() for row in _unit(numbers, min(10_000, rows - first), dim))


def _unit(numbers: np.random.Generator, rows: int, dim: int = _DIM) -> Any:
    found = numbers.standard_normal((rows, dim), dtype=np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def _said(rng: random.Random) -> str:
    words = ("".join(rng.choices(_SYLLABLES, k=rng.randint(1, 3))) for _ in range(rng.randint(2, 5)))
    return " ".join(words)
