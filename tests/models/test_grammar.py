"""Constrained decoding: what comes out is valid whatever the model would like to say."""

from __future__ import annotations

import pytest
import torch
from tokenizers import Tokenizer

from core.expression import parse_labels
from core.memory import KEYS, parse_tags
from core.ports import GenerateRequest, Priority
from core.prompt import CONTROL_TOKENS, EYES_TOKENS, PromptParts, Task, build_prompt
from models.text.engine import TextEngine
from models.text.grammar import OFFSETS, FreeText, Grammar, Labels, MemoryTag, read_offsets
from models.text.tokenizer import end_and_pad, token_id
from tests.models.tiny import Tiny, make_tiny


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return make_tiny(tmp_path_factory.mktemp("tiny"))


def written(grammar: Grammar, tokenizer: Tokenizer, seed: int, longest: int = 60) -> str:
    """What a model without any preference would write."""
    end, _ = end_and_pad(tokenizer)
    random, tokens = torch.Generator().manual_seed(seed), list[int]()
    for _ in range(longest):
        token = int(torch.multinomial(torch.softmax(grammar.bias(tokens), 0), 1, generator=random))
        if token == end:
            return tokenizer.decode(tokens, skip_special_tokens=False)
        tokens.append(token)
    return "unfinished"


@pytest.mark.parametrize("seed", range(30))
def test_a_memory_is_a_tag_with_a_known_key_or_nothing(tiny: Tiny, seed: int) -> None:
    said = written(MemoryTag(tiny.tokenizer, nothing=-3.0), tiny.tokenizer, seed, 2000)
    assert said == "" or (said.startswith("[") and said.endswith("]") and said.count("[") == 1)
    if said:
        key, _, value = said[1:-1].partition(":")
        assert key in {*KEYS["ko"], *KEYS["en"]} and value.strip()


def test_every_key_can_be_said(tiny: Tiny) -> None:
    grammar, tokenizer = MemoryTag(tiny.tokenizer), tiny.tokenizer
    end, _ = end_and_pad(tokenizer)
    for key in (*KEYS["ko"], *KEYS["en"]):
        ids = [*tokenizer.encode(f"[{key}: 안녕]").ids, end]
        for place, token in enumerate(ids):
            assert grammar.bias(ids[:place])[token] > -torch.inf, (key, tokenizer.decode(ids[:place]))
        assert parse_tags(tokenizer.decode(ids[:-1])) == [(key, "안녕")]


def test_telling_nothing_can_be_made_dearer(tiny: Tiny) -> None:
    end, _ = end_and_pad(tiny.tokenizer)
    assert MemoryTag(tiny.tokenizer, nothing=-1.5).bias([])[end] == -1.5


@pytest.mark.parametrize("seed", range(10))
def test_an_expression_has_one_label_of_each_axis(tiny: Tiny, seed: int) -> None:
    said = written(Labels(tiny.tokenizer, {}), tiny.tokenizer, seed)
    labels = parse_labels(said)
    assert labels is not None and said.count("<|") == 3


def test_labels_can_be_favoured(tiny: Tiny) -> None:
    label = EYES_TOKENS[3]
    bias = Labels(tiny.tokenizer, {label: 2.0}).bias([])
    assert bias[token_id(tiny.tokenizer, label)] == 2.0
    assert int(torch.isfinite(bias).sum()) == len(EYES_TOKENS)


def test_free_text_has_no_control_tokens(tiny: Tiny) -> None:
    bias, end = FreeText(tiny.tokenizer).bias([]), end_and_pad(tiny.tokenizer)[0]
    for token in CONTROL_TOKENS:
        number = token_id(tiny.tokenizer, token)
        assert (bias[number] == 0) == (number == end)


def test_the_engine_speaks_the_grammar_of_each_task(tiny: Tiny) -> None:
    (tiny.folder / OFFSETS).write_text('{"nothing": -1000}')
    engine = TextEngine.load(tiny.folder)
    assert engine.offsets == {"nothing": -1000.0}
    asked = [
        GenerateRequest(task, build_prompt(PromptParts(task, "나 내일 시험 봐")), "p", Priority.REPLY,
                        n=3, max_tokens=80, temperature=1.5)
        for task in (Task.MEMORY, Task.EXPRESSION)
    ]  # fmt: skip
    memories, expressions = engine.run(asked)
    assert all(said.text.startswith("[") for said in memories)
    assert all(parse_labels(said.text) for said in expressions)
    assert any(said.finished for said in memories)
    assert all(len(parse_tags(said.text)) <= 1 for said in memories)


def test_offsets_are_read_where_they_are(tiny: Tiny) -> None:
    (tiny.folder / OFFSETS).unlink(missing_ok=True)
    assert read_offsets(tiny.folder) == {}
    (tiny.folder / OFFSETS).write_text("[1]")
    with pytest.raises(ValueError, match="offsets"):
        read_offsets(tiny.folder)
    (tiny.folder / OFFSETS).unlink()
