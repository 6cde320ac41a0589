"""Measures of the head that its parts share, derived smoothly from the parameters."""

from __future__ import annotations

from dataclasses import dataclass

from models.face.painter.params import PortraitParams
from models.face.painter.tools import Point, Turn, ease, lerp

EYE_Y = 240.0  # height of the eyes, units
NECK_Y = 420.0  # height of the point the head rolls about, units
_ROLL = 12.0  # roll of the head at tilt 1, degrees


@dataclass(frozen=True)
class Head:
    """Measures in units: half width, chin, hairline, eye distance, nose, mouth; shares in [0, 1]."""

    p: PortraitParams
    turn: Turn
    open: float  # openness of the mouth
    man: float
    old: float
    half: float
    chin: float
    hairline: float
    eye_x: float
    nose_y: float
    mouth_y: float
    length: float  # effective hair length, 0 crop .. 1 long

    @staticmethod
    def of(p: PortraitParams) -> Head:
        """Measures of the parameters."""
        man, o = ease((p.gender - 0.14) / 0.72), 0.5 * (p.mouth + 1.0)
        chin = lerp(386.0, 405.0, p.face_length) + 13.0 * man
        nose_y = lerp(293.0, 306.0, p.nose_length) + 3.0 * man
        return Head(
            p=p,
            turn=Turn.of(p.pose),
            open=o,
            man=man,
            old=ease((p.age - 0.42) / 0.5),
            half=lerp(99.0, 108.0, p.face_width) + 1.5 * man,
            chin=chin + 10.0 * o,
            hairline=lerp(132.0, 114.0, p.forehead),
            eye_x=lerp(49.5, 55.5, p.eye_spacing) + 0.5 * man,
            nose_y=nose_y,
            mouth_y=lerp(nose_y, chin, 0.405),
            length=lerp(lerp(0.26, 1.0, p.hair_length), 0.24 * p.hair_length**3, man),
        )

    @property
    def roll_angle(self) -> float:
        """Roll of the head about the neck, degrees clockwise."""
        return _ROLL * self.p.tilt

    @property
    def shirt(self) -> float:
        """How much the collar is a shirt's, in [0, 1]."""
        return ease((self.p.collar - 0.35) / 0.2) * (1.0 - ease((self.p.collar - 0.7) / 0.15))

    @property
    def roll_neck(self) -> float:
        """How much the collar is a roll-neck, in [0, 1]."""
        return ease((self.p.collar - 0.72) / 0.2)

    @property
    def necklace(self) -> float:
        """Opacity of the necklace: none below a threshold or under a roll-neck."""
        shown = ease((self.p.necklace - 0.48) / 0.3) * (1.0 - ease((self.p.collar - 0.68) / 0.15))
        return shown * (1.0 - 0.8 * self.man)

    @property
    def earrings(self) -> float:
        """Size of the earrings in [0, 1]; none on a man."""
        return ease((self.p.earrings - 0.2) / 0.8) * (1.0 - ease(2.0 * self.man))

    @property
    def glasses(self) -> float:
        """Opacity of the spectacles."""
        return ease((self.p.glasses - 0.5) / 0.3)

    @property
    def freckles(self) -> float:
        """Strength of the freckles in [0, 1]."""
        return ease((self.p.freckles - 0.5) / 0.4)

    @property
    def stubble(self) -> float:
        """Strength of a man's beard shadow in [0, 1]."""
        return self.man * ease((self.p.stubble - 0.25) / 0.7)

    def outline(self) -> list[Point]:
        """Points of the closed face outline, from the left temple round by the chin.

        A row has two depths: on the near side that of the jaw's edge, on the far side one that puts the edge
        where the silhouette of a half ellipse of that width would be.
        """
        w, p, man = self.half, self.p, self.man
        jaw = 0.55 * p.jaw + 0.40 * man
        full = p.cheeks - 0.5 + 0.25 * self.old
        drop, low = self.chin - 400.0, 4.0 * self.open
        rows = (
            (0.60 * w, 90.0, 20.0, 14.0),
            (0.93 * w, 146.0, 20.0, 17.0),
            (1.0 * w, 205.0, 10.0, 21.0),
            (0.985 * w, 258.0, 10.0, 25.0),
            (w * (lerp(0.885, 0.965, jaw) + 0.035 * full), 306.0 + 0.3 * drop, 22.0, 23.0),
            (w * (lerp(0.695, 0.83, jaw) + 0.07 * full), 346.0 + 0.7 * drop + low, 46.0, 25.0),
            (w * (lerp(0.43, 0.575, jaw) + 0.05 * full), 376.0 + 0.95 * drop + low, 74.0, 38.0),
            (w * lerp(0.175, 0.29, jaw), self.chin - 5.5, 94.0, 64.0),
        )
        sides: list[list[Point]] = []
        for side in (-1.0, 1.0):
            far = 0.5 + 0.5 * side * self.turn.sin / 0.39
            sides.append([self.turn.at(side * x, y, lerp(zn, zf, far)) for x, y, zn, zf in rows])
        return [*sides[0], self.turn.at(0.0, self.chin, 98.0), *reversed(sides[1])]
