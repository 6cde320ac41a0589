"""As many faces as she has, with names in Korean."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.fakes import PaintedPortraits

NAMES = {
    f"v7-{100 + 27 * number:04d}": f"{first}{second}"
    for number, (first, second) in enumerate(
        [(first, second) for first in "가나다라마바사아자차" for second in "람온윤솔빛"][:46]
    )
}


@dataclass
class ManyFaces(PaintedPortraits):
    """Forty-six of them; each sheet is another picture."""

    offered: tuple[str, ...] = field(default_factory=lambda: tuple(NAMES))

    def name(self, face: str) -> str:
        """A given name."""
        return NAMES.get(face, face)
