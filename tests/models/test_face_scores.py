"""Raw property scores on maps drawn by hand, and their normalisation.

On a map of 32 pixels the pixel counts of the definitions shrink by 32/224 = 1/7: a row has hair from
20/7 = 2.86 pixels on, hair below the crop counts from 10/7, patches are 1 pixel and their neighbours 1 away.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from models.face.scores.measures import HAIR, NAMES, algorithm1, algorithm2, hairstyle, normalise

SKIN, LEFT, RIGHT, NOSE, UPPER, INNER, LOWER = 1, 4, 5, 6, 7, 8, 9


def drawn(*areas: tuple[int, Any], side: int = 32) -> np.ndarray:
    """A map of skin with areas of other ids."""
    ids = np.full((side, side), SKIN, np.uint8)
    for number, area in areas:
        ids[area] = number
    return ids


def grey(side: int = 32, value: int = 50) -> np.ndarray:
    return np.full((side, side, 3), value, np.uint8)


def one(ids: np.ndarray, picture: np.ndarray | None = None) -> dict[str, float]:
    return algorithm1(ids, grey(len(ids)) if picture is None else picture)


def two(ids: np.ndarray, picture: np.ndarray | None = None) -> dict[str, float]:
    return algorithm2(ids, grey(len(ids)) if picture is None else picture)


def test_a_map_without_anything_gives_the_fallbacks() -> None:
    empty = {name: 0.0 for name in NAMES} | {"hair_color": 127.5, "background_mean": 192.0}
    assert one(drawn()) == empty
    assert two(drawn()) == empty
    assert hairstyle(drawn(), grey()) == 0.45
    assert tuple(one(drawn())) == tuple(two(drawn())) == NAMES


def test_eyes_1_is_the_mean_height_within_the_windows() -> None:
    # Left rows 10 to 13: 3. Right rows 11 to 12: 1. Mean 2.
    eyes = [(LEFT, np.s_[10:14, 6:12]), (RIGHT, np.s_[11:13, 20:26])]
    assert one(drawn(*eyes))["eyes"] == 2.0
    # Windows: rows 8 to 19, columns 0 to 23 for the left eye, 8 to 31 for the right one.
    outside = [(LEFT, np.s_[20, 6]), (LEFT, np.s_[7, 6]), (LEFT, np.s_[18, 24]), (RIGHT, np.s_[18, 7])]
    assert one(drawn(*eyes, *outside))["eyes"] == 2.0
    inside = [(LEFT, np.s_[19, 6]), (RIGHT, np.s_[8, 8])]
    assert one(drawn(*eyes, *inside))["eyes"] == ((19 - 10) + (12 - 8)) / 2
    assert one(drawn(eyes[0]))["eyes"] == 1.5


def test_eyes_2_is_the_greater_opening_times_the_cosine_of_the_tilt() -> None:
    # 5 wide, 3 high: height 2; the corners are farthest apart, dx 4, dy 2: cosine 4 / sqrt(20).
    level = (LEFT, np.s_[10:13, 6:11])
    assert two(drawn(level))["eyes"] == pytest.approx(8 / math.sqrt(20))
    # A steep eye, two columns with 4 rows each, one row lower in the second: height 3, dx 1, dy 4.
    steep = [(RIGHT, np.s_[10:14, 20]), (RIGHT, np.s_[11:15, 21])]
    assert two(drawn(level, *steep))["eyes"] == pytest.approx(8 / math.sqrt(20))  # 3 / sqrt(17) is less
    assert two(drawn(*steep))["eyes"] == pytest.approx(3 / math.sqrt(17))
    # Heights count along columns: rows 10 and 12 in one column are 2 apart, in two columns 0.
    assert two(drawn((LEFT, np.s_[10, 6]), (LEFT, np.s_[12, 9])))["eyes"] == 0.0
    # Two pairs are 5 apart: (row 10, columns 10 and 15), and (8, 11) with (12, 14). The second is the first
    # whose later pixel comes up in the order of columns: cosine 3/5, over a height of 2 in column 12.
    corners = [(LEFT, at) for at in ((10, 10), (10, 15), (8, 11), (12, 14), (9, 12), (11, 12))]
    assert two(drawn(*corners))["eyes"] == pytest.approx(2 * 3 / 5)
    # Rows 8 to 23 are looked at: 24 is not.
    assert two(drawn((LEFT, np.s_[23, 6:16]), (LEFT, np.s_[21, 6])))["eyes"] == pytest.approx(
        2 * 9 / math.sqrt(85)
    )
    assert two(drawn((LEFT, np.s_[24, 6:16]), (LEFT, np.s_[21, 6])))["eyes"] == 0.0


def test_pose_1_is_the_noses_slant_and_pose_2_the_eyes_line() -> None:
    # x 10 11 13, y 10 11 12: covariance sum 3, variance sums 42/9 and 2, correlation 3 / sqrt(28/3).
    nose = [(NOSE, np.s_[10, 10]), (NOSE, np.s_[11, 11]), (NOSE, np.s_[12, 13])]
    assert one(drawn(*nose))["pose"] == pytest.approx(-3 / math.sqrt(28 / 3))
    assert one(drawn((NOSE, np.s_[10:20, 15])))["pose"] == 0.0  # x is always the same
    # Centres (row 11, column 8) and (row 13, column 22): 2 down over 14.
    eyes = [(LEFT, np.s_[10:13, 6:11]), (RIGHT, np.s_[12:15, 20:25])]
    assert two(drawn(*eyes))["pose"] == pytest.approx(2 / 14)
    assert two(drawn(eyes[0]))["pose"] == 0.0
    assert two(drawn((LEFT, np.s_[10, 12]), (RIGHT, np.s_[14, 12])))["pose"] == 0.0


def test_mouth_1_adds_heights_and_mouth_2_is_a_share() -> None:
    # Lips from row 20 to 25: 5. Inner mouth rows 22 to 23: 1. 12 of 36 pixels are inner mouth.
    mouth = [(UPPER, np.s_[20:22, 12:18]), (INNER, np.s_[22:24, 12:18]), (LOWER, np.s_[24:26, 12:18])]
    assert one(drawn(*mouth))["mouth"] == 6.0
    assert two(drawn(*mouth))["mouth"] == pytest.approx(1 / 3)
    assert two(drawn(mouth[1]))["mouth"] == 1.0


def test_hair_color_1_is_the_median_and_2_the_mean_of_the_middle() -> None:
    # Ten pixels of brightness 10 ... 90 and 200: median 55, middle eight 20 ... 90 without the ends: 55.
    picture = grey()
    for i, tone in enumerate([10, 20, 30, 40, 50, 60, 70, 80, 90, 200]):
        picture[5, i] = (tone - 6, tone, tone + 6)
    ids = drawn((HAIR, np.s_[5, :10]))
    assert one(ids, picture)["hair_color"] == 55.0
    assert two(ids, picture)["hair_color"] == pytest.approx((20 + 30 + 40 + 50 + 60 + 70 + 80 + 90) / 8)
    picture[5, 5] = 160  # now 10 20 30 40 50 | 70 80 90 160 200: median 60, middle 20 ... 160: 67.5
    assert one(ids, picture)["hair_color"] == 60.0
    assert two(ids, picture)["hair_color"] == pytest.approx(540 / 8)
    assert two(drawn((HAIR, np.s_[5, 9])), picture)["hair_color"] == 127.5  # nothing left of one pixel
    assert one(drawn((HAIR, np.s_[5, 9])), picture)["hair_color"] == 200.0


def test_hair_length_1_is_the_lowest_row_and_goes_on_below_the_crop() -> None:
    assert one(drawn((HAIR, np.s_[4:10, 8])))["hair_length"] == 9.0
    # 5 + 1 pixels in the last row, 31: half of them more.
    down = [(HAIR, np.s_[4:, 3:8]), (HAIR, np.s_[20:, 30])]
    assert one(drawn(*down))["hair_length"] == 31 + 3


def test_hair_length_2_counts_rows_from_a_quarter_on() -> None:
    # Rows 4 to 13 have 3 pixels, of them 8 to 13 count: 6. Rows 14 to 16 have 2, too few.
    hair = [(HAIR, np.s_[4:14, 8:11]), (HAIR, np.s_[14:17, 8:10])]
    assert two(drawn(*hair))["hair_length"] == 6.0
    # A last row of 5 left and 1 right: one row more, and (5 - 10/7) / 2; the single one is below 10/7.
    last = [(HAIR, np.s_[31, 3:8]), (HAIR, np.s_[31, 30])]
    assert two(drawn(*hair, *last))["hair_length"] == pytest.approx(7 + (5 - 10 / 7) / 2)
    # 2 pixels in the last row are too few for either.
    assert two(drawn(*hair, (HAIR, np.s_[31, 15:17])))["hair_length"] == 6.0


def test_hair_rows_need_20_pixels_on_the_originals_size() -> None:
    ids = drawn((HAIR, np.s_[100, 10:30]), (HAIR, np.s_[101, 10:29]), (HAIR, np.s_[55, :]), side=224)
    assert two(ids)["hair_length"] == 1.0  # row 101 has 19, row 55 lies above 56 = 224/4
    ids[223, :30] = HAIR  # all in the left half: (30 - 10) / 2
    assert two(ids)["hair_length"] == 2 + 10.0


@pytest.mark.parametrize("algorithm", [algorithm1, algorithm2])
def test_background_leaves_out_the_ends_of_the_upper_half(algorithm: Callable[..., dict[str, float]]) -> None:
    # Brightness 10 ... 29 in the upper half: 11 ... 28 stay, mean 19.5, variance (18^2 - 1) / 12.
    picture = grey()
    for i in range(20):
        picture[3, i] = (13 + i, 10 + i, 7 + i)
    ids = drawn((0, np.s_[3, :20]), (0, np.s_[16:, :]))
    found = algorithm(ids, picture)
    assert found["background_mean"] == pytest.approx(19.5)
    assert found["background_std"] == pytest.approx(math.sqrt(323 / 12))
    lonely = algorithm(drawn((0, np.s_[15, 4])), picture)
    assert (lonely["background_mean"], lonely["background_std"]) == (50.0, 0.0)


def test_hairstyle_compares_downwards_with_sideways() -> None:
    # 100 in the centre, 130 below, 90 left, 115 right: 30 / (15 + 5).
    picture = grey()
    picture[20, 9:12], picture[21, 10] = np.array([[90], [100], [115]]), 130
    places = [(HAIR, np.s_[20, 9:12]), (HAIR, np.s_[21, 10])]
    assert hairstyle(drawn(*places), picture) == pytest.approx(1.5)
    for missing in ((20, 9), (20, 10), (20, 11), (21, 10)):
        assert hairstyle(drawn(*places, (SKIN, missing)), picture) == 0.45
    # A second place, the same everywhere: 0. The mean is 0.75.
    again = [(HAIR, np.s_[26, 19:22]), (HAIR, np.s_[27, 20])]
    assert hairstyle(drawn(*places, *again), picture) == pytest.approx(0.75)


def test_hairstyle_looks_at_the_lower_half_up_to_the_edges() -> None:
    picture = grey()
    picture[17] = 70  # row 16 is 50, below it 70, nothing changes sideways: 20 / 5
    assert hairstyle(drawn((HAIR, np.s_[16:18, :])), picture) == pytest.approx(4.0)
    assert hairstyle(drawn((HAIR, np.s_[14:17, :])), picture) == 0.45
    picture = grey()
    picture[31] = 55
    assert hairstyle(drawn((HAIR, np.s_[30:, :])), picture) == pytest.approx(1.0)


def test_hairstyle_needs_all_16_pixels_of_a_patch() -> None:
    picture, ids = grey(224), drawn(side=224)
    for y, x, tone in ((150, 100, 80), (158, 100, 120), (150, 92, 70), (150, 108, 85)):
        ids[y : y + 4, x : x + 4], picture[y : y + 4, x : x + 4] = HAIR, tone
    assert hairstyle(ids, picture) == pytest.approx(40 / 15)
    picture[158, 100:104] = 136  # 4 of 16 pixels 16 brighter: the mean is 124
    assert hairstyle(ids, picture) == pytest.approx(44 / 15)
    ids[151, 101] = SKIN  # no corner
    assert hairstyle(ids, picture) == 0.45


maps = st.sampled_from([8, 12, 16, 20]).flatmap(
    lambda side: hnp.arrays(np.uint8, (side, side), elements=st.integers(0, 10))
)


def slow_opening(ids: np.ndarray, number: int, columns: range) -> float:
    side = len(ids)
    points = [(x, y) for x in columns for y in range(side // 4, 3 * side // 4) if ids[y, x] == number]
    height = max((abs(y - v) for x, y in points for u, v in points if u == x), default=0)
    far, cosine = 0, 1.0
    for i, (x, y) in enumerate(points):
        for u, v in points[:i]:
            if (x - u) ** 2 + (y - v) ** 2 > far:
                far = (x - u) ** 2 + (y - v) ** 2
                cosine = abs(x - u) / math.sqrt(far)
    return height * cosine


@settings(max_examples=40, deadline=None)
@given(maps)
def test_eyes_2_equals_its_definition_on_any_map(ids: np.ndarray) -> None:
    side = len(ids)
    left = slow_opening(ids, LEFT, range(3 * side // 4))
    right = slow_opening(ids, RIGHT, range(side // 4, side))
    assert two(ids)["eyes"] == pytest.approx(max(left, right))


@settings(max_examples=40, deadline=None)
@given(maps)
def test_scores_are_finite_and_scale_with_the_map(ids: np.ndarray) -> None:
    picture = np.repeat(ids[:, :, None] * 20, 3, axis=2)
    values = [*one(ids, picture).values(), *two(ids, picture).values(), hairstyle(ids, picture)]
    assert np.isfinite(values).all()
    twice = ids.repeat(2, axis=0).repeat(2, axis=1)
    small, large = two(ids), two(twice)
    assert large["hair_length"] == pytest.approx(2 * small["hair_length"])
    assert large["mouth"] == pytest.approx(small["mouth"])
    assert large["pose"] == pytest.approx(small["pose"])


def test_normalised_scores_are_z_scores_with_four_decimals() -> None:
    # 1 2 4: mean 7/3, sum of squares 42/9, divided by n - 1 = 2: deviation sqrt(7/3) = 1.5275.
    z, mean, std = normalise(np.array([[1.0, 0.1], [2.0, 0.1], [4.0, 0.1]]))
    assert z[:, 0].tolist() == [-0.8729, -0.2182, 1.0911]
    assert z[:, 1].tolist() == [0.0, 0.0, 0.0]
    assert mean == pytest.approx([7 / 3, 0.1]) and std == pytest.approx([math.sqrt(7 / 3), 0.0])


def test_what_does_not_belong_together_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        algorithm1(drawn(), grey(16))
    with pytest.raises(ValueError, match="does not fit"):
        algorithm2(drawn()[:20], grey()[:20])
    with pytest.raises(ValueError, match="8 pixels"):
        hairstyle(drawn(side=4), grey(4))
    with pytest.raises(ValueError, match="n >= 2"):
        normalise(np.zeros((1, 7)))
