"""Text files, plain or packed with xz."""

from __future__ import annotations

import lzma
from pathlib import Path


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, unpacked where its name ends in ``.xz``.

    Raises FileNotFoundError, or ValueError naming a packed file that is damaged.
    """
    packed = path.read_bytes()
    try:
        return (lzma.decompress(packed) if path.suffix == ".xz" else packed).decode("utf-8")
    except lzma.LZMAError as err:
        raise ValueError(f"{path.name}: {err}") from err
