"""Comparison of VectorFind's versions on one generator, and a picture of the extremes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from PIL import Image, ImageDraw
from sklearn.manifold import TSNE

from models.face.pixels import to_pictures
from models.face.stylegan.generator import Generator
from models.face.vectorfind.calibration import edit
from models.face.vectorfind.check import STABLE, Candidate, summary, trial
from models.face.vectorfind.codes import (
    EXPRESSION,
    Codes,
    Floats,
    Scale,
    Scorer,
    Space,
    draw,
    sample,
    space_of,
)
from models.face.vectorfind.find import Found, Version, find
from models.face.vectorfind.gallery import id_of
from models.face.vectorfind.gradient import GradientConfig
from models.face.vectorfind.groups import SEED, all_groups, extremes, letters

HEAD: Final = (
    "version", "space", "groups", "methods", "codes", "tested", "passed", "eyes / mouth / pose", "error",
    "drift", "SVM accuracy", "original: passed", "original: eyes / mouth / pose", "original: SVM accuracy",
)  # fmt: skip
# Eyes, mouth, pose by which somebody judges a face: at rest, half shut, shut, wide open and laughing, turned
# to both sides, and all at once.
SHOWN: Final = np.array(
    [[0, -0.6, 0], [-0.5, -0.6, 0], [-1, 0.3, 0], [0.8, 1, 0], [0, -0.6, -1], [0.3, 0.3, 1], [-0.5, 0.6, 0.7]]
)
ROWS: Final = 10  # faces on one sheet
COLOURS: Final = ((47, 111, 214), (214, 69, 65))  # lowest, highest


def compare(
    generator: Generator, scorer: Scorer, versions: Sequence[Version], *, seed: int = SEED, batch: int = 16,
    scale: Scale | None = None, calibrated: bool = False, stable: float | None = STABLE,
    gradient: GradientConfig | None = None,
) -> str:  # fmt: skip
    """Run versions on one generator: a Markdown table, the original's figures in its last columns.

    All versions share their codes, and are tested on the same others; ``n`` and ``tested`` of a version say
    how many. A version whose space the generator lacks gets a row that says so. ``stable`` None passes codes
    as the original did; with ``calibrated``, tests use scores in [-1, 1] instead of multipliers. Raises
    ValueError as :func:`models.face.vectorfind.find.find`.
    """
    plain = space_of(generator, batch=batch)
    codes = sample(plain, scorer, draw(plain, max(version.n for version in versions), seed))
    latents = draw(plain, max(version.tested for version in versions), seed + 1)
    rows = []
    for version in versions:
        try:
            space = space_of(generator, version.space, batch)
        except ValueError as err:
            rows.append([version.name, version.space, str(err), *[""] * (len(HEAD) - 3)])
            continue
        found = find(space, codes.first(version.n), version, scale=scale, gradient=gradient)
        options: dict[str, Any] = {"calibrated": calibrated, "stable": stable}
        tested = summary(trial(space, scorer, found, latents[: version.tested], **options))
        rows.append(_row(found, min(version.n, len(codes.latents)), tested))
    return "\n".join(_line(cells) for cells in (HEAD, ["---"] * len(HEAD), *rows)) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _row(found: Found, n: int, tested: dict[str, Any]) -> list[str]:
    version, original = found.version, found.version.original
    own = {name: each for name, each in found.groups.items() if name not in found.fallen}
    accuracy = np.mean([each.accuracy for each in (own or found.groups).values()], axis=0)
    groups = f"{len(found.groups)}"
    if found.fallen:
        groups += f" ({len(found.fallen)} too small)"
    out = [
        version.name, version.space, groups,
        " ".join(dict.fromkeys(version.methods)) + " hold" * version.hold,
        f"{n:,}", str(tested["tested"]), _share(tested["passed"], tested["tested"]),
        _numbers(tested["correlation"]), _numbers(tested["error"]), _numbers(tested["drift"].values()),
        _numbers(accuracy),
    ]  # fmt: skip
    if original is None:
        return [*out, "", "", ""]
    passed = "" if original.passed is None else _share(original.passed, original.tested)
    return [*out, passed, _numbers(original.correlation), _numbers(original.accuracy)]


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({100 * part / whole:.1f} %)"


def _numbers(values: Any) -> str:
    known = [float(value) for value in values]
    if all(math.isnan(value) for value in known):
        return ""
    return " / ".join("–" if math.isnan(value) else f"{value:.3f}" for value in known)


def tsne_sheet(
    space: Space, codes: Codes, version: Version, path: Path, *, most: int = 500, size: int = 192
) -> None:
    """A PNG of the extremes: a row for each group, a column for each property; lowest blue, highest red.

    A diagnostic: where both colours mix, a linear boundary will not part them. t-SNE as in the original
    (perplexity 50 or one less than there are points, learning rate 100, 1,000 iterations, seed 2025); at
    most ``most`` codes on a side are shown. A group with too few codes on a side stays empty.
    """
    table = codes.table
    scores, vectors = table.columns(EXPRESSION), space.codes(codes.latents).numpy()
    marks = table.columns(version.groups)
    own = letters(marks, np.median(marks, axis=0) if version.groups else np.empty(0))
    names = all_groups(len(version.groups))
    sheet = Image.new("RGB", (size * len(EXPRESSION), size * len(names)), "white")
    pen = ImageDraw.Draw(sheet)
    for row, name in enumerate(names):
        index = np.flatnonzero(own == name)
        for column, title in enumerate(EXPRESSION):
            corner = (column * size, row * size)
            pen.rectangle((*corner, corner[0] + size - 1, corner[1] + size - 1), outline=(208, 208, 208))
            pen.text((corner[0] + 4, corner[1] + 2), f"{title} {name}".strip(), fill=(64, 64, 64))
            if int(version.ratio * len(index)) >= 2:
                sides = [
                    side[:: -(-len(side) // most)] for side in extremes(scores[index, column], version.ratio)
                ]
                points = _flat(vectors[index[np.concatenate(sides)]])
                _dots(pen, points, len(sides[0]), corner, size)
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)


def _flat(vectors: Any) -> Floats:
    """Places [n, 2] in [0, 1]."""
    tsne = TSNE(
        perplexity=min(50, len(vectors) - 1), learning_rate=100, max_iter=1000, random_state=SEED
    )  # fmt: skip
    points = np.asarray(tsne.fit_transform(vectors), np.float64)
    return (points - points.min(axis=0)) / np.maximum(np.ptp(points, axis=0), 1e-9)


def _dots(pen: ImageDraw.ImageDraw, points: Floats, lowest: int, corner: tuple[int, int], size: int) -> None:
    margin = 18
    for i, (x, y) in enumerate(points):
        left = corner[0] + margin + x * (size - 2 * margin)
        top = corner[1] + margin + y * (size - 2 * margin)
        pen.ellipse((left - 1.5, top - 1.5, left + 1.5, top + 1.5), fill=COLOURS[int(i >= lowest)])


def candidate_sheets(
    space: Space, offered: Sequence[Candidate], folder: Path, prefix: str, size: int = 160
) -> None:
    """WebP sheets of tested codes: a row each, with its id, in seven expressions; older sheets go."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.webp"):
        old.unlink()
    for first in range(0, len(offered), ROWS):
        part = offered[first : first + ROWS]
        sheet = Image.new("RGB", (size * len(SHOWN), size * len(part)), "white")
        pen = ImageDraw.Draw(sheet)
        for row, each in enumerate(part):
            for column, picture in enumerate(_shown(space, each, size)):
                sheet.paste(picture, (column * size, row * size))
            pen.text((4, row * size + 2), id_of(each, prefix), "white", stroke_width=2, stroke_fill="black")
        sheet.save(folder / f"{first // ROWS + 1:02d}.webp", quality=90)


def _shown(space: Space, candidate: Candidate, size: int) -> list[Image.Image]:
    if candidate.calibration is None:
        raise ValueError(f"code {candidate.number} was tested without calibration")
    moves = candidate.calibration.multipliers(SHOWN)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=space.bf16):
        images = space.paint(edit(candidate.code, moves, candidate.directions.normals))
    return to_pictures(images.float(), size)
