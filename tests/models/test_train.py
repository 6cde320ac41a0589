"""Training goes on where it was stopped, and what it leaves is what is served."""

from __future__ import annotations

import random
from itertools import islice
from pathlib import Path

import pytest
import torch

from core.prompt import END, PromptParts, Task, build_prompt
from models.text import make
from models.text.engine import TextEngine
from models.text.exemplars import ExemplarIndex
from models.text.filling import Slots
from models.text.hub_loading import load_hub_model
from models.text.network import load_int8
from models.text.samples import Mix, Sample, SampleMaker
from models.text.train import AdapterTrainConfig, AdapterTrainer, _batches, collate, encoder, train_adapter
from tests.models.tiny import Tiny, make_tiny, row
from tests.models.tiny_hub import make_base

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
        return AdapterTrainer(config, load_int8(tiny.folder), encoder(tiny.tokenizer), 0)

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
    stopped = AdapterTrainer(config, load_int8(tiny.folder), encoder(tiny.tokenizer), 0)
    stopped.step(samples())
    torch.save(stopped.state(), checkpoint)
    seen: list[int] = []
    train_adapter(
        config, load_int8(tiny.folder), maker, encoder(tiny.tokenizer), 0, folder, checkpoint,
        lambda step, losses: seen.append(step),
    )  # fmt: skip
    assert seen == [2, 3] and not checkpoint.exists()
    assert TextEngine.load(tiny.folder).count("안녕") > 0


def test_only_completions_are_learnt_by_an_adapter(tiny: Tiny) -> None:
    (sample,) = samples()
    ids, weight = collate([sample], encoder(tiny.tokenizer), 0, 0.0)
    kept = ids[0][weight[0] > 0].tolist()
    assert tiny.tokenizer.decode(kept, skip_special_tokens=False) == sample.completion


def test_batches_keep_to_their_size(maker: SampleMaker) -> None:
    tasks = [(task, 1.0) for task in Task]
    for batch in islice(_batches(maker, tasks, 120, Mix, random.Random(0)), 50):
        longest = max(len(s.prompt) + len(s.completion) for s in batch) // 2 + 4
        assert len(batch) == 1 or longest * len(batch) <= 120


@pytest.mark.parametrize("family", ["llama", "qwen3", "gpt_neox"])
def test_adapters_for_another_base_learn_and_are_served(
    tmp_path: Path, maker: SampleMaker, family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, out = make_base(tmp_path / "base", family), tmp_path / "adapters"
    monkeypatch.setattr(make, "_maker", lambda: maker)
    losses: list[float] = []
    config = AdapterTrainConfig(task=Task.MEMORY, steps=6, tokens=300, rank=4, lr=0.02, targets="all-linear")
    make.hub_adapter(
        config, base, out, tmp_path / "memory.pt", lambda step, loss: losses.append(loss["completion"]),
        dtype="fp32", device_map="cpu",
    )  # fmt: skip
    assert len(losses) == 6 and sum(losses[-2:]) < sum(losses[:2])
    hub = load_hub_model(base, {"memory": out / "memory"}, dtype="fp32", device_map="cpu")
    ids = torch.tensor([hub.tokenizer("나 내일 시험 봐").input_ids])
    with torch.inference_mode():
        with hub.using("memory"):
            mine = hub.model(ids).logits
        with hub.using(None):
            bare = hub.model(ids).logits
    assert not torch.allclose(mine, bare)
