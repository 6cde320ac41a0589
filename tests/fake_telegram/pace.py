"""Telegram's limits of speed, for tests that want them; at first there are none."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import Literal

from tests.fake_telegram.errors import too_many
from tests.fake_telegram.forms import Form
from tests.fake_telegram.model import monotonic

Where = Literal["private", "group", "draft", "all"]

# What counts: everything that people see as new, or changed.
_COUNTED = ("send", "edit")
_FREE = {"sendChatAction"}
_DRAFTS = "sendMessageDraft"


class Pace:
    """So many messages and edits in so much time, per chat or for all chats together."""

    def __init__(self) -> None:
        self._limits: dict[Where, tuple[int, float]] = {}
        self._times: dict[tuple[Where, int], deque[float]] = defaultdict(deque)

    def limit(self, where: Where, count: int, per_s: float) -> None:
        """Sets a limit."""
        self._limits[where] = (count, per_s)

    def check(self, method: str, form: Form) -> None:
        """Counts a request.

        Raises:
            ApiError: It is one too many; it says how long to wait.
        """
        if not self._limits or not method.startswith(_COUNTED) or method in _FREE:
            return
        chat_id = form.number("chat_id")
        where: Where = "group" if chat_id < 0 else "private"
        kinds: list[tuple[Where, int]] = [(where, chat_id), ("all", 0)]
        if method == _DRAFTS:  # they have a limit of their own, about ten a second
            kinds = [("draft", chat_id)]
        now = monotonic()
        rows = [(self._limits[kind], self._times[kind, chat]) for kind, chat in kinds if kind in self._limits]
        for (count, per_s), times in rows:
            while times and now - times[0] > per_s:
                times.popleft()
            if len(times) >= count:
                raise too_many(round(times[0] + per_s - now + 0.01, 2))
        for _, times in rows:
            times.append(now)
