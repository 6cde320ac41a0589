"""Pictures of her face as files: named by their content, the oldest removed."""

from __future__ import annotations

import hashlib
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

KINDS: Final = (".png", ".gif", ".webp")


@dataclass(frozen=True)
class FaceFolder:
    """Keeps the newest ``keep`` pictures and films in ``folder``; blocking, for a thread."""

    folder: Path
    keep: int = 200

    def save(self, picture: bytes, kind: str = "png") -> Path | None:
        """The absolute path of the picture, a file of ``kind``; None where it cannot be written."""
        path = (self.folder / f"{hashlib.sha256(picture).hexdigest()[:16]}.{kind}").absolute()
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

    def _prune(self) -> None:
        files = [file for file in self.folder.iterdir() if file.suffix in KINDS]
        found = sorted(files, key=lambda file: file.stat().st_mtime)
        for file in found[: -self.keep]:
            file.unlink(missing_ok=True)
