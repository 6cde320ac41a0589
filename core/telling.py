"""What a message tells about its person by the form of its sentences.

A small model misreads much; "X 살아" and "I'm allergic to X" need no model. What somebody else is, has or likes is
told under the name of what they are to the person, never as the person's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from core.facts import Fact, canonical
from core.instructions import is_instruction, own_words
from core.language import script_of
from core.memory import MAX_VALUE, fits, is_grounded
from core.naming import words
from core.people import Lang
from core.present import is_now
from core.retracting import retracted
from core.stating import Claim, claims, denied, hearsay, subject
from core.telling_en import FRAMES as FRAMES_EN
from core.telling_en import KINDS
from core.telling_ko import FRAMES as FRAMES_KO
from core.telling_ko import IN_TENS, IS, SEASONS, SUBJECTS, Frame
from core.telling_others import KIN, OTHERS
from core.telling_plans import felt, planned

FRAMES: Final[dict[Lang, tuple[Frame, ...]]] = {"ko": FRAMES_KO, "en": FRAMES_EN}
_LEADS: Final = re.compile(  # what stands before a value and is no part of it
    r"^(?:(?:나|난|나는|나도|내|내가|저|전|저는|저도|제가|제|우리|근데|그리고|그래서|아|어|참|사실|이제|지금|요즘|요새|올해|진짜|완전|그냥|혼자|계속|원래|로라야?|아니|음|오늘|어제|내일|드디어|결국|같은|또|너무|제일|엄청"
    r"|\S+(?:서|고|면|데|라|니까|지만|랑|하고|한테|에게))\s)+"
    r"|^(?:(?:the|a|an|some|my|our|to|just|this|that|really|so|very|on)\s+)+",
    re.IGNORECASE,
)
_TRAILS: Final = re.compile(
    r"\s+(?:the|a|an|of|in|at|on|to|and|by|so|too|lol|btw|is|my|for|with|w|now+|rn|bc|sm|fr|af|tho|though|much|lots|most|more|all|the\s+most|a\s+lot|so\s+much|very\s+much|the\s+best)$",
    re.IGNORECASE,
)


_BIRTHDAY: Final = re.compile(r"(?:(?:내|제)\s)?생일")
_FEAST: Final = re.compile(r"생일|미역국|케이크|촛불|\b(?:birthday|candles?|cake)\b", re.IGNORECASE)
_COUNTED: Final = r"(?:명|개|번|장|시|분|잔|판|도|조각|마리|원|권)"  # else it is a number of these
_TURNED: Final = (  # on a birthday; else "30 today" is the weather
    (
        "나이",
        re.compile(
            rf"^\W*오늘(?:로|부로)?\s(?:딱\s|드디어\s)?(?P<v>(?:\d{{2}}|{IN_TENS})(?:\s?[살세])?){IS}(?!\s?{_COUNTED})"
        ),
    ),
    ("age", re.compile(r"^\W*(?:officially\s|finally\s)?(?P<v>\d{2})\s(?:as\sof\s)?today\b", re.IGNORECASE)),
)
_MOVING: Final = re.compile(r"이사|\bmov(?:ed|ing)\b", re.IGNORECASE)
SURE: Final = 0.9  # confidence in what a sentence tells by its form
_ANY_TASTE: Final = ("좋아하는 것", "싫어하는 것", "likes", "dislikes")


def told(message: str) -> list[tuple[str, str]]:
    """The (key, value) that a message tells by its form, the first of each key."""
    found: dict[str, str] = {}
    feast = _FEAST.search(message) is not None
    for claim in claims(message):
        for key, value in (*_told_by(claim), *(_turned(claim) if feast else ())):
            if not retracted(value, message):
                found.setdefault(key, value)
    if "생일" in found:  # its day is told already
        found = {key: value for key, value in found.items() if not _BIRTHDAY.fullmatch(value)}
    own = own_words(message)
    return [
        (key, value) for key, value in found.items()
        if fits(key, value) and not is_instruction(key, value) and is_grounded(value, own)
    ]  # fmt: skip


def _told_by(claim: Claim) -> Iterator[tuple[str, str]]:
    if not claim.of and not hearsay(claim.text):
        yield from _framed(claim.text, script_of(claim.text) or "ko")
    yield from _of_others(claim)
    feeling = None if subject(claim.text) else felt(claim.text)
    if feeling and is_now("상태", feeling[1], claim.text):
        yield feeling
    if plan := planned(claim.text):
        yield plan


def _turned(claim: Claim) -> Iterator[tuple[str, str]]:
    """The age that somebody comes to today and says by its number alone."""
    for key, form in _TURNED:
        if not claim.of and (match := form.search(claim.text)):
            yield key, match["v"]


def _framed(clause: str, lang: Lang) -> Iterator[tuple[str, str]]:
    for frame in FRAMES[lang]:
        match = frame.form.search(clause)
        if match is None or denied(clause, match):
            continue
        value = trimmed(match["v"])
        if value and _may_be(frame, value):
            yield _key(frame.key, value, match), value


def _of_others(claim: Claim) -> Iterator[tuple[str, str]]:
    """What is told of somebody who is named by what they are to the person."""
    lang = script_of(claim.text) or "ko"
    kinds = ((who, key) for who in claim.of.split() for key, people in KIN[lang] if people.fullmatch(who))
    who, kind = next(kinds, ("", ""))
    if not kind or not subject(claim.text) or hearsay(claim.text):
        return
    for form, told_as in OTHERS[lang]:
        match = form.search(claim.text)
        if match is not None and not denied(claim.text, match) and (value := trimmed(match["v"])):
            yield kind, told_as.format(who=who.lower(), v=value)
            return


def _may_be(frame: Frame, value: str) -> bool:
    if frame.never is not None and frame.never.fullmatch(value):
        return False
    return (frame.only is None or frame.only.fullmatch(value) is not None) and len(value) <= MAX_VALUE


def trimmed(value: str) -> str:
    """A value without what stands around it in its sentence."""
    before = ""
    while value != before:
        before, value = value, _TRAILS.sub("", _LEADS.sub("", value.strip(" ,.!~"))).strip(" ,.!~")
    return value


def _key(key: str, value: str, match: re.Match[str]) -> str:
    """What is liked or disliked, by its kind."""
    if key == "favorite":
        return f"favorite {KINDS[match['kind'].lower()]}"
    likes, _, _ = key.partition(" ")
    if key in ("좋아하는 것", "싫어하는 것"):
        if SUBJECTS.fullmatch(value):
            return f"{likes} 과목"
        if likes == "좋아하는" and SEASONS.fullmatch(value):
            return "좋아하는 계절"
    return key


def joined(
    told: Sequence[tuple[str, str]], read: Sequence[tuple[str, str, float]]
) -> list[tuple[str, str, float]]:
    """What a message tells by its form and what a model read from it, each thing once.

    The form is surer, except of the kind of thing that is liked or disliked.
    """
    kinds = {canonical(key) for key, _ in told if key not in _ANY_TASTE}
    kept = [each for each in read if canonical(each[0]) not in kinds]
    if "사는 곳" in kinds:  # no news besides
        kept = [each for each in kept if not _MOVING.search(each[1])]
    kept = [each for each in kept if not any(k not in _ANY_TASTE and _share(v, each[1]) for k, v in told)]
    left = [
        (key, value, SURE) for key, value in told
        if key not in _ANY_TASTE or not any(_share(value, other) for _, other, _ in kept)
    ]  # fmt: skip
    return [*left, *kept]


def repeats(fact: Fact, typed: Sequence[Fact]) -> bool:
    """Whether a taste that was read is what the same message has typed as something closer."""
    return fact.key in _ANY_TASTE and any(_share(fact.value, each.value) for each in typed)


def _share(one: str, other: str) -> bool:
    return bool({*words(one)} & {*words(other)})
