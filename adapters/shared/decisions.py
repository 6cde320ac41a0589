"""Whether she answers a message: the same rules for every platform, on what a platform has read of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from core.places import PlaceSettings

REDO_WITHIN_S: Final = 60.0  # an edited message is answered anew for so long
ALWAYS: Final = "always"


class Act(StrEnum):
    """What is done with a message."""

    ANSWER = "answer"
    ONLY_TEXT = "only text"  # a picture, sticker, voice or file without words
    CANNOT_READ = "cannot read"  # meant for her, but the platform hides the words
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Decision:
    """``reason`` says why she answers or ignores; ``text`` is what she reads."""

    act: Act
    reason: str
    text: str = ""


class Heard(Protocol):
    """A message as far as it matters whether she answers."""

    @property
    def text(self) -> str:
        """The words, without her name in front."""
        ...

    @property
    def direct(self) -> bool:
        """Said to her alone."""
        ...

    @property
    def reason(self) -> str | None:
        """Why it is meant for her, whatever an admin has set; None when it is not."""
        ...

    @property
    def channels(self) -> frozenset[str]:
        """Where in a group it was said, as settings name it."""
        ...

    @property
    def machine(self) -> bool:
        """No person wrote it."""
        ...

    @property
    def own(self) -> bool:
        """She wrote it."""
        ...

    @property
    def system(self) -> bool:
        """The platform tells of something."""
        ...

    @property
    def things(self) -> bool:
        """It carries something else than words."""
        ...

    @property
    def hidden(self) -> bool:
        """The platform may have kept its words from her."""
        ...


def decide(heard: Heard, here: PlaceSettings) -> Decision:
    """What to do with a message where ``here`` holds."""
    for what, holds in (("own", heard.own), ("machine", heard.machine), ("system", heard.system)):
        if holds:
            return Decision(Act.IGNORE, what)
    reason = heard.reason or (ALWAYS if here.always_answer & heard.channels else None)
    if reason is None:
        return Decision(Act.IGNORE, "not addressed")
    if not (heard.direct or answers_in(heard.channels, here)):
        return Decision(Act.IGNORE, "channel")
    if heard.text:
        return Decision(Act.ANSWER, reason, heard.text)
    if reason == ALWAYS:
        return Decision(Act.IGNORE, reason)
    if heard.things:
        return Decision(Act.ONLY_TEXT, reason)
    return Decision(Act.CANNOT_READ if heard.hidden else Act.ANSWER, reason)


def answers_in(channels: frozenset[str], here: PlaceSettings) -> bool:
    """Whether she speaks in these parts of a group."""
    return not here.channels or bool((here.channels | here.always_answer) & channels)
