"""What a completion may be, token by token, so that it is valid by construction.

Constrained decoding (Willard and Louf, "Efficient Guided Generation for LLMs", 2023) for small
languages: three expression labels, one of each axis; ``[key: value]`` with a key of the closed set, or
nothing; one of some given texts. Offsets chosen on development data move the balance between classes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from tokenizers import Tokenizer
from torch import Tensor

from core.memory import KEYS
from core.prompt import CONTROL_TOKENS, PromptParts, Task, parse_prompt
from models.text.label_prior import AXES_TOKENS, LabelPrior
from models.text.tokenizer import end_and_pad, token_id
from models.text.values import MessageWords, Vocabulary

OFFSETS = "offsets.json"


class Grammar(Protocol):
    """Says what may come next."""

    def bias(self, written: Sequence[int]) -> Tensor:
        """[vocabulary], to be added to the logits after the tokens ``written`` so far: minus infinity
        at what may not come."""
        ...

    def rest(self, written: Sequence[int]) -> Sequence[int]:
        """Everything up to the end where nothing else can follow; () where the model has a choice."""
        ...


def rests(paths: Iterable[tuple[int, ...]], written: Sequence[int]) -> list[tuple[int, ...]]:
    """How the paths that begin as written go on, without those that end there."""
    n, done = len(written), tuple(written)
    return [path[n:] for path in paths if path[:n] == done and len(path) > n]


class FreeText:
    """Any text without control tokens."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        end, _ = end_and_pad(tokenizer)
        self._bias = _all_but(tokenizer, {token_id(tokenizer, t) for t in CONTROL_TOKENS} - {end})

    def bias(self, written: Sequence[int]) -> Tensor:
        """The same everywhere."""
        return self._bias

    def rest(self, written: Sequence[int]) -> Sequence[int]:
        """There is always a choice."""
        return ()


class OneOf:
    """One of some texts: the model chooses its way wherever they part."""

    def __init__(self, tokenizer: Tokenizer, choices: Sequence[str]) -> None:
        end, _ = end_and_pad(tokenizer)
        self._tokenizer = tokenizer
        self._paths = list(dict.fromkeys((*tokenizer.encode(choice).ids, end) for choice in choices))

    def bias(self, written: Sequence[int]) -> Tensor:
        """What goes on one of the texts."""
        return _only(self._tokenizer, dict.fromkeys((left[0] for left in rests(self._paths, written)), 0.0))

    def rest(self, written: Sequence[int]) -> Sequence[int]:
        """What the one text that is left goes on with."""
        left = rests(self._paths, written)
        return left[0] if len(left) == 1 else ()


class Labels:
    """One label for the eyes, one for the mouth, one for the head, the end.

    Args:
        tokenizer: of the model.
        offsets: what is added to the logits of label tokens.
    """

    def __init__(self, tokenizer: Tokenizer, offsets: Mapping[str, float]) -> None:
        end, _ = end_and_pad(tokenizer)
        self._places = [_only(tokenizer, {token_id(tokenizer, t): offsets.get(t, 0.0) for t in axis})
                        for axis in AXES_TOKENS]  # fmt: skip
        self._places.append(_only(tokenizer, {end: 0.0}))
        self._end = end

    def bias(self, written: Sequence[int]) -> Tensor:
        """The labels of the next axis."""
        return self._places[min(len(written), len(self._places) - 1)]

    def rest(self, written: Sequence[int]) -> Sequence[int]:
        """The end after the last axis."""
        return (self._end,) if len(written) == len(self._places) - 1 else ()


class MemoryTags:
    """``[key: value]`` with a known key and words of the message, or the end at once.

    Made once for a tokenizer; :meth:`of` is the grammar for one message.

    Args:
        tokenizer: of the model.
        nothing: what is added to the logit of telling nothing.
    """

    def __init__(self, tokenizer: Tokenizer, nothing: float = 0.0) -> None:
        end, _ = end_and_pad(tokenizer)
        keys = (key for lang in KEYS.values() for key in lang)
        # the separator must be a token of its own, or a value would change how its key is spelt
        self.keys = [tuple(tokenizer.encode(f"[{key}:").ids) for key in keys]
        (self.close,) = tokenizer.encode("]").ids
        control = {token_id(tokenizer, t) for t in CONTROL_TOKENS}
        pieces = {i: piece for piece, i in tokenizer.get_vocab().items() if i not in control}
        self.vocabulary, self.tokenizer = Vocabulary(pieces), tokenizer
        self.start = _only(tokenizer, {end: nothing} | dict.fromkeys((path[0] for path in self.keys), 0.0))
        self.ending, self.end = end, _only(tokenizer, {end: 0.0})

    def of(self, message: str) -> Grammar:
        """What a memory of ``message`` may be."""
        return _MemoryTag(self, MessageWords(message))


@dataclass(frozen=True)
class _MemoryTag:
    tags: MemoryTags
    words: MessageWords

    def bias(self, written: Sequence[int]) -> Tensor:
        if not written:
            return self.tags.start
        if written[-1] == self.tags.close:
            return self.tags.end
        for path in self.tags.keys:
            if tuple(written[: len(path)]) == path:
                return self._value(written[len(path) :])
        return self._allow(left[0] for left in rests(self.tags.keys, written))

    def rest(self, written: Sequence[int]) -> Sequence[int]:
        """The end after the tag."""
        return (self.tags.ending,) if written and written[-1] == self.tags.close else ()

    def _value(self, value: Sequence[int]) -> Tensor:
        """More of the message's words; nothing but the end where these have none."""
        vocabulary = self.tags.vocabulary
        state = vocabulary.read(self.words, self.words.begin(), value)
        following = vocabulary.following(self.words, state)
        closes = self.words.may_end(state) or not following
        return self._allow([*following, *([self.tags.close] if closes else [])])

    def _allow(self, tokens: Iterable[int]) -> Tensor:
        return _only(self.tags.tokenizer, dict.fromkeys(tokens, 0.0))


class Grammars:
    """The language of every task's completions.

    Args:
        tokenizer: of the model.
        offsets: logits added to label tokens, and under "nothing" to telling no fact.
        prior: what the words of a reply say about its labels.
    """

    def __init__(
        self, tokenizer: Tokenizer, offsets: Mapping[str, float], prior: LabelPrior | None = None
    ) -> None:
        self._tokenizer, self._free = tokenizer, FreeText(tokenizer)
        self._offsets, self._prior = offsets, prior
        self._tags = MemoryTags(tokenizer, offsets.get("nothing", 0.0))

    def of(self, task: Task, prompt: str, choices: Sequence[str] = ()) -> Grammar:
        """What may follow a prompt of :func:`core.prompt.build_prompt`; ``choices``: these texts alone."""
        if choices:
            return OneOf(self._tokenizer, choices)
        match task:
            case Task.EXPRESSION:
                return self._labels(parse_prompt(prompt))
            case Task.MEMORY:
                return self._tags.of(parse_prompt(prompt).message)
            case Task.REPLY | Task.SUMMARY:
                return self._free

    def _labels(self, parts: PromptParts) -> Labels:
        offsets = dict(self._offsets)
        if self._prior is not None:
            for token, chance in self._prior.chances(parts.message, parts.reply).items():
                offsets[token] = offsets.get(token, 0.0) + chance
        return Labels(self._tokenizer, offsets)


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
