"""Training goes on where it was stopped, and what it leaves is what is served."""

from __future__ import annotations

import random
from itertools import islice
from pathlib import Path

import pytest
import torch

from core.prompt import END, PromptParts, Task, build_prompt
from models.text.engine import TextEngine
from models.text.exemplars import ExemplarIndex
from models.text.filling import Slots
from models.text.network import load_int8
from models.text.samples import Mix, Sample, SampleMaker
from models.text.train import AdapterTrainConfig, AdapterTrainer, _batches, collate, train_adapter
from tests.models.tiny import Tiny, make_tiny, row

ROWS = [
    row("나 내일 시험 봐", "파이팅!", memory="[내일 일정: 시험]"),
    row("안녕 로라야", "안녕!"),
    row("hello", "hi!"),
]


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    return make_tiny(tmp_path / "text")


@pytest.fixture
def maker() -> SampleMaker:
    return SampleMaker(ROWS, ExemplarIndex(ROWS), Slots({"ko": {}, "en": {}}))


def samples(text: str = "나 내일 시험 봐", tag: str = "[내일 일정: 시험]") -> list[Sample]:
    return [Sample(build_prompt(PromptParts(Task.MEMORY, text)), tag + END)]


def test_a_resumed_adapter_learns_as_if_it_had_not_stopped(tiny: Tiny) -> None:
    config = AdapterTrainConfig(task=Task.MEMORY, steps=10, rank=2, lr=0.05)

    def trainer() -> AdapterTrainer:
        return AdapterTrainer(config, load_int8(tiny.folder), tiny.tokenizer)

    whole, first, second = trainer(), trainer(), trainer()
    losses = [whole.step(samples())["completion"] for _ in range(6)]
    halves = [first.step(samples())["completion"] for _ in range(3)]
    second.load(first.state())
    halves += [second.step(samples())["completion"] for _ in range(3)]
    assert halves == pytest.approx(losses, abs=1e-5)
    assert losses[-1] < losses[0] and second.done == 6


def test_a_checkpoint_is_resumed_and_goes_when_all_is_done(tiny: Tiny, maker: SampleMaker) -> None:
    checkpoint, folder = tiny.folder / "memory.pt", tiny.folder / "adapters" / "memory"
    config = AdapterTrainConfig(task=Task.MEMORY, steps=3, rank=2, tokens=200)
    stopped = AdapterTrainer(config, load_int8(tiny.folder), tiny.tokenizer)
    stopped.step(samples())
    torch.save(stopped.state(), checkpoint)
    seen: list[int] = []
    train_adapter(
        config, load_int8(tiny.folder), maker, tiny.tokenizer, folder, checkpoint,
        lambda step, losses: seen.append(step),
    )  # fmt: skip
    assert seen == [2, 3] and not checkpoint.exists()
    assert TextEngine.load(tiny.folder).count("안녕") > 0


def test_only_completions_are_learnt_by_an_adapter(tiny: Tiny) -> None:
    (sample,) = samples()
    ids, weight = collate([sample], tiny.tokenizer, 0, 0.0)
    kept = ids[0][weight[0] > 0].tolist()
    assert tiny.tokenizer.decode(kept, skip_special_tokens=False) == sample.completion


def test_batches_keep_to_their_size(maker: SampleMaker) -> None:
    tasks = [(task, 1.0) for task in Task]
    for batch in islice(_batches(maker, tasks, 120, Mix, random.Random(0)), 50):
        longest = max(len(s.prompt) + len(s.completion) for s in batch) // 2 + 4
        assert len(batch) == 1 or longest * len(batch) <= 120
