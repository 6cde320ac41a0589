"""Train the embedded language model: the base on all four tasks, then one LoRA adapter per task.

The base runs through two stages of one schedule: short copying (the row itself stands among the
exemplars), then grounded replies with nearest other rows. Adapters are PEFT LoRA (Hu et al., ICLR
2022) on all linear layers of the frozen base; only the completion is scored.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from peft import (
    LoraConfig,
    PeftModel,
    get_peft_model,
    get_peft_model_state_dict,
    set_peft_model_state_dict,
)
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional as F
from transformers import LlamaForCausalLM

from core.prompt import Task
from models.runtime.saving import save_whole
from models.text.induction import was_written, write_induction
from models.text.network import mini_config
from models.text.samples import Mix, Sample, SampleMaker
from models.text.tokenizer import end_and_pad

LORA_TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
WRITTEN_SPEED = 0.15  # of the learning rate, for weights that begin as a written circuit
Report = Callable[[int, dict[str, float]], None]
Encode = Callable[[Sample], tuple[list[int], list[int]]]  # token ids of prompt and completion


@dataclass(frozen=True)
class BaseTrainConfig:
    """Schedule of the base model; ``tokens`` is the padded size of one batch."""

    steps: int = 2600
    tokens: int = 1536
    lr: float = 1.5e-3
    warmup: int = 60
    copy_until: float = 0.3  # share of the steps in which copying oneself is frequent
    prompt_weight: float = 0.7  # weight of the prompt's own tokens in the loss, in every batch of
    prompt_until: float = 0.6  # ... this first share of the steps, and in every third one after it
    seed: int = 20031011
    threads: int = 1


@dataclass(frozen=True)
class AdapterTrainConfig:
    """Schedule of one adapter; ``alpha`` is that of LoRA as a multiple of its rank."""

    task: str = Task.REPLY
    steps: int = 2400
    tokens: int = 2048
    lr: float = 1e-3
    rank: int = 16
    alpha: float = 2.0
    targets: tuple[str, ...] | str = LORA_TARGETS
    seed: int = 20031011
    threads: int = 1


HUB_ADAPTER = AdapterTrainConfig(steps=1200, tokens=4096, lr=2e-4, rank=16, targets="all-linear")


def encoder(tokenizer: Tokenizer) -> Encode:
    """The project's own template in the tokens of the embedded model."""
    return lambda sample: (tokenizer.encode(sample.prompt).ids, tokenizer.encode(sample.completion).ids)


def collate(
    samples: Sequence[Sample], encode: Encode, pad: int, prompt_weight: float
) -> tuple[Tensor, Tensor]:
    """Token ids [B, T] right-padded, and the weight of each as a target [B, T] (padding 0)."""
    pairs = [encode(sample) for sample in samples]
    width = max(len(p) + len(c) for p, c in pairs)
    ids = torch.full((len(pairs), width), pad)
    weight = torch.zeros(len(pairs), width)
    for row, (p, c) in enumerate(pairs):
        ids[row, : len(p) + len(c)] = torch.tensor(p + c)
        weight[row, : len(p)] = prompt_weight
        weight[row, len(p) : len(p) + len(c)] = 1.0
    return ids, weight


def completion_loss(model: Any, ids: Tensor, weight: Tensor) -> tuple[Tensor, float]:
    """Weighted mean cross-entropy in nats, and that of full-weight tokens alone."""
    inner = model.get_base_model() if isinstance(model, PeftModel) else model
    hidden = inner.base_model(input_ids=ids[:, :-1]).last_hidden_state
    target, weight = ids[:, 1:], weight[:, 1:]
    chosen = weight > 0
    logits = inner.get_output_embeddings()(hidden[chosen]).float()
    each = F.cross_entropy(logits, target[chosen], reduction="none")
    w = weight[chosen]
    full = w == 1
    return (each * w).sum() / w.sum(), float(each[full].mean().detach())


