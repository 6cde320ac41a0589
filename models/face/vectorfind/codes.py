"""Codes of a generator: the spaces in which they are edited, and what a scorer reads off their pictures.

The original edited z and label together (VectorFind-v6), w (v7, v8), or one of two points inside a mapping
with a second branch (v3.1): ``split1``, what its last layers are given, and ``split2``, the two results that
are added to w.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.face.scores.networks import IDENTITY
from models.face.stylegan.generator import Generator
from models.face.vectorfind.memo import Memo

Floats = NDArray[np.float64]
# Images [B, 3, r, r] in [-1, 1] -> scores by name [B] or [B, 1], or [B, k] in the order of the scorer's
# ``config.outputs`` where it has one, else of ORDER.
Scorer = Callable[[Tensor], "Tensor | Mapping[str, Tensor]"]

EXPRESSION: Final = ("eyes", "mouth", "pose")
HELD: Final = ("hair_color", "hair_length", "background_mean")  # should stay as they are when she moves
ORDER: Final = (*EXPRESSION, *HELD, "hairstyle")
SPACES: Final = ("z", "w", "split1", "split2")
_CAUGHT: Final = {"split1": ("dense6", "dense_new0"), "split2": ("dense7", "dense_new1")}


@dataclass(frozen=True)
class Table:
    """Scores [n, k] of n pictures; ``names`` are those of the columns."""

    names: tuple[str, ...]
    values: Floats

    def columns(self, names: Sequence[str]) -> Floats:
        """[n, len(names)]. Raises ValueError for scores that are not there."""
        missing = [name for name in names if name not in self.names]
        if missing:
            raise ValueError(f"the scorer does not tell {', '.join(missing)}")
        return self.values[:, [self.names.index(name) for name in names]]

    def rows(self, index: Any) -> Table:
        """The pictures that ``index`` chooses."""
        return Table(self.names, self.values[index])


@dataclass(frozen=True)
class Space:
    """Where codes are edited, d numbers each.

    ``encode`` takes z [B, z_dim] and label [B, n_labels] there, ``paint`` makes images [B, 3, r, r] in
    [-1, 1] of codes [B, d]; neither minds on which device its arguments are. ``batch`` pictures at once,
    their convolutions in bfloat16 if ``bf16`` (for processors with AMX), on a device of the kind ``device``.
    A ``memo`` knows what was measured before: by one scorer alone.
    """

    z_dim: int
    n_labels: int
    encode: Callable[[Tensor, Tensor], Tensor]
    paint: Callable[[Tensor], Tensor]
    batch: int = 16
    bf16: bool = False
    device: str = "cpu"
    memo: Memo | None = None

    def images(self, codes: Tensor) -> Tensor:
        """Images [B, 3, r, r] of codes [B, d], without gradient, drawn in the space's own precision."""
        with torch.no_grad(), torch.autocast(self.device, torch.bfloat16, enabled=self.bf16):
            return self.paint(codes).float()

    def codes(self, latents: Tensor) -> Tensor:
        """Codes [n, d], on the CPU, of z and label side by side [n, z_dim + n_labels]."""
        with torch.no_grad():
            parts = [self.encode(*p.split([self.z_dim, self.n_labels], 1)).cpu() for p in latents.split(4096)]
        return torch.cat(parts)


def space_of(generator: Generator, kind: str = "w", batch: int = 16, *, bf16: bool = False) -> Space:
    """The space ``kind`` of SPACES of a generator, with stored noise and without truncation.

    Raises ValueError for an unknown one, and for a split in a mapping without a second branch.
    """
    config, device = generator.config, next(generator.parameters()).device
    if kind not in SPACES:
        raise ValueError(f"unknown space {kind}; there are {', '.join(SPACES)}")
    if kind in _CAUGHT and not config.split_mapping:
        raise ValueError(f"{kind} needs a generator with a split mapping")

    def encode(z: Tensor, label: Tensor) -> Tensor:
        z, label = z.to(device), label.to(device)
        if kind == "z":
            return torch.cat([z, label], dim=1)
        if kind == "w":
            return generator.mapping(z, label)
        with _catching(generator.mapping, _CAUGHT[kind]) as caught:
            generator.mapping(z, label)
        return torch.cat([caught[name] for name in _CAUGHT[kind]], dim=1)

    def paint(codes: Tensor) -> Tensor:
        w = to_w(generator, codes.to(device), kind)
        return generator.synthesis(generator.truncation(w)).clamp(-1, 1)

    return Space(config.z_dim, config.n_labels, encode, paint, batch, bf16, device.type)


