"""Ranking candidate replies: a linear scorer over a few features, trained on blind grades.

Weights are ridge-regressed on graded candidates (0 wrong, 1 passable, 2 fitting) of development
prompts and stored as plain numbers; see ``docs/experiments.md`` for how the grades were made.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.ports import Candidate, Situation
from core.wording import stems
from models.embed.marks import REPLY_MARK
from models.text.corpus_data import split_tag

FEATURES = (
    "one", "near", "nearest", "kin", "fit", "fit_after", "shared", "presumes", "memory_said",
    "memory_unsaid", "long", "asks_back",
)  # fmt: skip


def reply_text(reply: str) -> str:
    """A reply as the sentence model wants to see it."""
    return REPLY_MARK + reply


def _bigrams(text: str) -> set[str]:
    folded = re.sub(r"[^\w가-힣]", "", text.lower())
    return {folded[i : i + 2] for i in range(len(folded) - 1)}


def features(
    situation: Situation, candidates: Sequence[Candidate], vectors: NDArray[np.float32] | None
) -> NDArray[np.float64]:
    """[candidates, features]; ``vectors`` holds the message's and then the replies' unit vectors."""
    fits = np.zeros(len(candidates)) if vectors is None else vectors[1:] @ vectors[0]
    fits_after = np.zeros(len(candidates))
    if vectors is not None and situation.vector_after is not None:
        fits_after = vectors[1:] @ np.frombuffer(situation.vector_after, dtype=np.float32) - fits
    message = _bigrams(situation.text)
    values = [split_tag(tag)[1] for tag in situation.known]
    nearest = max((c.near for c in candidates), default=0.0)
    out = []
    known = {*stems(f"{situation.text} {situation.summary} {' '.join(situation.known)}")}
    for candidate, fit, after in zip(candidates, fits, fits_after, strict=True):
        said = any(value and value in candidate.text for value in values)
        shared = len(_bigrams(candidate.text) & message) / max(1, len(message))
        # words of the message that the exchange answered which nobody has said now
        presumed = min(3, len({*stems(candidate.text)} & {*stems(candidate.answered)} - known))
        out.append([
            1.0, candidate.near, candidate.near == nearest > 0, candidate.kin / 5, fit, after, shared,
            presumed, said, bool(values) and not said, max(0.0, len(candidate.text) / 60 - 1),
            "?" in candidate.text,
        ])  # fmt: skip
    return np.array(out, dtype=np.float64)


@dataclass(frozen=True)
class Ranker:
    """One weight for each of :data:`FEATURES`."""

    weights: tuple[float, ...]

    @classmethod
    def prior(cls) -> Ranker:
        """Weights set by hand, from before there were grades."""
        by_hand = {"one": 0.4, "near": 1.0, "fit": 0.8, "memory_said": 0.5}
        return cls(tuple(by_hand.get(name, 0.0) for name in FEATURES))

    @classmethod
    def load(cls, path: Path) -> Ranker:
        """Read weights. Raises FileNotFoundError, or ValueError when the features are others."""
        stored = json.loads(path.read_text())
        if set(stored["weights"]) != set(FEATURES):
            raise ValueError(f"{path.name}: other features")
        return cls(tuple(float(stored["weights"][name]) for name in FEATURES))

    @classmethod
    def fit(cls, x: NDArray[np.float64], grades: NDArray[np.float64], ridge: float = 3.0) -> Ranker:
        """Ridge regression of grades [rows] on features [rows, features]; shrinks to the prior."""
        prior = np.array(cls.prior().weights)
        gram = x.T @ x + ridge * np.eye(x.shape[1])
        return cls(tuple(prior + np.linalg.solve(gram, x.T @ (grades - x @ prior))))

    def save(self, path: Path, **about: object) -> None:
        """Write weights and what they were made from as JSON."""
        data = {"weights": dict(zip(FEATURES, self.weights, strict=True)), **about}
        path.write_text(json.dumps(data, indent=1, ensure_ascii=False))

    def scores(
        self, situation: Situation, candidates: Sequence[Candidate], vectors: NDArray[np.float32] | None
    ) -> list[float]:
        """A score for each candidate, on the scale of the grades."""
        return list(features(situation, candidates, vectors) @ np.array(self.weights))
