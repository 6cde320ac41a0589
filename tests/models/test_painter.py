"""The portrait painter: exact, smooth, and true to its parameters. Needs the train extra."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("skia")

from models.face.painter import PARAM_NAMES, from_gaussian, paint


def painted(size: int = 64, **changes: float) -> np.ndarray:
    code = np.zeros(len(PARAM_NAMES))
    for name, value in changes.items():
        code[PARAM_NAMES.index(name)] = value
    return paint(from_gaussian(code), size).astype(float)


def test_the_same_parameters_paint_the_same_pixels() -> None:
    assert np.array_equal(painted(), painted())
    assert painted(128).shape == (128, 128, 3)


@pytest.mark.parametrize("name", PARAM_NAMES)
def test_every_parameter_shows_and_acts_smoothly(name: str) -> None:
    whole = np.abs(painted(128, **{name: 1.5}) - painted(128, **{name: -1.5})).mean()
    small = np.abs(painted(128, **{name: 0.02}) - painted(128)).mean()
    assert whole > 0.01
    assert small < max(0.25 * whole, 0.05)


def test_expression_acts_where_it_should() -> None:
    rest = painted(128)
    eyes, mouth = np.abs(painted(128, eyes=2.0) - rest), np.abs(painted(128, mouth=2.0) - rest)
    assert eyes[40:75].mean() > 5 * eyes[85:].mean()
    assert mouth[70:].mean() > 5 * mouth[:60].mean()


def test_head_turn_moves_to_her_left_which_is_the_viewers_right() -> None:
    def centre(pose: float) -> float:
        opened, closed = painted(128, pose=pose, mouth=2.0), painted(128, pose=pose, mouth=-2.0)
        change = np.abs(opened - closed).sum(axis=(0, 2))
        return float((change * np.arange(128)).sum() / change.sum())

    assert centre(1.5) > centre(0.0) + 2 > centre(-1.5) + 4


def test_a_wrong_number_of_coordinates_is_refused() -> None:
    with pytest.raises(ValueError, match="coordinates"):
        from_gaussian(np.zeros(3))
