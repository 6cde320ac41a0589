"""The engine on larger models' families: real, tiny, random checkpoints as they lie on the hub."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM
from transformers.generation import GenerationConfig

from core.errors import ModelError
from core.expression import parse_labels
from core.memory import parse_tags
from core.people import Lang
from core.ports import Completion, GenerateRequest, Priority
from core.prompt import Exchange, PromptParts, Task, build_prompt, parse_prompt
from models.runtime.queue import InferenceQueue, Whole
from models.text.batch import drawn
from models.text.constrained import MemoryGrammar, choose_labels
from models.text.hub import ROOM, HubEngine, Row
from models.text.hub_loading import load_hub_model, read_config
from models.text.process import HubConfig, begin_hub
from models.text.rendering import Rendered, Template, prompt_ids, render, token_ids
from models.text.tokenizer import counter
from tests.models.tiny_hub import Q_TO_DOWN, make_adapters, make_base

KEYS: dict[Lang, tuple[str, ...]] = {
    "ko": ("내일 일정", "이름", "내일 날씨"),
    "en": ("plan for tomorrow", "name"),
}
TASKS = [task.value for task in Task]
LORA_FAMILIES = {"llama": Q_TO_DOWN, "qwen2": Q_TO_DOWN, "qwen3": Q_TO_DOWN, "gpt_neox": ["query_key_value"]}


def config(base: Path, adapters: Path | None = None, tasks: Sequence[str] = (), **more: Any) -> HubConfig:
    chosen = {Task(task): adapters / task for task in tasks} if adapters else {}
    return HubConfig(dict.fromkeys(Task, base), chosen, dtype="fp32", **more)


def ask(task: Task, text: str, **fields: Any) -> GenerateRequest:
    reply = "응, 잘할 거야!" if task in (Task.SUMMARY, Task.EXPRESSION) else ""
    near = (Exchange("나 모레 면접 봐", "[모레 일정: 면접]"),) if task is Task.MEMORY else ()
    prompt = build_prompt(PromptParts(task, text, near, reply=reply), budget=10_000)
    return GenerateRequest(task, prompt, "p", Priority.REPLY, **fields)


@pytest.fixture(scope="module", params=list(LORA_FAMILIES))
def family(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def base(family: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_base(tmp_path_factory.mktemp(family), family)


@pytest.fixture(scope="module")
def adapters(family: str, base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_adapters(base, tmp_path_factory.mktemp("adapters"), family, TASKS, LORA_FAMILIES[family])


@pytest.fixture(scope="module")
def bare(base: Path) -> HubEngine:
    """Without adapters: chats."""
    return HubEngine.load(config(base), KEYS)


@pytest.fixture(scope="module")
def adapted(base: Path, adapters: Path) -> HubEngine:
    """With an adapter for every task: plain text."""
    return HubEngine.load(config(base, adapters, TASKS), KEYS)


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One base, where the family does not matter."""
    return make_base(tmp_path_factory.mktemp("one"))


@pytest.mark.parametrize("task", [Task.REPLY, Task.SUMMARY])
def test_greedy_text_equals_transformers_and_peft(
    base: Path, adapters: Path, adapted: HubEngine, task: Task
) -> None:
    """generate() on the same prompt with the same adapter, loaded apart, is the oracle."""
    requests = [
        ask(task, text, max_tokens=10) for text in ("나 내일 시험 봐", "hello", "안녕 로라야 오늘 뭐 해?")
    ]
    found = [each[0] for each in adapted.run(requests)]
    oracle = PeftModel.from_pretrained(
        AutoModelForCausalLM.from_pretrained(base), adapters / task.value
    ).eval()
    tokenizer = adapted.served[task].model.tokenizer
    for request, mine in zip(requests, found, strict=True):
        rendered = render(parse_prompt(request.prompt), Template.PLAIN, tokenizer)
        ids = torch.tensor([prompt_ids(rendered, tokenizer)])
        greedy = GenerationConfig(
            do_sample=False,
            max_new_tokens=ROOM * 10,
            eos_token_id=sorted(adapted.served[task].model.ends),
            pad_token_id=2,
        )
        out = oracle.generate(input_ids=ids, attention_mask=torch.ones_like(ids), generation_config=greedy)
        theirs = tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).lstrip().split("\n")[0]
        assert mine.text == theirs.strip()


