"""The embedded causal language model: size, construction, and int8 weights on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from safetensors.torch import load_file, save_file
from torch import Tensor

from models.runtime.int8 import packed, unpacked

if TYPE_CHECKING:
    from transformers import LlamaConfig, LlamaForCausalLM

WEIGHTS = "model.safetensors"
CONFIG = "config.json"


def mini_config(vocab_size: int, end_id: int, pad_id: int) -> LlamaConfig:
    """About 11 M parameters; input and output embeddings are untied, for look-ups cost nothing."""
    from transformers import LlamaConfig

    return LlamaConfig(
        vocab_size=vocab_size, hidden_size=320, intermediate_size=864, num_hidden_layers=5,
        num_attention_heads=5, num_key_value_heads=5, max_position_embeddings=512,
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0}, tie_word_embeddings=False,
        bos_token_id=None, eos_token_id=end_id, pad_token_id=pad_id,
    )  # fmt: skip


def save_int8(model: LlamaForCausalLM, folder: Path) -> None:
    """Write matrices as int8 with one float32 scale per row, vectors as float32."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(packed(model.state_dict()), folder / WEIGHTS)
    (folder / CONFIG).write_text(json.dumps(model.config.to_dict(), indent=1, ensure_ascii=False))


def read_int8(folder: Path) -> dict[str, Tensor]:
    """The tensors of :func:`save_int8` in float32.

    Raises FileNotFoundError or ``safetensors.SafetensorError`` when the file is missing or damaged.
    """
    return unpacked(load_file(folder / WEIGHTS))


def load_int8(folder: Path) -> LlamaForCausalLM:
    """The model of :func:`save_int8` for transformers and PEFT, float32, in eval mode.

    Raises as :func:`read_int8`, and RuntimeError for tensors of another shape.
    """
    from transformers import LlamaConfig, LlamaForCausalLM

    model = LlamaForCausalLM(LlamaConfig.from_dict(json.loads((folder / CONFIG).read_text())))
    model.load_state_dict(read_int8(folder), strict=True)
    return model.eval()
