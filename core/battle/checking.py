"""Whether a comment fits the facts: who won, by how much, in which round, and every number.

It must tell the outcome in words that rules understand: what only hints at a winner cannot be checked. In
doubt it does not fit: there is another sample, and after that a line of her own.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from core.battle.claims import OPTUNA, THEM, US, WORDS, Named, Outcome, Who, clauses, named, outcomes
from core.battle.facts import Facts
from core.battle.game import FINALS, Rival
from core.battle.grades import Grade
from core.people import Lang
from core.release import Circumstances, may_show

LONGEST: Final = 220  # characters of a comment
_SHORTEST: Final = 4
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?(?:e-?\d+)?|\.\d+")
_ORDINAL: Final = re.compile(
    r"(?<![\d.])\d\s?(?:차(?!이)|라운드|번째|판)|\bround \d|\b(?:1st|2nd)\b|(?:exp_|f)\d+", re.IGNORECASE
)
_UNIT: Final = re.compile(r"\s?(%|점|에폭|에포크|epochs?|번|seeds?|runs?|trials?)?", re.IGNORECASE)
_HYPER: Final = re.compile(r"lr|learning rate|학습률|drop|드롭", re.IGNORECASE)
_OPTION: Final = re.compile(r"leaky|relu|adamw?|cosine|코사인|exp_\d+|sgd|rmsprop|momentum", re.IGNORECASE)
_APART: Final = re.compile(
    r"\s?(?:의|만큼|정도|포인트|점)*\s?차|\s?(?:gap|difference|margin|apart)", re.IGNORECASE
)
_BY: Final = re.compile(
    r"(?:\bby (?:a )?(?:huge |mere |whole )?|차이[는은가]? |gap of |difference of |margin of )$",
    re.IGNORECASE,
)
_VERSUS: Final = re.compile(r"\s?(?:대|vs\.?|to(?: your| my)?|:|-)\s?$", re.IGNORECASE)
_END: Final = -1  # the scope of the final scores, beside those of rounds, 0 and 1


@dataclass(frozen=True, slots=True)
class Number:
    """What a number in a text may stand for: a side's score in a scope, a difference, or something else."""

    kind: str
    scope: int | None


def contradiction(text: str, facts: Facts, now: datetime, before: tuple[str, ...] = ()) -> str | None:
    """The name of the first rule that a comment breaks; None when it may be said."""
    if not _SHORTEST <= len(text) <= LONGEST or not may_show(text, Circumstances(facts.lang, now, before)):
        return "release"
    words = WORDS[facts.lang]
    sign = facts.grade.sign
    if words.unfounded.search(text):
        return "unfounded"
    if facts.rival is not Rival.PERSON and (
        (sign <= 0 and words.glad_for_them.search(text)) or (sign >= 0 and words.sorry_for_them.search(text))
    ):
        return "feeling"
    options = {word for chosen in facts.chosen for word in map(str, asdict(chosen).values())}
    if any(not _among(match[0].lower(), options) for match in _OPTION.finditer(text)):
        return "option"
    ends = False
    for clause, asked in clauses(text, facts.lang):
        broken, told = _clause(clause, asked, facts)
        if broken is not None:
            return broken
        ends = ends or told
    return None if ends else "no outcome"


def _clause(clause: str, asked: bool, facts: Facts) -> tuple[str | None, bool]:
    """The rule that a clause breaks, and whether it tells the outcome."""
    words, who = WORDS[facts.lang], _who(facts)
    scopes = _scopes(clause, facts)
    if scopes is None:
        return "round", False
    found = list(outcomes(clause, who, facts.lang))
    if found and words.later.search(clause) and not re.search(r"[겼졌]|\b(?:won|lost|beat)\b", clause):
        found = []
    if found and (asked or words.doubtful.search(clause)):
        return "doubtful", False
    for grade in (facts.grade if scope == _END else facts.rounds[scope] for scope in scopes):
        if not all(_holds(outcome, grade) for outcome in found):
            return "outcome", False
        if not _degree_holds(clause, grade, facts.lang):
            return "degree", False
    return None if _numbers_hold(clause, scopes, facts, who) else "number", bool(found) and _END in scopes


def _who(facts: Facts) -> Who:
    return {Rival.LORA: US, Rival.OPTUNA: OPTUNA, Rival.PERSON: THEM}[facts.rival][facts.lang]


