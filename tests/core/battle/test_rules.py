"""Grades, ratings and promises."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.battle.commitment import Commitment, canonical, commit
from core.battle.grades import FLOOR, Grade, grade, judge
from core.battle.ports import Tier
from core.battle.rating import HERS, Rating, optunas, rated


@pytest.mark.parametrize(
    ("difference", "expected"),
    [
        (0.5, Grade.BIG_WIN), (0.15, Grade.BIG_WIN), (0.45 - 0.3, Grade.BIG_WIN), (0.1499, Grade.WIN),
        (0.02, Grade.WIN), (0.0199, Grade.NARROW_WIN), (0.01, Grade.NARROW_WIN), (0.0099, Grade.DRAW),
        (0.0, Grade.DRAW), (-0.0099, Grade.DRAW), (-0.01, Grade.NARROW_LOSS), (-0.02, Grade.LOSS),
        (-0.15, Grade.BIG_LOSS),
    ],
)  # fmt: skip
def test_the_seven_grades(difference: float, expected: Grade) -> None:
    assert grade(difference) is expected and grade(-difference) is expected.mirrored


def test_a_difference_within_the_noise_is_a_draw() -> None:
    calm, wild = judge([0.80] * 3, [0.76] * 3), judge([0.70, 0.80, 0.90], [0.66, 0.76, 0.86])
    assert calm.grade is Grade.WIN and calm.band == FLOOR and calm.left_error == 0
    assert wild.grade is Grade.DRAW and wild.difference == calm.difference == pytest.approx(0.04)
    assert wild.band == pytest.approx((2 * 0.1**2 / 3) ** 0.5), "the standard error of the difference"
    with pytest.raises(ValueError):
        judge([], [0.5])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=5), st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_what_one_side_wins_the_other_loses(left: list[float], right: list[float]) -> None:
    one, other = judge(left, right), judge(right, left)
    assert one.grade is other.grade.mirrored and one.grade.points + other.grade.points == 1


def test_the_worked_example_of_the_paper() -> None:
    """Glickman, "Example of the Glicko-2 system": 1500 (200) against three, with tau 0.5."""
    games = [(Rating(1400, 30), 1.0), (Rating(1550, 100), 0.0), (Rating(1700, 300), 0.0)]
    after = rated(Rating(1500, 200, 0.06), games)
    assert after.value == pytest.approx(1464.06, abs=0.02)
    assert after.deviation == pytest.approx(151.52, abs=0.02)
    assert after.volatility == pytest.approx(0.05999, abs=0.00001)


def test_ratings_go_where_results_do() -> None:
    player = Rating()
    for _ in range(30):
        player = rated(player, [(optunas(4), 1.0)])
    assert player.value > optunas(4).value and player.deviation < 150
    assert rated(player, [(HERS[Tier.SURROGATE], 0.0)]).value < player.value
    assert rated(Rating(), [(Rating(), 0.5)]).value == pytest.approx(1500)
    assert rated(player, []).deviation > player.deviation


def test_a_promise_can_be_checked_by_anybody() -> None:
    one, other = commit({"b": 1, "a": "가"}), commit({"a": "가", "b": 1})
    assert one.content == other.content == canonical({"a": "가", "b": 1}) == '{"a":"가","b":1}'
    assert one.digest != other.digest, "the nonce hides what is likely"
    assert one.digest == hashlib.sha256(f"{one.content}\n{one.nonce}".encode()).hexdigest()
    assert not Commitment('{"a":"나","b":1}', one.nonce).proves(one.digest)
