"""What the buttons under a reply do, for its addressee only, on every platform.

Each call returns the line to tell whoever pressed, '' when there is nothing to tell; acknowledging
the press and showing the line is the adapter's.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from adapters.shared.talks import Standing, Talks
from adapters.shared.texts import text
from core.errors import StoreError, UserFacingError
from core.gate import clean
from core.memory import typed_memory
from core.people import Incoming, Lang, Person, Place
from core.phrases import phrase
from core.places import SilentError
from core.ports_places import Delivery


@dataclass(frozen=True)
class Pressed:
    """The buttons' side of a chat. "Why?" is :meth:`adapters.shared.commands.Commands.why`."""

    talks: Talks

    @staticmethod
    def refused(delivery: Delivery | None, person: str, scope: str | None) -> str:
        """The key of the text that says why a press does nothing, '' when it may.

        What is known of another place (``scope`` is that of the press, None when it cannot be told)
        is not shown here.
        """
        if delivery is None or scope != delivery.scope:
            return "reply_unknown"
        return "" if delivery.person == person else "button_not_yours"

    def stop(self, delivery: Delivery, lang: Lang) -> str:
        """End a reply that is still being written."""
        reply = self.talks.live.get(delivery.message_id)
        if reply is not None:
            reply.stopped = True
        ended = self.talks.doors.conversation.stop(delivery.owner, delivery.message_id)
        return "" if ended else text("nothing_to_stop", lang)

    async def again(
        self, delivery: Delivery, person: Person, lang: Lang, locale: Lang | None,
        said: Callable[[], Awaitable[str]], surface: Standing,
    ) -> str:  # fmt: skip
        """Answer a message again, in the messages of the first answer; returns when that is done.

        Args:
            delivery: Of the message.
            person: Who pressed, its addressee.
            lang: Of the line that is returned.
            locale: Of the platform, where nothing better tells the language of the reply.
            said: The words of the message now, '' when it is gone; :meth:`kept` where the platform
                shows no message twice.
            surface: Makes the one on the messages of the first answer.
        """
        reply = self.talks.live.get(delivery.message_id)
        if self.talks.leaving:
            return phrase("leaving", lang)
        if reply is not None and not reply.written:
            return text("still_writing", lang)
        words = await said()
        if not words:
            return text("reply_unknown", lang)
        incoming = Incoming(
            delivery.message_id, person, Place.of_scope(delivery.scope), words,
            delivery.at, locale=locale,  # "tomorrow" is the day after it was said
            learns=not _told_before(words, await self.kept(delivery)),
        )  # fmt: skip
        here, now = await self.talks.here(incoming), time.monotonic()
        try:  # before the old answer is taken back
            await self.talks.doors.rules.admit(incoming, here, words, now)
        except UserFacingError as err:
            return phrase(err.phrase, lang, **err.values)
        except SilentError:
            return ""
        await self.talks.redo(incoming, delivery, surface)
        return ""

    async def kept(self, delivery: Delivery) -> str:
        """What the person said in that turn, the whole burst; '' when it is not known any more."""
        try:
            turn = await self.talks.doors.history.turn(delivery.owner, delivery.message_id)
        except StoreError:
            return ""
        return turn.text if turn is not None else ""


def _told_before(words: str, kept: str) -> bool:
    """Whether a turn of which ``kept`` is known answered these very words, maybe as the last of a burst.

    Facts that were typed before a message do not stand in its turn.
    """
    said = clean(words)
    said = typed_memory(said)[1] or said
    return kept == said or kept.endswith(f"\n{said}")
