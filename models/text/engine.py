"""The local engine: samples completions of mixed tasks in one batch, on one thread.

Requests join between two decoding steps: each prompt is prefilled, its cache is repeated for the
samples, and all rows decode together until enough of a request have ended.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional as F

from core.ports import Completion, GenerateRequest
from core.prompt import Task
from models.runtime.loading import loading
from models.text.batch import Job, Rows, joined
from models.text.decoder import Decoder
from models.text.grammar import Grammars, read_offsets
from models.text.label_prior import FILE as LABELS
from models.text.label_prior import LabelPrior
from models.text.lora import AdapterMix, read_adapters
from models.text.tokenizer import end_and_pad, load_tokenizer


def _never() -> bool:
    return False


@dataclass
class TextEngine:
    """Base model, adapters and tokenizer; used by one thread at a time.

    A :class:`models.runtime.queue.Stepwise`: :meth:`join` and :meth:`step` again and again.
    """

    decoder: Decoder
    tokenizer: Tokenizer
    max_prompt: int = 400
    offsets: Mapping[str, float] = field(default_factory=dict)
    prior: LabelPrior | None = None
    _rows: Rows | None = None
    _tokens: Tensor | None = None  # drawn, and not yet fed
    _mix: AdapterMix = field(init=False)  # of the rows

    def __post_init__(self) -> None:
        self.end, self.pad = end_and_pad(self.tokenizer)
        self._grammars = Grammars(self.tokenizer, self.offsets, self.prior)

    @classmethod
    def load(cls, folder: Path) -> TextEngine:
        """The engine of a weights folder: base, ``adapters/<task>``, tokenizer.

        Raises ModelError naming what is missing or damaged.
        """
        with loading(f"text weights in {folder.name}"):
            adapters = read_adapters({task.value: folder / "adapters" / task.value for task in Task})
            decoder, tokenizer = Decoder.load(folder, adapters), load_tokenizer(folder)
            prior = LabelPrior.load(folder / LABELS)
            return cls(decoder, tokenizer, offsets=read_offsets(folder), prior=prior)

    def twin(self) -> TextEngine:
        """Another engine on the same weights, for another thread."""
        other = copy(self)
        other.clear()
        return other

    def count(self, text: str) -> int:
        """Tokens of a text."""
        return len(self.tokenizer.encode(text).ids)

    @torch.inference_mode()
    def nats(self, prompt: str, reply: str) -> tuple[float, int]:
        """How unlikely a given reply and its end are after a prompt of task ``reply``.

        Returns:
            Minus the natural logarithm of their probability, and how many tokens that were, the end
            included. Control tokens count as possible, though none is ever drawn.
        """
        before = self.tokenizer.encode(prompt).ids[-self.max_prompt :]
        given = [*self.tokenizer.encode(reply).ids, self.end]
        ids = torch.tensor([before + given[:-1]])
        width = ids.shape[1]
        look = torch.ones(1, 1, width, width, dtype=torch.bool).tril()
        mix, cache = self.decoder.mix([Task.REPLY.value]), self.decoder.cache(1, width)
        states = self.decoder.states(ids, torch.arange(width)[None], look, cache, mix)
        logits = self.decoder.logits(states[0, len(before) - 1 :])
        return float(F.cross_entropy(logits, torch.tensor(given), reduction="sum")), len(given)

    def run(self, requests: Sequence[GenerateRequest]) -> list[list[Completion]]:
        """Completions for every request, in order, when all are done."""
        self.join(list(enumerate(requests)))
        done: dict[int, list[Completion]] = {}
        while len(done) < len(requests):
            done |= dict(self.step())
        return [done[i] for i in range(len(requests))]

    @torch.inference_mode()
    def join(self, requests: Sequence[tuple[int, GenerateRequest]]) -> None:
        """Take requests in, each under a number of its own."""
        if not requests:
            return
        self._feed()
        new = [self._prefill(self._job(number, request)) for number, request in requests]
        self._rows = joined([self._rows, *new] if self._rows is not None else new)
        self._mix = self.decoder.mix(self._rows.tasks)

    @torch.inference_mode()
    def step(self, pause: Callable[[], bool] = _never) -> list[tuple[int, list[Completion]]]:
        """Decode until a request is done, or ``pause`` says so between two tokens: what is done."""
        done: list[Job] = []
        while self._rows is not None and not done:
            self._feed()
            self._tokens = self._rows.draw(self.end)
            done = [job for job in self._rows.jobs if job.finished]
            self._drop(done)
            if pause():
                break
        return [(job.number, job.completions(self.tokenizer, self.end)) for job in done]

    def leave(self, numbers: Sequence[int]) -> None:
        """Give requests up whose answer nobody waits for."""
        if self._rows is not None:
            self._drop([job for job in self._rows.jobs if job.number in numbers])

    def clear(self) -> None:
        """Give everything up."""
        self._rows = self._tokens = None

    def _drop(self, jobs: Sequence[Job]) -> None:
        if self._rows is None or not jobs:
            return
        if len(jobs) == len(self._rows.jobs):
            self.clear()
            return
        rows = self._rows.leave(jobs)
        self._tokens = None if self._tokens is None else self._tokens[rows]
        self._mix = self.decoder.mix(self._rows.tasks)

    def _feed(self) -> None:
        """Read the tokens drawn last: the next logits."""
        rows = self._rows
        if rows is None or self._tokens is None:
            return
        rows.mask = F.pad(rows.mask, (0, 1), value=True)
        rows.positions = rows.positions + 1
        rows.logits = self.decoder(
            self._tokens[:, None], rows.positions[:, None], rows.mask[:, None, None], rows.cache, self._mix
        )
        self._tokens = None

    def _job(self, number: int, request: GenerateRequest) -> Job:
        begun = tuple(self.tokenizer.encode(request.begun).ids) if request.begun else ()
        return Job(number, request, self._grammars.of(request.task, request.prompt, request.choices), begun)

    def _prefill(self, job: Job) -> Rows:
        """A request's rows after its prompt, which is read once for all its samples."""
        prompt = [*self.tokenizer.encode(job.request.prompt).ids[-self.max_prompt :], *job.begun]
        width, rows = len(prompt), torch.zeros(job.request.n, dtype=torch.long)
        mix = self.decoder.mix([job.request.task.value])
        cache = self.decoder.cache(1, width)
        look = torch.ones(1, 1, width, width, dtype=torch.bool).tril()
        logits = self.decoder(torch.tensor([prompt]), torch.arange(width)[None], look, cache, mix)[rows]
        cache.select(rows)
        mask = torch.ones(len(rows), width, dtype=torch.bool)
        return Rows([job], cache, mask, torch.full_like(rows, width - 1), logits)
