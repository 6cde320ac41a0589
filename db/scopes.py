"""Conditions on owners and scopes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from core.people import DIRECT, Owner
from db.tables import MemoryRow
from db.tables_links import LinkRow


def within(column: InstrumentedAttribute[Any] | ColumnElement[Any], scope: str) -> ColumnElement[bool]:
    """The scope itself and those under it: ``group:1`` holds ``group:1/hidden``, not ``group:12``."""
    below = f"{scope}/"
    # LIKE would take % and _ of an id for wildcards and, in SQLite, small letters for capitals
    return or_(column == scope, func.substr(column, 1, len(below)) == below)


def readable(owner: Owner) -> ColumnElement[bool]:
    """The memories that an owner sees: the own ones, and in direct messages those of linked accounts."""
    seen = accounts(literal(owner.person), owner.scope)
    return and_(MemoryRow.scope == owner.scope, MemoryRow.person.in_(seen))


def accounts(person: ColumnElement[str], scope: str) -> Select[str]:
    """Whose memories a person sees in a scope."""
    if scope != DIRECT.scope:
        return select(person)
    mine, other = aliased(LinkRow), aliased(LinkRow)
    same = select(other.account).join(mine, mine.person == other.person).where(mine.account == person)
    return select(same.union(select(person)).subquery().c[0])
