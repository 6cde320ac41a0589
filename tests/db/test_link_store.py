"""Codes, guesses and links against a plain model of the rules."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncSession

from core.links import LIFE, TRIES, WRONG_MOST, WRONG_WITHIN, new_salt, seal
from core.ports_links import Account, Agreement
from db.engine import Database
from db.stores import SqlLinkStore, SqlMemoryStore
from tests.db.samples import START

PEOPLE = ("discord:1", "discord:2", "telegram:1", "telegram:2", "telegram:3")
CODES = ("000001", "000002", "000003", "000004")
people, codes = st.sampled_from(PEOPLE), st.sampled_from(CODES)


@dataclass
class Code:
    """A code that is shown."""

    code: str
    until: datetime
    tries: int = TRIES


@dataclass
class Question:
    """What both sides are asked."""

    id: int
    both: tuple[str, str]
    until: datetime
    agreed: set[str] = field(default_factory=set)


def platform(person: str) -> str:
    return person.partition(":")[0]


class Links(RuleBasedStateMachine):
    """The store does what these few lines say."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=self.template.parent)
        file = shutil.copy(self.template, Path(self.folder.name) / "bot.db")
        self.loop = asyncio.Runner()
        self.database = Database(file)
        self.run(self.database.__aenter__())
        self.store, self.memories = SqlLinkStore(self.database), SqlMemoryStore(self.database)
        self.now = START
        self.codes: dict[str, Code] = {}
        self.wrong: dict[str, list[datetime]] = {}
        self.questions: list[Question] = []
        self.links: list[set[str]] = []

    def run(self, work: Any) -> Any:
        return self.loop.run(work)

    def teardown(self) -> None:
        self.run(self.database.__aexit__(None, None, None))
        self.loop.close()
        self.folder.cleanup()

    def link_of(self, person: str) -> set[str]:
        return next((link for link in self.links if person in link), set())

    def end(self, *gone: str) -> None:
        self.questions = [one for one in self.questions if not {*one.both} & {*gone}]
        for person in gone:
            self.codes.pop(person, None)

    @rule(seconds=st.sampled_from([30, 280, 600]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.codes = {who: code for who, code in self.codes.items() if code.until > self.now}
        self.questions = [one for one in self.questions if one.until > self.now]
        self.wrong = {
            who: [at for at in times if at > self.now - WRONG_WITHIN] for who, times in self.wrong.items()
        }

    @rule(person=people, code=codes)
    def offer(self, person: str, code: str) -> None:
        if any(shown.code == code for who, shown in self.codes.items() if who != person):
            return  # one in a million; which of the two is meant nobody can tell
        salt = new_salt()
        self.run(self.store.offer(Account(person, "x"), salt, seal(code, salt), self.now))
        self.codes[person] = Code(code, self.now + LIFE)

    @rule(person=people, code=codes)
    def take(self, person: str, code: str) -> None:
        found = self.run(self.store.take(Account(person, "y"), code, self.now))
        times = self.wrong.setdefault(person, [])
        if len(times) >= WRONG_MOST:
            assert found is None
            return
        giver = next((who for who, shown in self.codes.items() if shown.code == code), "")
        free = not (self.link_of(giver) or self.link_of(person))
        if giver and platform(giver) != platform(person) and free:
            assert found is not None and (found.giver.person, found.taker.person) == (giver, person)
            self.end(giver, person)
            self.questions.append(Question(found.id, (giver, person), self.now + LIFE))
            return
        assert found is None
        times.append(self.now)
        for shown in self.codes.values():
            shown.tries -= 1
        self.codes = {who: shown for who, shown in self.codes.items() if shown.tries}

    @precondition(lambda self: self.questions)
    @rule(person=people, data=st.data())
    def agree(self, person: str, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.questions))
        outcome = self.run(self.store.agree(person, one.id, self.now))
        if person not in one.both:
            assert outcome is Agreement.GONE
            return
        one.agreed.add(person)
        if one.agreed != {*one.both}:
            assert outcome is Agreement.WAITS
            return
        assert outcome is Agreement.LINKED
        self.end(*one.both)
        self.links.append({*one.both})

    @precondition(lambda self: self.questions)
    @rule(person=people, data=st.data())
    def refuse(self, person: str, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.questions))
        assert self.run(self.store.refuse(person, one.id)) is (person in one.both)
        if person in one.both:
            self.questions.remove(one)

    @rule(person=people)
    def unlink(self, person: str) -> None:
        split = self.run(self.store.unlink(person))
        assert {account.person for account in split} == self.link_of(person) - {person}
        self.split(person)

    @rule(person=people)
    def forget(self, person: str) -> None:
        self.run(self.memories.forget(person, None))
        self.split(person)

    def split(self, person: str) -> None:
        self.links = [link for link in self.links if person not in link]
        self.end(person)

    @invariant()
    def everybody_knows_their_own(self) -> None:
        for person in PEOPLE:
            linked = self.run(self.store.linked(person))
            assert {account.person for account in linked} == self.link_of(person) - {person}
            pending = self.run(self.store.pending(person, self.now))
            asked = [one.id for one in self.questions if person in one.both]
            assert ([pending.id] if pending else []) == asked


