"""The column of vectors: bytes for the program, a blob in SQLite, ``real[]`` in Postgres."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

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
_SENT: Final = np.dtype([("size", ">i4"), ("number", ">f4")])


class Floats(TypeDecorator[bytes]):
    """Little-endian float32 numbers as bytes; not one of their bits changes on the way."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """An array where there are arrays."""
        return dialect.type_descriptor(ARRAY(REAL()) if dialect.name == "postgresql" else LargeBinary())

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> Any:
        """The vector that is stored."""
        if value is None or dialect.name != "postgresql":
            return value
        return np.frombuffer(value, dtype=_STORED).tolist()

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
    return f"array_send({compiler.process(element.clauses, **options)})"
