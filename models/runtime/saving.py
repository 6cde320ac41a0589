"""Saving the state of a training, so that it can be resumed whenever it ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch


class TimeUpError(Exception):
    """A training ended because its minutes are over: its state is kept, and the same call goes on."""


def save_whole(state: dict[str, Any], checkpoint: Path) -> None:
    """Write tensors and plain values beside ``checkpoint`` and put them in its place: one is always whole."""
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    partial = checkpoint.with_suffix(".part")
    torch.save(state, partial)
    partial.replace(checkpoint)