def _scopes(clause: str, facts: Facts) -> list[int] | None:
    """What a clause is about; None for a round that there was not."""
    words, found = WORDS[facts.lang], set()
    if words.first.search(clause):
        found.add(0)
    if words.second.search(clause):
        found.add(1)
    if words.both.search(clause):
        found |= {0, 1}
    if words.end.search(clause) or not found:
        found.add(_END)
    return sorted(found) if max(found) < len(facts.rounds) else None


def _holds(outcome: Outcome, grade: Grade) -> bool:
    if outcome.sign == 0:
        return grade is Grade.DRAW
    wanted = {"left": 1, "right": -1}.get(outcome.side or "", 0) * outcome.sign
    return wanted != 0 and wanted == grade.sign


def _degree_holds(clause: str, grade: Grade, lang: Lang) -> bool:
    words = WORDS[lang]
    narrow, big = (Grade.NARROW_WIN, Grade.NARROW_LOSS), (Grade.BIG_WIN, Grade.BIG_LOSS)
    if words.big.search(clause) and grade not in big:
        return False
    if words.narrow.search(clause) and grade not in narrow:
        return False
    return not words.close.search(clause) or grade in (*narrow, Grade.DRAW)


def _numbers_hold(clause: str, scopes: list[int], facts: Facts, who: Who) -> bool:
    """Whether every number is one of the facts, and of the side that it is said of."""
    plain = _ORDINAL.sub(lambda match: " " * len(match[0]), clause)
    people = named(clause, who, facts.lang)
    matches = list(_NUMBER.finditer(plain))
    for at, match in enumerate(matches):
        unit = (_UNIT.match(plain, match.end()) or [None, None])[1]
        meant = _meant(match[0], unit, plain, facts)
        meant = {each for each in meant if each.scope is None or each.scope in scopes}
        after = plain[match.end() :]
        if _APART.match(after) or _BY.search(plain[: match.start()]):
            meant = {each for each in meant if each.kind == "gap"}
        paired = at > 0 and _VERSUS.search(plain[matches[at - 1].end() : match.start()])
        if not paired:
            meant = _of_whom(match.start(), meant, people)
        elif not _fits(matches[at - 1][0], match[0], scopes, facts):
            return False
        if not meant:
            return False
    return True


def _of_whom(at: int, meant: set[Number], people: list[Named]) -> set[Number]:
    """Without the scores of the side that is not spoken of."""
    sides = [each for each in people if each.side != "neither" and not each.towards]
    before = [each for each in sides if each.at < at]
    speaks = before[-1] if before else sides[0] if sides else None
    if speaks is None:
        return meant
    return {each for each in meant if each.kind not in ("left", "right") or each.kind == speaks.side}


def _fits(one: str, other: str, scopes: list[int], facts: Facts) -> bool:
    """Whether two numbers that are set against each other are the scores of both sides."""
    kinds = [{n.kind for n in _meant(each, None, "", facts) if n.scope in scopes} for each in (one, other)]
    return any("left" in a and "right" in b for a, b in (kinds, kinds[::-1]))


def _meant(written: str, unit: str | None, clause: str, facts: Facts) -> set[Number]:
    """Everything that a number may stand for."""
    value, decimals = float(written), len(written.partition(".")[2])
    found: set[Number] = set()
    if unit and unit.lower() not in ("%", "점"):
        counts = {"번": {FINALS}, "run": {FINALS}, "seed": {FINALS}, "trial": {facts.trials}}
        allowed = counts.get(unit.lower().rstrip("s"), {*facts.epochs})
        return {Number("count", None)} if not decimals and value in allowed else found
    whole = 100.0 if unit else 1.0
    if unit or decimals >= 1:
        half = 0.5 * 10**-decimals + 1e-9
        for kind, scope, fact in facts.numbers():
            if abs(fact * whole - value) <= half:
                found.add(Number(kind, scope))
    if not unit and _HYPER.search(clause) and any(_near(value, each) for each in facts.settings()):
        found.add(Number("setting", None))
    return found


def _near(value: float, fact: float) -> bool:
    return abs(value - fact) <= 1e-6 * max(abs(fact), 1e-9) or (value > 0 and f"{fact:.2g}" == f"{value:.2g}")


def _among(word: str, options: set[str]) -> bool:
    word = {"코사인": "cosine", "leaky": "leaky_relu"}.get(word, word)
    return word in options or (word == "relu" and "leaky_relu" in options)
