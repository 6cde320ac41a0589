"""What a completion may be, token by token, so that labels and memory tags are valid by construction.

Constrained decoding (Willard and Louf, "Efficient Guided Generation for LLMs", 2023) for two small
languages: three expression labels, one of each axis; and ``[key: value]`` with a key of the closed
set, or nothing. Offsets chosen on development data move the balance between classes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import torch
from tokenizers import Tokenizer
from torch import Tensor

from core.memory import KEYS
from core.prompt import CONTROL_TOKENS, EYES_TOKENS, MOUTH_TOKENS, POSE_TOKENS, Task
from models.text.tokenizer import end_and_pad, token_id

OFFSETS = "offsets.json"


class Grammar(Protocol):
    """Says what may come next."""

    def bias(self, written: Sequence[int]) -> Tensor:
        """[vocabulary], to be added to the logits after the tokens ``written`` so far: minus infinity
        at what may not come."""
        ...


class FreeText:
    """Any text without control tokens."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        end, _ = end_and_pad(tokenizer)
        self._bias = _all_but(tokenizer, {token_id(tokenizer, t) for t in CONTROL_TOKENS} - {end})

    def bias(self, written: Sequence[int]) -> Tensor:
        """The same everywhere."""
        return self._bias


class Labels:
    """One label for the eyes, one for the mouth, one for the head, the end."""

    def __init__(self, tokenizer: Tokenizer, offsets: Mapping[str, float]) -> None:
        end, _ = end_and_pad(tokenizer)
        self._places = [_only(tokenizer, {token_id(tokenizer, t): offsets.get(t, 0.0) for t in axis})
                        for axis in (EYES_TOKENS, MOUTH_TOKENS, POSE_TOKENS)]  # fmt: skip
        self._places.append(_only(tokenizer, {end: 0.0}))

    def bias(self, written: Sequence[int]) -> Tensor:
        """The labels of the next axis."""
        return self._places[min(len(written), len(self._places) - 1)]


class MemoryTag:
    """``[key: value]`` with a known key, or the end at once.

    Args:
        tokenizer: of the model.
        nothing: what is added to the logit of telling nothing.
    """

    def __init__(self, tokenizer: Tokenizer, nothing: float = 0.0) -> None:
        end, _ = end_and_pad(tokenizer)
        keys = (key for lang in KEYS.values() for key in lang)
        self._keys = [tuple(tokenizer.encode(f"[{key}:").ids) for key in keys]
        # the separator must be a token of its own, or a value would change how its key is spelt
        self._starts = {path[0] for path in self._keys}
        (self._close,) = tokenizer.encode("]").ids
        texts = {i: tokenizer.decode([i]) for i in range(tokenizer.get_vocab_size())}
        control = {token_id(tokenizer, t) for t in CONTROL_TOKENS}
        inside = {i for i, text in texts.items() if i not in control and not set(text) & set("[]\n")}
        spaces = {i for i, text in texts.items() if not text.strip()}
        self._tokenizer = tokenizer
        self._start = _only(tokenizer, {end: nothing} | dict.fromkeys(self._starts, 0.0))
        self._first = _only(tokenizer, dict.fromkeys(inside, 0.0))
        self._value = _only(tokenizer, dict.fromkeys(inside | {self._close}, 0.0))
        self._blank = _only(tokenizer, dict.fromkeys(inside - spaces, 0.0))
        self._spaces = spaces
        self._end = _only(tokenizer, {end: 0.0})
        self._within: dict[tuple[int, ...], Tensor] = {}

    def bias(self, written: Sequence[int]) -> Tensor:
        """What may follow."""
        if not written:
            return self._start
        if written[-1] == self._close:
            return self._end
        key = next((path for path in self._keys if tuple(written[: len(path)]) == path), None)
        if key is None:
            return self._next_of_key(tuple(written))
        value = written[len(key) :]
        if not value:
            return self._first
        return self._blank if all(token in self._spaces for token in value) else self._value

    def _next_of_key(self, written: tuple[int, ...]) -> Tensor:
        if written not in self._within:
            n = len(written)
            following = {path[n] for path in self._keys if path[:n] == written and len(path) > n}
            self._within[written] = _only(self._tokenizer, dict.fromkeys(following, 0.0))
        return self._within[written]


def grammars(tokenizer: Tokenizer, offsets: Mapping[str, float]) -> dict[Task, Grammar]:
    """The language of every task's completions.

    Args:
        tokenizer: of the model.
        offsets: logits added to label tokens, and under "nothing" to telling no fact.
    """
    free = FreeText(tokenizer)
    return {
        Task.REPLY: free,
        Task.SUMMARY: free,
        Task.MEMORY: MemoryTag(tokenizer, offsets.get("nothing", 0.0)),
        Task.EXPRESSION: Labels(tokenizer, offsets),
    }


def read_offsets(folder: Path) -> dict[str, float]:
    """What was chosen on development data for the weights in ``folder``; {} where nothing was.

    Raises ValueError for a damaged file.
    """
    path = folder / OFFSETS
    if not path.is_file():
        return {}
    try:
        return {str(name): float(value) for name, value in json.loads(path.read_text()).items()}
    except (AttributeError, TypeError, ValueError) as err:
        raise ValueError(f"{path.name}: no numbers by name") from err


def _only(tokenizer: Tokenizer, allowed: Mapping[int, float]) -> Tensor:
    bias = torch.full((tokenizer.get_vocab_size(),), -torch.inf)
    bias[list(allowed)] = torch.tensor(list(allowed.values()))
    return bias


def _all_but(tokenizer: Tokenizer, forbidden: Iterable[int]) -> Tensor:
    bias = torch.zeros(tokenizer.get_vocab_size())
    bias[sorted(forbidden)] = -torch.inf
    return bias
