"""What decodes together: rows of many requests that join and leave between two steps.

Iteration-level scheduling (Yu et al., "Orca", OSDI 2022) for one small model: a request that arrives
while others are written waits for the step under way, not for their end, and a finished one leaves
at once. Rows are flush right in one cache; a mask hides the columns that are not a row's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional as F

from core.ports import Completion, GenerateRequest
from core.prompt import Task
from models.text.decoder import Cache, stacked
from models.text.grammar import Grammar

TOP_P = 0.9
MOST_LIKELY = 64  # tokens that may be drawn


@dataclass
class Sample:
    """One row: what it has written so far."""

    tokens: list[int] = field(default_factory=list)
    logprob: float = 0.0
    open: bool = True

    def take(self, token: int, logprob: float, end: int, longest: int) -> None:
        """Write a token; after the end nothing is written."""
        if self.open:
            self.tokens.append(token)
            self.logprob += logprob
            self.open = token != end and len(self.tokens) < longest


@dataclass
class Job:
    """A request under way under the number that its caller gave it, with its samples."""

    number: int
    request: GenerateRequest
    grammar: Grammar
    begun: tuple[int, ...] = ()  # tokens that every sample begins with
    samples: list[Sample] = field(init=False)

    def __post_init__(self) -> None:
        self.samples = [Sample([*self.begun]) for _ in range(self.request.n)]

    @property
    def finished(self) -> bool:
        """Whether as many samples have ended as were asked for."""
        ended = sum(not sample.open for sample in self.samples)
        return ended >= min(self.request.enough or len(self.samples), len(self.samples))

    def completions(self, tokenizer: Tokenizer, end: int) -> list[Completion]:
        """What was written."""
        out = []
        for sample in self.samples:
            ended = bool(sample.tokens) and sample.tokens[-1] == end
            tokens = sample.tokens[:-1] if ended else sample.tokens
            text = tokenizer.decode(tokens, skip_special_tokens=False).strip()
            whole = ended or self.request.task is Task.EXPRESSION
            out.append(Completion(text, sample.logprob / max(1, len(sample.tokens)), whole))
        return out


@dataclass
class Rows:
    """The state of all rows, one for each sample of the jobs, in their order.

    Attributes:
        mask: [rows, columns], true where a row may look.
        positions: [rows], of each row's last token.
        logits: [rows, vocabulary] for the next token, before the grammars' biases are added.
    """

    jobs: list[Job]
    cache: Cache
    mask: Tensor
    positions: Tensor
    logits: Tensor

    def __post_init__(self) -> None:
        self._refresh()

    def leave(self, jobs: Sequence[Job]) -> Tensor:
        """Take jobs out; the rows that stay, by their numbers before."""
        staying = torch.tensor([job not in jobs for job in self.jobs for _ in job.samples], dtype=torch.bool)
        rows = staying.nonzero()[:, 0]
        self.jobs = [job for job in self.jobs if job not in jobs]
        self.cache.select(rows)
        self.mask, self.positions = self.mask[rows], self.positions[rows]
        self.logits = self.logits[rows]
        self._refresh()
        return rows

    def draw(self, end: int) -> Tensor:
        """Sample the next token of every row: [rows]."""
        biases = [job.grammar.bias(sample.tokens) for job in self.jobs for sample in job.samples]
        tokens, chances = drawn(self.logits + torch.stack(biases), self._temperature)
        samples = ((job, sample) for job in self.jobs for sample in job.samples)
        for (job, sample), token, chance in zip(samples, tokens.tolist(), chances.tolist(), strict=True):
            sample.take(token, chance, end, job.request.max_tokens)
            for sure in job.grammar.rest(sample.tokens) if sample.open else ():
                sample.take(sure, 0.0, end, job.request.max_tokens)
        return tokens

    def _refresh(self) -> None:
        each = [job.request.temperature for job in self.jobs for _ in job.samples]
        self._temperature = torch.tensor(each)[:, None]

    @property
    def tasks(self) -> list[str]:
        """The task of every row."""
        return [job.request.task.value for job in self.jobs for _ in job.samples]


def drawn(logits: Tensor, temperature: Tensor) -> tuple[Tensor, Tensor]:
    """Nucleus sampling: tokens [rows] and their log-probabilities in nats, as the model sees them.

    Args:
        logits: [rows, vocabulary].
        temperature: [rows, 1]; 0 is greedy.
    """
    plain = torch.log_softmax(logits, dim=-1)
    tokens = logits.argmax(-1, keepdim=True)
    if temperature.any():  # else no random number is used up: replies can be repeated
        scaled = torch.softmax(logits / temperature.clamp_min(1e-4), dim=-1)
        ordered, order = scaled.topk(min(MOST_LIKELY, scaled.shape[-1]), dim=-1)
        ordered[(ordered.cumsum(-1) - ordered) > TOP_P] = 0.0
        sampled = order.gather(1, torch.multinomial(ordered, 1))
        tokens = torch.where(temperature > 0, sampled, tokens)
    return tokens[:, 0], plain.gather(1, tokens)[:, 0]


def joined(batches: Sequence[Rows]) -> Rows:
    """The rows of all, in one batch."""
    if len(batches) == 1:
        return batches[0]
    skips = [int(batch.mask.any(dim=0).int().argmax()) for batch in batches]  # columns that no row looks at
    cache = stacked([batch.cache for batch in batches], skips)
    masks = [batch.mask[:, skip:] for batch, skip in zip(batches, skips, strict=True)]
    return Rows(
        [job for batch in batches for job in batch.jobs],
        cache,
        torch.cat([F.pad(mask, (cache.length - mask.shape[1], 0)) for mask in masks]),
        torch.cat([batch.positions for batch in batches]),
        torch.cat([batch.logits for batch in batches]),
    )
