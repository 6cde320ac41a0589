"""The paired loss: how far a generated portrait is from the one that was painted."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

FEATURES = (slice(80, 208), slice(64, 192))  # rows, columns of eyes and mouth at 256 px
EYES = (slice(96, 144), slice(48, 208))  # of the eyes, of heads that are turned to the end, too


def crop(image: Tensor, part: tuple[slice, slice] = FEATURES) -> Tensor:
    """A part of images [B, 3, r, r]; that with eyes and mouth is [B, 3, r/2, r/2]."""
    k = image.shape[-1] / 256
    ends = [(int(s.start * k), int(s.stop * k)) for s in part]
    rows, cols = (slice(first, max(last, first + 2)) for first, last in ends)  # an edge lies between two
    return image[:, :, rows, cols]


def paired_loss(fake: Tensor, real: Tensor) -> Tensor:
    """L1 on picture, edges and half size; eyes and mouth count again by themselves, edges of eyes most.

    Edges of the whole picture weigh most: they are few, and what is blurred costs little otherwise.
    """
    loss = 0.5 * F.l1_loss(F.avg_pool2d(fake, 2), F.avg_pool2d(real, 2))
    parts = (fake, real, 5.0), (crop(fake), crop(real), 1.0), (crop(fake, EYES), crop(real, EYES), 3.0)
    for mine, true, edges in parts:
        loss = loss + F.l1_loss(mine, true)
        for dim in (2, 3):
            loss = loss + edges * F.l1_loss(mine.diff(dim=dim), true.diff(dim=dim))
    return loss
