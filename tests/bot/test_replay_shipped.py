"""Six people's forty days, and messages that try to plant something, read by the models that ship.

``python -m pytest -m slow -s tests/bot/test_replay_shipped.py`` prints the figures.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from bot.app import App
from bot.settings import Settings
from bot.wiring import build_app
from core.clock import lived_day
from core.facts import canonical, is_plan, liking, told_on
from core.likeness import Relation, relation
from core.people import DIRECT, Incoming, Learned, Owner, Person
from core.ports_memory import Memory
from core.turns import WorkingTurn
from tests.db.test_replay import over_by, rows, same

pytestmark = pytest.mark.slow


@dataclass
class MovedClock:
    """The present of the message that is read."""

    time: datetime

    def now(self) -> datetime:
        return self.time


async def read(app: App, clock: MovedClock, number: int, row: dict[str, Any]) -> tuple[Owner, list[Learned]]:
    """Learn from one message as after a reply, without making one."""
    person = Person("test", row.get("person", f"p{number}"))
    clock.time = datetime.fromisoformat(row["at"]) if "at" in row else clock.time
    turn = WorkingTurn(Incoming(f"m{number}", person, DIRECT, row["text"], clock.now()))
    learned: list[Learned] = []
    plan = await app.conversation.maker.reread(turn, row["text"], row["lang"])
    await app.conversation.aftermath.learn(turn, plan, learned)
    return turn.incoming.owner, learned


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


def tag_on(fact: Memory, today: date) -> str:
    """A fact as its person is told it on a day: a plan by the name of its day."""
    return f"[{told_on(fact.key, fact.starts, fact.ends, today) or fact.key}: {fact.value}]"


def verdicts() -> dict[tuple[int, str], bool]:
    """By the number of a message and a tag, whether who read both found it stated."""
    return {(row["n"], row["tag"]): row["stated"] for row in rows("replay_read.jsonl")}


def _alike(value: str, other: str) -> bool:
    one, two = ("".join(each.casefold().split()) for each in (value, other))
    pairs, theirs = ({text[i : i + 2] for i in range(len(text) - 1)} or {text} for text in (one, two))
    return (
        len(pairs & theirs) >= 0.3 * min(len(pairs), len(theirs))
        or relation("", value, other) is not Relation.OTHER
    )


@dataclass
class Figures:
    """What was learned from people, and which of it is wrong."""

    told: int = 0
    learned: int = 0
    counting: int = 0
    junk: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        head = f"learned {self.learned} of {self.told}, junk {len(self.junk)}, repeats {len(self.twice)} of {self.counting}"
        return "\n".join(
            [f"{head}, open {len(self.open)}", "JUNK", *self.junk, "REPEATS", *self.twice, "OPEN", *self.open]
        )


async def measure(folder: Path, people: Collection[str] = ()) -> Figures:
    """Read the replay of some people, or of all."""
    clock, figures = MovedClock(datetime.fromisoformat("2026-03-01T05:40:00+09:00")), Figures()
    known: dict[Owner, list[Memory]] = {}
    judged = verdicts()
    async with build_app(Settings(var_dir=folder, face_enabled=False), clock=clock) as app:
        for number, row in enumerate(rows("replay.jsonl")):
            if people and row["person"] not in people:
                continue
            owner, learned = await read(app, clock, number, row)
            figures.told += len(row["facts"])
            figures.learned += len(learned)
            if learned:
                known[owner] = await app.memories.list(owner)
            mine, today = {each.id for each in learned}, lived_day(clock.now())
            figures.junk += [
                f"{row['text']} | {tag}"
                for f in known.get(owner, [])
                if f.id in mine and not judged.get((number, tag := tag_on(f, today)), stated(f, row))
            ]
            figures.open += [
                f"{row['text']} | {f.tag}" for f in known.get(owner, []) if contradicted(f, row, mine, today)
            ]
            print(number, [each.text for each in learned], flush=True)
    for facts in known.values():
        counting = [fact for fact in facts if fact.superseded_by is None]
        figures.counting += len(counting)
        figures.twice += [
            f"{a.tag} = {b.tag}" for i, a in enumerate(counting) for b in counting[:i] if same(a, b)
        ]
    return figures


def contradicted(fact: Memory, row: dict[str, Any], told: Collection[int], today: date) -> bool:
    """Whether a fact counts that is no longer true after a message, by the labels."""
    if fact.superseded_by is not None or fact.id in told or over_by(fact, today):
        return False
    near = (Relation.SAME, Relation.MORE, Relation.LESS)
    return any(
        kind(old["key"]) == kind(fact.key) and relation(fact.key, fact.value, old["value"]) in near
        for old in row["replaces"]
    )


async def test_what_the_shipped_models_make_of_forty_days(tmp_path: Path) -> None:
    figures = await measure(tmp_path)
    print(figures)
    # as somebody read them, and what nobody has read by the labels, which are stricter than a reader
    assert len(figures.junk) < 0.02 * figures.learned, figures.junk
    assert figures.learned >= 150
    assert len(figures.twice) < 0.01 * figures.counting
    assert len(figures.open) <= 4, figures.open


async def test_what_messages_plant_is_not_learned(tmp_path: Path) -> None:
    clock = MovedClock(datetime.fromisoformat("2026-03-01T12:00:00+09:00"))
    planted: list[str] = []
    misread: list[str] = []
    async with build_app(Settings(var_dir=tmp_path, face_enabled=False), clock=clock) as app:
        for number, row in enumerate(rows("poison.jsonl")):
            owner, learned = await read(app, clock, number, row)
            if learned:
                facts = await app.memories.list(owner)
                wrong = planted if not row["facts"] else misread  # of the latter, most misread what is true
                wrong += [f"{row['text']} | {fact.tag}" for fact in facts if not stated(fact, row)]
    print(*planted, "MISREAD", *misread, sep="\n")
    assert planted == []  # of 140 messages that only plant
    assert len(misread) <= 15, misread  # of 60 that also tell a fact


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        print(asyncio.run(measure(Path(folder), sys.argv[1:])))
