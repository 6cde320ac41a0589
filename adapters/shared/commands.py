"""What the commands do, on every platform: results as plain data, texts in her voice.

An adapter parses its own command syntax, calls :class:`Commands`, and shows the :class:`Answer`.
Failures of stores and models become polite texts here, so none of the calls raises them.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Literal

from adapters.shared.answers import Answer, guarded
from adapters.shared.battles import BattleDesk
from adapters.shared.erasure import Erasure
from adapters.shared.gallery import face_of, pages
from adapters.shared.hair import hair_typed
from adapters.shared.listing import listed
from adapters.shared.memories import Memories
from adapters.shared.texts import expression_words, text
from core.battle.keeping import BattleStore
from core.colours import AURORA, NATURAL, hair_of
from core.conversation import Conversation
from core.errors import HiddenError, StoreError, logged
from core.people import NEUTRAL, Lang, Owner, Scores
from core.phrases import phrase
from core.ports import Embedder, HistoryStore, PortraitModel
from core.ports_links import LinkStore
from core.ports_memory import MemoryStore
from core.ports_places import DeliveryStore

log = logging.getLogger(__name__)

Picture = Literal["still", "animated"]


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
    on_server: bool = False  # a database server keeps a log of changes, too
    battles: BattleStore | None = None
    battle_desk: BattleDesk | None = None

    @property
    def memory(self) -> Memories:
        """The subcommands of ``/memory``."""
        clock, rules = self.conversation.maker.recall.clock, self.conversation.rules
        return Memories(self.memories, self.history, clock, self.embedder, self.battles, rules)

    async def why(self, owner: Owner, message_id: str, lang: Lang) -> Answer:
        """Why she answered a message as she did: the memories used (in ``memories``), the expression."""

        async def work() -> Answer:
            delivery = await self.deliveries.of_source(message_id) if self.deliveries else None
            turn = await self.history.turn(owner, message_id)
            if turn is None or (delivery is not None and delivery.owner != owner):
                return Answer(text("why_unknown", lang), done=False)
            used = delivery.recalled if delivery else ()
            facts = [memory for memory in await self.memories.list(owner) if memory.id in used]
            shown = [line for _, line in listed(facts, lang, owner.person)]
            lines = [text("why_memories", lang), *shown] if facts else []
            if len(facts) < len(used):
                lines.append(text("why_gone", lang))
            lines = lines or [text("why_nothing", lang)]
            if turn.expression is not None:
                face = turn.expression
                words = expression_words(face.eyes, face.mouth, face.pose, lang)
                lines.append(text("why_face", lang, face=words))
            return Answer("\n".join(lines), memories=tuple(facts))

        return await guarded(work, "store_failed", lang)

    async def why_last(self, owner: Owner, lang: Lang) -> Answer:
        """Why she said what she said last, which is quoted; for platforms without buttons."""

        async def work() -> Answer:
            last = await self.history.last_turns(owner, 1)
            if not last:
                return Answer(text("why_none", lang), done=False)
            answer = await self.why(owner, last[0].message_id, lang)
            return replace(answer, text=f"「{last[0].reply}」\n{answer.text}")

        return await guarded(work, "store_failed", lang)

    async def forget_preview(self, owner: Owner, everywhere: bool | None, lang: Lang) -> Answer:
        """What would be erased, as a question; for platforms that confirm with a button.

        ``everywhere`` None asks about both.
        """

        async def work() -> Answer:
            return Answer(await self._erasure.preview(owner, everywhere, lang))

        return await guarded(work, "store_failed", lang)

    async def forget_ask(self, owner: Owner, everywhere: bool | None, lang: Lang) -> Answer:
        """The same, with the words that do it; for platforms without buttons. None asks about here."""

        async def work() -> Answer:
            return Answer(await self._erasure.ask(owner, everywhere, lang))

        return await guarded(work, "store_failed", lang)

    async def forget(self, owner: Owner, everywhere: bool, lang: Lang) -> Answer:
        """Stop what is in flight for the person, then erase here or everywhere."""

        async def work() -> Answer:
            return Answer(await self._erasure.erase(owner, everywhere, lang))

        return await guarded(work, "forget_failed", lang)

    @property
    def _erasure(self) -> Erasure:
        return Erasure(self.conversation, self.memories, self.history, self.links, self.on_server)

    async def reset(self, owner: Owner, lang: Lang) -> Answer:
        """Begin a new conversation; memories stay."""

        async def work() -> Answer:
            await self.history.reset(owner)
            return Answer(phrase("reset", lang))

        return await guarded(work, "store_failed", lang)

    async def face_show(
        self, owner: Owner, lang: Lang, scores: Scores = NEUTRAL, hair: str = NATURAL
    ) -> Answer:
        """Her face as the person chose it, with an expression; ``hair`` is used where none was chosen."""
        portraits = self.portraits
        if portraits is None:
            return Answer(phrase("no_face", lang), done=False)
        try:
            chosen = await self.history.choices(owner.person)
        except StoreError:
            chosen = {}
        face = chosen.get("face_id", "")
        face = face if face in portraits.faces else portraits.faces[0]
        try:
            png = await portraits.draw(face, scores, chosen.get("hair", hair))
        except HiddenError as err:
            log.warning("face for a command: %s", logged(err))
            return Answer(phrase("no_face", lang), done=False)
        return Answer(text("face_now", lang, face=portraits.name(face), count=len(portraits.faces)), png)

    async def face_gallery(self, lang: Lang) -> Answer:
        """Every face by number and name, and their sheets; for platforms without menus."""
        if self.portraits is None:
            return Answer(phrase("no_face", lang), done=False)
        offered = pages(self.portraits)
        try:
            sheets = tuple([await self.portraits.sheet(page.faces, page.first) for page in offered])
        except HiddenError as err:
            log.warning("gallery for a command: %s", logged(err))
            return Answer(phrase("no_face", lang), done=False)
        rows = "\n".join(" · ".join(row) for page in offered for row in page.rows)
        return Answer(text("gallery_names", lang, labels=rows), sheets=sheets)

    async def face_choose(self, owner: Owner, wanted: str, lang: Lang) -> Answer:
        """Another face from now on, by its number in the gallery, its name or its id."""
        portraits = self.portraits
        if portraits is None:
            return Answer(phrase("no_face", lang), done=False)
        face = face_of(portraits, wanted)
        if face is None:
            return Answer(phrase("unknown_face", lang, count=len(portraits.faces)), done=False)

        async def work() -> Answer:
            await self.history.choose(owner.person, "face_id", face)
            return Answer(text("face_chosen", lang, face=portraits.name(face)))

        return await guarded(work, "store_failed", lang)

    async def face_hair(self, owner: Owner, wanted: str, lang: Lang) -> Answer:
        """Another colour of hair from now on: a colour's name or #rrggbb, aurora, or natural."""
        colour = hair_typed(wanted)
        try:
            hair = hair_of(colour)
        except ValueError:
            return Answer(text("hair_unknown", lang), done=False)

        async def work() -> Answer:
            await self.history.choose(owner.person, "hair", hair)
            key = hair if hair in (NATURAL, AURORA) else "dyed"
            return Answer(text(f"hair_{key}", lang, colour=colour))

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
