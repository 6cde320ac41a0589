"""Hyperparameters from what people write, in any order, Korean or English, or as JSON; and back again.

``lr=3e-4 drop=0,0.1,0.3 leaky cosine`` · ``학습률 0.001 드롭아웃 0.2 아담W 지수 95`` · ``{"lr": 0.001}``.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

from core.battle.hyperparameters import CHOICES, RANGES, Activation, Hyperparameters, Optimizer, Scheduler
from core.battle.vocabulary import DROPS, FIELDS, FILLERS, USUAL, VALUES
from core.errors import UserFacingError

LONGEST: Final = 500  # characters of a choice
DEFAULTS: Final = Hyperparameters(
    0.0, 0.1, 0.2, 1e-3, Activation.RELU, Optimizer.ADAM, Scheduler.EXP_95
)  # what is taken for what nobody named
EXAMPLE: Final = "lr=3e-4 drop=0,0.1,0.3 leaky adamw cosine"
EXAMPLES: Final = {  # how one field is written
    "lr": "lr=3e-4", "dropout_conv_earlier": "conv1=0.1", "dropout_conv_later": "conv2=0.1",
    "dropout_fc": "fc=0.3", "activation_func": "leaky_relu", "optimizer": "adamw", "scheduler": "cosine",
    "drop": "drop=0,0.1,0.3",
}  # fmt: skip
_SHOWN: Final = 24  # characters of what somebody wrote, in an answer
_CLOSE: Final = 0.75
_BARE_LR: Final = 0.05  # a number without a name that is smaller can only be a learning rate

_EXP: Final = re.compile(r"(?:exponential(?:lr)?|exp|지수)[\s_\-=:]*(?:0?\.(\d{1,2})|(\d{2}))(?![\d.])")
_NUMBER: Final = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:\s?[x*×]\s?10\s?\^?\s?[-+]?\d+|e[-+]?\d+)?(?:\s?%)?")
_TEN: Final = re.compile(r"\s?[x*×]\s?10\s?\^?\s?")
_GAP: Final = re.compile(r"[^\w가-힣%.+\-]+|[.+\-%_](?!\d)|_")
_WORD: Final = re.compile(r"[a-z_]+|[^\W\d_a-z]+|\S")
_DASHES: Final = str.maketrans("−–—﹣", "----")


@dataclass(frozen=True, slots=True)
class Parsed:
    """What somebody chose.

    ``assumed`` are the fields that they did not name, ``overruled`` those that they named again with
    another value: the last one counts.
    """

    hyperparameters: Hyperparameters
    assumed: tuple[str, ...] = ()
    overruled: tuple[str, ...] = ()


def parse(text: str) -> Parsed:
    """The choice that a text makes; what it does not name is as in :data:`DEFAULTS`.

    Raises UserFacingError, and nothing else, whatever the text is.
    """
    if len(text) > LONGEST:
        raise UserFacingError("battle_too_long", most=LONGEST)
    plain = _plain(text)
    document = _document(plain)
    return parse_fields(document) if document is not None else _Reading(plain).result()


def parse_fields(values: Mapping[str, Any]) -> Parsed:
    """The choice of a form or a JSON object, by names that :func:`parse` knows. Raises UserFacingError."""
    reading = _Reading("")
    for name, value in values.items():
        key = str(name).strip().casefold()
        target = FIELDS.get(key) or FIELDS.get(key.replace("_", " "))
        if target is None:
            raise _unknown(key)
        if value is None or value == "":
            continue
        reading.named(target, value)
    return reading.result()


def formatted(chosen: Hyperparameters) -> str:
    """A choice in the short form; :func:`parse` gives the very same one back."""
    drops = (chosen.dropout_conv_earlier, chosen.dropout_conv_later, chosen.dropout_fc)
    return (
        f"lr={chosen.lr!r} drop={','.join(map(repr, drops))} "
        f"{chosen.activation_func} {chosen.optimizer} {chosen.scheduler}"
    )


def shown(value: object) -> str:
    """What somebody wrote, short and without signs that a platform would act on."""
    plain = "".join(c for c in str(value) if c.isprintable() and c not in "`@<>*|~[]#")
    return plain if len(plain) <= _SHOWN else plain[: _SHOWN - 1] + "…"


def _plain(text: str) -> str:
    """Small letters of usual width; those that laugh (ㅋㅋ) stay as they are."""
    whole = unicodedata.normalize("NFC", text)
    letters = (c if "ㄱ" <= c <= "ㅣ" else unicodedata.normalize("NFKC", c) for c in whole)
    return "".join(letters).casefold().translate(_DASHES)


def _document(plain: str) -> Mapping[str, Any] | None:
    """The JSON object in a text; None where there is none, or where it is broken."""
    start, end = plain.find("{"), plain.rfind("}")
    if start < 0 or end < start:
        return None
    try:
        found = json.loads(plain[start : end + 1])
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _unknown(word: str) -> UserFacingError:
    known = {*FIELDS, *VALUES}
    near = get_close_matches(word, known, 1, _CLOSE)
    if near:
        return UserFacingError("battle_word_near", word=shown(word), near=near[0], example=EXAMPLE)
    return UserFacingError("battle_word", word=shown(word), example=EXAMPLE)


@dataclass
class _Reading:
    """Goes through a text from left to right."""

    text: str
    found: dict[str, Any] = field(default_factory=dict)
    overruled: list[str] = field(default_factory=list)
    any_word: bool = False
    _at: int = 0

    def result(self) -> Parsed:
        while self._skip():
            self._next()
        if not self.found and not self.any_word:
            raise UserFacingError("battle_nothing", example=EXAMPLE)
        names = (*RANGES, *CHOICES)
        values = {name: self.found.get(name, getattr(DEFAULTS, name)) for name in names}
        assumed = tuple(name for name in names if name not in self.found)
        return Parsed(Hyperparameters(**values), assumed, tuple(self.overruled))

    def named(self, target: str, value: object) -> None:
        """A field with the value that stands beside it in a document."""
        if target == DROPS:
            parts = value if isinstance(value, list | tuple) else str(value).replace(",", " ").split()
            self._drops([(str(part), _number(part)) for part in parts])
        elif target in CHOICES:
            self._choice(target, " ".join(str(value).casefold().split()))
        else:
            self._number(target, str(value), _number(value))

    def _skip(self) -> bool:
        """Go to what stands next; whether there is anything."""
        while match := _GAP.match(self.text, self._at):
            self._at = match.end()
        return self._at < len(self.text)

    def _next(self) -> None:
        if self._exponential("scheduler") or self._filler():
            return
        number = self._take_number()
        word = self._word() if number is None else ""
        if number is not None:
            self._bare(*number)
        elif word in FIELDS:
            self._field(FIELDS[word])
        elif word in VALUES:
            self._set(*VALUES[word])
        elif word in USUAL:
            self.any_word = True
        else:
            raise _unknown(word)

    def _field(self, target: str) -> None:
        """What a named field is set to."""
        while self._skip() and self._filler():
            pass
        if target in CHOICES:
            self._chosen(target)
        elif (number := self._take_number()) is None:
            raise UserFacingError("battle_missing", field=target, example=EXAMPLES[target])
        elif target == DROPS:
            self._drops([number, *self._more_numbers()])
        else:
            self._number(target, *number)

    def _chosen(self, target: str) -> None:
        if self._at >= len(self.text):
            raise UserFacingError("battle_missing", field=target, example=EXAMPLES[target])
        if self._exponential(target):
            return
        number = self._take_number()
        self._choice(target, self._word() if number is None else number[0])

    def _exponential(self, target: str) -> bool:
        """``exp_95``, ``exp 0.95``, ``지수 95``."""
        match = _EXP.match(self.text, self._at)
        if match is not None:
            self._at = match.end()
            self._choice(target, f"exp_{match[2] or match[1].ljust(2, '0')}")
        return match is not None

    def _filler(self) -> bool:
        match = _FILLER.match(self.text, self._at)
        if match is not None:
            self._at = match.end()
        return match is not None

    def _take_number(self) -> tuple[str, float] | None:
        match = _NUMBER.match(self.text, self._at)
        if match is None:
            return None
        self._at = match.end()
        return match[0], _number(match[0])

    def _word(self) -> str:
        """The longest known word that stands here, else the word as it is."""
        match = _KNOWN.match(self.text, self._at) or _WORD.match(self.text, self._at)
        word = match[0] if match else self.text[self._at]
        self._at += len(word)
        return word

    def _more_numbers(self) -> list[tuple[str, float]]:
        """At most two more numbers that follow at once."""
        found: list[tuple[str, float]] = []
        while len(found) < 2 and self._skip() and (number := self._take_number()) is not None:
            found.append(number)
        return found

    def _drops(self, numbers: list[tuple[str, float]]) -> None:
        """One number is for all three, two are for the convolutions and the rest."""
        if not 1 <= len(numbers) <= 3:
            raise UserFacingError("battle_missing", field=DROPS, example=EXAMPLES[DROPS])
        first, *rest = numbers
        three = [first, rest[0] if len(rest) == 2 else first, rest[-1] if rest else first]
        for name, number in zip(list(RANGES)[:3], three, strict=True):
            self._number(name, *number)

    def _bare(self, written: str, value: float) -> None:
        if not 0 < value < _BARE_LR or "lr" in self.found:
            raise UserFacingError("battle_bare", value=shown(written), example=EXAMPLE)
        self._number("lr", written, value)

    def _number(self, name: str, written: str, value: float) -> None:
        least, most = RANGES[name]
        if not least <= value <= most:  # NaN is in no range
            least_most = {"least": f"{least:g}".replace("e-0", "e-"), "most": f"{most:g}"}
            raise UserFacingError(
                f"battle_range_{name}", value=shown(written), example=EXAMPLES[name], **least_most
            )
        self._set(name, value + 0.0)  # no minus before a zero

    def _choice(self, name: str, written: str) -> None:
        target, value = VALUES.get(written) or VALUES.get(written.replace("_", " ")) or ("", "")
        try:
            if target != name:
                raise ValueError(written)
            self._set(name, CHOICES[name](value))
        except ValueError:
            raise _no_choice(name, written) from None

    def _set(self, name: str, value: Any) -> None:
        value = CHOICES[name](value) if name in CHOICES else value
        if self.found.get(name, value) != value and name not in self.overruled:
            self.overruled.append(name)
        self.found[name] = value


def _no_choice(name: str, written: str) -> UserFacingError:
    options = " · ".join(CHOICES[name])
    return UserFacingError(
        f"battle_choice_{name}", value=shown(written), options=options, example=EXAMPLES[name]
    )


def _number(value: object) -> float:
    """A number as somebody wrote it; NaN for what is none."""
    written = _TEN.sub("e", str(value).strip()) if isinstance(value, str) else value
    if isinstance(value, bool) or not isinstance(written, str | int | float):
        return math.nan
    try:
        if isinstance(written, str) and written.endswith("%"):
            return float(written[:-1]) / 100
        return float(written)
    except (ValueError, OverflowError):
        return math.nan


def _any(words: Iterable[str]) -> str:
    """Any of the words, the longest first; a Latin one is not the beginning of another."""
    longest = sorted(words, key=len, reverse=True)
    return "|".join(re.escape(word) + ("(?![a-z])" if word[-1].isascii() else "") for word in longest)


_KNOWN: Final = re.compile(_any({*FIELDS, *VALUES, *USUAL}))
_FILLER: Final = re.compile(f"(?:{_any(FILLERS)})+(?![가-힣])")
