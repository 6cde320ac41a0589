"""Scripted failures: what the network and Discord do on bad days."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import Literal

from tests.fake_discord.gateway import Gateway
from tests.fake_discord.model import Json
from tests.fake_discord.world import World

# Google's proxy stands before Discord; an answer without its mark comes from Cloudflare.
VIA = {"Via": "1.1 google"}


@dataclass(eq=False)
class Fault:
    """What happens to the next requests that fit."""

    method: str
    path: re.Pattern[str]
    times: int = 1
    skip: int = 0
    status: int | None = None
    json: Json | None = None
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    drop: Literal["before", "after"] | None = None
    held: bool = False
    hits: int = 0
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)

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

    def __init__(self, world: World, gateway: Gateway) -> None:
        self._world = world
        self._gateway = gateway
        self._planned: list[Fault] = []

    def next(
        self, method: str, path_pattern: str, *, times: int = 1, skip: int = 0, status: int | None = None,
        json: Json | None = None, text: str = "", headers: dict[str, str] | None = None, delay_s: float = 0.0,
        drop: bool | Literal["before", "after"] = False,
    ) -> Fault:  # fmt: skip
        """Plans a failure of the next requests that fit.

        Args:
            method: ``GET`` …, or ``*``.
            path_pattern: Below ``/api/v10``; ``*`` stands for one step, ``**`` for any number.
            times: How many requests it hits.
            skip: How many it lets pass before.
            status: The answer's status; ``None``: the request is handled as usual (after ``delay_s``).
            json: The answer's body.
            text: The body, if it is not JSON.
            headers: The answer's headers.
            delay_s: A wait before anything else.
            drop: The connection breaks off: ``True`` or "before": nothing was done; "after": it was done, and
                the client does not know.
        """
        where = "before" if drop is True else drop or None
        fault = Fault(
            method, pattern(path_pattern), times, skip, status, json, text, headers or {}, delay_s, where
        )
        self._planned.append(fault)
        return fault

    def hold(self, method: str, path_pattern: str, *, times: int = 1) -> Fault:
        """Requests that fit wait for ``release()`` of the result; its ``reached`` tells of the first."""
        fault = self.next(method, path_pattern, times=times)
        fault.held = True
        return fault

    def rate_limited(
        self, method: str, path_pattern: str, *, times: int = 1, retry_after: float = 0.05, via: bool = True,
        everywhere: bool = False,
    ) -> Fault:  # fmt: skip
        """429: with Via from Discord itself, without it from Cloudflare, which discord.py takes for a ban."""
        if not via:
            return self.next(method, path_pattern, times=times, status=429, text="error code: 1015")
        body: Json = {
            "message": "You are being rate limited.",
            "retry_after": retry_after,
            "global": everywhere,
        }
        headers = VIA | {
            "Retry-After": str(retry_after),
            "X-RateLimit-Scope": "global" if everywhere else "user",
        }
        return self.next(method, path_pattern, times=times, status=429, json=body, headers=headers)

    def server_error(self, method: str, path_pattern: str, *, times: int = 1, status: int = 500) -> Fault:
        """5xx: discord.py tries again after 500, 502, 504 and 524, but not after 503."""
        return self.next(method, path_pattern, times=times, status=status, text="upstream error")

    def clear(self) -> None:
        """Forgets what has not happened yet, and lets go what is held."""
        for fault in self._planned:
            fault.release()
        self._planned.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The failure of this request, if one is planned."""
        for fault in self._planned:
            if fault.method in {"*", method} and fault.path.fullmatch(path):
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.hits += 1
                if fault.hits >= fault.times:
                    self._planned.remove(fault)
                return fault
        return None

    # the gateway's

    def drop_socket(self) -> None:
        """All websockets break off; clients resume."""
        self._gateway.drop_sockets()

    def close_socket(self, code: int = 4000) -> None:
        """All websockets are closed with a code."""
        self._gateway.close_sockets(code)

    def reconnect(self) -> None:
        """Op 7."""
        self._gateway.ask_to_reconnect()

    def invalidate(self, *, resumable: bool = False) -> None:
        """Op 9."""
        self._gateway.invalidate(resumable=resumable)

    def hold_gateway(self) -> None:
        """Who connects from now on waits for HELLO until ``release_gateway()``."""
        self._gateway.hold()

    def release_gateway(self) -> None:
        """Ends ``hold_gateway()``."""
        self._gateway.release()

    def replay_duplicates(self, count: int) -> None:
        """From now on, a resume brings so many events a second time."""
        self._gateway.replay_duplicates = count

    def revoke_token(self) -> None:
        """The token is reset: 401 from now on, and websockets are closed with 4004."""
        self._world.token = None
        self._gateway.sessions.clear()
        self._gateway.close_sockets(4004)


def pattern(path: str) -> re.Pattern[str]:
    """A path in which ``*`` stands for one step and ``**`` for any number."""
    pieces = re.split(r"(\*\*|\*)", path)
    return re.compile("".join({"*": "[^/]+", "**": ".*"}.get(piece, re.escape(piece)) for piece in pieces))
