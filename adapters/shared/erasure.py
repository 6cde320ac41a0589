"""What a person's own ``/forget`` counts, asks and erases; linked accounts go along when it is everywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from adapters.shared.texts import text
from core.conversation import Conversation
from core.people import DIRECT, Lang, Owner
from core.phrases import phrase
from core.ports_links import Account, LinkStore
from core.ports_memory import MemoryStore


@dataclass(frozen=True)
class Erasure:
    """The texts of the command. All calls raise StoreError."""

    conversation: Conversation
    memories: MemoryStore
    links: LinkStore | None = None

    async def preview(self, owner: Owner, everywhere: bool, lang: Lang) -> str:
        """What would be erased, as a question, and what becomes of a linked account."""
        linked = await self._linked(owner)
        counts = await self._counts(owner, everywhere, linked)
        lines = [text("forget_everywhere" if everywhere else "forget_here", lang, **counts)]
        if everywhere or owner.scope == DIRECT.scope:
            key = "forget_covers" if everywhere else "forget_leaves"
            lines += [text(key, lang, **named(account, lang)) for account in linked]
        return "\n".join(lines)

    async def ask(self, owner: Owner, lang: Lang) -> str:
        """Counts for here and everywhere, and the question."""
        linked = await self._linked(owner)
        here = await self._counts(owner, False, linked)
        everywhere = await self._counts(owner, True, linked)
        counts = text(
            "forget_counts", lang, here_memories=here["memories"], here_turns=here["turns"],
            all_memories=everywhere["memories"], all_turns=everywhere["turns"],
        )  # fmt: skip
        question = [counts, phrase("forget_ask", lang, memories=here["memories"], turns=here["turns"])]
        if here != everywhere:
            question.append(text("forget_how", lang))
        return "\n".join(question)

    async def erase(self, owner: Owner, everywhere: bool, lang: Lang) -> str:
        """Stop what is in flight for the person, then erase here or everywhere; the receipt.

        Of linked accounts the own one comes last: as long as the link stands, an erasure that failed
        in the middle can be repeated whole.
        """
        linked = [account.person for account in await self._linked(owner)]
        for person in (*linked, owner.person):
            if everywhere or person == owner.person or owner.scope == DIRECT.scope:
                self.conversation.drop(person)  # what is in flight may have recalled it
        gone: Counter[str] = Counter()
        for person in (*linked, owner.person) if everywhere else (owner.person,):
            gone.update(await self.memories.forget(person, None if everywhere else owner.scope))
        return phrase("forgot", lang, memories=gone["memories"], turns=gone["turns"])

    async def _linked(self, owner: Owner) -> tuple[Account, ...]:
        return await self.links.linked(owner.person) if self.links is not None else ()

    async def _counts(self, owner: Owner, everywhere: bool, linked: Iterable[Account]) -> Counter[str]:
        """What :meth:`erase` would erase."""
        counts = Counter(await self.memories.counts(owner.person, None if everywhere else owner.scope))
        for account in linked if everywhere else ():
            counts.update(await self.memories.counts(account.person, None))
        return counts


def named(account: Account, lang: Lang) -> dict[str, str]:
    """How a text shows a linked account; the number tells namesakes apart."""
    platform, _, number = account.person.partition(":")
    return {"platform": text(f"platform_{platform}", lang), "name": account.name or "?", "number": number}
