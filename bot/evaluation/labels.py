"""``eval expression``, ``memory-extract``, ``summary``: what is read from messages and replies.

The methods asked are those that a turn asks (:class:`core.aftermath.Aftermath`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import IO, Any, Final

from bot.app import App
from bot.evaluation.chrf import chrf
from bot.evaluation.data import Labelled, Summed, Telling
from bot.evaluation.report import progress, share, write_row
from bot.evaluation.stage import grounds_of, incoming_of, plant
from core.aftermath import MIN_CONFIDENCE
from core.memory import parse_tags, typed_memory
from core.prompt import AXES
from core.safety import Verdict, judge

NO_LABEL: Final = "-"
OVERLAP: Final = 0.5  # Dice coefficient of character pairs from which two values say the same


async def expression(app: App, rows: Sequence[Labelled], out: IO[str] | None) -> dict[str, Any]:
    """Labels of given replies. Raises HiddenError."""
    wanted, found, unsure = [], [], 0
    for row in progress(rows, "expressions"):
        labels, confidence = await app.conversation.aftermath.labels("eval", row.text, row.reply)
        unsure += confidence < MIN_CONFIDENCE**3
        wanted.append(row.labels)
        found.append(labels or (NO_LABEL,) * len(AXES))
        write_row(out, {
            "text": row.text, "reply": row.reply, "wanted": row.labels, "found": found[-1],
            "confidence": round(confidence, 4),
        })  # fmt: skip
    figures: dict[str, Any] = {"rows": len(rows), "too unsure to be shown": share(unsure, len(rows))}
    for i, axis in enumerate(AXES):
        figures[axis] = axis_figures([w[i] for w in wanted], [f[i] for f in found])
    common = Counter(wanted).most_common(1)
    pairs = zip(wanted, found, strict=True)
    figures["all three"] = {
        "accuracy": share(sum(w == f for w, f in pairs), len(rows)),
        "majority accuracy": share(common[0][1], len(rows)) if common else None,
    }
    return figures


def axis_figures(wanted: Sequence[str], found: Sequence[str]) -> dict[str, Any]:
    """Accuracy and macro-F1 of one axis, the same for the most frequent label, and the confusions.

    "confusion" is {label wanted: {label found: rows}}.
    """
    if not wanted:
        return {}
    (most, count), *_ = Counter(wanted).most_common(1)
    confusion: dict[str, Counter[str]] = {label: Counter() for label in dict.fromkeys(wanted)}
    for w, f in zip(wanted, found, strict=True):
        confusion[w][f] += 1
    right = sum(w == f for w, f in zip(wanted, found, strict=True))
    return {
        "accuracy": share(right, len(wanted)), "macro-F1": macro_f1(wanted, found),
        "majority accuracy": share(count, len(wanted)),
        "majority macro-F1": macro_f1(wanted, [most] * len(wanted)),
        "confusion": {label: dict(row) for label, row in confusion.items()},
    }  # fmt: skip


def macro_f1(wanted: Sequence[str], found: Sequence[str]) -> float:
    """The mean F1 of all labels that are wanted or found."""
    labels = sorted({*wanted, *found})
    both = Counter(w for w, f in zip(wanted, found, strict=True) if w == f)
    there, given = Counter(wanted), Counter(found)
    return round(sum(2 * both[x] / (there[x] + given[x]) for x in labels) / len(labels), 3)


async def memory_extract(app: App, rows: Sequence[Telling], out: IO[str] | None) -> dict[str, Any]:
    """Facts of given messages: those typed as tags, and those that the memory step reads.

    Raises HiddenError.
    """
    done = []
    for number, row in enumerate(progress(rows, "memories")):
        learned = await _learned(app, f"line-{number}", row)
        done.append({"text": row.case.text, "memory": row.memory, "learned": learned})
        write_row(out, done[-1])
    return memory_figures(done)


async def _learned(app: App, name: str, row: Telling) -> list[str]:
    """Tags of what a turn would learn from the message; nothing is learned in a crisis."""
    if judge(row.case.text) is not Verdict.ANSWER:
        return []
    incoming = incoming_of(app, name, row.case)
    await plant(app, incoming, row.case)
    grounds = await grounds_of(app, incoming, row.case)
    typed, _ = typed_memory(row.case.text)
    read = await app.conversation.aftermath.facts(incoming.person.id, grounds)
    told = [*typed, *((key, value) for key, value, _ in read)]
    return [f"[{key}: {value}]" for key, value in dict.fromkeys(told)]


def memory_figures(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Precision, recall and F1 on rows with a fact, by three measures of a hit; false facts on the others.

    Precision: learned facts that hit, of all learned on these rows. Recall: rows with a hit. A hit is
    a fact with the wanted key or with a value that overlaps the wanted one (:func:`overlap`); "same
    key" and "exact" (key and value equal) ask for more.
    """
    telling = [row for row in rows if row["memory"]]
    silent = [row for row in rows if not row["memory"]]
    false = sum(bool(row["learned"]) for row in silent)
    return {
        "rows": len(rows), "rows with a fact": len(telling),
        "hit": _scores(telling, lambda w, f: w[0] == f[0] or overlap(w[1], f[1])),
        "same key": _scores(telling, lambda w, f: w[0] == f[0]),
        "exact": _scores(telling, lambda w, f: w == f),
        "rows without": len(silent), "false facts": {"rows": false, "share": share(false, len(silent))},
    }  # fmt: skip


def _scores(rows: Sequence[Mapping[str, Any]], hits: Any) -> dict[str, float | None]:
    learned = right = found = 0
    for row in rows:
        (wanted, *_) = parse_tags(row["memory"])
        good = [hits(wanted, fact) for tag in row["learned"] for fact in parse_tags(tag)]
        learned, right, found = learned + len(good), right + sum(good), found + any(good)
    precision, recall = share(right, learned), share(found, len(rows))
    if not precision or not recall:
        return {"precision": precision, "recall": recall, "F1": 0.0 if rows else None}
    exact = right / learned, found / len(rows)
    return {"precision": precision, "recall": recall, "F1": round(2 * exact[0] * exact[1] / sum(exact), 3)}


def overlap(wanted: str, found: str) -> bool:
    """Whether two values say the same: one holds the other, or half of their character pairs agree.

    Only letters and digits count, without case.
    """
    a, b = (re.sub(r"\W", "", value.casefold()) for value in (wanted, found))
    if not a or not b:
        return False
    pairs = [Counter(text[i : i + 2] for i in range(len(text) - 1)) for text in (a, b)]
    both = (pairs[0] & pairs[1]).total()
    return a in b or b in a or 2 * both >= OVERLAP * max(1, pairs[0].total() + pairs[1].total())


async def summary(app: App, rows: Sequence[Summed], out: IO[str] | None) -> dict[str, Any]:
    """Summaries of given replies. Raises HiddenError."""
    pairs = []
    for row in progress(rows, "summaries"):
        written = await app.conversation.aftermath.summary("eval", row.text, row.reply)
        pairs.append((written, row.summary))
        write_row(out, {
            "text": row.text, "reply": row.reply, "summary": row.summary, "written": written
        })  # fmt: skip
    empty = sum(not written for written, _ in pairs)
    return {"rows": len(rows), "chrF++": round(chrf(pairs), 2), "empty": share(empty, len(rows))}
