"""The prompt's parts as text for a model that was not made by this project.

:mod:`core.prompt` alone says what a prompt holds; here only the marks between its parts change:

- ``chat``: the tokenizer's own chat template, for an instruction model without adapters.
- ``plain``: the same content in lines that begin with a name, for any base and for training adapters.
- ``original``: the marks that the original Oh-LoRA's adapters were trained with, so that these can be
  served as they were published.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from core.clock import WEEKDAYS_EN, WEEKDAYS_KO
from core.expression import parse_labels
from core.language import script_of
from core.people import Lang
from core.persona import card
from core.prompt import END, EYES, MOUTH, NOTHING_TOLD, POSE, Exchange, PromptParts, Task, plain


class Template(StrEnum):
    """How parts are written for a model."""

    CHAT = "chat"
    PLAIN = "plain"
    ORIGINAL = "original"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A prompt, and what its completion looks like.

    Attributes:
        lead: stands between the prompt and what is written after it.
        stops: texts that end a completion, beside the model's own end tokens.
        nothing: how the memory task says that nothing was told.
        labels: expression labels with the text before each axis.
        special: whether the prompt brings its own beginning, as a chat template does.
    """

    prompt: str
    lead: str
    stops: tuple[str, ...]
    nothing: str = NOTHING_TOLD
    labels: tuple[tuple[str, tuple[str, ...]], ...] = ()
    special: bool = False


_AXES: Final = (("눈", EYES), (", 입", MOUTH), (", 고개 돌림", POSE))
_PERSON: Final = {"ko": "사람", "en": "Person"}
_WRITES: Final[dict[Lang, dict[Task, str]]] = {
    "ko": {Task.REPLY: "로라", Task.MEMORY: "기억", Task.SUMMARY: "요약", Task.EXPRESSION: "표정"},
    "en": {Task.REPLY: "Lora", Task.MEMORY: "Memory", Task.SUMMARY: "Summary", Task.EXPRESSION: "Face"},
}
_ASKS: Final[dict[Lang, dict[Task, str]]] = {
    "ko": {
        Task.REPLY: "이제 이 사람의 마지막 말에 한국어로 대답해.",
        Task.MEMORY: "사람이 한 말에서 그 사람에 대해 새로 알게 된 사실 하나를 [항목: 값]으로 적어. "
        f"값은 그 말에 나온 낱말로만 적고, 알게 된 것이 없으면 {NOTHING_TOLD} 하나만 적어.",
        Task.SUMMARY: "로라가 한 대답을 짧은 구 하나로 요약해.",
        Task.EXPRESSION: "로라가 이 대답을 할 때의 표정을 적어. "
        f"눈: {', '.join(EYES)}. 입: {', '.join(MOUTH)}. 고개 돌림: {', '.join(POSE)}.",
    },
    "en": {
        Task.REPLY: "Now answer what this person said last, in English.",
        Task.MEMORY: "Write down one new fact about the person from what they said, as [key: value]. "
        f"Take the words of the value from there only; when nothing was told, write {NOTHING_TOLD} alone.",
        Task.SUMMARY: "Sum up what Lora answered in one short phrase.",
        Task.EXPRESSION: "Write down Lora's face while she gives this answer, in Korean. "
        f"눈 (eyes, narrow to very wide): {', '.join(EYES)}. "
        f"입 (mouth, closed to very wide): {', '.join(MOUTH)}. "
        f"고개 돌림 (head turned, not to far): {', '.join(POSE)}.",
    },
}  # fmt: skip
_DATA: Final[dict[Lang, tuple[str, str, str, str]]] = {
    "ko": ("지금", "이 사람에 대해 아는 것", "네가 방금 한 대답", "처음 대화 {}개는 본보기일 뿐이야."),
    "en": (
        "Now", "What you know of this person", "What you answered before",
        "The first {} exchanges are examples only.",
    ),
}  # fmt: skip


