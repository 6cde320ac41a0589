"""Real, tiny checkpoints of other families, written as they lie on the hub: random, with a trained tokenizer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n"
    "{% if enable_thinking is defined and not enable_thinking %}<think>\n\n</think>\n\n{% endif %}{% endif %}"
)
# Like Gemma's: no system message, and the model's turns have a name of their own.
WITHOUT_SYSTEM = (
    "{{ bos_token }}{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for message in messages %}<|im_start|>{{ 'model' if message.role == 'assistant' else 'user' }}\n"
    "{{ message.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>model\n{% endif %}"
)
SPECIAL = ("<s>", "</s>", "<pad>", "<|im_start|>", "<|im_end|>")
LINES = [
    "사람: 나 내일 시험 봐", "로라: 그럼 오늘 밤은 틀린 것만 훑자.", "기억: [내일 일정: 시험]", "눈 아주 크게, 입 보통, 고개 돌림 없음",
    "Person: I have an exam tomorrow", "Lora: You can do it!", "Memory: [plan for tomorrow: exam]", "hello there lora",
] * 4  # fmt: skip

SIZES: dict[str, Any] = {
    "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
    "max_position_embeddings": 1024, "initializer_range": 0.3,
}  # fmt: skip
FAMILIES: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "llama": (LlamaConfig, LlamaForCausalLM, {"num_key_value_heads": 2}),
    "qwen2": (Qwen2Config, Qwen2ForCausalLM, {"num_key_value_heads": 2}),
    "qwen3": (Qwen3Config, Qwen3ForCausalLM, {"num_key_value_heads": 2, "head_dim": 16}),
    "gpt_neox": (GPTNeoXConfig, GPTNeoXForCausalLM, {}),
    # kanana-1.5-2.1b's property: a width that is no multiple of the heads, and head_dim given
    "kanana": (MistralConfig, MistralForCausalLM, {"num_key_value_heads": 1, "hidden_size": 40, "num_attention_heads": 3, "head_dim": 16}),
}  # fmt: skip
Q_TO_DOWN = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


CLASSES = {"qwen2": "Qwen2Tokenizer", "qwen3": "Qwen2Tokenizer", "gpt_neox": "GPTNeoXTokenizer"}


def make_tokenizer(folder: Path, chat: str | None, family: str = "llama") -> None:
    """A byte-level BPE tokenizer, its chat template in tokenizer_config.json."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=420, special_tokens=list(SPECIAL), show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )  # fmt: skip
    tokenizer.train_from_iterator(LINES, trainer)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>",
        additional_special_tokens=["<|im_start|>", "<|im_end|>"],
    ).save_pretrained(folder)  # fmt: skip
    path = folder / "tokenizer_config.json"
    config = json.loads(path.read_text()) | {
        "tokenizer_class": CLASSES.get(family, "PreTrainedTokenizerFast")
    }
    path.write_text(json.dumps(config | ({"chat_template": chat} if chat else {})))


def make_base(folder: Path, family: str = "llama", chat: str | None = CHATML, seed: int = 0) -> Path:
    """A base model's folder."""
    config, model, more = FAMILIES[family]
    make_tokenizer(folder, chat, family)
    vocab = len(json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"])
    torch.manual_seed(seed)
    made = model(config(vocab_size=vocab, bos_token_id=0, eos_token_id=1, pad_token_id=2, **SIZES | more))
    made.save_pretrained(folder)
    if family == "kanana":  # it says what it says on the hub
        path = folder / "config.json"
        said = json.loads(path.read_text()) | {"model_type": "llama", "architectures": ["LlamaForCausalLM"]}
        said.pop("sliding_window", None)
        path.write_text(json.dumps(said))
    return folder


def make_adapters(
    base: Path, folder: Path, family: str, tasks: Sequence[str], targets: Sequence[str] = Q_TO_DOWN
) -> Path:
    """Random PEFT adapters ``folder/<task>``, each changing the output."""
    model = FAMILIES[family][1].from_pretrained(base)
    for seed, task in enumerate(tasks):
        torch.manual_seed(100 + seed)
        config = LoraConfig(r=2 + seed, lora_alpha=8, target_modules=list(targets), task_type="CAUSAL_LM")
        peft = get_peft_model(model, config)
        for name, parameter in peft.named_parameters():
            if "lora_" in name:
                torch.nn.init.normal_(parameter, std=0.3)
        peft.save_pretrained(folder / task)
        model = peft.unload()
    return folder
