"""Pictures that Telegram has already: their ids are sent instead of the bytes."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from adapters.shared.drafts import Face
from core.errors import StoreError, logged
from core.ports_places import StateStore

log = logging.getLogger(__name__)

KEPT: Final = 128
NOTED_EVERY: Final = 8  # new ones; so many are lost at most when the program is killed


@dataclass(eq=False)
class FaceFiles:
    """The ids of the newest faces by a hash of their bytes; ``account`` is the bot, to whom ids belong."""

    state: StateStore
    account: str
    _ids: OrderedDict[str, str] | None = None
    _unnoted: int = 0

    async def known(self, face: Face) -> str | None:
        """The id under which Telegram has this picture."""
        ids = await self._loaded()
        found = ids.get(key_of(face))
        if found is not None:
            ids.move_to_end(key_of(face))
        return found

    async def learn(self, face: Face, file_id: str) -> None:
        """Telegram has it now."""
        ids = await self._loaded()
        if ids.get(key_of(face)) == file_id:
            return
        ids[key_of(face)] = file_id
        if len(ids) > KEPT:
            ids.popitem(last=False)
        self._unnoted += 1
        if self._unnoted >= NOTED_EVERY:
            await self.note()

    async def drop(self, face: Face) -> None:
        """The id is not valid."""
        (await self._loaded()).pop(key_of(face), None)

    async def note(self) -> None:
        """Keep them for the next start; a store that fails costs some uploads."""
        if self._ids is None or not self._unnoted:
            return
        try:
            await self.state.put(self._name, json.dumps(self._ids))
            self._unnoted = 0
        except StoreError as err:
            log.info("ids of faces not kept: %s", logged(err))

    @property
    def _name(self) -> str:
        return f"telegram_faces:{self.account}"

    async def _loaded(self) -> OrderedDict[str, str]:
        if self._ids is None:
            kept: dict[str, str] = {}
            try:
                kept = json.loads(await self.state.get(self._name) or "{}")
            except (StoreError, ValueError) as err:
                log.info("ids of faces not read: %s", logged(err))
            if self._ids is None:  # else another reply was faster
                self._ids = OrderedDict(kept)
        return self._ids


def key_of(face: Face) -> str:
    """What two equal pictures of a kind have in common."""
    return f"{face.kind}:{hashlib.sha256(face.data).hexdigest()[:32]}"
