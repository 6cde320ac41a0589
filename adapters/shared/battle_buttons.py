"""The buttons of a battle's card; everything that one does is in its ``data``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from adapters.shared.texts import text
from core.battle.events import BattleView
from core.battle.game import Phase, Rival
from core.people import Lang

Style = Literal["primary", "secondary", "success", "danger"]


@dataclass(frozen=True, slots=True)
class Button:
    """``data`` (at most 40 ASCII letters) is what comes back when somebody presses it."""

    data: str
    label: str
    style: Style = "secondary"


Rows = tuple[tuple[Button, ...], ...]


def buttons_of(view: BattleView, lang: Lang, *, chooses: bool) -> Rows:
    """Row by row; ``chooses``: the problem is there and nothing is being trained."""

    def button(act: str, style: Style = "secondary", **values: object) -> Button:
        """``act`` is the text's key, and with ``number`` what was meant by it."""
        key = {"stay": "name"}.get(act, act)
        behind = f":{values['number']}" if "number" in values else ""
        return Button(f"bt:{view.id}:{key}{behind}", text(f"b_{act}", lang, **values), style)

    def naming(number: int, style: Style) -> Button:
        """With its score, where only one person plays: between two, each has another."""
        score = "F1"
        if view.rival is not Rival.PERSON and len(view.left.moves) >= number:
            score = f"{view.left.moves[number - 1].valid_f1 or 0:.3f}"
        return button("name" if view.phase is Phase.NAMING else "stay", style, number=number, score=score)

    if view.phase is Phase.CANCELLED:
        return ()
    if view.phase is Phase.DONE:
        return ((button("proof"), button("again", "primary")),)
    if view.phase is Phase.INVITED:
        return ((button("accept", "success"), button("refuse")),)
    end = (button("concede" if view.scored else "cancel", "danger"),)
    if not chooses or not (view.left.turn or view.right.turn):
        return (end,)
    if view.phase is Phase.NAMING:
        return ((naming(1, "primary"), naming(2, "primary")), end)
    hers = (button("hers"),) if view.rival is Rival.LORA else ()
    rows = [(button("choose", "primary"), button("safe"), button("bold"), *hers)]
    if view.phase is Phase.ROUND_2:
        rows.append((naming(1, "secondary"),))
    return (*rows, end)
