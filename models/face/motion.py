"""Her face in motion: eyes, mouth and head over the pictures of a short film.

The film is a loop. It begins and ends on the new expression: she looks at you, moves a little, blinks,
relaxes half the way back to the expression of before and comes to the new one again. Why so:

- A film shown once cannot be had everywhere: Telegram plays each in a loop, and neither GIF nor WebP can
  show a beginning once and loop over the rest. What loops must close, or it jumps every few seconds.
- The first picture is what people see where nothing moves (reduced motion, previews, Discord without
  autoplay), and it stands beside words that name the new expression; so it is the new expression.
- The whole way back would show her sad and glad in turn for as long as the message is on the screen.
  Half of it is near to rest from anywhere: it reads as one gesture, and the way on is still seen.

Easing, blinks and idle movement follow the original's (its run-time loop of v2 to v4), on our axes: scores
in [-1, 1], eyes shut at -1. A picture here stands for about two of its own.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import numpy as np

from core.people import Scores

Floats: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"

FRAMES: Final = 30
FRAME_MS: Final = 80
LONGEST_MS: Final = 3000
SHORTEST: Final = 16  # pictures; half of them must hold a blink

BACK: Final = 0.5  # how far she relaxes, of the way to the expression of before

BLINKS: Final = (  # v4's peaks and odds, at every other step; how far the lids close before it is scaled
    ((0.25, 0.6, 0.85, 0.85, 0.6, 0.25), 0.4),
    ((0.25, 0.6, 0.75, 0.6, 0.25), 0.3),
    ((0.25, 0.7, 0.7, 0.25), 0.3),
)
STRENGTH: Final = (1.1, 1.5)  # a curve is taken times something between these
SHUT: Final = 0.77  # the weakest blink's peak: it just shuts the eyes, since half a blink looks tired
BLINK_CHANCE: Final = 0.8

STEP: Final = (0.035, 0.025, 0.045)  # the most that eyes, mouth and head stray in one picture (v2's)
REACH: Final = (0.15, 0.1, 0.2)  # and from where they rest (v4's)
_SOFT: Final = 5  # pictures that the walk is averaged over: else she trembles


def row(scores: Scores) -> Floats:
    """Scores [1, 3] as the generator takes them."""
    return np.array([[scores.eyes, scores.mouth, scores.pose]])


def way(start: Scores, end: Scores, into: int, *, hold: int = 0, out: int = 0) -> Floats:
    """From one expression to another and maybe back, slow at both ends of each way (half a cosine).

    Args:
        start: Where it begins, and where it ends again if there is a way ``out``.
        end: Where it goes.
        into: Pictures of the way there, both expressions included.
        hold: More pictures of ``end``.
        out: Pictures of the way back; the last is ``start``.

    Returns:
        Scores [into + hold + out, 3].
    """
    there = np.linspace(0.0, 1.0, into)
    back = np.linspace(1.0, 0.0, out + 1)[1:]
    time = np.concatenate([there, np.ones(hold), back])[:, None]
    return row(start) + (1 - np.cos(np.pi * time)) / 2 * (row(end) - row(start))


def blink(rng: np.random.Generator) -> Floats:
    """How far the lids close in the pictures of a blink [4 to 6]: 0 as they were, 1 shut."""
    odds = [chance for _, chance in BLINKS]
    curve = np.array(BLINKS[rng.choice(len(BLINKS), p=odds)][0])
    return np.minimum(1.0, curve * rng.uniform(*STRENGTH) / SHUT)


def idle(rng: np.random.Generator, frames: int) -> Floats:
    """Small movement [frames, 3] around rest: a random walk that ends where it began, at 0.

    It stays within REACH, and moves by less than two STEPs from picture to picture.
    """
    walk = np.cumsum(rng.uniform(-1.0, 1.0, (frames + _SOFT - 1, 3)) * STEP, axis=0)
    soft = np.stack([np.convolve(axis, np.full(_SOFT, 1 / _SOFT), "valid") for axis in walk.T], axis=1)
    drift = soft[0] + np.linspace(0.0, 1.0, frames)[:, None] * (soft[-1] - soft[0])
    return np.clip(soft - drift, np.negative(REACH), REACH)


def clip(start: Scores, end: Scores, seed: int, frames: int = FRAMES) -> Floats:
    """The loop of this module: scores [frames, 3] in [-1, 1] whose first and last row are ``end``.

    The same arguments give the same film. The eyes jump only in a blink.

    Args:
        start: The expression of before; the same as ``end`` where she only looks at you.
        end: The new expression.
        seed: Chooses the small movement, and when and how she blinks, if she does.
        frames: Pictures of FRAME_MS each.

    Raises:
        ValueError: Fewer than SHORTEST pictures, or more than LONGEST_MS hold.
    """
    if not SHORTEST <= frames <= LONGEST_MS // FRAME_MS:
        raise ValueError(f"{frames} pictures; {SHORTEST} to {LONGEST_MS // FRAME_MS} can be had")
    rng = np.random.default_rng(seed)
    still = frames // 2
    out = (frames - still) // 2
    turn = Scores(*(row(end) + BACK * (row(start) - row(end)))[0])
    path = np.concatenate([np.repeat(row(end), still, axis=0), way(end, turn, frames - still - out, out=out)])
    path = np.clip(path + idle(rng, frames), -1.0, 1.0)
    if rng.random() < BLINK_CHANCE:
        closed = blink(rng)
        at = rng.integers(1, still - len(closed) + 1)
        path[at : at + len(closed), 0] += closed * (-1.0 - path[at : at + len(closed), 0])
    return path
