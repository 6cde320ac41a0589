"""Her face beside the result of a battle, as it stands beside replies: where faces are on, as was chosen."""

from __future__ import annotations

import logging

from adapters.shared.doors import Doors
from core.battle.events import BattleView
from core.errors import StoreError, logged
from core.people import Owner, Place, Scores

log = logging.getLogger(__name__)


async def her_face(doors: Doors, view: BattleView, scores: Scores) -> bytes | None:
    """The face that the challenger chose, with an expression; None where none is wanted, or there is none."""
    here = await doors.rules.settings(Place.of_scope(view.scope).group)
    try:
        wish = (await doors.history.choices(view.left.person)).get("face")
    except StoreError as err:
        log.warning("no choices for battle %d: %s", view.id, logged(err))
        return None
    if not here.faces or wish == "off":
        return None
    owner = Owner(view.left.person, view.scope)
    return (await doors.commands.face_show(owner, view.lang, scores, here.hair)).png
