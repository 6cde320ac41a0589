"""The stage that makes her gallery: directions by VectorFind, faces that follow them, and their reports."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import torch

from models.face.finetune.data import digest
from models.face.scores.make import load_identity, scale_of
from models.face.scores.networks import ScoreNet, load_scores
from models.face.service import save_faces
from models.face.stylegan.generator import Generator
from models.face.stylegan.latent import settled
from models.face.vectorfind.check import Candidate, summary, trial
from models.face.vectorfind.codes import Scorer, Space, draw, sample, space_of, together
from models.face.vectorfind.find import VERSIONS, Found, find
from models.face.vectorfind.gallery import Liked, choose, id_of, joined, likeable, within
from models.face.vectorfind.memo import Memo
from models.face.vectorfind.offered import candidate_sheets

Report = Callable[[str, int], None]  # what is going on, and how many codes are done


@dataclass(frozen=True)
class FacesConfig:
    """How many random codes directions come from; how many others are tested for a gallery, and kept.

    ``faces`` are (version, tested, kept), of which each version tests at most ``tested``; ``limits`` (filter,
    least, most) of a face at rest. ``picked``: only these, by their ids, which somebody chose from the sheets
    of all that can be offered; then nothing needs ``filters``.
    """

    steps: int = 8_000
    faces: tuple[tuple[str, int, int], ...] = (("v7-joint", 120, 27), ("v8-joint", 400, 19))
    limits: tuple[tuple[str, float, float], ...] = (
        ("gender", 0.9, 1.0),
        ("quality", 0.8, 1.0),
        ("age", 0.0, 0.1),
        ("glass", 0.0, 0.1),
    )
    seed: int = 2025
    threads: int = 2
    bf16: bool = False  # pictures in bfloat16, for processors with AMX
    picked: tuple[str, ...] = ()
    tested: int | None = None
    device: str = "cpu"
    minutes: float = math.inf  # after which a call ends; the next one goes on

    @property
    def total(self) -> int:
        """Codes that are drawn or tested in all."""
        return self.steps + sum(min(n, self.tested or n) for _, n, _ in self.faces)


CONFIG: Final = FacesConfig()
MEASURED: Final = "faces.npz"


def faces(
    config: FacesConfig, generator: Generator, judge: Path, filters: Mapping[str, Sequence[ScoreNet]],
    work: Path, out: Path, report: Report,
) -> dict[str, Any]:  # fmt: skip
    """Find directions, test random codes, keep those that follow, hold still and are liked; write all.

    ``judge`` are the weights of the merged property network, beside which the identity's may lie: then it
    counts how much she stays herself, too. ``work`` keeps what was measured, from which a stage that was cut
    off goes on, and gets ``*-tested.json``, what became of each tested code, and sheets of those on offer, to
    pick from. Raises ModelError without the judge, ValueError where no code is left or a picked one is not
    among them, TimeUpError.
    """
    torch.set_num_threads(config.threads)
    space, cnn = _measuring(config, generator, judge, work)
    codes = sample(space, cnn, draw(space, config.steps, config.seed), lambda n: report("sample", n))
    galleries, figures = [], {}
    for name, number, most in config.faces:
        prefix = f"{name[:2]}-"
        version = replace(VERSIONS[name], n=config.steps, tested=number, passes=number)
        found = find(space, codes, version, scale=scale_of(judge))
        tested = _tested(space, cnn, found, config, partial(report, name))
        offered = likeable(space, tested, _liked(filters, config))
        candidate_sheets(space, offered, work / f"{name}-offered", prefix)
        if config.picked:
            offered = [each for each in offered if id_of(each, prefix) in config.picked]
        galleries.append(choose("w", offered, most, prefix=prefix))
        figures[name] = summary(tested) | {"faces": len(galleries[-1].faces)}
        _keep(work, name, tested)
    gallery = joined(galleries)
    if lost := set(config.picked) - {face.id for face in gallery.faces}:
        raise ValueError(f"not among the faces on offer: {', '.join(sorted(lost))}")
    about = {"ruler": found.ruler.to_json(), "galleries": figures}
    save_faces(out, generator.cpu(), gallery.normals, gallery.faces, gallery.space, **about)
    if space.memo:
        space.memo.save()  # for another choice among the same faces
    return figures


def _measuring(
    config: FacesConfig, generator: Generator, judge: Path, work: Path
) -> tuple[Space, Scorer]:  # fmt: skip
    """The space of codes with what was measured in it before, and the scorer."""
    nets = [net.to(config.device) for net in (load_scores(judge), load_identity(judge.parent)) if net]
    memo = Memo(
        work / MEASURED, digest(generator, *nets), until=time.monotonic() + 60 * config.minutes
    )  # fmt: skip
    space = space_of(generator.to(config.device), bf16=config.bf16)
    return replace(space, memo=memo), together(*nets)


def _tested(
    space: Space, cnn: Scorer, found: Found, config: FacesConfig, report: Callable[[int], None]
) -> list[Candidate]:
    latents = settled(draw(space, found.version.tested, config.seed + int(found.version.name[1])))
    # drawn as if all were tested, so that those who go on later test these first
    return trial(space, cnn, found, latents[: config.tested], report=report)


def _liked(filters: Mapping[str, Sequence[ScoreNet]], config: FacesConfig) -> Liked | None:
    """Likes a face at rest whose mean filter scores are within the limits; everything without filters."""
    known = [
        (_mean_of([net.to(config.device) for net in filters[kind]]), kind, least, most)
        for kind, least, most in config.limits
        if kind in filters
    ]
    return within(*known) if known else None


def _mean_of(nets: Sequence[ScoreNet]) -> Callable[[torch.Tensor], dict[str, torch.Tensor]]:
    """The folds of one filter as one scorer."""
    kind = nets[0].config.kind
    return lambda images: {kind: torch.stack([net(images) for net in nets]).mean(dim=0)}


def _keep(work: Path, name: str, tested: list[Candidate]) -> None:
    work.mkdir(parents=True, exist_ok=True)
    rows = [
        {
            "number": each.number, "group": each.group, "passed": each.passed,
            "correlation": each.follow.correlation, "error": each.follow.error, "drift": each.follow.drift,
            "identity": each.follow.identity,
        }
        for each in tested
    ]  # fmt: skip
    (work / f"{name}-tested.json").write_text(json.dumps(rows))
