"""``eval memory``: whether the right memory comes to mind, and none where none bears on the message.

In the way of the bot itself (``hybrid``) every case is a person in the real store, asked through
:class:`core.recall.Recall`, so that the figures are what people get. The other ways score the same cases by
one means alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import IO, Any, Final

import numpy as np

from bot.app import App
from bot.evaluation.data import Asked, Pair, Remembered
from bot.evaluation.matching import Marks, operating, pearson, spearman
from bot.evaluation.report import progress, share, write_row
from core.clock import lived_day
from core.errors import ModelError
from core.facts import typed_fact
from core.language import answer_language
from core.memory import parse_tags
from core.people import DIRECT, Owner, Person
from core.ports_memory import NewMemory
from core.recall import MAX_RECALLED

_AT_ONCE: Final = 64


@dataclass(frozen=True, slots=True)
class Answered:
    """What came to mind at a message: numbers of memories, nearest first, and those that were told."""

    asked: Asked
    order: tuple[int, ...]
    told: tuple[int, ...]


async def by_recall(
    app: App, cases: Sequence[Remembered], threshold: float | None, out: IO[str] | None
) -> dict[str, Any]:
    """Figures of the real recall; ``threshold`` in place of the shipped one. Raises HiddenError."""
    recall = app.conversation.maker.recall
    if threshold is not None:
        recall = replace(recall, threshold=threshold)
    answered = []
    for number, case in enumerate(progress(cases, "people")):
        owner = Owner(Person("eval", f"case-{number}").id, DIRECT.scope)
        numbers = await _learn(app, owner, case.memories)
        for asked in case.queries:
            lang = answer_language(asked.text, chosen=None, last=None, locale=None)
            past = await recall.past(owner, asked.text, lang)
            if past.missing:
                raise ModelError("a message cannot be understood, or memories cannot be read")
            near = await recall.weighed(owner, asked.text, lang, past)
            order = [i for each in near for i in numbers.get(each.memory.id, ())]
            told = [i for each in past.recalled for i in numbers.get(each.id, ())]
            answered.append(_noted(Answered(asked, tuple(order), tuple(told)), case, out))
    return recall_figures(answered, recall.threshold)


async def _learn(app: App, owner: Owner, memories: Sequence[str]) -> dict[int, list[int]]:
    """Store memories as if they had been told one after the other; their numbers by the ids that they got."""
    now, numbers = app.clock.now(), dict[int, list[int]]()
    vectors = await _encoded(app, memories)
    model_id = app.embedder.model_id if app.embedder is not None else ""
    for number, (text, vector) in enumerate(zip(memories, vectors, strict=True)):
        fact = typed_fact(*_fact_in(text, number), lived_day(now))
        created = now - timedelta(seconds=len(memories) - number)
        new = NewMemory.of(fact, created, f"line-{number}", vector, model_id)
        kept = await app.memories.add(owner, new, 0)
        if kept is not None:
            numbers.setdefault(kept.id, []).append(number)
    return numbers


def _fact_in(text: str, number: int) -> tuple[str, str]:
    """Key and value. What is no tag stands under a key of its own, for facts of one key are settled.

    That has no words, so that it is like no message.
    """
    for key, value in parse_tags(text):
        if "".join(f"[{key}:{value}]".split()) == "".join(text.split()):
            return key, value
    return "·" * (number + 1), text


async def _encoded(app: App, texts: Sequence[str]) -> list[Any]:
    if app.embedder is None:
        raise ModelError("there is no sentence model")
    found = []
    for first in range(0, len(texts), _AT_ONCE):
        found += await app.embedder.encode(texts[first : first + _AT_ONCE])
    return found


async def by_model(
    app: App, cases: Sequence[Remembered], threshold: float | None, out: IO[str] | None
) -> dict[str, Any]:
    """Figures of the sentence model's cosine alone. Raises HiddenError."""
    marks = []
    for case in progress(cases, "people"):
        known = np.array(await _encoded(app, case.memories), dtype=np.float64)
        marks.append(np.array(await _encoded(app, [asked.text for asked in case.queries])) @ known.T)
    return by_marks(marks, cases, threshold, out)


