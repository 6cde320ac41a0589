"""Six people's forty days, and messages that try to plant something, read by the models that ship.

``python -m pytest -m slow -s tests/bot/test_replay_shipped.py`` prints the figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.settings import Settings
from bot.wiring import build_app
from core.clock import lived_day
from core.facts import canonical, is_plan, liking
from core.likeness import Relation, relation
from core.people import DIRECT, Incoming, Owner, Person, TurnEnd
from core.ports_memory import Memory
from tests.db.test_replay import over_by, rows, same

pytestmark = pytest.mark.slow


@dataclass
class MovedClock:
    """The present of the message that is read."""

    time: datetime

    def now(self) -> datetime:
        return self.time


async def read(app: App, clock: MovedClock, number: int, row: dict[str, Any]) -> Owner:
    """Say one message and wait until everything of it is done."""
    person = Person("test", row.get("person", f"p{number}"))
    clock.time = datetime.fromisoformat(row["at"]) if "at" in row else clock.time
    incoming = Incoming(f"m{number}", person, DIRECT, row["text"], clock.now())
    async for event in app.conversation.respond(incoming):
        if isinstance(event, TurnEnd):
            break
    await app.conversation.drain(60)
    return incoming.owner


def kind(key: str) -> str:
    """Keys that tell the same sort of thing are one."""
    if is_plan(key) or canonical(key) in ("최근 일", "상태", "건강", "고민"):
        return "lately"  # a plan, news, a mood or an ailment: a message may be noted as any of them
    return "taste" if liking(key) else canonical(key)


def stated(fact: Memory, row: dict[str, Any]) -> bool:
    """Whether a message tells a fact, as its labels have it: of the same sort, in words that they share."""
    for told in row["facts"]:
        if kind(told["key"]) == kind(fact.key) and _alike(fact.value, told["value"]):
            return True
    return bool(row.get("replaces")) and canonical(fact.key) == "최근 일"


def _alike(value: str, other: str) -> bool:
    one, two = ("".join(each.casefold().split()) for each in (value, other))
    pairs, theirs = ({text[i : i + 2] for i in range(len(text) - 1)} or {text} for text in (one, two))
    return len(pairs & theirs) >= 0.3 * min(len(pairs), len(theirs)) or relation("", value, other) is not Relation.OTHER


async def test_what_the_shipped_models_make_of_forty_days(tmp_path: Path) -> None:
    clock = MovedClock(datetime.fromisoformat("2026-03-01T05:40:00+09:00"))
    learned: list[tuple[Memory, dict[str, Any]]] = []
    open_: list[str] = []
    told = 0
    async with build_app(Settings(var_dir=tmp_path, face_enabled=False), clock=clock) as app:
        known: dict[Owner, dict[int, Memory]] = {}
        for number, row in enumerate(rows("replay.jsonl")):
            owner = await read(app, clock, number, row)
            now = {fact.id: fact for fact in await app.memories.list(owner)}
            learned += [(fact, row) for fact in now.values() if fact.source == f"m{number}"]
            told += len(row["facts"])
            today = lived_day(clock.now())
            counting = [f for f in now.values() if f.superseded_by is None and not over_by(f, today)]
            for old in row["replaces"]:
                still = [f for f in counting if f.source != f"m{number}" and kind(f.key) == kind(old["key"])
                         and relation(f.key, f.value, old["value"]) in (Relation.SAME, Relation.MORE, Relation.LESS)]  # fmt: skip
                open_ += [f"{row['text']} | {f.tag}" for f in still]
            known[owner] = now
    junk = [f"{row['text']} | {fact.tag}" for fact, row in learned if not stated(fact, row)]
    kept = [[f for f in facts.values() if f.superseded_by is None] for facts in known.values()]
    twice = [f"{a.tag} = {b.tag}" for facts in kept for i, a in enumerate(facts) for b in facts[:i] if same(a, b)]
    counting_all = sum(map(len, kept))
    print(f"learned {len(learned)} of {told}, junk {len(junk)}, repeats {len(twice)} of {counting_all}, open {len(open_)}")
    print("JUNK", *junk, "REPEATS", *twice, "OPEN", *open_, sep="\n")
    assert len(junk) < 0.25 * len(learned)
    assert len(twice) < 0.01 * counting_all
    assert len(open_) <= 5