def test_links_follow_the_rules(template: Path) -> None:
    Links.template = template
    run_state_machine_as_test(
        Links,
        settings=settings(
            max_examples=8, stateful_step_count=25, deadline=None, derandomize=True,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )  # fmt: skip


async def test_both_agree_at_the_same_moment(database: Database) -> None:
    store, salt = SqlLinkStore(database), new_salt()
    await store.offer(Account("discord:1"), salt, seal("123456", salt), START)
    request = await store.take(Account("telegram:1"), "123456", START)
    assert request is not None
    outcomes = await asyncio.gather(
        *(store.agree(person, request.id, START) for person in ("discord:1", "telegram:1") * 3)
    )
    assert outcomes.count(Agreement.LINKED) == 1 and Agreement.WAITS in outcomes


async def test_codes_are_not_kept_as_they_are(database: Database, file: Path) -> None:
    salt = new_salt()
    await SqlLinkStore(database).offer(Account("discord:1"), salt, seal("918273", salt), START)
    assert b"918273" not in file.read_bytes() + file.with_name(f"{file.name}-wal").read_bytes()


async def test_an_offer_that_waits_costs_nothing(database: Database) -> None:
    """Reads do not use anything up."""
    store, salt = SqlLinkStore(database), new_salt()
    await store.offer(Account("discord:1"), salt, seal("123456", salt), START)
    for _ in range(9):
        assert await store.pending("discord:1", START) is None
        assert not await store.refuse("telegram:1", 1)
    assert await store.take(Account("telegram:1"), "123456", START + LIFE - timedelta(seconds=1)) is not None


async def test_what_is_over_is_not_kept(database: Database) -> None:
    store, memories = SqlLinkStore(database), SqlMemoryStore(database)
    for account, code in (("discord:1", "123456"), ("discord:2", "654321")):
        salt = new_salt()
        await store.offer(Account(account, "mina"), salt, seal(code, salt), START)
    assert await store.take(Account("telegram:1", "미나"), "123456", START) is not None
    assert await store.take(Account("telegram:2", "누구"), "000000", START) is None
    await memories.forget("telegram:2", None)

    async def rows() -> list[int]:
        async def work(session: AsyncSession) -> list[int]:
            tables = ("link_codes", "link_requests", "link_tries")
            return [await session.scalar(sql(f"SELECT count(*) FROM {table}")) or 0 for table in tables]

        return await database.read(work)

    await store.tidy(START + LIFE - timedelta(seconds=1))
    assert await rows() == [1, 1, 1]
    await store.tidy(START + LIFE)
    assert await rows() == [0, 0, 0]


@pytest.mark.parametrize("scope", ["group:discord:42", "group:discord:42/9", "direct"])
async def test_what_is_seen_of_a_linked_account(database: Database, scope: str) -> None:
    from core.people import Owner
    from tests.db.samples import fact

    store, memories, salt = SqlLinkStore(database), SqlMemoryStore(database), new_salt()
    await memories.add(Owner("discord:1", scope), fact("취미", "등산"), 0)
    await store.offer(Account("discord:1"), salt, seal("123456", salt), START)
    request = await store.take(Account("telegram:1"), "123456", START)
    assert request is not None
    for person in ("discord:1", "telegram:1"):
        await store.agree(person, request.id, START)
    seen = await memories.list(Owner("telegram:1", scope))
    found = await memories.search(Owner("telegram:1", scope), "등산", None, "m1", 3)
    assert len(seen) == len(found) == (1 if scope == "direct" else 0)
    assert await memories.list(Owner("telegram:2", scope)) == []
    assert await memories.counts("telegram:1", None) == {"memories": int(scope == "direct"), "turns": 0}
