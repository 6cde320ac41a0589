"""Charts of reports: panels of lines or dots with axes, drawn with Pillow alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from PIL import Image, ImageDraw, ImageFont

WIDE, HIGH, HEAD = 420, 355, 50  # pixels of a panel, and of what is above all of them
COLOURS: Final = ((0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167))  # told apart by all eyes
INK, PALE, PAPER = (40, 40, 40), (222, 222, 222), (255, 255, 255)
DASH: Final = 12.0  # pixels from dash to dash
TICKS: Final = 4  # about so many on an axis

Point = tuple[float, float]
Colour = tuple[int, int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True)
class Line:
    """Points joined by a line, or each a dot."""

    points: list[Point]
    colour: Colour
    dashed: bool = False
    dots: bool = False


@dataclass(frozen=True)
class Panel:
    """Lines in one frame, below a title; ``across`` says what the horizontal axis counts."""

    title: str
    lines: list[Line]
    across: str


def chart(panels: Sequence[Panel], legend: Sequence[tuple[str, Colour, bool]], columns: int) -> Image.Image:
    """Panels side by side, ``columns`` in a row, below a legend of (text, colour, dashed)."""
    size = (columns * WIDE, HEAD + -(-len(panels) // columns) * HIGH)
    image = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(image)
    _legend(draw, legend)
    for i, panel in enumerate(panels):
        x, y = i % columns * WIDE, HEAD + i // columns * HIGH
        _panel(draw, (x + 60, y + 30, x + WIDE - 22, y + HIGH - 48), panel)
    return image


def _font(size: int) -> Font:
    return ImageFont.load_default(size)


def _legend(draw: ImageDraw.ImageDraw, entries: Sequence[tuple[str, Colour, bool]]) -> None:
    x = 60.0
    for text, colour, dashed in entries:
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


def _panel(draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], panel: Panel) -> None:
    left, top, right, bottom = box
    draw.text((left, top - 18), panel.title, INK, _font(16), anchor="lm")
    draw.text(((left + right) / 2, bottom + 34), panel.across, INK, _font(13), anchor="mm")
    points = [point for line in panel.lines for point in line.points]
    if not points:
        draw.rectangle(box, outline=INK)
        draw.text(((left + right) / 2, (top + bottom) / 2), "not measured", INK, _font(14), anchor="mm")
        return
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
    for line in panel.lines:
        _trace(draw, line, [place(point) for point in line.points])


def _trace(draw: ImageDraw.ImageDraw, line: Line, places: list[Point]) -> None:
    if not line.dots:
        _stroke(draw, places, line.colour, line.dashed)
        return
    for x, y in places:
        draw.rectangle((x - 1, y - 1, x + 1, y + 1), line.colour)


def _stroke(draw: ImageDraw.ImageDraw, points: list[Point], colour: Colour, dashed: bool) -> None:
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
