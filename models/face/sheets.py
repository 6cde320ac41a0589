"""Contact sheets: what a person looks at to judge a face model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from models.face.pixels import to_pictures
from models.face.service import Face, FaceEngine

STEPS = 7


def _pixels(images: torch.Tensor, size: int) -> list[np.ndarray]:
    return [np.asarray(picture) for picture in to_pictures(images, size)]


def sweep_rows(engine: FaceEngine, face: Face, size: int) -> list[np.ndarray]:
    """Three rows: eyes, mouth, pose from -1 to +1, the other two at rest."""
    rows = []
    for axis in range(3):
        scores = np.zeros((STEPS, 3))
        scores[:, 1] = -0.5  # a closed mouth shows eyes and head turn better
        scores[:, axis] = np.linspace(-1, 1, STEPS)
        rows.append(np.hstack(_pixels(engine.images(face, scores), size)))
    return rows


def sweep_sheet(engine: FaceEngine, path: Path, faces: int = 2, size: int = 128) -> None:
    """Sweeps of the first ``faces`` faces, one below the other, as a picture file."""
    rows = [row for face in list(engine.faces.values())[:faces] for row in sweep_rows(engine, face, size)]
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.vstack(rows)).save(path, quality=88)


def faces_sheet(engine: FaceEngine, path: Path, size: int = 128) -> None:
    """Every face on offer with a resting, a glad, a surprised and a shy expression, as a picture file."""
    moods = np.array([[0.0, -0.8, 0.0], [0.5, 0.2, 0.0], [0.9, 0.8, 0.0], [-0.8, -0.8, 0.5]])
    rows = [np.hstack(_pixels(engine.images(face, moods), size)) for face in engine.faces.values()]
    half = (len(rows) + 1) // 2
    rows += [np.zeros_like(rows[0])] * (2 * half - len(rows))
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.hstack([np.vstack(rows[:half]), np.vstack(rows[half:])])).save(path, quality=88)
