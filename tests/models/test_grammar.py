"""Constrained decoding: what comes out is valid whatever the model would like to say."""

from __future__ import annotations

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from core.expression import parse_labels
from core.memory import KEYS, parse_tags
from core.ports import GenerateRequest, Priority
from core.prompt import CONTROL_TOKENS, EYES_TOKENS, PromptParts, Task, build_prompt
from models.text.engine import TextEngine
from models.text.grammar import OFFSETS, FreeText, Grammar, Labels, MemoryTags, OneOf, read_offsets
from models.text.tokenizer import end_and_pad, token_id
from models.text.values import forms
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
@pytest.mark.parametrize(
    "message", ["나 내일 누나랑 시험 봤어ㅠㅠ", "i love Momo's hats, she's 3", "ㅋㅋㅋ", "[: ]", "😀"]
)
def test_a_memory_is_a_tag_with_a_known_key_and_the_message_s_words_or_nothing(
    tiny: Tiny, message: str, seed: int
) -> None:
    said = written(MemoryTags(tiny.tokenizer, nothing=-3.0).of(message), tiny.tokenizer, seed, 2000)
    assert said == "" or (said.startswith("[") and said.endswith("]") and said.count("[") == 1)
    if said:
        key, _, value = said[1:-1].partition(":")
        assert key in {*KEYS["ko"], *KEYS["en"]}
        may = set().union(
            *(forms(word.strip(".,?!ㅠㅋ")) for word in message.split() if word.strip(".,?!ㅠㅋ[]:"))
        )
        assert all(word in may for word in value.split())


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(message=st.text(max_size=40), seed=st.integers(0, 1000))
def test_whatever_is_said_the_tag_is_whole(tiny: Tiny, message: str, seed: int) -> None:
    said = written(MemoryTags(tiny.tokenizer, nothing=-3.0).of(message), tiny.tokenizer, seed, 4000)
    assert said == "" or (said.startswith("[") and said.endswith("]")), said


@pytest.mark.parametrize(
    ("message", "value"),
    [
        ("나 내일 시험 봐", "시험 봄"), ("우리 누나가 간호사야", "누나 간호사"), ("어제 면접 떨어졌어ㅠㅠ", "면접 떨어짐"),
        ("요즘 너무 힘들어", "너무 힘듦"), ("운동하러 가기 싫어", "운동하기 싫음"), ("나는 마라탕이 제일 좋아!", "마라탕"),
        ("my cat's name is Momo.", "Momo"), ("we broke up last night", "broke up"),
    ],
)  # fmt: skip
def test_values_that_can_be_said(tiny: Tiny, message: str, value: str) -> None:
    grammar = MemoryTags(tiny.tokenizer).of(message)
    opening = tiny.tokenizer.encode("[상태:").ids
    ids = [*opening, *tiny.tokenizer.encode(f" {value}]").ids]
    for place in range(len(opening), len(ids)):
        assert grammar.bias(ids[:place])[ids[place]] > -torch.inf, tiny.tokenizer.decode(ids[:place])


@pytest.mark.parametrize("value", ["시험 떨어짐", "봄 시험", "엄마", "내일 시", "험"])
def test_values_that_the_message_does_not_carry(tiny: Tiny, value: str) -> None:
    grammar = MemoryTags(tiny.tokenizer).of("나 내일 시험 봐")
    opening = tiny.tokenizer.encode("[상태:").ids
    ids = [*opening, *tiny.tokenizer.encode(f" {value}]").ids]
    places = range(len(opening), len(ids))
    assert any(grammar.bias(ids[:place])[ids[place]] == -torch.inf for place in places)


def test_every_key_can_be_said(tiny: Tiny) -> None:
    grammar, tokenizer = MemoryTags(tiny.tokenizer).of("안녕"), tiny.tokenizer
    end, _ = end_and_pad(tokenizer)
    for key in (*KEYS["ko"], *KEYS["en"]):
        ids = [*tokenizer.encode(f"[{key}: 안녕]").ids, end]
        for place, token in enumerate(ids):
            assert grammar.bias(ids[:place])[token] > -torch.inf, (key, tokenizer.decode(ids[:place]))
        assert parse_tags(tokenizer.decode(ids[:-1])) == [(key, "안녕")]


def test_telling_nothing_can_be_made_dearer(tiny: Tiny) -> None:
    end, _ = end_and_pad(tiny.tokenizer)
    assert MemoryTags(tiny.tokenizer, nothing=-1.5).of("안녕").bias([])[end] == -1.5


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


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1), min_size=1),
    seed=st.integers(0, 99),
)
def test_one_of_given_texts_is_written(tiny: Tiny, texts: list[str], seed: int) -> None:
    said = written(OneOf(tiny.tokenizer, texts), tiny.tokenizer, seed, 2000)
    assert said in {tiny.tokenizer.decode(tiny.tokenizer.encode(text).ids) for text in texts}


def test_every_way_is_found_and_the_model_s_taste_decides(tiny: Tiny) -> None:
    texts = ("좋아, 가자!", "좋아, 나가자!", "좋지. 가 보자!")
    grammar = OneOf(tiny.tokenizer, texts)
    assert {written(grammar, tiny.tokenizer, seed) for seed in range(60)} == set(texts)
    engine = TextEngine.load(tiny.folder)
    wanted = GenerateRequest(
        Task.REPLY,
        build_prompt(PromptParts(Task.REPLY, "가자")),
        "",
        Priority.REPLY,
        max_tokens=99,
        choices=texts,
    )
    ((chosen,),) = engine.run([wanted])
    assert chosen.text in texts and chosen.finished and engine.run([wanted])[0] == [chosen]
