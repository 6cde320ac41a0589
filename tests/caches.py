"""What the program's own ``lru_cache``s hold, for tests of erasure."""

from __future__ import annotations

import gc
import sys
from functools import _lru_cache_wrapper
from typing import Any

ROOMS = ("bot", "core", "adapters", "db", "models")


def cached_texts() -> list[str]:
    """Every text in every cache of a function of ours, as a key or inside a result."""
    found, seen = [], set[int]()
    waiting: list[Any] = [
        each for name, module in [*sys.modules.items()] if name.partition(".")[0] in ROOMS
        for each in vars(module).values() if isinstance(each, _lru_cache_wrapper)
    ]  # fmt: skip
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, str):
            found.append(thing)
        if id(thing) not in seen and not isinstance(thing, type) and type(thing).__name__ not in (
            "module", "function", "builtin_function_or_method", "frame", "code", "method",
        ):  # fmt: skip
            seen.add(id(thing))
            waiting += gc.get_referents(thing)
    return found
