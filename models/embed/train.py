"""Train the embedded sentence model on pairs from the corpus.

A small BERT (Devlin et al., NAACL 2019) with mean pooling, learnt from scratch with
MultipleNegativesRankingLoss (in-batch negatives; Henderson et al., 2017) on pairs that mean the
same or belong together: two wordings of one intent or of one reply; a question and the memory it asks
for; what a person told and the memory made of it; a message, after what it follows, and its reply (the
reply marked, see REPLY_MARK).
Hangul is decomposed (NFD), so that word forms share pieces.
"""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Pooling, Transformer
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from tokenizers import Tokenizer, decoders, normalizers, pre_tokenizers, processors, trainers
from tokenizers import models as token_models
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from models.embed.marks import MODEL_ID, REPLY_MARK
from models.embed.memory_data import damaged
from models.embed.opening import WEIGHTS, open_model
from models.runtime.int8 import packed
from models.text.corpus_data import Row

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", REPLY_MARK)


@dataclass(frozen=True)
class EmbedTrainConfig:
    """Sizes and schedule; a step is one batch of pairs of one kind."""

    vocab: int = 6000
    hidden: int = 192
    layers: int = 4
    heads: int = 4
    max_tokens: int = 96
    steps: int = 3000
    batch: int = 96
    lr: float = 7e-4  # from noise; two thirds of it where a model goes on learning
    word_drop: float = 0.1
    seed: int = 20031011
    threads: int = 1


Pair = tuple[str, str]


def make_pairs(rows: Sequence[Row]) -> dict[str, list[tuple[Pair, str]]]:
    """Pairs by kind, each with a group key: two pairs of one group never share a batch."""
    kinds: dict[str, list[tuple[Pair, str]]] = defaultdict(list)
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.group].append(row)
        kinds["reply"].append(((row.heard, REPLY_MARK + row.reply), row.group))
        if row.reworded:
            kinds["reworded"].append(((REPLY_MARK + row.reply, REPLY_MARK + row.reworded), row.group))
        if row.memory_in:
            kinds["recall"].append(((row.text, row.memory_in), row.memory_in))
        if row.memory:
            kinds["told"].append(((row.text, row.memory), row.memory))
    for key, members in groups.items():
        for kind, follows in (("same", False), ("same after", True)):
            texts = [row.heard for row in members if bool(row.summary_in) is follows]
            kinds[kind] += [(pair, key) for pair in combinations(texts, 2)]
    return kinds


def build_model(config: EmbedTrainConfig, texts: Sequence[str], folder: Path) -> SentenceTransformer:
    """An untrained sentence-transformers model with a tokenizer learnt on ``texts``."""
    tokenizer = Tokenizer(token_models.BPE(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Metaspace(), pre_tokenizers.Punctuation()]
    )
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.train_from_iterator(
        texts, trainers.BpeTrainer(vocab_size=config.vocab, special_tokens=list(SPECIAL), show_progress=False)
    )
    ids = [(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ids)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_max_length=config.max_tokens,
    )
    bert = BertModel(
        BertConfig(
            vocab_size=len(fast),
            hidden_size=config.hidden,
            num_hidden_layers=config.layers,
            num_attention_heads=config.heads,
            intermediate_size=3 * config.hidden,
            max_position_embeddings=config.max_tokens,
            hidden_dropout_prob=0.1,
            attention_probs_dropout_prob=0.1,
        )
    )
    folder.mkdir(parents=True, exist_ok=True)
    bert.save_pretrained(folder)
    fast.save_pretrained(folder)
    transformer = Transformer(str(folder), max_seq_length=config.max_tokens)
    return SentenceTransformer(modules=[transformer, Pooling(config.hidden)], device="cpu")


def _batch(pairs: list[tuple[Pair, str]], size: int, rng: random.Random) -> list[Pair]:
    taken: dict[str, Pair] = {}
    for pair, group in rng.sample(pairs, min(len(pairs), 2 * size)):
        taken.setdefault(group, pair)
        if len(taken) == size:
            break
    return list(taken.values())


def _sides(
    pairs: list[tuple[Pair, str]], either_way: bool, config: EmbedTrainConfig, rng: random.Random
) -> tuple[list[str], list[str]]:
    """Both sides of a batch, the first as it may be typed."""
    batch = _batch(pairs, config.batch, rng)
    if either_way and rng.random() < 0.5:
        batch = [(b, a) for a, b in batch]
    return [damaged(a, rng, config.word_drop) for a, _ in batch], [b for _, b in batch]


def train(
    config: EmbedTrainConfig,
    rows: Sequence[Row],
    folder: Path,
    report: Callable[[int, float], None] | None = None,
) -> SentenceTransformer:
    """Train on ``rows`` and save a sentence-transformers folder.

    A model that lies in ``folder`` goes on learning with its tokenizer; otherwise one begins from noise.
    """
    torch.manual_seed(config.seed)
    torch.set_num_threads(config.threads)
    rng = random.Random(config.seed)
    model, lr = _begun(config, rows, folder)
    loss_fn = MultipleNegativesRankingLoss(model, scale=20.0)
    optimizer = torch.optim.AdamW(model.parameters(), lr, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, config.steps, pct_start=0.08)
    kinds = make_pairs(rows)
    share = {"same": 0.3, "same after": 0.1, "reply": 0.35, "reworded": 0.05, "recall": 0.12, "told": 0.08}
    names = [name for name in share if kinds[name]]
    weights = [share[name] for name in names]
    model.train()
    for step in range(config.steps):
        (name,) = rng.choices(names, weights)
        features = [
            model.preprocess(side) for side in _sides(kinds[name], name.startswith("same"), config, rng)
        ]
        loss = loss_fn(features, torch.empty(0))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if report:
            report(step + 1, float(loss.detach()))
    save_named(model, folder, "ohlora-mini-sbert")
    return model.float()


def _begun(config: EmbedTrainConfig, rows: Sequence[Row], folder: Path) -> tuple[SentenceTransformer, float]:
    """The model to train, and its highest learning rate."""
    if (folder / MODEL_ID).is_file():
        return open_model(folder), config.lr * 2 / 3
    texts = [t for row in rows for t in (row.text, row.reply, row.memory, row.memory_in, row.summary_in) if t]
    return build_model(config, texts, folder), config.lr


def save_named(model: SentenceTransformer, folder: Path, name: str) -> None:
    """Weights as int8, and an id that names them by their bytes."""
    model.eval().float().save(str(folder), create_model_card=False)
    weights = folder / WEIGHTS
    save_file(packed(load_file(weights)), weights, metadata={"format": "pt"})
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()[:12]
    (folder / MODEL_ID).write_text(f"{name}-{digest}\n")
