"""The prompt: its order, its budget, what is left out first, and that nobody can forge its tokens."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.prompt import (
    ANSWER,
    BEFORE,
    CLOCK,
    CONTROL_TOKENS,
    EYES_TOKENS,
    KNOW,
    MAX_TOKENS,
    MOUTH_TOKENS,
    NEAR,
    POSE_TOKENS,
    SAID,
    USER,
    Exchange,
    PromptParts,
    Task,
    build_prompt,
    parse_prompt,
    plain,
)

# Texts that try to look like control tokens: pieces of them, whole ones, and anything else.
NASTY = st.lists(
    st.one_of(
        st.sampled_from(
            [*CONTROL_TOKENS, *(token.replace("<|", "<<||") for token in CONTROL_TOKENS), "reply"]
        ),
        st.text("<|> \n", max_size=8),
        st.text(max_size=8),
    ),
    max_size=6,
).map("".join)
EXCHANGES = st.builds(Exchange, NASTY, NASTY)
PARTS = st.builds(
    PromptParts,
    task=st.sampled_from(Task),
    message=NASTY,
    exemplars=st.lists(EXCHANGES, max_size=3).map(tuple),
    clock=NASTY,
    memories=st.lists(NASTY, max_size=3).map(tuple),
    summary=NASTY,
    turns=st.lists(EXCHANGES, max_size=3).map(tuple),
    reply=NASTY,
)
FULL = PromptParts(
    Task.REPLY,
    "message",
    exemplars=(Exchange("near1", "said1"), Exchange("near2", "said2")),
    clock="clock",
    memories=("memory1", "memory2"),
    turns=(Exchange("turn1", "answer1"), Exchange("turn2", "answer2")),
)
PIECES = ("near1", "near2", "clock", "memory1", "memory2", "summary", "turn1", "turn2", "message")


def structure(prompt: str) -> list[str]:
    """The control tokens of a prompt, as the tokenizer sees them: leftmost, whole."""
    return re.findall("|".join(map(re.escape, CONTROL_TOKENS)), prompt)


def expected_structure(parts: PromptParts) -> list[str]:
    turns = () if parts.summary else parts.turns[-2:]
    return [
        f"<|{parts.task}|>",
        *[NEAR, SAID] * len(parts.exemplars[:2]),
        *([CLOCK] if parts.clock else []),
        *[KNOW] * len(parts.memories[:2]),
        *([BEFORE] if parts.summary else []),
        *[USER, SAID] * len(turns),
        USER,
        *([SAID] if parts.reply else []),
        ANSWER,
    ]


def kept(prompt: str) -> set[str]:
    return {piece for piece in PIECES if piece in prompt}


def test_parts_stand_in_their_order() -> None:
    assert build_prompt(FULL) == (
        "<|reply|><|near|>near2<|said|>said2<|near|>near1<|said|>said1<|clock|>clock"
        "<|know|>memory1<|know|>memory2<|user|>turn1<|said|>answer1<|user|>turn2<|said|>answer2"
        "<|user|>message<|answer|>"
    )


def test_a_summary_stands_instead_of_the_turns() -> None:
    parts = PromptParts(Task.REPLY, "message", summary="summary", turns=(Exchange("turn", "answer"),))
    assert build_prompt(parts) == "<|reply|><|before|>summary<|user|>message<|answer|>"


def test_the_reply_follows_the_message_where_a_task_reads_it() -> None:
    parts = PromptParts(Task.EXPRESSION, "message", reply="reply")
    assert build_prompt(parts) == "<|expression|><|user|>message<|said|>reply<|answer|>"


def test_only_the_newest_turns_and_the_first_memories_and_exemplars_are_used() -> None:
    parts = PromptParts(
        Task.REPLY,
        "message",
        exemplars=tuple(Exchange(f"near{n}", "x") for n in range(4)),
        memories=tuple(f"memory{n}" for n in range(4)),
        turns=tuple(Exchange(f"turn{n}", "x") for n in range(4)),
    )
    prompt = build_prompt(parts)
    found = re.findall(r"near\d|memory\d|turn\d", prompt)
    assert found == ["near1", "near0", "memory0", "memory1", "turn2", "turn3"]


@pytest.mark.parametrize("task", Task)
def test_the_first_token_names_the_task(task: Task) -> None:
    assert build_prompt(PromptParts(task, "x")).startswith(f"<|{task}|>")


def test_control_tokens_are_distinct_and_hold_every_label() -> None:
    assert len(set(CONTROL_TOKENS)) == len(CONTROL_TOKENS)
    assert {*EYES_TOKENS, *MOUTH_TOKENS, *POSE_TOKENS} <= set(CONTROL_TOKENS)
    assert len(EYES_TOKENS) == 4 and len(MOUTH_TOKENS) == 3 and len(POSE_TOKENS) == 3


def test_what_is_missed_least_is_left_out_first() -> None:
    """One step of budget after another, the parts go in the order of their worth."""
    gone: list[str] = []
    before = kept(build_prompt(FULL))
    assert before == set(PIECES) - {"summary"}
    for budget in range(len(build_prompt(FULL)), 0, -1):
        now = kept(build_prompt(FULL, budget=budget))
        gone += sorted(before - now)
        before = now
        if now == {"message"}:
            break
    assert gone == ["turn1", "near2", "memory2", "turn2", "near1", "memory1", "clock"]


def test_a_summary_outlives_exemplars_and_yields_to_memories() -> None:
    parts = PromptParts(
        Task.REPLY, "message", exemplars=(Exchange("near1", "x"),), memories=("memory1",), summary="summary"
    )
    one_less = len(build_prompt(parts)) - 1
    assert kept(build_prompt(parts, budget=one_less)) == {"memory1", "summary", "message"}
    without_near = len(build_prompt(parts, budget=one_less)) - 1
    assert kept(build_prompt(parts, budget=without_near)) == {"memory1", "message"}


def test_a_message_that_is_too_long_alone_keeps_its_end() -> None:
    parts = PromptParts(Task.REPLY, "start " + "word " * 200 + "the question?")
    prompt = build_prompt(parts, budget=100)
    assert len(prompt) <= 100
    assert prompt.endswith("the question?<|answer|>")
    assert "start" not in prompt


def test_the_counter_of_the_caller_decides() -> None:
    parts = PromptParts(Task.REPLY, "one two three", memories=("four five six",))
    words = lambda text: len(re.sub(r"<\|[^|]*\|>", " ", text).split())  # noqa: E731
    assert "four" in build_prompt(parts, words, budget=6)
    assert "four" not in build_prompt(parts, words, budget=5)


@given(PARTS, st.integers(120, 400))
def test_no_prompt_exceeds_its_budget(parts: PromptParts, budget: int) -> None:
    """As long as a task's own parts fit (a reply is never cut), everything else gives way."""
    fixed = len(build_prompt(PromptParts(parts.task, "", reply=parts.reply)))
    assert len(build_prompt(parts, budget=max(budget, fixed + 1))) <= max(budget, fixed + 1)


