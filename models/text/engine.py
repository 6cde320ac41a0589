"""The local engine: samples completions of mixed tasks in one batch, on one thread.

A batch is prefilled once for each distinct prompt (left-padded), the cache is repeated for the
samples of each request, and all rows decode together until enough of each request have ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional as F

from core.ports import Completion, GenerateRequest
from core.prompt import CONTROL_TOKENS, EYES_TOKENS, MOUTH_TOKENS, POSE_TOKENS, Task
from models.runtime.loading import loading
from models.text.decoder import Cache, Decoder
from models.text.lora import read_adapters
from models.text.tokenizer import end_and_pad, load_tokenizer, token_id

TOP_P = 0.9


@dataclass
class TextEngine:
    """Base model, adapters and tokenizer; :meth:`run` is called by one thread only."""

    decoder: Decoder
    tokenizer: Tokenizer
    max_prompt: int = 400

    def __post_init__(self) -> None:
        self.end, self.pad = end_and_pad(self.tokenizer)
        labels = {token_id(self.tokenizer, t) for t in (*EYES_TOKENS, *MOUTH_TOKENS, *POSE_TOKENS)}
        control = {token_id(self.tokenizer, t) for t in CONTROL_TOKENS} - {self.end}
        everything = set(range(self.tokenizer.get_vocab_size()))
        self._forbidden = {task: sorted(control) for task in Task}
        self._forbidden[Task.EXPRESSION] = sorted(everything - labels - {self.end})

    @classmethod
    def load(cls, folder: Path) -> TextEngine:
        """The engine of a weights folder: base, ``adapters/<task>``, tokenizer.

        Raises ModelError naming what is missing or damaged.
        """
        with loading(f"text weights in {folder.name}"):
            adapters = read_adapters({task.value: folder / "adapters" / task.value for task in Task})
            return cls(Decoder.load(folder, adapters), load_tokenizer(folder))

    def count(self, text: str) -> int:
        """Tokens of a text."""
        return len(self.tokenizer.encode(text).ids)

    @torch.inference_mode()
    def run(self, requests: Sequence[GenerateRequest]) -> list[list[Completion]]:
        """Completions for every request, in order."""
        counts = torch.tensor([r.n for r in requests])
        owner = torch.repeat_interleave(torch.arange(len(requests)), counts)
        logits, cache, mask, position = self._prefill(requests)
        rows = _Rows.start([requests[i] for i in owner.tolist()], owner.tolist(), self.end)
        cache.select(owner)
        self.decoder.mix.choose([r.task.value for r in rows.requests])
        logits, mask, position = logits[owner], mask[owner], position[owner]
        forbidden = self._forbid(rows.requests)
        while True:
            logits[forbidden] = -torch.inf
            tokens = rows.take(logits)
            if rows.finished():
                break
            mask = F.pad(mask, (0, 1), value=True)
            position = position + 1
            logits = self.decoder(tokens[:, None], position[:, None], mask[:, None, None], cache)
        done = [rows.completion(i, self.tokenizer) for i in range(len(owner))]
        return [[done[j] for j in range(len(owner)) if owner[j] == i] for i in range(len(requests))]

    def _forbid(self, requests: Sequence[GenerateRequest]) -> tuple[Tensor, Tensor]:
        pairs = [(row, token) for row, r in enumerate(requests) for token in self._forbidden[r.task]]
        rows, tokens = zip(*pairs, strict=True)
        return torch.tensor(rows), torch.tensor(tokens)

    def _prefill(self, requests: Sequence[GenerateRequest]) -> tuple[Tensor, Cache, Tensor, Tensor]:
        """Next-token logits, the cache, which of its columns hold tokens, and the last positions."""
        prompts = [self.tokenizer.encode(r.prompt).ids[-self.max_prompt :] for r in requests]
        width = max(map(len, prompts))
        ids = torch.full((len(prompts), width), self.pad)
        mask = torch.zeros(len(prompts), width, dtype=torch.bool)
        for row, prompt in enumerate(prompts):
            ids[row, width - len(prompt) :] = torch.tensor(prompt)
            mask[row, width - len(prompt) :] = True
        positions = (mask.cumsum(1) - 1).clamp_min(0)
        self.decoder.mix.choose([r.task.value for r in requests])
        cache = self.decoder.cache(len(prompts), width + max(r.max_tokens for r in requests))
        # Padding may look at everything before it: its output is never used, and a row of the mask
        # without a single true value would make it NaN.
        look = torch.ones(width, width, dtype=torch.bool).tril() & (mask[:, None] | ~mask[:, :, None])
        return self.decoder(ids, positions, look[:, None], cache), cache, mask, positions[:, -1]


@dataclass
class _Rows:
    """Sampling state of the rows that decode together."""

    requests: list[GenerateRequest]
    end: int
    tokens: list[list[int]]
    logprobs: list[float]
    open: Tensor
    groups: list[list[int]]  # the rows of each request

    @classmethod
    def start(cls, requests: list[GenerateRequest], owner: list[int], end: int) -> _Rows:
        groups = [[row for row, of in enumerate(owner) if of == i] for i in range(max(owner) + 1)]
        return cls(
            requests,
            end,
            [[] for _ in requests],
            [0.0] * len(requests),
            torch.ones(len(requests), dtype=torch.bool),
            groups,
        )

    def take(self, logits: Tensor) -> Tensor:
        """Sample the next token of every row (nucleus sampling; temperature 0 is greedy)."""
        plain = torch.log_softmax(logits, dim=-1)
        temperature = torch.tensor([r.temperature for r in self.requests])[:, None]
        scaled = torch.softmax(logits / temperature.clamp_min(1e-4), dim=-1)
        ordered, order = scaled.topk(min(64, scaled.shape[-1]), dim=-1)
        ordered[(ordered.cumsum(-1) - ordered) > TOP_P] = 0.0
        drawn = order.gather(1, torch.multinomial(ordered, 1))[:, 0]
        tokens = torch.where(temperature[:, 0] > 0, drawn, logits.argmax(-1))
        for row, token in enumerate(tokens.tolist()):
            if self.open[row]:
                self.logprobs[row] += float(plain[row, token])
                self.tokens[row].append(token)
                if token == self.end or len(self.tokens[row]) >= self.requests[row].max_tokens:
                    self.open[row] = False
        return tokens

    def finished(self) -> bool:
        """Whether every request has as many ended samples as it asked for."""
        still_open = self.open.tolist()
        for mine in self.groups:
            ended = sum(not still_open[row] for row in mine)
            if ended < min(self.requests[mine[0]].enough or len(mine), len(mine)):
                return False
        return True

    def completion(self, row: int, tokenizer: Tokenizer) -> Completion:
        tokens = self.tokens[row]
        ended = bool(tokens) and tokens[-1] == self.end
        text = tokenizer.decode(tokens[:-1] if ended else tokens, skip_special_tokens=False).strip()
        finished = ended or self.requests[row].task is Task.EXPRESSION
        return Completion(text, self.logprobs[row] / max(1, len(tokens)), finished)
