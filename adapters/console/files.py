"""A file that a person asked for: new, and for her or his eyes only."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal


def write_new(name: str, content: str) -> tuple[Path, Literal["written", "exists", "failed"]]:
    """Write a file that is not there yet; its absolute path, and what became of it.

    ``~`` is the home folder. Blocking, for a thread.
    """
    path = Path(name)
    try:
        path = path.expanduser().absolute()
        there = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(there, "w", encoding="utf-8") as file:
            file.write(content)
    except FileExistsError:
        return path, "exists"
    except (OSError, ValueError, RuntimeError):  # a name with a null byte; no home folder
        return path, "failed"
    return path, "written"
