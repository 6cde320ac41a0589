"""Which known facts a message ends: what was given up, called off, put off, healed, reached or put right.

Pure functions on words. A clause must have a sign of an ending and name the fact, by a word of it or by one
that goes with it ("퇴원" with "입원"); what is asked, denied, wished for, or happened to others ends nothing.
To end what still holds is the dearer error: it is not told any more, and what is over fades or is put right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Final

from core.ending_notes import note as note_of
from core.endings_words import CHANGED, CORRECTED, DOES_IT, FOUND_OUT, GIVEN_UP, KIN, SIGNS, Sign
from core.facts import Fact, canonical, is_plan, read_fact
from core.likeness import Relation, relation
from core.memory import MAX_VALUE
from core.naming import Kin, Wording, named, same, words
from core.ports_memory import Memory
from core.righting import kinds_of, put_right, says_nothing
from core.stating import by_another, denied, of_someone, others, statements

NOTED: Final = 0.5  # how sure a note of an ending is
FRESH: Final = timedelta(days=3)  # a complaint that a diagnosis explains
LATE: Final = timedelta(days=2)  # after its last day a plan is still spoken of as what happened
_COMPANY: Final = re.compile(
    r"\S{1,20}(?:랑|하고)\s|\bwith\s+\w+", re.IGNORECASE
)  # who was there says not what
_STATE: Final = frozenset({"상태"})
CLAUSES: Final = 8  # with a sign of an ending; nobody ends more at once
_TELL: Final = ("최근 일", "건강", "고민")  # keys of facts that may end others without any sign


@dataclass(frozen=True, slots=True)
class Ending:
    """A fact that is over, ``fact`` is its id; ``told`` is what its person said of it, as a note; or ""."""

    fact: int
    told: str = ""


@dataclass(frozen=True, slots=True)
class _Known:
    """The facts that a message may end, its day, and what it tells itself."""

    facts: tuple[Memory, ...]
    today: date
    told: tuple[Fact, ...]
    kinds: dict[int, frozenset[str]]
    values: dict[int, Wording]

    def of_kinds(self, kinds: frozenset[str]) -> list[Memory]:
        return [fact for fact in self.facts if self.kinds[fact.id] & kinds]

    def anew(self, fact: Memory) -> list[Fact]:
        """What the message tells in a fact's place."""
        kinds = self.kinds[fact.id]
        return [new for new in self.told if kinds_of(new) & kinds and new.value != fact.value]


def may_end(message: str, told: Sequence[Fact] = ()) -> bool:
    """Whether a message has any sign of an ending: most have none, and then nobody needs to look further."""
    return (
        CORRECTED.search(message) is not None
        or DOES_IT.search(message) is not None
        or any(sign.words.search(message) for sign in SIGNS)
        or any(canonical(fact.key) in _TELL for fact in told)
    )


def settled(
    message: str, known: Sequence[Memory], today: date, typed: Sequence[Fact], read: Sequence[Fact]
) -> list[tuple[Fact, tuple[int, ...]]]:
    """The facts to write, each with the ids of those that are over because of the message.

    What was ``read`` from it does not count where it is just the fact that is over; what is over without
    anything else having been told is news.
    """
    read = [*read, *put_right(message, known, [*typed, *read])]
    over = ended_by(message, known, today, [*typed, *read])
    ids = {each.fact for each in over}
    ended = [fact for fact in known if fact.id in ids]
    read = [fact for fact in read if not says_nothing(fact)]
    told = [*typed, *(fact for fact in read if not any(_repeats(fact, old) for old in ended))]
    note = next((each.told for each in over if each.told), "")
    if not told and note:
        told = [read_fact("최근 일" if ended[0].lang == "ko" else "recent event", note, "", today, NOTED)]
    heirs: dict[int, list[int]] = {}
    for old in ended if told else ():
        alike = (at for at, fact in enumerate(told) if kinds_of(fact) & kinds_of(old))
        heirs.setdefault(next(alike, 0), []).append(old.id)
    return [(fact, tuple(heirs.get(at, ()))) for at, fact in enumerate(told)]


def _repeats(new: Fact, old: Memory) -> bool:
    if is_plan(new.key) or canonical(new.key) != canonical(old.key):
        return False
    return relation(new.key, new.value, old.value) in (Relation.SAME, Relation.LESS)


