"""An engine on larger models: any causal language model of the Hugging Face layout, with LoRA or without.

It takes the requests of the embedded engine, prompts included, and writes each for its own base.
Requests of one base and one adapter run together. Mixing adapters in a batch would slow every layer
(PEFT's adapter_names: half the speed of the base alone at eight rows), and hardly ever happens:
replies have a queue of their own, and expressions are chosen, not written.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor
from torch.nn import functional as F

from core.errors import ModelError
from core.language import script_of
from core.people import Lang
from core.ports import Completion, GenerateRequest
from core.prompt import Task, parse_prompt
from models.runtime.loading import loading
from models.text.batch import drawn
from models.text.constrained import ChoiceGrammar, MemoryGrammar, choose_labels
from models.text.hub_loading import HubModel, load_hub_model
from models.text.process import HubConfig
from models.text.rendering import Rendered, Template, prompt_ids, render, token_ids
from models.text.tokenizer import counting

ROOM: Final = 2  # a request counts in tokens of the embedded model; others need up to so many for Korean
LONGEST: Final = 2048  # tokens of a prompt; what is before them is not read
_NAME: Final = re.compile(r"^(?:### 답변:|(?:오?로라|(?:Oh-)?LoRA|Lora)\s*:)\s*")


@dataclass(frozen=True)
class Served:
    """What serves a task: a base, the adapter's name or None, and how prompts are written for it."""

    model: HubModel
    adapter: str | None
    template: Template


@dataclass
class Row:
    """One sample under way."""

    ask: Ask
    tokens: list[int] = field(default_factory=list)
    text: str = ""
    logprob: float = 0.0
    ended: bool = False  # by itself
    open: bool = True

    def take(self, token: int, logprob: float, served: HubModel) -> None:
        """Write a token, and see whether it ends the text."""
        self.tokens.append(token)
        self.logprob += logprob
        written = [t for t in self.tokens if t not in served.ends]
        text = served.tokenizer.decode(written, skip_special_tokens=True).lstrip()
        cuts = [at for stop in self.ask.rendered.stops if (at := text.find(stop)) >= 0]
        self.text = text[: min(cuts)] if cuts else text
        whole = self.ask.grammar is not None and not self.ask.grammar.allowed(self.tokens)
        self.ended = bool(cuts) or len(written) < len(self.tokens) or whole
        self.open = not self.ended and len(self.tokens) < self.ask.longest

    def completion(self) -> Completion:
        """What was written."""
        text = _NAME.sub("", self.text.strip()).strip()
        if self.ask.grammar is not None and text == self.ask.rendered.nothing:
            text = ""
        return Completion(text, self.logprob / max(1, len(self.tokens)), self.ended)


@dataclass(eq=False)
class Ask:
    """A request with its prompt as this model reads it."""

    request: GenerateRequest
    rendered: Rendered
    ids: list[int]
    grammar: MemoryGrammar | ChoiceGrammar | None = None
    rows: list[Row] = field(init=False)

    def __post_init__(self) -> None:
        self.rows = [Row(self) for _ in range(self.request.n)]

    @property
    def longest(self) -> int:
        """Tokens that may be written."""
        return ROOM * self.request.max_tokens

    def close(self) -> None:
        """Stop the other samples once enough have ended."""
        ended = sum(not row.open for row in self.rows)
        if ended >= min(self.request.enough or len(self.rows), len(self.rows)):
            for row in self.rows:
                row.open = False


