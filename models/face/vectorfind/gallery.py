"""The gallery: which tested codes become faces on offer, and what they are called."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import torch
from torch import Tensor

from core.people import NEUTRAL
from models.face.motion import row
from models.face.service import Face
from models.face.vectorfind.check import Candidate
from models.face.vectorfind.codes import Scorer, Space, read

log = logging.getLogger(__name__)

Liked = Callable[[Tensor], bool]  # of the picture at rest, an image [1, 3, r, r] in [-1, 1]

# Given names only, and of nobody in particular.
NAMES: Final = (
    "가람 가온 나래 나린 나윤 노을 다솜 다온 다인 달래 도담 도연 라온 라희 루나 "
    "마루 미르 미소 바다 별하 보라 보람 봄이 사랑 새론 새봄 서린 서윤 세아 소담 "
    "소미 솔빛 솔아 수아 슬기 시은 아라 아린 예나 예슬 온유 유나 유하 윤슬 은별 "
    "은솔 이든 이슬 재이 정아 지안 지우 채린 초롱 하늘 하람 한별 해나 해솔 혜윰"
).split()


@dataclass(frozen=True)
class Gallery:
    """Faces, their directions [faces, 3 + h, d], and the space in which both are."""

    faces: tuple[Face, ...]
    normals: Tensor
    space: str


def within(*limits: tuple[Scorer, str, float, float]) -> Liked:
    """Likes a picture whose scores lie in their limits: (scorer, name, least, most), e.g. of the filters."""

    def liked(image: Tensor) -> bool:
        return all(
            least <= float(read(scorer, image).columns((name,))[0, 0]) <= most
            for scorer, name, least, most in limits
        )

    return liked


def likeable(space: Space, tested: Sequence[Candidate], liked: Liked | None = None) -> list[Candidate]:
    """Those of the codes that passed and are liked at rest, those first that change least when they move.

    Among equals, the one whose weakest property follows best comes first. Raises ValueError if none is left,
    and for codes that were tested without a table of their own.
    """
    passed = sorted((each for each in tested if each.passed), key=_worth)
    found = [each for each in passed if liked is None or _is_liked(space, each, liked)]
    if not found:
        raise ValueError(f"none of {len(tested)} codes passed and is liked")
    return found


def choose(kind: str, offered: Sequence[Candidate], most: int, *, prefix: str = "") -> Gallery:
    """The first ``most`` of the codes on offer; ``kind`` is the name of their space.

    Ids are the numbers of the codes behind ``prefix``. Raises ValueError for no codes, for more than 60, and
    for codes that were tested without a table of their own. Fewer than ``most`` are warned of.
    """
    if most > len(NAMES):
        raise ValueError(f"there are names for {len(NAMES)} faces, not for {most}")
    if not offered:
        raise ValueError("no codes to choose from")
    chosen = offered[:most]
    if len(chosen) < most:
        log.warning("%d faces instead of %d", len(chosen), most)
    names = names_of([each.number for each in chosen])
    faces = tuple(_face(each, name, prefix) for each, name in zip(chosen, names, strict=True))
    return Gallery(faces, torch.stack([each.directions.normals for each in chosen]), kind)


def id_of(candidate: Candidate, prefix: str) -> str:
    """The id of a tested code's face."""
    return f"{prefix}{candidate.number:04d}"


def joined(galleries: Sequence[Gallery]) -> Gallery:
    """Several galleries of one space as one, each face with a name of its own.

    Raises ValueError for other spaces, for an id that comes twice, and for more than 60 faces.
    """
    faces = [face for gallery in galleries for face in gallery.faces]
    if len({gallery.space for gallery in galleries}) != 1 or len({face.id for face in faces}) < len(faces):
        raise ValueError("galleries of several spaces, or with the same ids")
    names = names_of([zlib.crc32(face.id.encode()) for face in faces])
    named = tuple(replace(face, name=name) for face, name in zip(faces, names, strict=True))
    return Gallery(named, torch.cat([gallery.normals for gallery in galleries]), galleries[0].space)


def _worth(candidate: Candidate) -> tuple[float, float]:
    return round(candidate.follow.unrest, 3), -min(candidate.follow.correlation)


def _is_liked(space: Space, candidate: Candidate, liked: Liked) -> bool:
    """Whether her picture at rest is, eyes and mouth as she has them when nobody has spoken."""
    with torch.no_grad():
        return liked(space.paint(candidate.asked(row(NEUTRAL))))


def _face(candidate: Candidate, name: str, prefix: str) -> Face:
    if candidate.calibration is None:
        raise ValueError(f"code {candidate.number} was tested without calibration")
    return Face(
        id_of(candidate, prefix), candidate.code, candidate.calibration, name, candidate.group,
        candidate.follow.correlation,
    )  # fmt: skip


def names_of(numbers: Sequence[int]) -> list[str]:
    """A different name for each number, the same for the same numbers. Raises ValueError for more than 60."""
    if len(numbers) > len(NAMES):
        raise ValueError(f"there are names for {len(NAMES)} faces, not for {len(numbers)}")
    taken: list[str] = []
    for number in numbers:
        place = number * 7  # neighbours in number should not be so in the alphabet
        while NAMES[place % len(NAMES)] in taken:
            place += 1
        taken.append(NAMES[place % len(NAMES)])
    return taken
