"""What a fine-tune learns from: pictures of the generator before it, filtered towards one kind of face.

Pictures lie in one file of bytes that is mapped, not read. Drawing them is resumed part by part.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.lib.format import open_memmap
from numpy.typing import NDArray
from torch import Tensor, nn

from models.face.finetune.recipes import ENDLESS, styles
from models.face.pixels import chosen, to_bytes
from models.face.scores.measures import NAMES, normalise
from models.face.scores.networks import ScoreNet, score, score_mean
from models.face.stylegan.generator import Generator
from models.runtime.saving import TimeUpError

PART: Final = 250  # pictures between two notes of how far the drawing has come
SIGNS: Final = {"gender": 1, "quality": 1, "age": -1, "glass": -1}  # + : high scores are wanted
SURE: Final = 1e-7  # probabilities nearer to 0 or 1 are all the same

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]
Filters = Mapping[str, Sequence[ScoreNet]]  # by name, the networks whose mean is the score


@dataclass(frozen=True)
class Limits:
    """What a picture must score: at least or, by :data:`SIGNS`, at most ``bounds``.

    ``share`` is the part of the pictures that the original kept, ``n`` how many it chose from.
    """

    bounds: dict[str, float]
    share: float
    n: int


# By the data of a fine-tune. The original drew 15,000 pictures of v1 and left out 2,000 that it had
# labelled by hand for the filters.
LIMITS: Final = {
    "base": Limits({"gender": 0.7, "quality": 0.9}, 4703 / 10_000, 10_000),
    "v1": Limits({"gender": 0.92, "quality": 0.9, "age": 0.008, "glass": 0.01}, 4930 / 13_000, 13_000),
}
# From which score on a picture counts as such a face: where the original's filters were judged.
CONCEPT: Final = {"gender": 0.5, "quality": 0.9, "age": 0.1, "glass": 0.1}


def seeded(*numbers: int) -> None:
    """Seed PyTorch, on every device, by several numbers."""
    torch.manual_seed(int(np.random.SeedSequence(numbers).generate_state(1)[0]))


def drawn(
    generator: Generator,
    z: NDArray[np.float32],
    label: NDArray[np.float32],
    psi: float = 1.0,
    batch: int = 16,
) -> Bytes:
    """Pictures [n, r, r, 3] of codes z [n, z_dim] and labels [n, k], with stored noise."""
    device, made = next(generator.parameters()).device, []
    with torch.inference_mode():
        for i in range(0, len(z), batch):
            code, given = (torch.from_numpy(x[i : i + batch]).to(device) for x in (z, label))
            made.append(to_bytes(generator.synthesis(styles(generator, code, given, psi))))
    return np.concatenate(made)


def random_codes(
    generator: Generator, n: int, *seeds: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """z [n, z_dim] and labels [n, k], both N(0, 1)."""
    rng, config = np.random.default_rng(seeds), generator.config
    z = rng.standard_normal((n, config.z_dim), np.float32)
    return z, rng.standard_normal((n, config.n_labels), np.float32)


@dataclass(frozen=True)
class GeneratedSet:
    """Pictures [n, r, r, 3] (mapped) of a generator, with the z [n, z_dim] and labels [n, k] behind them."""

    pictures: Bytes
    z: NDArray[np.float32]
    labels: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.z)


def generated_set(
    generator: Generator, n: int, seed: int, folder: Path, report: Callable[[int], None] | None = None,
    until: float = ENDLESS,
) -> GeneratedSet:  # fmt: skip
    """Draw ``n`` random pictures of a generator into ``folder``, or what is missing of them.

    ``report`` gets the number done. Raises ValueError where the folder holds another set, TimeUpError when
    some are missing at the moment ``until`` (monotonic), after one part at least.
    """
    folder.mkdir(parents=True, exist_ok=True)
    state, size = folder / "set.json", generator.config.resolution
    about: dict[str, Any] = {"n": n, "seed": seed, "size": size, "generator": digest(generator)}
    done, path, shape = 0, folder / "pictures.npy", (n, size, size, 3)
    if state.exists():
        found = json.loads(state.read_text("utf-8"))
        done = found.pop("done")
        if found != about:
            raise ValueError(f"{folder} holds pictures of another generator, number or seed")
    else:
        open_memmap(path, mode="w+", dtype=np.uint8, shape=shape).flush()
    codes = [random_codes(generator, PART, seed, part) for part in range(-(-n // PART))]
    z, labels = (np.concatenate(each)[:n] for each in zip(*codes, strict=True))
    pictures = open_memmap(path, mode="r+" if done < n else "r")
    while done < n:
        seeded(seed, done)
        rows = slice(done, min(done + PART, n))
        pictures[rows] = drawn(generator, z[rows], labels[rows])
        pictures.flush()
        done = rows.stop
        partial = state.with_suffix(".part")
        partial.write_text(json.dumps({**about, "done": done}), "utf-8")
        partial.replace(state)
        if report:
            report(done)
        if done < n and time.monotonic() >= until:
            raise TimeUpError(folder)
    return GeneratedSet(pictures, z, labels)


def digest(*networks: nn.Module) -> str:
    """A short name for the weights of networks."""
    total = hashlib.sha256()
    for network in networks:
        for key, value in network.state_dict().items():
            total.update(key.encode() + value.detach().cpu().contiguous().numpy().tobytes())
    return total.hexdigest()[:16]


def filter_scores(filters: Filters, pictures: Bytes) -> dict[str, Floats]:
    """Probability [n] of each filter, by name: the mean of its networks, in eval mode."""
    return {name: score_mean(nets, pictures)[:, 0] for name, nets in filters.items()}


@dataclass(frozen=True)
class Filtered:
    """Which pictures are kept: those within the limits as given, and the wanted share of all.

    ``within`` and ``kept`` are their numbers, ascending; ``bounds`` are the limits that keep ``kept``, and
    ``shift`` how much stricter these are in log odds (below 0: milder).
    """

    n: int
    within: NDArray[np.int64]
    kept: NDArray[np.int64]
    bounds: dict[str, float]
    shift: float

    def figures(self) -> dict[str, Any]:
        """Both shares, and the limits that were used."""
        shares = {"within": len(self.within) / self.n, "kept": len(self.kept) / self.n}
        return {"n": self.n, **shares, "shift": self.shift, "bounds": self.bounds}


def _log_odds(p: Any) -> Floats:
    sure = np.clip(np.asarray(p, np.float64), SURE, 1 - SURE)
    return np.asarray(np.log(sure) - np.log1p(-sure))


def margins(scores: Mapping[str, Floats], bounds: Mapping[str, float]) -> Floats:
    """Log odds [n] by which the worst of a picture's scores is on the good side of its limit."""
    each = [SIGNS[name] * (_log_odds(scores[name]) - _log_odds(bound)) for name, bound in bounds.items()]
    return np.asarray(np.min(each, axis=0))


