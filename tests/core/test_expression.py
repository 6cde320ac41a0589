"""From labels to scores: bands, rules for when labels are missing, easing back to neutral."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.expression import (
    BAND,
    EYES_CENTRE,
    MOUTH_CENTRE,
    POSE_CENTRE,
    by_rules,
    eased,
    express,
    parse_labels,
)
from core.people import NEUTRAL
from core.prompt import EYES, EYES_TOKENS, MOUTH, MOUTH_TOKENS, POSE, POSE_TOKENS

LABELS = st.tuples(st.sampled_from(EYES), st.sampled_from(MOUTH), st.sampled_from(POSE))
SIDES = st.sampled_from((-1, 1))


def test_the_bands_are_the_contracts() -> None:
    assert EYES_CENTRE == {"작게": -0.8, "보통": 0.0, "크게": 0.5, "아주 크게": 0.9}
    assert MOUTH_CENTRE == {"보통": -0.8, "크게": 0.2, "아주 크게": 0.8}
    assert POSE_CENTRE == {"없음": 0.0, "보통": 0.5, "많이": 0.9}
    assert BAND == 0.1


@given(LABELS, st.floats(-1, 2), SIDES)
def test_scores_lie_in_their_bands(labels: tuple[str, str, str], intensity: float, side: int) -> None:
    eyes, mouth, pose = labels
    scores = express(eyes, mouth, pose, intensity, side=side).scores
    assert abs(scores.eyes - EYES_CENTRE[eyes]) <= BAND + 1e-9
    assert abs(scores.mouth - MOUTH_CENTRE[mouth]) <= BAND + 1e-9
    assert abs(scores.pose - side * POSE_CENTRE[pose]) <= BAND + 1e-9
    assert all(-1 <= score <= 1 for score in (scores.eyes, scores.mouth, scores.pose))


@given(LABELS, st.floats(0, 1), st.floats(0, 1), SIDES)
def test_more_intensity_never_goes_towards_the_middle(
    labels: tuple[str, str, str], one: float, two: float, side: int
) -> None:
    weak = express(*labels, min(one, two), side=side).scores
    strong = express(*labels, max(one, two), side=side).scores
    assert abs(strong.eyes) >= abs(weak.eyes) - 1e-9
    assert abs(strong.mouth) >= abs(weak.mouth) - 1e-9
    assert abs(strong.pose) >= abs(weak.pose) - 1e-9


@pytest.mark.parametrize("side", [-1, 1])
def test_the_side_turns_the_head(side: int) -> None:
    assert express("보통", "보통", "보통", 0.5, side=side).scores.pose == pytest.approx(0.5 * side)
    assert express("보통", "보통", "없음", 1.0, side=side).scores.pose == 0.0


def test_intensity_moves_a_score_through_its_band() -> None:
    assert express("크게", "아주 크게", "없음", 0.0, side=1).scores.eyes == pytest.approx(0.4)
    assert express("크게", "아주 크게", "없음", 0.5, side=1).scores.eyes == pytest.approx(0.5)
    assert express("크게", "아주 크게", "없음", 1.0, side=1).scores.eyes == pytest.approx(0.6)


@pytest.mark.parametrize(
    "labels", [("큼", "보통", "없음"), ("보통", "작게", "없음"), ("보통", "보통", "조금")]
)
def test_unknown_labels_are_an_error(labels: tuple[str, str, str]) -> None:
    with pytest.raises(KeyError):
        express(*labels, 0.5, side=1)


@pytest.mark.parametrize(
    ("reply", "labels"),
    [
        ("미안, 그건 부담스러워", ("작게", "보통", "보통")), ("Sorry, I'd rather not!", ("작게", "보통", "보통")),
        ("에구 속상했겠다 ㅠㅠ", ("작게", "보통", "없음")), ("I'm sorry to hear that", ("작게", "보통", "없음")),
        ("우와 합격 축하해!!", ("아주 크게", "아주 크게", "없음")), ("Wow, congrats!", ("아주 크게", "아주 크게", "없음")),
        ("나도 그거 좋아해", ("크게", "크게", "없음")), ("그래! 가자!", ("크게", "크게", "없음")),
        ("뭐 먹었어?", ("보통", "크게", "없음")), ("그냥 집에 있었어", ("보통", "보통", "없음")), ("", ("보통", "보통", "없음")),
    ],
)  # fmt: skip
def test_rules(reply: str, labels: tuple[str, str, str]) -> None:
    face = by_rules(reply, side=1)
    assert (face.eyes, face.mouth, face.pose) == labels
    assert face.scores == express(*labels, 0.5, side=1).scores


@given(st.text(max_size=60), SIDES)
def test_rules_find_a_face_for_any_reply(reply: str, side: int) -> None:
    face = by_rules(reply, side=side)
    assert (face.eyes in EYES, face.mouth in MOUTH, face.pose in POSE) == (True, True, True)


def test_without_a_last_expression_she_is_neutral() -> None:
    face = eased(None)
    assert face.scores == NEUTRAL
    assert (face.eyes, face.mouth, face.pose, face.intensity) == ("보통", "보통", "없음", 0.0)


@given(LABELS, st.floats(0, 1), SIDES)
def test_easing_comes_halfway_back_each_time(
    labels: tuple[str, str, str], strength: float, side: int
) -> None:
    face = express(*labels, strength, side=side)
    calmer = eased(face)
    for axis in ("eyes", "mouth", "pose"):
        before, after, rest = (getattr(s, axis) for s in (face.scores, calmer.scores, NEUTRAL))
        assert after - rest == pytest.approx(0.5 * (before - rest))
    for _ in range(12):
        calmer = eased(calmer)
    assert calmer.scores.eyes == pytest.approx(NEUTRAL.eyes, abs=0.01)
    assert calmer.scores.mouth == pytest.approx(NEUTRAL.mouth, abs=0.01)
    assert calmer.scores.pose == pytest.approx(NEUTRAL.pose, abs=0.01)


@pytest.mark.parametrize("labels", list(product(range(4), range(3), range(3)))[::5])
def test_tokens_become_labels(labels: tuple[int, int, int]) -> None:
    eyes, mouth, pose = labels
    text = EYES_TOKENS[eyes] + MOUTH_TOKENS[mouth] + POSE_TOKENS[pose]
    assert parse_labels(text) == (EYES[eyes], MOUTH[mouth], POSE[pose])


@pytest.mark.parametrize(
    "text",
    ["", "크게 크게 없음", "<|eyes:크게|><|mouth:크게|>", "<|eyes:큼|><|mouth:크게|><|pose:없음|>", "<|eyes:크게|><|mouth:작게|><|pose:없음|>"],
)  # fmt: skip
def test_broken_labels_are_none(text: str) -> None:
    assert parse_labels(text) is None