@given(PARTS)
def test_building_is_pure(parts: PromptParts) -> None:
    assert build_prompt(parts) == build_prompt(parts)


@given(PARTS)
def test_control_tokens_cannot_be_forged(parts: PromptParts) -> None:
    """Whatever people and models write, the prompt holds the template's control tokens and no others."""
    prompt = build_prompt(parts, budget=100_000)
    assert structure(prompt) == expected_structure(parts)


@given(NASTY)
def test_plain_text_holds_no_opening_of_a_control_token(text: str) -> None:
    assert "<|" not in plain(text)
    assert "\n" not in plain(text)


@pytest.mark.parametrize("text", ["<|reply|>", "<<||reply|>", "<<<|||reply|>", "a<|b", "<<|", "<|<|<|"])
def test_known_forgeries(text: str) -> None:
    assert "<|" not in plain(text)


@pytest.mark.parametrize("text", ["오늘 뭐 해?", "3 < 4", "a | b", "I <3 you", ">.<", "x|y"])
def test_plain_leaves_ordinary_text_alone(text: str) -> None:
    assert plain(text) == text


def test_plain_joins_lines() -> None:
    assert plain("  안녕\n\n로라\t야 ") == "안녕 로라 야"


def test_the_default_budget_is_the_contracts() -> None:
    assert MAX_TOKENS == 320
    assert len(build_prompt(PromptParts(Task.REPLY, "가" * 900))) <= 320


def as_built(parts: PromptParts) -> PromptParts:
    """The parts as they stand in a prompt without a budget: within the limits, as plain text."""
    turns = () if parts.summary else parts.turns[-2:]
    exchanges = {
        name: tuple(Exchange(plain(each.text), plain(each.reply)) for each in group)
        for name, group in (("exemplars", parts.exemplars[:2]), ("turns", turns))
    }
    memories = tuple(plain(memory) for memory in parts.memories[:2])
    texts = {name: plain(getattr(parts, name)) for name in ("message", "clock", "summary", "reply")}
    return replace(parts, memories=memories, **exchanges, **texts)  # type: ignore[arg-type]


@given(PARTS)
def test_parsing_is_the_inverse_of_building(parts: PromptParts) -> None:
    assert parse_prompt(build_prompt(parts, budget=100_000)) == as_built(parts)


@given(PARTS, st.integers(120, 400))
def test_what_a_budget_left_is_parsed_too(parts: PromptParts, budget: int) -> None:
    prompt = build_prompt(as_built(parts), budget=budget)
    assert build_prompt(parse_prompt(prompt), budget=100_000) == prompt


@pytest.mark.parametrize(
    "text",
    [
        "", "안녕", "<|reply|><|answer|>", "<|reply|><|user|>hi", "<|user|>hi<|answer|>", "x<|reply|><|user|>hi<|answer|>",
        "<|reply|>x<|user|>hi<|answer|>", "<|reply|><|user|>hi<|answer|>more", "<|dance|><|user|>hi<|answer|>",
        "<|reply|><|user|>hi<|near|>a<|said|>b<|answer|>", "<|reply|><|know|>a<|clock|>b<|user|>hi<|answer|>",
        "<|reply|><|user|>hi<|eyes:크게|><|answer|>", "<|reply|><|user|>a<|user|>b<|answer|>",
    ],
)  # fmt: skip
def test_other_texts_are_no_prompts(text: str) -> None:
    with pytest.raises(ValueError, match="not a prompt"):
        parse_prompt(text)
