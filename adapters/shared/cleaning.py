"""What of a text may stand anywhere: nothing that hides, or turns the line round."""

from __future__ import annotations

import re
from typing import Final

# Controls (line breaks stay), bidi marks, tags, halves of surrogate pairs.
_UNSEEN: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f\ud800-\udfff]"
)
_SPACES: Final = re.compile(r"[^\S\n]{2,}")


def visible(text: str) -> str:
    """The text without characters that cannot be seen."""
    return _UNSEEN.sub("", text.replace("\t", " "))


def tidy(text: str) -> str:
    """The text without the blanks that something taken out has left."""
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(lines).strip()
