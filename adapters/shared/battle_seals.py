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
        side = view.side(name)
        for move in side.moves:
            if len(side.moves) <= 2 or move.number == side.named:
                what = text("b_seal_round", lang, name=called, number=move.number)
                lines.append(_line(what, move.digest, move.content, move.nonce, lang))
        if side.pick:
            what = text("b_seal_pick", lang, name=called)
            lines.append(_line(what, side.pick, side.pick_content, side.pick_nonce, lang))
    return "\n\n".join(lines)


def _line(what: str, digest: str, content: str, nonce: str, lang: Lang) -> str:
    return text("b_proof_line", lang, what=what, digest=digest, content=content, nonce=nonce)
