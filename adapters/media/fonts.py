"""The Korean font that a package brings (NanumGothic), for Pillow and for matplotlib.

The package itself is never imported: doing so would change matplotlib's settings for everybody.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import Final

from PIL import ImageFont

from core.errors import ModelError

_PACKAGE: Final = "koreanize_matplotlib"
_FILES: Final = {False: "NanumGothic.ttf", True: "NanumGothicBold.ttf"}


@cache
def font_file(bold: bool = False) -> Path:
    """The path of the font. Raises ModelError where the package is missing or damaged."""
    spec = importlib.util.find_spec(_PACKAGE)
    folders = list(spec.submodule_search_locations or ()) if spec is not None else []
    for folder in folders:
        if (path := Path(folder) / "fonts" / _FILES[bold]).is_file():
            return path
    raise ModelError(f"the fonts of {_PACKAGE} are missing")


@cache
def font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """The font at a height in pixels. Raises ModelError where it is missing."""
    return ImageFont.truetype(str(font_file(bold)), size, layout_engine=ImageFont.Layout.BASIC)


@cache
def _signs() -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(str(font_file())).get_charmap())


def drawable(words: str, instead: str = "") -> str:
    """The words without the signs that the font has not (emoji, rare scripts); ``instead`` of nothing."""
    known = "".join(c for c in words if c == " " or (ord(c) in _signs() and c.isprintable()))
    return " ".join(known.split()) or instead
