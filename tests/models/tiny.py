"""A real, tiny text model with a tokenizer trained on a few lines, and PEFT adapters that do something."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from tokenizers import Tokenizer
from transformers import LlamaConfig, LlamaForCausalLM

from core.prompt import Task
from models.text.corpus_data import Row
from models.text.network import save_int8
from models.text.tokenizer import FILE, end_and_pad, train_tokenizer
from models.text.train import LORA_TARGETS

LINES = ["안녕 로라야", "나 내일 시험 봐", "hello there lora", "what are you doing", "오늘 날씨 어때?"] * 4


def row(text: str, reply: str, **fields: str) -> Row:
    """A corpus row with defaults."""
    base = {
        "lang": "ko", "topic": "t", "group": text, "memory_in": "", "summary_in": "", "memory": "",
        "summary": "함", "eyes": "보통", "mouth": "크게", "pose": "없음",
    }  # fmt: skip
    return Row(text=text, reply=reply, **(base | fields))  # type: ignore[arg-type]


@dataclass
class Tiny:
    """Folder of weights, and the plain model they hold."""

    folder: Path
    tokenizer: Tokenizer
    model: LlamaForCausalLM


def make_tiny(folder: Path) -> Tiny:
    """Weights of two layers; every adapter has random matrices, so that it changes the output."""
    tokenizer = train_tokenizer(LINES, 400)
    end, pad = end_and_pad(tokenizer)
    torch.manual_seed(0)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=tokenizer.get_vocab_size(),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=2,
            max_position_embeddings=512,
            bos_token_id=None,
            eos_token_id=end,
            pad_token_id=pad,
        )
    )
    save_int8(model, folder)
    tokenizer.save(str(folder / FILE))
    for seed, task in enumerate(Task):
        torch.manual_seed(100 + seed)
        peft = get_peft_model(
            model,
            LoraConfig(r=2 + seed, lora_alpha=8, target_modules=list(LORA_TARGETS), task_type="CAUSAL_LM"),
        )
        for name, parameter in peft.named_parameters():
            if "lora_" in name:
                torch.nn.init.normal_(parameter, std=0.3)
        peft.save_pretrained(folder / "adapters" / task.value)
        model = peft.unload()
    return Tiny(folder, tokenizer, model)