def test_adapters_change_what_is_written(bare: HubEngine, adapted: HubEngine) -> None:
    """The same template, so that only the adapter differs."""
    served = {task: adapted.served[task] for task in Task}
    without = HubEngine({task: type(s)(s.model, None, s.template) for task, s in served.items()}, KEYS)
    request = ask(Task.REPLY, "나 내일 시험 봐", max_tokens=10)
    assert adapted.run([request])[0][0].text != without.run([request])[0][0].text
    assert {s.template for s in bare.served.values()} == {Template.CHAT}
    assert {s.template for s in served.values()} == {Template.PLAIN}


def test_a_mixed_batch_equals_each_request_alone(adapted: HubEngine) -> None:
    requests = [
        ask(Task.REPLY, "안녕", max_tokens=6), ask(Task.EXPRESSION, "나 내일 시험 봐"), ask(Task.MEMORY, "나 내일 시험 봐"),
        ask(Task.REPLY, "나 내일 시험 봐 그래서 오늘 밤은 공부해", max_tokens=9), ask(Task.SUMMARY, "hello there lora", max_tokens=4),
    ]  # fmt: skip
    together, alone = adapted.run(requests), [adapted.run([request])[0] for request in requests]
    assert [c[0].text for c in together] == [c[0].text for c in alone]
    for a, b in zip(together, alone, strict=True):
        assert a[0].logprob == pytest.approx(b[0].logprob, abs=1e-3)


def test_labels_are_of_the_closed_set_and_likeliest(bare: HubEngine) -> None:
    """Every axis' probabilities, counted here by reading each label after the text before it, afresh."""
    (found,) = bare.run([ask(Task.EXPRESSION, "나 내일 시험 봐", max_tokens=6)])[0]
    served = bare.served[Task.EXPRESSION].model
    parts = parse_prompt(ask(Task.EXPRESSION, "나 내일 시험 봐").prompt)
    rendered = render(parts, Template.CHAT, served.tokenizer)
    ids, chosen, total = prompt_ids(rendered, served.tokenizer), [], 0.0
    for before, labels in rendered.labels:
        ids = ids + token_ids(before, served.tokenizer)
        sums = []
        for label in labels:
            option = token_ids(f" {label}", served.tokenizer)
            with torch.no_grad():
                logits = served.model(torch.tensor([ids + option])).logits[0].log_softmax(-1)
            sums.append(sum(float(logits[len(ids) - 1 + i, token]) for i, token in enumerate(option)))
        chances = torch.tensor(sums).log_softmax(0)
        best = int(chances.argmax())
        chosen.append(labels[best])
        total += float(chances[best])
        ids = ids + token_ids(f" {labels[best]}", served.tokenizer)
    assert parse_labels(found.text) == tuple(chosen)
    assert found.logprob == pytest.approx(total / 3, abs=1e-3) and found.logprob < 0
    assert found.finished


def test_memories_are_tags_of_the_message_or_nothing(adapted: HubEngine, bare: HubEngine) -> None:
    torch.manual_seed(4)
    for engine in (adapted, bare):
        (found,) = engine.run(
            [ask(Task.MEMORY, "나 내일 수학 시험 봐", n=12, temperature=1.5, max_tokens=40)]
        )
        assert all(c.finished for c in found)
        for text in (c.text for c in found):
            assert text == "" or len(parse_tags(text)) == 1, text
            for key, value in parse_tags(text):
                assert key in ("모레 일정", *KEYS["ko"])
                assert set(value) <= set("나 내일 수학 시험 봐")
        assert any(c.text for c in found)


def test_one_of_given_texts_may_be_wanted(bare: HubEngine, adapted: HubEngine) -> None:
    texts = ("그래, 같이 가자!", "그래, 나도 갈래.", "Sure, count me in!")
    for engine in (bare, adapted):
        wanted = ask(Task.REPLY, "가자", n=6, temperature=1.5, max_tokens=99, choices=texts)
        assert {c.text for c in engine.run([wanted])[0]} <= set(texts)


