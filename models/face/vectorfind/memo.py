"""What pictures scored, kept in a file, so that a long search can be stopped and goes on where it was.

A search is a pure function of what its pictures score. Begun again, it asks the same, and is answered from
the file until it comes to what was not measured yet.
"""

from __future__ import annotations

import hashlib
import math
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from models.runtime.saving import TimeUpError

SAVE_EVERY_S = 60.0


class Memo:
    """Scores by the codes of pictures, in the file ``path`` (.npz), whose ``about`` says of which networks.

    A file of other networks is not used. ``until`` is the moment (monotonic) at which the search stops.
    """

    def __init__(self, path: Path, about: str, until: float = math.inf) -> None:
        self.path, self._about, self._until = path, about, until
        self._names: tuple[str, ...] = ()
        self._known: dict[str, NDArray[np.float64]] = {}
        self._saved = time.monotonic()
        if path.exists():
            with np.load(path) as kept:
                if str(kept["about"]) == about:
                    self._names = tuple(str(name) for name in kept["names"])
                    parts = np.split(kept["values"], np.cumsum(kept["counts"])[:-1])
                    self._known = dict(zip(map(str, kept["keys"]), parts, strict=True))

    def get(self, codes: Tensor) -> tuple[tuple[str, ...], NDArray[np.float64]] | None:
        """Names and scores [B, k] of codes [B, d], None where they are not known."""
        known = self._known.get(_key(codes))
        return None if known is None else (self._names, known)

    def put(self, codes: Tensor, names: tuple[str, ...], values: NDArray[np.float64]) -> None:
        """Keep the scores [B, k] of codes [B, d]. Raises TimeUpError when it is time, with all kept."""
        self._names, self._known[_key(codes)] = names, values
        now = time.monotonic()
        if now - self._saved > SAVE_EVERY_S or now >= self._until:
            self.save()
            self._saved = now
        if now >= self._until:
            raise TimeUpError(self.path)

    def save(self) -> None:
        """Write the file; nothing where nothing was measured."""
        if not self._known:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial, parts = self.path.with_suffix(".part.npz"), list(self._known.values())
        np.savez(
            partial, about=np.array(self._about), names=np.array(self._names),
            keys=np.array(list(self._known)), counts=np.array([len(part) for part in parts]),
            values=np.concatenate(parts),
        )  # fmt: skip
        partial.replace(self.path)


def _key(codes: Tensor) -> str:
    return hashlib.sha1(codes.contiguous().numpy().tobytes(), usedforsecurity=False).hexdigest()
