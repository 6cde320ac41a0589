"""Her face in motion: scores over the pictures of a film, and the files they are put in."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.errors import ModelError
from core.people import NEUTRAL, Film, Scores
from models.face import films
from models.face.films import LIMIT, to_film
from models.face.motion import (
    BACK,
    FRAME_MS,
    FRAMES,
    LONGEST_MS,
    REACH,
    SHORTEST,
    STEP,
    blink,
    clip,
    idle,
    way,
)

axis = st.floats(-1, 1)
expressions = st.builds(Scores, axis, axis, axis)
seeds = st.integers(0, 2**32 - 1)

SAD, GLAD = Scores(-0.8, -0.8, -0.5), Scores(0.9, 0.8, 0.5)


def array(scores: Scores) -> Any:
    return np.array([scores.eyes, scores.mouth, scores.pose])


def test_the_way_is_half_a_cosine_there_and_back() -> None:
    path = way(Scores(0, -0.8, 1), Scores(1, 0.2, -1), 5, hold=2, out=2)
    eyes = [0, 0.1464466, 0.5, 0.8535534, 1, 1, 1, 0.5, 0]  # (1 - cos(t pi)) / 2 at quarters; at halves back
    assert np.allclose(path[:, 0], eyes, atol=1e-7)
    assert np.allclose(path[:, 1], np.array(eyes) - 0.8, atol=1e-7)
    assert np.allclose(path[:, 2], 1 - 2 * np.array(eyes), atol=1e-7)


def test_blinks_shut_the_eyes_softly_in_three_ways() -> None:
    rng = np.random.default_rng(0)
    seen = [blink(rng) for _ in range(2000)]
    for closed in seen:
        assert closed.max() == pytest.approx(1.0) and 0.35 < closed[0] < 0.5  # .25 times 1.1 to 1.5, by .77
        assert np.array_equal(closed, closed[::-1]) and (np.diff(closed[: len(closed) // 2]) >= 0).all()
    share = [sum(len(closed) == n for closed in seen) / len(seen) for n in (6, 5, 4)]
    assert share == pytest.approx([0.4, 0.3, 0.3], abs=0.04)


@given(seeds, st.integers(SHORTEST, 200))
@settings(max_examples=60)
def test_idle_movement_stays_near_rest_and_comes_back(seed: int, frames: int) -> None:
    walk = idle(np.random.default_rng(seed), frames)
    assert walk.shape == (frames, 3)
    assert not walk[0].any() and np.allclose(walk[-1], 0, atol=1e-12)
    assert (np.abs(walk) <= REACH).all() and (np.abs(np.diff(walk, axis=0)) <= 2 * np.array(STEP)).all()


def test_idle_movement_is_seen_and_held_at_its_reach() -> None:
    long = [idle(np.random.default_rng(seed), 400) for seed in range(20)]
    assert max(np.abs(walk).max() for walk in long) == max(REACH)  # without a clamp it strays farther
    short = [np.abs(idle(np.random.default_rng(seed), FRAMES)).max(axis=0) for seed in range(50)]
    assert (np.mean(short, axis=0) > 0.01).all()
    assert not np.array_equal(long[0], long[1])


@given(expressions, expressions, seeds, st.integers(SHORTEST, LONGEST_MS // FRAME_MS))
@settings(max_examples=150)
def test_clips_close(start: Scores, end: Scores, seed: int, frames: int) -> None:
    path = clip(start, end, seed, frames)
    assert path.shape == (frames, 3) and (np.abs(path) <= 1).all()
    assert np.abs(path[0] - path[-1]).max() < 1e-9 and np.abs(path[0] - array(end)).max() < 1e-9
    assert np.array_equal(path, clip(start, end, seed, frames))


@given(expressions, expressions, seeds)
@settings(max_examples=150)
def test_nothing_jumps_but_lids(start: Scores, end: Scores, seed: int) -> None:
    """At most the steepest of seven eased steps over half the range, and what she strays."""
    jumps = np.abs(np.diff(clip(start, end, seed), axis=0))
    most = np.sin(np.pi / 14) * BACK * 2 + 2 * np.array(STEP)
    assert (jumps[:, 1:] <= most[1:] + 1e-9).all()
    assert (jumps[FRAMES // 2 :, 0] <= most[0] + 1e-9).all()  # she blinks in the first half
    assert (jumps[:, 0] <= 2 * (1 - 0.25 * 1.1 / 0.77) + 2 * STEP[0]).all()


def test_she_relaxes_half_the_way_to_the_expression_of_before() -> None:
    path = clip(SAD, GLAD, seed=1)
    assert np.abs(path[22] - (array(SAD) + array(GLAD)) / 2 <= REACH).all()
    assert np.abs(path[: FRAMES // 2, 1:] - array(GLAD)[1:] <= REACH[1:]).all()
    at_rest = clip(GLAD, GLAD, seed=1)
    assert (np.abs(at_rest - array(GLAD))[:, 1:] <= REACH[1:]).all() and at_rest[:, 1:].std(axis=0).min() > 0


def test_most_clips_have_one_blink_and_some_have_none() -> None:
    blinks = 0
    for seed in range(400):
        shut = clip(NEUTRAL, NEUTRAL, seed)[:, 0] < -0.8
        edges = int(np.count_nonzero(np.diff(shut.astype(int)) == 1))
        assert edges <= 1 and not shut[0]
        blinks += edges
    assert 0.72 < blinks / 400 < 0.88


@pytest.mark.parametrize("frames", [0, SHORTEST - 1, LONGEST_MS // FRAME_MS + 1])
def test_clips_are_not_too_short_and_not_longer_than_three_seconds(frames: int) -> None:
    assert FRAMES * FRAME_MS <= LONGEST_MS
    with pytest.raises(ValueError, match="pictures"):
        clip(SAD, GLAD, 0, frames)


def smooth_pictures(n: int) -> list[Image.Image]:
    """A disc that moves over a gradient."""
    y, x = np.mgrid[:256, :256]
    out = []
    for i in range(n):
        disc = (x - 80 - 3 * i) ** 2 + (y - 128) ** 2 < 50**2
        pixels = np.stack(
            [np.where(disc, 230, x // 2), np.where(disc, 180, y // 2), np.full_like(x, 120)], axis=-1
        )
        out.append(Image.fromarray(pixels.astype(np.uint8)))
    return out


def opened(data: bytes) -> tuple[Image.Image, list[Any], list[int]]:
    """The file, its pictures as arrays, and how long each stands (ms)."""
    film = Image.open(io.BytesIO(data))
    pictures, durations = [], []
    for number in range(film.n_frames):  # type: ignore[attr-defined]
        film.seek(number)
        film.load()
        pictures.append(np.asarray(film.convert("RGB"), float))
        durations.append(film.info["duration"])
    return film, pictures, durations


@pytest.mark.parametrize("kind", ["webp", "gif"])
def test_films_hold_their_pictures_and_times(kind: Film) -> None:
    given = smooth_pictures(FRAMES)
    film, pictures, durations = opened(to_film(given, kind))
    assert (film.format, film.size, film.info["loop"]) == (kind.upper(), (256, 256), 0)
    assert durations == [FRAME_MS] * FRAMES
    for shown, wanted in zip(pictures, given, strict=True):
        assert np.abs(shown - np.asarray(wanted, float)).mean() < 4


def test_in_a_gif_only_what_is_seen_to_move_moves() -> None:
    creeping = [Image.new("RGB", (8, 8), (100 + 2 * i, 0, 0)) for i in range(8)]
    _, pictures, durations = opened(to_film(creeping, "gif", 80))
    assert durations == [240, 240, 160]
    assert [shown[0, 0, 0] for shown in pictures] == pytest.approx([100, 106, 112], abs=2.5)


@pytest.mark.parametrize("kind", ["webp", "gif"])
def test_noise_too_is_no_larger_than_a_megabyte(kind: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(films, "QUALITIES", films.QUALITIES[-1:])  # the others are tried in vain, slowly
    monkeypatch.setattr(films, "COLOURS", films.COLOURS[-1:])
    rng = np.random.default_rng(0)
    noise = [Image.fromarray(rng.integers(0, 256, (256, 256, 3), dtype=np.uint8)) for _ in range(FRAMES)]
    data = to_film(noise, kind)
    assert len(data) <= LIMIT
    assert len(opened(data)[1]) == FRAMES


@pytest.mark.parametrize("kind", ["webp", "gif"])
def test_quality_falls_no_further_than_it_must(kind: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = smooth_pictures(8)
    best = to_film(pictures, kind)
    monkeypatch.setattr(films, "LIMIT", len(best))
    assert to_film(pictures, kind) == best
    monkeypatch.setattr(films, "LIMIT", len(best) - 1)
    assert 0 < len(to_film(pictures, kind)) < len(best)
    monkeypatch.setattr(films, "LIMIT", 100)
    with pytest.raises(ModelError, match="larger"):
        to_film(pictures, kind)
