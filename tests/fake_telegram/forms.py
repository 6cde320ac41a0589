"""A request's parameters, whether they came as JSON, urlencoded, in the address or multipart."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from tests.fake_telegram.errors import bad

Json = dict[str, Any]

_OBJECTS = {
    "reply_markup", "entities", "caption_entities", "media", "reply_parameters", "commands", "scope",
    "allowed_updates", "message_ids", "reaction", "link_preview_options",
}  # fmt: skip
_NUMBERS = {"chat_id", "message_id", "message_thread_id", "draft_id", "user_id", "offset", "limit"}


@dataclass(frozen=True)
class Upload:
    """A file of a multipart request."""

    name: str
    content: bytes


@dataclass
class Form:
    """The parameters by name, as they came; the getters make sense of them."""

    raw: Json = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A string; empty if it is not there."""
        value = self.raw.get(name)
        return "" if value is None else str(value)

    def number(self, name: str, default: int = 0) -> int:
        """A whole number.

        Raises:
            ApiError: It is none.
        """
        value = self.raw.get(name)
        if value is None or value == "":
            return default
        try:
            return int(value)
        except (TypeError, ValueError):
            raise bad(f"invalid {name} specified") from None

    def seconds(self, name: str) -> float:
        """A time; PTB may send a fraction."""
        try:
            return float(self.raw.get(name) or 0)
        except (TypeError, ValueError):
            raise bad(f"invalid {name} specified") from None

    def flag(self, name: str) -> bool:
        """A truth value, as Telegram reads them."""
        return str(self.raw.get(name, "")).lower() in {"true", "yes", "1"}

    def data(self, name: str) -> Any:
        """An object or list; ``None`` if it is not there.

        Raises:
            ApiError: It is no JSON.
        """
        value = self.raw.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad(f"can't parse {name} JSON object") from None

    @property
    def params(self) -> Json:
        """The parameters as a test wants to see them: numbers as numbers, objects as objects."""
        result: Json = {}
        for name, value in self.raw.items():
            result[name] = value
            if isinstance(value, str) and name in _OBJECTS | _NUMBERS:
                try:
                    result[name] = json.loads(value)
                except ValueError:
                    continue
        return result


async def read(request: web.Request) -> Form:
    """Reads a request; by hand, as aiohttp's own ``post()`` would write uploads to temporary files."""
    form = Form(dict(request.query))
    if request.content_type == "application/json":
        given = await request.json() if request.can_read_body else {}
        form.raw |= given if isinstance(given, dict) else {}
    elif request.content_type == "multipart/form-data":
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            assert isinstance(part, BodyPartReader), "nobody nests multiparts here"
            content = bytes(await part.read())
            if part.filename is not None:
                form.uploads[part.name or ""] = Upload(part.filename, content)
            else:
                form.raw[part.name or ""] = content.decode()
    elif request.can_read_body:
        form.raw |= dict(await request.post())
    return form
