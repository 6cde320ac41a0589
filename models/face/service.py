"""Her face behind a queue: the core's PortraitModel, and the files it is loaded from."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor

from core.colours import AURORA, NATURAL
from core.errors import ModelError
from core.people import Scores
from models.face.cache import PictureCache
from models.face.films import to_film
from models.face.hair.network import HairNet, hair_maps, load_hair
from models.face.hair.ombre import Dye, aurora, dye_of, ombre
from models.face.motion import FRAME_MS, clip, row
from models.face.pixels import numbered, to_pictures, to_png
from models.face.portraits import Shot
from models.face.stylegan.generator import Generator
from models.face.stylegan.importing import load_generator
from models.face.vectorfind.calibration import Calibration
from models.face.vectorfind.codes import to_w
from models.runtime.int8 import packed
from models.runtime.loading import loading

BATCH: Final = 8  # pictures that the generator draws at once: more take memory, not less time
GRAIN: Final = 20  # scores are drawn in steps of 1/20, which nobody sees, so that pictures can be used again
ABOUT: Final = ("names", "groups", "correlations")  # in the config, of each face; older ones lack them


@dataclass(frozen=True)
class Face:
    """One face on offer: its code at rest (w, or that of another space) and the table to multipliers.

    Of faces out of a gallery also a name, the group of VectorFind, and how asked and measured eyes, mouth
    and pose go together (correlations).
    """

    id: str
    w: Tensor
    calibration: Calibration
    name: str = ""
    group: str = ""
    correlation: Sequence[float] = ()


class FaceEngine:
    """Generator, directions and faces; :meth:`run` is called by one thread only.

    ``normals`` are m directions [m, d] for all faces, or [faces, m, d]; ``space`` (of
    :mod:`models.face.vectorfind.codes`) is where faces and directions lie. Without a net that finds it,
    ``hair`` is never dyed. Raises ValueError when directions and faces do not fit.
    """

    def __init__(
        self, generator: Generator, normals: Tensor, faces: Sequence[Face], space: str = "w",
        hair: HairNet | None = None,
    ) -> None:  # fmt: skip
        if normals.dim() == 3 and len(normals) != len(faces):
            raise ValueError(f"directions of {len(normals)} faces for {len(faces)}")
        self.generator, self.normals, self.space, self.hair = generator.eval(), normals, space, hair
        each = normals if normals.dim() == 3 else [normals] * len(faces)
        self._normals_of = {face.id: own for face, own in zip(faces, each, strict=True)}
        self.faces = {face.id: face for face in faces}
        self.recent = PictureCache()

    def normals_of(self, face: Face) -> Tensor:
        """The directions [m, d] of one face."""
        return self._normals_of[face.id]

    @torch.inference_mode()
    def images(self, face: Face, scores: np.ndarray[Any, np.dtype[np.float64]]) -> Tensor:
        """Pictures [rows, 3, r, r] in [-1, 1] of one face with ``scores`` [rows, 3]."""
        multipliers = torch.tensor(face.calibration.multipliers(scores), dtype=torch.float32)
        codes = face.w + multipliers @ self.normals_of(face)
        w = self.generator.truncation(to_w(self.generator, codes, self.space))
        return torch.cat([self.generator.synthesis(part).clamp(-1, 1) for part in w.split(BATCH)])

    def run(self, shots: Sequence[Shot]) -> list[bytes]:
        """A file for each shot, of its kind; scores count to the next 1/20. Equal shots, equal files.

        Raises ModelError for an unknown face.
        """
        coarse = [_coarse(shot) for shot in shots]
        return [self.recent.get(shot, partial(self._shoot, shot)) for shot in coarse]

    def _shoot(self, shot: Shot) -> bytes:
        if shot.kind == "sheet":
            at_rest = torch.cat([self.images(self._face(face), row(shot.end)) for face in shot.faces])
            return to_png(numbered(to_pictures(at_rest), shot.first))
        face = self._face(shot.face)
        if shot.kind == "png":
            return to_png(self.pictures(shot, self.images(face, row(shot.end)))[0])
        seed = zlib.crc32(repr((shot.face, shot.start, shot.end)).encode())
        scores = clip(shot.start or shot.end, shot.end, seed)
        return to_film(self.pictures(shot, self.images(face, scores)), shot.kind)

    def _face(self, face: str) -> Face:
        if face not in self.faces:
            raise ModelError(f"unknown face {face}")
        return self.faces[face]

    def pictures(self, shot: Shot, images: Tensor) -> list[Image.Image]:
        """Pictures of images [rows, 3, r, r] of one film, with the hair of the shot."""
        plain = to_pictures(images)
        if shot.hair == NATURAL or self.hair is None:
            return plain
        levels = np.stack([np.asarray(picture) for picture in plain])
        parts = range(0, len(levels), BATCH)
        maps = np.concatenate([hair_maps(self.hair, levels[i : i + BATCH]) for i in parts])
        dyes = _dyes(shot, len(plain))
        return [Image.fromarray(ombre(*each)) for each in zip(levels, maps, dyes, strict=True)]


def _dyes(shot: Shot, frames: int) -> list[Dye]:
    """The dye of each picture. The aurora of a film goes on and comes back, so that the loop closes."""
    if shot.hair != AURORA:
        return [dye_of(int(shot.hair))] * frames
    ahead = FRAME_MS / 1000 * frames * (1 - np.cos(2 * np.pi * np.arange(frames) / frames)) / 2
    return [aurora(shot.at + float(seconds)) for seconds in ahead]


def _coarse(shot: Shot) -> Shot:
    return replace(shot, start=shot.start and _to_grain(shot.start), end=_to_grain(shot.end))


def _to_grain(scores: Scores) -> Scores:
    """The same in whole steps, and -0 as 0."""
    given = (scores.eyes, scores.mouth, scores.pose)
    return Scores(*(round(each * GRAIN) / GRAIN + 0.0 for each in given))


def save_faces(
    folder: Path, generator: Generator, normals: Tensor, faces: Sequence[Face], space: str = "w", **about: Any
) -> None:
    """Write generator, directions and faces as safetensors with a config.

    ``normals`` and ``space`` as in :class:`FaceEngine`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    save_file(_small(generator), folder / "generator.safetensors")
    tensors = {"normals": normals.contiguous(), "w": torch.stack([f.w for f in faces])}
    for name in ("coefficients", "low", "high"):
        tables = np.stack([getattr(f.calibration, name) for f in faces])
        tensors[name] = torch.tensor(tables, dtype=torch.float32)
    save_file(tensors, folder / "faces.safetensors")
    config = {"generator": generator.config.to_json(), "space": space, "faces": [f.id for f in faces]}
    config |= {key: [getattr(f, key.removesuffix("s")) for f in faces] for key in ABOUT} | about
    (folder / "config.json").write_text(json.dumps(config, indent=1, ensure_ascii=False))


def _small(generator: Generator) -> dict[str, Tensor]:
    """Its weights as they are kept: int8; float16 the mapping, whose channels cancel, and what blurs."""
    state = generator.state_dict()
    exact = {name for name in state if not name.startswith("synthesis.") or name.endswith("blur.kernel")}
    rest = {name: tensor for name, tensor in state.items() if name not in exact}
    return packed(rest) | {name: state[name].half().contiguous() for name in exact}


def load_engine(folder: Path) -> FaceEngine:
    """The engine of :func:`save_faces`. Raises ModelError when files are missing or damaged."""
    generator = load_generator(folder)
    with loading(f"face weights in {folder.name}"):
        config = json.loads((folder / "config.json").read_text())
        stored = load_file(folder / "faces.safetensors")
        faces = []
        for i, face_id in enumerate(config["faces"]):
            tables = [stored[n][i].double().numpy() for n in ("coefficients", "low", "high")]
            known = [config[key][i] for key in ABOUT if key in config]
            faces.append(Face(face_id, stored["w"][i], Calibration(*tables), *known))
        hair = load_hair(folder) if (folder / "hair.safetensors").exists() else None
        return FaceEngine(generator, stored["normals"], faces, config.get("space", "w"), hair)
