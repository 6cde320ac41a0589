"""The stages that make the shipped text weights, one function each; reached from ``train`` only."""

from __future__ import annotations

from pathlib import Path

from core.prompt import parse_prompt
from models.embed.service import SentenceEncoder
from models.text.corpus_data import train_rows
from models.text.exemplars import ExemplarIndex
from models.text.filling import slots
from models.text.heads import FILE as HEADS
from models.text.hub_loading import load_hub_model
from models.text.label_prior import FILE as LABELS
from models.text.label_prior import LabelPrior
from models.text.network import load_int8, save_int8
from models.text.rendering import render_training
from models.text.samples import Sample, SampleMaker
from models.text.service import save_vectors
from models.text.tokenizer import FILE, end_and_pad, load_tokenizer, train_tokenizer
from models.text.train import AdapterTrainConfig, BaseTrainConfig, Report, encoder, train_adapter, train_base


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
    folder, tokenizer = out / "adapters" / config.task, load_tokenizer(out)
    _, pad = end_and_pad(tokenizer)
    train_adapter(config, load_int8(out), _maker(), encoder(tokenizer), pad, folder, checkpoint, report)


def hub_adapter(
    config: AdapterTrainConfig, base: Path, out: Path, checkpoint: Path, report: Report,
    *, dtype: str = "auto", device_map: str = "auto", four_bit: bool = False,
) -> None:  # fmt: skip
    """Train one adapter (resuming ``checkpoint``) on another base in the Hugging Face layout.

    The prompt's parts are those of the embedded model, written in the ``plain`` template; weights as
    for :func:`models.text.hub_loading.load_hub_model`, with its errors. With a GPU activations are
    computed again instead of kept (Chen et al., 2016), for memory is what is scarce there.
    """
    from peft import prepare_model_for_kbit_training

    hub = load_hub_model(base, {}, dtype=dtype, device_map=device_map, four_bit=four_bit)
    if four_bit:
        prepare_model_for_kbit_training(hub.model)
    elif hub.device.type != "cpu":
        hub.model.gradient_checkpointing_enable()
        hub.model.enable_input_require_grads()

    def encode(sample: Sample) -> tuple[list[int], list[int]]:
        return render_training(parse_prompt(sample.prompt), sample.completion, hub.tokenizer)

    pad = min(hub.ends, default=0)
    train_adapter(config, hub.model, _maker(), encode, pad, out / config.task, checkpoint, report)


def heads(out: Path, embed: Path) -> None:
    """Classifiers of messages and of replies on the corpus's own labels."""
    rows, encoder = train_rows(), SentenceEncoder.load(embed)
    # of the message alone, as she hears it before she knows whether it follows on something
    said = encoder.encode([row.text for row in rows])
    ExemplarIndex(rows).train_heads(said).save(out / HEADS, encoder.model_id)
    LabelPrior.fit(rows).save(out / LABELS)


def vectors(out: Path, embed: Path) -> None:
    """Sentence vectors of all corpus messages, after what they follow; int8, bound to the sentence model."""
    encoder = SentenceEncoder.load(embed)
    made = encoder.encode([row.heard for row in train_rows()])
    save_vectors(out / "vectors.npz", made, encoder.model_id)
