"""What the corpus covers: shares by subject and by what stands around the message."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from models.text.corpus_data import CORPUS_DIR, Row, split_tag

SUBJECTS_FILE: Final = "subjects.json"  # {subject: [topics]}
WORDINGS: Final = 4
_HANGUL: Final = re.compile(r"[가-힣]")
_FORMS: Final[dict[str, Callable[[Row], bool]]] = {
    "the person tells a fact": lambda row: bool(row.memory),
    "a memory stands before it": lambda row: bool(row.memory_in),
    "follows on her last remark": lambda row: bool(row.summary_in),
    "both": lambda row: bool(row.memory_in and row.summary_in),
    "battle remark": lambda row: split_tag(row.memory_in)[0] in ("대결 결과", "battle result"),
    "at most four characters": lambda row: len(row.text) <= 4,
    "eighty characters and more": lambda row: len(row.text) >= 80,
    "Korean and Latin script mixed": lambda row: bool(
        _HANGUL.search(row.text) and re.search(r"[A-Za-z]{2,}", row.text)
    ),
}


def subjects() -> dict[str, list[str]]:
    """The topics of every subject."""
    found: dict[str, list[str]] = json.loads((CORPUS_DIR / SUBJECTS_FILE).read_text(encoding="utf-8"))
    return found


def shares(rows: Sequence[Row]) -> dict[str, tuple[int, float]]:
    """How many rows each subject and each form has, and their share. Raises KeyError for a topic without
    a subject."""
    subject_of = {topic: subject for subject, topics in subjects().items() for topic in topics}
    counts = Counter(subject_of[row.topic] for row in rows)
    wordings = Counter(row.group for row in rows)
    out = {"exchanges": len(rows)} | {lang: sum(row.lang == lang for row in rows) for lang in ("ko", "en")}
    out |= dict(counts.most_common())
    out |= {form: sum(map(fits, rows)) for form, fits in _FORMS.items()}
    out[f"in an intent of {WORDINGS} wordings and more"] = sum(n for n in wordings.values() if n >= WORDINGS)
    return {name: (count, count / len(rows)) for name, count in out.items()}
