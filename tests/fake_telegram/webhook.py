"""Pushing updates to the bot's address, as long as one is set."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from tests.fake_telegram.changes import Changes
from tests.fake_telegram.errors import bad
from tests.fake_telegram.model import monotonic
from tests.fake_telegram.updates import Update, Updates

Json = dict[str, Any]

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_PORTS = {80, 88, 443, 8443}
_SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")
_ANSWER_WITHIN_S = 10.0


@dataclass(eq=False)
class Push:
    """One attempt to deliver; ``status`` 0 stands for no answer."""

    update: Update
    status: int
    at: float = field(default_factory=monotonic)


class Webhook:
    """The pushing side.

    Args:
        strict: Whether Telegram's rules for addresses count: https, and four ports. A bot on loopback cannot
            keep them.
        retry_s: The pause after a failure; at Telegram it grows to minutes.
    """

    def __init__(self, updates: Updates, changes: Changes, *, strict: bool, retry_s: float = 0.05) -> None:
        self._updates = updates
        self._changes = changes
        self.strict = strict
        self.retry_s = retry_s
        self.pushes: list[Push] = []
        self.settings: Json = {}
        self.last_error = ""
        self._last_error_at = 0
        self._task: asyncio.Task[None] | None = None

    async def set(self, url: str, settings: Json) -> None:
        """``setWebhook``; without an address it ends.

        Raises:
            ApiError: An address or a secret that Telegram would refuse.
        """
        if not _SECRET.fullmatch(settings.get("secret_token") or ""):
            raise bad("secret token contains unallowed characters")
        if url and self.strict:
            _check_address(url)
        await self.shut()
        self._updates.webhook_url, self.settings = url, settings
        self.last_error, self._last_error_at = "", 0
        self._changes.tell()  # whoever is polling learns of it
        if url:
            self._task = asyncio.create_task(self._push_all(url))

    async def shut(self) -> None:
        """No more pushing."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    @property
    def info(self) -> Json:
        """``getWebhookInfo``."""
        result: Json = {
            "url": self._updates.webhook_url, "has_custom_certificate": False,
            "pending_update_count": len(self._updates.pending),
        }  # fmt: skip
        if self._updates.webhook_url:
            result["max_connections"] = self.settings.get("max_connections") or 40
        if self._updates.allowed:
            result["allowed_updates"] = self._updates.allowed
        if self.last_error:
            result |= {"last_error_message": self.last_error, "last_error_date": self._last_error_at}
        return result

    async def _push_all(self, url: str) -> None:
        """One after the other; Telegram pushes in parallel, but not for one chat."""
        updates = self._updates
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(_ANSWER_WITHIN_S)) as session:
            while True:
                update = updates.take_repeated() or (updates.pending[0] if updates.pending else None)
                if update is None:
                    await self._changes.changed(3600)
                    continue
                if await self._push(session, url, update):
                    updates.confirm(update)
                else:
                    await asyncio.sleep(self.retry_s)

    async def _push(self, session: aiohttp.ClientSession, url: str, update: Update) -> bool:
        secret = self.settings.get("secret_token")
        headers = {SECRET_HEADER: secret} if secret else {}
        update.delivered += 1
        status = 0
        try:
            async with session.post(url, json=update.json, headers=headers) as response:
                status = response.status
        except (aiohttp.ClientError, TimeoutError) as error:
            self._failed(f"Connection failed: {type(error).__name__}")
        if status and not 200 <= status < 300:
            self._failed(f"Wrong response from the webhook: {status}")
        self.pushes.append(Push(update, status))
        self._changes.tell()
        return 200 <= status < 300

    def _failed(self, why: str) -> None:
        self.last_error, self._last_error_at = why, int(time.time())


def _check_address(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https":
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if (parts.port or 443) not in _PORTS:
        raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
