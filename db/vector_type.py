"""The column of vectors: bytes for the program, a blob in SQLite, ``real[]`` in Postgres."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from weakref import WeakSet

import numpy as np
from sqlalchemy import ColumnElement, LargeBinary
from sqlalchemy.dialects.postgresql import ARRAY, REAL
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import TypeDecorator, TypeEngine

_STORED: Final = np.dtype("<f4")
_HEADER: Final = 20  # bytes before the first number of an array of one dimension, as Postgres sends it
_VECTOR_HEADER: Final = 4  # the same for pgvector's type; it begins with the length, which is not 0
_LONGEST: Final = 16_000  # numbers that pgvector's type can hold
_PGVECTOR: Final = WeakSet[Dialect]()  # of servers that have the extension
_SENT: Final = np.dtype([("size", ">i4"), ("number", ">f4")])


def sends_vectors(dialect: Dialect) -> None:
    """The server has pgvector: it sends a vector in half as many bytes as an array."""
    _PGVECTOR.add(dialect)


class Floats(TypeDecorator[bytes]):
    """Little-endian float32 numbers as bytes; not one of their bits changes on the way.

    But a vector with a number that is none becomes zeros in Postgres, which is as near to nothing.
    """

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """An array where there are arrays."""
        return dialect.type_descriptor(ARRAY(REAL()) if dialect.name == "postgresql" else LargeBinary())

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> Any:
        """The vector that is stored."""
        if value is None or dialect.name != "postgresql":
            return value
        numbers = np.frombuffer(value, dtype=_STORED)
        return (numbers if np.isfinite(numbers).all() else np.zeros_like(numbers)).tolist()

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Read as the server has it: thousands of lists of numbers would take ten times as long."""
        return _sent(column, type_=self)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], bytes | None] | None:
        """What makes bytes of what the driver gives; of an array it gives bytes already, as sent."""
        return _received if dialect.name == "postgresql" else super().result_processor(dialect, coltype)


def _received(value: bytes | None) -> bytes | None:
    """The numbers of an array as they are kept."""
    if value is None:
        return None
    if any(value[:2]):
        return np.frombuffer(value, dtype=">f4", offset=_VECTOR_HEADER).astype(_STORED).tobytes()
    numbers = np.frombuffer(value, dtype=_SENT, offset=min(_HEADER, len(value)))["number"]
    return numbers.astype(_STORED).tobytes()


class _sent(GenericFunction[bytes]):
    """The bytes in which the server sends a value."""

    inherit_cache = True


@compiles(_sent)
def _plain(element: _sent, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(_sent, "postgresql")
def _array_send(element: _sent, compiler: SQLCompiler, **options: Any) -> str:
    column = compiler.process(element.clauses, **options)
    if compiler.dialect not in _PGVECTOR:
        return f"array_send({column})"
    fits = f"cardinality({column}) BETWEEN 1 AND {_LONGEST}"
    return f"CASE WHEN {fits} THEN vector_send({column}::vector) ELSE array_send({column}) END"
