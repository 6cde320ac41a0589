"""Curves and figures of the fine-tunes in a work folder, with the original's beside them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageDraw, ImageFont

from models.face.finetune.data import CONCEPT
from models.face.finetune.run import OUTCOME
from models.face.finetune.training import read_log

SIZE: Final = (1260, 760)
PANELS: Final = (
    ("gender", "women (filter mean)"),
    ("quality", "good quality (filter mean)"),
    ("age", "old (filter mean)"),
    ("glass", "glasses (filter mean)"),
    ("loss", "loss"),
    ("auroc", "AUROC, real against fake"),
)
COLUMNS: Final = 3
COLOURS: Final = ((0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167))  # told apart by all eyes
INK, PALE, PAPER = (40, 40, 40), (222, 222, 222), (255, 255, 255)
DASH: Final = 12.0  # pixels from dash to dash
TICKS: Final = 4  # about so many on an axis

# Published by the original: mean scores of 100 pictures at the start and the end, and shares that its
# filters kept. v1's are shares of 300 pictures judged by hand.
ORIGINAL: Final = {
    "v1": {"gender": (0.556, 0.937)},
    "v8": {
        "gender": (0.918, 0.983),
        "quality": (0.966, 0.990),
        "age": (0.059, 0.016),
        "glass": (0.050, 0.009),
    },
    "v9": {
        "gender": (0.918, 0.989),
        "quality": (0.966, 0.995),
        "age": (0.059, 0.013),
        "glass": (0.050, 0.008),
    },
}
ORIGINAL_KEPT: Final = {"base": 4703 / 10_000, "v1": 4930 / 13_000}

Point = tuple[float, float]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True)
class _Line:
    points: list[Point]
    colour: tuple[int, int, int]
    dashed: bool = False


def draw_curves(logs: Mapping[str, Path], out: Path) -> None:
    """Filter means, losses and AUROC over the batches, one colour for each log, as a PNG.

    ``logs`` are ``log.jsonl`` files by the name of their fine-tune, four at most. Raises ValueError for more,
    and when none has a line.
    """
    lines = {name: read_log(path) for name, path in logs.items()}
    if len(lines) > len(COLOURS) or not any(lines.values()):
        raise ValueError(f"nothing to draw, or more than {len(COLOURS)} logs: {', '.join(lines)}")
    image = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(image)
    _legend(draw, list(lines))
    width, height = SIZE[0] // COLUMNS, (SIZE[1] - 50) // 2
    for i, (key, title) in enumerate(PANELS):
        x, y = i % COLUMNS * width, 50 + i // COLUMNS * height
        _panel(draw, (x + 60, y + 30, x + width - 22, y + height - 48), title, _lines(lines, key))
    out.parent.mkdir(parents=True, exist_ok=True)
    image.save(out)


def _lines(logs: Mapping[str, Sequence[Mapping[str, float]]], key: str) -> list[_Line]:
    found = []
    for (_, lines), colour in zip(logs.items(), COLOURS, strict=False):
        for part in ("d", "g") if key == "loss" else (key,):
            points = [(line["step"], line[part]) for line in lines if part in line]
            found.append(_Line(points, colour, dashed=part == "g"))
    return [line for line in found if line.points]


def _font(size: int) -> Font:
    return ImageFont.load_default(size)


def _legend(draw: ImageDraw.ImageDraw, names: list[str]) -> None:
    x = 60.0
    entries = [(f"FineTune-{name}", colour, False) for name, colour in zip(names, COLOURS, strict=False)]
    for text, colour, dashed in (*entries, ("critic's loss", INK, False), ("generator's loss", INK, True)):
        _stroke(draw, [(x, 25), (x + 36, 25)], colour, dashed)
        draw.text((x + 44, 25), text, INK, _font(16), anchor="lm")
        x += 44 + draw.textlength(text, _font(16)) + 34


def ticks(low: float, high: float) -> list[float]:
    """Round numbers, about four, from ``low`` or below to ``high`` or above."""
    span = max(high - low, 1e-3 * max(abs(low), abs(high)), 1e-9)
    rough = span / TICKS
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * k for k in (1, 2, 2.5, 5, 10) if unit * k >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(k * step, 12) for k in range(first, max(last, first + 1) + 1)]


def _panel(draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], title: str, lines: list[_Line]) -> None:
    left, top, right, bottom = box
    draw.text((left, top - 18), title, INK, _font(16), anchor="lm")
    draw.text(((left + right) / 2, bottom + 34), "batches", INK, _font(13), anchor="mm")
    if not lines:
        draw.rectangle(box, outline=INK)
        draw.text(((left + right) / 2, (top + bottom) / 2), "not measured", INK, _font(14), anchor="mm")
        return
    points = [point for line in lines for point in line.points]
    x_ticks, y_ticks = (ticks(min(each), max(each)) for each in zip(*points, strict=True))

    def place(point: Point) -> Point:
        x = (point[0] - x_ticks[0]) / (x_ticks[-1] - x_ticks[0])
        y = (point[1] - y_ticks[0]) / (y_ticks[-1] - y_ticks[0])
        return left + x * (right - left), bottom - y * (bottom - top)

    for tick in y_ticks:
        y = place((x_ticks[0], tick))[1]
        draw.line([(left, y), (right, y)], PALE)
        draw.text((left - 7, y), f"{tick:g}", INK, _font(13), anchor="rm")
    for tick in x_ticks:
        x = place((tick, y_ticks[0]))[0]
        draw.line([(x, bottom), (x, bottom + 4)], INK)
        draw.text((x, bottom + 14), f"{tick:g}", INK, _font(13), anchor="mm")
    draw.line([(left, top), (left, bottom), (right, bottom)], INK)
    for line in lines:
        _stroke(draw, [place(point) for point in line.points], line.colour, line.dashed)


def _stroke(
    draw: ImageDraw.ImageDraw, points: list[Point], colour: tuple[int, int, int], dashed: bool
) -> None:
    """A line through all points; dashes go on round corners. A single point becomes a dot."""
    if len(points) == 1:
        (x, y), r = points[0], 3
        draw.ellipse((x - r, y - r, x + r, y + r), colour)
    if not dashed:
        draw.line(points, colour, 2, "curve")
        return
    done = 0.0  # along the line
    for (x0, y0), (x1, y1) in pairwise(points):
        length = math.hypot(x1 - x0, y1 - y0)
        for k in range(int(done // DASH), int((done + length) // DASH) + 1):
            ends = [min(max((k + part) * DASH - done, 0.0), length) for part in (0.0, 0.6)]
            if ends[1] > ends[0]:
                draw.line(
                    [(x0 + (x1 - x0) * s / length, y0 + (y1 - y0) * s / length) for s in ends], colour, 2
                )
        done += length


def report(work: Path) -> str:
    """What the fine-tunes in ``work`` did, as Markdown: kept shares, faces before and after, the original's.

    Raises FileNotFoundError when there is no outcome.
    """
    found = {path.parent.name: json.loads(path.read_text("utf-8")) for path in work.glob(f"*/{OUTCOME}")}
    if not found:
        raise FileNotFoundError(f"no outcome in {work}")
    names = sorted(found)
    parts = ["### Pictures that were learnt from", "", _kept({name: found[name] for name in names})]
    compared = {name: found[name] for name in names if "before" in found[name]}
    if compared:
        parts += ["", "### Shares of wanted pictures before and after", "", _shares(compared)]
        parts += ["", "### Mean scores of the filters before and after", "", _means(compared)]
    if any("chosen" in each for each in found.values()):
        parts += ["", "### Codes that follow their labels (v3)", "", _codes(found)]
    return "\n".join(parts) + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _kept(found: Mapping[str, Any]) -> str:
    rows = []
    for name, outcome in found.items():
        kept = outcome["kept"]
        bounds = ", ".join(f"{key} {bound:.3g}" for key, bound in kept["bounds"].items())
        shares = [_percent(share) for share in (kept["within"], kept["kept"], ORIGINAL_KEPT[kept["data"]])]
        steps = f"{outcome['steps']}{'' if outcome['finished'] else ' (unfinished)'}"
        rows.append([name, kept["data"], str(kept["n"]), *shares, bounds, steps])
    head = ("fine-tune", "pictures of", "drawn", "within the original's limits", "kept", "original kept")
    return _table((*head, "limits used", "batches"), rows)


def _shares(found: Mapping[str, Any]) -> str:
    names = [name for name in CONCEPT if all(name in each["before"]["share"] for each in found.values())]
    rows = []
    for name, outcome in found.items():
        before, after = outcome["before"], outcome["after"]
        pairs = [(before[key], after[key]) for key in ("given", "used", "all")]
        pairs += [(before["share"][key], after["share"][key]) for key in names]
        rows.append([name, *(f"{_percent(a)} → {_percent(b)}" for a, b in pairs)])
        if name == "v1":
            a, b = ORIGINAL[name]["gender"]
            own = [f"{_percent(a)} → {_percent(b)}" if key == "gender" else "" for key in names]
            rows.append([f"{name}, original (by eye)", "", "", "", *own])
    heads = [f"{key} {'≥' if key in ('gender', 'quality') else '≤'} {CONCEPT[key]:g}" for key in names]
    return _table(("fine-tune", "the original's limits", "limits used", "all of these", *heads), rows)


def _means(found: Mapping[str, Any]) -> str:
    names = [name for name in CONCEPT if all(name in each["before"]["mean"] for each in found.values())]
    rows = []
    for name, outcome in found.items():
        before, after = outcome["before"]["mean"], outcome["after"]["mean"]
        rows.append([name, *(f"{before[key]:.3f} → {after[key]:.3f}" for key in names)])
        if name in ORIGINAL and name != "v1":
            pairs = [ORIGINAL[name][key] for key in names]
            rows.append([f"{name}, original", *(f"{a:.3f} → {b:.3f}" for a, b in pairs)])
    return _table(("fine-tune", *names), rows)


def _codes(found: Mapping[str, Any]) -> str:
    rows = [["original", "5", ".893/.858/.932", ".93/.45/1.24", "yes"]]
    for name, outcome in found.items():
        if code := outcome.get("chosen"):
            follows, off = ("/".join(f"{x:.3f}" for x in code[key]) for key in ("correlation", "error"))
            rows.append([name, str(code["epoch"]), follows, off, "yes" if code["passed"] else "no"])
    return _table(("fine-tune", "epoch", "correlation eyes/mouth/pose", "mean error", "passes"), rows)
