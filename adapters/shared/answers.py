"""What a command answers, as plain data, and what it says while the store cannot be used."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from adapters.shared.texts import text
from core.errors import StoreError
from core.people import Lang
from core.ports_memory import Memory

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command says; ``png`` is a picture to show with it; ``done`` tells whether it worked.

    ``sheets`` are those of the gallery, where a platform has no menus of its own for it.
    """

    text: str
    png: bytes | None = None
    done: bool = True
    sheets: tuple[bytes, ...] = ()
    document: str | None = None  # a file's text (JSON), where the answer is a file
    memories: tuple[Memory, ...] = ()  # the facts that the text speaks of, for buttons and menus
    buttons: tuple[tuple[str, str], ...] = ()  # (data, label) of the answers to a question


async def guarded(work: Callable[[], Awaitable[Answer]], failed: str, lang: Lang) -> Answer:
    """The answer of ``work``; the text ``failed`` while the store cannot be used."""
    try:
        return await work()
    except StoreError as err:
        log.warning("command: %s", type(err).__name__)
        return Answer(text(failed, lang), done=False)
