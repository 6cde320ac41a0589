"""What she is judged on: rows of the held-out splits, probes, and lines that people bring.

Lines are JSON objects, one each. One that cannot be used is a :class:`BadLine`, which says where and why,
never what stood there; the others are used all the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from core.memory import parse_tags
from core.people import Lang
from core.prompt import AXES, Exchange
from models.text.corpus_data import CORPUS_DIR, Row, dev_rows, sealed_rows, test_rows

T = TypeVar("T")

SPLITS: Final[dict[str, Callable[[], list[Row]]]] = {
    "dev": dev_rows, "test": test_rows, "sealed": sealed_rows
}  # fmt: skip
PROBES: Final = CORPUS_DIR / "probes"
KINDS: Final = ("persona", "refusal", "benign", "memory", "weekday")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A message with what stands around it.

    Attributes:
        lang: set by the person, None: by the message's script.
        locale: used where the message has no script.
        others: facts of another person in the same server; with them the person writes there, too.
        summary: one phrase about her reply before, as the summary adapter writes it.
        given: what the line or row says, for the record.
    """

    text: str
    lang: Lang | None = None
    locale: Lang | None = None
    history: tuple[Exchange, ...] = ()
    memories: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    summary: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Probe:
    """A message with a rule that says what a right reply has.

    Attributes:
        say: one of these must stand in the reply, whatever their case; empty where the kind has a rule.
        never: none of these may.
    """

    kind: str
    lang: Lang
    case: Case
    say: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Labelled:
    """A reply with its labels of eyes, mouth and pose, in this order."""

    text: str
    reply: str
    labels: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Telling:
    """A message with the tag of what it tells, '' for nothing."""

    case: Case
    memory: str


