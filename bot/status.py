"""How the running bot is, for the status command of admins."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from importlib import metadata
from typing import Protocol, runtime_checkable

from core.conversation import Conversation
from core.ports import LanguageModel
from core.ports_places import Status


@runtime_checkable
class Queued(Protocol):
    """A model with a queue in this process."""

    @property
    def waiting(self) -> int:
        """Jobs that wait."""
        ...


def version() -> str:
    """The installed version; "?" where the package is not installed."""
    try:
        return metadata.version("ohlora")
    except metadata.PackageNotFoundError:
        return "?"


@dataclass(frozen=True)
class BotStatus:
    """core.ports_places.StatusSource on what :func:`bot.wiring.build_app` made."""

    conversation: Conversation
    model: LanguageModel
    models: tuple[str, ...]
    problems: tuple[str, ...]
    number: str

    def status(self) -> Status:
        """The present; times are those of the newest replies."""
        times = sorted(self.conversation.reply_ms)
        return Status(
            version=self.number, models=self.models, working=self.conversation.working,
            waiting=self.model.waiting if isinstance(self.model, Queued) else 0,
            reply_median_ms=statistics.median(times) if times else None,
            reply_p95_ms=times[min(len(times) - 1, int(0.95 * len(times)))] if times else None,
            problems=self.problems,
        )  # fmt: skip