def to_w(generator: Generator, codes: Tensor, kind: str) -> Tensor:
    """w [B, w_dim] of codes [B, d] in one of SPACES."""
    mapping, config = generator.mapping, generator.config
    if kind == "w":
        return codes
    if kind == "z":
        return mapping(codes[:, : config.z_dim], codes[:, config.z_dim :])
    first, second = codes[:, : config.w_dim], codes[:, config.w_dim :]
    if kind == "split2":
        return first + second
    return mapping.get_submodule("dense7")(first) + mapping.get_submodule("dense_new1")(second)


@contextmanager
def _catching(mapping: nn.Module, names: Sequence[str]) -> Iterator[dict[str, Tensor]]:
    """What layers put out while the context lasts."""
    caught: dict[str, Tensor] = {}

    def hook_of(name: str) -> Callable[[nn.Module, Any, Tensor], None]:
        return lambda layer, given, out: caught.update({name: out})

    hooks = [mapping.get_submodule(name).register_forward_hook(hook_of(name)) for name in names]
    try:
        yield caught
    finally:
        for hook in hooks:
            hook.remove()


def draw(space: Space, n: int, seed: int, label_sd: float = 1.0) -> Tensor:
    """z and label side by side [n, z_dim + n_labels], N(0, 1); label times ``label_sd``."""
    latents = torch.randn(n, space.z_dim + space.n_labels, generator=torch.Generator().manual_seed(seed))
    latents[:, space.z_dim :] *= label_sd
    return latents


def measure(
    space: Space, scorer: Scorer, codes: Tensor, report: Callable[[int], None] | None = None
) -> Table:
    """Scores of the pictures of codes [n, d]; ``report`` gets the number done.

    Raises ValueError for no codes, and as :func:`read`.
    """
    if not len(codes):
        raise ValueError("no codes to measure")
    parts: list[Table] = []
    for part in codes.split(space.batch):
        parts.append(_measured(space, scorer, part))
        if report:
            report(sum(len(each.values) for each in parts))
    return Table(parts[0].names, np.concatenate([part.values for part in parts]))


def _measured(space: Space, scorer: Scorer, codes: Tensor) -> Table:
    if space.memo and (known := space.memo.get(codes)):
        return Table(*known)
    table = read(scorer, space.images(codes))
    if space.memo:
        space.memo.put(codes, table.names, table.values)
    return table


def together(*scorers: Scorer) -> Scorer:
    """Several scorers as one that tells what all of them tell."""

    def told(images: Tensor) -> Mapping[str, Tensor]:
        tables = [read(scorer, images) for scorer in scorers]
        return {name: torch.from_numpy(t.values[:, i]) for t in tables for i, name in enumerate(t.names)}

    return told


def read(scorer: Scorer, images: Tensor) -> Table:
    """What a scorer says of images [n, 3, r, r] in [-1, 1].

    A network scores in eval mode, whatever mode it is in: the original left dropout on. Raises ValueError
    for columns that have no names.
    """
    with torch.no_grad(), _in_eval_mode(scorer):
        said = scorer(images)
    if isinstance(said, Mapping):
        values = torch.stack([value.reshape(len(images)) for value in said.values()], dim=1)
        names = tuple(said)
    else:
        values = said
        names = tuple(getattr(getattr(scorer, "config", None), "outputs", ORDER[: values.shape[1]]))
    if len(names) != values.shape[1]:
        raise ValueError(f"{values.shape[1]} scores, but names for {len(names)}")
    return Table(names, values.double().cpu().numpy())


