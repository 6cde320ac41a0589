"""Her face on a battle's card, as the challenger sees it elsewhere."""

from __future__ import annotations

import logging

from adapters.shared.battle_live import Face
from adapters.shared.doors import Doors, place_of_scope
from core.errors import HiddenError, logged
from core.people import Owner, Scores

log = logging.getLogger(__name__)


def her_face(doors: Doors, owner: Owner) -> Face:
    """Draws her; no face where an admin or the person wants none."""

    async def draw(scores: Scores) -> bytes | None:
        portraits = doors.portraits
        here = await doors.rules.settings(place_of_scope(owner.scope).group)
        if portraits is None or not here.faces:
            return None
        try:
            chosen = await doors.history.choices(owner.person)
            if chosen.get("face") == "off":
                return None
            face = chosen.get("face_id", "")
            face = face if face in portraits.faces else portraits.faces[0]
            return await portraits.draw(face, scores, chosen.get("hair", "") or here.hair)
        except HiddenError as err:
            log.warning("no face for a battle: %s", logged(err))
            return None

    return draw
