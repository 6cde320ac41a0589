"""The seven hyperparameters of a battle and their ranges; names and ranges are those of the original game."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Activation(StrEnum):
    """After each convolution; the leaky one has slope 0.01."""

    RELU = "relu"
    LEAKY_RELU = "leaky_relu"


class Optimizer(StrEnum):
    """Adam without, AdamW with decoupled weight decay of 0.01."""

    ADAM = "adam"
    ADAMW = "adamw"


class Scheduler(StrEnum):
    """The learning rate times .80 … .98 after each epoch, or along a cosine to 0 at the last epoch."""

    EXP_80 = "exp_80"
    EXP_90 = "exp_90"
    EXP_95 = "exp_95"
    EXP_98 = "exp_98"
    COSINE = "cosine"


RANGES: Final[dict[str, tuple[float, float]]] = {
    "dropout_conv_earlier": (0.0, 0.3),
    "dropout_conv_later": (0.0, 0.3),
    "dropout_fc": (0.0, 0.6),
    "lr": (2e-5, 6e-3),
}
CHOICES: Final[dict[str, type[StrEnum]]] = {
    "activation_func": Activation,
    "optimizer": Optimizer,
    "scheduler": Scheduler,
}


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """One choice. Raises ValueError for a number outside of :data:`RANGES`, which names its field."""

    dropout_conv_earlier: float
    dropout_conv_later: float
    dropout_fc: float
    lr: float
    activation_func: Activation
    optimizer: Optimizer
    scheduler: Scheduler

    def __post_init__(self) -> None:
        for name, (least, most) in RANGES.items():
            if not least <= getattr(self, name) <= most:  # NaN is in no range
                raise ValueError(name)
