"""The card of a result: who won and by how much, both sides' courses and choices, and what she says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from adapters.media.canvas import MARGIN, WIDTH, Canvas, cut, opened, width_of, wrapped
from adapters.media.charts import Bar, Chart, Curve, bars, curves
from adapters.media.fonts import drawable
from adapters.media.palette import DIM, EVEN, LEFT, LINE, RIGHT, TEXT
from adapters.media.picture import Picture
from adapters.media.words import FIELDS, SHORT, TIERS, value, verdict, word
from core.battle.events import BattleView, MoveView
from core.battle.game import SIDES, Rival, SideName
from core.battle.grades import Grade, Verdict
from core.people import Lang
from core.persona import NAME_EN, NAME_KO

_INNER: Final = WIDTH - 2 * MARGIN
_HEAD, _SCORES, _SAYS, _CURVES, _LINE = 126, 232, 172, 350, 38
_COLOURS: Final = {"left": LEFT, "right": RIGHT}
_MOVES: Final = 2  # of each side
_LEGEND: Final = 136  # pixels of a word of it


@dataclass(frozen=True, slots=True)
class Told:
    """What a card says beside the numbers: both sides' names, the data set's, her words and her face."""

    names: tuple[str, str]
    dataset: str = ""
    comment: str = ""
    face: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Column:
    side: SideName
    move: MoveView
    named: bool


def result_card(view: BattleView, told: Told, lang: Lang) -> Picture:
    """The card of a battle that is done. Raises ValueError for another."""
    return Picture(draw_result(view, told, lang).png(), result_alt(view, told, lang))


def result_alt(view: BattleView, told: Told, lang: Lang) -> str:
    """The card in words. Raises ValueError for a battle without a verdict."""
    found, (left, right) = _verdict(view), told.names
    lines = [
        verdict(found.grade, told.names, lang),
        f"{left} {found.left:.3f} ± {found.left_error:.3f}, "
        f"{right} {found.right:.3f} ± {found.right_error:.3f}.",
        word("band", lang, difference=f"{found.difference:+.3f}", band=f"{found.band:.3f}") + ".",
    ]
    for name, called in zip(SIDES, told.names, strict=True):
        side = view.side(name)
        move = next((move for move in side.moves if move.number == side.named), None)
        if move is not None and move.hyperparameters is not None:
            chosen = ", ".join(f"{SHORT[field]} {value(move.hyperparameters, field)}" for field in FIELDS)
            lines.append(f"{called}: {chosen}.")
    if told.comment:
        lines.append(f"{word('says', lang, name=_hers(lang))}: {told.comment}")
    return " ".join(lines)


def draw_result(view: BattleView, told: Told, lang: Lang) -> Canvas:
    """The card before it is a file. Raises ValueError for a battle without a verdict."""
    found, columns = _verdict(view), _columns(view)
    says = bool(told.comment) or opened(told.face) is not None
    rows = _rows(columns)
    table = 62 + len(rows) * _LINE + 12
    height = _HEAD + _SCORES + 14 + (_SAYS + 14) * says + _CURVES + 14 + table + MARGIN
    canvas, top = Canvas(height), _HEAD
    names = (drawable(told.names[0], word("challenger", lang)), drawable(told.names[1], word("rival", lang)))
    _head(canvas, view, found, names, told.dataset, lang)
    _scores(canvas, top, view, found, names, lang)
    top += _SCORES + 14
    if says:
        _says(canvas, top, told, lang)
        top += _SAYS + 14
    canvas.panel(MARGIN, top, WIDTH - MARGIN, top + _CURVES)
    titles = (word("loss", lang), word("f1", lang), word("epoch", lang))
    _chart(
        canvas,
        curves(_curves(columns, names, lang), titles, _INNER - 24, _CURVES - 24),
        MARGIN + 12,
        top + 12,
    )
    top += _CURVES + 14
    canvas.panel(MARGIN, top, WIDTH - MARGIN, top + table)
    _table(canvas, top, columns, rows, names, lang)
    return canvas


def _verdict(view: BattleView) -> Verdict:
    if view.verdict is None:
        raise ValueError(f"battle {view.id} has no verdict")
    return view.verdict


def _hers(lang: Lang) -> str:
    return NAME_KO if lang == "ko" else NAME_EN


def _columns(view: BattleView) -> list[_Column]:
    """At most two choices of each side, the named one among them, in order."""
    found = []
    for name in SIDES:
        side = view.side(name)
        moves = [move for move in side.moves if move.hyperparameters is not None]
        best = sorted(moves, key=lambda m: (m.number != side.named, -(m.valid_f1 or 0.0)))[:_MOVES]
        found += [
            _Column(name, move, move.number == side.named) for move in sorted(best, key=lambda m: m.number)
        ]
    return found


def _head(
    canvas: Canvas, view: BattleView, found: Verdict, names: tuple[str, str], dataset: str, lang: Lang
) -> None:
    colour = {1: LEFT, 0: EVEN, -1: RIGHT}[found.grade.sign]
    canvas.text(MARGIN, 46, verdict(found.grade, names, lang), 40, bold=True, fill=colour, room=620)
    parts = [drawable(dataset), view.instance, f"#{view.id}"]
    parts += [TIERS[view.tier][lang]] if view.rival is Rival.LORA else []
    canvas.text(MARGIN, 94, " · ".join(filter(None, parts)), 21, fill=DIM, room=620)
    grades, left, step = list(reversed(Grade)), 700, 40
    canvas.bar(left, 45, left + 6 * step, 48, LINE)
    for at, grade in enumerate(grades):
        here = grade is found.grade
        canvas.dot(left + at * step, 46, 15 if here else 7, colour if here else LINE)
    canvas.text(left - 12, 94, word("worst", lang), 17, fill=DIM, room=80)
    canvas.text(left + 3 * step, 94, word("even", lang), 17, fill=DIM, anchor="mm", room=80)
    canvas.text(left + 6 * step + 12, 94, word("best", lang), 17, fill=DIM, anchor="rm", room=80)


def _scores(
    canvas: Canvas, top: int, view: BattleView, found: Verdict, names: tuple[str, str], lang: Lang
) -> None:
    canvas.panel(MARGIN, top, WIDTH - MARGIN, top + _SCORES)
    seeds = len(view.left.finals)
    canvas.text(MARGIN + 24, top + 28, word("scores", lang, n=seeds), 20, bold=True, room=500)
    apart = word("band", lang, difference=f"{found.difference:+.3f}", band=f"{found.band:.3f}")
    canvas.text(WIDTH - MARGIN - 24, top + 28, apart, 18, fill=DIM, anchor="rm", room=380)
    rows = [
        Bar(LEFT, found.left, found.left_error, tuple(trial.f1 for trial in view.left.finals)),
        Bar(RIGHT, found.right, found.right_error, tuple(trial.f1 for trial in view.right.finals)),
    ]
    chart = bars(rows, 540, 172)
    _chart(canvas, chart, MARGIN + 196, top + 48)
    middles = [top + 48 + 0.8 * 172 * part for part in (0.25, 0.75)]
    for middle, name, row in zip(middles, names, rows, strict=True):
        canvas.text(MARGIN + 24, middle, name, 25, bold=True, fill=row.colour, room=176)
        wide = canvas.text(MARGIN + 740, middle, f"{row.score:.3f}", 34, bold=True)
        canvas.text(MARGIN + 740 + wide + 10, middle + 4, f"± {row.error:.3f}", 19, fill=DIM, room=100)


def _says(canvas: Canvas, top: int, told: Told, lang: Lang) -> None:
    canvas.panel(MARGIN, top, WIDTH - MARGIN, top + _SAYS)
    face, left, side = opened(told.face), MARGIN + 24, _SAYS - 28
    if face is not None:
        canvas.paste(face.resize((side, side)), MARGIN + 14, top + 14, rounded=True)
        left = MARGIN + 14 + side + 26
    room = WIDTH - MARGIN - 24 - left
    words = drawable(told.comment)
    size = next((size for size in (24, 21, 18) if len(wrapped(words, size, room, 9)) <= 3), 16)
    lines = wrapped(words, size, room, 4)
    canvas.text(left, top + 30, word("says", lang, name=_hers(lang)), 19, bold=True, fill=RIGHT, room=room)
    for at, line in enumerate(lines):
        canvas.text(left, top + 66 + at * (size + 9), line, size, fill=TEXT, room=room)


def _chart(canvas: Canvas, chart: Chart, left: int, top: int) -> None:
    canvas.paste(chart.image, left, top)
    for box, words in chart.boxes:
        moved = box._replace(
            left=box.left + left, right=box.right + left, top=box.top + top, bottom=box.bottom + top
        )
        canvas.boxes.append((moved, words))


def _curves(columns: list[_Column], names: tuple[str, str], lang: Lang) -> list[Curve]:
    called, found, many = dict(zip(SIDES, names, strict=True)), list[Curve](), dict[str, int]()
    for column in columns:
        side, trial = column.side, column.move.trial
        many[side] = many.get(side, 0) + 1
        if trial is None or not trial.epochs:
            continue
        behind = f" {word('legend', lang, number=column.move.number)}"
        label = cut(called[side], 18, _LEGEND - width_of(behind, 18)) + behind
        found.append(Curve(label, _COLOURS[side], trial.epochs, many[side] > 1, column.named))
    return found


def _number(column: _Column, lang: Lang) -> str:
    return word("round" if column.move.number <= _MOVES else "try", lang, number=column.move.number)


def _rows(columns: list[_Column]) -> list[str]:
    """What the table tells; what was expected, where somebody did expect something."""
    expected = any(column.move.expected is not None for column in columns)
    return [*FIELDS, "valid_f1", *(["expected"] if expected else [])]


def _table(
    canvas: Canvas, top: int, columns: list[_Column], rows: list[str], names: tuple[str, str], lang: Lang
) -> None:
    """A row for each hyperparameter, a column for each choice; the named ones are lit up."""
    first, wide = MARGIN + 24, 178
    starts = {id(column): MARGIN + 224 + at * wide for at, column in enumerate(columns)}
    canvas.text(first, top + 34, word("choices", lang), 22, bold=True, room=180)
    for at, field in enumerate(rows):
        middle = top + 62 + at * _LINE + _LINE // 2
        canvas.bar(first, middle - _LINE // 2, WIDTH - MARGIN - 24, middle - _LINE // 2 + 1, LINE)
        label = FIELDS[field][lang] if field in FIELDS else word(field, lang)
        canvas.text(first, middle, label, 19, fill=DIM, room=184)
    for column in columns:
        left, fill = starts[id(column)], _COLOURS[column.side]
        called = names[0] if column.side == "left" else names[1]
        label = _number(column, lang) + (f" ★ {word('named', lang)}" if column.named else "")
        canvas.text(left, top + 22, called, 19, bold=True, fill=fill, room=wide - 12)
        canvas.text(left, top + 46, label, 17, fill=fill, room=wide - 12)
        for at, field in enumerate(rows):
            middle = top + 62 + at * _LINE + _LINE // 2
            lit = TEXT if column.named else DIM
            cell = _cell(column.move, field)
            canvas.text(left, middle, cell, 20, bold=column.named, fill=lit, room=wide - 12)


def _cell(move: MoveView, field: str) -> str:
    if field == "valid_f1":
        return "–" if move.valid_f1 is None else f"{move.valid_f1:.3f}"
    if field == "expected":
        return "–" if move.expected is None else f"{move.expected:.3f}"
    return "–" if move.hyperparameters is None else value(move.hyperparameters, field)
