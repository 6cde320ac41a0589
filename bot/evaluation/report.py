"""What an evaluation shows: a bar on stderr while it runs, rows in a file, figures at the end."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TypeVar

from bot.evaluation.data import BadLine

T = TypeVar("T")


class CannotWriteError(Exception):
    """The file for the rows cannot be opened; the message names it."""


def progress(items: Sequence[T], what: str) -> Iterable[T]:
    """The items, with a bar on stderr."""
    from rich.console import Console
    from rich.progress import track

    return track(items, what, console=Console(stderr=True), transient=not sys.stderr.isatty())


@contextmanager
def rows_file(path: Path | None, otherwise: IO[str] | None = None) -> Iterator[IO[str] | None]:
    """The file for rows; ``otherwise`` where none is asked for. Raises CannotWriteError."""
    if path is None:
        yield otherwise
        return
    try:
        file = path.open("w", encoding="utf-8")
    except OSError as err:
        raise CannotWriteError(f"{path} cannot be written: {err.strerror}") from None
    with file:
        yield file


def write_row(file: IO[str] | None, row: Mapping[str, Any]) -> None:
    """One line, at once, so that what was done stays when the rest is interrupted."""
    if file is not None:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")
        file.flush()


def complain(path: Path, bad: Iterable[BadLine]) -> None:
    """Name the lines that could not be used, on stderr."""
    for line in bad:
        print(f"{path}:{line.number}: {line.reason}", file=sys.stderr)


def show(figures: Mapping[str, Any], *, as_json: bool) -> None:
    """Print figures; tables inside them (confusions) with JSON only."""
    if as_json:
        print(json.dumps(figures, ensure_ascii=False, indent=1))
        return
    flat = dict(_flat(figures))
    width = max(map(len, flat), default=0)
    for name, value in flat.items():
        print(f"{name:{width}}  {value}")


def _flat(figures: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in figures.items():
        if name == "confusion":
            continue
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name} ")
        else:
            yield f"{before}{name}", value


def share(part: int, of: int) -> float | None:
    """A share with three digits; None of nothing."""
    return round(part / of, 3) if of else None
