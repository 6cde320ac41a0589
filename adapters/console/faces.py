"""Pictures of her face as files: named by whose they are and by their content, the oldest removed."""

from __future__ import annotations

import hashlib
import logging
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

KINDS: Final = (".png", ".gif", ".webp")
_UNNAMED: Final = re.compile(r"[0-9a-f]{16}\.")  # of an earlier version, which did not note whose they are


@dataclass(frozen=True)
class FaceFolder:
    """Keeps the newest ``keep`` pictures and films in ``folder``; blocking, for a thread.

    ``person`` is whose pictures are saved and forgotten; the newest are kept of all people together.
    """

    folder: Path
    person: str
    keep: int = 200

    def save(self, picture: bytes, kind: str = "png") -> Path | None:
        """The absolute path of the picture, a file of ``kind``; None where it cannot be written."""
        name = f"{self._prefix}{hashlib.sha256(picture).hexdigest()[:16]}.{kind}"
        path = (self.folder / name).absolute()
        try:
            if path.is_file() and path.stat().st_size == len(picture):
                os.utime(path)
                return path
            self.folder.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(f".{os.getpid()}.part")
            part.write_bytes(picture)
            part.replace(path)
            self._prune()
        except OSError as err:
            log.warning("face not saved: %s", type(err).__name__)
            return None
        return path

    def forget(self) -> int:
        """Remove the person's pictures, and those of which nobody knows whose they are; how many."""
        theirs = [
            file for file in self.folder.glob("*")
            if file.name.startswith(self._prefix) or _UNNAMED.match(file.name)
        ]  # fmt: skip
        for file in theirs:
            try:
                file.unlink(missing_ok=True)
            except OSError as err:
                log.warning("face not removed: %s", type(err).__name__)
        return len(theirs)

    @property
    def _prefix(self) -> str:
        return f"{hashlib.sha256(self.person.encode()).hexdigest()[:8]}-"

    def _prune(self) -> None:
        files = [file for file in self.folder.iterdir() if file.suffix in KINDS]
        found = sorted(files, key=lambda file: file.stat().st_mtime)
        for file in found[: -self.keep]:
            file.unlink(missing_ok=True)
