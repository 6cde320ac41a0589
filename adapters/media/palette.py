"""Colours of the cards: Okabe and Ito's, told apart by everybody, on a dark ground of their own.

A card brings its ground with it, so that it reads the same in a dark window and in a light one. No meaning
hangs on a colour alone: sides differ by place and name, rounds by the kind of line.
"""

from __future__ import annotations

from typing import Final

GROUND: Final = "#171a21"
PANEL: Final = "#232834"
LINE: Final = "#3a4252"
TEXT: Final = "#f4f5f7"
DIM: Final = "#b4bcc9"
LEFT: Final = "#e69f00"  # orange: the challenger
RIGHT: Final = "#56b4e9"  # sky blue: the opponent
EVEN: Final = "#f0e442"  # yellow: a draw
