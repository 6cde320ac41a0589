"""Score networks of the original: PyTorch files in, safetensors out; tensors only, never code."""

from __future__ import annotations

from pathlib import Path

import torch

from models.face.scores.networks import ScoreConfig, ScoreNet, build, load_scores, write_scores
from models.runtime.loading import loading


def import_scores(source: Path, out: Path, kind: str) -> ScoreNet:
    """Turn weights of the original (.pth, .pt) into safetensors; the network as stored, in eval mode.

    Nothing but tensors is read from the pickle. Raises ModelError when it holds anything else, is damaged,
    or does not fit ``kind`` exactly; ValueError for an unknown kind.
    """
    net = build(ScoreConfig(kind))
    with loading(f"score weights {source.name}"):
        net.load_state_dict(torch.load(source, map_location="cpu", weights_only=True), strict=True)
    write_scores(net, net.state_dict(), out, source=source.name)
    return load_scores(out)