def render(parts: PromptParts, template: Template, tokenizer: Any) -> Rendered:
    """The parts as text for a model with this (transformers) tokenizer.

    Raises ValueError when the template is ``chat`` and the tokenizer has none.
    """
    parts = _harmless(parts, tokenizer)
    if template is Template.ORIGINAL:
        return _original(parts)
    labels = _AXES if parts.task is Task.EXPRESSION else ()
    if template is Template.PLAIN:
        return Rendered(_plain(parts), " ", ("\n",), labels=labels)
    return Rendered(_chat(parts, tokenizer), "", ("\n",), labels=labels, special=True)


def prompt_ids(rendered: Rendered, tokenizer: Any) -> list[int]:
    """The prompt's tokens, begun as the model expects it and not ended."""
    ids: list[int] = tokenizer(rendered.prompt, add_special_tokens=not rendered.special).input_ids
    return ids[:-1] if not rendered.special and ids and ids[-1] == tokenizer.eos_token_id else ids


def token_ids(text: str, tokenizer: Any) -> list[int]:
    """The tokens of a text that stands after others."""
    ids: list[int] = tokenizer(text, add_special_tokens=False).input_ids
    return ids


def render_training(parts: PromptParts, completion: str, tokenizer: Any) -> tuple[list[int], list[int]]:
    """What an adapter learns from: the tokens of the ``plain`` prompt, and those of its completion.

    The two are tokenised apart, as in serving, so that nothing moves over the boundary; the loss
    belongs on the second alone. ``completion`` is that of the project's own template (its end mark
    may be there or not): '' in the memory task, label tokens in the expression task.

    Raises ValueError for an expression without its three labels.
    """
    rendered = render(parts, Template.PLAIN, tokenizer)
    pieces = _pieces(parts.task, completion.removesuffix(END), rendered)
    ids = [token for piece in pieces for token in token_ids(piece, tokenizer)]
    end = [tokenizer.eos_token_id] if tokenizer.eos_token_id is not None else token_ids("\n", tokenizer)
    return prompt_ids(rendered, tokenizer), ids + end


def _pieces(task: Task, completion: str, rendered: Rendered) -> list[str]:
    """A completion in the pieces that serving tokenises."""
    if task is not Task.EXPRESSION:
        return [rendered.lead + (completion.strip() or rendered.nothing)]
    found = parse_labels(completion)
    if found is None:
        raise ValueError("a completion of the expression task has three label tokens")
    pairs = zip(rendered.labels, found, strict=True)
    before = rendered.lead
    out = []
    for (axis, _), label in pairs:
        out += [before + axis, f" {label}"]
        before = ""
    return out


def _harmless(parts: PromptParts, tokenizer: Any) -> PromptParts:
    """The parts, each on one line and without texts that the tokenizer would read as marks of its own."""
    known = [token.content for token in tokenizer.added_tokens_decoder.values() if token.special]
    marks = [re.escape(mark) for mark in (*known, "[INST]", "[/INST]") if mark.strip()]
    pattern = re.compile("|".join(sorted(marks, key=len, reverse=True)))

    def clean(text: str) -> str:
        return plain(pattern.sub(" ", text))

    def all_clean(exchanges: Sequence[Exchange]) -> tuple[Exchange, ...]:
        return tuple(Exchange(clean(each.text), clean(each.reply)) for each in exchanges)

    return replace(
        parts, message=clean(parts.message), exemplars=all_clean(parts.exemplars),
        clock=clean(parts.clock), memories=tuple(map(clean, parts.memories)),
        summary=clean(parts.summary), turns=all_clean(parts.turns), reply=clean(parts.reply),
    )  # fmt: skip


def _lang(parts: PromptParts) -> Lang:
    return script_of(parts.message) or "ko"