def ended_by(
    message: str, facts: Iterable[Memory], today: date, told: Sequence[Fact] = ()
) -> list[Ending]:  # fmt: skip
    """The facts that count and that a message of ``today`` ends; ``told`` are those that it tells itself.

    A plan that is told again for the same day is not ended.
    """
    known = _known(facts, today, told)
    signs = [sign for sign in SIGNS if not (sign.beside and sign.beside.search(message))]
    found: dict[int, str] = {}
    telling = (each for each in statements(message) if may_end(each[0]))
    for clause, before in islice(telling, CLAUSES):
        for sign in signs:
            for fact in _of_sign(sign, clause, before, known):
                value = known.values[fact.id]
                found.setdefault(fact.id, note_of(sign, value, fact.lang, clause, message))
        for fact in known.facts if CORRECTED.search(clause) else ():
            if _corrected(fact, clause, known):
                found.setdefault(fact.id, "")
        for fact in known.of_kinds(_STATE) if DOES_IT.search(clause) else ():
            if _broken(fact.value, clause, before):
                found.setdefault(fact.id, clause[:MAX_VALUE])
    for fact in [*_happened(known), *_explained(message, known)]:
        found.setdefault(fact.id, "")
    for fact, over in _twins(known, found):
        found.setdefault(fact.id, found[over.id])
    return [Ending(fact, note) for fact, note in found.items()]


def _known(facts: Iterable[Memory], today: date, told: Sequence[Fact]) -> _Known:
    counting = (fact for fact in facts if fact.superseded_by is None)
    left = tuple(fact for fact in counting if not _again(fact, told))
    kinds = {fact.id: kinds_of(fact) for fact in left}
    values = {fact.id: Wording(fact.value) for fact in left}
    return _Known(left, today, tuple(told), kinds, values)


def _again(fact: Memory, told: Sequence[Fact]) -> bool:
    same = (new for new in told if is_plan(new.key) and is_plan(fact.key))
    return any((new.value, new.starts) == (fact.value, fact.starts) for new in same)


def _twins(known: _Known, found: dict[int, str]) -> list[tuple[Memory, Memory]]:
    """Plans for the days of one that is over, of the same matter: told twice, in other words."""
    plans = [fact for fact in known.facts if is_plan(fact.key) and fact.starts is not None]
    return [
        (fact, over) for over in plans if over.id in found for fact in plans
        if (fact.starts, fact.ends) == (over.starts, over.ends)
        and named(known.values[fact.id], known.values[over.id]) >= 1
    ]  # fmt: skip


def _of_sign(sign: Sign, clause: str, before: str, known: _Known) -> list[Memory]:
    """The facts that a clause ends by one sign."""
    match = sign.words.search(clause)
    if match is None or denied(clause, match) or (sign.apart and sign.apart.search(clause)):
        return []
    there = [fact for fact in known.of_kinds(sign.keys | sign.for_good) if _may(sign, fact, clause, known)]
    if sign.own and (people := others(clause)):
        there = [fact for fact in there if any(person in words(fact.value) for person in people)]
    kin = [KIN[name] for name in sign.kin if KIN[name][1].search(clause)]
    text = " ".join([clause, *(new.value for new in known.told)]) if sign.again else clause
    found = _best(known, there, text, kin, clause)
    if not found and not words(clause[: match.start()] + " " + clause[match.end() :]):
        found = _best(known, there, before)  # "그래서 관뒀어": what, stands before
    return found or _unnamed(sign, match, there, clause, known)


def _may(sign: Sign, fact: Memory, clause: str, known: _Known) -> bool:
    """Whether a sign can speak of a fact."""
    kinds = known.kinds[fact.id]
    lasting = kinds & sign.for_good and sign.lasting is not None and sign.lasting.search(clause)
    if not (kinds & sign.keys or lasting) or (sign.again and not known.anew(fact)):
        return False
    if sign.spares is not None and kinds & {"목표", "상태"} and sign.spares.search(fact.value):
        return False
    if not is_plan(fact.key):
        return True
    if fact.ends is not None and fact.ends < known.today - LATE:
        return False
    return not sign.due or (fact.starts is not None and fact.starts <= known.today)