@dataclass(frozen=True, slots=True)
class Summed:
    """A reply with its summary."""

    text: str
    reply: str
    summary: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A message with the numbers, from 0, of the memories that bear on it; maybe none does."""

    text: str
    relevant: frozenset[int]


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is known of one person, and messages of that person."""

    memories: tuple[str, ...]
    queries: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts and how alike people find them, in [-1, 1]."""

    a: str
    b: str
    score: float


@dataclass(frozen=True, slots=True)
class BadLine:
    """Why a line cannot be used; ``number`` counts from 1."""

    number: int
    reason: str


def read_lines(path: Path, parse: Callable[[Mapping[str, Any]], T]) -> tuple[list[T], list[BadLine]]:
    """What ``parse`` makes of the lines of a file, and the lines it refused. Raises OSError.

    ``parse`` raises ValueError with a reason. Empty lines are passed over.
    """
    good: list[T] = []
    bad: list[BadLine] = []
    for number, line in enumerate(path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            good.append(parse(_object(line)))
        except ValueError as err:
            bad.append(BadLine(number, str(err)))
    return good, bad


def _object(line: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(line.decode())
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    except (ValueError, RecursionError):
        raise ValueError("not JSON") from None
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return found


def _text(fields: Mapping[str, Any], name: str, *, needed: bool = True) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str) or (needed and not value.strip()):
        raise ValueError(f"{name}: a text is missing" if value in ("", None) else f"{name}: not a text")
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise ValueError(f"{name}: half a character")
    return value


def _texts(fields: Mapping[str, Any], name: str, *, needed: bool = False) -> tuple[str, ...]:
    values = fields.get(name, [])
    if not isinstance(values, list) or (needed and not values):
        raise ValueError(f"{name}: not a list of texts")
    return tuple(_text({name: value}, name) for value in values)


def _tags(fields: Mapping[str, Any], name: str) -> tuple[str, ...]:
    tags = _texts(fields, name)
    if not all(parse_tags(tag) for tag in tags):
        raise ValueError(f"{name}: not [key: value]")
    return tags


def _lang(fields: Mapping[str, Any], *, needed: bool = False) -> Lang | None:
    value = fields.get("lang")
    if value not in ("ko", "en") and (needed or value is not None):
        raise ValueError("lang: neither ko nor en")
    return cast("Lang | None", value)


def _history(fields: Mapping[str, Any]) -> tuple[Exchange, ...]:
    turns = fields.get("history", [])
    if not isinstance(turns, list) or not all(isinstance(turn, dict) for turn in turns):
        raise ValueError("history: not a list of objects")
    return tuple(Exchange(_text(turn, "text"), _text(turn, "reply")) for turn in turns)


def read_case(fields: Mapping[str, Any]) -> Case:
    """``{text, history?, memories?, summary_in?, lang?}``. Raises ValueError."""
    return Case(
        text=_text(fields, "text"), lang=_lang(fields), history=_history(fields),
        memories=_tags(fields, "memories"), summary=_text(fields, "summary_in", needed=False), given=fields,
    )  # fmt: skip


def read_probe(fields: Mapping[str, Any]) -> Probe:
    """``{kind, lang, text, say?, not?, memories?, others?}``. Raises ValueError."""
    kind = fields.get("kind")
    if kind not in KINDS:
        raise ValueError(f"kind: none of {', '.join(KINDS)}")
    lang = cast("Lang", _lang(fields, needed=True))
    case = Case(
        text=_text(fields, "text"), locale=lang, memories=_tags(fields, "memories"),
        others=_tags(fields, "others"), given=fields,
    )  # fmt: skip
    say = _texts(fields, "say", needed=kind in ("persona", "memory"))
    return Probe(kind, lang, case, say, _texts(fields, "not"))


def read_labelled(fields: Mapping[str, Any]) -> Labelled:
    """``{reply, text?, eyes, mouth, pose}``. Raises ValueError."""
    for axis, labels in AXES.items():
        if fields.get(axis) not in labels:
            raise ValueError(f"{axis}: none of {', '.join(labels)}")
    labels = (fields["eyes"], fields["mouth"], fields["pose"])
    return Labelled(_text(fields, "text", needed=False), _text(fields, "reply"), labels)


def read_telling(fields: Mapping[str, Any]) -> Telling:
    """``{text, memory}`` and what :func:`read_case` knows. Raises ValueError."""
    if "memory" not in fields:
        raise ValueError("memory: missing; '' for none")
    memory = _text(fields, "memory", needed=False)
    if memory and not parse_tags(memory):
        raise ValueError("memory: not [key: value]")
    return Telling(read_case(fields), memory)


def read_summed(fields: Mapping[str, Any]) -> Summed:
    """``{text, reply, summary}``. Raises ValueError."""
    return Summed(_text(fields, "text"), _text(fields, "reply"), _text(fields, "summary"))


def read_remembered(fields: Mapping[str, Any]) -> Remembered:
    """``{memories: [text], queries: [{text, relevant: [number]}]}``. Raises ValueError."""
    memories, queries = _texts(fields, "memories", needed=True), fields.get("queries")
    if not isinstance(queries, list) or not queries or not all(isinstance(each, dict) for each in queries):
        raise ValueError("queries: not a list of objects")
    return Remembered(memories, tuple(_asked(each, len(memories)) for each in queries))


def _asked(fields: Mapping[str, Any], memories: int) -> Asked:
    numbers = fields.get("relevant")
    if not isinstance(numbers, list) or not all(type(i) is int and 0 <= i < memories for i in numbers):
        raise ValueError(f"relevant: not a list of numbers from 0 to {memories - 1}")
    return Asked(_text(fields, "text"), frozenset(numbers))


def read_pair(fields: Mapping[str, Any]) -> Pair:
    """``{a, b, score}``. Raises ValueError."""
    score = fields.get("score")
    if not isinstance(score, int | float) or isinstance(score, bool) or not -1 <= score <= 1:
        raise ValueError("score: not a number from -1 to 1")
    return Pair(_text(fields, "a"), _text(fields, "b"), float(score))


def case_of(row: Row) -> Case:
    """A held-out row, with the memory and the summary that stand before its message."""
    return Case(
        text=row.text, locale=row.lang, memories=(row.memory_in,) if row.memory_in else (),
        summary=row.summary_in,
        given={name: getattr(row, name) for name in ("lang", "topic", "text", "memory_in", "summary_in")},
    )  # fmt: skip


def chosen(found: Sequence[T], n: int, seed: int) -> list[T]:
    """``n`` of them drawn with ``seed``, in their order; all for n = 0."""
    from random import Random

    if not 0 < n < len(found):
        return list(found)
    return [found[i] for i in sorted(Random(seed).sample(range(len(found)), n))]


def labelled_of(row: Row) -> Labelled:
    """A held-out row's reply."""
    return Labelled(row.text, row.reply, (row.eyes, row.mouth, row.pose))


def telling_of(row: Row) -> Telling:
    """A held-out row's message."""
    return Telling(case_of(row), row.memory)


def summed_of(row: Row) -> Summed:
    """A held-out row's reply and what stands for it later."""
    return Summed(row.text, row.reply, row.summary)
