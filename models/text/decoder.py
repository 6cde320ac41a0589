"""The embedded model's forward pass for a processor without an accelerator.

The same function as transformers' ``LlamaForCausalLM`` (Touvron et al., 2023; the tests compare
them), written for small batches on one core: projections with the same input are one product, the
weights stay in int8, and the cache is allocated once. Training and larger models use transformers.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from models.text.lora import Adapted, Adapter, AdapterMix
from models.text.network import CONFIG, read_int8

Product = Callable[[Tensor], Tensor]


def float_product(weight: Tensor) -> Product:
    """``x @ weight.T`` as it stands."""
    return lambda x: F.linear(x, weight)


def int8_product(weight: Tensor) -> Product:
    """``x @ weight.T`` on int8 weights with one scale per row, ``x`` quantised at each call.

    Decoding is bound by reading weights, and these are a quarter of float32's. A torch without the
    kernels keeps float32.
    """
    try:
        scale = (weight.abs().amax(dim=1).clamp_min(1e-8) / 127).double()
        zero = torch.zeros(len(scale), dtype=torch.long)
        with warnings.catch_warnings():  # these tensors will go one day; then float32 takes over
            warnings.simplefilter("ignore")
            rows = torch.quantize_per_channel(weight, scale, zero, 0, torch.qint8)
        packed = torch.ops.quantized.linear_prepack(rows, None)
        run = torch.ops.quantized.linear_dynamic
    except (AttributeError, NotImplementedError, RuntimeError):
        return float_product(weight)
    return lambda x: run(x, packed, True)  # reduced range: sums of products cannot overflow


ROOM = 32  # columns that a full cache grows by


@dataclass
class Cache:
    """Keys and values of all layers, each [rows, heads, capacity, head size]; ``length`` are filled."""

    keys: list[Tensor]
    values: list[Tensor]
    length: int = 0

    def select(self, rows: Tensor) -> None:
        """Keep (or repeat) the given rows."""
        self.keys = [k.index_select(0, rows) for k in self.keys]
        self.values = [v.index_select(0, rows) for v in self.values]

    def reserve(self, columns: int) -> None:
        """Make sure that so many more columns fit."""
        if self.length + columns > self.keys[0].shape[2]:
            grown = stacked([self], [0], columns + ROOM)
            self.keys, self.values = grown.keys, grown.values


def stacked(caches: Sequence[Cache], skips: Sequence[int], room: int = ROOM) -> Cache:
    """The rows of several caches in one, flush right; of each the first ``skips`` columns are left out."""
    used = [cache.length - skip for cache, skip in zip(caches, skips, strict=True)]
    length = max(used)

    def joined(parts: Sequence[Tensor]) -> Tensor:
        _, heads, _, size = parts[0].shape
        out = torch.zeros(sum(map(len, parts)), heads, length + room, size)
        for rows, part, wide, skip in zip(
            out.split([len(p) for p in parts]), parts, used, skips, strict=True
        ):
            rows[:, :, length - wide : length] = part[:, :, skip : skip + wide]
        return out

    layers = range(len(caches[0].keys))
    keys = [joined([cache.keys[i] for cache in caches]) for i in layers]
    return Cache(keys, [joined([cache.values[i] for cache in caches]) for i in layers], length)


@dataclass(frozen=True)
class Layer:
    """One decoder layer."""

    norm: Tensor
    query_key_value: Adapted
    out: Adapted
    norm_after: Tensor
    gate_up: Adapted
    down: Adapted


def rotations(positions: int, size: int, theta: float) -> tuple[Tensor, Tensor]:
    """Cosines and sines of RoPE (Su et al., 2021), each [positions, size]."""
    speed = theta ** (-torch.arange(0, size, 2) / size)
    angle = torch.arange(positions)[:, None] * speed
    return angle.cos().repeat(1, 2), angle.sin().repeat(1, 2)


class Decoder:
    """Token ids to logits, with a cache; made by :meth:`load`. Holds no state: threads may share it."""

    def __init__(
        self, config: Mapping[str, Any], state: Mapping[str, Tensor],
        adapters: Mapping[str, Adapter], product: Callable[[Tensor], Product] = int8_product,
    ) -> None:  # fmt: skip
        self.adapters = tuple(adapters)
        self._adapters, self._state, self._product = adapters, state, product
        self.heads, self.size = config["num_attention_heads"], config["hidden_size"]
        self.eps = config["rms_norm_eps"]
        self.layers = [self._layer(i) for i in range(config["num_hidden_layers"])]
        self.embedding, self.norm = state["model.embed_tokens.weight"], state["model.norm.weight"]
        self.head = product(state["lm_head.weight"])
        self.cos, self.sin = rotations(
            config["max_position_embeddings"],
            self.size // self.heads,
            config["rope_parameters"]["rope_theta"],
        )

    @classmethod
    def load(
        cls, folder: Path, adapters: Mapping[str, Adapter],
        product: Callable[[Tensor], Product] = int8_product,
    ) -> Decoder:  # fmt: skip
        """The model of a weights folder. Raises FileNotFoundError, KeyError or SafetensorError."""
        return cls(json.loads((folder / CONFIG).read_text()), read_int8(folder), adapters, product)

    def _adapted(self, *layers: str) -> Adapted:
        base = self._product(torch.cat([self._state[f"{layer}.weight"] for layer in layers]))
        return Adapted(base, [adapter.pair(layers) for adapter in self._adapters.values()])

    def _layer(self, i: int) -> Layer:
        at = f"model.layers.{i}."
        attention, mlp = at + "self_attn.", at + "mlp."
        return Layer(
            self._state[at + "input_layernorm.weight"],
            self._adapted(attention + "q_proj", attention + "k_proj", attention + "v_proj"),
            self._adapted(attention + "o_proj"),
            self._state[at + "post_attention_layernorm.weight"],
            self._adapted(mlp + "gate_proj", mlp + "up_proj"),
            self._adapted(mlp + "down_proj"),
        )

    def cache(self, rows: int, capacity: int) -> Cache:
        """An empty cache."""
        shape = (rows, self.heads, capacity, self.size // self.heads)
        empty = [torch.zeros(2, *shape) for _ in self.layers]
        return Cache([pair[0] for pair in empty], [pair[1] for pair in empty])

    def mix(self, chosen: Sequence[str | None]) -> AdapterMix:
        """An adapter, or none, for each row. Raises ValueError for an unknown name."""
        return AdapterMix(self.adapters, chosen)

    def __call__(self, ids: Tensor, positions: Tensor, mask: Tensor, cache: Cache, mix: AdapterMix) -> Tensor:
        """Logits [B, vocabulary] after the last of ``ids`` [B, T], which are added to the cache.

        ``positions`` [B, T] count each row's own tokens; ``mask`` [B, 1, T, filled + T] is true
        where a token may look.
        """
        return self.logits(self.states(ids, positions, mask, cache, mix)[:, -1])

    def logits(self, states: Tensor) -> Tensor:
        """Logits [..., vocabulary] of the next token after each of ``states`` [..., size]."""
        out: Tensor = self.head(F.rms_norm(states, (self.size,), self.norm, self.eps))
        return out

    def states(self, ids: Tensor, positions: Tensor, mask: Tensor, cache: Cache, mix: AdapterMix) -> Tensor:
        """What stands after the last layer at each of ``ids``, [B, T, size]; arguments as of a call."""
        x = F.embedding(ids, self.embedding)
        cos, sin = self.cos[positions][:, :, None], self.sin[positions][:, :, None]
        cache.reserve(ids.shape[1])
        new = slice(cache.length, cache.length + ids.shape[1])
        cache.length = new.stop
        for i, layer in enumerate(self.layers):
            h = layer.query_key_value(F.rms_norm(x, (self.size,), layer.norm, self.eps), mix)
            query_key, value = h.unflatten(2, (3 * self.heads, -1)).split((2 * self.heads, self.heads), dim=2)
            first, second = query_key.chunk(2, dim=-1)
            query_key = query_key * cos + torch.cat((-second, first), dim=-1) * sin
            query, key = query_key.transpose(1, 2).chunk(2, dim=1)
            cache.keys[i][:, :, new], cache.values[i][:, :, new] = key, value.transpose(1, 2)
            seen = F.scaled_dot_product_attention(
                query, cache.keys[i][:, :, : new.stop], cache.values[i][:, :, : new.stop], mask
            )
            x += layer.out(seen.transpose(1, 2).flatten(2), mix)
            h = layer.gate_up(F.rms_norm(x, (self.size,), layer.norm_after, self.eps), mix)
            gate, up = h.chunk(2, dim=-1)
            x += layer.down(F.silu(gate).mul_(up), mix)
        return x
