"""How stages report: Markdown with tables, the original's figures beside ours, and small pictures."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

MOST: Final = 24_000  # bytes of a picture: reports are tracked, and there are many
QUALITIES: Final = (85, 70, 55, 40)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def percent(share: float) -> str:
    """A share in [0, 1] as 12.3 %."""
    return f"{100 * share:.1f} %"


def share(part: int, whole: int) -> str:
    """``part`` of ``whole`` with the per cent."""
    return f"{part} of {whole} ({percent(part / whole)})"


def numbers(values: Iterable[float]) -> str:
    """Figures to three places between slashes; a dash for one that is not known, nothing for none."""
    known = [float(value) for value in values]
    if all(math.isnan(value) for value in known):
        return ""
    return " / ".join("–" if math.isnan(value) else f"{value:.3f}" for value in known)


def tiles(rows: Sequence[Any], size: int) -> Image.Image:
    """Rows of pictures (uint8 [r, r, 3] or [r, r], each of any r) as one, ``size`` pixels for each."""
    sheet = Image.new("RGB", (size * max(map(len, rows)), size * len(rows)), "white")
    for y, row in enumerate(rows):
        for x, picture in enumerate(row):
            tile = Image.fromarray(np.asarray(picture)).resize((size, size), Image.Resampling.LANCZOS)
            sheet.paste(tile, (x * size, y * size))
    return sheet


def to_webp(image: Image.Image, *, most: int = MOST, drawn: bool = False) -> bytes:
    """A picture as WebP of ``most`` bytes, if need be of less quality and then smaller.

    ``drawn`` pictures, of lines and letters, are kept exactly where that is small enough.
    """
    while True:
        tries: list[dict[str, Any]] = [{"lossless": True}] * drawn
        for how in (*tries, *({"quality": quality} for quality in QUALITIES)):
            buffer = io.BytesIO()
            image.save(buffer, "WEBP", method=6, **how)
            if buffer.tell() <= most:
                return buffer.getvalue()
        if min(image.size) < 16:
            return buffer.getvalue()
        width, height = image.size
        image = image.resize((width * 4 // 5, height * 4 // 5), Image.Resampling.LANCZOS)


class Report:
    """A report in the making, ``name``.md; nothing is written before :meth:`write`."""

    def __init__(self, name: str, title: str) -> None:
        self.name = name
        self._parts, self._pictures = [f"# {title}"], dict[str, bytes]()

    def say(self, *paragraphs: str) -> None:
        """Add paragraphs."""
        self._parts += paragraphs

    def table(self, title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Add a table below a heading of its own, if it has a title."""
        self._parts += [f"## {title}"] * bool(title) + [table(head, rows)]

    def show(
        self, image: Image.Image, about: str, *, part: str = "", most: int = MOST, drawn: bool = False
    ) -> None:
        """Add a picture, ``name``[-``part``].webp; ``most`` and ``drawn`` as for :func:`to_webp`."""
        file = f"{self.name}{part and '-'}{part}.webp"
        self._pictures[file] = to_webp(image, most=most, drawn=drawn)
        self._parts.append(f"![{about}]({file})")

    def write(self, folder: Path) -> None:
        """Write text and pictures into ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        for file, data in self._pictures.items():
            (folder / file).write_bytes(data)
        (folder / f"{self.name}.md").write_text("\n\n".join(self._parts) + "\n", "utf-8")
