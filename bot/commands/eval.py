"""``eval``: judge her replies, labels, memories, recall, summaries and faces on held-out data."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import exits
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.app import App
    from bot.evaluation.data import Probe
    from bot.evaluation.stage import Build
    from models.text.corpus_data import Row

EPILOG = """examples:
  python bot.py eval reply --split dev --json
  python bot.py eval expression
  python bot.py eval memory-extract --data mine.jsonl
  python bot.py eval memory --by bm25
  python bot.py eval summary --n 200 --seed 7
  python bot.py eval comments --n 500 --out rows.jsonl
  python bot.py eval faces --sheets docs/face

Every row is a person of its own in a fresh database. The same seed gives the same replies, as far as
these do not depend on the day and the hour. The sealed split is opened at most twice.
Exit codes: 64 wrong use, 65 lines that cannot be used (named; the others are), 78 missing weights.
"""
REPLY_EPILOG = """examples:
  python bot.py eval reply                                    all of dev, and its probes
  python bot.py eval reply --n 100 --seed 7 --out rows.jsonl  100 rows, and 100 probes of each kind
  python bot.py eval reply --n 1 --probes mine.jsonl
  python bot.py eval reply --data asked.jsonl --out answered.jsonl

--data: one object a line, {"text", "history"?: [{"text", "reply"}], "memories"?: ["[key: value]"],
"lang"?: "ko"|"en"}. Her replies stand beside them, in --out or on stdout; no figures.
--probes: {"kind", "lang", "text"} with kind persona or memory ("say", "not"?: lists; a memory's "memories"
and another person's "others"), refusal, benign, weekday. A reply of the corpus declines where its reader
labelled it so, any other by a rule of words; --out shows by which ("declined by").
valid: what a release asks for (fixed phrases aside), and no tags, links or control tokens.
Perplexity: of the held-out reply and its end, after the prompt that she would write hers after.
"""
LABELS_EPILOG = """examples:
  python bot.py eval expression --split dev --json     with the table of confusions
  python bot.py eval memory-extract --out rows.jsonl
  python bot.py eval summary --data mine.jsonl

--data, one object a line. expression: {"reply", "text"?, "eyes", "mouth", "pose"}; memory-extract:
{"text", "memory"} with "[key: value]" or "" (and memories, history, summary_in, lang, where they stand
before the message); summary: {"text", "reply", "summary"}.
memory-extract: a hit is a fact with the wanted key, or with a value that holds the wanted one, is held by
it, or shares half of its character pairs. Precision: facts on rows with one. Recall: rows with a hit.
"""
COMMENTS_EPILOG = """example:
  python bot.py eval comments --n 500 --seed 8 --out rows.jsonl

One person plays against her, Optuna and others in both languages; all seven grades take turns. Shares of
comments that the model wrote ("generated"), chose among hers ("chosen") or did not get to ("phrase").
"""
FACES_EPILOG = "example:\n  python bot.py eval faces --sheets docs/face"


def add_parser(subparsers: Any) -> None:
    """Register the command and its parts."""
    from bot.commands._eval_memory import add_part as add_memory

    parser = subparsers.add_parser("eval", help="judge the models on held-out data", epilog=EPILOG)
    parts = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    reply = parts.add_parser("reply", help="her replies, and probes", epilog=REPLY_EPILOG)
    _data_options(reply)
    reply.add_argument("--probes", type=file_of, metavar="FILE", help="these instead of the split's probes")
    reply.set_defaults(run=run_reply)
    texts = {
        "expression": "labels of her face against given ones",
        "memory-extract": "facts learned from messages against given ones",
        "summary": "summaries of replies against given ones",
    }
    for name, text in texts.items():
        part = parts.add_parser(name, help=text, description=text, epilog=LABELS_EPILOG)
        _data_options(part)
        part.set_defaults(run=run_labels)
    add_memory(parts)
    comments = parts.add_parser(
        "comments", help="what she says to simulated results of battles", epilog=COMMENTS_EPILOG
    )
    comments.add_argument("--n", type=count_of, default=500, help="results (default 500)")
    comments.add_argument("--seed", type=count_of, default=1, help="which results (default 1)")
    out_options(comments)
    comments.set_defaults(run=run_comments)
    faces = parts.add_parser(
        "faces", help="asked against measured properties of every face", epilog=FACES_EPILOG
    )
    faces.add_argument("--sheets", type=Path, help="write contact sheets into this folder")
    out_options(faces)
    faces.set_defaults(run=run_faces)


def _data_options(parser: argparse.ArgumentParser) -> None:
    rows = parser.add_mutually_exclusive_group()
    rows.add_argument("--split", choices=("dev", "test", "sealed"), default="dev", help="default dev")
    rows.add_argument("--data", type=file_of, metavar="FILE", help="lines of yours instead of a split")
    parser.add_argument("--n", type=count_of, default=0, help="rows (default 0: all)")
    parser.add_argument("--seed", type=count_of, default=1, help="which rows, and her sampling (default 1)")
    out_options(parser)


def out_options(parser: argparse.ArgumentParser) -> None:
    """What every part offers for its result."""
    parser.add_argument("--out", type=Path, metavar="FILE", help="write one JSON object per row here")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")


def file_of(value: str) -> Path:
    """A file that is there. Raises ArgumentTypeError."""
    path = Path(value)
    if not path.exists() or path.is_dir():
        wrong = "a folder, not a file" if path.is_dir() else "no such file"
        raise argparse.ArgumentTypeError(f"{wrong}: {value}")
    return path


def count_of(value: str) -> int:
    """A whole number from 0. Raises ArgumentTypeError."""
    if not value.isascii() or not value.isdigit() or len(value) > 18:
        raise argparse.ArgumentTypeError("a whole number from 0, of 18 digits at most")
    return int(value)


def run_reply(args: argparse.Namespace, settings: Settings, build: Build | None = None) -> int:
    """Judge replies; the exit code. ``build`` opens another app than the real one."""
    if args.data and args.probes:
        print("eval reply: --probes and --data exclude each other", file=sys.stderr)
        return exits.USAGE
    return told(lambda: _reply(args, settings, build))


def _reply(args: argparse.Namespace, settings: Settings, build: Build | None) -> int:
    from bot.evaluation import reply
    from bot.evaluation.data import chosen, read_case
    from bot.evaluation.report import rows_file, show

    if args.data:
        cases, bad = lines_of(args.data, read_case)
        with rows_file(args.out, sys.stdout) as out:
            figures = ask(settings, build, args.seed, lambda app: reply.answer_all(app, cases, out))
        if args.out:
            show(figures, as_json=args.json)
        return exits.BAD_INPUT if bad else exits.OK
    probes, bad = _probes(args)
    rows = chosen(_split(args.split), args.n, args.seed)
    with rows_file(args.out) as out:
        nats = reply.load_nats(settings.weights_dir, settings.torch_threads)
        figures = ask(settings, build, args.seed, lambda app: reply.evaluate(app, rows, probes, nats, out))
    show(figures, as_json=args.json)
    return exits.BAD_INPUT if bad else exits.OK


def _probes(args: argparse.Namespace) -> tuple[list[Probe], bool]:
    """At most ``--n`` probes of each kind, and whether some lines were bad; none belong to the test split."""
    from bot.evaluation.data import KINDS, PROBES, chosen, read_probe

    path = args.probes or PROBES / f"{args.split}.jsonl"
    if not path.exists():
        return [], False
    found, bad = lines_of(path, read_probe)
    kinds = ([probe for probe in found if probe.kind == kind] for kind in KINDS)
    return [probe for of_kind in kinds for probe in chosen(of_kind, args.n, args.seed)], bad


def run_labels(args: argparse.Namespace, settings: Settings, build: Build | None = None) -> int:
    """Judge what is read from messages and replies; the exit code. ``build`` as for :func:`run_reply`."""
    return told(lambda: _labels(args, settings, build))


def _labels(args: argparse.Namespace, settings: Settings, build: Build | None) -> int:
    from bot.evaluation import data, labels
    from bot.evaluation.report import rows_file, show

    parts: dict[str, tuple[Any, Any, Any]] = {
        "expression": (data.read_labelled, data.labelled_of, labels.expression),
        "memory-extract": (data.read_telling, data.telling_of, labels.memory_extract),
        "summary": (data.read_summed, data.summed_of, labels.summary),
    }
    parse, of_row, work = parts[args.what]
    if args.data:
        found, bad = lines_of(args.data, parse)
    else:
        found, bad = [of_row(row) for row in _split(args.split)], False
    rows = data.chosen(found, args.n, args.seed)
    with rows_file(args.out) as out:
        figures = ask(settings, build, args.seed, lambda app: work(app, rows, out))
    show(figures, as_json=args.json)
    return exits.BAD_INPUT if bad else exits.OK


def run_comments(args: argparse.Namespace, settings: Settings, build: Build | None = None) -> int:
    """Judge comments on battles; the exit code. ``build`` as for :func:`run_reply`."""
    return told(lambda: _comments(args, settings, build))


def _comments(args: argparse.Namespace, settings: Settings, build: Build | None) -> int:
    from bot.evaluation.comments import comments
    from bot.evaluation.report import rows_file, show

    with rows_file(args.out) as out:
        figures = ask(settings, build, args.seed, lambda app: comments(app, args.n, args.seed, out))
    show(figures, as_json=args.json)
    return exits.OK


def run_faces(args: argparse.Namespace, settings: Settings) -> int:
    """Measure the faces; the exit code."""
    return told(lambda: _faces(args, settings))


def _faces(args: argparse.Namespace, settings: Settings) -> int:
    from bot.evaluation.faces import faces
    from bot.evaluation.report import rows_file, show, write_row

    with rows_file(args.out) as out:
        figures, rows = faces(settings.weights_dir, args.sheets)
        for row in rows:
            write_row(out, row)
    show(figures, as_json=args.json)
    return exits.OK


def told(work: Callable[[], int]) -> int:
    """The exit code of ``work``; what stood in its way is said on stderr."""
    from bot.evaluation.report import CannotWriteError
    from bot.weights import MEND
    from core.errors import HiddenError, ModelError

    try:
        return work()
    except CannotWriteError as err:
        print(err, file=sys.stderr)
        return exits.CANNOT_CREATE
    except (ModelError, FileNotFoundError) as err:
        mend = f"To mend it: {MEND}\nThen: python bot.py doctor"
        print(f"Nothing can be judged: {err}\n{mend}", file=sys.stderr)
        return exits.CONFIG
    except HiddenError as err:
        print(f"The evaluation broke off: {type(err).__name__}", file=sys.stderr)
        return exits.FAILED


def _split(name: str) -> list[Row]:
    from bot.evaluation.data import SPLITS

    return SPLITS[name]()


def lines_of(path: Path, parse: Callable[[Mapping[str, Any]], Any]) -> tuple[list[Any], bool]:
    """What stands in a file, and whether some of its lines could not be used, or there are none."""
    from bot.evaluation.data import read_lines
    from bot.evaluation.report import complain

    good, bad = read_lines(path, parse)
    complain(path, bad)
    if not good and not bad:
        print(f"{path}: nothing stands in it", file=sys.stderr)
    return good, not good or bool(bad)


def ask(
    settings: Settings, build: Build | None, seed: int, work: Callable[[App], Any]
) -> dict[str, Any]:  # fmt: skip
    """The figures that ``work`` makes with the whole bot."""
    from bot.evaluation.stage import opened
    from bot.wiring import build_app

    async def asked() -> dict[str, Any]:
        async with opened(settings, build or build_app, seed) as app:
            figures: dict[str, Any] = await work(app)
            return figures

    return asyncio.run(asked())
