"""How anybody can check that a side changed nothing after it had chosen."""

from __future__ import annotations

from adapters.media.words import names_of
from adapters.shared.texts import text
from core.battle.events import BattleView
from core.battle.game import SIDES
from core.people import Lang


def seals(view: BattleView, lang: Lang) -> str:
    """Commands that compare what was sealed with the hashes shown before, for a battle that is done."""
    lines = [text("b_proof_title", lang, id=view.id)]
    for name, called in zip(SIDES, names_of(view, {}, lang), strict=True):
        moves = view.side(name).moves
        lines += [
            text(
                "b_proof_line", lang, name=called, number=move.number, digest=move.digest,
                content=move.content, nonce=move.nonce,
            )
            for move in moves
            if len(moves) <= 2 or move.number == view.side(name).named
        ]  # fmt: skip
    return "\n\n".join(lines)
