"""Pictures of her face as files: named by their content, the oldest removed."""

from __future__ import annotations

import hashlib
import logging
import os
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FaceFolder:
    """Keeps the newest ``keep`` pictures in ``folder``; blocking, for a thread."""

    folder: Path
    keep: int = 200

    def save(self, png: bytes) -> Path | None:
        """The absolute path of the picture; None where it cannot be written."""
        path = (self.folder / f"{hashlib.sha256(png).hexdigest()[:16]}.png").absolute()
        try:
            if path.is_file() and path.stat().st_size == len(png):
                os.utime(path)
                return path
            self.folder.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(f".{os.getpid()}.part")
            part.write_bytes(png)
            part.replace(path)
            self._prune()
        except OSError as err:
            log.warning("face not saved: %s", type(err).__name__)
            return None
        return path

    def _prune(self) -> None:
        found = sorted(self.folder.glob("*.png"), key=lambda file: file.stat().st_mtime)
        for file in found[: -self.keep]:
            file.unlink(missing_ok=True)
