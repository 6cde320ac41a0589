"""``python bot.py face``: draw one face with one expression."""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import sys
from pathlib import Path

from bot import exits
from bot.settings import Settings

_EXAMPLE = """examples:
  python bot.py face --eyes 0.5 --mouth 0.8 --pose -0.3 --out smile.png
  python bot.py face --eyes 0.9 --mouth 0.8 --out wow.gif    from her face at rest to this one"""


def _score(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not -1 <= number <= 1:
        raise argparse.ArgumentTypeError("a number from -1 to 1")
    return number


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser(
        "face", help="draw one face", epilog=_EXAMPLE,
        description="Draw one face: eyes and mouth are wider, the head turns further to her left, the "
        "larger the number.",
    )  # fmt: skip
    parser.add_argument("--face", metavar="ID", help="which face (default: the first)")
    for axis, rest in (("eyes", 0.0), ("mouth", -0.8), ("pose", 0.0)):
        about = f"-1 to 1 (default: {rest})"
        parser.add_argument(f"--{axis}", type=_score, default=rest, metavar="X", help=about)
    where = "where to write it: a .png, or a .gif in which it moves"
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help=where)
    parser.add_argument("--json", action="store_true", help="print what was drawn as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Draw and write; the exit code."""
    from bot.weights import MEND, limit_threads, load_face
    from core.errors import ModelError

    async def draw() -> tuple[str, bytes] | str:
        from core.people import NEUTRAL, Scores
        from models.face.portraits import LocalPortraits

        model = load_face(settings.weights_dir / "face")
        portraits = LocalPortraits(model, model.about)
        try:
            face = args.face or portraits.faces[0]
            if face not in portraits.faces:
                return f"no face {face!r}; there are: {', '.join(portraits.faces)}"
            scores, moving = Scores(args.eyes, args.mouth, args.pose), args.out.suffix.lower() == ".gif"
            shot = portraits.animate(face, NEUTRAL, scores) if moving else portraits.draw(face, scores)
            return face, await shot
        finally:
            await portraits.close()

    try:
        limit_threads(settings.torch_threads, torch=True)
        drawn = asyncio.run(draw())
    except ModelError as err:
        print(f"No face can be drawn: {err}\nTo mend it: {MEND}", file=sys.stderr)
        return exits.CONFIG
    if isinstance(drawn, str):
        print(drawn, file=sys.stderr)
        return exits.USAGE
    face, picture = drawn
    try:
        args.out.write_bytes(picture)
    except OSError as err:
        print(f"{args.out} cannot be written ({type(err).__name__})", file=sys.stderr)
        return exits.CANNOT_CREATE
    scores = {"eyes": args.eyes, "mouth": args.mouth, "pose": args.pose}
    out = {"face": face, "scores": scores, "out": str(args.out), "bytes": len(picture)}
    print(json.dumps(out, ensure_ascii=False) if args.json else args.out)
    return exits.OK
