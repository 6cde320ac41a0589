"""``train``: make the embedded models from the corpus and the painter; seeded and resumable."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot import exits
from bot.commands._face_paint import whole
from bot.commands._train_battle import BATTLE_STAGES, train_battle
from bot.commands._train_embed import EMBED_STAGES, train_embed
from bot.commands._train_face import FACE_OPTIONS, FACE_STAGES, PLAIN, overridden, train_face
from bot.settings import Settings, SettingsError
from core.errors import ModelError

EPILOG = """examples:
  python bot.py train embed                    the sentence models (first: the others lean on them)
  python bot.py train embed memory             that of memories, from that of messages on
  python bot.py train embed associations static     words that belong to words of memories, counted and learnt
  python bot.py train text                     base, four adapters, corpus vectors, ranker
  python bot.py train text base --steps 6000   one stage
  python bot.py train text memory summary      two of the adapters
  python bot.py train text adapters --base Qwen/Qwen3-0.6B@c1899de     make another base hers
  python bot.py train face                     portraits, generator, scores, lineage, hair, faces
  python bot.py train face portraits --steps 2000 --threads 4     paint 2,000 portraits by 4 processes
  python bot.py train face paired64 --bf16     in bfloat16, where the processor is quick with it (AMX)
  python bot.py train face plain64 --device cuda --minutes 9.5    the plain adversarial way, in parts
  python bot.py train face --dry-run           say what would happen
  python bot.py train battle data              the picture tasks that ship, drawn
  python bot.py train battle table --dataset digits --rows 1200 --seed 1     trainings to learn from
  python bot.py train battle surrogate         her guess of what comes out, from the tables
  python bot.py train battle hidden surrogate --hidden --out /tmp/try         with the original's auto-encoder

Checkpoints lie under OHLORA_VAR_DIR/train and are resumed; --fresh begins anew. Needs the
extra "train": pip install -c constraints.txt -e '.[train]'
"""
ADAPTERS = ("reply", "memory", "summary", "expression")
TEXT_STAGES = ("tokenizer", "base", "adapters", *ADAPTERS, "vectors", "heads", "candidates", "ranker")
STAGES: dict[str, tuple[str, ...]] = {
    "text": TEXT_STAGES, "embed": EMBED_STAGES, "face": FACE_STAGES, "battle": BATTLE_STAGES,
}  # fmt: skip
OVERRIDES = (
    "steps", "seed", "batch", "threads", "bf16", "device", "minutes", "generator", "photos", "picked",
    "tested",
)  # fmt: skip
ON_DEMAND = ("candidates", "data", "table", "hidden", *ADAPTERS, *FACE_OPTIONS, *PLAIN)


def add_parser(subparsers: Any) -> None:
    """Register the command."""
    parser = subparsers.add_parser("train", help="train the embedded models", epilog=EPILOG)
    parser.add_argument("model", choices=tuple(STAGES))
    parser.add_argument(
        "stage", nargs="*", help="only these stages (default: all); "
        + "; ".join(f"{model}: {', '.join(names)}" for model, names in STAGES.items()),
    )  # fmt: skip
    steps = "steps of the chosen stage; epochs of scores, hairstyle, filters, v3; how many portraits, codes"
    parser.add_argument("--steps", type=int, help=steps)
    parser.add_argument("--batch", type=int, help="portraits in a batch (face)")
    parser.add_argument("--seed", type=int, help="seed of the stage")
    threads = "torch threads (default 1); of portraits: painting processes (default 2)"
    parser.add_argument("--threads", type=int, help=threads)
    parser.add_argument("--device", metavar="NAME", help="cpu (default), cuda, cuda:1 … (face)")
    _add_face(parser)
    which = "battle: of this data set (may be repeated; default: those that ship)"
    parser.add_argument("--dataset", action="append", metavar="NAME", default=[], help=which)
    parser.add_argument("--rows", type=int, metavar="N", help="of a battle table (default 1200)")
    parser.add_argument(
        "--hidden", action="store_true", help="battle surrogate: with what auto-encoders keep"
    )
    parser.add_argument("--fresh", action="store_true", help="ignore checkpoints, paint portraits anew")
    parser.add_argument("--base", help="text adapters for another base: a folder or owner/name@revision")
    parser.add_argument(
        "--out", type=Path, help="folder of the finished weights (default: weights_dir; with --base: "
        "OHLORA_VAR_DIR/adapters/NAME)"
    )  # fmt: skip
    reports = "folder of the reports with pictures (default: docs/face)"
    parser.add_argument("--report", type=Path, default=Path("docs") / "face", help=reports)
    parser.add_argument("--dry-run", action="store_true", help="print the plan and stop")
    parser.set_defaults(run=run)


def _add_face(parser: argparse.ArgumentParser) -> None:
    """What only stages of the face take, but for ``--bf16``."""
    minutes = "end after about so many, with a checkpoint; the same command goes on (face)"
    parser.add_argument("--minutes", type=_minutes, metavar="N", help=minutes)
    whose = "v1 and on, faces: of this generator, which face import wrote; before: begin with it"
    parser.add_argument("--generator", metavar="DIR", help=whose)
    seeing = "plain64 and on, scores, hairstyle: learn from photographs"
    parser.add_argument("--photos", metavar="DIR", help=seeing)
    parser.add_argument("--bf16", action="store_const", const=True, help="in bfloat16 (face, memory model)")
    parser.add_argument(
        "--picked", type=_ids, metavar="FILE", help="face faces: only those whose ids stand in this file"
    )
    fewer = "face faces: at most so many codes for each gallery"
    parser.add_argument("--tested", type=whole(1, 100_000), metavar="N", help=fewer)


def _minutes(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError("a number of minutes")
    return number


def _ids(value: str) -> tuple[str, ...]:
    try:
        return tuple(Path(value).read_text("utf-8").split())
    except (OSError, UnicodeDecodeError) as err:
        raise argparse.ArgumentTypeError(f"cannot read {value}") from err


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Train what was asked for; the exit code."""
    known = STAGES[args.model]
    stages = args.stage or [s for s in known if s not in ON_DEMAND]
    if unknown := [stage for stage in stages if stage not in known]:
        print(f"unknown stage {unknown[0]}; there are: {', '.join(known)}", file=sys.stderr)
        return exits.USAGE
    out, work = (args.out or settings.weights_dir) / args.model, settings.var_dir / "train" / args.model
    overrides = {name: value for name in OVERRIDES if (value := getattr(args, name)) is not None}
    if args.base:
        stages = args.stage or ["adapters"]
        if args.model != "text" or not {*stages} <= {"adapters", *ADAPTERS}:
            print("--base goes with: train text adapters", file=sys.stderr)
            return exits.USAGE
        name = Path(args.base.rpartition("@")[0] or args.base).name
        out, work = args.out or settings.var_dir / "adapters" / name, work / name
    if args.dry_run:
        plan = {"model": args.model, "base": args.base, "stages": stages, "checkpoints": str(work),
                "weights": str(out), "overrides": overrides}  # fmt: skip
        print(json.dumps(plan, indent=1))
        return exits.OK
    try:
        if args.base:
            _hub(args.base, stages, overrides, work, out, settings, fresh=args.fresh)
        elif args.model == "embed":
            train_embed(stages, overrides, work, out, fresh=args.fresh, bar=_bar)
        elif args.model == "text":
            _text(stages, overrides, work, out, settings, fresh=args.fresh)
        elif args.model == "battle":
            train_battle(stages, args, settings.var_dir, out, _bar)
        else:
            train_face(stages, overrides, work, out, args.report, fresh=args.fresh, bar=_bar)
    except (FileNotFoundError, ModelError, SettingsError) as err:
        wrong = f"missing: {err.filename or err}" if isinstance(err, FileNotFoundError) else err
        print(f"{wrong}\nstages in their order: {', '.join(known)}", file=sys.stderr)
        return exits.CONFIG
    except OSError as err:
        print(f"{err.filename or work}: {err.strerror or err}", file=sys.stderr)
        return exits.CANNOT_CREATE
    return exits.OK


