"""How fast she may write: once a second to one person; in a group, how much of its minute is used up.

The library's rate limiter queues calls of groups (20 in a minute) and of the whole bot, but lets any
number of calls to one private chat through.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Final

from adapters.shared.growing import LoopTime, Time

PRIVATE_EVERY_S: Final = 1.0
GROUP_WINDOW_S: Final = 60.0
GROUP_CALLS: Final = 20
CHATS: Final = 4096


@dataclass(eq=False)
class Pace:
    """One for all chats of a bot."""

    every_s: float = PRIVATE_EVERY_S
    time: Time = field(default_factory=LoopTime)
    _next: OrderedDict[int, float] = field(default_factory=OrderedDict)  # when a private chat is free again
    _calls: dict[int, deque[float]] = field(default_factory=dict)  # of groups

    async def turn(self, chat_id: int) -> None:
        """Wait until something may be shown in a chat; counts it."""
        now = self.time.now()
        if chat_id < 0:
            self._recent(chat_id, now).append(now)
            return
        start = max(now, self._next.get(chat_id, now))
        self._next[chat_id] = start + self.every_s
        self._next.move_to_end(chat_id)
        if len(self._next) > CHATS:
            self._next.popitem(last=False)
        if start > now:
            await self.time.sleep(start - now)

    def scarce(self, chat_id: int) -> bool:
        """Whether a group has used more than half of what it may have in a minute."""
        return chat_id < 0 and len(self._recent(chat_id, self.time.now())) > GROUP_CALLS // 2

    def _recent(self, chat_id: int, now: float) -> deque[float]:
        """When calls went to a group in the last minute, oldest first."""
        if chat_id not in self._calls and len(self._calls) >= CHATS:
            kept = self._calls.items()
            self._calls = {chat: calls for chat, calls in kept if calls and now - calls[-1] < GROUP_WINDOW_S}
        calls = self._calls.setdefault(chat_id, deque(maxlen=4 * GROUP_CALLS))
        while calls and now - calls[0] >= GROUP_WINDOW_S:
            calls.popleft()
        return calls
