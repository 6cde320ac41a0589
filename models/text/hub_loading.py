"""Loading a base model of the Hugging Face layout with its LoRA adapters; from local folders only."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig, MistralConfig
from transformers.utils import logging as hf_logging

from core.errors import ModelError
from models.runtime.checkpoints import adapter_problems, read_base

DTYPES: Final = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}
_ANSWER: Final = "ANSWER"


@dataclass(frozen=True)
class HubModel:
    """A base model and its adapters; ``ends`` are tokens that end what it writes.

    One adapter is active at a time: see :meth:`using`.
    """

    model: Any
    tokenizer: Any
    ends: frozenset[int]
    adapters: Any = None  # the PEFT model around ``model``

    @property
    def device(self) -> torch.device:
        """Where token ids go."""
        device: torch.device = self.model.device
        return device

    @contextmanager
    def using(self, adapter: str | None) -> Iterator[None]:
        """``model`` with this adapter, or with none of them."""
        if self.adapters is not None and adapter is not None:
            self.adapters.base_model.set_adapter(adapter, inference_mode=True)
        bare = self.adapters is not None and adapter is None
        with self.adapters.disable_adapter() if bare else nullcontext():
            yield


def load_hub_model(
    folder: Path, adapters: Mapping[str, Path], *, dtype: str = "auto", device_map: str = "auto",
    four_bit: bool = False,
) -> HubModel:  # fmt: skip
    """A base of a folder with adapters by name.

    Args:
        dtype: ``bf16``, ``fp16``, ``fp32``, or ``auto`` for what the checkpoint is stored in.
        device_map: ``auto`` spreads over all GPUs there are, else the processor; or a device.
        four_bit: weights in NF4 by bitsandbytes, on a GPU.

    Raises:
        ModelError: Files are missing, damaged or do not fit each other, or a package is missing.
    """
    base = read_base(folder)
    for name, place in adapters.items():
        found = adapter_problems(place, base.header)
        if found:
            raise ModelError(f"adapter {name} in {place}: {found[0]}")
    hf_logging.set_verbosity_error()
    hf_logging.disable_progress_bar()
    config = read_config(folder)
    tokenizer = AutoTokenizer.from_pretrained(
        folder, config=config, local_files_only=True, trust_remote_code=False
    )
    model = AutoModelForCausalLM.from_pretrained(
        folder, config=config, local_files_only=True, trust_remote_code=False, use_safetensors=True,
        **_placement(config, dtype, device_map, four_bit),
    )  # fmt: skip
    model.eval().requires_grad_(False)
    return HubModel(model, tokenizer, end_tokens(model, tokenizer), _attached(model, adapters))


def _attached(model: Any, adapters: Mapping[str, Path]) -> Any:
    if not adapters:
        return None
    from peft import PeftModel

    (first, folder), *others = adapters.items()
    out = PeftModel.from_pretrained(model, folder, adapter_name=first, local_files_only=True)
    for name, place in others:
        out.load_adapter(place, adapter_name=name, local_files_only=True)
    return out.eval()


def read_config(folder: Path) -> Any:
    """The configuration of a base's folder.

    kanana-1.5-2.1b says "llama" with a width that is no multiple of its heads, which its ``head_dim``
    allows and transformers refuses; Mistral is the same network without that check.
    """
    raw = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    width, heads = raw.get("hidden_size"), raw.get("num_attention_heads")
    biased = raw.get("attention_bias") or raw.get("mlp_bias")  # Mistral has none
    if raw.get("model_type") == "llama" and raw.get("head_dim") and width % heads and not biased:
        rest = {key: value for key, value in raw.items() if key not in ("model_type", "architectures")}
        return MistralConfig(**rest | {"sliding_window": None})
    return AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)


def _placement(config: Any, dtype: str, device_map: str, four_bit: bool) -> dict[str, Any]:
    """How the weights are kept, as arguments of ``from_pretrained``."""
    on_gpu = torch.cuda.is_available() and device_map != "cpu"
    kept: Any = DTYPES.get(dtype, "auto")
    if kept == "auto" and not on_gpu and getattr(config, "dtype", None) is torch.float16:
        kept = torch.bfloat16  # processors are slow in float16
    out: dict[str, Any] = {"dtype": kept}
    if device_map != "auto" or on_gpu:
        out["device_map"] = device_map
    if four_bit:
        if importlib.util.find_spec("bitsandbytes") is None:
            raise ModelError("4-bit weights need the package bitsandbytes: pip install -e '.[gpu]'")
        out["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16 if kept == "auto" else kept,
        )  # fmt: skip
    return out


def end_tokens(model: Any, tokenizer: Any) -> frozenset[int]:
    """Tokens that end a completion: those of the model's files, and what ends a turn of its chats.

    Instruction models are published with a generation_config that names the base's end only.
    """
    stored = model.generation_config.eos_token_id
    found = {*(stored if isinstance(stored, list) else [stored]), tokenizer.eos_token_id}
    if tokenizer.chat_template:
        said = [{"role": "user", "content": "?"}, {"role": "assistant", "content": _ANSWER}]
        after = tokenizer.apply_chat_template(said, tokenize=False).rpartition(_ANSWER)[2]
        first = tokenizer(after.strip(), add_special_tokens=False).input_ids[:1]
        found |= {token for token in first if _is_special(token, tokenizer)}
    return frozenset(found - {None})


def _is_special(token: int, tokenizer: Any) -> bool:
    added = tokenizer.added_tokens_decoder.get(token)
    return added is not None and bool(added.special)