@contextmanager
def _bar(title: str, total: int, done: int = 0) -> Iterator[Callable[[int, dict[str, float]], None]]:
    """A progress bar with the mean losses of the last steps."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[loss]}"),
    )
    mean: dict[str, float] = {}
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(title, total=total, completed=done, loss="")

        def report(step: int, losses: dict[str, float]) -> None:
            for key, value in losses.items():
                mean[key] = value if key not in mean else 0.98 * mean[key] + 0.02 * value
            text = " ".join(f"{key} {value:.3f}" for key, value in mean.items())
            progress.update(task, completed=step, loss=text)

        yield report


def _text(
    stages: list[str], overrides: dict[str, Any], work: Path, out: Path, settings: Settings, *, fresh: bool
) -> None:
    from models.text import make
    from models.text.train import AdapterTrainConfig, BaseTrainConfig

    checkpoint = work / "base.pt"
    if fresh:
        checkpoint.unlink(missing_ok=True)
    if "tokenizer" in stages and (fresh or not (out / "tokenizer.json").exists()):
        make.tokenizer(out)
    if "base" in stages:
        config = overridden(BaseTrainConfig(), overrides)
        with _bar("base model", config.steps) as report:
            make.base(config, out, checkpoint, report)
    for adapter, checkpoint, report in _adapters(AdapterTrainConfig(), stages, overrides, work, fresh):
        make.adapter(adapter, out, checkpoint, report)
    embed = settings.weights_dir / "embed"
    if "vectors" in stages:
        make.vectors(out, embed)
    if "heads" in stages:
        make.heads(out, embed)
    if "candidates" in stages:
        from models.text.train_ranker import GRADED, write_candidates

        print(f"{write_candidates(out, embed, GRADED)} candidates without a grade in {GRADED}")
    if "ranker" in stages:
        from models.text.train_ranker import fit

        print(json.dumps(fit(out, embed)))


def _adapters(
    usual: Any, stages: list[str], overrides: dict[str, Any], work: Path, fresh: bool
) -> Iterator[tuple[Any, Path, Callable[[int, dict[str, float]], None]]]:
    """Schedule, checkpoint and progress bar of each adapter that is to be trained."""
    for task in ADAPTERS:
        if task in stages or "adapters" in stages:
            config, checkpoint = overridden(usual, {"task": task} | overrides), work / f"{task}.pt"
            if fresh:
                checkpoint.unlink(missing_ok=True)
            with _bar(f"adapter {task}", config.steps) as report:
                yield config, checkpoint, report


def _hub(
    base: str, stages: list[str], overrides: dict[str, Any], work: Path, out: Path, settings: Settings,
    *, fresh: bool,
) -> None:  # fmt: skip
    from bot.profiles import found
    from models.runtime.checkpoints import parse_source
    from models.text import make
    from models.text.train import HUB_ADAPTER

    try:
        folder = found("--base", parse_source(base), settings)
    except ValueError as err:
        raise SettingsError(f"--base: {err}") from None
    for adapter, checkpoint, report in _adapters(HUB_ADAPTER, stages, overrides, work, fresh):
        make.hub_adapter(
            adapter, folder, out, checkpoint, report, dtype=settings.text_dtype,
            device_map=settings.text_device_map, four_bit=settings.text_4bit,
        )  # fmt: skip