@dataclass
class HubEngine:
    """Serves every task; a :class:`models.runtime.queue.Whole` runs it, from any thread.

    Args:
        served: what serves each task.
        keys: of memories, for each language, that a fact may be filed under.
    """

    served: Mapping[Task, Served]
    keys: Mapping[Lang, Sequence[str]] = field(default_factory=dict)
    _one: threading.Lock = field(default_factory=threading.Lock)  # the active adapter is the model's state

    @classmethod
    def load(cls, config: HubConfig, keys: Mapping[Lang, Sequence[str]]) -> HubEngine:
        """The engine of local folders. Raises ModelError naming what is missing, damaged or misfitting."""
        models = {}
        for base in dict.fromkeys(config.bases.values()):
            with loading(f"text model in {base}"):
                models[base] = load_hub_model(
                    base, config.adapters_on(base), dtype=config.dtype, device_map=config.device_map,
                    four_bit=config.four_bit,
                )  # fmt: skip
        served = {}
        for task, base in config.bases.items():
            model, adapter = models[base], task.value if task in config.adapters else None
            served[task] = Served(model, adapter, _template(config.template, model, adapter, base))
        return cls(served, keys)

    def count(self, text: str) -> int:
        """Tokens of a prompt, as the base of the replies has them."""
        return counting(self.served[Task.REPLY].model.tokenizer.backend_tokenizer)(text)

    @torch.inference_mode()
    def run(self, requests: Sequence[GenerateRequest]) -> list[list[Completion]]:
        """Completions for every request, in order. Raises ModelError for a prompt of another template."""
        groups: dict[tuple[int, str | None, bool], list[int]] = {}
        for i, request in enumerate(requests):
            served = self.served[request.task]
            key = (id(served.model), served.adapter, request.task is Task.EXPRESSION)
            groups.setdefault(key, []).append(i)
        out: dict[int, list[Completion]] = {}
        with self._one:
            for members in groups.values():
                out |= zip(members, self._together([requests[i] for i in members]), strict=True)
        return [out[i] for i in range(len(requests))]

    def _together(self, requests: Sequence[GenerateRequest]) -> list[list[Completion]]:
        """Requests of one base and one adapter."""
        served = self.served[requests[0].task]
        asks = [self._ask(request) for request in requests]
        with served.model.using(served.adapter):
            if requests[0].task is Task.EXPRESSION:
                model, tokenizer = served.model.model, served.model.tokenizer
                return [[choose_labels(model, tokenizer, a.ids, a.rendered)] * a.request.n for a in asks]
            write(served.model, asks)
        return [[row.completion() for row in ask.rows] for ask in asks]

    def _ask(self, request: GenerateRequest) -> Ask:
        served = self.served[request.task]
        tokenizer = served.model.tokenizer
        try:
            parts = parse_prompt(request.prompt)
        except ValueError as err:
            raise ModelError(str(err)) from err
        rendered = render(parts, served.template, tokenizer)
        grammar: MemoryGrammar | ChoiceGrammar | None = None
        if request.choices:
            texts = (rendered.lead + choice for choice in request.choices)
            grammar = ChoiceGrammar(tuple(tuple(token_ids(text, tokenizer)) for text in texts))
        elif parts.task is Task.MEMORY:
            keys = self.keys.get(script_of(parts.message) or "ko", ())
            grammar = MemoryGrammar.of(parts, rendered, keys, tokenizer, request.begun)
        ask = Ask(request, rendered, prompt_ids(rendered, tokenizer), grammar)
        ask.ids = ask.ids[-max(1, _places(served.model.model) - ask.longest) :]
        return ask


def _places(model: Any) -> int:
    """Tokens that prompt and completion may have together."""
    most = getattr(model.config, "max_position_embeddings", None) or LONGEST
    return int(min(most, LONGEST))


def _template(wanted: str, model: HubModel, adapter: str | None, base: Path) -> Template:
    """The template asked for; ``auto``: adapters are trained on plain text, instruction models on chats."""
    chats = bool(model.tokenizer.chat_template)
    if wanted == Template.CHAT and not chats:
        raise ModelError(f"text model in {base}: its tokenizer has no chat template; choose plain")
    if wanted != "auto":
        return Template(wanted)
    return Template.CHAT if chats and adapter is None else Template.PLAIN


def write(served: HubModel, asks: Sequence[Ask]) -> None:
    """Decode all rows together until enough samples of each request have ended."""
    cache, mask, logits = _read(served, [ask.ids for ask in asks])
    rows = [row for ask in asks for row in ask.rows]
    which = torch.tensor([i for i, ask in enumerate(asks) for _ in ask.rows], device=served.device)
    cache.batch_select_indices(which)
    mask, logits = mask[which], logits[which]
    while True:
        heat = torch.tensor([row.ask.request.temperature for row in rows], device=served.device)[:, None]
        tokens, chances = drawn(logits + _forbidden(rows, logits), heat)
        for row, token, chance in zip(rows, tokens.tolist(), chances.tolist(), strict=True):
            row.take(token, chance, served)
        for ask in asks:
            ask.close()
        if not any(row.open for row in rows):
            return
        if not all(row.open for row in rows):
            which = torch.tensor([i for i, row in enumerate(rows) if row.open], device=served.device)
            cache.batch_select_indices(which)
            mask, tokens, rows = mask[which], tokens[which], [row for row in rows if row.open]
        mask = F.pad(mask, (0, 1), value=1)
        out = served.model(
            tokens[:, None], attention_mask=mask, position_ids=mask.sum(-1, keepdim=True) - 1,
            past_key_values=cache, use_cache=True,
        )  # fmt: skip
        logits = out.logits[:, -1].float()


def _forbidden(rows: Sequence[Row], logits: Tensor) -> Tensor:
    """[rows, vocabulary], minus infinity where a row's grammar does not go on."""
    out = torch.zeros_like(logits)
    for i, row in enumerate(rows):
        if row.ask.grammar is not None:
            out[i] = -torch.inf
            out[i, row.ask.grammar.allowed(row.tokens)] = 0.0
    return out


def _read(served: HubModel, prompts: Sequence[Sequence[int]]) -> tuple[Any, Tensor, Tensor]:
    """Each prompt once: the cache, the mask [prompts, width] and the logits of the next token.

    Shorter prompts are filled up on the left, so that all end in the same column.
    """
    width = max(map(len, prompts))
    mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in prompts], device=served.device)
    ids = torch.tensor([[0] * (width - len(p)) + [*p] for p in prompts], device=served.device)
    positions = (mask.cumsum(-1) - 1).clamp_min(0)
    out = served.model(ids, attention_mask=mask, position_ids=positions, use_cache=True, logits_to_keep=1)
    return out.past_key_values, mask, out.logits[:, -1].float()
