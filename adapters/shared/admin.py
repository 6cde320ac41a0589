"""What the commands of admins do, on every platform. Who may call them is the adapter's check.

``group`` is the admin's own group and bounds everything here: nothing outside it is seen, counted
or erased. Only the owner's commands pass ``EVERYWHERE``. People are given by their stable ids.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from adapters.shared.answers import Answer, guarded
from adapters.shared.durations import parse_duration
from adapters.shared.erasure import battles_line
from adapters.shared.hair import hair_words
from adapters.shared.texts import text
from core.conversation import Conversation
from core.errors import StoreError
from core.gate import clean
from core.people import Lang, Place, PlaceKind
from core.places import CHECKS
from core.ports import Clock
from core.ports_memory import MemoryStore
from core.ports_places import EVERYWHERE, AuditEntry, AuditLog, Block, BlockStore, GroupStore, StatusSource

AUDIT_LINES = 20
MAX_REASON = 200


@dataclass(frozen=True)
class Admin:
    """The commands of admins.

    ``named`` writes a person's id as the platform shows people; ``offered`` are the settings that
    mean something there, ``platform`` has words of its own for some of them.
    """

    conversation: Conversation
    memories: MemoryStore
    groups: GroupStore
    blocks: BlockStore
    log: AuditLog
    clock: Clock
    source: StatusSource | None = None
    named: Callable[[str], str] = str
    offered: tuple[str, ...] = tuple(CHECKS)
    platform: str = ""

    async def settings(self, group: str, lang: Lang) -> Answer:
        """Every setting with its value, and which ones there are."""

        async def work() -> Answer:
            stored = await self.groups.settings(group)
            lines = [
                text(
                    "setting_line", lang, name=name,
                    value=_shown(name, stored.get(name, ""), lang) or text("setting_default", lang),
                    about=self.about(name, lang),
                )
                for name in self.offered
            ]  # fmt: skip
            return Answer("\n".join([text("settings_title", lang), *lines]))

        return await guarded(work, "store_failed", lang)

    async def set(self, actor: str, group: str, name: str, value: str | None, lang: Lang) -> Answer:
        """Change one setting; None goes back to the default."""
        if name not in self.offered:
            return Answer(text("setting_unknown", lang, names=", ".join(self.offered)), done=False)
        kept = None if value is None else CHECKS[name](value.strip())
        if value is not None and kept is None:
            return self.wrong(name, lang)

        async def work() -> Answer:
            await self.groups.set(group, name, kept)
            await self.log.add(group, actor, "set" if kept else "clear", name, {})
            if kept is None:
                return Answer(text("setting_cleared", lang, name=name))
            return Answer(text("setting_set", lang, name=name, value=_shown(name, kept, lang)))

        return await guarded(work, "store_failed", lang)

    def wrong(self, name: str, lang: Lang) -> Answer:
        """Says that a value cannot be used for a setting, and which can."""
        return Answer(text("setting_wrong", lang, name=name, about=self.about(name, lang)), done=False)

    def about(self, name: str, lang: Lang) -> str:
        """What a setting takes."""
        return _spoken(f"{self.platform}_about_{name}", lang) or text(f"about_{name}", lang)

    async def block(
        self, actor: str, group: str, person: str, reason: str, length: str, lang: Lang
    ) -> Answer:
        """Block a person; ``length`` such as "30m", "2h", "7d", "1w", "" for no end."""
        lasting = parse_duration(length)
        if length.strip() and lasting is None:
            return Answer(text("block_length_wrong", lang), done=False)
        now = self.clock.now()
        until = None if lasting is None else now + lasting

        async def work() -> Answer:
            await self.blocks.block(group, person, actor, clean(reason)[:MAX_REASON], until, now)
            await self.log.add(group, actor, "block", person, {})
            said = text("blocked_now", lang, person=self.named(person), until=self._until(until, lang))
            return Answer(said)

        return await guarded(work, "store_failed", lang)

    async def unblock(self, actor: str, group: str, person: str, lang: Lang) -> Answer:
        """Lift a block."""

        async def work() -> Answer:
            if not await self.blocks.unblock(group, person, self.clock.now()):
                return Answer(text("not_blocked", lang, person=self.named(person)), done=False)
            await self.log.add(group, actor, "unblock", person, {})
            return Answer(text("unblocked_now", lang, person=self.named(person)))

        return await guarded(work, "store_failed", lang)

    async def list_blocks(self, group: str, lang: Lang) -> Answer:
        """Who is blocked here, why and until when."""

        async def work() -> Answer:
            found = await self.blocks.list(group, self.clock.now())
            lines = [
                text(
                    "block_line", lang, person=self.named(block.person), until=self._until(block.until, lang),
                    reason=block.reason or text("no_reason", lang), by=self.named(block.by),
                )
                for block in found
            ]  # fmt: skip
            return Answer("\n".join(lines) or text("no_blocks", lang))

        return await guarded(work, "store_failed", lang)

    async def blocked_people(self, group: str) -> list[Block]:
        """The blocks here, for autocompletion; empty where the store fails."""
        try:
            return await self.blocks.list(group, self.clock.now())
        except StoreError:
            return []

    async def audit(self, group: str, lang: Lang, n: int = AUDIT_LINES) -> Answer:
        """What admins did here, newest first."""

        async def work() -> Answer:
            entries = await self.log.list(group, n)
            return Answer("\n".join(self._act(entry, lang) for entry in entries) or text("no_audit", lang))

        return await guarded(work, "store_failed", lang)

    async def status(self, lang: Lang) -> Answer:
        """Queue, latency, models, version; the same for every group."""
        if self.source is None:
            return Answer(text("status_unknown", lang), done=False)
        now, none = self.source.status(), text("none", lang)
        times = text("status_no_times", lang)
        if now.reply_median_ms is not None and now.reply_p95_ms is not None:
            times = text("status_times", lang, median=round(now.reply_median_ms), p95=round(now.reply_p95_ms))
        return Answer(
            text(
                "status", lang, version=now.version, models=", ".join(now.models) or none,
                working=now.working, waiting=now.waiting, times=times,
                problems=", ".join(now.problems) or none,
            )
        )  # fmt: skip

    async def maintenance(self, actor: str, group: str, on: bool, lang: Lang) -> Answer:
        """Switch maintenance here (or everywhere) on or off."""

        async def work() -> Answer:
            await self.groups.set(group, "maintenance", "on" if on else None)
            await self.log.add(group, actor, "maintenance on" if on else "maintenance off", "", {})
            return Answer(text("maintenance_on" if on else "maintenance_off", lang))

        return await guarded(work, "store_failed", lang)

    async def forget_ask(self, actor: str, group: str, person: str, lang: Lang) -> Answer:
        """How much of a person there is in this group and its hidden channels."""

        async def work() -> Answer:
            counts = await self.memories.counts(person, _scope(group), below=True)
            await self.log.add(group, actor, "preview", person, counts)
            asked = text("admin_forget_ask", lang, person=self.named(person), **counts)
            return Answer("\n".join([asked, *battles_line("forget_battles", counts, lang)]))

        return await guarded(work, "store_failed", lang)

    async def forget(self, actor: str, group: str, person: str, lang: Lang) -> Answer:
        """Erase a person in this group and its hidden channels, never elsewhere."""

        async def work() -> Answer:
            scope = _scope(group)
            if scope is None:
                self.conversation.drop(person)
                counts = await self.memories.forget(person, None, by=actor)
            else:
                await self.conversation.drop_in(person, group)
                counts = await self.memories.forget(person, scope, below=True, by=actor)
                if await self.conversation.drop_in(person, group):  # begun with what was there before
                    await self.memories.forget(person, scope, below=True)
            gone = text("admin_forgot", lang, person=self.named(person), **counts)
            return Answer("\n".join([gone, *battles_line("forgot_battles", counts, lang)]))

        return await guarded(work, "forget_failed", lang)

    def _until(self, until: datetime | None, lang: Lang) -> str:
        if until is None:
            return text("block_forever", lang)
        local = until.astimezone(self.clock.now().tzinfo)
        return text("block_until", lang, until=f"{local:%Y-%m-%d %H:%M}")

    def _act(self, entry: AuditEntry, lang: Lang) -> str:
        person = ":" in entry.target  # settings have no such sign in their names
        target = self.named(entry.target) if person else entry.target or "-"
        counts = "".join(f" · {_word('count', kind, lang)} {number}" for kind, number in entry.counts.items())
        at = entry.at.astimezone(self.clock.now().tzinfo)
        return text(
            "audit_line", lang, at=f"{at:%Y-%m-%d %H:%M}", actor=self.named(entry.actor),
            action=_word("act", entry.action, lang), target=target, counts=counts,
        )  # fmt: skip


def _shown(name: str, kept: str, lang: Lang) -> str:
    """The value of a setting as people write it."""
    return hair_words(kept, lang) if name == "hair" and kept else kept


def _word(kind: str, name: str, lang: Lang) -> str:
    """An act, or what was counted, in words; as it was kept where another version kept it."""
    return _spoken(f"{kind}_{name.replace(' ', '_')}", lang) or name


def _spoken(key: str, lang: Lang) -> str:
    try:
        return text(key, lang)
    except KeyError:
        return ""


def _scope(group: str) -> str | None:
    """What an admin of the group may count and erase; None, everything, for the owner only."""
    return None if group == EVERYWHERE else Place(PlaceKind.GROUP, group).scope
