"""The text engine on a real tiny model: batching, adapters against PEFT, int8 files, damage."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from peft import PeftModel

from core.errors import ModelError
from core.ports import Completion, GenerateRequest, Priority
from core.prompt import PromptParts, Task, build_prompt
from models.text.decoder import Decoder, float_product
from models.text.engine import TextEngine
from models.text.lora import read_adapters
from models.text.network import WEIGHTS, load_int8
from tests.models.tiny import Tiny, make_tiny


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return make_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def engine(tiny: Tiny) -> TextEngine:
    return TextEngine.load(tiny.folder)


@pytest.fixture(scope="module")
def exact(tiny: Tiny) -> TextEngine:
    """The same in float32, where a row does not feel the rounding of its neighbours' scale."""
    adapters = read_adapters({task.value: tiny.folder / "adapters" / task.value for task in Task})
    return TextEngine(Decoder.load(tiny.folder, adapters, float_product), tiny.tokenizer)


def logits(engine: TextEngine, ids: torch.Tensor, task: str | None) -> torch.Tensor:
    """[rows, vocabulary] after the last token, fed in two pieces through the cache."""
    mix = engine.decoder.mix([task] * len(ids))
    rows, width = ids.shape
    cache, cut = engine.decoder.cache(rows, width), width // 2
    positions = torch.arange(width).expand(rows, width)
    look = torch.ones(width, width, dtype=torch.bool).tril()[None, None]
    engine.decoder(ids[:, :cut], positions[:, :cut], look[:, :, :cut, :cut], cache, mix)
    return engine.decoder(ids[:, cut:], positions[:, cut:], look[:, :, cut:], cache, mix)


def ask(task: Task, text: str, **fields: object) -> GenerateRequest:
    prompt = build_prompt(PromptParts(task, text))
    return GenerateRequest(task, prompt, "p", Priority.REPLY, **fields)  # type: ignore[arg-type]


def test_a_mixed_batch_equals_each_request_alone(exact: TextEngine) -> None:
    requests = [
        ask(Task.REPLY, "안녕 로라야", max_tokens=8), ask(Task.MEMORY, "나 내일 시험 봐", max_tokens=12),
        ask(Task.SUMMARY, "hello there", max_tokens=5), ask(Task.EXPRESSION, "오늘", max_tokens=3),
    ]  # fmt: skip
    together = exact.run(requests)
    alone = [exact.run([request])[0] for request in requests]
    assert [c[0].text for c in together] == [c[0].text for c in alone]
    for a, b in zip(together, alone, strict=True):
        assert a[0].logprob == pytest.approx(b[0].logprob, abs=1e-4)


@pytest.mark.parametrize("task", list(Task))
def test_logits_equal_transformers_and_peft(tiny: Tiny, exact: TextEngine, task: Task) -> None:
    prompt = build_prompt(PromptParts(task, "나 내일 시험 봐"))
    ids = torch.tensor([tiny.tokenizer.encode(prompt).ids] * 2)
    oracle = PeftModel.from_pretrained(load_int8(tiny.folder), tiny.folder / "adapters" / task.value).eval()
    with torch.no_grad():
        theirs, plain = oracle(ids).logits[:, -1], load_int8(tiny.folder)(ids).logits[:, -1]
        mine = logits(exact, ids, task.value)
    assert torch.allclose(mine, theirs, atol=1e-4)
    assert torch.allclose(logits(exact, ids, None), plain, atol=1e-4)
    assert not torch.allclose(mine, plain, atol=1e-2)


@pytest.mark.parametrize("task", list(Task))
def test_int8_products_stay_close(engine: TextEngine, exact: TextEngine, tiny: Tiny, task: Task) -> None:
    prompt = build_prompt(PromptParts(task, "나 내일 시험 봐"))
    ids = torch.tensor([tiny.tokenizer.encode(prompt).ids])
    with torch.no_grad():
        near, true = logits(engine, ids, task.value), logits(exact, ids, task.value)
    assert torch.nn.functional.cosine_similarity(near, true).item() > 0.995


def test_samples_differ_and_stay_within_limits(engine: TextEngine) -> None:
    torch.manual_seed(1)
    (samples,) = engine.run([ask(Task.REPLY, "안녕", n=6, temperature=1.0, max_tokens=9)])
    assert len(samples) == 6
    assert len({s.text for s in samples}) > 1
    assert all("<|" not in s.text for s in samples)


def test_expression_tokens_only(engine: TextEngine) -> None:
    (found,) = engine.run([ask(Task.EXPRESSION, "안녕", n=4, temperature=1.5, max_tokens=3)])
    assert all(s.text == "" or s.text.startswith("<|") for s in found)


