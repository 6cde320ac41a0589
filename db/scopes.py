"""Conditions on scopes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy.orm import InstrumentedAttribute


def within(column: InstrumentedAttribute[Any], scope: str) -> ColumnElement[bool]:
    """The scope itself and those under it: ``group:1`` holds ``group:1/hidden``, not ``group:12``."""
    below = f"{scope}/"
    # LIKE would take % and _ of an id for wildcards and, in SQLite, small letters for capitals
    return or_(column == scope, func.substr(column, 1, len(below)) == below)
