"""The stages that make the shipped text weights, one function each; reached from ``train`` only."""

from __future__ import annotations

from pathlib import Path

from core.prompt import Task
from models.embed.service import SentenceEncoder
from models.text.corpus_data import train_rows
from models.text.exemplars import ExemplarIndex
from models.text.filling import slots
from models.text.network import load_int8, save_int8
from models.text.samples import SampleMaker
from models.text.service import save_vectors
from models.text.tokenizer import FILE, load_tokenizer, train_tokenizer
from models.text.train import AdapterTrainConfig, BaseTrainConfig, Report, train_adapter, train_base

TASKS = tuple(task.value for task in Task)


def tokenizer(out: Path) -> None:
    """Learn the tokenizer on every text of the training corpus (replies count twice)."""
    texts: list[str] = []
    for row in train_rows():
        texts += [row.text, row.reply, row.reply]
        texts += [text for text in (row.memory, row.memory_in, row.summary_in, row.summary) if text]
    out.mkdir(parents=True, exist_ok=True)
    train_tokenizer(texts).save(str(out / FILE))


def _maker() -> SampleMaker:
    rows = train_rows()
    return SampleMaker(rows, ExemplarIndex(rows), slots())


def base(config: BaseTrainConfig, out: Path, checkpoint: Path, report: Report) -> None:
    """Train the base model (resuming ``checkpoint``) and write it as int8."""
    trainer = train_base(config, _maker(), load_tokenizer(out), checkpoint, report)
    save_int8(trainer.model, out)


def adapter(config: AdapterTrainConfig, out: Path, checkpoint: Path, report: Report) -> None:
    """Train one adapter (resuming ``checkpoint``) on the int8 base as it ships."""
    folder = out / "adapters" / config.task
    train_adapter(config, load_int8(out), _maker(), load_tokenizer(out), folder, checkpoint, report)


def vectors(out: Path, embed: Path) -> None:
    """Sentence vectors of all corpus messages, float16, bound to the sentence model's id."""
    encoder = SentenceEncoder.load(embed)
    made = encoder.encode([row.text for row in train_rows()])
    save_vectors(out / "vectors.npz", made, encoder.model_id)
