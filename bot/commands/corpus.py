"""``corpus``: check the exchanges she learns from, and say what they cover."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from typing import Any

from bot import exits
from bot.settings import Settings

EPILOG = """examples:
  python bot.py corpus lint             form, voice, labels, doubles, overlap with held-out rows
  python bot.py corpus lint --near      also replies that nearly say the same (half a minute)
  python bot.py corpus shares           what the corpus covers, and how much of it
  python bot.py corpus fill             how many training texts there are with all slots filled
"""


def add_parser(subparsers: Any) -> None:
    """Register the command."""
    parser = subparsers.add_parser(
        "corpus", help="check the training corpus", epilog=EPILOG,
        description="The exchanges under models/text/corpus; exit code 1 when lint finds something.",
    )  # fmt: skip
    parser.add_argument("what", choices=("lint", "shares", "fill"))
    parser.add_argument("--near", action="store_true", help="lint: compare replies by meaning, too")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Check or count; the exit code."""
    if args.what == "lint":
        return _lint(args, settings)
    figures = _shares() if args.what == "shares" else _fill()
    if args.json:
        print(json.dumps(figures, ensure_ascii=False, indent=1))
    else:
        width = max(map(len, figures))
        for name, value in figures.items():
            print(f"{name:{width}}  {value}")
    return exits.OK


def _lint(args: argparse.Namespace, settings: Settings) -> int:
    from models.text.corpus_data import dev_rows, sealed_rows, test_rows, train_rows
    from models.text.corpus_lint import lint, near_doubles

    rows = train_rows()
    found = lint(rows, [*dev_rows(), *test_rows(), *sealed_rows()])
    if args.near:
        from models.embed.service import SentenceEncoder

        found += near_doubles(rows, SentenceEncoder.load(settings.weights_dir / "embed").encode)
    if args.json:
        print(json.dumps([_plain(finding) for finding in found], ensure_ascii=False, indent=1))
    else:
        for finding in found:
            print(" | ".join(str(value) for value in _plain(finding).values()))
        counts = ", ".join(f"{rule}: {n}" for rule, n in Counter(f.rule for f in found).most_common())
        print(f"{len(rows)} exchanges; {counts or 'nothing found'}")
    return exits.FAILED if found else exits.OK


def _plain(finding: Any) -> dict[str, str]:
    row = finding.row
    return {
        "rule": finding.rule,
        "group": row.group,
        "text": row.text,
        "reply": row.reply,
        "detail": finding.detail,
    }


def _shares() -> dict[str, Any]:
    from models.text.corpus_data import train_rows
    from models.text.coverage import shares

    return {name: f"{count} ({100 * share:.1f} %)" for name, (count, share) in shares(train_rows()).items()}


def _fill() -> dict[str, Any]:
    from rich.progress import track

    from models.text.corpus_data import train_rows
    from models.text.filling import slots

    rows = train_rows()
    texts: set[tuple[str, str, str, str]] = set()
    for row in track(rows, "filling", transient=True):
        texts.update((r.text, r.memory, r.memory_in, r.reply) for r in slots().every([row]))
    return {"exchanges": len(rows), "distinct training texts": len(texts)}
