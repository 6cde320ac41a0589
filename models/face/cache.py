"""Recent pictures, so that the same expression is not drawn twice."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final

LIMIT: Final = 16 * 2**20  # bytes: about 220 stills or 100 films


class PictureCache:
    """The pictures used last, of at most ``limit`` bytes together.

    No locks: it belongs to the one thread that draws. ``hits`` and ``misses`` count what was asked.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit, self.size, self.hits, self.misses = limit, 0, 0, 0
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable, draw: Callable[[], bytes]) -> bytes:
        """The picture of ``key``, drawn if it is not here; what ``draw`` raises is passed on.

        The pictures that were not used for longest make room; one larger than the limit is not kept.
        """
        kept = self._kept.get(key)
        if kept is not None:
            self.hits += 1
            self._kept.move_to_end(key)
            return kept
        self.misses += 1
        picture = draw()
        if len(picture) <= self.limit:
            self._kept[key] = picture
            self.size += len(picture)
        while self.size > self.limit:
            self.size -= len(self._kept.popitem(last=False)[1])
        return picture
