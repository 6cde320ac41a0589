"""Open a folder of a sentence-transformers model: one of ours, whose weights are int8, or any other."""

from __future__ import annotations

from pathlib import Path

from safetensors import safe_open
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer

from models.runtime.int8 import SCALE, unpacked

WEIGHTS = "model.safetensors"


def open_model(folder: Path) -> SentenceTransformer:
    """The model in float32. Raises whatever the libraries do: used within ``loading``."""
    model = SentenceTransformer(
        str(folder), device="cpu", local_files_only=True, model_kwargs={"use_safetensors": True}
    ).float()
    if _is_packed(folder / WEIGHTS):  # the library took the int8 steps for the weights
        model[0].auto_model.load_state_dict(unpacked(load_file(folder / WEIGHTS)))
    return model


def _is_packed(weights: Path) -> bool:
    if not weights.is_file():
        return False
    with safe_open(weights, "pt") as stored:
        return any(name.endswith(SCALE) for name in stored.keys())
