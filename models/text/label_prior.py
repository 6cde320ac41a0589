"""Which expression labels the words of a reply suggest, beside what the language model makes of them.

Logistic regressions (scikit-learn), one label of an axis against its others, on character n-grams of
reply and message that are hashed into a fixed number of buckets (Weinberger et al., ICML 2009). Their
log-probabilities are added to those of the expression adapter: a product of experts (Hinton, 2002).
"""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.prompt import AXES, EYES_TOKENS, MOUTH_TOKENS, POSE_TOKENS, label_token
from models.text.corpus_data import Row

FILE: Final = "labels.npz"
AXES_TOKENS: Final = (EYES_TOKENS, MOUTH_TOKENS, POSE_TOKENS)
TOKENS: Final = tuple(token for axis in AXES_TOKENS for token in axis)
BUCKETS: Final = 2**16
STRENGTH: Final = 2.0  # C of scikit-learn, chosen on dev
_SIGNS: Final = re.compile(r"[\U0001F300-\U0001FAFF☀-➿]|[!?~]|ㅋㅋ|ㅎㅎ|ㅠ|\.\.")
_TRAIL: Final = re.compile(r"[\s\U0001F300-\U0001FAFF☀-➿\uFE0F\u200D]+$")


def _ngrams(text: str, shortest: int) -> Iterable[str]:
    """Of at most four characters, over the edges of words."""
    text = f" {' '.join(text.lower().split())} "
    return (text[i : i + n] for n in range(shortest, 5) for i in range(len(text) - n + 1))


def _signs(reply: str) -> Iterable[str]:
    """Emoji, marks and laughter of a reply, and the letter or mark that its words end with."""
    return [*(_SIGNS.findall(reply) or [""]), f"${_TRAIL.sub('', reply)[-1:]}"]


def weighed(text: str, reply: str) -> dict[int, float]:
    """{bucket: weight} of an exchange: n-grams and signs of the reply, n-grams of the message at half."""
    parts = (("r", _ngrams(reply, 1), 1.0), ("m", _ngrams(text, 2), 0.5), ("s", _signs(reply), 1.0))
    out: dict[int, float] = {}
    for mark, features, weight in parts:
        names = (f"{mark}{feature}".encode("utf-8", "surrogatepass") for feature in features)
        counts = Counter(zlib.crc32(name) % BUCKETS for name in names)
        values = {bucket: 1 + math.log(n) for bucket, n in counts.items()}
        length = math.hypot(*values.values()) or 1.0
        for bucket, value in values.items():
            out[bucket] = out.get(bucket, 0.0) + weight * value / length
    return out


@dataclass(frozen=True)
class LabelPrior:
    """Weights of the labels in the order of :data:`TOKENS`: [buckets, labels], [labels]."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    @classmethod
    def fit(cls, rows: Sequence[Row]) -> LabelPrior:
        """On the labels of rows, in which every label must occur."""
        from scipy.sparse import csr_matrix
        from sklearn.linear_model import LogisticRegression

        each = [weighed(row.text, row.reply) for row in rows]
        ends = np.cumsum([0, *map(len, each)])
        buckets = np.array([bucket for one in each for bucket in one])
        values = np.array([value for one in each for value in one.values()])
        x = csr_matrix((values, buckets, ends), shape=(len(each), BUCKETS))
        wanted = [{*map(label_token, AXES, row.labels)} for row in rows]
        models: list[Any] = [
            LogisticRegression(C=STRENGTH, solver="liblinear").fit(x, [token in all_ for all_ in wanted])
            for token in TOKENS
        ]
        weights = np.stack([model.coef_[0] for model in models], axis=1)
        bias = np.array([model.intercept_[0] for model in models])
        return cls(weights.astype(np.float32), bias.astype(np.float32))

    def chances(self, text: str, reply: str) -> dict[str, float]:
        """{label token: log-probability among the labels of its axis} for her reply to a message."""
        found = weighed(text, reply)
        values = np.array([*found.values()], dtype=np.float32)
        scores = values @ self.weights[[*found]] + self.bias
        odds = dict(zip(TOKENS, scores.tolist(), strict=True))
        out: dict[str, float] = {}
        for axis in AXES_TOKENS:
            whole = math.log(sum(math.exp(odds[token]) for token in axis))
            out |= {token: odds[token] - whole for token in axis}
        return out

    def save(self, path: Path) -> None:
        """Write the arrays, the weights in int8 with a scale for each label."""
        scales = np.abs(self.weights).max(axis=0).clip(1e-8) / 127
        steps = np.rint(self.weights / scales).astype(np.int8)
        np.savez_compressed(path, weights=steps, scales=scales, bias=self.bias)

    @classmethod
    def load(cls, path: Path) -> LabelPrior | None:
        """The weights of a file; None when there is none, or it was made for other features."""
        if not path.is_file():
            return None
        with np.load(path, allow_pickle=False) as stored:
            if stored["weights"].shape != (BUCKETS, len(TOKENS)):
                return None
            return cls(stored["weights"] * stored["scales"].astype(np.float32), stored["bias"])
