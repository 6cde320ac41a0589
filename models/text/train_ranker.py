"""Making the ranker: candidates for the development prompts, graded by hand, then a ridge regression.

The graded file holds one JSON object per prompt: the situation, and its candidates with a ``grade``
(2 fits, 1 passable, 0 wrong; null = not graded yet).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from core.clock import clock_tags
from core.ports import Candidate, Situation
from core.prompt import after
from core.release import Circumstances, may_show
from core.reply import EXEMPLARS, candidates
from models.embed.service import SentenceEncoder, as_vector
from models.text.corpus_data import dev_rows, train_rows
from models.text.exemplars import ExemplarIndex
from models.text.heads import FILE as HEADS
from models.text.heads import Heads
from models.text.ranker import Ranker, features, reply_text
from models.text.service import load_vectors

GRADED = Path(__file__).parent / "corpus" / "dev_graded.jsonl"
GRADED_EACH = 5  # candidates of a prompt that are graded


def situation_of(prompt: Mapping[str, Any], encoder: SentenceEncoder, now: datetime) -> Situation:
    """What a reply to a prompt of the graded file would answer to."""
    text, lang = prompt["text"], prompt["lang"]
    memories = (prompt["memory"],) if prompt["memory"] else ()
    summary = prompt["summary"]
    vector, vector_after = map(as_vector, encoder.encode([text, after(summary, text)]))
    return Situation(
        text, lang, memories, summary, vector, clock_tags(text, now, lang),
        vector_after=vector_after if summary else None,
    )  # fmt: skip


def competing(asked: Situation, index: ExemplarIndex, now: datetime) -> list[Candidate]:
    """What would compete for the reply."""
    if (nature := index.nature(asked)) is not None:
        asked = replace(asked, declines=nature.improper > 0)
    around = Circumstances(asked.lang, now, (), asked.text)
    near = [found.exemplar for found in index.search(asked, EXEMPLARS)]
    return candidates([e for e in near if may_show(e.exchange.reply, around)])[:GRADED_EACH]


def write_candidates(text: Path, embed: Path, path: Path) -> int:
    """Write the candidates of every prompt of ``path`` anew; how many have no grade yet.

    Prompts are those of the file, or the development rows where there is no file. Grades that it holds
    for the same reply to the same message are kept.
    """
    encoder, rows = SentenceEncoder.load(embed), train_rows()
    index = ExemplarIndex(rows, load_vectors(text / "vectors.npz", rows, encoder.model_id))
    index.heads = Heads.load(text / HEADS, encoder.model_id, index.ngrams)
    prompts = list(read(path)) or [
        {"text": r.text, "lang": r.lang, "memory": r.memory_in, "summary": r.summary_in, "candidates": []}
        for r in dev_rows()
    ]
    known = {(p["text"], c["text"]): c["grade"] for p in prompts for c in p["candidates"]}
    open_, lines, now = 0, [], datetime.now(UTC)
    for prompt in prompts:
        made = competing(situation_of(prompt, encoder, now), index, now)
        found = [asdict(c) | {"grade": known.get((prompt["text"], c.text))} for c in made]
        open_ += sum(c["grade"] is None for c in found)
        lines.append(json.dumps(prompt | {"candidates": found}, ensure_ascii=False))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return open_


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The prompts of a graded file; none where there is no file."""
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def graded_features(path: Path, encoder: SentenceEncoder) -> tuple[Any, Any, Any]:
    """Features [candidates, features], grades [candidates] and the number of each one's prompt."""
    x, y, prompt = [], [], []
    for number, given in enumerate(read(path)):
        found = given["candidates"]
        if not found:
            continue
        made = [Candidate(**{name: value for name, value in c.items() if name != "grade"}) for c in found]
        asked = situation_of(given, encoder, datetime.now(UTC))
        vectors = encoder.encode([asked.text, *(reply_text(c.text) for c in made)])
        for row, candidate in zip(features(asked, made, vectors), found, strict=True):
            if candidate["grade"] is not None:
                x.append(row)
                y.append(float(candidate["grade"]))
                prompt.append(number)
    return np.array(x), np.array(y), np.array(prompt)


def picked(scores: Any, grades: Any, prompt: Any) -> float:
    """Mean grade of the best-scored candidate of each prompt."""
    each = (np.flatnonzero(prompt == number) for number in np.unique(prompt))
    return float(np.mean([grades[rows[np.argmax(scores[rows])]] for rows in each]))


def fit(text: Path, embed: Path, path: Path = GRADED, folds: int = 6) -> dict[str, float]:
    """Fit the ranker on all grades and save it; mean grades picked, cross-validated over prompts."""
    x, y, prompt = graded_features(path, SentenceEncoder.load(embed))
    scores = np.zeros(len(y))
    for fold in range(folds):
        out = prompt % folds == fold
        scores[out] = x[out] @ np.array(Ranker.fit(x[~out], y[~out]).weights)
    figures = {
        "picked": round(picked(scores, y, prompt), 3), "best there is": round(picked(y, y, prompt), 3),
        "by hand": round(picked(x @ np.array(Ranker.prior().weights), y, prompt), 3),
    }  # fmt: skip
    about = {"graded": len(y), "prompts": len(np.unique(prompt)), "cross_validated": figures}
    Ranker.fit(x, y).save(text / "ranker.json", **about)
    return figures
