"""What a command answers, as plain data, and what it says while the store cannot be used."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from adapters.shared.texts import text
from core.errors import StoreError, logged
from core.people import Lang
from core.ports_memory import Memory

log = logging.getLogger(__name__)

FILE: Final = "oh-lora"  # how files are called; they end in .json and .txt


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
    readable: str | None = None  # the same as a text to read, a file beside it
    memories: tuple[Memory, ...] = ()  # the facts that the text speaks of, for buttons and menus
    buttons: tuple[tuple[str, str], ...] = ()  # (data, label) of the answers to a question

    @property
    def files(self) -> list[tuple[str, bytes]]:
        """The files of the answer, to be read by people first: name and content."""
        texts = {"txt": self.readable, "json": self.document}
        return [(f"{FILE}.{kind}", said.encode()) for kind, said in texts.items() if said is not None]


async def guarded(work: Callable[[], Awaitable[Answer]], failed: str, lang: Lang) -> Answer:
    """The answer of ``work``; the text ``failed`` while the store cannot be used."""
    try:
        return await work()
    except StoreError as err:
        log.warning("command: %s", logged(err))
        return Answer(text(failed, lang), done=False)
