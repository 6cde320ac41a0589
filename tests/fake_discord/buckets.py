"""Real rate limits, for tests that want them: buckets as discord.py reads them from headers."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field

from tests.fake_discord.faults import VIA, pattern
from tests.fake_discord.model import Json


@dataclass(eq=False)
class Bucket:
    """So many requests of one kind per window, counted apart for every channel or webhook."""

    name: str
    method: str
    path: re.Pattern[str]
    count: int
    per_s: float
    started: dict[str, float] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)

    def take(self, major: str) -> tuple[bool, dict[str, str], float]:
        """Whether a request passes, the headers that say how things stand, seconds until the next window."""
        now = time.monotonic()
        if now - self.started.get(major, float("-inf")) >= self.per_s:
            self.started[major], self.used[major] = now, 0
        passes = self.used[major] < self.count
        self.used[major] += passes
        after = self.started[major] + self.per_s - now
        headers = {
            "X-RateLimit-Bucket": self.name, "X-RateLimit-Limit": str(self.count),
            "X-RateLimit-Remaining": str(self.count - self.used[major]),
            "X-RateLimit-Reset-After": f"{after:.3f}", "X-RateLimit-Reset": f"{time.time() + after:.3f}",
        }  # fmt: skip
        return passes, headers, after


class Buckets:
    """The limits that a test has set; without any, everything passes."""

    def __init__(self) -> None:
        self._buckets: list[Bucket] = []

    def add(self, method: str, path_pattern: str, count: int, per_s: float) -> None:
        """Limits requests, such as ``add("PATCH", "/channels/*/messages/*", 5, 5.0)``."""
        name = f"bucket{len(self._buckets)}"
        self._buckets.append(Bucket(name, method, pattern(path_pattern), count, per_s))

    def take(self, method: str, path: str) -> tuple[Json | None, dict[str, str]]:
        """The body of a 429, if there is one, and the answer's headers."""
        for bucket in self._buckets:
            if bucket.method in {"*", method} and bucket.path.fullmatch(path):
                passes, headers, after = bucket.take("/".join(path.split("/")[:3]))
                if passes:
                    return None, headers
                body: Json = {"message": "You are being rate limited.", "retry_after": after, "global": False}
                return body, headers | VIA | {"X-RateLimit-Scope": "user", "Retry-After": f"{after:.3f}"}
        return None, {}
