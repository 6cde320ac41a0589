"""The newest ids of something, held in memory."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

REMEMBERED: Final = 4096  # ids of messages, for when the store fails


class Recent:
    """The newest ids of something; holds no more than :data:`REMEMBERED`."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()

    def add(self, key: str) -> bool:
        """Whether it was new."""
        new = key not in self._ids
        self._ids[key] = None
        if len(self._ids) > REMEMBERED:
            self._ids.popitem(last=False)
        return new

    def __contains__(self, key: object) -> bool:
        return key in self._ids