def test_samples_differ_and_say_whether_they_ended(bare: HubEngine) -> None:
    torch.manual_seed(1)
    (found,) = bare.run([ask(Task.REPLY, "안녕", n=5, temperature=1.0, max_tokens=4)])
    assert len(found) == 5 and len({c.text for c in found}) > 1
    assert all(c.logprob < 0 and "<|im" not in c.text and "\n" not in c.text for c in found)
    assert not all(c.finished for c in found)  # eight random tokens seldom hold an end


def test_enough_samples_end_the_others(llama: Path) -> None:
    engine = HubEngine.load(config(llama), KEYS)
    torch.manual_seed(3)
    (found,) = engine.run([ask(Task.REPLY, "안녕", n=6, enough=1, temperature=2.0, max_tokens=200)])
    assert len(found) == 6 and sum(c.finished for c in found) >= 1 and not all(c.finished for c in found)


@pytest.mark.parametrize(
    ("written", "text", "finished"),
    [
        ("응!\n사람: 또", "응!", True), ("\n\n응!\n", "응!", True), ("로라: 응!\n", "응!", True), ("Lora: hi\n", "hi", True),
        ("응! 나도", "응! 나도", False), ("<|im_end|>", "", True), ("응</s>", "응", True),
    ],
)  # fmt: skip
def test_where_a_text_ends(llama: Path, written: str, text: str, finished: bool) -> None:
    served = load_hub_model(llama, {}, dtype="fp32")
    about = SimpleNamespace(rendered=Rendered("", "", ("\n",)), grammar=None, longest=60)
    row = Row(about)  # type: ignore[arg-type]
    for token in token_ids(written, served.tokenizer):
        if row.open:
            row.take(token, -1.0, served)
    assert row.completion() == Completion(text, -1.0, finished)


def test_the_memory_grammar_step_by_step() -> None:
    grammar = MemoryGrammar((9,), ((1, 2), (1, 3, 4)), Counter({(7,): 2, (8, 6): 1}), 5)
    assert grammar.allowed([]) == [1, 9]
    assert grammar.allowed([9]) == []
    assert grammar.allowed([1]) == [2, 3]
    assert grammar.allowed([1, 3]) == [4]
    assert grammar.allowed([1, 2]) == [7, 8]  # a value has at least one word
    assert grammar.allowed([1, 2, 8]) == [6]  # of whole characters
    assert grammar.allowed([1, 2, 7, 8, 6]) == [5, 7]
    assert grammar.allowed([1, 2, 7, 8, 6, 7]) == [5]  # and each word as often as the message
    assert grammar.allowed([1, 3, 4, 7, 5]) == []


def test_nucleus_sampling_leaves_the_tail_out() -> None:
    logits = torch.log(torch.tensor([[0.6, 0.35, 0.04, 0.01]])).repeat(400, 1)
    tokens, chances = drawn(logits, torch.ones(400, 1))
    assert set(tokens.tolist()) == {0, 1}
    assert chances[tokens == 1][0].item() == pytest.approx(torch.log(torch.tensor(0.35)).item(), abs=1e-5)


def test_a_task_may_have_a_base_of_its_own(llama: Path, tmp_path: Path) -> None:
    other = make_base(tmp_path / "neox", "gpt_neox", chat=None)
    adapters = make_adapters(
        other, tmp_path / "adapters", "gpt_neox", ["expression", "memory"], ["query_key_value"]
    )
    mixed = HubConfig(
        {task: other if task in (Task.EXPRESSION, Task.MEMORY) else llama for task in Task},
        {task: adapters / task.value for task in (Task.EXPRESSION, Task.MEMORY)}, template="auto", dtype="fp32",
    )  # fmt: skip
    engine = HubEngine.load(mixed, KEYS)
    assert engine.served[Task.REPLY].template is Template.CHAT
    assert engine.served[Task.MEMORY].template is Template.PLAIN
    assert engine.served[Task.MEMORY].model is engine.served[Task.EXPRESSION].model
    found = engine.run([ask(task, "나 내일 시험 봐", max_tokens=8) for task in Task])
    assert parse_labels(found[list(Task).index(Task.EXPRESSION)][0].text)


