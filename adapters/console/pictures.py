"""A picture inside the terminal: the protocols of kitty and iTerm2, else half blocks in true colour."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from typing import Final, Literal

from rich.console import Console
from rich.segment import Segment, Segments
from rich.style import Style

Way = Literal["kitty", "iterm2", "blocks", "none"]

ROWS: Final = 16
_KITTY_CHUNK: Final = 4096
_PNG: Final = b"\x89PNG"


def way_of(hints: Mapping[str, str], *, truecolor: bool) -> Way:
    """How a terminal shows pictures; ``hints`` is its part of the environment."""
    program, term = hints.get("TERM_PROGRAM", ""), hints.get("TERM", "")
    if "TMUX" not in hints and not term.startswith(("screen", "tmux")):
        if "KITTY_WINDOW_ID" in hints or term in ("xterm-kitty", "xterm-ghostty") or program == "ghostty":
            return "kitty"
        if program in ("iTerm.app", "WezTerm", "mintty", "vscode"):
            return "iterm2"
    return "blocks" if truecolor else "none"


def kitty(png: bytes, rows: int = ROWS) -> str:
    """The escape sequences of the kitty graphics protocol."""
    data = base64.standard_b64encode(png).decode()
    chunks = [data[i : i + _KITTY_CHUNK] for i in range(0, len(data), _KITTY_CHUNK)]
    out = []
    for number, chunk in enumerate(chunks):
        first = f"a=T,f=100,r={rows},q=2," if number == 0 else ""
        out.append(f"\x1b_G{first}m={int(number < len(chunks) - 1)};{chunk}\x1b\\")
    return "".join(out) + "\n"


def iterm2(png: bytes, rows: int = ROWS) -> str:
    """The escape sequence of iTerm2's inline images."""
    data = base64.standard_b64encode(png).decode()
    return f"\x1b]1337;File=inline=1;size={len(png)};height={rows};preserveAspectRatio=1:{data}\x07\n"


def blocks(png: bytes, rows: int = ROWS) -> Segments:
    """Two pixels in each character: the upper half block over a background."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as opened:
        small = opened.convert("RGB").resize((2 * rows, 2 * rows), Image.Resampling.LANCZOS)
    data = small.tobytes()
    width = 2 * rows

    def colour(x: int, y: int) -> str:
        at = 3 * (y * width + x)
        return f"#{data[at : at + 3].hex()}"

    out = []
    for y in range(0, width, 2):
        for x in range(width):
            out.append(Segment("▀", Style(color=colour(x, y), bgcolor=colour(x, y + 1))))
        out.append(Segment.line())
    return Segments(out)


def at_rest(film: bytes) -> bytes:
    """The first picture of a film, as a PNG. Raises OSError for what is no film."""
    from PIL import Image

    out = io.BytesIO()
    with Image.open(io.BytesIO(film)) as opened:
        opened.convert("RGB").save(out, "PNG")
    return out.getvalue()


def show(console: Console, picture: bytes, way: Way) -> None:
    """Show a PNG or a film, which moves on iTerm2 alone; a picture that cannot be read is left out."""
    if way == "iterm2":
        console.file.write(iterm2(picture))
        console.file.flush()
        return
    try:
        if way == "kitty":
            console.file.write(kitty(picture if picture.startswith(_PNG) else at_rest(picture)))
            console.file.flush()
        elif way == "blocks":
            console.print(blocks(picture))
    except OSError:  # Pillow's error for what is no picture
        return