def _head(parts: PromptParts) -> str:
    """Who she is, what is known, and what is asked for."""
    lang = _lang(parts)
    now, known, before, examples = _DATA[lang]
    lines = [card(lang)] if parts.task is Task.REPLY else []
    lines += [f"{now}: {parts.clock}"] if parts.clock else []
    lines += [f"{known}: {memory}" for memory in parts.memories]
    lines += [f"{before}: {parts.summary}"] if parts.summary else []
    lines += [examples.format(len(parts.exemplars))] if parts.exemplars else []
    return "\n".join([*lines, _ASKS[lang][parts.task]])


def _asked(parts: PromptParts) -> str:
    """The message, with the reply where a task reads it."""
    if not parts.reply:
        return parts.message
    lang = _lang(parts)
    return f"{_PERSON[lang]}: {parts.message}\n{_WRITES[lang][Task.REPLY]}: {parts.reply}"


def _exchanges(parts: PromptParts) -> list[Exchange]:
    """Examples, the nearest last, and past turns, as they stand before the message."""
    return [*reversed(parts.exemplars), *parts.turns]


def _plain(parts: PromptParts) -> str:
    lang = _lang(parts)
    person, writes = _PERSON[lang], _WRITES[lang][parts.task]
    lines = [_head(parts), ""]
    for each in _exchanges(parts):
        lines += [f"{person}: {each.text}", f"{writes}: {each.reply}"]
    lines.append(_asked(parts) if parts.reply else f"{person}: {parts.message}")
    return "\n".join([*lines, f"{writes}:"])


def _chat(parts: PromptParts, tokenizer: Any) -> str:
    from jinja2 import TemplateError

    if not tokenizer.chat_template:
        raise ValueError("the tokenizer has no chat template")
    said = []
    for each in _exchanges(parts):
        said += [("user", each.text), ("assistant", each.reply)]
    said.append(("user", _asked(parts)))
    try:
        return _templated([("system", _head(parts)), *said], tokenizer)
    except TemplateError:  # some know no system message
        return _templated([("user", f"{_head(parts)}\n\n{said[0][1]}"), *said[1:]], tokenizer)


def _templated(messages: Sequence[tuple[str, str]], tokenizer: Any) -> str:
    """Of the models that think aloud first, this one shall not: a reply is awaited."""
    text: str = tokenizer.apply_chat_template(
        [{"role": role, "content": content} for role, content in messages],
        tokenize=False, add_generation_prompt=True, enable_thinking=False,
    )  # fmt: skip
    return text


def _original(parts: PromptParts) -> Rendered:
    """As the original's program asked: one memory or the summary, no examples, no turns."""
    text = _time_mark(parts.clock) + parts.message
    if parts.memories:
        text = f"{parts.memories[0]} {text}"
    elif parts.summary:
        text = f"(오로라 답변 요약) {parts.summary} (사용자 질문) {text}"
    match parts.task:
        case Task.REPLY:
            return Rendered(f"{text} (답변 시작)", " ", ("(답변 종료)",))
        case Task.MEMORY:
            return Rendered(f"{text} (요약 시작)", " ", ("(요약 종료)",), nothing="(요약 종료)")
        case Task.SUMMARY:
            return Rendered(f"{text} (오로라 답변) {parts.reply} (요약 시작)", " ", ("(요약 종료)",))
        case Task.EXPRESSION:
            labels = (("(눈", EYES), *_AXES[1:])
            return Rendered(f"{parts.reply} (표정 출력 시작)", " ", ("(표정 출력 종료)",), labels=labels)


def _time_mark(clock: str) -> str:
    """The original's mark of weekday and part of the day, from the clock's line in either language."""
    parts = {"morning": "오전", "afternoon": "오후", "evening": "저녁"}
    days = dict(zip((*WEEKDAYS_KO, *WEEKDAYS_EN), WEEKDAYS_KO * 2, strict=True))
    found = re.search(rf"({'|'.join(days)}) (오전|오후|저녁|{'|'.join(parts)})", clock)
    return f"(지금은 {days[found[1]]} {parts.get(found[2], found[2])}) " if found else ""
