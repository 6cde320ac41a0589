"""The REST side: recording, faults and the token first, then the routes."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fake_discord import errors, forms, rest_messages, rest_places, rest_talks
from tests.fake_discord.answers import BODY, reply
from tests.fake_discord.buckets import Buckets
from tests.fake_discord.faults import Fault, Faults
from tests.fake_discord.world import World

API = "/api/v10"
_log = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
# These carry their own secret in the path.
_WITHOUT_TOKEN = ("/interactions/", "/webhooks/")


@dataclass(eq=False)
class Request:
    """A request as it came, and how it ended; times are monotonic, status 0 is a broken connection."""

    method: str
    path: str
    query: dict[str, str]
    started: float = field(default_factory=time.monotonic)
    ended: float = 0.0
    status: int | None = None
    json: Any = None
    files: list[str] = field(default_factory=list)


class Rest:
    """Serves ``/api/v10`` and the attachments."""

    def __init__(self, world: World, faults: Faults) -> None:
        self.requests: list[Request] = []
        self.buckets = Buckets()
        self._world = world
        self._faults = faults

    def add_to(self, app: web.Application) -> None:
        """Registers every route."""
        api = web.Application(middlewares=[self._around])
        for module in (rest_places, rest_messages, rest_talks):
            api.router.add_routes(module.routes(self._world))
        app.add_subapp(API, api)
        app.router.add_get("/attachments/{channel}/{file}/{name}", self._serve_file)

    async def _serve_file(self, request: web.Request) -> web.Response:
        file = self._world.files.get(int(request.match_info["file"]))
        if file is None:
            return web.Response(status=404, text="This content is no longer available.")
        return web.Response(body=file.content, content_type=file.content_type)

    @web.middleware
    async def _around(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        path = request.path.removeprefix(API)
        record = Request(request.method, path, dict(request.query))
        self.requests.append(record)
        fault: Fault | None = None
        try:
            body = await forms.read(request)
            request[BODY] = body
            record.json, record.files = body.json, [name for name, _ in body.files.values()]
            fault = self._faults.take(request.method, path)
            response = await self._answer(request, path, handler, fault)
        except errors.ApiError as refusal:
            response = reply(refusal.body, refusal.status)
        if fault is not None and fault.drop is not None:
            response = _broken_off(request)
        record.status, record.ended = response.status if not _is_broken(response) else 0, time.monotonic()
        self._world.changes.tell()
        return response

    async def _answer(
        self, request: web.Request, path: str, handler: Handler, fault: Fault | None
    ) -> web.StreamResponse:
        if fault is not None:
            await fault.pause()
            if fault.drop == "before":
                return _broken_off(request)
            if fault.status is not None:
                return _as_planned(fault)
        if not path.startswith(_WITHOUT_TOKEN):
            token = self._world.token
            if token is None or request.headers.get("Authorization") != f"Bot {token}":
                raise errors.unauthorized()
        full, headers = self.buckets.take(request.method, path)
        response = reply(full, 429) if full is not None else await _handled(request, handler)
        response.headers.update(headers)
        return response


async def _handled(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except errors.ApiError as refusal:
        return reply(refusal.body, refusal.status)
    except web.HTTPNotFound:
        raise errors.no_route() from None
    except web.HTTPMethodNotAllowed:
        raise errors.ApiError(405, 0, "405: Method Not Allowed") from None
    except Exception:  # the edge of the fake: a 500 would be tried again and again, and hide what is wrong
        _log.exception("the fake Discord stumbled over %s %s", request.method, request.path)
        return reply({"message": "The fake Discord stumbled, see the log", "code": 0}, 400)


def _as_planned(fault: Fault) -> web.Response:
    assert fault.status is not None
    if fault.json is None:
        return web.Response(status=fault.status, text=fault.text, headers=fault.headers)
    raw = json.dumps(fault.json).encode()
    return web.Response(
        body=raw, status=fault.status, headers={"Content-Type": "application/json"} | fault.headers
    )


def _broken_off(request: web.Request) -> web.Response:
    """Cuts the connection; what is returned cannot reach anybody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500, headers={"X-Broken-Off": "1"})


def _is_broken(response: web.StreamResponse) -> bool:
    return "X-Broken-Off" in response.headers
