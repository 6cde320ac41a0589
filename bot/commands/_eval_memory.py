"""``eval memory``: the right memory at the right message; :mod:`bot.commands.eval` holds the other parts."""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bot import exits
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.evaluation.stage import Build

WAYS: Final = ("hybrid", "model", "bm25", "ngrams")
PAIR_WAYS: Final = ("model", "ngrams")
EPILOG: Final = """examples:
  python bot.py eval memory                              the shipped dev set, as people get it
  python bot.py eval memory --by bm25 --json
  python bot.py eval memory --data mine.jsonl --out rows.jsonl
  python bot.py eval memory --pairs pairs.jsonl

--data, one person a line: {"memories": [text, ...], "queries": [{"text", "relevant": [number, ...]}, ...]};
a memory is "[key: value]" or any other text, its number counts from 0, and no number means that she should
recall nothing. --pairs: {"a", "b", "score"} with a score from -1 to 1, against the sentence model's cosine.

--by hybrid (default): every person is laid down in a fresh database and asked as in a turn: the same search,
keys, settling of contradictions, threshold, two memories at most. model: the sentence model's cosine alone.
bm25: words (k1 1.2, b 0.75). ngrams: TF-IDF of 2 to 4 characters. Both are weighed over all given memories.
The last three have no threshold of their own: the lowest at which nine of ten of these very messages
without a memory stay without one is taken, which flatters them; --threshold sets another.

recall@1, recall@3: a right memory is among the first. Precision, recall: of the memories told at the
threshold. "right silence": of the messages without a memory, those at which none is told.

The sealed split is for a last judgement: it may be opened twice at most, and both results go into
docs/experiments.md. It opens with --open-sealed only.
Exit codes: 64 wrong use, 65 lines that cannot be used (named; the others are), 78 missing weights.
"""


def add_part(parts: Any) -> None:
    """Register ``memory`` among what can be judged."""
    from bot.commands.eval import count_of, file_of, out_options

    about = "the right memory recalled at a message, or none"
    parser = parts.add_parser("memory", help=about, description=about, epilog=EPILOG)
    rows = parser.add_mutually_exclusive_group()
    rows.add_argument("--split", choices=("dev", "sealed"), default="dev", help="default dev")
    rows.add_argument("--data", type=file_of, metavar="FILE", help="people of yours instead of a split")
    rows.add_argument("--pairs", type=file_of, metavar="FILE", help="pairs of texts with scores instead")
    parser.add_argument("--open-sealed", action="store_true", help="open the sealed split, twice at most")
    parser.add_argument("--by", choices=WAYS, help="how memories are found (default hybrid; pairs: model)")
    parser.add_argument("--threshold", type=_number, metavar="X", help="told are memories from this score")
    parser.add_argument("--n", type=count_of, default=0, help="lines (default 0: all)")
    parser.add_argument("--seed", type=count_of, default=1, help="which lines (default 1)")
    out_options(parser)
    parser.set_defaults(run=run)


def _number(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError("a number")
    return number


def run(args: argparse.Namespace, settings: Settings, build: Build | None = None) -> int:
    """Judge; the exit code. ``build`` opens another app than the real one."""
    from bot.commands.eval import told

    if wrong := _wrong(args):
        print(f"eval memory: {wrong}", file=sys.stderr)
        return exits.USAGE
    work = _pairs if args.pairs else _cases
    return told(lambda: work(args, settings, build))


def _wrong(args: argparse.Namespace) -> str:
    """What the options ask for that is not to be had, '' for nothing."""
    if args.pairs and args.by not in (None, *PAIR_WAYS):
        return f"--pairs can be judged --by {' or '.join(PAIR_WAYS)}"
    if args.pairs and args.threshold is not None:
        return "--pairs and --threshold exclude each other"
    if args.data or args.pairs or args.split != "sealed":
        return "--open-sealed is for --split sealed" if args.open_sealed else ""
    if not args.open_sealed:
        return "the sealed split may be opened twice at most; if this is the time, add --open-sealed"
    return ""


def _cases(args: argparse.Namespace, settings: Settings, build: Build | None) -> int:
    from bot.commands.eval import ask, lines_of
    from bot.evaluation import matching, recalling
    from bot.evaluation.data import chosen, read_remembered
    from bot.evaluation.report import rows_file, show

    found, bad = lines_of(args.data or _shipped(args.split), read_remembered)
    cases, by = chosen(found, args.n, args.seed), args.by or WAYS[0]
    plain = {"bm25": matching.bm25, "ngrams": matching.ngrams}
    with rows_file(args.out) as out:
        if not cases:
            figures = recalling.recall_figures([], None)
        elif by in plain:
            figures = recalling.by_marks(plain[by](cases), cases, args.threshold, out)
        else:
            work = recalling.by_model if by == "model" else recalling.by_recall
            figures = ask(settings, build, args.seed, lambda app: work(app, cases, args.threshold, out))
    show({"by": by, "people": len(cases)} | figures, as_json=args.json)
    return exits.BAD_INPUT if bad else exits.OK


def _shipped(split: str) -> Path:
    import models.embed

    return Path(models.embed.__file__).parent / "data" / f"{split}.jsonl"


def _pairs(args: argparse.Namespace, settings: Settings, build: Build | None) -> int:
    from bot.commands.eval import ask, lines_of
    from bot.evaluation import matching, recalling
    from bot.evaluation.data import chosen, read_pair
    from bot.evaluation.report import rows_file, show

    found, bad = lines_of(args.pairs, read_pair)
    pairs, by = chosen(found, args.n, args.seed), args.by or PAIR_WAYS[0]
    with rows_file(args.out) as out:
        if by == "ngrams" or not pairs:
            figures = recalling.pair_figures(pairs, matching.pair_ngrams(pairs), out)
        else:
            figures = ask(settings, build, args.seed, lambda app: recalling.pairs_by_model(app, pairs, out))
    show({"by": by} | figures, as_json=args.json)
    return exits.BAD_INPUT if bad else exits.OK
