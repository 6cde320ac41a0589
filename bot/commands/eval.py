"""``eval``: judge her replies and labels on held-out exchanges."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from bot import exits
from bot.settings import Settings

EPILOG = """examples:
  python bot.py eval replies --n 100 --out replies.jsonl      hers and the baseline's
  python bot.py eval labels      memory tags and expressions against the held-out labels
  python bot.py eval faces --sheets docs/face      asked against measured properties of every face

The held-out exchanges are models/text/corpus/{dev,test}.jsonl; every row runs through the whole
conversation as a person of its own, with its memory and summary in a fresh database.
"""


def add_parser(subparsers: Any) -> None:
    """Register the command."""
    parser = subparsers.add_parser("eval", help="judge the models on held-out data", epilog=EPILOG)
    parser.add_argument("what", choices=("replies", "labels", "faces"))
    parser.add_argument(
        "--data", choices=("dev", "test"), default="test", help="held-out rows (default test)"
    )
    parser.add_argument("--n", type=int, default=100, help="rows (0 = all; default 100)")
    parser.add_argument("--seed", type=int, default=1, help="which rows (default 1)")
    parser.add_argument("--out", type=Path, help="write one JSON object per row here")
    parser.add_argument("--sheets", type=Path, help="faces: write contact sheets into this folder")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Evaluate; the exit code."""
    if args.what == "faces":
        figures, rows = _faces(settings, args.sheets)
    else:
        figures, rows = asyncio.run(_rows(args, settings))
    if args.out:
        args.out.write_text(
            "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8"
        )
    if args.json:
        print(json.dumps(figures, ensure_ascii=False, indent=1))
    else:
        for name, value in figures.items():
            print(f"{name:28} {value}")
    return exits.OK


