"""``python bot.py face``: draw one face with one expression; bring in and use other generators."""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bot import exits
from bot.commands import _face_generators, _face_paint, _face_photos, _face_sheet
from bot.settings import Settings
from core.colours import NATURAL, hair_of
from core.people import Film

FILMS: Final[Mapping[str, Film]] = {".webp": "webp", ".gif": "gif"}

_EXAMPLE = """examples:
  python bot.py face --eyes 0.5 --mouth 0.8 --pose -0.3 --out smile.png
  python bot.py face --eyes 0.9 --mouth 0.8 --out wow.webp   in motion
  python bot.py face --face 가람 --hair 보라 --out violet.png
  python bot.py face import generator.pth --out var/generators/v8
  python bot.py face synth --model var/generators/v8 --z z.npy --label l.npy --out images.npy
  python bot.py face paint --n 20000 --out var/portraits
  python bot.py face photos faces --sheet look.png
  python bot.py face sheet --seed 7 --out var/reading"""


def _score(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not -1 <= number <= 1:
        raise argparse.ArgumentTypeError("a number from -1 to 1")
    return number


def _hair(value: str) -> str:
    try:
        return hair_of(value)
    except ValueError as err:
        raise argparse.ArgumentTypeError(str(err)) from None


def _picture(value: str) -> Path:
    if not value:  # the default: argparse asks for it where neither this option nor a sub-command is given
        raise argparse.ArgumentTypeError("it is required: a .png, or a .webp or .gif in which the face moves")
    return Path(value)


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command, which draws, and its sub-commands."""
    parser = subparsers.add_parser(
        "face", help="draw one face", epilog=_EXAMPLE,
        usage="bot.py face [-h] [--face FACE] [--eyes X] [--mouth X] [--pose X]\n"
        "                   [--hair COLOUR] --out FILE [--json]\n"
        "       bot.py face {import,synth,paint,photos,sheet} ...",
        description="Draw one face: eyes and mouth are wider, the head turns further to her left, the "
        "larger the number.",
    )  # fmt: skip
    parser.add_argument("--face", metavar="FACE", help="number, name or id (default: the first)")
    for axis, rest in (("eyes", 0.0), ("mouth", -0.8), ("pose", 0.0)):
        about = f"-1 to 1 (default: {rest})"
        parser.add_argument(f"--{axis}", type=_score, default=rest, metavar="X", help=about)
    parser.add_argument(
        "--hair", type=_hair, default=NATURAL, metavar="COLOUR",
        help="colour of her hair: a word (보라, pink), #rrggbb, aurora, natural",
    )  # fmt: skip
    where = "where to write it: a .png, or a .webp or .gif in which it moves"
    parser.add_argument("--out", type=_picture, default="", metavar="FILE", help=where)
    parser.add_argument("--json", action="store_true", help="print what was drawn as JSON")
    parser.set_defaults(run=run)
    actions = parser.add_subparsers(
        title="other generators, portraits, readings",
        metavar="{import,synth,paint,photos,sheet}",
        prog="bot.py face",
    )
    _face_generators.add_parsers(actions)
    _face_paint.add_parser(actions)
    _face_photos.add_parser(actions)
    _face_sheet.add_parser(actions)


async def _draw(args: argparse.Namespace, settings: Settings) -> tuple[str, bytes] | str:
    """The face's id and its picture or film, or what is wrong with the question."""
    from adapters.shared.gallery import face_of
    from bot.senses import load_face
    from core.people import NEUTRAL, Scores
    from models.face.portraits import LocalPortraits

    model = load_face(settings.weights_dir / "face")
    portraits = LocalPortraits(model, model.about)
    try:
        face = face_of(portraits, args.face) if args.face else portraits.faces[0]
        if face is None:
            known = ", ".join(f"{portraits.name(each)} ({each})" for each in portraits.faces)
            return f"no face {args.face!r}; there are: {known}"
        scores = Scores(args.eyes, args.mouth, args.pose)
        film = FILMS.get(args.out.suffix.lower())
        if film is None:
            return face, await portraits.draw(face, scores, args.hair)
        return face, await portraits.animate(face, NEUTRAL, scores, film, args.hair)
    finally:
        await portraits.close()


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Draw and write; the exit code."""
    from bot.senses import limit_threads
    from bot.weights import MEND
    from core.errors import ModelError

    try:
        limit_threads(settings.torch_threads, torch=True)
        drawn = asyncio.run(_draw(args, settings))
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
