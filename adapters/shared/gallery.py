"""The gallery of her faces: pages that are shown as one picture each, and how somebody names a face."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

from core.ports import PortraitModel

ROW: Final = 5  # faces beside each other
PAGE: Final = 25  # faces of one picture; as many as one menu of Discord holds


@dataclass(frozen=True, slots=True)
class Page:
    """Faces that are shown side by side, by id and name; ``first`` is the number of the first one."""

    first: int
    faces: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def last(self) -> int:
        """The number of the last one."""
        return self.first + len(self.faces) - 1

    @property
    def labels(self) -> tuple[str, ...]:
        """Number and name of each."""
        return tuple(label(number, name) for number, name in enumerate(self.names, self.first))

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The labels as the faces stand in the picture."""
        return [self.labels[start : start + ROW] for start in range(0, len(self.names), ROW)]


def label(number: int, name: str) -> str:
    """How a face is written in lists, menus and on buttons."""
    return f"{number}. {name}"


def pages(portraits: PortraitModel) -> list[Page]:
    """The whole gallery."""
    faces = portraits.faces
    parts = [(start, faces[start : start + PAGE]) for start in range(0, len(faces), PAGE)]
    return [Page(start + 1, part, tuple(map(portraits.name, part))) for start, part in parts]


def face_of(portraits: PortraitModel, wanted: str) -> str | None:
    """The id of a face that somebody names by its number in the gallery, its name or its id."""
    words, faces = _plain(wanted), portraits.faces
    for face in faces:
        if words in (_plain(face), _plain(portraits.name(face))):
            return face
    number = words.removesuffix("번")
    plain = number.isascii() and number.isdigit() and len(number) < 4
    return faces[int(number) - 1] if plain and 0 < int(number) <= len(faces) else None


def faces_like(portraits: PortraitModel, typed: str, most: int = PAGE) -> list[tuple[str, str]]:
    """Labels and ids of the faces that fit what was typed so far, the ones it most likely means first."""
    words, exact = _plain(typed), face_of(portraits, typed)

    def rank(number: int, face: str) -> int:
        name, id_ = _plain(portraits.name(face)), _plain(face)
        if face == exact:
            return 0
        if str(number).startswith(words) or name.startswith(words):
            return 1
        return 2 if words in name or words in id_ else 3

    ranked = [(rank(number, face), number, face) for number, face in enumerate(portraits.faces, 1)]
    fitting = sorted(each for each in ranked if each[0] < 3)
    return [(label(number, portraits.name(face)), face) for _, number, face in fitting[:most]]


def _plain(words: str) -> str:
    """As it is compared; some keyboards send Hangul letter by letter."""
    return unicodedata.normalize("NFKC", words).strip().casefold()
