"""Which facts of her card the corpus's replies state.

``corpus/facts.json`` holds, for each fact, what a text says that states it; it counts only where the
row's topic is she herself.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Final

from models.text.corpus_data import CORPUS_DIR, Row
from models.text.coverage import subjects

FACTS_FILE: Final = "facts.json"
HERSELF: Final = "who she is"  # the subject


@cache
def facts() -> dict[str, re.Pattern[str]]:
    """What states each fact."""
    stored = json.loads((CORPUS_DIR / FACTS_FILE).read_text(encoding="utf-8"))
    return {name: re.compile(words) for name, words in stored.items()}


@cache
def _topics() -> frozenset[str]:
    return frozenset(subjects()[HERSELF])


def stated(row: Row) -> frozenset[str]:
    """The facts of her card that a row's reply states; none where the talk is not of her."""
    if row.topic not in _topics():
        return frozenset()
    return frozenset(name for name, words in facts().items() if words.search(row.reply))
