"""The facts of people who were searched lately, as arrays: a search then reads a few rows only.

What is held of an account has a version, which every search reads, for other processes write, too. An erasure
leaves nothing of anybody; one in another process does so as soon as anything is read anew here.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple, cast

from sqlalchemy import Select, Text, and_, bindparam, case, outerjoin, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from core.merging import forget_words
from core.people import DIRECT, Owner
from db.engine import Database
from db.ranking import Facts, Row
from db.scopes import accounts
from db.tables import MemoryRow, PersonRow, SafeText, VectorRow

MOST: Final = 64 * 2**20  # bytes: six people with 10,000 facts, some hundreds with a hundred
_KEYS: Final = 2000  # all of them are looked after whenever one is read

Version = tuple[int, int]  # epoch and revision of the account
_Versions = Select[str, int, int]


class Key(NamedTuple):
    """Whose facts, where, and by which model's vectors."""

    person: str
    scope: str
    model_id: str


class FactIndex:
    """At most ``most`` bytes of facts, those that were searched least lately going first."""

    def __init__(self, database: Database, most: int = MOST) -> None:
        self._most = most
        self._held: OrderedDict[Key, tuple[Version, Facts]] = OrderedDict()
        self._size = self._erasures = 0
        database.on_erase(self._clear)

    @property
    def size(self) -> int:
        """Bytes that are held, about."""
        return self._size

    async def facts(self, session: AsyncSession, owner: Owner, model_id: str) -> dict[str, Facts]:
        """The facts of every account whose memories an owner sees."""
        erasures = self._erasures
        versions = await _versions(session, _seen(owner.scope == DIRECT.scope), owner=owner.person)
        keys = {Key(person, owner.scope, model_id): version for person, version in versions.items()}
        found = {key: kept for key, version in keys.items() if (kept := self._get(key, version))}
        lacking = [key for key in keys if key not in found]
        if lacking:
            old = await self._old(session)
            rows = {key: await _rows(session, key) for key in lacking}
            new = await asyncio.to_thread(lambda: {key: Facts.of(theirs) for key, theirs in rows.items()})
            if erasures == self._erasures:  # else some of it may be of before
                self._drop([*old, *new])
                self._put(new, keys)
            else:
                forget_words()  # reading the keys has brought them back
            found |= new
        return {key.person: facts for key, facts in found.items()}

    def _get(self, key: Key, version: Version) -> Facts | None:
        held = self._held.get(key)
        if held is None or held[0] != version:
            return None
        self._held.move_to_end(key)
        return held[1]

    async def _old(self, session: AsyncSession) -> list[Key]:
        """What is held and has changed, or is gone."""
        held = {key: version for key, (version, _) in self._held.items()}
        query = select(PersonRow.id, PersonRow.epoch, PersonRow.revision)
        versions = await _versions(session, query.where(PersonRow.id.in_({key.person for key in held})))
        return [key for key, version in held.items() if versions.get(key.person) != version]

    def _put(self, new: Mapping[Key, Facts], versions: Mapping[Key, Version]) -> None:
        for key, facts in new.items():
            self._held[key] = versions[key], facts
            self._size += facts.size
        while self._size > self._most or len(self._held) > _KEYS:
            self._drop([next(iter(self._held))])

    def _drop(self, keys: Iterable[Key]) -> None:
        for key in keys:
            if key in self._held:
                self._size -= self._held.pop(key)[1].size

    def _clear(self) -> None:
        self._held.clear()
        self._size = 0
        self._erasures += 1


async def _versions(session: AsyncSession, query: _Versions, **values: str) -> dict[str, Version]:
    found = await session.execute(query, values)
    return {person: (epoch, revision) for person, epoch, revision in found.all()}


@lru_cache(maxsize=2)
def _seen(direct: bool) -> _Versions:
    """The versions of the accounts that ``owner`` sees; made once, for making it takes longer than asking."""
    seen = accounts(bindparam("owner", type_=SafeText()), DIRECT.scope if direct else "")
    return select(PersonRow.id, PersonRow.epoch, PersonRow.revision).where(PersonRow.id.in_(seen))


async def _rows(session: AsyncSession, key: Key) -> Sequence[Row]:
    # columns as the driver gives them: there may be thousands of rows
    fact, vector = MemoryRow.__table__.c, VectorRow.__table__.c
    same = and_(vector.memory_id == fact.id, vector.model_id == key.model_id)
    created, text = type_coerce(fact.created, Text()), fact.key + " " + fact.value
    ends = case((fact.pinned, None), else_=fact.ends)
    query = (
        select(fact.id, text, created, ends, vector.vector, fact.key)
        .select_from(outerjoin(MemoryRow.__table__, VectorRow.__table__, same))
        .where(fact.person == key.person, fact.scope == key.scope, fact.superseded_by.is_(None))
    )
    return cast(Sequence[Row], (await session.execute(query)).all())
