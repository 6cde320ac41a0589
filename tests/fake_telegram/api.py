"""The HTTP side: addresses, tokens, recorded requests and planned failures."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fake_telegram import errors, forms
from tests.fake_telegram.errors import ApiError
from tests.fake_telegram.faults import Fault, Faults
from tests.fake_telegram.forms import Form, Upload
from tests.fake_telegram.lookups import Handler
from tests.fake_telegram.model import monotonic
from tests.fake_telegram.pace import Pace
from tests.fake_telegram.world import World

Json = dict[str, Any]

_log = logging.getLogger(__name__)


@dataclass(eq=False)
class Request:
    """One call of a method. ``status`` is 0 while it goes on, and when nothing was answered at all."""

    method: str
    params: Json
    uploads: dict[str, Upload]
    at: float = field(default_factory=monotonic)
    ended: float | None = None
    status: int = 0
    description: str = ""

    @property
    def ok(self) -> bool:
        """Whether it was answered, and well."""
        return self.status == 200


class Api:
    """``/bot<token>/<method>`` and ``/file/bot<token>/<path>``."""

    def __init__(
        self, world: World, faults: Faults, pace: Pace, methods: Mapping[str, Handler], token: str
    ) -> None:
        self._world = world
        self._faults = faults
        self._pace = pace
        # Telegram does not mind the case of a method's name.
        self._methods = {name.lower(): (name, handler) for name, handler in methods.items()}
        self._token = token
        self.requests: list[Request] = []
        self.downloads: list[str] = []

    def add_to(self, app: web.Application) -> None:
        """Adds the routes."""
        app.router.add_route("*", "/bot{token}/{method}", self._handle)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        given = request.match_info["method"]
        name, handler = self._methods.get(given.lower(), (given, _unknown))
        form = await forms.read(request)
        record = Request(name, form.params, form.uploads)
        self.requests.append(record)
        self._world.changes.tell()
        fault = self._faults.take(name)
        response = await self._answer(request, record, form, handler, fault)
        record.ended = monotonic()
        self._world.changes.tell()
        return response

    async def _answer(
        self, request: web.Request, record: Request, form: Form, handler: Handler, fault: Fault | None
    ) -> web.StreamResponse:
        if fault is not None:
            await fault.pause()
            if "before" in {fault.drop, fault.silent}:
                return await _unanswered(request, fault)
            if fault.refusal is not None:
                return _refused(record, fault.refusal, fault.page)
        try:
            self._check_token(request)
            if record.method in self._faults.missing:
                raise errors.no_method()
            self._pace.check(record.method, form)
            result = await handler(form)
        except ApiError as refusal:
            response = _refused(record, refusal)
        except Exception as error:  # the edge of the fake: a 500 would be tried again, and hide what is wrong
            _log.exception("the fake Telegram stumbled over %s", record.method)
            response = _refused(record, errors.bad(f"the fake Telegram stumbled: {error!r}"))
        else:
            record.status = 200
            response = _json({"ok": True, "result": result})
        if fault is not None and "after" in {fault.drop, fault.silent}:
            record.status = 0
            return await _unanswered(request, fault)
        return response

    def _check_token(self, request: web.Request) -> None:
        token = request.match_info["token"]
        if ":" not in token:
            raise errors.no_method()
        if token != self._token or self._world.updates.revoked:
            raise errors.unauthorized()

    async def _download(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        fault = self._faults.take("download")
        if fault is not None:
            await fault.pause()
            if fault.refusal is not None:
                return _json(fault.refusal.body, fault.refusal.status)
        try:
            self._check_token(request)
        except ApiError as refusal:
            return _json(refusal.body, refusal.status)
        file = self._world.files.at(path)
        if file is None:
            return _json(errors.no_method().body, 404)
        self.downloads.append(path)
        return web.Response(body=file.content, content_type="application/octet-stream")


async def _unknown(_form: Form) -> Any:
    raise errors.no_method()


def _refused(record: Request, refusal: ApiError, page: str | None = None) -> web.Response:
    record.status, record.description = refusal.status, refusal.description
    if page is not None:
        return web.Response(status=refusal.status, text=page, content_type="text/html")
    return _json(refusal.body, refusal.status)


def _json(data: Any, status: int = 200) -> web.Response:
    return web.Response(body=json.dumps(data).encode(), status=status, content_type="application/json")


async def _unanswered(request: web.Request, fault: Fault) -> web.Response:
    """Cuts the connection, for ``silent`` only when the test is over; what is returned reaches nobody."""
    if fault.silent is not None:
        await fault.released.wait()
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
