"""Colours to propose for her hair, and a wish that was kept in words again."""

from __future__ import annotations

from typing import Final
from unicodedata import category

from core.colours import AURORA, NATURAL, degree_of
from core.people import Lang
from core.places import checked_hair

# the first two are AURORA and NATURAL; core.colours knows all of them, and many more
HAIR: Final[dict[Lang, tuple[str, ...]]] = {
    "ko": (
        "오로라", "원래 색", "빨간색", "산호색", "주황색", "금색", "노란색", "연두색", "초록색", "민트색",
        "하늘색", "파란색", "보라색", "자홍색", "분홍색", "와인색",
    ),
    "en": (
        "aurora", "natural", "red", "coral", "orange", "gold", "yellow", "lime", "green", "mint",
        "sky blue", "blue", "violet", "magenta", "pink", "wine",
    ),
}  # fmt: skip


def hair_words(kept: str, lang: Lang) -> str:
    """What was kept of a wish, in words: of a hue, the nearest colour of those above."""
    aurora, natural, *colours = HAIR[lang]
    hair = checked_hair(kept)
    if hair is None:
        return kept
    if hair in (AURORA, NATURAL):
        return aurora if hair == AURORA else natural
    degree = int(hair)
    return min(colours, key=lambda colour: abs((degree_of(colour) - degree + 180) % 360 - 180))


def hair_typed(words: str) -> str:
    """On one line, without signs of no width: where our texts show #rrggbb, Telegram's have one in it."""
    return " ".join("".join(char for char in words if category(char) != "Cf").split())


def hair_like(typed: str, lang: Lang) -> list[str]:
    """Words that fit what was typed so far; where none does, what was typed if it can be dyed with."""
    words = typed.strip()
    fitting = [word for word in HAIR[lang] if words.casefold() in word]
    return fitting or ([words] if checked_hair(words) is not None else [])