def _unnamed(
    sign: Sign, match: re.Match[str], there: Sequence[Memory], clause: str, known: _Known
) -> list[Memory]:  # fmt: skip
    """What a sign means that needs no name, where it can be only one thing."""
    if sign.again:  # "changed to that": what is the only one of its kind
        told = {canonical(new.key) for new in known.told}
        kin = [f for f in there if canonical(f.key) in told]
        apart = [f for f in kin if not is_plan(f.key) or canonical(f.key) == "여행 계획"]
        return kin if len(kin) == len(apart) == 1 else []
    if sign.bare is None or not sign.bare.search(clause) or of_someone(clause, match):
        return []
    if "plan" in sign.bare_keys:
        named_another = words(clause[: match.start()] + " " + clause[match.end() :])
        there = [f for f in there if known.today in (f.starts, f.ends) and not named_another]
    there = [fact for fact in there if known.kinds[fact.id] & sign.bare_keys]
    if sign.bare_for is not None:
        there = [fact for fact in there if sign.bare_for.search(fact.value)]
    return list(there) if len(there) == 1 or sign.bare_keys & {"연인", "직업"} else []


def _best(
    known: _Known, there: Iterable[Memory], text: str, kin: Sequence[Kin] = (), clause: str = ""
) -> list[Memory]:
    """The facts that a text names most closely, and those of which it names every word.

    Of several that it cannot tell apart, the newest of a kind.
    """
    theirs, values = Wording(text), known.values
    scored = [(score, fact) for fact in there if (score := named(values[fact.id], theirs, kin, clause)) > 0]
    most = max((score for score, _ in scored), default=0.0)
    best: dict[str, Memory] = {}
    for score, fact in scored:
        kind = min(known.kinds[fact.id])
        if score == most and (kind not in best or fact.id > best[kind].id):
            best[kind] = fact
    whole = [fact for score, fact in scored if score == len(values[fact.id].matter)]
    return list({fact.id: fact for fact in [*best.values(), *whole]}.values())


def _corrected(fact: Memory, clause: str, known: _Known) -> bool:
    """Whether a clause puts a fact right, and the message tells what is so: "A 아니고 B", "not A"."""
    anew = known.anew(fact)
    for match in CORRECTED.finditer(clause) if anew else ():
        wrong = next(part for name, part in match.groupdict().items() if part and name != "but").casefold()
        besides = match["but"] and re.search(r"\S도\s", clause[match.end() :])  # "A 말고 B도"
        if besides or not words(wrong) or all(_has(new.value, wrong) for new in anew):
            continue
        if _has(fact.value, wrong) or fact.value.casefold() == wrong:
            return True
    return False


def _has(value: str, word: str) -> bool:
    return any(same(each, word) for each in words(value))


def _broken(value: str, clause: str, before: str) -> bool:
    """Whether somebody who gave something up did it again."""
    does = DOES_IT.search(clause)
    if does is None or not GIVEN_UP.search(value) or denied(clause, does) or by_another(clause):
        return False
    feeds = (KIN[name] for name in ("smoke", "drink", "diet"))
    return any(mine.search(value) and theirs.search(f"{before} {clause}") for mine, theirs in feeds)


def _happened(known: _Known) -> list[Memory]:
    """Plans of a day that has come and that are told as what happened."""
    plans = [
        fact for fact in known.facts if is_plan(fact.key) and fact.starts is not None
        and fact.starts <= known.today and (fact.ends is None or fact.ends >= known.today - LATE)
    ]  # fmt: skip
    news = (new.value for new in known.told if canonical(new.key) == "최근 일")
    return [fact for value in news for fact in _best(known, plans, _COMPANY.sub(" ", value))]


def _explained(message: str, known: _Known) -> list[Memory]:
    """Complaints that became another, or of which the message says what they are."""
    found: list[Memory] = []
    for new in known.told:
        key = canonical(new.key)
        if key not in ("건강", "고민"):
            continue
        like = [f for f in known.facts if canonical(f.key) == key and f.value != new.value]
        if CHANGED.search(message):
            found += _best(known, like, new.value)
        elif key == "건강" and FOUND_OUT.search(message):
            since = [fact for fact in like if known.today - fact.created.date() <= FRESH]
            found += since if len(since) == 1 else []
    return found
