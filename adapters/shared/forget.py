"""``/forget`` with buttons: counts first, a button for its asker alone within two minutes, a receipt.

A button carries all there is to know (:attr:`Request.data`), so it needs no memory of its own and
works after a restart. What it says is checked again when it is pressed, an admin's rights too.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace
from typing import Final

from adapters.shared.admin import Admin
from adapters.shared.answers import Answer
from adapters.shared.commands import Commands
from adapters.shared.desk import Caller
from adapters.shared.texts import text
from core.ports_places import EVERYWHERE

PATIENCE_S: Final = 120
SCOPES: Final = ("here", "everywhere")
DATA: Final = (
    r"forget:(?P<asker>\d{1,20}):(?P<target>\d{1,20}):(?P<where>here|everywhere|no):(?P<at>\d{1,12})"
)


@dataclass(frozen=True, slots=True)
class Request:
    """Who asked to erase whom (account numbers), where (here, everywhere, or no more), and when
    (Unix seconds).
    """

    asker: int
    target: int
    where: str
    at: int

    @property
    def data(self) -> str:
        """What a button of the request carries, see :data:`DATA`; at most 62 letters for numbers of
        16 digits (Telegram), 70 for 20 (Discord).
        """
        return f"forget:{self.asker}:{self.target}:{self.where}:{self.at}"

    @classmethod
    def read(cls, data: str) -> Request | None:
        """The request of a button, None for anything else."""
        match = re.fullmatch(DATA, data, re.ASCII)
        return None if match is None else cls.found(match)

    @classmethod
    def found(cls, match: re.Match[str]) -> Request:
        """The request in a match of :data:`DATA`."""
        return cls(int(match["asker"]), int(match["target"]), match["where"], int(match["at"]))

    @property
    def of_another(self) -> bool:
        """Whether it is an admin's act."""
        return self.asker != self.target


@dataclass(frozen=True)
class Forgetting:
    """The command on one platform, which names people ``platform:number``."""

    commands: Commands
    admin: Admin
    platform: str

    def request(self, who: Caller, target: int | None, where: str | None) -> Request:
        """What someone asks now; ``target`` None is oneself, ``where`` None lets the buttons say it."""
        asker = int(who.person.account)
        return Request(asker, asker if target is None else target, where or "here", int(time.time()))

    def refused(self, request: Request, who: Caller) -> Answer | None:
        """Erasing another one is for admins of this group; everywhere, for the owner."""
        if not request.of_another:
            return None
        if request.where == "everywhere":
            return None if who.owns else Answer(text("owner_only", who.lang), done=False)
        if not who.group:
            return Answer(text(f"group_only_{self.platform}", who.lang), done=False)
        return None if who.manages else Answer(text(f"admin_only_{self.platform}", who.lang), done=False)

    async def ask(self, request: Request, who: Caller, where: str | None) -> Answer:
        """What would be erased, as a question; ``done`` tells whether to show :meth:`buttons`."""
        refused = self.refused(request, who)
        if refused is not None:
            return refused
        if request.of_another:
            group, person = self._group(request, who), self._person(request)
            return await self.admin.forget_ask(who.person.id, group, person, who.lang)
        everywhere = None if where is None else where == "everywhere"
        return await self.commands.forget_preview(who.owner, everywhere, who.lang)

    def buttons(self, request: Request, who: Caller, where: str | None) -> list[tuple[Request, str]]:
        """The buttons under the question with their labels; the last one leaves all as it is."""
        offered = (where,) if where else SCOPES[: 1 if request.of_another else 2]
        return [
            (replace(request, where=scope), text(f"forget_button_{scope}", who.lang))
            for scope in (*offered, "no")
        ]

    async def decide(self, request: Request, who: Caller) -> Answer:
        """What a press does. Whether ``who`` asked is the caller's to see first (``forget_not_yours``)."""
        if request.where == "no":
            return Answer(text("forget_left", who.lang))
        if not 0 <= time.time() - request.at <= PATIENCE_S:
            return Answer(text("forget_late", who.lang), done=False)
        refused = self.refused(request, who)
        if refused is not None:
            return refused
        if request.of_another:
            group, person = self._group(request, who), self._person(request)
            return await self.admin.forget(who.person.id, group, person, who.lang)
        return await self.commands.forget(who.owner, request.where == "everywhere", who.lang)

    @staticmethod
    def _group(request: Request, who: Caller) -> str:
        return EVERYWHERE if request.where == "everywhere" else who.group

    def _person(self, request: Request) -> str:
        return f"{self.platform}:{request.target}"