@contextmanager
def _in_eval_mode(scorer: Scorer) -> Iterator[None]:
    training = isinstance(scorer, nn.Module) and scorer.training
    if isinstance(scorer, nn.Module):
        scorer.eval()
    try:
        yield
    finally:
        if isinstance(scorer, nn.Module):
            scorer.train(training)


@dataclass(frozen=True)
class Codes:
    """Random codes as z and label [n, z_dim + n_labels], and the scores of their pictures."""

    latents: Tensor
    table: Table

    def first(self, n: int) -> Codes:
        """The first ``n``."""
        return Codes(self.latents[:n], self.table.rows(slice(n)))


def sample(
    space: Space, scorer: Scorer, latents: Tensor, report: Callable[[int], None] | None = None
) -> Codes:
    """Draw and score pictures of ``latents`` [n, z_dim + n_labels]; good for all spaces of a generator."""
    return Codes(latents, measure(space, scorer, space.codes(latents), report))


@dataclass(frozen=True)
class Ruler:
    """From scores to expression, (score - mid) / unit, and to standard deviations of what should stay.

    ``mid``, ``unit`` [3]; ``held`` names of HELD that the scorer tells, against whose change a face is held;
    ``sd`` [held] over random codes; ``watched`` names of IDENTITY, only looked at, and ``watched_sd``.
    """

    mid: Floats
    unit: Floats
    held: tuple[str, ...]
    sd: Floats
    watched: tuple[str, ...] = ()
    watched_sd: Floats = field(default_factory=lambda: np.empty(0))

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary for ``config.json``."""
        out: dict[str, Any] = {"held": list(self.held), "watched": list(self.watched)}
        return out | {name: getattr(self, name).tolist() for name in ("mid", "unit", "sd", "watched_sd")}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Ruler:
        """Undo :meth:`to_json`; older ones watch nothing."""
        data = {"watched": [], "watched_sd": []} | data
        mid, unit, sd, watched = (np.array(data[n], np.float64) for n in ("mid", "unit", "sd", "watched_sd"))
        return cls(mid, unit, tuple(data["held"]), sd, tuple(data["watched"]), watched)

    def expression(self, table: Table) -> Floats:
        """Eyes, mouth, pose [n, 3]; +-1 is the end of the range."""
        return (table.columns(EXPRESSION) - self.mid) / self.unit

    def rest(self, table: Table) -> Floats:
        """What is held, in standard deviations, [n, held]."""
        return table.columns(self.held) / self.sd

    def who(self, table: Table) -> Floats:
        """What is watched, in standard deviations, [n, watched]."""
        return table.columns(self.watched) / self.watched_sd

    def watching(self, table: Table) -> Ruler:
        """The same, with what random codes' scores tell of IDENTITY. ValueError for what never varies."""
        watched = tuple(name for name in IDENTITY if name in table.names)
        sd = table.columns(watched).std(axis=0)
        if not (sd > 0).all():
            raise ValueError("the identity of random codes does not vary")
        return replace(self, watched=watched, watched_sd=sd)


Scale = tuple[Floats, Floats]  # mid [3] and unit [3] of a ruler


def ruler_of(table: Table, scale: Scale | None = None) -> Ruler:
    """The ruler of random codes' scores, for a scorer whose expression has the ``scale``.

    Where it is unknown, the 5 % and 95 % quantiles are -0.9 and 0.9, as in draws that fill the range evenly.
    Raises ValueError for scores that do not vary.
    """
    moving = table.columns(EXPRESSION)
    held = tuple(name for name in HELD if name in table.names)
    low, high = np.quantile(moving, [0.05, 0.95], axis=0)
    sd = table.columns(held).std(axis=0)
    if not ((high - low > 0).all() and (sd > 0).all()):
        raise ValueError("the scores of random codes do not vary")
    mid, unit = scale or ((low + high) / 2, (high - low) / 1.8)
    return Ruler(mid, unit, held, sd).watching(table)
