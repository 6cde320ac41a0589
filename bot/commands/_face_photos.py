"""``python bot.py face photos``: whether a folder of photographs can be learnt from, and how it is cut."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import exits
from bot.settings import Settings

if TYPE_CHECKING:
    from models.face.data.photos import PhotoFolder

_EXAMPLE = """examples:
  python bot.py face photos faces --sheet look.png
  python bot.py train face plain64 plain128 --photos faces
  python bot.py train face scores hairstyle --photos faces --out var/mine

The folder: .jpg, .jpeg, .png or .webp, in sub-folders too; beside them, where there are any,
  boxes.csv    file,left,top,right,bottom: a face detector's box in pixels; without one the middle is cut
  labels.csv   file, then any of gender, quality, age, glass, eyes, hair_color, hair_length, mouth, pose,
               background_mean, background_std, hairstyle; an empty cell is a label not known
  maps/        NAME.png, the ids of the picture's parts, as large as the picture
Exit codes: 65 when files cannot be used (they are named, the others shown), 73 when the sheet cannot be
written."""


def add_parser(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the sub-command."""
    parser = actions.add_parser(
        "photos", help="check a folder of photographs", epilog=_EXAMPLE,
        description="Say how many photographs of a folder can be learnt from, what is known of them and "
        "what is wrong with the others, and show how they are cut.",
    )  # fmt: skip
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder with the photographs")
    parser.add_argument("--sheet", type=Path, metavar="FILE", help="the first 64, as they are cut: a .png")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    parser.set_defaults(run=run, out=None)  # else argparse asks for the --out of the command above


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Check; the exit code."""
    from models.face.data.dataset import contact_sheet
    from models.face.data.photos import PhotoFolder

    if args.sheet and args.sheet.suffix.lower() != ".png":
        print("--sheet must name a .png", file=sys.stderr)
        return exits.USAGE
    try:
        photos = PhotoFolder(args.folder, skip_broken=True)
    except (ValueError, FileNotFoundError) as err:
        print(err, file=sys.stderr)
        return exits.BAD_INPUT
    _say(args, photos)
    if args.sheet:
        try:
            contact_sheet(photos).save(args.sheet)
        except OSError as err:
            print(f"{args.sheet} cannot be written ({type(err).__name__})", file=sys.stderr)
            return exits.CANNOT_CREATE
    return exits.BAD_INPUT if photos.broken else exits.OK


def _say(args: argparse.Namespace, photos: PhotoFolder) -> None:
    """Counts on stdout, problems on stderr."""
    import numpy as np

    known = (~np.isnan(photos.labels())).sum(axis=0)
    labels = {name: int(n) for name, n in zip(photos.label_names, known, strict=True)}
    n, maps = len(photos), 0 if photos.maps is None else len(photos.maps)
    out: dict[str, Any] = {
        "folder": str(args.folder), "photographs": n, "boxes": photos.boxes, "maps": maps, "labels": labels,
        "broken": list(photos.broken), "sheet": str(args.sheet) if args.sheet else None,
    }  # fmt: skip
    told = ", ".join(f"{name} {count}" for name, count in labels.items() if count) or "none"
    found = f"{n} photograph{'' if n == 1 else 's'}, {photos.boxes} with a box, {maps} with a map"
    said = f"{args.folder}: {found}; labels: {told}"
    print(json.dumps(out, ensure_ascii=False) if args.json else said)
    for problem in photos.broken:
        print(problem, file=sys.stderr)
