"""Her face behind a queue: the core's PortraitModel, and the files it is loaded from."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor

from core.errors import ModelError
from models.face.animation import row, to_gif, way
from models.face.directions import Calibration
from models.face.networks import Generator, GeneratorConfig
from models.face.portraits import Shot
from models.runtime.loading import loading

SHOWN = 256  # pixels


@dataclass(frozen=True)
class Face:
    """One face on offer: its w at rest and the table from scores to multipliers."""

    id: str
    w: Tensor
    calibration: Calibration


class FaceEngine:
    """Generator, directions and faces; :meth:`run` is called by one thread only."""

    def __init__(self, generator: Generator, normals: Tensor, faces: Sequence[Face]) -> None:
        self.generator, self.normals = generator.eval(), normals
        self.faces = {face.id: face for face in faces}

    @torch.inference_mode()
    def images(self, face: Face, scores: np.ndarray[Any, np.dtype[np.float64]]) -> Tensor:
        """Pictures [rows, 3, r, r] in [-1, 1] of one face with ``scores`` [rows, 3]."""
        multipliers = torch.tensor(face.calibration.multipliers(scores), dtype=torch.float32)
        w = face.w + multipliers @ self.normals
        return self.generator.synthesis(self.generator.truncation(w)).clamp(-1, 1)

    def run(self, shots: Sequence[Shot]) -> list[bytes]:
        """A PNG for each shot, a GIF where it moves. Raises ModelError for an unknown face."""
        return [self._shoot(shot) for shot in shots]

    def _shoot(self, shot: Shot) -> bytes:
        face = self.faces.get(shot.face)
        if face is None:
            raise ModelError(f"unknown face {shot.face}")
        if shot.start is None:
            return to_png(self.images(face, row(shot.end))[0])
        images = self.images(face, way(shot.start, shot.end))
        as_made = [to_picture(image, image.shape[-1]) for image in (images[0], images[-1])]
        return to_gif([to_picture(image) for image in images], as_made)


def to_picture(image: Tensor, size: int = SHOWN) -> Image.Image:
    """A picture, ``size`` x ``size``, of an image [3, r, r] in [-1, 1]."""
    pixels = ((image + 1) * 127.5 + 0.5).clamp(0, 255).byte().permute(1, 2, 0).numpy()
    return Image.fromarray(pixels).resize((size, size), Image.Resampling.LANCZOS)


def to_png(image: Tensor, size: int = SHOWN) -> bytes:
    """PNG bytes of :func:`to_picture`."""
    buffer = io.BytesIO()
    to_picture(image, size).save(buffer, "PNG", optimize=False, compress_level=6)
    return buffer.getvalue()


def save_faces(
    folder: Path, generator: Generator, normals: Tensor, faces: Sequence[Face], **about: Any
) -> None:
    """Write generator (float16), directions and faces as safetensors with a config."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {k: v.half().contiguous() for k, v in generator.state_dict().items()}
    save_file(weights, folder / "generator.safetensors")
    tensors = {"normals": normals.contiguous(), "w": torch.stack([f.w for f in faces])}
    for name in ("coefficients", "low", "high"):
        tables = np.stack([getattr(f.calibration, name) for f in faces])
        tensors[name] = torch.tensor(tables, dtype=torch.float32)
    save_file(tensors, folder / "faces.safetensors")
    config = {"generator": generator.config.to_json(), "faces": [f.id for f in faces], **about}
    (folder / "config.json").write_text(json.dumps(config, indent=1, ensure_ascii=False))


def load_engine(folder: Path) -> FaceEngine:
    """The engine of :func:`save_faces`. Raises ModelError when files are missing or damaged."""
    with loading(f"face weights in {folder.name}"):
        config = json.loads((folder / "config.json").read_text())
        generator = Generator(GeneratorConfig.from_json(config["generator"]))
        state = {k: v.float() for k, v in load_file(folder / "generator.safetensors").items()}
        generator.load_state_dict(state, strict=True)
        stored = load_file(folder / "faces.safetensors")
        faces = []
        for i, face_id in enumerate(config["faces"]):
            tables = [stored[n][i].double().numpy() for n in ("coefficients", "low", "high")]
            faces.append(Face(face_id, stored["w"][i], Calibration(*tables)))
        return FaceEngine(generator, stored["normals"], faces)
