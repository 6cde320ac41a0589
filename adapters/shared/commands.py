"""What the commands do, on every platform: results as plain data, texts in her voice.

An adapter parses its own command syntax, calls :class:`Commands`, and shows the :class:`Answer`.
Failures of stores and models become polite texts here, so none of the calls raises them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from adapters.shared.erasure import Erasure
from adapters.shared.texts import expression_words, text
from core.conversation import Conversation
from core.errors import HiddenError, StoreError
from core.gate import clean
from core.memory import parse_tags
from core.people import NEUTRAL, Lang, Owner, Scores
from core.phrases import phrase
from core.ports import Embedder, HistoryStore, Memory, MemoryStore, NewMemory, PortraitModel, Vector
from core.ports_links import LinkStore
from core.ports_places import DeliveryStore

log = logging.getLogger(__name__)

SEARCHED = 10
NEAR = 0.15  # likeness of a memory that a search shows
Picture = Literal["still", "animated"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command says; ``png`` is a picture to show with it; ``done`` tells whether it worked."""

    text: str
    png: bytes | None = None
    done: bool = True
    document: str | None = None  # a file's text (JSON), where the answer is a file
    memories: tuple[Memory, ...] = ()  # the facts that the text speaks of, for buttons and menus
    buttons: tuple[tuple[str, str], ...] = ()  # (data, label) of the answers to a question


