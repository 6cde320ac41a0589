"""Scripted failures: what the network and Telegram do on bad days."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.fake_telegram import errors
from tests.fake_telegram.errors import ApiError
from tests.fake_telegram.updates import Update
from tests.fake_telegram.world import World

Json = dict[str, Any]
When = Literal["before", "after"]

# What a proxy before Telegram says: no JSON.
_GATEWAY_PAGE = "<html><head><title>502 Bad Gateway</title></head></html>"
_PHRASES = {500: "Internal Server Error", 502: "Bad Gateway", 504: "Gateway Timeout"}


@dataclass(eq=False)
class Fault:
    """What happens to the next requests that fit.

    Its ``hits`` count them, ``reached`` tells of the first, ``release()`` lets go those that are held.
    """

    method: str
    times: int = 1
    skip: int = 0
    refusal: ApiError | None = None
    page: str | None = None
    delay_s: float = 0.0
    drop: When | None = None
    silent: When | None = None
    held: bool = False
    hits: int = 0
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def fits(self, method: str) -> bool:
        """Whether it is meant for this method; polling has to be named."""
        return method == self.method or (self.method == "*" and method != "getUpdates")

    def release(self) -> None:
        """Lets held requests go on."""
        self.released.set()

    async def pause(self) -> None:
        """The wait before a request is handled."""
        self.reached.set()
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if self.held:
            await self.released.wait()


class Faults:
    """The bad days, in the order in which they were ordered."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._planned: list[Fault] = []
        self._ever: list[Fault] = []
        # Methods that this server does not have, as an older one of one's own.
        self.missing: set[str] = set()

    def next(
        self, method: str, *, times: int = 1, skip: int = 0, status: int | None = None, description: str = "",
        parameters: Json | None = None, delay_s: float = 0.0, drop: bool | When = False,
        silent: bool | When = False,
    ) -> Fault:  # fmt: skip
        """Plans a failure of the next requests that fit.

        Args:
            method: ``sendMessage`` …; ``*`` stands for every method but ``getUpdates``.
            times: How many requests it hits.
            skip: How many it lets pass before.
            status: The answer's status; ``None``: the request is handled as usual (after ``delay_s``).
            description: What the answer says.
            parameters: What the answer says to programs: ``retry_after``, ``migrate_to_chat_id``.
            delay_s: A wait before anything else.
            drop: The connection breaks off: ``True`` or "before": nothing was done; "after": it was done, and
                the bot does not know.
            silent: The same, but no answer ever comes, so that the bot's own time limit ends it.
        """
        refusal = (
            ApiError(status, description or _PHRASES.get(status, "Error"), parameters) if status else None
        )
        dropped: When | None = "before" if drop is True else drop or None
        quiet: When | None = "before" if silent is True else silent or None
        return self._plan(Fault(method, times, skip, refusal, None, delay_s, dropped, quiet))

    def hold(self, method: str, *, times: int = 1, skip: int = 0) -> Fault:
        """Requests that fit wait for ``release()`` of the result."""
        return self._plan(Fault(method, times, skip, held=True))

    def flood(self, method: str = "*", *, retry_after: float = 1, times: int = 1, skip: int = 0) -> Fault:
        """429. Telegram names whole seconds; a fraction keeps tests short."""
        return self._plan(Fault(method, times, skip, errors.too_many(retry_after)))

    def server_error(self, method: str, *, status: int = 502, times: int = 1, skip: int = 0) -> Fault:
        """5xx: 500 as JSON, the others as a page of HTML that a proxy would send."""
        fault = Fault(method, times, skip, ApiError(status, _PHRASES.get(status, "Server Error")))
        fault.page = None if status == 500 else _GATEWAY_PAGE
        return self._plan(fault)

    def timeout_after(self, method: str, *, times: int = 1, skip: int = 0) -> Fault:
        """It is done, and the answer never comes: the bot cannot know."""
        return self.next(method, times=times, skip=skip, silent="after")

    def conflict(self, times: int = 1) -> Fault:
        """409 for the next polls, as if a second bot fetched with the same token."""
        why = "terminated by other getUpdates request; make sure that only one bot instance is running"
        return self._plan(Fault("getUpdates", times, 0, errors.conflict(why)))

    def clear(self) -> None:
        """Forgets what has not happened yet, and lets go what is held."""
        for fault in self._ever:
            fault.release()
        self._planned.clear()

    def take(self, method: str) -> Fault | None:
        """The failure of this request, if one is planned."""
        for fault in self._planned:
            if not fault.fits(method):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.hits += 1
            if fault.hits >= fault.times:
                self._planned.remove(fault)
            return fault
        return None

    # not of one request

    def without(self, *methods: str) -> None:
        """This server does not know these methods (404)."""
        self.missing |= set(methods)

    def revoke_token(self) -> None:
        """The token is of no bot any more: 401 from now on, and for whoever is polling."""
        self._world.updates.revoked = True
        self._world.changes.tell()

    def repeat_updates(self, count: int = 1) -> list[Update]:
        """The last updates that the bot has confirmed come a second time; returns them."""
        return self._world.updates.repeat(count)

    def expire_updates(self) -> None:
        """What waits for the bot is older than 24 hours, and gone."""
        self._world.updates.drop_all()

    def _plan(self, fault: Fault) -> Fault:
        self._planned.append(fault)
        self._ever.append(fault)
        return fault
