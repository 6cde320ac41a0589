"""How long, as people type it: ``30m``, ``2h``, ``7d``, ``1w``; ``30분``, ``2시간``, ``7일``, ``1주``."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

LONGEST: Final = timedelta(days=3650)
_UNITS: Final = {
    "m": "minutes", "min": "minutes", "분": "minutes", "h": "hours", "시간": "hours",
    "d": "days", "일": "days", "w": "weeks", "주": "weeks", "주일": "weeks",
}  # fmt: skip
_FORM: Final = re.compile(rf"\s*([0-9]{{1,5}})\s*({'|'.join(sorted(_UNITS, key=len, reverse=True))})\s*")


def parse_duration(said: str) -> timedelta | None:
    """The time that is meant, at most ten years; None for anything else."""
    match = _FORM.fullmatch(said.lower())
    if match is None:
        return None
    found = timedelta(**{_UNITS[match[2]]: int(match[1])})
    return found if timedelta(0) < found <= LONGEST else None