def _batches(
    maker: SampleMaker,
    tasks: Sequence[tuple[Task, float]],
    tokens: int,
    mix: Callable[[], Mix],
    rng: random.Random,
) -> Iterator[list[Sample]]:
    """Endless lists of samples of about ``tokens`` tokens each, similar lengths together."""
    names, weights = zip(*tasks, strict=True)
    while True:
        drawn = []
        for _ in range(256):
            task = rng.choices(names, weights)[0]
            drawn.append(maker.of_task(task, rng.randrange(len(maker.rows)), mix(), rng))
        drawn.sort(key=lambda s: len(s.prompt) + len(s.completion))
        lists: list[list[Sample]] = []
        now: list[Sample] = []
        longest = 0
        for sample in drawn:
            length = max(longest, (len(sample.prompt) + len(sample.completion)) // 2 + 4)  # about: in tokens
            if now and length * (len(now) + 1) > tokens:
                lists.append(now)
                now, longest = [], 0
            now.append(sample)
            longest = max(longest, length)
        rng.shuffle(lists)
        yield from lists


class BaseTrainer:
    """The base model with its optimisers; resumable through :meth:`state` and :meth:`load`."""

    def __init__(self, config: BaseTrainConfig, tokenizer: Tokenizer) -> None:
        torch.manual_seed(config.seed)
        self.config, self.done = config, 0
        self.encode = encoder(tokenizer)
        self.end, self.pad = end_and_pad(tokenizer)
        self.model = LlamaForCausalLM(mini_config(tokenizer.get_vocab_size(), self.end, self.pad))
        write_induction(self.model, config.seed)
        named = list(self.model.named_parameters())
        matrices = [p for n, p in named if p.dim() == 2 and not was_written(n)]
        vectors = [p for n, p in named if p.dim() != 2]
        written = [p for n, p in named if p.dim() == 2 and was_written(n)]
        groups = [
            {"params": matrices, "speed": 1.0, "weight_decay": 0.05},
            {"params": vectors, "speed": 1.0, "weight_decay": 0.0},
            {"params": written, "speed": WRITTEN_SPEED, "weight_decay": 0.0},
        ]
        self.adam = torch.optim.AdamW(groups, config.lr, (0.9, 0.97))

    def state(self) -> dict[str, Any]:
        """Tensors and plain values only, loadable with ``weights_only=True``."""
        return {
            "done": self.done, "config": asdict(self.config), "model": self.model.state_dict(),
            "adam": self.adam.state_dict(),
        }  # fmt: skip

    def load(self, state: dict[str, Any]) -> None:
        """Continue where :meth:`state` was taken."""
        self.done = state["done"]
        self.model.load_state_dict(state["model"])
        self.adam.load_state_dict(state["adam"])

    def step(self, samples: Sequence[Sample]) -> dict[str, float]:
        """One optimiser step; learning rates warm up, then fall linearly over the last 60 %."""
        share = self.done / self.config.steps
        factor = min(1.0, (self.done + 1) / self.config.warmup, max(0.02, (1 - share) / 0.6))
        for group in self.adam.param_groups:
            group["lr"] = self.config.lr * group["speed"] * factor
        with_prompt = share < self.config.prompt_until or self.done % 3 == 0
        prompt_weight = self.config.prompt_weight if with_prompt else 0.0
        ids, weight = collate(samples, self.encode, self.pad, prompt_weight)
        loss, completion = completion_loss(self.model, ids, weight)
        self.model.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.adam.step()
        self.done += 1
        return {"loss": float(loss.detach()), "completion": completion, "tokens": float(ids.numel())}


def train_base(
    config: BaseTrainConfig,
    maker: SampleMaker,
    tokenizer: Tokenizer,
    checkpoint: Path,
    report: Report | None = None,
    save_every_s: float = 120.0,
) -> BaseTrainer:
    """Train to ``config.steps``, resuming ``checkpoint`` when it exists."""
    torch.set_num_threads(config.threads)
    trainer = BaseTrainer(config, tokenizer)
    if checkpoint.exists():
        trainer.load(torch.load(checkpoint, weights_only=True))
    rng = random.Random(config.seed + trainer.done)

    def mix() -> Mix:
        early = trainer.done < config.copy_until * config.steps
        if not early:
            return Mix()
        return Mix(reworded=0.0, self_copy=0.5, no_exemplars=0.25, turn_before=0.0, other_summary=0.1)

    tasks = [(Task.REPLY, 0.72), (Task.MEMORY, 0.12), (Task.SUMMARY, 0.1), (Task.EXPRESSION, 0.06)]
    _run(trainer, _batches(maker, tasks, config.tokens, mix, rng), checkpoint, report, save_every_s)
    trainer.model.eval()
    return trainer


class AdapterTrainer:
    """One LoRA adapter on a frozen base; resumable through :meth:`state` and :meth:`load`."""

    def __init__(self, config: AdapterTrainConfig, base: Any, encode: Encode, pad: int) -> None:
        torch.manual_seed(config.seed)
        self.config, self.encode, self.pad, self.done = config, encode, pad, 0
        targets = config.targets if isinstance(config.targets, str) else list(config.targets)
        lora = LoraConfig(
            r=config.rank, lora_alpha=int(config.alpha * config.rank), target_modules=targets,
            task_type="CAUSAL_LM",
        )  # fmt: skip
        self.model = get_peft_model(base, lora)
        self.model.train()
        self.adam = torch.optim.AdamW((p for p in self.model.parameters() if p.requires_grad), config.lr)

    def state(self) -> dict[str, Any]:
        """Tensors and plain values only, loadable with ``weights_only=True``."""
        return {
            "done": self.done, "config": asdict(self.config) | {"task": str(self.config.task)},
            "adam": self.adam.state_dict(), "model": get_peft_model_state_dict(self.model),
        }  # fmt: skip

    def load(self, state: dict[str, Any]) -> None:
        """Continue where :meth:`state` was taken."""
        self.done = state["done"]
        set_peft_model_state_dict(self.model, state["model"])
        self.adam.load_state_dict(state["adam"])

    def step(self, samples: Sequence[Sample]) -> dict[str, float]:
        """One optimiser step; the learning rate warms up for a tenth, then falls along a cosine."""
        share = (self.done + 1) / self.config.steps
        factor = min(10 * share, (1 + math.cos(math.pi * max(0.0, share - 0.1) / 0.9)) / 2)
        for group in self.adam.param_groups:
            group["lr"] = self.config.lr * max(0.01, factor)
        ids, weight = collate(samples, self.encode, self.pad, 0.0)
        loss, _ = completion_loss(self.model, ids.to(self.model.device), weight.to(self.model.device))
        self.adam.zero_grad(set_to_none=True)
        loss.backward()
        self.adam.step()
        self.done += 1
        return {"completion": float(loss.detach())}


def train_adapter(
    config: AdapterTrainConfig, base: Any, maker: SampleMaker, encode: Encode, pad: int,
    folder: Path, checkpoint: Path, report: Report | None = None,
) -> None:  # fmt: skip
    """Train one LoRA adapter on the frozen base, resuming ``checkpoint``, and save it as a PEFT folder.

    ``base`` is any causal language model of transformers; ``pad`` is a token that fills its batches.
    When it is done the checkpoint goes: it holds nothing that the folder does not.
    """
    torch.set_num_threads(config.threads)
    trainer = AdapterTrainer(config, base, encode, pad)
    if checkpoint.exists():
        trainer.load(torch.load(checkpoint, weights_only=True))
    rng = random.Random(config.seed + trainer.done)
    stream = _batches(maker, [(Task(config.task), 1.0)], config.tokens, Mix, rng)
    _run(trainer, stream, checkpoint, report)
    for parameter in (p for p in trainer.model.parameters() if p.requires_grad):
        parameter.data = parameter.data.half()  # what is lost is noise, and the files are half as large
    trainer.model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)  # a template; the model card lies one folder up
    checkpoint.unlink(missing_ok=True)


def _run(
    trainer: BaseTrainer | AdapterTrainer, stream: Iterable[list[Sample]], checkpoint: Path,
    report: Report | None, save_every_s: float = 120.0,
) -> None:  # fmt: skip
    """Steps until the trainer's number is reached, with a checkpoint every so often and at the end."""
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    saved = time.monotonic()
    for samples in stream:
        if trainer.done >= trainer.config.steps:
            break
        losses = trainer.step(samples)
        if report:
            report(trainer.done, losses)
        if time.monotonic() - saved > save_every_s or trainer.done == trainer.config.steps:
            save_whole(trainer.state(), checkpoint)
            saved = time.monotonic()
