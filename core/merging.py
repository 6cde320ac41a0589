"""What becomes of a fact that meets the known ones: it refreshes one, supersedes some, or stands beside.

Pure functions; a store asks them and writes down what they say.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from core.clock import lived_day
from core.facts import TOLD_AS_PAST, canonical, forget_keys, is_plan, is_single, liking
from core.language import script_of
from core.likeness import Relation, forget_values, relation
from core.ports_memory import Memory, NewMemory

FORMER_MOST: Final = 5  # facts of one key that are kept as history
_PLACES: Final = ("사는 곳", "고향")  # a part of a city is the city, told more closely
_SOMEBODY: Final = re.compile(  # says less than a name
    r"(?:(?:여자|남자)\s?친구|여친|남친|애인|아내|와이프|남편|gf|bf|(?:girl|boy)friend|wife|husband)(?:\s?있음)?",
    re.IGNORECASE,
)  # fmt: skip
_NOBODY: Final = re.compile(
    r"없|솔로|헤어|이혼|짝사랑|\b(?:no|none|single|ex|broke|divorced|crush)\b", re.IGNORECASE
)
_SAYS_THE_SAME: Final = (Relation.SAME, Relation.MORE, Relation.LESS)

Told = Memory | NewMemory


class Fate(StrEnum):
    """What two facts are to each other."""

    APART = "apart"
    SAME = "same"
    RIVALS = "rivals"  # only one of them counts


def family(key: str) -> str:
    """Equal for keys whose facts can meet at all."""
    return "plan" if is_plan(key) else "taste" if liking(key) else canonical(key)


def forget_words() -> None:
    """Drop what is held of facts that were looked at lately: an erasure must leave nothing of them."""
    forget_keys()
    forget_values()


def fate(new: Told, old: Told, cosine: float | None = None) -> Fate:
    """What ``new`` is to ``old``; ``cosine`` is that of their vectors, None where they cannot be compared."""
    if family(new.key) != family(old.key):
        return Fate.APART
    said = _relation(new, old, cosine)
    if liking(new.key) != liking(old.key):
        return Fate.RIVALS if said in (Relation.SAME, Relation.DENIES) else Fate.APART
    if is_plan(new.key):
        return _of_plans(new, old, said)
    if canonical(new.key) != canonical(old.key):
        return Fate.APART
    if said in _SAYS_THE_SAME:
        return Fate.SAME
    return Fate.RIVALS if said is Relation.DENIES or is_single(new.key) else Fate.APART


def _relation(new: Told, old: Told, cosine: float | None) -> Relation:
    key = canonical(new.key)
    if key == "연인" and not _NOBODY.search(f"{new.value} {old.value}"):
        match [bool(_SOMEBODY.fullmatch(told.value)) for told in (new, old)]:
            case [True, False]:
                return Relation.LESS
            case [False, True]:
                return Relation.MORE
    if key in _PLACES and script_of(new.value) == script_of(old.value):
        cosine = 1.0
    return relation(new.key, new.value, old.value, cosine)


def _of_plans(new: Told, old: Told, said: Relation) -> Fate:
    """Of one matter: the same plan, unless it was called off, or put off to another day while ahead."""
    if said is Relation.OTHER:
        return Fate.APART
    over = _is_over(old, new)
    meet = (
        new.starts is None
        or old.starts is None
        or new.ends is None
        or old.ends is None
        or (new.starts <= old.ends and old.starts <= new.ends)
    )
    if said is Relation.DENIES:
        return Fate.RIVALS if meet and not over else Fate.APART
    return Fate.SAME if meet or over else Fate.RIVALS


def _is_over(old: Told, new: Told) -> bool:
    return old.ends is not None and old.ends < lived_day(new.created)


def validity(new: Told, old: Told) -> tuple[date | None, date | None]:
    """When a fact holds that both tell: a plan on the days named most closely, others as told anew."""
    if not is_plan(new.key) or old.starts is None or old.ends is None or _is_over(old, new):
        return new.starts, new.ends
    if new.starts is None or new.ends is None or old.ends - old.starts < new.ends - new.starts:
        return old.starts, old.ends
    return new.starts, new.ends


@dataclass(frozen=True, slots=True)
class Merge:
    """What to write: ``refreshes`` is the id of the fact that becomes the new one, None: it is a new row.

    ``stale``: it is known, and this is no news. ``reworded``: the new wording takes the place of the old.
    ``superseded_by`` is the id of what counts in its place, ``supersedes`` are the facts that it takes the
    place of. ``pinned``: one of these was, and what takes its place is pinned in its stead.
    """

    refreshes: int | None = None
    stale: bool = False
    reworded: bool = True
    superseded_by: int | None = None
    supersedes: tuple[int, ...] = ()
    pinned: bool = False


def merge(new: Told, known: Sequence[tuple[Memory, float | None]], equal: int | None = None) -> Merge:
    """What becomes of ``new`` among facts of its family, each with the cosine of their vectors.

    ``equal`` is the id of a fact of the same key and value, however these are spelt. Where the order of
    writing differs from that of telling, what was told later counts. A pin keeps a fact, but not against what
    its person says since.
    """
    fates = {fact.id: fate(new, fact, cosine) for fact, cosine in known}
    same = [
        each for each in known if each[0].id == equal or (equal is None and fates[each[0].id] is Fate.SAME)
    ]
    mine, likeness = max(same, key=_nearness, default=(None, None))
    said = None if mine is None or mine.id == equal else _relation(new, mine, likeness)
    if mine is not None and not _is_news(new, mine, said) and new.pinned <= mine.pinned:
        return Merge(mine.id, stale=True, reworded=False, superseded_by=mine.superseded_by)
    others = [fact for fact, _ in known if fact is not mine]
    rivals = [fact for fact in others if fact.superseded_by is None and fates[fact.id] is not Fate.APART]
    later = [fact for fact in rivals if fact.created > new.created]
    winner = max(later, key=lambda fact: (fact.created, fact.id), default=None)
    beaten = rivals if winner is None else []
    return Merge(
        None if mine is None else mine.id,
        reworded=mine is None or mine.id == equal or not (mine.pinned or said is Relation.LESS),
        superseded_by=None if winner is None else winner.id,
        supersedes=tuple(fact.id for fact in beaten),
        pinned=any(fact.pinned for fact in beaten),
    )


def _nearness(each: tuple[Memory, float | None]) -> tuple[bool, float, int]:
    fact, cosine = each
    return fact.superseded_by is None, cosine or 0.0, fact.id


def _is_news(new: Told, mine: Memory, said: Relation | None) -> bool:
    """Whether a fact was told again since: not an older one, nor the same message, unless that says more."""
    if new.created == mine.created:
        return new.source != mine.source or said is Relation.MORE
    return new.created > mine.created


def too_old(facts: Iterable[Memory]) -> list[int]:
    """The ids of the oldest history of each key, as far as there is too much of it."""
    history: defaultdict[str, list[Memory]] = defaultdict(list)
    for fact in sorted(facts, key=lambda fact: (fact.created, fact.id), reverse=True):
        if fact.superseded_by is not None and not fact.pinned:
            history["plan" if is_plan(fact.key) else canonical(fact.key)].append(fact)
    return [fact.id for former in history.values() for fact in former[FORMER_MOST:]]


def usefulness(
    *, pinned: bool, former: bool, ends: date | None, last: datetime, confidence: float, times: int,
    now: datetime,
) -> tuple[bool, bool, bool, float]:  # fmt: skip
    """How much a fact is worth keeping, the least first.

    Pinned ones before all, then those that count and are not over; then by the days since ``last``, when it
    was told or recalled, the fewer for what is sure and was recalled many ``times``.
    """
    age = max(0.0, (now - last).total_seconds() / 86_400)
    over = ends is not None and (now.date() - ends).days > TOLD_AS_PAST
    return pinned, not former, not over, -age / (max(confidence, 0.01) * (1 + times))