def filtered(scores: Mapping[str, Floats], bounds: Mapping[str, float], share: float) -> Filtered:
    """Keep the ``share`` of pictures that are farthest on the good side of all limits.

    The limits of the original belong to its filters; others are surer or less sure, and the same numbers
    may keep nearly all pictures or none. So all limits move together, by the same log odds, until the
    original's share is kept: one quantile of the joint margin. (Equal quantiles of each score would let
    men through where they are more than the share that is dropped for another reason.) Ties at the limit
    are kept. Raises ValueError when a score is missing or no number, or nothing would be kept.
    """
    if missing := [name for name in bounds if name not in scores]:
        raise ValueError(f"no scores of {', '.join(missing)}")
    joint = margins(scores, bounds)
    n = len(joint)
    wanted = round(share * n)
    if not np.isfinite(joint).all() or not 1 <= wanted <= n:
        raise ValueError(f"cannot keep {share:.3f} of {n} pictures")
    shift = float(np.sort(joint)[n - wanted])
    strict = all_within(scores, bounds)
    moved = {name: float(_odds_moved(bound, SIGNS[name] * shift)) for name, bound in bounds.items()}
    return Filtered(n, np.flatnonzero(strict), np.flatnonzero(joint >= shift), moved, shift)


def _odds_moved(p: float, log_odds: float) -> Floats:
    return np.asarray(1 / (1 + np.exp(-(_log_odds(p) + log_odds))))


