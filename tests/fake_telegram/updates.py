"""The queue of updates: long polling, confirmation by offset, and who may fetch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.fake_telegram.changes import Changes
from tests.fake_telegram.errors import ApiError, bad, conflict, unauthorized
from tests.fake_telegram.model import monotonic

Json = dict[str, Any]

# What Telegram leaves out unless it is asked for by name.
_ON_REQUEST = {"chat_member", "message_reaction", "message_reaction_count", "stopped_message_generation"}
_TERMINATED = "terminated by other getUpdates request; make sure that only one bot instance is running"
_WEBHOOK_SET = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
_LIMIT = 100
_POLL_MAX_S = 50.0


@dataclass(eq=False)
class Update:
    """One update; ``delivered`` counts how often the bot has been given it."""

    id: int
    kind: str
    data: Json
    at: float = field(default_factory=monotonic)
    delivered: int = 0
    confirmed: bool = False

    @property
    def json(self) -> Json:
        """As the bot gets it."""
        return {"update_id": self.id, self.kind: self.data}


class Updates:
    """What waits for the bot."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._next_id = 700_000_001
        self._poller: object | None = None
        self._again: list[Update] = []
        self.pending: list[Update] = []
        self.all: list[Update] = []
        self.allowed: list[str] = []
        self.polls = 0
        # The webhook's address, or nothing.
        self.webhook_url = ""
        self.closed = False
        # Set by ``revoke_token``: whoever is polling gets a 401.
        self.revoked = False

    def push(self, kind: str, data: Json) -> Update | None:
        """A new update, unless the bot did not ask for this kind."""
        wanted = kind in self.allowed if self.allowed else kind not in _ON_REQUEST
        if not wanted:
            return None
        update = Update(self._next_id, kind, data)
        self._next_id += 1
        self.pending.append(update)
        self.all.append(update)
        self._changes.tell()
        return update

    def allow(self, kinds: Sequence[str] | None) -> None:
        """Which kinds come from now on; an empty list stands for the usual ones, ``None`` changes nothing."""
        if kinds is not None:
            self.allowed = list(kinds)

    def confirm(self, update: Update) -> None:
        """The bot has it."""
        update.confirmed = True
        if update in self.pending:
            self.pending.remove(update)
        self._changes.tell()

    def drop_all(self) -> None:
        """Everything that waits is gone, as after 24 hours or by ``drop_pending_updates``."""
        self.pending.clear()
        self._again.clear()

    def repeat(self, count: int) -> list[Update]:
        """The bot will get its last updates a second time; returns them."""
        done = [update for update in self.all if update.confirmed][-count:]
        self._again += done
        self._changes.tell()
        return done

    def take_repeated(self) -> Update | None:
        """The next one that comes a second time."""
        return self._again.pop(0) if self._again else None

    async def get(self, offset: int, limit: int, timeout: float, allowed: Sequence[str] | None) -> list[Json]:
        """``getUpdates``.

        Raises:
            ApiError: A webhook is set, another one began to poll, or the token was revoked.
        """
        self._check()
        if not 0 < limit <= _LIMIT:
            limit = _LIMIT
        if timeout < 0:
            raise bad("timeout must be non-negative")
        # As at Telegram, the newer poller wins, and the older one is told.
        me = self._poller = object()
        self.polls += 1
        self.allow(allowed)
        self._confirm_before(offset)
        self._changes.tell()
        deadline = monotonic() + min(timeout, _POLL_MAX_S)
        while not (self.pending or self._again or self.closed):
            left = deadline - monotonic()
            if left <= 0 or not await self._changes.changed(left):
                break
            self._check()
            if self._poller is not me:
                raise conflict(_TERMINATED)
        return self._taken(limit)

    def _taken(self, limit: int) -> list[Json]:
        given = [*self._again, *self.pending][:limit]
        self._again.clear()
        for update in given:
            update.delivered += 1
        # Told by the next change: to tell here would wake the other pollers for nothing.
        return [update.json for update in given]

    def _check(self) -> None:
        if self.revoked:
            raise unauthorized()
        if self.webhook_url:
            raise self.webhook_is_set()

    @staticmethod
    def webhook_is_set() -> ApiError:
        """409 for whoever polls nevertheless."""
        return conflict(_WEBHOOK_SET)

    def _confirm_before(self, offset: int) -> None:
        if offset < 0:
            # "The last so many": everything before is forgotten.
            cut = self.pending[offset].id if len(self.pending) >= -offset else 0
        else:
            cut = offset
        for update in [one for one in self.pending if one.id < cut]:
            self.confirm(update)
