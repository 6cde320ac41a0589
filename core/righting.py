"""What a message puts in the place of a word of a known fact, and news that say nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from core.endings_words import INSTEAD, SIGNS
from core.facts import Fact, canonical, is_plan, liking
from core.instructions import uncited
from core.naming import words
from core.ports_memory import Memory

PUT_RIGHT: Final = 0.8  # how sure it is what takes the place of a word


def kinds_of(fact: Memory | Fact) -> frozenset[str]:
    """The names under which signs speak of a fact's key."""
    if is_plan(fact.key):
        return frozenset({"plan"})
    key = canonical(fact.key)
    return frozenset({"taste", key}) if liking(fact.key) > 0 else frozenset({key})


def says_nothing(fact: Fact) -> bool:
    """Whether news are nothing but that something, nobody knows what, ended: "취소됨"."""
    if canonical(fact.key) != "최근 일":
        return False
    found = (sign.words.search(fact.value) for sign in SIGNS if sign.ko and not sign.bare)
    return any(m and not words(fact.value[: m.start()]) and len(fact.value.split()) == 1 for m in found)


def taken_back(message: str) -> tuple[str, str]:
    """A word and what a message puts in its place: "개", "고양이" of "개 아니고 고양이야"; "" for none."""
    if "?" in message or not (match := INSTEAD.search(uncited(message))):
        return "", ""
    parts = {name[:5]: part for name, part in match.groupdict().items() if part}
    return parts["wrong"].casefold(), parts["right"]


def put_right(message: str, known: Sequence[Memory], told: Sequence[Fact]) -> list[Fact]:
    """What a message says in the place of a word of a known fact: "강아지 말고 고양이", "a cat, not a dog".

    The newest fact that has the word is meant; none where the message tells something else of its kind.
    """
    wrong, right = taken_back(message)
    if not wrong:
        return []
    counting = [fact for fact in known if fact.superseded_by is None]
    for fact in sorted(counting, key=lambda fact: (fact.created, fact.id), reverse=True):
        said = re.compile(rf"(?<![\w]){re.escape(wrong)}(?:s\b)?", re.IGNORECASE)
        if said.search(fact.value) and not any(kinds_of(new) & kinds_of(fact) for new in told):
            return [Fact(fact.key, said.sub(right, fact.value), fact.lang, fact.starts, fact.ends, PUT_RIGHT)]
    return []