def all_within(scores: Mapping[str, Floats], bounds: Mapping[str, float]) -> NDArray[np.bool_]:
    """Which pictures [n] are on the good side of all limits, or on them."""
    each = [SIGNS[name] * (scores[name] - bound) >= 0 for name, bound in bounds.items()]
    return np.asarray(np.all(each, axis=0))


def concept(
    scores: Mapping[str, Floats], limits: Mapping[str, Mapping[str, float]], names: Sequence[str] = ()
) -> dict[str, Any]:
    """Mean scores; shares on the good side of each :data:`CONCEPT`, of all, and of each of ``limits``.

    Of ``properties`` [n, 7] among the scores also their mean deviation, ``variety``; and how far they
    follow ``labels`` [n, k], whose properties are ``names`` [k]: ``correlation`` and mean ``error`` of each.
    """
    bounds = {name: bound for name, bound in CONCEPT.items() if name in scores}
    shares = {name: float(all_within(scores, {name: bound}).mean()) for name, bound in bounds.items()}
    means = {name: float(values.mean()) for name, values in scores.items() if values.ndim == 1}
    if "properties" in scores:
        means["variety"] = float(scores["properties"].std(axis=0).mean())
    whole = {name: float(all_within(scores, each).mean()) for name, each in limits.items()}
    out = {"mean": means, "share": shares, "all": float(all_within(scores, bounds).mean()), **whole}
    if names:
        found, asked = scores["properties"][:, [NAMES.index(name) for name in names]], scores["labels"]
        pairs = zip(found.T, asked.T, strict=True)
        out["correlation"] = [float(np.corrcoef(pair)[0, 1]) for pair in pairs]
        out["error"] = np.abs(found - asked).mean(axis=0).tolist()
    return out


@dataclass(frozen=True)
class Reals:
    """The real pictures of a fine-tune: those of ``pictures`` that ``index`` names, with labels [n, k]."""

    pictures: Bytes
    index: NDArray[np.int64]
    labels: NDArray[np.float32]

    def __post_init__(self) -> None:
        if len(self.index) != len(self.labels) or not len(self.index):
            raise ValueError(f"{len(self.index)} pictures, {len(self.labels)} labels")

    def __len__(self) -> int:
        return len(self.index)

    def batch(self, seed: int, number: int, size: int) -> tuple[Tensor, Tensor]:
        """Pictures [B, 3, r, r] in [-1, 1] and labels [B, k]; a pure function of seed and number."""
        rows = np.random.default_rng((seed, number)).integers(len(self.index), size=size)
        return chosen(self.pictures, self.index[rows]), torch.from_numpy(self.labels[rows])


def property_scores(net: ScoreNet, pictures: Bytes) -> Floats:
    """Scores [n, 7] of a property network, or the first seven of a merged one."""
    return score(net, pictures)[:, : len(NAMES)]


def labels_of(scores: Floats, index: NDArray[np.int64], names: Sequence[str]) -> NDArray[np.float32]:
    """z-scores [k, names] of the pictures ``index`` [k] among themselves, of scores [n, 7] of all."""
    columns = [NAMES.index(name) for name in names]
    return normalise(scores[index][:, columns])[0].astype(np.float32)


def jittered(images: Tensor, amount: float) -> Tensor:
    """Images [B, 3, r, r] in [-1, 1], each with other brightness and contrast: factors 1 +- ``amount``.

    Brightness scales the light, contrast the distance from the picture's mean grey (luma).
    """
    light = (images + 1) / 2
    bright, contrast = 1 + amount * (2 * torch.rand(2, len(images), 1, 1, 1, device=images.device) - 1)
    light = (light * bright).clamp(0, 1)
    luma = torch.tensor([0.299, 0.587, 0.114], device=images.device).view(1, 3, 1, 1)
    grey = (light * luma).sum(dim=1, keepdim=True).mean(dim=(2, 3), keepdim=True)
    return (grey + contrast * (light - grey)).clamp(0, 1) * 2 - 1
