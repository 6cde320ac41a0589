"""``/memory`` on every platform: what is remembered, seen and changed by the person alone."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from adapters.shared.answers import Answer, guarded
from adapters.shared.exporting import MOST_BATTLES, Export
from adapters.shared.listing import listed
from adapters.shared.texts import text
from core.battle.events import view
from core.battle.keeping import BattleStore
from core.clock import lived_day
from core.errors import HiddenError, StoreError, logged
from core.facts import Fact, edited_fact
from core.gate import clean
from core.instructions import is_instruction
from core.memory import parse_tags
from core.people import Lang, Owner, Place
from core.phrases import phrase
from core.places import PlaceRules, checked_zone
from core.ports import Clock, Embedder, HistoryStore, Vector
from core.ports_memory import Memory, MemoryStore, NewMemory

log = logging.getLogger(__name__)

SEARCHED: Final = 10
NEAR: Final = 0.15  # likeness of a memory that a search shows
LONGEST: Final = 200  # characters of a fact or a search
_ALONE: Final = ("list", "export", "off", "on")
_OF_ONE: Final = ("edit", "delete", "pin")


@dataclass(frozen=True, slots=True)
class Asked:
    """A subcommand with its arguments, where it has any."""

    act: str
    fact: int = 0
    words: str = ""


@dataclass(frozen=True)
class Memories:
    """The subcommands of ``/memory``; one object serves everybody."""

    store: MemoryStore
    history: HistoryStore
    clock: Clock
    embedder: Embedder | None = None
    battles: BattleStore | None = None
    rules: PlaceRules | None = None

    async def all(self, owner: Owner, lang: Lang) -> Answer:
        """Every memory with its id, and whether learning is off."""

        async def work() -> Answer:
            found = await self.store.list(owner)
            lines = _lines(found, owner, lang) or [phrase("memory_none", lang)]
            if any(text("memory_former", lang) in line for line in lines):
                lines.append(text("memory_former_why", lang))
            if (await self.history.choices(owner.person)).get("learning") == "off":
                lines.append(text("memory_is_off", lang))
            return Answer("\n".join(lines), memories=tuple(found))

        return await guarded(work, "store_failed", lang)

    async def learning(self, owner: Owner, on: bool, lang: Lang) -> Answer:
        """Switch learning on or off."""

        async def work() -> Answer:
            if on is ((await self.history.choices(owner.person)).get("learning") != "off"):
                return Answer(text(f"memory_already_{'on' if on else 'off'}", lang))
            await self.history.choose(owner.person, "learning", None if on else "off")
            return Answer(phrase("memory_on" if on else "memory_off", lang))

        return await guarded(work, "store_failed", lang)

    async def do(self, owner: Owner, what: Asked, lang: Lang) -> Answer:
        """A subcommand that was typed."""
        match what.act:
            case "search":
                return await self.search(owner, what.words, lang)
            case "edit":
                return await self.edit(owner, what.fact, what.words, lang)
            case "delete":
                return await self.delete(owner, what.fact, lang)
            case "pin":
                return await self.pin(owner, what.fact, lang)
            case "export":
                return await self.export(owner, lang)
            case "off" | "on":
                return await self.learning(owner, what.act == "on", lang)
        return await self.all(owner, lang)

    async def pin(self, owner: Owner, memory_id: int, lang: Lang) -> Answer:
        """Pin a memory, so that neither age nor lack of room takes it away; a pinned one is unpinned."""

        async def work() -> Answer:
            fact = next((m for m in await self.store.list(owner) if m.id == memory_id), None)
            now = await self.store.pin(owner, memory_id, not fact.pinned) if fact else None
            if now is None:
                return Answer(text("memory_unknown", lang, id=memory_id), done=False)
            said = text("memory_pinned" if now.pinned else "memory_unpinned", lang, tag=now.tag)
            return Answer(said, memories=(now,))

        return await guarded(work, "store_failed", lang)

    async def delete(self, owner: Owner, memory_id: int, lang: Lang) -> Answer:
        """Delete one memory."""

        async def work() -> Answer:
            gone = await self.store.delete(owner, memory_id)
            if gone is None:
                return Answer(text("memory_unknown", lang, id=memory_id), done=False)
            return Answer(text("memory_deleted", lang, tag=gone.tag))

        return await guarded(work, "store_failed", lang)

    async def search(self, owner: Owner, said: str, lang: Lang) -> Answer:
        """The memories that hold some words, newest first, then those that are near to them."""

        async def work() -> Answer:
            vector, model_id = await self._vector(said)
            near = await self.store.search(owner, said, vector, model_id, SEARCHED)
            holding = [memory for memory in await self.store.list(owner) if _holds(memory, said)]
            likely = [memory for memory, score in near if score >= NEAR]
            best = tuple({memory.id: memory for memory in (*reversed(holding), *likely)}.values())[:SEARCHED]
            if not best:
                return Answer(text("memory_not_found", lang), done=False)
            return Answer("\n".join(_lines(best, owner, lang)), memories=best)

        return await guarded(work, "store_failed", lang)

    async def edit(self, owner: Owner, memory_id: int, said: str, lang: Lang) -> Answer:
        """Say a memory differently: ``said`` is its new value, or "key: value". It gets a new id.

        It holds as long as it did, unless another day or another kind of fact is named.
        """

        async def work() -> Answer:
            old = next((m for m in await self.store.list(owner) if m.id == memory_id), None)
            if old is None:
                return Answer(text("memory_unknown", lang, id=memory_id), done=False)
            told = _fact(said, old.key)
            if told is None:
                return Answer(text("memory_unusable", lang), done=False)
            before = Fact(old.key, old.value, old.lang, old.starts, old.ends)
            fact = edited_fact(before, *told, lived_day(await self._now(owner)))
            vector, model_id = await self._vector(f"[{fact.key}: {fact.value}]")
            new = await self.store.edit(
                owner, old.id, NewMemory.of(fact, old.created, old.source, vector, model_id, old.pinned)
            )
            if new is None:  # deleted or split off while we counted
                return Answer(text("memory_unknown", lang, id=memory_id), done=False)
            return Answer(text("memory_edited", lang, old=old.tag, new=new.tag), memories=(new,))

        return await guarded(work, "store_failed", lang)

    async def export(self, owner: Owner, lang: Lang) -> Answer:
        """Everything that is remembered here, and what was chosen: a JSON document, and a text to read."""

        async def work() -> Answer:
            found, chosen = await self.store.list(owner), await self.history.choices(owner.person)
            played = await self.battles.history(owner, MOST_BATTLES) if self.battles is not None else []
            export = Export(owner, chosen, found, await self._now(owner), [view(each) for each in played])
            told = text("memory_exported", lang, count=len(found))
            return Answer(told, document=export.as_json(), readable=export.as_text(lang))

        return await guarded(work, "store_failed", lang)

    async def known(self, owner: Owner) -> list[Memory]:
        """The memories, for autocompletion; none where the store fails."""
        try:
            return await self.store.list(owner)
        except StoreError:
            return []

    async def _now(self, owner: Owner) -> datetime:
        """The time where the person lives, else where the group is."""
        now = self.clock.now()
        own = checked_zone((await self.history.choices(owner.person)).get("timezone", ""))
        if own or self.rules is None:
            return now.astimezone(ZoneInfo(own)) if own else now
        here = await self.rules.settings(Place.of_scope(owner.scope).group)
        return now.astimezone(here.zone) if here.zone else now

    async def _vector(self, said: str) -> tuple[Vector | None, str]:
        """The vector of a text and its model; without one the spelling decides."""
        if self.embedder is None:
            return None, ""
        try:
            (vector,) = await self.embedder.encode([said])
        except HiddenError as err:
            log.warning("vector for a command: %s", logged(err))
            return None, ""
        return vector, self.embedder.model_id


def asked(said: str) -> Asked | None:
    """What was typed behind ``/memory``; None if it is no subcommand.

    ``list``, ``search WORDS``, ``edit NUMBER WORDS``, ``delete NUMBER``, ``pin NUMBER``, ``export``,
    ``off``, ``on``; nothing is ``list``.
    """
    act, _, rest = said.strip().partition(" ")
    act, rest = act.lower() or "list", rest.strip()
    if act in _ALONE:
        return None if rest else Asked(act)
    if act == "search":
        return Asked(act, words=rest[:LONGEST]) if rest else None
    number, _, words = rest.partition(" ")
    words = words.strip()[:LONGEST]
    if act not in _OF_ONE or not is_number(number) or (act == "edit") != bool(words):
        return None
    return Asked(act, int(number), words)


def is_number(word: str) -> bool:
    """Whether a word can be the number of a fact."""
    return word.isascii() and word.isdigit() and len(word) <= 18


def _fact(said: str, key: str) -> tuple[str, str] | None:
    """(key, value) of what was typed; ``key`` where only a value was. None if it cannot be kept."""
    said = clean(said).strip("[]")
    found = parse_tags(f"[{said}]") or parse_tags(f"[{key}: {said}]")
    return None if "://" in said or not found or is_instruction(*found[0]) else found[0]


def _lines(found: Sequence[Memory], owner: Owner, lang: Lang) -> list[str]:
    return [line for _, line in listed(found, lang, owner.person)]


def _holds(memory: Memory, said: str) -> bool:
    """Whether a fact has some words in it, whatever the spaces."""
    wanted = "".join(said.split()).casefold()
    return wanted != "" and wanted in "".join(memory.tag.split()).casefold()