def _faces(settings: Settings, sheets: Path | None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    import numpy as np

    from models.face.directions import check_face
    from models.face.property import PROPERTIES, load_property
    from models.face.service import load_engine

    folder = settings.weights_dir / "face"
    engine, cnn = load_engine(folder), load_property(folder)
    if sheets:
        from models.face.sheets import faces_sheet, sweep_sheet

        sweep_sheet(engine, sheets / "sweeps.png")
        faces_sheet(engine, sheets / "faces.png")
    rows = []
    for face in engine.faces.values():
        follows = check_face(engine.generator, cnn, face.w, engine.normals, face.calibration)
        rows.append(
            {"face": face.id}
            | {name: round(float(c), 3) for name, c in zip(PROPERTIES, follows, strict=True)}
        )
    means = {
        f"correlation {name}": round(float(np.mean([row[name] for row in rows])), 3) for name in PROPERTIES
    }
    worst = {f"worst face {name}": min(row[name] for row in rows) for name in PROPERTIES}
    return {"faces": len(rows)} | means | worst, rows


async def _rows(args: argparse.Namespace, settings: Settings) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    import random

    from bot.wiring import build_app
    from models.text.corpus_data import dev_rows, test_rows

    rows = dev_rows() if args.data == "dev" else test_rows()
    if args.n:
        rows = random.Random(args.seed).sample(rows, min(args.n, len(rows)))
    out = []
    with tempfile.TemporaryDirectory() as folder:
        quiet = settings.model_copy(update={"var_dir": Path(folder), "face_enabled": False})
        async with build_app(quiet) as app:
            for number, row in enumerate(rows):
                out.append(await _one(app, number, row))
                print(f"\r{number + 1}/{len(rows)}", end="", file=sys.stderr)
    print(file=sys.stderr)
    return (_reply_figures(out) if args.what == "replies" else _label_figures(out)), out


async def _one(app: Any, number: int, row: Any) -> dict[str, Any]:
    """One held-out row through the whole conversation, with its surroundings prepared."""
    from core.memory import parse_tags
    from core.people import DIRECT, FaceReady, Incoming, MemoryDone, Person, ReplyDone
    from core.ports import Situation, Turn
    from core.ports_memory import NewMemory

    now = app.clock.now()
    incoming = Incoming(f"eval-{number}", Person("eval", str(number)), DIRECT, row.text, now)
    for key, value in parse_tags(row.memory_in):
        vector = (await app.embedder.encode([f"[{key}: {value}]"]))[0]
        await app.memories.add(
            incoming.owner, NewMemory(key, value, now, "eval", vector, app.embedder.model_id), 0
        )
    if row.summary_in:
        await app.history.add_turn(incoming.owner, Turn("before", "", "", row.summary_in, row.lang, now), 0)
    record = _about(row)
    async for event in app.conversation.respond(incoming):
        if isinstance(event, ReplyDone):
            record |= {
                "reply": event.text,
                "origin": event.origin,
                "recalled": [m.text for m in event.recalled],
            }
        elif isinstance(event, FaceReady):
            record["expression"] = {
                name: getattr(event.expression, name) for name in ("eyes", "mouth", "pose")
            }
        elif isinstance(event, MemoryDone):
            record["learned"] = [fact.text for fact in event.learned]
    tags = (row.memory_in,) if row.memory_in else ()
    (vector,) = await app.embedder.encode([row.text])
    situation = Situation(row.text, row.lang, tags, row.summary_in, vector)
    near = await app.conversation.maker.exemplars.nearest(situation, 8)
    record["baseline"] = near[0].exchange.reply if near else ""
    record["near"] = [[e.exchange.text, e.exchange.reply, round(e.score, 3)] for e in near]
    return record


def _about(row: Any) -> dict[str, Any]:
    """What the held-out row says, for the record."""
    names = ("lang", "topic", "text", "memory_in", "summary_in")
    wanted = {name: getattr(row, name) for name in ("memory", "eyes", "mouth", "pose")}
    return {name: getattr(row, name) for name in names} | {"reference": row.reply, "wanted": wanted}


def _reply_figures(rows: list[dict[str, Any]]) -> dict[str, Any]:
    origins = Counter(row["origin"] for row in rows)
    return {
        "rows": len(rows),
        **{f"share {name}": round(count / len(rows), 3) for name, count in origins.most_common()},
        "equal to baseline": round(sum(row["reply"] == row["baseline"] for row in rows) / len(rows), 3),
        "memory recalled": _share([bool(row["recalled"]) for row in rows if row["memory_in"]]),
    }


def _label_figures(rows: list[dict[str, Any]]) -> dict[str, Any]:
    facts = [row for row in rows if row["wanted"]["memory"]]
    none = [row for row in rows if not row["wanted"]["memory"]]
    key_hits = sum(
        row["wanted"]["memory"].split(":")[0] in {t.split(":")[0] for t in row["learned"]} for row in facts
    )
    exact = sum(row["wanted"]["memory"] in row["learned"] for row in facts)
    learned = sum(bool(row["learned"]) for row in rows)
    found = sum(bool(row["learned"]) for row in facts)
    precision, recall = found / max(1, learned), found / max(1, len(facts))
    figures: dict[str, Any] = {
        "rows": len(rows),
        "rows with a fact": len(facts),
        "fact found F1": round(2 * precision * recall / max(1e-9, precision + recall), 3),
        "same key": round(key_hits / max(1, len(facts)), 3),
        "exactly equal": round(exact / max(1, len(facts)), 3),
        "false facts": _share([bool(row["learned"]) for row in none]),
    }
    for axis in ("eyes", "mouth", "pose"):
        figures[f"{axis} agree"] = _share([row["expression"][axis] == row["wanted"][axis] for row in rows])
        majority = Counter(row["wanted"][axis] for row in rows).most_common(1)[0][1] / len(rows)
        figures[f"{axis} majority"] = round(majority, 3)
    return figures


def _share(hits: list[bool]) -> float:
    return round(sum(hits) / max(1, len(hits)), 3)
