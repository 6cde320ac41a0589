"""Nobody's secret reaches anybody else or another place, whatever people do on both platforms at once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from core.people import Owner
from core.ports_memory import Memory, NewMemory
from db import stores
from db.memory_store import SqlMemoryStore
from tests.adapters.canary.audit import Leak, audit
from tests.adapters.canary.people import perform
from tests.adapters.canary.stage import stage


@pytest.mark.parametrize(("people", "secrets"), [(6, 5), pytest.param(40, 20, marks=pytest.mark.slow)])
async def test_no_secret_reaches_another_person_or_scope(people: int, secrets: int, tmp_path: Path) -> None:
    async with stage(tmp_path, people, seed=people) as it:
        done = await perform(it, secrets, seed=people)
    found = audit(it)
    assert found.leaks == []
    # and the people were there: they told, were remembered, and saw what is theirs everywhere
    assert done["tell"] == people * 3 * secrets and done["link"] == people // 3 and done["forget"] > 0
    assert len(found.listed & it.ledger.secrets) > 0.7 * len(it.ledger.secrets)
    assert set(found.shown) >= {"prompt", "reply", "answer", "file", "proposal", "alert"}


class CarelessStore(SqlMemoryStore):
    """Shows everybody what is kept of the others in the same scope, and of themselves in other scopes; forgets
    nothing, and writes into the log what it keeps.
    """

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._owners: set[Owner] = set()

    async def add(self, owner: Owner, memory: NewMemory, epoch: int) -> Memory | None:
        self._owners.add(owner)
        logging.getLogger("db").info("%s keeps %s", owner.person, memory.value)
        return await super().add(owner, memory, epoch)

    async def search(self, owner: Owner, *asked: Any, **named: Any) -> Any:
        found = [
            await super(CarelessStore, self).search(each, *asked, **named) for each in self._around(owner)
        ]
        return sorted((hit for hits in found for hit in hits), key=lambda hit: -hit[1])

    async def list(self, owner: Owner) -> Any:
        found = [await super(CarelessStore, self).list(each) for each in self._around(owner)]
        return [memory for memories in found for memory in memories]

    async def forget(
        self, person: str, scope: str | None, *, below: bool = False, linked: Sequence[str] = (),
        by: str | None = None,
    ) -> dict[str, int]:  # fmt: skip
        return {"memories": 0, "turns": 0}

    def _around(self, owner: Owner) -> set[Owner]:
        return {each for each in self._owners if each.scope == owner.scope or each.person == owner.person}


def _kind(leak: Leak) -> str:
    if leak.viewer is None or leak.ghost:
        return "forgotten" if leak.ghost else "nobody's"
    return "person" if leak.owner.person != leak.viewer.person else "scope"


async def test_the_audit_finds_what_a_careless_store_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "SqlMemoryStore", CarelessStore)
    async with stage(tmp_path, 3, seed=1) as it:
        done = await perform(it, 2, seed=1)
    assert done["forget"] > 0
    found = {(leak.surface, _kind(leak)) for leak in audit(it).leaks}
    surfaces = ("prompt", "reply", "answer", "file")
    assert found >= {(surface, kind) for surface in surfaces for kind in ("person", "scope")}
    assert found >= {("prompt", "forgotten"), ("answer", "forgotten"), ("log", "nobody's")}
    assert ("file on disk", "nobody's") in found
