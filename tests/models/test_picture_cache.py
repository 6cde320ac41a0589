"""Pictures that are used again, and the engine that uses them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from core.errors import ModelError
from core.people import Scores
from models.face.cache import PictureCache
from models.face.motion import FRAMES
from models.face.portraits import Shot
from models.face.service import BATCH, Face, FaceEngine
from models.face.stylegan.generator import Generator, GeneratorConfig
from models.face.vectorfind.calibration import Calibration


def never() -> bytes:
    raise AssertionError("drawn twice")


def of_size(size: int) -> Callable[[], bytes]:
    return lambda: bytes(size)


def test_a_picture_is_drawn_once() -> None:
    cache = PictureCache(100)
    assert cache.get("a", lambda: b"one") == b"one" == cache.get("a", never)
    assert (cache.hits, cache.misses, cache.size, len(cache)) == (1, 1, 3, 1)


def test_what_was_not_used_for_longest_makes_room() -> None:
    cache = PictureCache(100)
    for key in "abc":
        cache.get(key, of_size(30))
    cache.get("a", never)
    cache.get("d", of_size(60))  # 150 bytes: b and c go
    assert (cache.size, len(cache)) == (90, 2)
    cache.get("a", never)
    cache.get("d", never)
    cache.get("b", of_size(30))
    assert cache.size == 90 and cache.misses == 5


def test_a_picture_larger_than_the_cache_drives_nothing_out() -> None:
    cache = PictureCache(100)
    cache.get("a", of_size(100))
    assert len(cache.get("b", of_size(101))) == 101
    cache.get("a", never)
    assert (cache.size, len(cache)) == (100, 1)


def test_failures_are_not_kept() -> None:
    cache = PictureCache(100)

    def fails() -> bytes:
        raise ModelError("broken")

    with pytest.raises(ModelError):
        cache.get("a", fails)
    assert cache.get("a", lambda: b"x") == b"x" and cache.size == 1


@pytest.fixture
def engine() -> FaceEngine:
    torch.manual_seed(0)
    config = GeneratorConfig.mini(32)
    straight = Calibration(
        np.vstack([np.zeros((1, 3)), np.eye(3), np.zeros((6, 3))]), np.full(3, -1.0), np.full(3, 1.0)
    )
    faces = [Face(name, torch.randn(config.w_dim), straight) for name in ("a", "b")]
    return FaceEngine(Generator(config), 5 * torch.eye(3, config.w_dim), faces)


@pytest.fixture
def drawn(engine: FaceEngine) -> list[int]:
    """Pictures that the generator drew, batch by batch."""
    batches: list[int] = []
    engine.generator.synthesis.register_forward_pre_hook(lambda _, given: batches.append(len(given[0])))
    return batches


def test_the_same_expression_is_not_drawn_twice(engine: FaceEngine, drawn: list[int]) -> None:
    glad, nearly, other = Scores(0.5, 0.2, 0.0), Scores(0.51, 0.19, -0.02), Scores(0.56, 0.2, 0.0)
    one, two, three, four = engine.run([Shot("a", s) for s in (glad, nearly, other)] + [Shot("b", glad)])
    assert one == two and len({one, three, four}) == 3
    assert (engine.recent.hits, drawn) == (1, [1, 1, 1])
    assert engine.run([Shot("a", nearly)]) == [one] and len(drawn) == 3


def test_what_is_drawn_does_not_depend_on_what_was_drawn_before(engine: FaceEngine) -> None:
    (first,) = engine.run([Shot("a", Scores(0.51, 0, 0))])
    engine.recent = PictureCache()
    assert engine.run([Shot("a", Scores(0.49, 0, 0))]) == [first]
    assert engine.recent.hits == 0


def test_films_are_drawn_in_small_batches_and_once_for_each_kind(
    engine: FaceEngine, drawn: list[int]
) -> None:
    mapped: list[object] = []
    engine.generator.mapping.register_forward_pre_hook(lambda *given: mapped.append(given))
    start, end = Scores(0, -0.8, 0), Scores(0.9, 0.8, -0.5)
    webp, gif, again, still = engine.run(
        [
            Shot("a", end, start, "webp"),
            Shot("a", end, start, "gif"),
            Shot("a", end, start, "webp"),
            Shot("a", end),
        ]
    )
    assert webp == again and (webp[8:12], gif[:6], still[1:4]) == (b"WEBP", b"GIF89a", b"PNG")
    assert sum(drawn) == 2 * FRAMES + 1 and max(drawn) <= BATCH
    assert engine.recent.hits == 1 and not mapped, "w is worked out once for each face, before"
    (other_way,) = engine.run([Shot("a", end, Scores(-0.8, -0.8, 0), "webp")])
    assert other_way != webp


def test_an_unknown_face_is_said(engine: FaceEngine) -> None:
    with pytest.raises(ModelError, match="unknown face"):
        engine.run([Shot("c", Scores(0, 0, 0))])
    assert len(engine.recent) == 0
