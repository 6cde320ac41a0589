"""What the tests of the terminal hold in their hands."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from adapters.console.session import Session, Until
from bot.app import App
from core.people import Owner, Person
from tests.fakes import PaintedPortraits

JUN = Person("console", "jun")
OWNER = Owner(JUN.id, "direct")


@dataclass
class Desk:
    """A session with everything that it writes."""

    app: App
    session: Session
    out: io.StringIO
    err: io.StringIO
    portraits: PaintedPortraits

    async def take(self, line: str, until: Until = Until.END) -> str:
        """Take a line; what was written to stderr for it."""
        start = len(self.err.getvalue())
        await self.session.take(line, until)
        return self.err.getvalue()[start:]


Open = Callable[..., AbstractAsyncContextManager[Desk]]
