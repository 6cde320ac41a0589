"""More channels for a trained generator without a change of its pictures.

Net2WiderNet (Chen et al., "Net2Net: Accelerating Learning via Knowledge Transfer", ICLR 2016): a new channel
is the twin of one that is there, and what reads the two shares its weight out between them.
"""

from __future__ import annotations

import copy
import math
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from models.face.stylegan.generator import Generator, GeneratorConfig

UNLIKE = 0.05  # noise on a twin's kernel, in standard deviations: twins must part to learn unlike things


@torch.no_grad()
def widened(narrow: Generator, config: GeneratorConfig, *, seed: int) -> Generator:
    """A generator of ``config``, which differs in ``channels`` alone, that draws about as ``narrow`` does.

    Raises ValueError where another size differs or channels would be lost.
    """
    before = narrow.config
    deep = len(before.channels) == len(config.channels)
    same = deep and before == replace(config, channels=before.channels)
    if not same or any(old > new for old, new in zip(before.channels, config.channels, strict=True)):
        raise ValueError(f"a generator {before.channels} cannot be widened to {config.channels}")
    chance = torch.Generator().manual_seed(seed)
    wide = Generator(config)
    wide.mapping, wide.truncation = copy.deepcopy(narrow.mapping), copy.deepcopy(narrow.truncation)
    read = torch.arange(before.channels[0])  # which old channel each new one is a twin of
    for block, (old, new) in enumerate(zip(before.channels, config.channels, strict=True)):
        written = torch.cat([torch.arange(old), torch.randint(old, (new - old,), generator=chance)])
        for layer in (2 * block, 2 * block + 1):
            name = f"synthesis.layer{layer}"
            _layer(wide.get_submodule(name), narrow.get_submodule(name), read, written, chance)
            read = written
        name = f"synthesis.output{block}"
        _output(wide.get_submodule(name), narrow.get_submodule(name), read, chance)
    return wide


def _shares(twins: Tensor, chance: torch.Generator) -> Tensor:
    """How much of an old channel's weight each of its twins gets, [new]; they add up to 1."""
    drawn = 0.5 + torch.rand(len(twins), generator=chance)
    return drawn / torch.zeros(int(twins.max()) + 1).index_add(0, twins, drawn)[twins]


def _layer(wide: Any, narrow: Any, read: Tensor, written: Tensor, chance: torch.Generator) -> None:
    """Fill a style layer whose channels ``written`` are twins of what ``narrow`` has, and so ``read``."""
    old = len(narrow.bias)
    wide.bias.copy_(narrow.bias[written])
    wide.apply_noise.noise.copy_(narrow.apply_noise.noise)
    wide.apply_noise.weight.copy_(narrow.apply_noise.weight[written])
    halves = torch.cat([written, written + old])  # scales, then shifts
    wide.style.weight.copy_(narrow.style.weight[halves])
    wide.style.bias.copy_(narrow.style.bias[halves])
    if narrow.has_const:
        wide.const.copy_(narrow.const[:, written])
        return
    kernel = narrow.weight[written][:, read] * _shares(read, chance)[:, None, None]
    kernel *= narrow.scale / wide.scale
    twin = torch.arange(len(written)) >= old
    kernel[twin] += UNLIKE * kernel.std() * torch.randn(kernel[twin].shape, generator=chance)
    wide.weight.copy_(kernel)


def _output(wide: Any, narrow: Any, read: Tensor, chance: torch.Generator) -> None:
    """Fill a layer of colours that reads twins."""
    shares = _shares(read, chance)[:, None, None] * math.sqrt(len(read) / narrow.weight.shape[1])
    wide.weight.copy_(narrow.weight[:, read] * shares)
    wide.bias.copy_(narrow.bias)
