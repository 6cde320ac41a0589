"""``bench``: latency, memory and start-up of the embedded bot on this machine."""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bot import exits
from bot.settings import Settings
from core.errors import ModelError

EPILOG = """examples:
  python bot.py bench chat --json
  python bot.py bench face --n 20
  python bot.py bench discord --people 50
  python bot.py bench both --people 50
  python bot.py bench memory --rows 1000000 --json

One person, one message after another, each turn to its end; held-out messages, warm. "first text"
is the first released sentence, "face" is counted from the whole reply. The cold start is the wall
time of a fresh process, on an empty var folder, until its first reply is printed; the median of 5.

face: one picture of hers, a film of 30, dyed and not, and one picture of a full-size generator.

discord, telegram: so many people write at random times, each once in 20 s on average, to a fake
platform in a process of its own; "first visible text" is counted there, from the message to the first
text of hers, "loop lag" in the bot's own event loop. On Discord half of them write directly and half
in rooms of ten, on Telegram four fifths and one fifth in groups of two. both: half of the people on
each platform, one bot.

memory: searches among --of-one memories of one person and --rows in the table, of made-up words and
random vectors. "first" is a person's first search (the file is in the system's cache), "warm" are those
after it, without the sentence model and with it.
"""

LOADS = {"discord": ("discord",), "telegram": ("telegram",), "both": ("discord", "telegram")}


STARTS = 5


def add_parser(subparsers: Any) -> None:
    """Register the command."""
    parser = subparsers.add_parser("bench", help="measure speed and memory", epilog=EPILOG)
    parser.add_argument("what", choices=("chat", "face", "memory", *LOADS))
    what = "messages (chat), pictures (face), searches (memory); default 40"
    parser.add_argument("--n", type=int, default=40, help=what)
    parser.add_argument("--rows", type=int, default=100_000, help="memories in the table (memory)")
    parser.add_argument("--of-one", type=int, default=10_000, help="memories of one person (memory)")
    parser.add_argument("--people", type=int, default=50, help="people at once (loads; default 50)")
    parser.add_argument("--seconds", type=float, default=180.0, help="how long they write")
    parser.add_argument("--seed", type=int, default=1, help="of their times")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Measure; the exit code."""
    if args.what == "chat":
        figures = _chat(args.n, settings)
    elif args.what == "face":
        from bot.commands._bench_face import bench_face

        try:
            figures = bench_face(settings.weights_dir / "face", args.n, args.seed)
        except ModelError as err:
            print(f"no face to measure: {err}", file=sys.stderr)
            return exits.CONFIG
    elif args.what == "memory":
        from bot.commands._bench_memory import bench_memory

        figures = asyncio.run(bench_memory(args.rows, args.of_one, args.n, args.seed, settings))
    else:
        from bot.commands._bench_load import bench_load

        load = bench_load(LOADS[args.what], args.people, args.seconds, args.seed, settings)
        figures = asyncio.run(load)
    if args.json:
        print(json.dumps(figures, indent=1))
    else:
        for name, value in figures.items():
            print(f"{name:34} {value}")
    return exits.OK


def _chat(n: int, settings: Settings) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        cold = statistics.median(_cold_start(Path(folder) / str(i)) for i in range(STARTS))
        figures = asyncio.run(_warm(n, settings.apart(Path(folder))))
    return figures | {"cold start s": round(cold, 2)}


def _cold_start(var_dir: Path) -> float:
    started = time.perf_counter()
    command = [sys.executable, str(Path(__file__).parents[2] / "bot.py"), "chat", "--once", "안녕"]
    outside: dict[str, Any] = {"env": {"OHLORA_VAR_DIR": str(var_dir), "PATH": ""}, "cwd": var_dir.parent}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **outside)  # noqa: S603
    if process.stdout is not None:
        process.stdout.readline()
    spent = time.perf_counter() - started
    process.wait()
    return spent


async def _warm(n: int, settings: Settings) -> dict[str, Any]:
    from bot.wiring import build_app
    from core.people import DIRECT, Incoming, Person, TurnEnd
    from models.text.corpus_data import dev_rows

    rows = [row for row in dev_rows() if not row.summary_in and not row.memory_in][: n + 3]
    timings: list[dict[str, float]] = []
    async with build_app(settings) as app:
        for number, row in enumerate(rows):
            person = Person("bench", str(number // 5))
            incoming = Incoming(f"bench-{number}", person, DIRECT, row.text, app.clock.now())
            async for event in app.conversation.respond(incoming):
                if isinstance(event, TurnEnd) and number >= 3:  # the first ones warm up
                    timings.append(event.timings_ms)
        resident = resident_mb()
    figures: dict[str, Any] = {"messages": len(timings)}
    steps = {
        "first text": [t["first_token"] for t in timings],
        "whole reply": [t["reply"] for t in timings],
        "face after reply": [t["face"] - t["reply"] for t in timings if "face" in t],
        "memory after reply": [t["memory"] - t["reply"] for t in timings if "memory" in t],
    }
    for name, values in steps.items():
        if values:
            figures[f"{name} p50 ms"] = round(statistics.median(values), 1)
            figures[f"{name} p95 ms"] = round(sorted(values)[int(0.95 * (len(values) - 1))], 1)
    figures["resident MB"] = resident
    return figures


def resident_mb() -> float:
    """The memory that this process held at most, and its children (the models) hold now, in MB."""
    import psutil

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    models = sum(child.memory_info().rss for child in psutil.Process().children())
    return float(round((peak + models) / 1024**2))
