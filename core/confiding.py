"""Messages that only say something about their person, and what answers them.

"I live in Seoul" and "where do you live" have nearly the same words; what is asked of her must not be taken
from words alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from core.facts import canonical
from core.instructions import uncited
from core.memory import is_grounded, value_of
from core.naming import Wording, words
from core.phrases_told import KINDS
from core.ports import Exemplar, Nature
from core.righting import taken_back
from core.stating import asked, claims, first_person
from core.telling import told

_FOR_HER: Final = re.compile(  # she is spoken of, or is to do something
    r"(?<![가-힣])(?:너|넌|널|너[는도의랑한를희네]\S*|네(?!\s(?:저|제|전)(?:\s|는|가|도))|니|네가|니가|당신\S*|자네\S*|그쪽\S*|누님\S*|오?로라(?:[는가도의랑]|한테|에게|\s씨|\s님)?)(?=[\s,.!~ㅋㅎ]|$)"
    r"|[가-힣](?:줘|줄래|주라|주세요|봐봐|해봐|해라|하자|할래|지\s?마(?:라|세요)?)(?:요)?\W*[ㅋㅎㅠㅜ]*$|궁금|혹시"
    r"|\b(?:you(?:rs?|rself|'\w+)?|u|ur|urs|lora)\b|\b(?:tell|guess|let|give|help|show|teach)\s+me\b|\bwonder|\bcurious|\blet'?s\b",
    re.IGNORECASE,
)
_COUNT: Final = re.compile(
    r"\d+|(?<![가-힣])(?:두|세|네|다섯|여섯|일곱|여덟|아홉|열)(?=\s?(?:마리|명|살|개|년|번|달|시간))"
)
_CORRECTS: Final = re.compile(
    r"아니(?:에요|예요|야|고|라(?!니))|아닌데|아님|말고|틀렸|잘못\s?[알적]|\bnot\s+(?:an?|the|my|in|from)\b|\bactually\b|\bi\s+meant\b",
    re.IGNORECASE,
)
_MENDS: Final = re.compile(
    r"고[쳐치친쳤칠]|바꿨|바꿔|정정|헷갈|다시\s?(?:적|써|외|기억)|\b(?:fix\w*|correct\w*|mix-?up|my\s+bad|rewr\w+|swapp\w+|changed\s+it)\b",
    re.IGNORECASE,
)
_YES_OR_NO: Final = re.compile(r"\W*(?:no|nope|nah|yes|yep|yeah|아니|응|어)[,!.…]", re.IGNORECASE)
_PARTS: Final = re.compile(r"[.!~…\n]+|,\s+")


def asks(text: str) -> bool:
    """Whether a text asks something, with or without a question mark."""
    return "?" in text or any(asked(part) for part in _PARTS.split(text) if part.strip())


def confides(message: str) -> bool:
    """Whether a message tells of its person, and neither asks anything nor speaks of her."""
    text = uncited(message)
    if taken_back(message)[0]:
        return True
    if asks(text) or _FOR_HER.search(text):
        return False
    return any(not claim.of and first_person(claim.text) for claim in claims(message)) or bool(told(message))


def fitting(near: Sequence[Exemplar], message: str, nature: Nature | None = None) -> list[Exemplar]:
    """Those of some exchanges that :func:`answers`; where none does, those that ask nothing, or all."""
    thing = _thing(message, nature)
    fit = [each for each in near if _answers(each, message, thing)]
    return fit or [each for each in near if not asks(each.exchange.text)] or [*near]


def unmended(near: Sequence[Exemplar], message: str) -> str:
    """What a correction puts in the place of a word, where none of some exchanges answers it; else ""."""
    right, thing = taken_back(message)[1], _thing(message, None)
    return "" if any(_answers(each, message, thing) for each in near) else right


def unanswered(
    near: Sequence[Exemplar], message: str, nature: Nature | None = None
) -> tuple[str, dict[str, str]] | None:
    """The key of the phrases for the fact that a message confides, with its value where that is known.

    None where one of some exchanges answers it.
    """
    thing = _thing(message, nature)
    if thing is None or any(_answers(each, message, thing) for each in near):
        return None
    key, value = thing
    return (KINDS[canonical(key)], {"value": value}) if value else ("told_more", {})


def answers(exemplar: Exemplar, message: str, nature: Nature | None = None) -> bool:
    """Whether the reply of an exchange can answer a message that confides something.

    A correction is answered by what mends. What answered a question or a correction, speaks of another thing
    than the message, or names what only the exchange's own message told, cannot.
    """
    return _answers(exemplar, message, _thing(message, nature))


def _answers(exemplar: Exemplar, message: str, thing: tuple[str, str] | None) -> bool:
    """The same, where it is known what the message tells: it is asked of every exchange near it."""
    text, reply = exemplar.exchange.text, f"{exemplar.exchange.reply} {exemplar.reworded}"
    if asks(text) or _YES_OR_NO.match(reply) or (exemplar.exact and not confides(text)):
        return False
    corrects = _CORRECTS.search(text) is not None
    if corrects != bool(taken_back(message)[0]) or (corrects and not _MENDS.search(reply)):
        return False
    return _of_same(exemplar, message, thing) and _matter(text) & _matter(reply) <= _matter(message)


def _thing(message: str, nature: Nature | None) -> tuple[str, str] | None:
    """The (key, value) of a message that tells nothing but what its person does, has or likes, or where.

    The value is "" where only the nature of the message says so.
    """
    if len(claims(message)) != 1 or not confides(message) or taken_back(message)[0]:
        return None
    found = [*told(message), *([(nature.key, "")] if nature is not None else [])]
    return next((each for each in found if canonical(each[0]) in KINDS), None)


def _of_same(exemplar: Exemplar, message: str, thing: tuple[str, str] | None) -> bool:
    """Whether an exchange is about the thing that a message tells, as far as either names one.

    Its reply may speak of swimming without a word of it ("kicking or crawl?"), so that what its own person
    told says what it is about.
    """
    value = value_of(exemplar.memory)
    kind = KINDS.get(canonical(exemplar.memory[1:-1].partition(":")[0]), "")
    same = is_grounded(value, message) and all(is_grounded(word, message) for word in words(value))
    if thing is None:
        return same or not kind or bool(taken_back(message)[0])
    if value and (not same or kind != KINDS[canonical(thing[0])]):
        return False
    text = exemplar.exchange.text
    return _mostly(text, message) and (bool(value) or (not thing[1] and _mostly(message, text)))


def _mostly(text: str, other: str) -> bool:
    """Whether another text says at least half of the words of one."""
    own = words(text)
    return 2 * sum(is_grounded(word, other) for word in own) >= len(own)


def _matter(text: str) -> set[str]:
    """Parts of what a text names and counts."""
    return {*(part for part in Wording(text).traits if len(part) > 1), *_COUNT.findall(text)}
