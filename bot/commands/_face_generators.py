"""``python bot.py face import`` and ``face synth``: generators of others, and raw images of given codes."""

from __future__ import annotations

import argparse
import errno
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from bot import exits
from bot.settings import Settings
from core.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.face.stylegan.generator import Generator

KINDS = ("generator", "property", "hairstyle", "merged", "gender", "quality", "age", "glass")
_IMPORT = """examples:
  python bot.py face import generator.pth --out var/generators/v8
  python bot.py face import v7.pth --label-weight vector_find_v7.pth --out var/generators/v7
  python bot.py face import property_score_cnn.pth --kind property --out var/scores"""
_SYNTH = """example:
  python bot.py face synth --model var/generators/v8 --z z.npy --label l.npy --out images.npy --w-out w.npy"""


def _count(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 4096:
        raise argparse.ArgumentTypeError("a number from 1 to 4096")
    return int(value)


def add_parsers(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register both sub-commands."""
    bring = actions.add_parser(
        "import", help="turn a StyleGAN1 generator's .pth into safetensors", epilog=_IMPORT,
        description="Turn a StyleGAN1 generator's .pth into a folder with generator.safetensors and "
        "config.json, or a score network's into KIND.safetensors and KIND.json. Only tensors are read, no "
        "code is run, and every weight must fit.",
    )  # fmt: skip
    bring.add_argument("source", type=Path, metavar="FILE.pth", help="the weights")
    bring.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="folder of the result, a new one"
    )
    kinds = f"what it is: {', '.join(KINDS)} (default: generator)"
    bring.add_argument("--kind", choices=KINDS, default="generator", metavar="KIND", help=kinds)
    matrix = "its label matrix, where the file lacks it or has another: a .npy, or a .pth that holds it"
    bring.add_argument("--label-weight", type=Path, metavar="FILE", help=matrix)
    bring.add_argument("--json", action="store_true", help="print what was found as JSON")
    bring.set_defaults(run=run_import)
    synth = actions.add_parser(
        "synth", help="raw images of given codes", epilog=_SYNTH,
        description="Write the images of given codes as float32 [N, 3, r, r], nominally from -1 to 1: "
        "stored noise, truncation off. The same codes and --batch give the same numbers.",
    )  # fmt: skip
    synth.add_argument("--model", type=Path, required=True, metavar="DIR", help="what face import wrote")
    synth.add_argument("--z", type=Path, required=True, metavar="FILE", help=".npy [N, z_dim]")
    synth.add_argument("--label", type=Path, metavar="FILE", help=".npy [N, n_labels] (default: zeros)")
    synth.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the images go, a .npy")
    synth.add_argument("--w-out", type=Path, metavar="FILE", help="where w goes, a .npy [N, w_dim]")
    synth.add_argument("--batch", type=_count, default=1, metavar="N", help="images at a time (default: 1)")
    synth.add_argument("--json", action="store_true", help="print what was written as JSON")
    synth.set_defaults(run=run_synth)


def run_import(args: argparse.Namespace, settings: Settings) -> int:
    """Import; the exit code."""
    from models.face.stylegan.importing import import_generator

    if args.kind != "generator":
        return _import_scores(args)
    try:
        config = import_generator(args.source, args.out, args.label_weight)
    except ModelError as err:
        print(f"No generator was imported: {err}", file=sys.stderr)
        return exits.BAD_INPUT
    except FileExistsError as err:
        print(f"{err.filename} is there already; name a new folder", file=sys.stderr)
        return exits.CANNOT_CREATE
    except OSError as err:
        return _unwritten(args.out, err)
    out = {"out": str(args.out), "source": str(args.source), "generator": config.to_json()}
    labels = f"{config.n_labels} labels" if config.n_labels else "no labels"
    split = ", split mapping" if config.split_mapping else ""
    said = f"{args.out}: {config.resolution} px, z {config.z_dim}, w {config.w_dim}, {labels}{split}"
    print(json.dumps(out, ensure_ascii=False) if args.json else said)
    return exits.OK


def _import_scores(args: argparse.Namespace) -> int:
    from models.face.scores.importing import import_scores

    if args.label_weight:
        print("--label-weight goes with generators", file=sys.stderr)
        return exits.USAGE
    out = args.out / f"{args.kind}.safetensors"
    if out.exists():
        print(f"{out} is there already; name another folder", file=sys.stderr)
        return exits.CANNOT_CREATE
    try:
        net = import_scores(args.source, out, args.kind)
    except ModelError as err:
        print(f"No score network was imported: {err}", file=sys.stderr)
        return exits.BAD_INPUT
    except OSError as err:
        return _unwritten(args.out, err)
    names = list(net.config.outputs)
    found = {"out": str(out), "source": str(args.source), "kind": args.kind, "scores": names}
    print(json.dumps(found, ensure_ascii=False) if args.json else f"{out}: {', '.join(names)}")
    return exits.OK


def run_synth(args: argparse.Namespace, settings: Settings) -> int:
    """Draw the images of all codes; the exit code."""
    from bot.senses import limit_threads
    from models.face.stylegan.importing import load_generator

    if args.w_out and args.w_out.resolve() == args.out.resolve():
        print("--out and --w-out name the same file", file=sys.stderr)
        return exits.USAGE
    try:
        limit_threads(settings.torch_threads, torch=True)
        generator = load_generator(args.model)
    except ModelError as err:
        print(f"{err}\nTo mend it: python bot.py face import FILE.pth --out DIR", file=sys.stderr)
        return exits.CONFIG
    try:
        z, label = _codes(args, generator)
    except ModelError as err:
        print(err, file=sys.stderr)
        return exits.BAD_INPUT
    began = time.perf_counter()
    try:
        shape = _write(args, generator, z, label)
    except OSError as err:
        return _unwritten(args.out, err)
    w_out = str(args.w_out) if args.w_out else None
    seconds = round(time.perf_counter() - began, 2)
    out = {"out": str(args.out), "shape": shape, "w_out": w_out, "seconds": seconds}
    print(json.dumps(out, ensure_ascii=False) if args.json else args.out)
    return exits.OK


def _unwritten(path: Path, err: OSError) -> int:
    print(f"{err.filename or path} cannot be written ({type(err).__name__})", file=sys.stderr)
    return exits.CANNOT_CREATE


def _codes(args: argparse.Namespace, generator: Generator) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """z [N, z_dim] and label [N, n_labels]. Raises ModelError that names the file."""
    from models.face.stylegan.importing import read_numbers

    config = generator.config
    z = read_numbers(args.z, (None, config.z_dim))
    if args.label is None:
        return z, None
    if not config.n_labels:
        raise ModelError(f"{args.label}: this generator takes no label")
    return z, read_numbers(args.label, (len(z), config.n_labels))


def _write(
    args: argparse.Namespace, generator: Generator, z: NDArray[Any], label: NDArray[Any] | None
) -> list[int]:
    """Write images and w batch by batch; the images' shape. Raises OSError."""
    import torch

    from models.face.stylegan.importing import in_batches

    config, n = generator.config, len(z)
    shape = (n, 3, config.resolution, config.resolution)
    given = None if label is None else torch.from_numpy(label)
    with ExitStack() as files:
        ws = files.enter_context(_array(args.w_out, (n, config.w_dim))) if args.w_out else None
        pictures = files.enter_context(_array(args.out, shape))
        for images, w in _shown(in_batches(generator, torch.from_numpy(z), given, args.batch), n, args.batch):
            pictures.write(images.numpy().tobytes())
            if ws:
                ws.write(w.numpy().tobytes())
    return list(shape)


@contextmanager
def _array(path: Path, shape: tuple[int, ...]) -> Iterator[IO[bytes]]:
    """A float32 .npy whose numbers are written one after another; it appears when it is whole."""
    from numpy.lib.format import write_array_header_1_0

    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "a folder", str(path))
    part = path.with_name(f".{path.name}.part{os.getpid()}")
    try:
        with part.open("wb") as file:
            write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": shape})
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _shown(batches: Iterable[Any], n: int, batch: int) -> Iterator[Any]:
    """The batches, with a progress bar on a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("images", total=n)
        for each in batches:
            yield each
            progress.advance(task, len(each[0]))
