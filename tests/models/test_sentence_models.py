"""Sentence models that are not the shipped one: loaded from a plain folder, corpus vectors made by their process."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from bot.senses import begin_senses
from bot.settings import Settings
from bot.weights import _vectors
from core.errors import ModelError
from core.prompt import after
from models.embed.marks import MODEL_ID, read_model_id
from models.embed.opening import WEIGHTS, open_model
from models.embed.service import SentenceEncoder
from models.embed.train import EmbedTrainConfig, build_model, save_named, train
from models.text.corpus_data import train_rows
from tests.models.tiny import row


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random sentence-transformers folder without a file of ours that names it."""
    out = tmp_path_factory.mktemp("sentences") / "any"
    config = EmbedTrainConfig(vocab=300, hidden=16, layers=1, heads=2)
    build_model(config, [row.text for row in train_rows()[:200]], out).save(str(out), create_model_card=False)
    return out


def test_another_model_is_named_by_its_weights(folder: Path, tmp_path: Path) -> None:
    encoder = SentenceEncoder.load(folder)
    assert encoder.model_id.startswith("any-") and len(encoder.model_id) == len("any-") + 12
    assert encoder.model_id == SentenceEncoder.load(folder).model_id
    vectors = encoder.encode(["안녕", "hello"])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_weights_that_could_run_code_are_refused(tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text("[]")
    (tmp_path / "pytorch_model.bin").write_bytes(b"x")
    with pytest.raises(ModelError, match="safetensors"):
        SentenceEncoder.load(tmp_path)


def test_the_corpus_is_encoded_once_by_the_model_s_process(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(var_dir=tmp_path, embed_model=str(folder))
    rows = train_rows()[:40]
    senses = begin_senses(folder, None, None, 1)
    try:
        with caplog.at_level(logging.WARNING):
            first = _vectors(settings, senses)(rows)
            again = _vectors(settings, senses)(rows)
    finally:
        senses.close()
    assert first is not None and again is not None
    assert np.allclose(
        first,
        SentenceEncoder.load(folder).encode([after(row.summary_in, row.text) for row in rows]),
        atol=1e-3,
    )
    assert np.allclose(first, again, atol=1.2e-2)
    assert caplog.text.count("making the vectors of 40 exchanges") == 1


def test_a_sentence_model_goes_on_learning(tmp_path: Path) -> None:
    rows = [
        row(f"{text} {n}", f"그래 {text} {n}", group=text) for text in ("안녕", "배고파") for n in range(8)
    ]
    config = EmbedTrainConfig(vocab=300, hidden=16, layers=1, heads=2, steps=2, batch=8)
    losses: list[float] = []
    first = train(config, rows, tmp_path, lambda _, loss: losses.append(loss))
    before = first.encode(["안녕 3"])
    name = read_model_id(tmp_path)
    again = train(config, rows, tmp_path, lambda _, loss: losses.append(loss))
    after = again.encode(["안녕 3"])
    assert len(losses) == 4 and read_model_id(tmp_path) != name
    assert not np.allclose(before, after) and float((before * after).sum()) > 0.9 * float((before**2).sum())
    (tmp_path / MODEL_ID).unlink()
    assert not np.allclose(train(config, rows, tmp_path).encode(["안녕 3"]), after, atol=1e-3)


def test_packed_weights_say_nearly_the_same_in_less_room(folder: Path, tmp_path: Path) -> None:
    packed = tmp_path / "packed"
    save_named(open_model(folder), packed, "small")
    texts = ["안녕", "hello", "[취미: 등산]"]
    whole, small = SentenceEncoder.load(folder), SentenceEncoder.load(packed)
    assert (whole.encode(texts) * small.encode(texts)).sum(1).min() > 0.999
    assert (packed / WEIGHTS).stat().st_size < (folder / WEIGHTS).stat().st_size / 2
    assert small.model_id.startswith("small-")
