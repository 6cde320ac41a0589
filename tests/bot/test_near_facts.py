"""When two facts say the same: pairs written for it, judged with the sentence model that ships.

``python -m tests.bot.test_near_facts`` prints the figures. ``near_facts.jsonl`` is what the rules and thresholds of
``core.likeness`` were chosen on, ``near_facts_held_out.jsonl`` was written afterwards; pairs in two languages are
apart, for they rest on the model alone.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bot.settings import ROOT
from core.facts import liking
from core.language import script_of
from core.likeness import Relation, relation
from core.memory import parse_tags
from core.merging import family
from models.embed.service import SentenceEncoder

HERE = Path(__file__).parent
Judged = list[tuple[bool, bool]]  # whether a pair is the same, and whether it was found to be


def judged(name: str, encoder: SentenceEncoder, *, across: bool = False) -> Judged:
    """The pairs of a file, within one language or ``across`` two."""
    rows = [json.loads(line) for line in (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    vectors = (encoder.encode([row[side] for row in rows]) for side in "ab")
    found = []
    for row, cosine in zip(rows, np.einsum("ij,ij->i", *vectors).tolist(), strict=True):
        ((key, one),), ((other, two),) = parse_tags(row["a"]), parse_tags(row["b"])
        if (script_of(one) != script_of(two)) is not across:
            continue
        said = relation(key, one, two, cosine)
        opposite = liking(key) != liking(other)
        assert opposite or family(key) == family(other)
        found.append(
            (
                row["same"],
                said
                in (Relation.SAME, *((Relation.DENIES,) if opposite else (Relation.MORE, Relation.LESS))),
            )
        )
    return found


def figures(pairs: Judged) -> tuple[float, float]:
    """Precision and recall."""
    right = sum(same and found for same, found in pairs)
    return right / max(1, sum(found for _, found in pairs)), right / max(1, sum(same for same, _ in pairs))


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder.load(ROOT / "models" / "weights" / "memory")


@pytest.mark.parametrize(("name", "recall"), [("near_facts", 0.75), ("near_facts_held_out", 0.6)])
def test_two_facts_are_hardly_ever_taken_for_one(name: str, recall: float, encoder: SentenceEncoder) -> None:
    precision, found = figures(judged(name, encoder))
    assert precision >= 0.95 and found >= recall, (precision, found)


def test_across_languages_nothing_is_taken_for_the_same_that_is_not(encoder: SentenceEncoder) -> None:
    assert not any(found and not same for same, found in judged("near_facts", encoder, across=True))


if __name__ == "__main__":
    model = SentenceEncoder.load(ROOT / "models" / "weights" / "memory")
    for file in ("near_facts", "near_facts_held_out"):
        for across in (False, True):
            pairs = judged(file, model, across=across)
            same = sum(same for same, _ in pairs)
            print(f"{file}, {'two languages' if across else 'one language'}: {same} same, {len(pairs) - same} different, "
                  f"precision {figures(pairs)[0]:.3f}, recall {figures(pairs)[1]:.3f}")  # fmt: skip
