"""From expression labels to calibrated scores (bands), and the rules used when labels are missing."""

from __future__ import annotations

import re
from typing import Final

from core.people import NEUTRAL, Expression, Scores
from core.prompt import AXES, EYES, MOUTH, POSE

BAND: Final = 0.1  # half width of a label's band
EYES_CENTRE: Final = dict(zip(EYES, (-0.8, 0.0, 0.5, 0.9), strict=True))
MOUTH_CENTRE: Final = dict(zip(MOUTH, (-0.8, 0.2, 0.8), strict=True))
POSE_CENTRE: Final = dict(zip(POSE, (0.0, 0.5, 0.9), strict=True))
EASE: Final = 0.5  # how far towards neutral a face goes that nothing was said about

_JOY: Final = re.compile(r"오!|와!|와우|우와|축하|대박|🎉|🎊|wow|congrat|amazing|yay", re.IGNORECASE)
_GLAD: Final = re.compile(r"아!|좋아|재밌|신나|😊|😆|✨|great|nice|love", re.IGNORECASE)
_SAD: Final = re.compile(r"ㅠ|ㅜ|슬프|속상|힘들|걱정|😥|😢|sorry to hear|sad|worried", re.IGNORECASE)
_REFUSAL: Final = re.compile(
    r"미안|싫어|별로|부담|안 할|못 해|can't help|won't|rather not|no thanks", re.IGNORECASE
)


def express(eyes: str, mouth: str, pose: str, intensity: float, *, side: int) -> Expression:
    """Scores of labels: centre of the band, moved inside it by intensity (0-1).

    ``side`` is +1 (her left) or -1 and holds for one reply. Raises KeyError for unknown labels.
    """
    shift = BAND * (2 * min(1.0, max(0.0, intensity)) - 1)

    def away(centre: float) -> float:
        return centre + (shift if centre >= 0 else -shift)

    turn = 0.0 if pose == POSE[0] else side * away(POSE_CENTRE[pose])
    opened = 0.0 if eyes == EYES[1] else away(EYES_CENTRE[eyes])
    return Expression(eyes, mouth, pose, intensity, Scores(opened, away(MOUTH_CENTRE[mouth]), turn))


def by_rules(reply: str, *, side: int) -> Expression:
    """Labels from keywords of the reply, for when the expression model fails."""
    if _REFUSAL.search(reply):
        labels = (EYES[0], MOUTH[0], POSE[1])
    elif _SAD.search(reply):
        labels = (EYES[0], MOUTH[0], POSE[0])
    elif _JOY.search(reply):
        labels = (EYES[3], MOUTH[2], POSE[0])
    elif _GLAD.search(reply) or reply.count("!") >= 2:
        labels = (EYES[2], MOUTH[1], POSE[0])
    else:
        labels = (EYES[1], MOUTH[1] if re.search(r"[!?]", reply) else MOUTH[0], POSE[0])
    return express(*labels, 0.5, side=side)


def eased(last: Expression | None) -> Expression:
    """The last expression, halfway back to neutral; for when there is no label to follow."""
    if last is None:
        return Expression(EYES[1], MOUTH[0], POSE[0], 0.0, NEUTRAL)
    now, rest = last.scores, NEUTRAL
    scores = Scores(
        now.eyes + EASE * (rest.eyes - now.eyes),
        now.mouth + EASE * (rest.mouth - now.mouth),
        now.pose + EASE * (rest.pose - now.pose),
    )
    return Expression(last.eyes, last.mouth, last.pose, EASE * last.intensity, scores)


def parse_labels(text: str) -> tuple[str, str, str] | None:
    """The three labels from the expression adapter's tokens; None when one is missing."""
    found = []
    for axis, labels in AXES.items():
        match = re.search(rf"<\|{axis}:([^|]+)\|>", text)
        if match is None or match.group(1) not in labels:
            return None
        found.append(match.group(1))
    return found[0], found[1], found[2]
