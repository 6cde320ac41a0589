"""What the commands do, on every platform: results as plain data, texts in her voice.

An adapter parses its own command syntax, calls :class:`Commands`, and shows the :class:`Answer`.
Failures of stores and models become polite texts here, so none of the calls raises them.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from adapters.shared.texts import text
from core.conversation import Conversation
from core.errors import HiddenError, StoreError
from core.people import NEUTRAL, Lang, Owner, Scores
from core.phrases import phrase
from core.ports import HistoryStore, MemoryStore, PortraitModel

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command says; ``png`` is a picture to show with it; ``done`` tells whether it worked."""

    text: str
    png: bytes | None = None
    done: bool = True


@dataclass(frozen=True)
class Commands:
    """The commands of people; one object serves everybody."""

    conversation: Conversation
    memories: MemoryStore
    history: HistoryStore
    portraits: PortraitModel | None

    async def memory_list(self, owner: Owner, lang: Lang) -> Answer:
        """Every memory with its id, and whether learning is off."""

        async def work() -> Answer:
            found = await self.memories.list(owner)
            lines = [f"{memory.id:>4}  {memory.tag}" for memory in found] or [phrase("memory_none", lang)]
            if (await self.history.choices(owner.person)).get("learning") == "off":
                lines.append(text("memory_is_off", lang))
            return Answer("\n".join(lines))

        return await _guarded(work, "store_failed", lang)

    async def memory_learning(self, owner: Owner, on: bool, lang: Lang) -> Answer:
        """Switch learning on or off."""

        async def work() -> Answer:
            await self.history.choose(owner.person, "learning", None if on else "off")
            return Answer(phrase("memory_on" if on else "memory_off", lang))

        return await _guarded(work, "store_failed", lang)

    async def memory_delete(self, owner: Owner, memory_id: int, lang: Lang) -> Answer:
        """Delete one memory."""

        async def work() -> Answer:
            gone = await self.memories.delete(owner, memory_id)
            if gone is None:
                return Answer(text("memory_unknown", lang, id=memory_id), done=False)
            return Answer(text("memory_deleted", lang, tag=gone.tag))

        return await _guarded(work, "store_failed", lang)

    async def forget_ask(self, owner: Owner, lang: Lang) -> Answer:
        """Counts for here and everywhere, and the question."""

        async def work() -> Answer:
            here = await self.memories.counts(owner.person, owner.scope)
            everywhere = await self.memories.counts(owner.person, None)
            counts = text(
                "forget_counts", lang, here_memories=here["memories"], here_turns=here["turns"],
                all_memories=everywhere["memories"], all_turns=everywhere["turns"],
            )  # fmt: skip
            question = [counts, phrase("forget_ask", lang, memories=here["memories"], turns=here["turns"])]
            if here != everywhere:
                question.append(text("forget_how", lang))
            return Answer("\n".join(question))

        return await _guarded(work, "store_failed", lang)

    async def forget(self, owner: Owner, everywhere: bool, lang: Lang) -> Answer:
        """Stop what is in flight for the person, then erase here or everywhere."""

        async def work() -> Answer:
            self.conversation.drop(owner.person)
            gone = await self.memories.forget(owner.person, None if everywhere else owner.scope)
            return Answer(phrase("forgot", lang, memories=gone["memories"], turns=gone["turns"]))

        return await _guarded(work, "forget_failed", lang)

    async def reset(self, owner: Owner, lang: Lang) -> Answer:
        """Begin a new conversation; memories stay."""

        async def work() -> Answer:
            await self.history.reset(owner)
            return Answer(phrase("reset", lang))

        return await _guarded(work, "store_failed", lang)

    async def face_show(self, owner: Owner, lang: Lang, scores: Scores = NEUTRAL) -> Answer:
        """Her face as the person chose it, with an expression."""
        portraits = self.portraits
        if portraits is None:
            return Answer(phrase("no_face", lang), done=False)
        try:
            face = (await self.history.choices(owner.person)).get("face_id", "")
        except StoreError:
            face = ""
        face = face if face in portraits.faces else portraits.faces[0]
        try:
            png = await portraits.draw(face, scores)
        except HiddenError as err:
            log.warning("face for a command: %s", type(err).__name__)
            return Answer(phrase("no_face", lang), done=False)
        return Answer(text("face_now", lang, face=face, faces=", ".join(portraits.faces)), png)

    async def face_choose(self, owner: Owner, face: str, lang: Lang) -> Answer:
        """Another face from now on."""
        portraits = self.portraits
        if portraits is None:
            return Answer(phrase("no_face", lang), done=False)
        if face not in portraits.faces:
            return Answer(phrase("unknown_face", lang, faces=", ".join(portraits.faces)), done=False)

        async def work() -> Answer:
            await self.history.choose(owner.person, "face_id", face)
            return Answer(text("face_chosen", lang, face=face))

        return await _guarded(work, "store_failed", lang)

    async def face_switch(self, owner: Owner, on: bool, lang: Lang) -> Answer:
        """Show the face with replies, or do not."""

        async def work() -> Answer:
            await self.history.choose(owner.person, "face", None if on else "off")
            return Answer(text("face_on" if on else "face_off", lang))

        return await _guarded(work, "store_failed", lang)


async def _guarded(work: Callable[[], Awaitable[Answer]], failed: str, lang: Lang) -> Answer:
    try:
        return await work()
    except StoreError as err:
        log.warning("command: %s", type(err).__name__)
        return Answer(text(failed, lang), done=False)