@dataclass(frozen=True)
class Commands:
    """The commands of people; one object serves everybody."""

    conversation: Conversation
    memories: MemoryStore
    history: HistoryStore
    portraits: PortraitModel | None
    deliveries: DeliveryStore | None = None
    embedder: Embedder | None = None
    links: LinkStore | None = None

    async def memory_list(self, owner: Owner, lang: Lang) -> Answer:
        """Every memory with its id, and whether learning is off."""

        async def work() -> Answer:
            found = await self.memories.list(owner)
            lines = _listed(found) or [phrase("memory_none", lang)]
            if (await self.history.choices(owner.person)).get("learning") == "off":
                lines.append(text("memory_is_off", lang))
            return Answer("\n".join(lines), memories=tuple(found))

        return await guarded(work, "store_failed", lang)

    async def memory_learning(self, owner: Owner, on: bool, lang: Lang) -> Answer:
        """Switch learning on or off."""

        async def work() -> Answer:
            await self.history.choose(owner.person, "learning", None if on else "off")
            return Answer(phrase("memory_on" if on else "memory_off", lang))

        return await guarded(work, "store_failed", lang)

    async def memory_delete(self, owner: Owner, memory_id: int, lang: Lang) -> Answer:
        """Delete one memory."""

        async def work() -> Answer:
            gone = await self.memories.delete(owner, memory_id)
            if gone is None:
                return Answer(text("memory_unknown", lang, id=memory_id), done=False)
            return Answer(text("memory_deleted", lang, tag=gone.tag))

        return await guarded(work, "store_failed", lang)

    async def memory_search(self, owner: Owner, said: str, lang: Lang) -> Answer:
        """The memories that are near to some words, best first."""

        async def work() -> Answer:
            vector, model_id = await self._vector(said)
            found = await self.memories.search(owner, said, vector, model_id, SEARCHED)
            near = [memory for memory, score in found if score >= NEAR]
            if not near:
                return Answer(text("memory_not_found", lang), done=False)
            return Answer("\n".join(_listed(near)), memories=tuple(near))

        return await guarded(work, "store_failed", lang)

    async def memory_edit(self, owner: Owner, memory_id: int, said: str, lang: Lang) -> Answer:
        """Say a memory differently: ``said`` is its new value, or "key: value". It gets a new id."""

        async def work() -> Answer:
            keeper = Owner(await self._keeper(owner, memory_id), owner.scope)
            epoch = await self.memories.epoch(keeper.person)
            old = next((m for m in await self.memories.list(owner) if m.id == memory_id), None)
            if old is None:
                return Answer(text("memory_unknown", lang, id=memory_id), done=False)
            fact = _fact(said, old.key)
            if fact is None:
                return Answer(text("memory_unusable", lang), done=False)
            vector, model_id = await self._vector(f"[{fact[0]}: {fact[1]}]")
            if await self._keeper(owner, memory_id) != keeper.person:  # split while we counted
                return Answer(text("memory_unknown", lang, id=memory_id), done=False)
            new = await self.memories.add(
                keeper, NewMemory(*fact, old.created, old.source, vector, model_id), epoch
            )
            if new is None:
                return Answer(text("memory_unknown", lang, id=memory_id), done=False)
            if new.id != old.id:
                await self.memories.delete(owner, old.id)
            said_now = text("memory_edited", lang, old=old.tag, new=new.tag)
            return Answer(said_now, memories=(new,))

        return await guarded(work, "store_failed", lang)

    async def memory_export(self, owner: Owner, lang: Lang) -> Answer:
        """Everything that is remembered here, and what was chosen, as a JSON document."""

        async def work() -> Answer:
            found = await self.memories.list(owner)
            document = {
                "person": owner.person,
                "scope": owner.scope,
                "choices": await self.history.choices(owner.person),
                "memories": [
                    {"id": m.id, "key": m.key, "value": m.value, "created": m.created.isoformat()}
                    for m in found
                ],
            }
            told = text("memory_exported", lang, count=len(found))
            return Answer(told, document=json.dumps(document, ensure_ascii=False, indent=2))

        return await guarded(work, "store_failed", lang)

    async def known(self, owner: Owner) -> list[Memory]:
        """The memories, for autocompletion; none where the store fails."""
        try:
            return await self.memories.list(owner)
        except StoreError:
            return []

    async def _keeper(self, owner: Owner, memory_id: int) -> str:
        """The account that keeps a memory: in direct messages maybe a linked one."""
        found = (m.person for m in await self.memories.list(owner) if m.id == memory_id)
        return next(found, "") or owner.person

    async def _vector(self, said: str) -> tuple[Vector | None, str]:
        """The vector of a text and its model; without one the spelling decides."""
        if self.embedder is None:
            return None, ""
        try:
            (vector,) = await self.embedder.encode([said])
        except HiddenError as err:
            log.warning("vector for a command: %s", type(err).__name__)
            return None, ""
        return vector, self.embedder.model_id

    async def why(self, owner: Owner, message_id: str, lang: Lang) -> Answer:
        """Why she answered a message as she did: the memories used (in ``memories``), the expression."""

        async def work() -> Answer:
            delivery = await self.deliveries.of_source(message_id) if self.deliveries else None
            turn = await self.history.turn(owner, message_id)
            if turn is None or (delivery is not None and delivery.owner != owner):
                return Answer(text("why_unknown", lang), done=False)
            used = delivery.recalled if delivery else ()
            facts = [memory for memory in await self.memories.list(owner) if memory.id in used]
            lines = [text("why_memories", lang), *_listed(facts)] if facts else [text("why_nothing", lang)]
            if turn.expression is not None:
                shown = turn.expression
                words = expression_words(shown.eyes, shown.mouth, shown.pose, lang)
                lines.append(text("why_face", lang, face=words))
            return Answer("\n".join(lines), memories=tuple(facts))

        return await guarded(work, "store_failed", lang)

    async def forget_preview(self, owner: Owner, everywhere: bool, lang: Lang) -> Answer:
        """What would be erased, as a question; for platforms that confirm with a button."""

        async def work() -> Answer:
            return Answer(await self._erasure.preview(owner, everywhere, lang))

        return await guarded(work, "store_failed", lang)

    async def forget_ask(self, owner: Owner, lang: Lang) -> Answer:
        """Counts for here and everywhere, and the question."""

        async def work() -> Answer:
            return Answer(await self._erasure.ask(owner, lang))

        return await guarded(work, "store_failed", lang)

    async def forget(self, owner: Owner, everywhere: bool, lang: Lang) -> Answer:
        """Stop what is in flight for the person, then erase here or everywhere."""

        async def work() -> Answer:
            return Answer(await self._erasure.erase(owner, everywhere, lang))

        return await guarded(work, "forget_failed", lang)

    @property
    def _erasure(self) -> Erasure:
        return Erasure(self.conversation, self.memories, self.links)

    async def reset(self, owner: Owner, lang: Lang) -> Answer:
        """Begin a new conversation; memories stay."""

        async def work() -> Answer:
            await self.history.reset(owner)
            return Answer(phrase("reset", lang))

        return await guarded(work, "store_failed", lang)

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

        return await guarded(work, "store_failed", lang)

    async def face_switch(self, owner: Owner, on: bool, lang: Lang, picture: Picture | None = None) -> Answer:
        """Show the face with replies, or do not.

        Without ``picture``, it is as the group's admins chose, and still in a direct message. A group
        whose pictures are still has no moving ones.
        """
        wish = picture if on else "off"

        async def work() -> Answer:
            await self.history.choose(owner.person, "face", wish)
            return Answer(text(f"face_{wish or 'on'}", lang))

        return await guarded(work, "store_failed", lang)


def _listed(found: Iterable[Memory]) -> list[str]:
    return [f"{memory.id:>4}  {memory.tag}" for memory in found]


def _fact(said: str, key: str) -> tuple[str, str] | None:
    """(key, value) of what was typed; ``key`` where only a value was. None if it cannot be kept."""
    said = clean(said).strip("[]")
    if "://" in said:
        return None
    return next(iter(parse_tags(f"[{said}]")), None) or next(iter(parse_tags(f"[{key}: {said}]")), None)


async def guarded(work: Callable[[], Awaitable[Answer]], failed: str, lang: Lang) -> Answer:
    """The answer of ``work``; the text ``failed`` while the store cannot be used."""
    try:
        return await work()
    except StoreError as err:
        log.warning("command: %s", type(err).__name__)
        return Answer(text(failed, lang), done=False)
