"""How long a picture and a film of her take, and a picture of a full-size generator."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

CORES: Final = 2  # of the small server that is meant


def bench_face(folder: Path, n: int, seed: int) -> dict[str, Any]:
    """Medians of ``n`` after one that warms up; weights in ``folder``. Raises ModelError where they lack.

    A picture is drawn, and written as PNG, on one core; a film of 30 pictures on two, with its hair dyed or
    not. The full-size generator has random weights: they take as long as trained ones.
    """
    import torch

    from core.people import Scores
    from models.face.portraits import Shot
    from models.face.service import load_engine
    from models.face.stylegan.generator import Generator, GeneratorConfig

    engine, chance = load_engine(folder), random.Random(seed)
    faces = list(engine.faces)

    def shoot(cores: int, **how: Any) -> Callable[[], object]:
        def one() -> object:
            # hardly ever an expression twice, so that no picture that was kept is used again
            end = Scores(chance.uniform(-1, 1), chance.uniform(-1, 1), chance.uniform(-1, 1))
            return engine.run([Shot(chance.choice(faces), end, **how)])

        return lambda: _on(cores, one)

    full = Generator(GeneratorConfig.full()).eval()
    z, label = torch.randn(1, full.config.z_dim), torch.zeros(1, full.config.n_labels)

    def whole() -> object:
        with torch.inference_mode():
            return full(z, label)

    return {
        "pictures": n,
        "picture, one core, ms": _median(n, shoot(1)),
        "film as WebP, two cores, ms": _median(n, shoot(CORES, kind="webp")),
        "film as GIF, two cores, ms": _median(n, shoot(CORES, kind="gif")),
        "dyed film as WebP, two cores, ms": _median(n, shoot(CORES, kind="webp", hair="271")),
        "full size, two cores, ms": _median(n, lambda: _on(CORES, whole)),
    }


def _on(cores: int, work: Callable[[], object]) -> object:
    import torch

    torch.set_num_threads(cores)
    return work()


def _median(n: int, work: Callable[[], object]) -> float:
    work()
    spent = []
    for _ in range(n):
        started = time.perf_counter()
        work()
        spent.append(1000 * (time.perf_counter() - started))
    return round(statistics.median(spent), 1)
