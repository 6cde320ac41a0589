"""What a person's own ``/forget`` counts, asks and erases.

Linked accounts go along when it is everywhere, and their direct messages when it is in direct messages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from adapters.shared.texts import text
from core.conversation import Conversation
from core.people import DIRECT, Lang, Owner
from core.phrases import phrase
from core.ports import HistoryStore
from core.ports_links import Account, LinkStore
from core.ports_memory import MemoryStore


@dataclass(frozen=True)
class Erasure:
    """The texts of the command. All calls raise StoreError."""

    conversation: Conversation
    memories: MemoryStore
    history: HistoryStore
    links: LinkStore | None = None
    on_server: bool = False

    async def preview(self, owner: Owner, everywhere: bool | None, lang: Lang) -> str:
        """What would be erased here or everywhere (None: both), as a question, after both counts.

        Says what becomes of a linked account.
        """
        linked = await self._linked(owner)
        here, every = [await self._counts(owner, whole, linked) for whole in (False, True)]
        lines = [] if everywhere is None else [_both(here, every, lang)]
        for whole in (False, True) if everywhere is None else (everywhere,):
            counts = every if whole else here
            lines.append(text("forget_everywhere" if whole else "forget_here", lang, **counts))
            lines += battles_line("forget_battles", counts, lang)
            if whole or owner.scope == DIRECT.scope:
                key = "forget_covers" if whole else "forget_joins"
                lines += [text(key, lang, **named(account, lang)) for account in linked]
        return "\n".join(lines)

    async def ask(self, owner: Owner, everywhere: bool | None, lang: Lang) -> str:
        """The same question where there are no buttons: with the words that do it. None asks about here."""
        asked = await self.preview(owner, bool(everywhere), lang)
        if everywhere is None:
            return f"{asked}\n{text('forget_how_both', lang)}"
        return f"{asked}\n{text('forget_how', lang, where='everywhere' if everywhere else 'here')}"

    async def erase(self, owner: Owner, everywhere: bool, lang: Lang) -> str:
        """Stop what is in flight for the person, then erase here or everywhere; the receipt.

        It counts what is gone, and says what nobody can erase from here.
        """
        linked = [account.person for account in await self._linked(owner)]
        for person in (*linked, owner.person):
            if everywhere or person == owner.person or owner.scope == DIRECT.scope:
                self.conversation.drop(person)  # what is in flight may have recalled it
        gone = await self.memories.forget(
            owner.person, None if everywhere else owner.scope, linked=linked if everywhere else (),
            by=owner.person,
        )  # fmt: skip
        lines = [phrase("forgot", lang, memories=gone["memories"], turns=gone["turns"])]
        lines += battles_line("forgot_battles", gone, lang)
        if everywhere and (await self.history.choices(owner.person)).get("learning") == "off":
            lines.append(text("forgot_but_off", lang))
        console = owner.person.startswith("console:")
        lines.append(text("forgot_left_console" if console else "forgot_left_chat", lang))
        return "\n".join([*lines, *([text("forgot_left_server", lang)] if self.on_server else [])])

    async def _linked(self, owner: Owner) -> tuple[Account, ...]:
        return await self.links.linked(owner.person) if self.links is not None else ()

    async def _counts(self, owner: Owner, everywhere: bool, linked: Iterable[Account]) -> Counter[str]:
        """What :meth:`erase` would erase."""
        scope, others = (None, [account.person for account in linked]) if everywhere else (owner.scope, [])
        return Counter(await self.memories.counts(owner.person, scope, linked=others))


def battles_line(key: str, counts: Mapping[str, int], lang: Lang) -> list[str]:
    """What is said of battles and places on leaderboards where there are any."""
    battles, standings = counts.get("battles", 0), counts.get("standings", 0)
    return [text(key, lang, battles=battles, standings=standings)] if battles or standings else []


def _both(here: Counter[str], every: Counter[str], lang: Lang) -> str:
    """Both counts in one line."""
    return text(
        "forget_counts", lang, here_memories=here["memories"], here_turns=here["turns"],
        all_memories=every["memories"], all_turns=every["turns"],
    )  # fmt: skip


def named(account: Account, lang: Lang) -> dict[str, str]:
    """How a text shows a linked account; the number tells namesakes apart."""
    platform, _, number = account.person.partition(":")
    return {"platform": text(f"platform_{platform}", lang), "name": account.name or "?", "number": number}
