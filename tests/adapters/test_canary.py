"""Nobody's secret reaches anybody else or another place, whatever people do on both platforms at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.adapters.canary.audit import audit
from tests.adapters.canary.people import perform
from tests.adapters.canary.stage import stage


@pytest.mark.parametrize(
    ("people", "secrets"), [(6, 5), pytest.param(40, 20, marks=pytest.mark.slow)]
)
async def test_no_secret_reaches_another_person_or_scope(people: int, secrets: int, tmp_path: Path) -> None:
    async with stage(tmp_path, people, seed=people) as it:
        done = await perform(it, secrets, seed=people)
    found = audit(it)
    assert found.leaks == []
    print(done, found.shown, len(found.listed), len(it.ledger.secrets))
    assert done["tell"] == people * 3 * secrets
