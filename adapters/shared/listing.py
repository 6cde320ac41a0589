"""Facts as lines to read, the same in every list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from adapters.shared.texts import text
from core.facts import dated_key
from core.people import Lang
from core.ports_memory import Memory

PIN: Final = "📌"


def listed(found: Iterable[Memory], lang: Lang, own: str) -> list[tuple[Memory, str]]:
    """Each fact with its line: the pinned ones first, what no longer counts last.

    What another account than ``own`` keeps, one that is linked, names its platform.
    """
    facts = list(found)
    pinned = {memory.id: memory.created for memory in facts if memory.pinned}

    def rank(memory: Memory) -> int:
        winner = memory.superseded_by
        former = winner is not None and not (winner in pinned and pinned[winner] < memory.created)
        return 0 if memory.pinned else 2 if former else 1

    def line(memory: Memory) -> str:
        said = numbered(memory, lang, former=rank(memory) == 2)
        if memory.person == own:
            return said
        return f"{said} ({text('platform_' + memory.person.partition(':')[0], lang)})"

    return [(memory, line(memory)) for memory in sorted(facts, key=rank)]


def numbered(memory: Memory, lang: Lang, *, former: bool = False) -> str:
    """The number by which a fact is spoken of, whether it is pinned or past, and the fact with its dates."""
    key = dated_key(memory.key, memory.starts, memory.ends, memory.created.date(), lang)
    marks = f"{PIN} " if memory.pinned else f"{text('memory_former', lang)} " if former else ""
    return f"{memory.id:>4}  {marks}[{key}: {memory.value}]"
