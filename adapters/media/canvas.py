"""A picture that is drawn upon, and knows where its texts stand."""

from __future__ import annotations

import io
from typing import Final, NamedTuple

from PIL import Image, ImageDraw

from adapters.media.fonts import font
from adapters.media.palette import GROUND, PANEL, TEXT

WIDTH: Final = 1000
MARGIN: Final = 28
RADIUS: Final = 18
LARGEST: Final = 280_000  # bytes of a file
_SMALLEST: Final = 0.72  # of the wanted size, before words are cut


class Box(NamedTuple):
    """Where a text stands, in pixels from the top left; ``right`` and ``bottom`` are outside of it."""

    left: float
    top: float
    right: float
    bottom: float


class Canvas:
    """Draws on an opaque picture; ``boxes`` are those of all texts so far, each with its words."""

    def __init__(self, height: int, width: int = WIDTH) -> None:
        self.image = Image.new("RGB", (width, height), GROUND)
        self.boxes: list[tuple[Box, str]] = []
        self._draw = ImageDraw.Draw(self.image)

    def text(
        self, x: float, y: float, words: str, size: int = 22, *, bold: bool = False, fill: str = TEXT,
        anchor: str = "lm", room: float | None = None,
    ) -> float:  # fmt: skip
        """Words at a point (Pillow's anchors), made to fit ``room`` pixels; how wide they became."""
        words, size = fitted(words, size, bold, room)
        if not words:
            return 0.0
        letters = font(size, bold)
        self._draw.text((x, y), words, font=letters, fill=fill, anchor=anchor)
        box = Box(*self._draw.textbbox((x, y), words, font=letters, anchor=anchor))
        self.boxes.append((box, words))
        return box.right - box.left

    def panel(self, left: float, top: float, right: float, bottom: float, fill: str = PANEL) -> None:
        """A rounded ground for what belongs together."""
        radius = min(RADIUS, (bottom - top) / 2, (right - left) / 2)
        self._draw.rounded_rectangle((left, top, right, bottom), radius, fill=fill)

    def bar(self, left: float, top: float, right: float, bottom: float, fill: str) -> None:
        """A plain rectangle."""
        self._draw.rectangle((left, top, right, bottom), fill=fill)

    def dot(self, x: float, y: float, radius: float, fill: str) -> None:
        """A disc."""
        side = 2 * round(radius) + 1
        mask = Image.new("L", (4 * side, 4 * side), 0)
        ImageDraw.Draw(mask).ellipse((0, 0, 4 * side - 1, 4 * side - 1), fill=255)
        mask = mask.resize((side, side), Image.Resampling.BOX)  # a smooth edge
        self.image.paste(fill, (round(x) - side // 2, round(y) - side // 2), mask)

    def paste(self, picture: Image.Image, left: int, top: int, *, rounded: bool = False) -> None:
        """Another picture, with round corners where wanted."""
        mask = None
        if rounded:
            mask = Image.new("L", picture.size, 0)
            corner = min(RADIUS, picture.width // 6)
            ImageDraw.Draw(mask).rounded_rectangle((0, 0, *(n - 1 for n in picture.size)), corner, fill=255)
        self.image.paste(picture.convert("RGB"), (left, top), mask)

    def png(self) -> bytes:
        """The picture as a file, with fewer colours where it would be too large."""
        for image in (self.image, self.image.quantize(192, Image.Quantize.FASTOCTREE)):
            out = io.BytesIO()
            image.save(out, "PNG", compress_level=6)
            if out.tell() <= LARGEST:
                break
        return out.getvalue()


def width_of(words: str, size: int, bold: bool = False) -> float:
    """How wide words are, in pixels."""
    return font(size, bold).getlength(words)


def fitted(words: str, size: int, bold: bool, room: float | None) -> tuple[str, int]:
    """The words and their size so that they fit: smaller first, then cut."""
    least = max(1, int(size * _SMALLEST))
    while room is not None and size > least and width_of(words, size, bold) > room:
        size -= 1
    return (words if room is None else cut(words, size, room, bold)), size


def cut(words: str, size: int, room: float, bold: bool = False) -> str:
    """As much of the words as fits, "" for nothing."""
    if width_of(words, size, bold) <= room:
        return words
    while words and width_of(f"{words}…", size, bold) > room:
        words = words[:-1].rstrip()
    return f"{words}…" if words else ""


def wrapped(words: str, size: int, room: float, lines: int) -> list[str]:
    """Words as at most so many lines; a word that is too long is broken, the last line cut."""
    found: list[str] = [""]
    for word in words.split():
        while word:
            joined = f"{found[-1]} {word}".strip()
            if width_of(joined, size) <= room:
                found[-1], word = joined, ""
            elif found[-1]:
                found.append("")
            else:
                many = len(word)
                while many > 1 and width_of(word[:many], size) > room:
                    many -= 1
                found[-1], word = word[:many], word[many:]
                found.append("")
    found = [line for line in found if line]
    if len(found) <= lines:
        return found
    return [*found[: lines - 1], cut(f"{found[lines - 1]} …", size, room)]


def opened(data: bytes | None) -> Image.Image | None:
    """A picture from a file's bytes; None for what is none."""
    if not data:
        return None
    try:
        with Image.open(io.BytesIO(data)) as found:
            return found.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
