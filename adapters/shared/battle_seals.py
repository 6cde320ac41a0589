"""What stands on a card of what was sealed, and how anybody can check that nothing was changed afterwards.

A machine seals all its choices and which of them counts before the person's first turn: one hash over their
hashes is shown in full. Of people who play each other every hash is shown as soon as it is there, by its
first 32 letters (128 bits).
"""

from __future__ import annotations

from typing import Final

from adapters.media.words import names_of
from adapters.shared.texts import text
from core.battle.events import BattleView, SideView
from core.battle.game import SIDES, Rival
from core.people import Lang

_SHOWN: Final = 32  # letters of a hash of a person's


def sealed_lines(view: BattleView, called: tuple[str, str], lang: Lang) -> list[str]:
    """The hashes that there are by now."""
    lines = []
    for name, who in zip(SIDES, called, strict=True):
        side = view.side(name)
        if side.seal:
            lines.append(text("b_sealed", lang, name=who, seal=side.seal))
        elif view.rival is Rival.PERSON and side.moves:
            digests = " · ".join(digest[:_SHOWN] for digest in _digests(side))
            lines.append(text("b_sealed", lang, name=who, seal=digests))
    return lines


def seals(view: BattleView, lang: Lang) -> str:
    """Commands that compare what was sealed with the hashes shown before, for a battle that is done."""
    blocks = [text("b_proof_title", lang, id=view.id)]
    for name, called in zip(SIDES, names_of(view, {}, lang), strict=True):
        side = view.side(name)
        if side.seal:
            digests = " ".join(_digests(side))
            blocks.append(text("b_proof_whole", lang, name=called, digest=side.seal, digests=digests))
        if side.seal or view.rival is Rival.PERSON:
            blocks += _opened(side, called, lang)
    return "\n\n".join(blocks)


def _digests(side: SideView) -> list[str]:
    return [*(move.digest for move in side.moves), *([side.pick] if side.pick else [])]


def _opened(side: SideView, called: str, lang: Lang) -> list[str]:
    """What was hashed: the choices (of more than two the one that counts) and the last word."""
    found = [
        (text("b_seal_round", lang, name=called, number=move.number), move.digest, move.content, move.nonce)
        for move in side.moves
        if len(side.moves) <= 2 or move.number == side.named
    ]
    if side.pick:
        found.append((text("b_seal_pick", lang, name=called), side.pick, side.pick_content, side.pick_nonce))
    return [
        text("b_proof_line", lang, what=what, digest=digest, content=content, nonce=nonce)
        for what, digest, content, nonce in found
    ]
