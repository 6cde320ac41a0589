"""The card of a problem: some pictures of every class, how many there are, and what may be chosen."""

from __future__ import annotations

from typing import Final

from PIL import Image

from adapters.media.canvas import MARGIN, WIDTH, Canvas, opened
from adapters.media.fonts import drawable
from adapters.media.palette import DIM, LINE, RIGHT
from adapters.media.picture import Picture
from adapters.media.words import FIELDS, SHORT, span, word
from core.battle.ports import PictureClass, Problem
from core.people import Lang

_ROW: Final = 104
_TOP: Final = 112
_SIDE: Final = 88  # of a picture
_LINES: Final = 4  # of hyperparameters, in two columns
_EACH: Final = 6  # pictures in a row
_EDGE: Final = 0.08  # of a picture, where a sheet may have its gaps


def problem_card(problem: Problem, thumbnails: bytes, lang: Lang, title: str = "") -> Picture:
    """The card; ``thumbnails`` is a PNG with a row for each class, and may be none at all."""
    return Picture(draw_problem(problem, thumbnails, lang, title).png(), problem_alt(problem, lang))


def problem_alt(problem: Problem, lang: Lang) -> str:
    """The card in words."""
    classes = ", ".join(f"{each.name[lang]} ({_counts(each, lang)})" for each in problem.classes)
    ranges = ", ".join(f"{name} {span(name)}" for name in FIELDS)
    return f"{word('problem', lang)} {problem.instance}: {classes}. {word('choose', lang)}: {ranges}."


def draw_problem(problem: Problem, thumbnails: bytes, lang: Lang, title: str = "") -> Canvas:
    """The card before it is a file."""
    rows = len(problem.classes)
    chosen_top = _TOP + rows * _ROW + 12 + MARGIN // 2
    canvas = Canvas(chosen_top + 66 + _LINES * 44 + MARGIN)
    _head(canvas, problem, lang, drawable(title, problem.instance))
    canvas.panel(MARGIN, _TOP - 6, WIDTH - MARGIN, _TOP + rows * _ROW + 6)
    sheet = opened(thumbnails)
    for at in range(rows):
        _row(canvas, problem, at, lang, _strip(sheet, at, rows))
    _choices(canvas, chosen_top, lang)
    return canvas


def _head(canvas: Canvas, problem: Problem, lang: Lang, title: str) -> None:
    _, height, width = problem.size
    size = word("size", lang, height=height, width=width)
    parts = ("train", "valid", "held_out")
    totals = {part: sum(getattr(each, part) for each in problem.classes) for part in parts}
    canvas.text(MARGIN, 38, title, 36, bold=True, room=560)
    canvas.text(MARGIN, 76, word("pictures", lang, **totals), 20, fill=DIM, room=620)
    canvas.text(WIDTH - MARGIN, 40, problem.instance, 24, bold=True, fill=RIGHT, anchor="rm", room=320)
    canvas.text(WIDTH - MARGIN, 76, size, 20, fill=DIM, anchor="rm", room=300)


def _row(canvas: Canvas, problem: Problem, at: int, lang: Lang, strip: list[Image.Image]) -> None:
    each, middle = problem.classes[at], _TOP + at * _ROW + _ROW // 2
    if at:
        canvas.bar(MARGIN + 24, middle - _ROW // 2, WIDTH - MARGIN - 24, middle - _ROW // 2 + 1, LINE)
    canvas.text(MARGIN + 24, middle - 16, drawable(each.name[lang], str(each.label)), 28, bold=True, room=310)
    canvas.text(MARGIN + 24, middle + 20, _counts(each, lang), 18, fill=DIM, room=310)
    for column, picture in enumerate(strip):
        left = WIDTH - MARGIN - 20 - (len(strip) - column) * (_SIDE + 10) + 10
        canvas.paste(picture, left, middle - _SIDE // 2, rounded=True)


def _counts(each: PictureClass, lang: Lang) -> str:
    return word("pictures", lang, train=each.train, valid=each.valid, held_out=each.held_out)


def _strip(sheet: Image.Image | None, row: int, rows: int) -> list[Image.Image]:
    """The pictures of a class out of the sheet, all of one size."""
    if sheet is None or sheet.height < rows:
        return []
    high = sheet.height / rows
    many = min(_EACH, max(1, round(sheet.width / high)))
    wide, edge = sheet.width / many, _EDGE * high
    boxes = [
        (c * wide + edge, row * high + edge, (c + 1) * wide - edge, (row + 1) * high - edge)
        for c in range(many)
    ]
    return [sheet.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS, box) for box in boxes]


def _choices(canvas: Canvas, top: int, lang: Lang) -> None:
    canvas.text(MARGIN, top + 22, word("choose", lang), 24, bold=True)
    panel = top + 46
    canvas.panel(MARGIN, panel, WIDTH - MARGIN, panel + _LINES * 44 + 16)
    column = 430
    for at, (field, names) in enumerate(FIELDS.items()):
        left = MARGIN + 24 + (at // _LINES) * column
        middle = panel + 8 + 22 + (at % _LINES) * 44
        canvas.text(left, middle, names[lang], 20, room=150)
        canvas.text(left + 158, middle, SHORT[field], 18, bold=True, fill=RIGHT, room=64)
        canvas.text(left + 226, middle, span(field), 19, fill=DIM, room=WIDTH - MARGIN - 16 - left - 226)
