"""The system's clock in a time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo


@dataclass(frozen=True)
class SystemClock:
    """core.ports.Clock."""

    zone: tzinfo

    def now(self) -> datetime:
        """The present, aware."""
        return datetime.now(self.zone)
