"""The report on VectorFind's versions: a table with the original's figures, and pictures of the extremes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image, ImageDraw
from sklearn.manifold import TSNE

from models.face.reporting import Report, numbers, percent, share
from models.face.vectorfind.codes import EXPRESSION, Codes, Floats, Space
from models.face.vectorfind.find import VERSIONS, Version
from models.face.vectorfind.groups import SEED, all_groups, extremes, letters

HEAD: Final = (
    "version", "space", "groups", "directions", "asked by", "tested", "passed", "passed and still",
    "eyes / mouth / pose", "drift of hair colour / hair length / background", "SVM accuracy",
    "original: passed", "original: eyes / mouth / pose", "original: SVM accuracy",
)  # fmt: skip
ABOUT: Final = (
    "{codes:,} random codes; every version is tested on the same others, 50 pictures each. Passed: the "
    "correlations of what is asked and what is measured reach the version's own limits, as the original's "
    "did. Still: hair colour, hair length and background drift by less than .15 standard deviations for 1.0 "
    "of expression, which the original did not ask. The original drew up to 500,000 codes; it took v6 and v7 "
    "from its FineTune-v1, v8 from FineTune-v8, here all but the split points are of one generator."
)
SHEETS: Final = {"v7": 128, "v8": 112}  # versions whose extremes are shown, and a cell's pixels
SHEET_MOST: Final = 30_000  # bytes
DOTS: Final = 100  # codes on a side that a sheet of the report shows, at most
COLOURS: Final = ((47, 111, 214), (214, 69, 65))  # lowest, highest


def write_report(rows: Sequence[Mapping[str, Any]], space: Space, codes: Codes, docs: Path) -> None:
    """Write ``vectorfind.md`` of the figures of :mod:`models.face.vectorfind.compare`, and t-SNE sheets.

    ``codes`` are random ones of ``space``, w.
    """
    told = Report("vectorfind", "VectorFind: the versions compared")
    told.say(ABOUT.format(codes=len(codes.latents)))
    told.table("", HEAD, [_cells(row) for row in rows])
    told.say(*_squares(rows), *_why(rows))
    for name, size in SHEETS.items():
        sheet = tsne_sheet(space, codes, VERSIONS[name], most=DOTS, size=size)
        about = f"t-SNE of {name}: a row for each group, the lowest blue, the highest red"
        told.show(sheet, about, part=f"tsne-{name}", most=SHEET_MOST, drawn=True)
    told.write(docs)


def _cells(row: Mapping[str, Any]) -> list[str]:
    if "missing" in row:
        return [row["version"], row["space"], row["missing"], *[""] * (len(HEAD) - 3)]
    original, small = VERSIONS[row["version"]].original, row["small"]
    out = [
        row["version"], row["space"], f"{row['groups']}{f' ({small} too small)' * bool(small)}",
        row["methods"], "scores, own table" if row["by_table"] else "multipliers", str(row["tested"]),
        share(row["passed"], row["tested"]), share(row["still"], row["tested"]),
        numbers(row["correlation"]), numbers(row["drift"].values()), numbers(row["accuracy"]),
    ]  # fmt: skip
    if original is None or row["by_table"]:
        return [*out, "", "", ""]
    passed = "" if original.passed is None else share(original.passed, original.tested)
    return [*out, passed, numbers(original.correlation), numbers(original.accuracy)]


def _squares(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """A sentence on the networks behind the gradients, if there are any."""
    known = [f"{row['version']} {numbers(row['squares'])}" for row in rows if row.get("squares")]
    if not known:
        return []
    theirs = "split1 .140 / .089 / .047, split2 .124 / .059 / .040, w .121 / .058 / .046"
    return [f"Squared errors of the gradients' networks: {'; '.join(known)} (the original's: {theirs})."]


def _why(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Why the gallery takes the joint regression: it beside the SVM of the same groups, where both are."""
    known = {(row["version"], row["by_table"]): row for row in rows if "missing" not in row}
    pairs = [(known.get(("v8", how)), known.get(("v8-joint", how)), how) for how in (True, False)]
    for svm, joint, by_table in pairs:
        if svm and joint:
            asked = "asked by scores through a table of its own" if by_table else "asked by multipliers"
            a, b = (row["still"] / row["tested"] for row in (joint, svm))
            mean, others = (float(np.mean([*row["drift"].values()])) for row in (joint, svm))
            reason = (
                "because more faces follow and hold still with it" if a > b
                else "because hair and background rest better with it" if mean < others
                else "for which this comparison gives no reason"
            )  # fmt: skip
            return [
                f"The gallery uses the joint regression, {reason}: {asked}, {percent(a)} of the codes pass "
                f"and hold still with v8-joint and {percent(b)} with v8, and hair and background drift by "
                f"{mean:.3f} on average, with the SVM by {others:.3f}."
            ]
    return []


def tsne_sheet(
    space: Space, codes: Codes, version: Version, *, most: int = 500, size: int = 192
) -> Image.Image:
    """A picture of the extremes: a row for each group, a column for each property; lowest blue, highest red.

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
    return sheet


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
