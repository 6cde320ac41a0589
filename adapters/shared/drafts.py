"""What a reply looks like while it grows, where it stands, and how it goes on one platform."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, Protocol

from core.people import Film, Lang

THINKING: Final = "…"
Typing = Callable[[], Awaitable[object]]


class Key(StrEnum):
    """What a button under a reply does."""

    AGAIN = "again"
    WHY = "why"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Face:
    """A picture (or a short animation) with its words for those who do not see it."""

    data: bytes
    words: str
    kind: Literal["png"] | Film = "png"


@dataclass(frozen=True, slots=True)
class Draft:
    """What the reply shall look like now; ``text`` is as she says it, not yet escaped.

    ``notes`` are short asides that stand under the text, ``keys`` the buttons. Equal drafts look
    equal, so a surface may skip what it shows already.
    """

    text: str
    lang: Lang
    notes: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()
    face: Face | None = None

    @property
    def written(self) -> bool:
        """Whether the whole text is known; until then it is still growing, or she is thinking."""
        return Key.AGAIN in self.keys


class Surface(Protocol):
    """Where a reply stands: one or several messages of a chat. All calls raise EdgeError.

    A surface is used by one reply at a time, one call after another, so it needs no lock.
    """

    @property
    def channel_id(self) -> int | str:
        """The chat, as :meth:`core.ports_places.DeliveryStore.shown` keeps it."""
        ...

    @property
    def stands(self) -> bool:
        """Whether there is a message already that can be changed."""
        ...

    @property
    def ids(self) -> tuple[str, ...]:
        """The messages of the reply, first one first, under the keys that the stores know
        (``message_key`` of the adapter).
        """
        ...

    async def edit(self, draft: Draft) -> None:
        """Make what stands there look like ``draft``; the first call makes the message.

        Raises :class:`adapters.shared.edges.UnsureError` when nobody knows whether it arrived.
        """
        ...

    async def clear(self) -> None:
        """Take everything away: there is nothing to say after all."""
        ...


@dataclass(frozen=True, slots=True)
class Manner:
    """How replies go on one platform, or in one kind of its chats.

    Args:
        greeting: The phrase of several lines for first contact.
        edit_every_s: Least seconds between two calls of the surface.
        typing_every_s: Seconds after which the typing signal is renewed, until something is shown.
        thinking_s: Seconds without a word after which "…" stands there with a button to stop it;
            None where nothing is shown before the reply is written.
        streams: Whether the text is shown while it is being written; without, the surface is called
            for the whole text first.
        film: The kind of file that moves there.
    """

    greeting: str
    edit_every_s: float
    typing_every_s: float
    thinking_s: float | None = 4.0
    streams: bool = True
    film: Film = "gif"
