"""Lines from a pipe, as bytes: nothing is read before it is asked for, no line can fill the memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

LONGEST: Final = 65_536  # bytes kept of a line; far beyond what she reads
_CHUNK: Final = 65_536


def read_lines(fd: int) -> Iterator[bytes]:
    """The lines of a file descriptor without their ends; a line that is too long is cut."""
    kept, rest = b"", b""
    while True:
        head, found, rest = rest.partition(b"\n")
        if len(kept) < LONGEST:
            kept = (kept + head)[:LONGEST]
        if found:
            yield kept.rstrip(b"\r")
            kept = b""
            continue
        rest = os.read(fd, _CHUNK)
        if not rest:
            break
    if kept:
        yield kept.rstrip(b"\r")


def decode(line: bytes) -> str | None:
    """The line as text, None when it is not UTF-8; a byte order mark is dropped."""
    try:
        return line.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as err:
        # a line that was cut may end inside a character
        cut = len(line) >= LONGEST and err.start >= len(line) - 3
        return line[: err.start].decode("utf-8") if cut else None