def test_how_unlikely_a_reply_is_equals_transformers_and_peft(tiny: Tiny, exact: TextEngine) -> None:
    prompt, reply = build_prompt(PromptParts(Task.REPLY, "나 내일 시험 봐")), "안녕 로라야"
    before = tiny.tokenizer.encode(prompt).ids
    given = [*tiny.tokenizer.encode(reply).ids, exact.end]
    oracle = PeftModel.from_pretrained(load_int8(tiny.folder), tiny.folder / "adapters" / "reply").eval()
    with torch.no_grad():
        chances = torch.log_softmax(oracle(torch.tensor([before + given])).logits[0], dim=-1)
    theirs = -sum(float(chances[len(before) - 1 + i, token]) for i, token in enumerate(given))
    mine, tokens = exact.nats(prompt, reply)
    assert tokens == len(given) and mine == pytest.approx(theirs, abs=1e-3)


def test_what_is_not_sampled_uses_up_no_random_numbers(engine: TextEngine) -> None:
    """So that what follows on a reply, at whatever moment, does not change the next one."""
    torch.manual_seed(5)
    engine.run([ask(Task.SUMMARY, "안녕", max_tokens=9)])
    after = engine.run([ask(Task.REPLY, "안녕", n=3, temperature=1.0, max_tokens=9)])
    torch.manual_seed(5)
    assert engine.run([ask(Task.REPLY, "안녕", n=3, temperature=1.0, max_tokens=9)]) == after


def test_int8_is_close_to_what_was_saved(tiny: Tiny) -> None:
    restored = load_int8(tiny.folder).state_dict()
    for name, tensor in tiny.model.state_dict().items():
        step = tensor.abs().amax(dim=-1, keepdim=True) / 127 if tensor.dim() == 2 else torch.zeros(1)
        assert ((restored[name] - tensor).abs() <= step / 2 + 1e-6).all(), name


@pytest.mark.parametrize(
    "victim", [WEIGHTS, "config.json", "tokenizer.json", "adapters/memory/adapter_model.safetensors"]
)
@pytest.mark.parametrize("damage", ["missing", "cut"])
def test_damaged_weights_are_named(tmp_path: Path, victim: str, damage: str) -> None:
    folder = make_tiny(tmp_path / "text").folder
    if damage == "missing":
        (folder / victim).unlink()
    else:
        (folder / victim).write_bytes((folder / victim).read_bytes()[:100])
    with pytest.raises(ModelError, match="text"):
        TextEngine.load(folder)


def test_decoding_stops_when_enough_samples_have_ended(engine: TextEngine) -> None:
    """With one wanted, at least one ended; those cut off say that they did not finish."""
    torch.manual_seed(3)
    all_of = engine.run([ask(Task.REPLY, "안녕", n=8, temperature=2.0, max_tokens=60)])[0]
    torch.manual_seed(3)
    one_of = engine.run([ask(Task.REPLY, "안녕", n=8, enough=1, temperature=2.0, max_tokens=60)])[0]
    assert len(all_of) == len(one_of) == 8
    assert sum(map(len, (c.text for c in one_of))) < sum(map(len, (c.text for c in all_of)))


def test_requests_that_join_and_leave_in_the_middle_change_nothing_for_others(exact: TextEngine) -> None:
    asked = [
        ask(Task.REPLY, "안녕 로라야", max_tokens=20), ask(Task.SUMMARY, "what are you doing " * 6, max_tokens=9),
        ask(Task.MEMORY, "나 내일 시험 봐", n=2, max_tokens=14), ask(Task.REPLY, "hello there", max_tokens=25),
    ]  # fmt: skip
    alone = {i: exact.run([request])[0][0].text for i, request in enumerate(asked)}
    done: dict[int, list[Completion]] = {}
    for number, request in enumerate(asked):
        exact.join([(number, request)])
        for _ in range(3):
            done |= dict(exact.step(lambda: True))
        if number == 2:
            exact.leave([0])
    while len(done) < len(asked) - 1:
        done |= dict(exact.step())
    assert 0 not in done
    assert {number: found[0].text for number, found in done.items()} == {
        number: text for number, text in alone.items() if number in done
    }
    assert exact.step() == []


def test_a_cleared_engine_begins_anew(exact: TextEngine) -> None:
    exact.join([(7, ask(Task.REPLY, "안녕", max_tokens=30))])
    exact.step(lambda: True)
    exact.clear()
    assert exact.step() == []
    (found,) = exact.run([ask(Task.REPLY, "안녕", max_tokens=5)])
    assert len(found) == 1
