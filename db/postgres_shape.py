"""What Postgres wants of the tables beyond what the revisions say, which are written for both databases.

It is put right after every migration, in the same transaction, so that a revision is one text for both:

- texts are compared by their bytes, as SQLite does, whatever language the server sorts by;
- no statistics are kept of them: those are copies of what people wrote, which no erasure would find;
- whole numbers have 64 bits, so that any number someone types is an id that is not there, not an error;
- vectors are ``real[]``.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, text

from core.errors import StoreError

_COLUMNS: Final = """
SELECT c.relname, a.attname, t.typname, coalesce(l.collname, ''), coalesce(a.attstattarget, -1)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_collation l ON l.oid = a.attcollation
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0
AND NOT a.attisdropped AND c.relname <> 'alembic_version' ORDER BY c.relname, a.attnum
"""
_NOT_OF_PEOPLE: Final = {'"model_id"'}  # without its statistics the server reads the vectors of everybody
_SEQUENCES: Final = """
SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema() AND data_type = 'integer'::regtype
"""


def put_right(connection: Connection) -> None:
    """Bring all columns to their form; a second time changes nothing.

    Raises StoreError for a database that cannot hold every letter, and foreign errors.
    """
    if connection.scalar(text("SHOW server_encoding")) != "UTF8":
        raise StoreError("the database must be made with the encoding UTF8")
    changes: dict[str, list[str]] = {}
    for table, column, kind, collation, target in connection.execute(text(_COLUMNS)).all():
        changes.setdefault(table, []).extend(_changes(f'"{column}"', kind, collation, target))
    for table, wanted in changes.items():
        if wanted:
            connection.execute(text(f'ALTER TABLE "{table}" {", ".join(wanted)}'))
    for sequence in connection.scalars(text(_SEQUENCES)).all():
        connection.execute(text(f'ALTER SEQUENCE "{sequence}" AS bigint'))


def _changes(column: str, kind: str, collation: str, target: int) -> list[str]:
    """What is still to be changed of a column."""
    found = []
    if kind == "text" and collation != "C":
        found.append(f'ALTER {column} TYPE text COLLATE "C"')
    if kind == "text" and target != 0 and column not in _NOT_OF_PEOPLE:
        found.append(f"ALTER {column} SET STATISTICS 0")
    if kind == "int4":
        found.append(f"ALTER {column} TYPE bigint")
    if kind == "bytea" and column == '"vector"':  # before the first fact is written
        found.append(f"ALTER {column} TYPE real[] USING '{{}}'")
    return found
