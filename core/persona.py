"""Her card: the facts that never change. Age and school year come from the clock."""

from __future__ import annotations

from datetime import date
from typing import Final

NAME_KO: Final = "오로라"
NAME_EN: Final = "Oh-LoRA"
CALL_KO: Final = "로라"
BORN: Final = date(2003, 10, 11)
UNIVERSITY_SINCE: Final = 2022
MBTI: Final = "ENTJ"


def age(today: date) -> int:
    """International age in full years on ``today``."""
    return today.year - BORN.year - ((today.month, today.day) < (BORN.month, BORN.day))


def school_year(today: date) -> int:
    """Year at the university (Korean terms begin in March), at most 4."""
    years = today.year - UNIVERSITY_SINCE + (1 if today.month >= 3 else 0)
    return max(1, min(4, years))