def test_the_original_s_adapters_are_asked_with_its_marks(tmp_path: Path) -> None:
    """Polyglot's modules and markers; what a marker ends is finished."""
    base = make_base(tmp_path / "base", "gpt_neox", chat=None)
    adapters = make_adapters(base, tmp_path / "lora", "gpt_neox", TASKS, ["query_key_value"])
    engine = HubEngine.load(config(base, adapters, TASKS, template="original"), KEYS)
    found = engine.run([ask(task, "나 내일 시험 봐", max_tokens=8) for task in Task])
    memory, expression = (found[list(Task).index(task)][0] for task in (Task.MEMORY, Task.EXPRESSION))
    assert memory.finished and (memory.text == "" or parse_tags(memory.text))
    assert parse_labels(expression.text)
    nothing = MemoryGrammar.of(
        PromptParts(Task.MEMORY, "응"), render(PromptParts(Task.MEMORY, "응"), Template.ORIGINAL, engine.served[Task.MEMORY].model.tokenizer),
        (), engine.served[Task.MEMORY].model.tokenizer,
    )  # fmt: skip
    assert engine.served[Task.MEMORY].model.tokenizer.decode(list(nothing.nothing)) == " (요약 종료)"


def test_kanana_s_configuration_loads_as_the_same_network(tmp_path: Path) -> None:
    """Against the Llama that transformers refuses to configure, its check taken out for the oracle."""
    base = make_base(tmp_path, "kanana")
    raw = json.loads((base / "config.json").read_text())
    assert (
        raw["model_type"] == "llama" and raw["hidden_size"] % raw["num_attention_heads"] and raw["head_dim"]
    )
    with pytest.raises(Exception, match="not a multiple"):
        AutoModelForCausalLM.from_pretrained(base)
    served = load_hub_model(base, {}, dtype="fp32")
    assert read_config(base).model_type == "mistral" and read_config(base).sliding_window is None

    class Unchecked(LlamaConfig):  # type: ignore[misc]  # it is untyped
        def validate_architecture(self) -> None:
            """Nothing."""

    oracle = LlamaForCausalLM(
        Unchecked(**{k: v for k, v in raw.items() if k not in ("model_type", "architectures")})
    )
    oracle.load_state_dict(served.model.state_dict())
    ids = torch.tensor([[5, 17, 90, 33, 200, 41]])
    with torch.no_grad():
        assert torch.equal(served.model(ids).logits, oracle.eval()(ids).logits)


def test_other_llamas_keep_their_configuration(llama: Path) -> None:
    assert read_config(llama).model_type == "llama"


def test_turns_end_where_the_chat_template_says(llama: Path) -> None:
    """The files name </s> only; <|im_end|> is found in the template."""
    assert json.loads((llama / "generation_config.json").read_text())["eos_token_id"] == 1
    served = load_hub_model(llama, {}, dtype="fp32")
    assert {served.tokenizer.convert_ids_to_tokens(t) for t in served.ends} == {"</s>", "<|im_end|>"}


def test_long_prompts_lose_their_beginning(llama: Path) -> None:
    engine = HubEngine.load(config(llama), KEYS)
    (found,) = engine.run([ask(Task.REPLY, "시험 hello " * 900, max_tokens=4)])
    assert len(found) == 1


def test_prompts_are_counted_alike_in_both_processes(llama: Path) -> None:
    engine = HubEngine.load(config(llama), KEYS)
    prompt = ask(Task.MEMORY, "나 내일 시험 봐").prompt
    assert engine.count(prompt) == counter(llama)(prompt)
    assert engine.count("<|reply|><|user|><|answer|>") == 3


