"""The dye: its steps by hand-computed values, its cycle, and the colours that people name."""

from __future__ import annotations

import math
import time
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.colours import AURORA_S
from models.face.hair.ombre import (
    FRAMES,
    Dye,
    aurora,
    dye_of,
    dyed_values,
    hue_rgb,
    ombre,
    soft_mask,
)

shares = st.floats(0, 1, exclude_max=True)
dyes = st.builds(Dye, shares, shares, shares)


def column(*values: float) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A map one pixel wide."""
    return np.array(values, dtype=np.float32)[:, None]


@pytest.mark.parametrize("name", ["color", "height", "grad"])
@pytest.mark.parametrize("value", [-0.01, 1.0, 7.0, math.nan, math.inf])
def test_a_share_outside_0_to_1_is_refused(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        Dye(**({"color": 0.5, "height": 0.5, "grad": 0.5} | {name: value}))


@pytest.mark.parametrize(
    ("color", "degree", "rgb"),
    [
        (0.0, 0, (255, 0, 0)),
        (0.1, 36, (255, 153, 0)),
        (0.25, 90, (127.5, 255, 0)),
        (0.5, 180, (0, 255, 255)),
        (0.75, 270, (127.5, 0, 255)),
        (0.9, 324, (255, 0, 153)),
        (0.9999, 359, (255, 0, 4.25)),
    ],
)
def test_hues(color: float, degree: int, rgb: tuple[float, float, float]) -> None:
    assert Dye(color, 0, 0).degree == degree
    assert hue_rgb(degree) * 4.25 == pytest.approx(rgb)


def test_full_dye_by_hand() -> None:
    """Red: 1.35 v + 63.75 - 38.25 in the red channel, 1.35 v - 38.25 in the others, cut down and off."""
    red, green, blue = dyed_values(0)
    assert [int(red[v]) for v in (0, 20, 100, 170, 171, 200, 255)] == [25, 52, 160, 255, 255, 255, 255]
    assert [int(green[v]) for v in (0, 20, 28, 29, 100, 200, 217, 218, 255)] == [
        0, 0, 0, 0, 96, 231, 254, 255, 255,
    ]  # fmt: skip
    assert np.array_equal(green, blue)


@pytest.mark.parametrize("degree", [0, 36, 77, 180, 241, 324, 359])
def test_full_dye_in_exact_fractions(degree: int) -> None:
    for sixtieths, values in zip(hue_rgb(degree).tolist(), dyed_values(degree).tolist(), strict=True):
        hue = Fraction(255 * sixtieths, 60)
        exact = [Fraction(135, 100) * v + hue / 4 - Fraction(3825, 100) for v in range(256)]
        assert values == [min(255, max(0, math.floor(v))) for v in exact]


def test_the_mask_begins_above_three_quarters() -> None:
    """No row is sure of its hair, so none is weighted: 4p - 3 between 0 and 1."""
    mask = soft_mask(column(0, 0.5, 0.75, 0.8, 0.875, 0.93), Dye(0, 0, 0))
    assert mask[:, 0] == pytest.approx([0, 0, 0, 0.2, 0.5, 0.72], abs=1e-6)


def test_the_gradient_by_hand() -> None:
    """Hair in rows 2..22: start int(2 + 20 * .25) = 7, full int(7 + 15 * .4) = 13."""
    hair = column(0, 0.9, *[1.0] * 21, 0.9)
    weight = soft_mask(hair, Dye(0.0, 0.75, 0.4))[:, 0]
    assert weight[:8].tolist() == [0.0] * 8
    assert weight[8:14] == pytest.approx([1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 1])
    assert weight[14:23].tolist() == [1.0] * 9
    assert weight[23] == pytest.approx(0.6)  # below the last sure row: its own share of hair, whole weight


def test_rows_are_cut_down_to_whole_ones() -> None:
    """Rows 0..9: start int(9 * .55) = 4 at height .45, full int(4 + 5 * .5) = 6."""
    assert soft_mask(column(*[1.0] * 10), Dye(0, 0.45, 0.5))[:, 0].tolist() == [0] * 5 + [0.5] + [1] * 4


def test_a_row_is_sure_from_mask_three_quarters_on() -> None:
    """p = .9375 is mask .75: rows 1..3, start int(1 + 2 * .5) = 2, so row 1 takes no dye."""
    assert soft_mask(column(0, 0.9375, 0.9375, 0.9375), Dye(0, 0.5, 0))[:, 0].tolist() == [0, 0, 0.75, 0.75]
    assert soft_mask(column(0, 0.9374, 0.9374, 0.9374), Dye(0, 0.5, 0))[1, 0] > 0.7  # unsure: no weight


def test_without_gradient_the_dye_is_whole_at_once() -> None:
    assert soft_mask(column(*[1.0] * 11), Dye(0, 0.5, 0))[:, 0].tolist() == [0.0] * 5 + [1.0] * 6
    assert soft_mask(column(*[1.0] * 11), Dye(0, 0, 0.9))[:, 0].tolist() == [0.0] * 10 + [1.0]


def test_picture_and_dye_mix_by_the_mask() -> None:
    """Grey 100 in red: full (160, 96, 96); half of it (130, 98, 98); nothing at all."""
    picture = np.full((1, 3, 3), 100, np.uint8)
    hair = np.array([[0.96875, 0.875, 0.75]], np.float32)  # masks .875, .5 and 0; row 0 is first and last
    dyed = ombre(picture, hair, Dye(0, 0, 0))
    assert dyed.tolist() == [[[152, 96, 96], [130, 98, 98], [100, 100, 100]]]  # 100 + .875 * (60, -4, -4)
    assert picture.tolist() == [[[100, 100, 100]] * 3]


pictures = st.integers(0, 2**32 - 1).map(
    lambda seed: np.random.default_rng(seed).integers(0, 256, (24, 16, 3), dtype=np.uint8)
)
maps = st.integers(0, 2**32 - 1).map(lambda seed: np.random.default_rng(seed).random((24, 16)))


@given(pictures, maps, dyes)
def test_little_hair_is_never_dyed(picture: Any, hair: Any, dye: Dye) -> None:
    assert np.array_equal(ombre(picture, hair * 0.75, dye), picture)
    out = ombre(picture, hair, dye)
    assert np.array_equal(out[hair <= 0.75], picture[hair <= 0.75])


@given(pictures, maps, dyes)
def test_no_value_wraps_round(picture: Any, hair: Any, dye: Dye) -> None:
    """Each value lies between the plain and the fully dyed one, at both ends of the range too."""
    picture = np.where(picture < 30, 0, np.where(picture > 220, 255, picture)).astype(np.uint8)
    full = np.stack([t[picture[:, :, c]] for c, t in enumerate(dyed_values(dye.degree))], axis=2)
    out = ombre(picture, hair, dye)
    assert (out >= np.minimum(picture, full)).all() and (out <= np.maximum(picture, full)).all()


def test_dark_hair_takes_a_dim_tint_and_light_hair_a_vivid_one() -> None:
    """Violet of 270 degrees adds (31.875, 0, 63.75) - 38.25 to 1.35 v."""

    def dyed(value: int) -> list[int]:
        picture = np.full((9, 9, 3), value, np.uint8)
        return [int(v) for v in ombre(picture, np.ones((9, 9)), Dye(0.75, 0.9, 0.1))[-1, 0]]

    assert (dyed(20), dyed(160)) == ([20, 0, 52], [209, 177, 241])


def test_wrong_pictures_and_maps_are_refused() -> None:
    picture, hair, dye = np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4)), Dye(0, 0, 0)
    for bad in (picture.astype(float), picture[:, :, 0], np.zeros((4, 4, 4), np.uint8)):
        with pytest.raises(ValueError, match="uint8"):
            ombre(bad, hair, dye)
    others: list[Any] = [hair[:3], hair.astype(np.uint8), hair[None]]
    for other in others:
        with pytest.raises(ValueError, match="float map"):
            ombre(picture, other, dye)


def test_a_picture_takes_few_milliseconds() -> None:
    rng = np.random.default_rng(0)
    picture, hair = rng.integers(0, 256, (256, 256, 3), dtype=np.uint8), rng.random((256, 256), np.float32)
    taken = []
    for _ in range(20):
        start = time.thread_time()
        ombre(picture, hair, Dye(0.3, 0.6, 0.4))
        taken.append(time.thread_time() - start)
    assert min(taken) < 0.006


# share of the cycle -> height .6 + .2 cos(6 pi p), gradient .5 + .2 cos(8 pi p)
@pytest.mark.parametrize(
    ("frame", "height", "grad"), [(0, 0.8, 0.7), (45, 0.458579, 0.3), (60, 0.4, 0.4), (90, 0.6, 0.7)]
)
def test_the_cycle_by_hand(frame: int, height: float, grad: float) -> None:
    dye = aurora((frame + 0.5) / 360 * 20, period_s=20)
    assert (dye.color, dye.height, dye.grad) == pytest.approx((frame / 360, height, grad), abs=1e-6)


def test_the_cycle_goes_by_time() -> None:
    film = [aurora((frame + 0.5) / FRAMES * AURORA_S) for frame in range(FRAMES)]
    assert len(set(film)) == FRAMES and [dye.color for dye in film] == sorted(dye.color for dye in film)
    heights, grads = [dye.height for dye in film], [dye.grad for dye in film]
    for values, swings in ((heights, 3), (grads, 4)):
        rises = [b > a + 1e-9 for a, b in zip(values, [*values[1:], values[0]], strict=True)]
        assert sum(b and not a for a, b in zip(rises, [*rises[1:], rises[0]], strict=True)) == swings
    assert (
        aurora(7.01) == aurora(7.01 + 3 * AURORA_S) == aurora(7.01 - AURORA_S) == aurora(14.02, 2 * AURORA_S)
    )


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(1e-3, 1e6))
def test_every_time_has_a_dye(seconds: float, period_s: float) -> None:
    if math.isfinite(seconds / period_s):
        assert 0.39 < aurora(seconds, period_s).height < 0.81


@pytest.mark.parametrize(
    ("seconds", "period"),
    [(math.nan, 30), (math.inf, 30), (1, 0), (1, -3), (1, math.nan), (1, math.inf), (1e300, 1e-300)],
)
def test_no_time_no_dye(seconds: float, period: float) -> None:
    with pytest.raises(ValueError, match="cycle"):
        aurora(seconds, period)


def test_every_degree_has_a_dye() -> None:
    assert [dye_of(degree).degree for degree in range(360)] == list(range(360))
    assert dye_of(30) == Dye(dye_of(30).color, 0.4, 0.6)
    assert dye_of(30, 0.7, 0.1) == Dye(dye_of(30).color, 0.7, 0.1)
    for wrong in (-1, 360):
        with pytest.raises(ValueError, match="color"):
            dye_of(wrong)
