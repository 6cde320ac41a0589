"""What she may say to a result in words of her own, and the tips, which nobody invents."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from core.battle import lines_en, lines_ko
from core.battle.facts import Facts
from core.battle.game import Rival
from core.battle.grades import Grade
from core.battle.moments import filling, moments, number

MINE: Final = {"ko": lines_ko.MINE, "en": lines_en.MINE}
MINE_WHEN: Final = {"ko": lines_ko.MINE_WHEN, "en": lines_en.MINE_WHEN}
OTHERS: Final = {"ko": lines_ko.OTHERS, "en": lines_en.OTHERS}
OTHERS_WHEN: Final = {"ko": lines_ko.OTHERS_WHEN, "en": lines_en.OTHERS_WHEN}
TIPS: Final = {"ko": lines_ko.TIPS, "en": lines_en.TIPS}
_SIZES: Final = {Grade.BIG_WIN: "big", Grade.WIN: "clear", Grade.NARROW_WIN: "narrow", Grade.DRAW: "draw"}
_SLOT: Final = re.compile(r"\\\{\w+\\\}")


def usual(facts: Facts) -> list[str]:
    """Templates that fit the grade whatever else was."""
    if facts.rival is Rival.LORA:
        return [*MINE[facts.lang][facts.grade]]
    grade = facts.grade if facts.grade.sign >= 0 else facts.grade.mirrored
    return [*OTHERS[facts.lang][_SIZES[grade]]]


def particular(facts: Facts) -> list[str]:
    """Templates that tell what was particular about this result."""
    if facts.rival is Rival.LORA:
        by_moment = MINE_WHEN[facts.lang][facts.grade.sign]
    else:
        by_moment = OTHERS_WHEN[facts.lang] if facts.grade.sign else {}
    holds = moments(facts)
    return [template for moment, texts in by_moment.items() if moment in holds for template in texts]


def filled(template: str, facts: Facts) -> str:
    """A template with the facts in it."""
    said = template.format(**filling(facts))
    return said[0].upper() + said[1:]


def was_said(template: str, comments: Sequence[str]) -> bool:
    """Whether one of some comments is this template with other facts."""
    pattern = _SLOT.sub(".{1,20}?", re.escape(template))
    return any(re.match(pattern, comment, re.IGNORECASE) for comment in comments)


def tip_of(facts: Facts) -> str:
    """The advice that follows from the facts, "" for none."""
    if not facts.tip or facts.rival is Rival.PERSON:
        return ""
    loss = facts.gap if facts.tip == "overfit" else facts.train_loss
    return TIPS[facts.lang][facts.tip].format(lr=number(facts.chosen[0].lr), loss=f"{loss:.2f}")
