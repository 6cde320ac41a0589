"""The portrait painter: exact, smooth, and true to its parameters. Needs the train extra."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("skia")

from models.face.painter.params import EXPRESSIONS
from models.face.painter.portrait import (
    PARAM_NAMES,
    Part,
    PortraitParams,
    from_gaussian,
    paint,
    paint_with_map,
)

HER = PortraitParams()
# Everything that fades in is shown, so that every parameter can be seen to act.
SHOWN = {
    "glasses": 0.9,
    "necklace": 0.9,
    "freckles": 0.9,
    "earrings": 0.8,
    "background_kind": 0.7,
    "hair_tuck": 0.8,
}
HIM = replace(HER, gender=1.0, hair_length=0.3)
MIDDLES = [0.5 * k for k in range(-2, 3)]


def level(name: str, share: float) -> float:
    """Value of a parameter at a share of its range."""
    return 2.0 * share - 1.0 if PARAM_NAMES.index(name) < EXPRESSIONS else share


def subject(name: str) -> PortraitParams:
    return HIM if name == "stubble" else replace(HER, **SHOWN)


def floats(params: PortraitParams, size: int = 48) -> np.ndarray:
    return paint(params, size).astype(float)


def ids_of(params: PortraitParams, size: int = 160) -> np.ndarray:
    return paint_with_map(params, size)[1]


def test_the_expression_comes_first_and_the_identity_is_rich() -> None:
    assert PARAM_NAMES[:EXPRESSIONS] == ("eyes", "mouth", "pose", "tilt", "gaze", "smile", "brow")
    assert len(PARAM_NAMES) - EXPRESSIONS >= 32


def test_the_same_parameters_paint_the_same_pixels() -> None:
    for first, second in zip(paint_with_map(HER, 128), paint_with_map(HER, 128), strict=True):
        assert np.array_equal(first, second)
    assert np.array_equal(paint(HER, 128), paint_with_map(HER, 128)[0])


@pytest.mark.parametrize("size", [64, 128])
def test_pictures_maps_and_mattes_are_bytes_of_the_size_asked_for(size: int) -> None:
    picture, ids, matte = paint_with_map(HER, size)
    assert (picture.shape, ids.shape, matte.shape) == ((size, size, 3), (size, size), (size, size))
    assert picture.dtype == ids.dtype == matte.dtype == np.uint8


@pytest.mark.parametrize("name", PARAM_NAMES)
def test_every_parameter_shows_and_acts_smoothly(name: str) -> None:
    base = subject(name)
    ends = (0.1, 0.6) if name in ("clothes_hue", "background_hue") else (0.02, 0.98)  # a hue is a circle
    low, high = (floats(replace(base, **{name: level(name, s)})) for s in ends)
    near, far = (floats(replace(base, **{name: level(name, s)})) for s in (0.62, 0.625))
    assert np.abs(high - low).max() > 12
    assert np.abs(far - near).max() < 60


@pytest.mark.parametrize("name", ["gender", "quality", "hair_length"])
def test_no_value_is_a_jump(name: str) -> None:
    base = replace(subject(name), hair_length=0.4) if name != "hair_length" else subject(name)
    run = [floats(replace(base, **{name: level(name, i / 20)}), 32) for i in range(21)]
    steps = [float(np.abs(b - a).mean()) for a, b in pairwise(run)]
    assert max(steps) < 7.0


@pytest.mark.parametrize(
    "base", [HER, HIM, replace(HER, pose=0.8, tilt=0.7), replace(HIM, eyes=-1.0, age=0.9)]
)
def test_the_map_holds_every_part(base: PortraitParams) -> None:
    found = set(np.unique(ids_of(replace(base, mouth=0.0, fringe=0.0))).tolist())
    assert found == set(range(11))


def centre(ids: np.ndarray, part: Part) -> tuple[float, float]:
    rows, columns = np.nonzero(ids == part)
    return float(columns.mean()), float(rows.mean())


def test_the_face_is_where_the_scorers_look() -> None:
    ids = ids_of(replace(HER, mouth=0.3), 256)
    (left, y), (right, _), (nose, _) = (
        centre(ids, part) for part in (Part.LEFT_EYE, Part.RIGHT_EYE, Part.NOSE)
    )
    assert left < nose < right
    assert 96 < y < 144
    for part, (top, bottom, start, stop) in {
        Part.LEFT_EYE: (96, 144, 64, 192),
        Part.RIGHT_EYE: (96, 144, 64, 192),
        Part.NOSE: (102, 165, 88, 168),
        Part.MOUTH: (160, 208, 96, 160),
    }.items():
        rows, columns = np.nonzero(ids == part)
        assert top <= rows.min() and rows.max() < bottom and start <= columns.min() and columns.max() < stop


def rising(values: list[float]) -> bool:
    return all(b > a for a, b in pairwise(values))


@pytest.mark.parametrize("base", [HER, HIM, replace(HER, pose=-0.6, smile=1.0)])
def test_eyes_and_mouth_open_with_their_parameters(base: PortraitParams) -> None:
    def tall(ids: np.ndarray, part: Part) -> float:
        return float((ids == part).sum(axis=0).max())

    eyes = [ids_of(replace(base, eyes=v)) for v in MIDDLES]
    assert rising([tall(ids, Part.LEFT_EYE) for ids in eyes])
    assert rising([tall(ids, Part.RIGHT_EYE) for ids in eyes])
    assert rising([tall(ids_of(replace(base, mouth=v)), Part.MOUTH) for v in MIDDLES])


def test_a_turn_moves_nose_and_narrows_the_far_eye() -> None:
    maps = [ids_of(replace(HER, pose=v)) for v in MIDDLES]
    assert rising([centre(ids, Part.NOSE)[0] for ids in maps])
    wide = [
        [float((ids == part).any(axis=0).sum()) for ids in maps] for part in (Part.LEFT_EYE, Part.RIGHT_EYE)
    ]
    assert wide[0][0] < wide[0][2] and wide[1][-1] < wide[1][2]


@pytest.mark.parametrize("side", [-1.0, 1.0])
@pytest.mark.parametrize("curl", [0.0, 1.0])
def test_a_turned_head_shows_its_far_eye_and_narrows_to_the_chin(side: float, curl: float) -> None:
    base = replace(HER, hair_tuck=0.0, hair_curl=curl, tilt=0.0, fringe=1.0)
    front, turned = (ids_of(replace(base, pose=pose), 256) for pose in (0.0, side))
    far = Part.RIGHT_EYE if side > 0.0 else Part.LEFT_EYE
    assert (turned == far).sum() > 0.65 * (front == far).sum()  # no hair in it, no edge through it

    def edge(height: float) -> float:
        """How far the face reaches beyond the middle on its far side, at a height in units."""
        face = (turned[int(height / 2)] != Part.REST) & (turned[int(height / 2)] != Part.HAIR)
        return float((side * (np.flatnonzero(face) - 127.5)).max())

    edges = [edge(height) for height in (258.0, 310.0, 350.0, 375.0)]
    assert rising([-at for at in edges])
    assert edges[-1] < 0.8 * edges[0]


def test_a_tilt_lowers_the_eye_it_leans_to() -> None:
    def slope(tilt: float) -> float:
        ids = ids_of(replace(HER, tilt=tilt))
        (xl, yl), (xr, yr) = centre(ids, Part.LEFT_EYE), centre(ids, Part.RIGHT_EYE)
        return (yr - yl) / (xr - xl)

    assert np.tan(np.radians(12.0)) == pytest.approx(slope(1.0), abs=0.02)
    assert rising([slope(v) for v in MIDDLES])


def test_hair_gets_longer_in_map_and_matte() -> None:
    maps = [paint_with_map(replace(HER, hair_length=v), 128) for v in (0.0, 0.25, 0.5, 0.75)]
    assert rising([float(np.nonzero(ids == Part.HAIR)[0].max()) for _, ids, _ in maps])
    for _, ids, matte in maps:
        assert ((matte > 127) == (ids == Part.HAIR)).mean() > 0.98
        assert ((matte > 0) & (matte < 255)).any()


def test_gaussian_draws_have_something_to_filter() -> None:
    codes = np.random.default_rng(5).standard_normal((2500, len(PARAM_NAMES)))
    people = [from_gaussian(code) for code in codes]
    assert 0.26 < np.mean([p.gender > 0.5 for p in people]) < 0.36
    assert 0.05 < np.mean([p.age > 0.7 for p in people]) < 0.09
    assert 0.05 < np.mean([p.glasses > 0.7 for p in people]) < 0.10
    assert 0.025 < np.mean([p.quality < 0.4 for p in people]) < 0.07
    values = np.array([[getattr(p, name) for name in PARAM_NAMES] for p in people])
    assert (
        values.max() <= 1.0 and values[:, :EXPRESSIONS].min() >= -1.0 and values[:, EXPRESSIONS:].min() >= 0.0
    )
    assert np.allclose(values[:, :EXPRESSIONS].std(axis=0), 3**-0.5, atol=0.03)  # even over [-1, 1]


def test_glasses_show_round_the_eyes_only() -> None:
    change = np.abs(floats(replace(HER, glasses=1.0), 128) - floats(HER, 128)).max(axis=2)
    rows, _ = np.nonzero(change > 8)
    assert change.max() > 80 and rows.min() > 40 and rows.max() < 90


def test_poor_quality_blurs() -> None:
    def detail(quality: float) -> float:
        return float(np.abs(np.diff(floats(replace(HER, quality=quality), 128), axis=1)).mean())

    assert detail(0.1) < 0.75 * detail(1.0)
    assert np.array_equal(ids_of(replace(HER, quality=0.0), 64), ids_of(HER, 64))


def test_a_wrong_number_of_coordinates_is_refused() -> None:
    with pytest.raises(ValueError, match="coordinates"):
        from_gaussian(np.zeros(3))