def by_marks(
    marks: Marks, cases: Sequence[Remembered], threshold: float | None, out: IO[str] | None
) -> dict[str, Any]:
    """Figures of scores, one for each message and memory; of equals the later memory comes first.

    Without a ``threshold`` the lowest that keeps still at nine of ten of these messages without a memory.
    """
    at = operating(marks, cases) if threshold is None else threshold
    answered = []
    for case, rows in zip(cases, marks, strict=True):
        for asked, row in zip(case.queries, rows, strict=True):
            order = sorted(range(len(row)), key=lambda i: (-row[i], -i))
            told = [i for i in order[:MAX_RECALLED] if at is not None and row[i] >= at]
            answered.append(_noted(Answered(asked, tuple(order), tuple(told)), case, out))
    return recall_figures(answered, at)


def _noted(answered: Answered, case: Remembered, out: IO[str] | None) -> Answered:
    write_row(out, {
        "text": answered.asked.text, "relevant": sorted(answered.asked.relevant), "order": answered.order,
        "told": [case.memories[i] for i in answered.told],
    })  # fmt: skip
    return answered


def recall_figures(answered: Sequence[Answered], threshold: float | None) -> dict[str, Any]:
    """Ranking on messages with a memory, and what is told at the threshold (None: nothing is judged there).

    recall@n: a right memory is among the first n. Precision: of all told memories, those that bear on their
    message. Recall: of all that bear on a message, those told.
    """
    wanting = [each for each in answered if each.asked.relevant]
    ranks = [
        next((rank for rank, i in enumerate(each.order, 1) if i in each.asked.relevant), None)
        for each in wanting
    ]
    figures: dict[str, Any] = {
        "messages": len(answered), "with a memory": len(wanting),
        **{f"recall@{n}": share(sum(rank is not None and rank <= n for rank in ranks), len(ranks))
           for n in (1, 3)},
        "MRR": round(sum(1 / rank for rank in ranks if rank) / len(ranks), 3) if ranks else None,
    }  # fmt: skip
    if threshold is None:
        return figures | {"threshold": None}
    still = [not each.told for each in answered if not each.asked.relevant]
    right = sum(len(each.asked.relevant.intersection(each.told)) for each in wanting)
    found = sum(not each.asked.relevant.isdisjoint(each.told) for each in wanting)
    return figures | {
        "threshold": round(threshold, 4),
        "precision": share(right, sum(len(set(each.told)) for each in answered)),
        "recall": share(right, sum(len(each.asked.relevant) for each in wanting)),
        "a right one told": share(found, len(wanting)),
        "without a memory": len(still), "right silence": share(sum(still), len(still)),
    }  # fmt: skip


async def pairs_by_model(app: App, pairs: Sequence[Pair], out: IO[str] | None) -> dict[str, Any]:
    """How the sentence model's cosine agrees with given scores. Raises HiddenError."""
    found = []
    for pair in progress(pairs, "pairs"):
        one, other = await _encoded(app, [pair.a, pair.b])
        found.append(float(np.dot(one, other)))
    return pair_figures(pairs, found, out)


def pair_figures(pairs: Sequence[Pair], found: Sequence[float], out: IO[str] | None) -> dict[str, Any]:
    """Correlations of found and given scores, and the mean of their squared differences."""
    found = [round(score, 6) for score in found]  # float32 knows no more, and equals stay equal
    for pair, score in zip(pairs, found, strict=True):
        write_row(out, {"a": pair.a, "b": pair.b, "score": pair.score, "found": round(score, 4)})
    given = [pair.score for pair in pairs]
    agree: Mapping[str, float | None] = {
        "Pearson": pearson(given, found), "Spearman": spearman(given, found),
        "MSE": float(np.mean(np.square(np.subtract(given, found)))) if pairs else None,
    }  # fmt: skip
    rounded = {name: None if figure is None else round(figure, 4) for name, figure in agree.items()}
    return {"pairs": len(pairs), **rounded}
