"""Bars and curves, drawn by matplotlib through its objects: no windows, no settings shared with others."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator
from PIL import Image

from adapters.media.canvas import Box
from adapters.media.fonts import font_file
from adapters.media.palette import DIM, GROUND, LINE, PANEL, TEXT
from core.battle.ports import Epoch

_DPI: Final = 100
_POINTS: Final = 72 / _DPI  # in a pixel
_HIGHEST: Final = 3.0  # nats: a loss above this says "collapsed", how far does not matter
_DRAWING: Final = threading.Lock()  # matplotlib promises nothing about threads


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn chart with where its texts stand."""

    image: Image.Image
    boxes: list[tuple[Box, str]]


@dataclass(frozen=True, slots=True)
class Bar:
    """A score in [0, 1] with its standard error and what it is the mean of."""

    colour: str
    score: float
    error: float
    parts: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """The course of a training; ``second`` is drawn dashed, ``strong`` thick."""

    label: str
    colour: str
    epochs: tuple[Epoch, ...]
    second: bool
    strong: bool


def bars(rows: Sequence[Bar], width: int, height: int) -> Chart:
    """Horizontal bars from 0 to 1, the first on top, with error bars and a mark for every seed."""
    with _DRAWING:
        figure = _figure(width, height)
        axes = figure.add_axes((0.04, 0.2, 0.92, 0.8))
        for at, row in enumerate(rows):
            axes.barh(-at, _in_range(row.score), height=0.5, color=row.colour)
            axes.errorbar(
                _in_range(row.score), -at, xerr=max(0.0, row.error), color=TEXT, capsize=9, capthick=2,
                elinewidth=2, path_effects=[withStroke(linewidth=4.5, foreground=GROUND)],
            )  # fmt: skip
            below = [-at - 0.4] * len(row.parts)
            axes.plot([_in_range(part) for part in row.parts], below, "o", color=row.colour, markersize=4.5)
        axes.set(xlim=(0, 1), ylim=(0.5 - len(rows), 0.5), yticks=[])
        axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1.0])
        _dress(axes, grid="x")
        return _drawn(figure)


def curves(found: Sequence[Curve], titles: tuple[str, str, str], width: int, height: int) -> Chart:
    """Validation loss and F1 by epoch, side by side, under one legend; titles: loss, F1, epoch."""
    with _DRAWING:
        figure = _figure(width, height)
        for at, (title, name) in enumerate(zip(titles, ("valid_loss", "valid_f1"), strict=False)):
            axes = figure.add_axes((0.06 + at * 0.495, 0.17, 0.425, 0.575))
            for curve in found:
                _line(axes, curve, name)
            axes.set_title(title, fontproperties=_font(20, bold=True), color=TEXT, pad=8)
            axes.set_xlabel(titles[2], fontproperties=_font(17), color=DIM)
            last = max((e.number for curve in found for e in curve.epochs), default=1)
            across, up = (1 - 0.03 * last, last * 1.03), _limits(found, name)
            axes.set(xlim=across, ylim=up)
            axes.set_xticks(_ticks(MaxNLocator(8, integer=True), across))
            axes.set_yticks(_ticks(MaxNLocator(5), up))
            _dress(axes, grid="both")
        if found:
            handles, labels = figure.axes[0].get_legend_handles_labels()
            figure.legend(
                handles, labels, loc="upper center", ncols=4, frameon=False, prop=_font(18), labelcolor=TEXT,
                handlelength=2.4, columnspacing=1.6, borderaxespad=0.3,
            )  # fmt: skip
        return _drawn(figure)


def _line(axes: Axes, curve: Curve, name: str) -> None:
    shown = [(e.number, _low(getattr(e, name), name)) for e in curve.epochs]
    axes.plot(
        [x for x, _ in shown], [y for _, y in shown], color=curve.colour, label=curve.label,
        linestyle="--" if curve.second else "-", marker="s" if curve.second else "o",
        linewidth=3.2 if curve.strong else 1.9, markersize=6.5 if curve.strong else 4.5,
    )  # fmt: skip


def _low(value: float, name: str) -> float:
    """A loss that fits the chart; what is no number is as bad as can be."""
    worst = _HIGHEST if name == "valid_loss" else 0.0
    return min(value, _HIGHEST) if math.isfinite(value) else worst


def _limits(found: Sequence[Curve], name: str) -> tuple[float, float]:
    values = [_low(getattr(e, name), name) for curve in found for e in curve.epochs] or [0.0, 1.0]
    low, high = min(values), max(values)
    edge = max(0.02, 0.08 * (high - low))
    return max(0.0, low - edge), min(1.0, high + edge) if name == "valid_f1" else high + edge


def _figure(width: int, height: int) -> Figure:
    figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI, facecolor=PANEL)
    FigureCanvasAgg(figure)
    return figure


def _dress(axes: Axes, grid: str) -> None:
    axes.set_facecolor(PANEL)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
    for axis in (axes.xaxis, axes.yaxis):
        if grid == "both" or axis is axes.xaxis:
            axis.grid(color=LINE, linewidth=1)
        axis.set_tick_params(length=0, pad=6)
        for label in axis.get_ticklabels():
            label.set_fontproperties(_font(17))
            label.set_color(DIM)


def _drawn(figure: Figure) -> Chart:
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)  # noqa: S101 - made by _figure
    canvas.draw()  # type: ignore[no-untyped-call]
    width, height = canvas.get_width_height()
    pixels = bytes(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
    image = Image.frombytes("RGBA", (width, height), pixels).convert("RGB")
    boxes = []
    for text in figure.findobj(Text):
        if isinstance(text, Text) and text.get_visible() and text.get_text():
            area = text.get_window_extent()
            boxes.append((Box(area.x0, height - area.y1, area.x1, height - area.y0), text.get_text()))
    return Chart(image, boxes)


def _ticks(locator: MaxNLocator, span: tuple[float, float]) -> list[float]:
    """Round numbers inside of the span: matplotlib would keep some outside of it, too."""
    low, high = span
    return [float(at) for at in locator.tick_values(low, high) if low <= at <= high]


def _font(pixels: int, bold: bool = False) -> FontProperties:
    return FontProperties(fname=str(font_file(bold)), size=pixels * _POINTS)


def _in_range(value: float) -> float:
    return min(1.0, max(0.0, value)) if math.isfinite(value) else 0.0
