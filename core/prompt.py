"""The one prompt template, used for training and for serving.

A prompt is a task token, then optional parts in a fixed order, then the marker after which the
model writes. Nothing else in the project joins these pieces. Control tokens can only come from
here: :func:`plain` removes their opening from everything a person or a model wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

MAX_TOKENS: Final = 320
MAX_EXEMPLARS: Final = 2
MAX_MEMORIES: Final = 2
MAX_TURNS: Final = 2


class Task(StrEnum):
    """What a prompt asks for; each has its own first token, so prefixes never mix adapters."""

    REPLY = "reply"
    MEMORY = "memory"
    SUMMARY = "summary"
    EXPRESSION = "expression"


NEAR: Final = "<|near|>"
SAID: Final = "<|said|>"
CLOCK: Final = "<|clock|>"
KNOW: Final = "<|know|>"
BEFORE: Final = "<|before|>"
USER: Final = "<|user|>"
ANSWER: Final = "<|answer|>"
END: Final = "<|end|>"
PAD: Final = "<|pad|>"

EYES: Final = ("작게", "보통", "크게", "아주 크게")
MOUTH: Final = ("보통", "크게", "아주 크게")
POSE: Final = ("없음", "보통", "많이")
AXES: Final = {"eyes": EYES, "mouth": MOUTH, "pose": POSE}  # of an expression, in the order of its labels


NOTHING_TOLD: Final = "-"  # stands for "no memory" where an exemplar of the memory task has none


def label_token(axis: str, label: str) -> str:
    """The single token of an expression label, e.g. ``<|eyes:크게|>``."""
    return f"<|{axis}:{label}|>"


EYES_TOKENS: Final = tuple(label_token("eyes", label) for label in EYES)
MOUTH_TOKENS: Final = tuple(label_token("mouth", label) for label in MOUTH)
POSE_TOKENS: Final = tuple(label_token("pose", label) for label in POSE)
CONTROL_TOKENS: Final = (
    PAD, END, *(f"<|{task}|>" for task in Task),
    NEAR, SAID, CLOCK, KNOW, BEFORE, USER, ANSWER,
    *EYES_TOKENS, *MOUTH_TOKENS, *POSE_TOKENS,
)  # fmt: skip
_MARK: Final = re.compile(r"(<\|\w+\|>)")
_LETTERS: Final = {
    NEAR: "n", SAID: "s", CLOCK: "c", KNOW: "k", BEFORE: "b", USER: "u", ANSWER: "a",
    **{f"<|{task}|>": "t" for task in Task},
}  # fmt: skip
_ORDER: Final = re.compile("t(ns)*c?k*b?(us)*us?a")  # in which marks stand in a prompt


@dataclass(frozen=True, slots=True)
class Exchange:
    """Something a person wrote and what she answered."""

    text: str
    reply: str


@dataclass(frozen=True, slots=True)
class PromptParts:
    """Everything a prompt may hold; ``exemplars`` come nearest first."""

    task: Task
    message: str
    exemplars: tuple[Exchange, ...] = ()
    clock: str = ""
    memories: tuple[str, ...] = ()
    summary: str = ""
    turns: tuple[Exchange, ...] = ()
    reply: str = ""


def after(summary: str, text: str) -> str:
    """A message behind the summary of what was said before it, as the sentence model reads the two."""
    return f"{summary} · {text}" if summary else text


def plain(text: str) -> str:
    """Text that cannot form a control token, on one line."""
    return " ".join(re.sub(r"<\|+", "<", text).split())


def _join(parts: PromptParts) -> str:
    out = [f"<|{parts.task}|>"]
    for near in reversed(parts.exemplars):  # the nearest stands closest to the message
        out += [NEAR, plain(near.text), SAID, plain(near.reply)]
    if parts.clock:
        out += [CLOCK, plain(parts.clock)]
    for memory in parts.memories:
        out += [KNOW, plain(memory)]
    if parts.summary:
        out += [BEFORE, plain(parts.summary)]
    for turn in parts.turns:
        out += [USER, plain(turn.text), SAID, plain(turn.reply)]
    out += [USER, plain(parts.message)]
    if parts.reply:
        out += [SAID, plain(parts.reply)]
    return "".join([*out, ANSWER])


def _without_least(parts: PromptParts) -> PromptParts | None:
    """The same parts without the one that is missed least; None when only the message is left."""
    if len(parts.turns) > 1:
        return replace(parts, turns=parts.turns[1:])
    if len(parts.exemplars) > 1:
        return replace(parts, exemplars=parts.exemplars[:-1])
    if len(parts.memories) > 1:
        return replace(parts, memories=parts.memories[:-1])
    for name in ("turns", "exemplars", "summary", "memories", "clock"):
        if getattr(parts, name):
            return replace(parts, **{name: type(getattr(parts, name))()})
    return None


def build_prompt(parts: PromptParts, count: Callable[[str], int] = len, budget: int = MAX_TOKENS) -> str:
    """The prompt text of at most ``budget`` tokens as ``count`` counts them.

    What does not fit is left out, least missed first; a message that alone is too long loses its
    beginning, for the question usually stands at the end.
    """
    turns = () if parts.summary else parts.turns[-MAX_TURNS:]
    parts = replace(
        parts,
        turns=turns,
        exemplars=parts.exemplars[:MAX_EXEMPLARS],
        memories=parts.memories[:MAX_MEMORIES],
    )
    prompt = _join(parts)
    while count(prompt) > budget:
        smaller = _without_least(parts)
        if smaller is None:
            if len(parts.message) <= 1:
                break
            smaller = replace(parts, message=parts.message[len(parts.message) // 4 + 1 :])
        parts, prompt = smaller, _join(smaller)
    return prompt


def parse_prompt(prompt: str) -> PromptParts:
    """The parts that stand in a prompt of :func:`build_prompt`, whose inverse this is.

    Raises ValueError for any other text.
    """
    start, *pieces = _MARK.split(prompt)
    marks, texts = pieces[::2], pieces[1::2]
    in_order = _ORDER.fullmatch("".join(_LETTERS.get(mark, "?") for mark in marks))
    if not in_order or start or texts[0] or texts[-1] or any("<|" in text for text in texts):
        raise ValueError("not a prompt of this template")
    said = [text if mark == SAID else "" for mark, text in zip(marks, texts, strict=True)]

    def exchanges(opening: str) -> list[Exchange]:
        each = zip(marks[:-1], texts[:-1], said[1:], strict=True)
        return [Exchange(text, reply) for mark, text, reply in each if mark == opening]

    def alone(wanted: str) -> list[str]:
        return [text for mark, text in zip(marks, texts, strict=True) if mark == wanted]

    *turns, last = exchanges(USER)
    return PromptParts(
        Task(marks[0].strip("<|>")), last.text, tuple(reversed(exchanges(NEAR))), "".join(alone(CLOCK)),
        tuple(alone(KNOW)), "".join(alone(BEFORE)), tuple(turns), last.reply,
    )  # fmt: skip
