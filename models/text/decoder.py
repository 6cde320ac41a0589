"""The embedded model's forward pass for a processor without an accelerator.

The same function as transformers' ``LlamaForCausalLM`` (Touvron et al., 2023; the tests compare
them), written for small batches on one core: projections with the same input are one product, the
weights stay in int8, and the cache is allocated once. Training and larger models use transformers.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Mapping
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
    """Token ids to logits, with a cache; made by :meth:`load`."""

    def __init__(
        self, config: Mapping[str, Any], state: Mapping[str, Tensor],
        adapters: Mapping[str, Adapter], product: Callable[[Tensor], Product] = int8_product,
    ) -> None:  # fmt: skip
        self.mix = AdapterMix(tuple(adapters))
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
        return Adapted(base, [adapter.pair(layers) for adapter in self._adapters.values()], self.mix)

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

    def __call__(self, ids: Tensor, positions: Tensor, mask: Tensor, cache: Cache) -> Tensor:
        """Logits [B, vocabulary] after the last of ``ids`` [B, T], which are added to the cache.

        ``positions`` [B, T] count each row's own tokens; ``mask`` [B, 1, T, filled + T] is true
        where a token may look.
        """
        x = F.embedding(ids, self.embedding)
        cos, sin = self.cos[positions][:, :, None], self.sin[positions][:, :, None]
        new = slice(cache.length, cache.length + ids.shape[1])
        cache.length = new.stop
        for i, layer in enumerate(self.layers):
            h = layer.query_key_value(F.rms_norm(x, (self.size,), layer.norm, self.eps))
            query_key, value = h.unflatten(2, (3 * self.heads, -1)).split((2 * self.heads, self.heads), dim=2)
            first, second = query_key.chunk(2, dim=-1)
            query_key = query_key * cos + torch.cat((-second, first), dim=-1) * sin
            query, key = query_key.transpose(1, 2).chunk(2, dim=1)
            cache.keys[i][:, :, new], cache.values[i][:, :, new] = key, value.transpose(1, 2)
            seen = F.scaled_dot_product_attention(
                query, cache.keys[i][:, :, : new.stop], cache.values[i][:, :, : new.stop], mask
            )
            x = x + layer.out(seen.transpose(1, 2).flatten(2))
            gate, up = layer.gate_up(F.rms_norm(x, (self.size,), layer.norm_after, self.eps)).chunk(2, dim=-1)
            x = x + layer.down(F.silu(gate) * up)
        logits: Tensor = self.head(F.rms_norm(x[:, -1], (self.size,), self.norm, self.eps))
        return logits
