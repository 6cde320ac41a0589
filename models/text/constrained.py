"""What a larger model may write where the project expects a closed form: labels, memory, given texts.

The embedded model has a token for each label and learnt to write tags; another one is held to them.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from core.memory import parse_tags
from core.ports import Completion
from core.prompt import AXES, PromptParts, label_token
from models.text.grammar import rests
from models.text.rendering import Rendered, token_ids


@dataclass(frozen=True)
class ChoiceGrammar:
    """One of some token sequences; :meth:`allowed` as of :class:`MemoryGrammar`."""

    paths: tuple[tuple[int, ...], ...]

    def allowed(self, written: Sequence[int]) -> list[int]:
        """Tokens that may follow what was written; none when it is whole."""
        return sorted({left[0] for left in rests(self.paths, written)})


@dataclass(frozen=True)
class MemoryGrammar:
    """The tokens of ``nothing``, or of ``[key:``, pieces of the message (each as often as there), ``]``.

    A piece is as few tokens as make whole characters: some vocabularies cut a syllable in three.

    :meth:`allowed` has the meaning of transformers' ``prefix_allowed_tokens_fn`` for one row, after
    the prompt; where nothing is allowed, the text is whole.
    """

    nothing: tuple[int, ...]
    openings: tuple[tuple[int, ...], ...]
    pieces: Counter[tuple[int, ...]]
    close: int

    @classmethod
    def of(
        cls, parts: PromptParts, rendered: Rendered, keys: Iterable[str], tokenizer: Any, begun: str = ""
    ) -> MemoryGrammar:
        """For one prompt: keys of its examples go before ``keys``; with ``begun`` nothing else may come."""
        near = [key for each in parts.exemplars for key, _ in parse_tags(each.reply)]
        begins = [begun] if begun else [f"[{key}:" for key in dict.fromkeys([*near, *keys])]
        openings = (token_ids(f"{rendered.lead}{text}", tokenizer) for text in begins)
        pieces: Counter[tuple[int, ...]] = Counter()
        for text in (parts.message, f" {parts.message}"):
            pieces |= Counter(_whole_characters(token_ids(text, tokenizer), tokenizer))
        nothing = () if begun else tuple(token_ids(rendered.lead + rendered.nothing, tokenizer))
        return cls(nothing, tuple(map(tuple, openings)), pieces, token_ids("]", tokenizer)[-1])

    def allowed(self, written: Sequence[int]) -> list[int]:
        """Tokens that may follow what was written; none when it is whole."""
        done = tuple(written)
        following = {left[0] for left in rests((self.nothing, *self.openings), done)}
        for path in self.openings:
            if done[: len(path)] == path:
                following |= self._value(done[len(path) :])
        return sorted(following)

    def _value(self, value: tuple[int, ...]) -> set[int]:
        if self.close in value:
            return set()
        used: Counter[tuple[int, ...]] = Counter()
        begun: tuple[int, ...] = ()
        for token in value:
            begun = (*begun, token)
            if begun in self.pieces:
                used[begun] += 1
                begun = ()
        at = len(begun)
        left = (piece for piece, n in self.pieces.items() if used[piece] < n and piece[:at] == begun)
        return {piece[at] for piece in left} | ({self.close} if used and not begun else set())


def _whole_characters(ids: Sequence[int], tokenizer: Any) -> Iterator[tuple[int, ...]]:
    """Tokens in groups that are whole characters, without those that would end a tag."""
    group: list[int] = []
    for token in ids:
        group.append(token)
        text = tokenizer.decode(group)
        if "\ufffd" not in text:
            if not set("[]:\n") & set(text):
                yield tuple(group)
            group = []


@dataclass
class _Reader:
    """One text, read piece by piece; ``last`` are log-probabilities of the next token, [vocabulary]."""

    model: Any
    cache: Any = None
    last: Tensor | None = None

    def read(self, ids: Sequence[int]) -> None:
        out = self.model(
            torch.tensor([list(ids)], device=self.model.device), past_key_values=self.cache, use_cache=True,
            logits_to_keep=1,
        )  # fmt: skip
        self.cache, self.last = out.past_key_values, out.logits[0, -1].float().log_softmax(-1)

    def chances(self, options: Sequence[Sequence[int]]) -> Tensor:
        """Log-probability of each option as what follows, [options]."""
        assert self.last is not None  # something was read  # noqa: S101
        sums = torch.stack([self.last[option[0]] for option in options])
        longest = max(map(len, options))
        if longest == 1:
            return sums
        cache = copy.deepcopy(self.cache)
        cache.batch_repeat_interleave(len(options))
        rows = [[*option, *[option[-1]] * (longest - len(option))] for option in options]
        ids = torch.tensor(rows, device=self.model.device)
        logits = self.model(ids[:, :-1], past_key_values=cache, use_cache=True).logits.float()
        each = logits.log_softmax(-1).gather(2, ids[:, 1:, None])[..., 0]
        lengths = torch.tensor([len(option) for option in options], device=each.device)
        inside = torch.arange(1, longest, device=each.device)[None] < lengths[:, None]
        return sums + (each * inside).sum(-1)


def choose_labels(model: Any, tokenizer: Any, prompt: Sequence[int], rendered: Rendered) -> Completion:
    """The likeliest label of each axis, one after another, as the project's label tokens.

    ``logprob`` is the mean over the axes of the label's log-probability among those of its axis.
    """
    reader, unread = _Reader(model), [*prompt]
    text, total = "", 0.0
    lead = rendered.lead
    for (axis, names), (before, labels) in zip(AXES.items(), rendered.labels, strict=True):
        reader.read([*unread, *token_ids(lead + before, tokenizer)])
        options = [token_ids(f" {label}", tokenizer) for label in labels]
        chances = F.log_softmax(reader.chances(options), dim=0)
        best = int(chances.argmax())
        text += label_token(axis, names[best])
        total += float(chances[best])
        unread, lead = options[best], ""
    return Completion(text, total / len(AXES), True)
