"""Forty days of six people, told to the real store: what contradicts is resolved, and hardly anything stands twice.

``replay.jsonl`` says which facts each message tells, and which known ones are no longer true after it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from core.clock import lived_day
from core.endings import may_end, settled
from core.facts import Fact, canonical, is_plan, read_fact
from core.likeness import Relation, relation
from core.people import DIRECT, Owner
from core.ports_memory import Memory, MemoryStore, NewMemory

DATA = Path(__file__).parents[2] / "models" / "embed" / "data"


def rows(name: str) -> list[dict[str, Any]]:
    """The lines of a data file."""
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


@dataclass
class Outcome:
    """What a replay left: contradictions that stay, facts ended without need, and each person's facts."""

    unresolved: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    kept: dict[str, list[Memory]] = field(default_factory=dict)

    @property
    def repeats(self) -> list[str]:
        """Pairs of facts that count and say the same."""
        return [
            f"{one.tag} = {two.tag}" for facts in self.kept.values() for at, one in enumerate(facts)
            for two in facts[:at] if same(one, two)
        ]  # fmt: skip


def same(one: Memory, two: Memory) -> bool:
    if is_plan(one.key) or is_plan(two.key):
        if not (is_plan(one.key) and is_plan(two.key)) or (one.starts, one.ends) != (two.starts, two.ends):
            return False
    elif canonical(one.key) != canonical(two.key):
        return False
    return relation(one.key, one.value, two.value) is Relation.SAME


async def replay(memories: MemoryStore) -> Outcome:
    """Everything as it was labelled, written as she learns."""
    outcome = Outcome()
    people: defaultdict[str, list[Memory]] = defaultdict(list)
    for number, row in enumerate(rows("replay.jsonl")):
        owner, at = Owner(f"test:{row['person']}", DIRECT.scope), datetime.fromisoformat(row["at"])
        before = people[owner.person]
        read = [read_fact(f["key"], f["value"], row["text"], lived_day(at), 1.0) for f in row["facts"]]
        told: list[tuple[Fact, tuple[int, ...]]] = [(fact, ()) for fact in read]
        if may_end(row["text"], read):
            told = settled(row["text"], before, lived_day(at), [], read)
        for fact, over in told:
            new = NewMemory.of(fact, at, f"m{number}", None, "")
            await memories.add(owner, replace(new, instead_of=over), 0)
        counting = [f for f in await memories.list(owner) if f.superseded_by is None] if told else before
        people[owner.person] = counting
        still = {(canonical(fact.key), fact.value) for fact in counting if not over_by(fact, lived_day(at))}
        replaced = {(canonical(old["key"]), _undated(old, at)) for old in row["replaces"]}
        new_ones = {(canonical(fact.key), fact.value) for fact in read}
        outcome.unresolved += [f"{row['text']} | {old}" for old in sorted(replaced & still - new_ones)]
        gone = {fact.id for fact in before} - {fact.id for fact in counting}
        wanted = {old["value"] for old in row["replaces"]}
        outcome.ended += [
            f"{row['text']} | {f.tag}"
            for f in before
            if f.id in gone and not any(f.value in w or w in f.value for w in wanted)
        ]
    outcome.kept = people
    return outcome


def over_by(fact: Memory, today: date) -> bool:
    """Whether the days of a plan have passed."""
    return is_plan(fact.key) and fact.ends is not None and fact.ends < today


def _undated(old: dict[str, str], at: datetime) -> str:
    return read_fact(old["key"], old["value"], "", lived_day(at), 1.0).value


@pytest.mark.slow
async def test_forty_days_of_six_people(memories: MemoryStore) -> None:
    outcome = await replay(memories)
    kept = sum(map(len, outcome.kept.values()))
    assert len(outcome.kept) == 6 and kept > 200
    assert outcome.unresolved == []
    assert len(outcome.repeats) < 0.01 * kept, outcome.repeats
    assert len(outcome.ended) <= 20, outcome.ended  # nearly all are plans that took place and were told so
