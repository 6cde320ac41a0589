"""A starting point that can already copy: induction heads written into fresh weights.

Replies lean on exemplars in the prompt, so the model must copy from its context. Trained from noise,
a small transformer discovers that only after millions of tokens (Olsson et al., "In-context Learning
and Induction Heads", 2022). Here the circuit is written down and training goes on from there: a head
in the first layer looks at the token before (a constant through RoPE whose phases meet at distance
1), and heads in the second layer look where the present token stood before and pass on what came
after it.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from transformers import LlamaForCausalLM

TOKEN = 0.05  # standard deviation of the embeddings
CONSTANT = 0.5  # value of residual channel 0 for every token
SHARP_BEFORE = 2.0
SHARP_MATCH = 4.0
FAST_UNTIL = 6  # rotary pairs that turn quickly
SLOW_FROM = 16  # rotary pairs that hardly turn within a prompt


def _rows(head: int, size: int) -> slice:
    return slice(head * size, (head + 1) * size)


@torch.no_grad()
def write_induction(model: LlamaForCausalLM, seed: int = 0) -> None:
    """Overwrite embeddings and the first two layers' attention of a fresh model in place.

    Needs at least 5 heads of 64 dimensions; residual channels: 0 constant, the last 64 the token
    before, all others the token itself.
    """
    rng = torch.Generator().manual_seed(seed)
    hidden, size = model.config.hidden_size, model.config.hidden_size // model.config.num_attention_heads
    own, before = slice(1, hidden - size), slice(hidden - size, hidden)
    table = model.model.embed_tokens.weight
    table.normal_(0, TOKEN, generator=rng)
    table[:, 0], table[:, before] = CONSTANT, 0.0
    model.lm_head.weight.copy_(table)
    model.lm_head.weight[:, 0] = 0.0
    hash_of = torch.randn(size, hidden - size - 1, generator=rng) / (hidden - size - 1) ** 0.5
    _look_before(model, size, own, before, hash_of)
    attention = model.model.layers[1].self_attn
    n_copied = hidden - size - 1
    for head in range(4):
        q, k, v = (torch.zeros(size, hidden) for _ in range(3))
        pairs = torch.randperm(size, generator=rng)[: 2 * (size // 2 - SLOW_FROM)]
        slow = torch.cat([torch.arange(SLOW_FROM, size // 2), torch.arange(SLOW_FROM, size // 2) + size // 2])
        q[slow, own] = SHARP_MATCH * hash_of[pairs]
        k[slow, torch.arange(hidden)[before][pairs]] = SHARP_MATCH
        channels = torch.arange(1 + head * size, min(1 + (head + 1) * size, 1 + n_copied))
        v[torch.arange(len(channels)), channels] = 1.0
        _set_head(attention, head, size, q, k, v)
        attention.o_proj.weight[:, _rows(head, size)] = 0.0
        attention.o_proj.weight[channels, head * size + torch.arange(len(channels))] = 16 * TOKEN


def _set_head(attention: torch.nn.Module, head: int, size: int, q: Tensor, k: Tensor, v: Tensor) -> None:
    for name, value in (("q_proj", q), ("k_proj", k), ("v_proj", v)):
        weight: Any = attention.get_submodule(name).weight
        weight[_rows(head, size)] = value


def _look_before(model: LlamaForCausalLM, size: int, own: slice, before: slice, hash_of: Tensor) -> None:
    attention, hidden = model.model.layers[0].self_attn, model.config.hidden_size
    half = size // 2
    angle = 10000.0 ** (-torch.arange(half) / half)
    q, k, v = (torch.zeros(size, hidden) for _ in range(3))
    fast = slice(0, FAST_UNTIL)  # slow pairs say little about distance and much about a token's size
    q[fast, 0] = SHARP_BEFORE
    k[:half, 0], k[half:, 0] = SHARP_BEFORE * angle.cos(), SHARP_BEFORE * angle.sin()
    v[:, own] = hash_of
    _set_head(attention, 0, size, q, k, v)
    attention.o_proj.weight[:, :size] = 0.0
    attention.o_proj.weight[before, :size] = 2 * TOKEN * torch.eye(size)


def was_written(name: str) -> bool:
    """Whether a parameter holds part of the circuit, so that large early steps would wipe it out."""
    return name in ("model.embed_tokens.weight", "lm_head.weight") or name.startswith(
        ("model.layers.0.self_attn", "model.layers.1.self_attn")
    )