@pytest.mark.parametrize(
    ("victim", "damage", "match"),
    [
        ("model.safetensors", "missing", "model.safetensors is missing"), ("model.safetensors", "cut", "cut off|header"),
        ("config.json", "missing", "config.json is missing"), ("config.json", "cut", "config.json is not valid JSON"),
        ("tokenizer.json", "missing", "tokenizer.json is missing"), ("pytorch_model.bin", "added", "pickle"),
        ("config.json", "code", "text model in"),
    ],
)  # fmt: skip
def test_damaged_bases_are_named(tmp_path: Path, victim: str, damage: str, match: str) -> None:
    path = make_base(tmp_path) / victim
    if damage == "missing":
        path.unlink()
    elif damage == "added":
        path.write_bytes(b"x")
    elif damage == "code":  # its own code would be needed, and is never run
        (tmp_path / "evil.py").write_text("raise SystemExit('ran')")
        path.write_text(
            json.dumps(
                json.loads(path.read_text()) | {"model_type": "evil", "auto_map": {"AutoConfig": "evil.C"}}
            )
        )
    else:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ModelError, match=match):
        HubEngine.load(config(tmp_path), KEYS)


def test_adapters_of_another_base_are_refused(llama: Path, tmp_path: Path) -> None:
    for family, targets, match in (
        ("gpt_neox", ["query_key_value"], "no such layer"),
        ("kanana", Q_TO_DOWN, "made for width"),
    ):
        other = make_base(tmp_path / family, family)
        wrong = make_adapters(other, tmp_path / f"{family}_lora", family, ["reply"], targets)
        with pytest.raises(ModelError, match=match):
            HubEngine.load(config(llama, wrong, ["reply"]), KEYS)


def test_a_template_that_is_not_there_is_refused(tmp_path: Path) -> None:
    base = make_base(tmp_path, chat=None)
    assert HubEngine.load(config(base), KEYS).served[Task.REPLY].template is Template.PLAIN
    with pytest.raises(ModelError, match="no chat template"):
        HubEngine.load(config(base, template="chat"), KEYS)


def test_four_bits_need_their_package(llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ModelError, match=r"bitsandbytes: pip install -e '\.\[gpu\]'"):
        HubEngine.load(config(llama, four_bit=True), KEYS)


@pytest.mark.parametrize(
    ("dtype", "kept"), [("bf16", torch.bfloat16), ("fp16", torch.float16), ("auto", torch.float32)]
)
def test_the_type_of_the_weights(llama: Path, dtype: str, kept: torch.dtype) -> None:
    assert load_hub_model(llama, {}, dtype=dtype, device_map="cpu").model.dtype is kept


def test_a_foreign_prompt_is_an_error(llama: Path) -> None:
    engine = HubEngine.load(config(llama), KEYS)
    with pytest.raises(ModelError, match="not a prompt"):
        engine.run([GenerateRequest(Task.REPLY, "hi", "p", Priority.REPLY)])


def test_labels_of_one_token_need_no_copy(llama: Path) -> None:
    served = load_hub_model(llama, {}, dtype="fp32")
    rendered = Rendered("", "", (), labels=(("a", ("b", "c")), ("d", ("e", "f")), ("g", ("h", "i"))))
    found = choose_labels(served.model, served.tokenizer, [5, 6, 7], rendered)
    assert parse_labels(found.text) is not None


async def test_from_a_process_of_its_own_behind_a_queue(llama: Path) -> None:
    process = begin_hub(config(llama), 1)
    try:
        process.ready()
        queue = InferenceQueue[GenerateRequest, list[Completion]]("t", process.models[0])
        (found,) = await queue.submit(ask(Task.EXPRESSION, "안녕"), person="p", priority=Priority.FACE)
        assert parse_labels(found.text)
        await queue.close()
    finally:
        process.close()


def test_a_batch_as_a_whole_keeps_its_order(llama: Path) -> None:
    engine = HubEngine.load(config(llama), KEYS)
    whole = Whole[GenerateRequest, list[Completion]](engine.run)
    whole.join([(7, ask(Task.SUMMARY, "안녕", max_tokens=3)), (3, ask(Task.EXPRESSION, "안녕"))])
    assert [number for number, _ in whole.step(lambda: False)] == [7, 3]
