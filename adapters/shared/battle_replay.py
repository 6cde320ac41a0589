"""What is said of a battle that was run again."""

from __future__ import annotations

from typing import Final

from adapters.shared.texts import text
from core.battle.game import Rival
from core.battle.replaying import Replay
from core.people import Lang

MOST: Final = 10  # differences that are told


def replay_told(found: Replay, lang: Lang) -> str:
    """Whether it was the same, and what could not be compared or why it may differ."""
    key = "b_replayed" if found.same else "b_differs"
    if found.same and found.learned is not None:
        key = "b_replayed_numbers"
    lines = "\n".join(found.differences[:MOST])
    said = [text(key, lang, id=found.battle, compared=found.compared, lines=lines)]
    if found.learned is not None:
        said.append(text("b_learned_optuna" if found.learned is Rival.OPTUNA else "b_learned", lang))
    if found.changed and not found.same:
        said.append(text("b_recoded", lang))
    return "\n".join(said)
