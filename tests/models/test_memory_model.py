"""The memory model: its data, its steps, and a run that is cut off and goes on."""

from __future__ import annotations

import json
import lzma
import random
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from core.memory import KEYS
from models.embed.marks import read_model_id
from models.embed.memory_data import MemoryData, draw
from models.embed.service import SentenceEncoder
from models.embed.train import EmbedTrainConfig, build_model
from models.embed.train_memory import MemoryTrainConfig, train_memory
from models.text.corpus_data import split_tag

THINGS = {
    "알레르기: 새우": ("횟집 가재", "초밥 먹을까", "두드러기 났어", "해물탕 어때"),
    "반려동물: 진돗개": ("산책 나가기 귀찮다", "목줄 새로 샀어", "사료 떨어졌네", "털이 너무 날려"),
    "내일 일정: 면접": ("정장 다려야 해", "떨려서 잠이 안 와", "자기소개 외우는 중", "넥타이 뭐 맬까"),
    "악기: 기타": ("손가락 끝이 아파", "줄 하나 끊어졌어", "코드 외우기 힘들다", "앰프 켜 볼까"),
}


def _pack(path: Path, text: str) -> None:
    path.with_name(f"{path.name}.xz").write_bytes(lzma.compress(text.encode()))


def _write(folder: Path) -> MemoryData:
    pairs = [f"1\t[{memory}]\t{message}" for memory, said in THINGS.items() for message in said[:2]]
    _pack(folder / "pairs.tsv", "\n".join([*pairs, "0\t[악기: 기타]\t기타 등등 많아"]))
    lines = ["\t".join((f"[{memory}]", *said[2:])) for memory, said in THINGS.items()]
    _pack(folder / "lines.tsv", "\n".join(lines))
    concepts = [f"{memory.split(': ')[1]}, thing\t{', '.join(said)}" for memory, said in THINGS.items()]
    _pack(folder / "concepts.tsv", "\n".join(concepts))
    queries = [{"text": "횟집 가재", "relevant": [0]}, {"text": "안녕", "relevant": []}]
    scene = {"memories": [f"[{memory}]" for memory in THINGS], "queries": queries}
    _pack(folder / "scenes.jsonl", json.dumps(scene, ensure_ascii=False))
    return MemoryData.read([], folder)


def test_the_committed_data_fits() -> None:
    data = MemoryData.read([])
    assert len(data.fitting) > 20_000 and len(data.concepts) > 2_500 and len(data.scenes) > 400
    keys = {key for named in KEYS.values() for key in named}
    for memory, message in (*data.fitting, *data.unfitting):
        assert split_tag(memory)[0] in keys, memory
        assert message.strip()
    assert all(0 <= place < len(scene.memories) for scene in data.scenes for _, place in scene.asked)
    assert all(len(concept.words) > 4 for concept in data.concepts)


@pytest.mark.parametrize(
    ("name", "text", "wrong"),
    [
        ("pairs.tsv", "1\t[악기: 기타]", r"pairs\.tsv\.xz:1: "),
        ("lines.tsv", "[악기: 기타]\t줄\n[악기: 기타]", r"lines\.tsv\.xz:2: "),
        ("concepts.tsv", "기타\t ", r"concepts\.tsv\.xz:1: "),
        ("scenes.jsonl", '{"memories": []}', r"scenes\.jsonl\.xz:1: "),
        ("scenes.jsonl", "{", r"scenes\.jsonl\.xz:1: "),
    ],
)
def test_a_line_that_does_not_fit_is_named(tmp_path: Path, name: str, text: str, wrong: str) -> None:
    _write(tmp_path)
    _pack(tmp_path / name, text)
    with pytest.raises(ValueError, match=wrong):
        MemoryData.read([], tmp_path)


def test_no_memory_stands_twice_in_a_batch(tmp_path: Path) -> None:
    data = _write(tmp_path)
    for seed in range(20):
        batch = draw(data, (4, 0, 1, 1), random.Random(seed))
        memories = [memory for memory, _ in batch.near]
        assert len(memories) == len(set(memories)) > 1
        assert batch == draw(data, (4, 0, 1, 1), random.Random(seed))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random small sentence model."""
    torch.manual_seed(0)
    out = tmp_path_factory.mktemp("base") / "embed"
    texts = [text for memory, said in THINGS.items() for text in (memory, *said)]
    config = EmbedTrainConfig(vocab=300, hidden=32, layers=1, heads=2)
    build_model(config, texts, out).save(str(out), create_model_card=False)
    return out


def test_it_learns_which_memory_bears_on_a_message(base: Path, tmp_path: Path) -> None:
    data = _write(tmp_path)
    config = MemoryTrainConfig(steps=60, lr=5e-3, pairs=4, concepts=2, far=1, scenes=1)
    losses: list[float] = []
    out = tmp_path / "memory"
    train_memory(config, data, base, out, tmp_path / "c.pt", lambda _, loss: losses.append(loss))
    encoder = SentenceEncoder.load(out)
    memories = encoder.encode([f"[{memory}]" for memory in THINGS])
    said = [(place, text) for place, texts in enumerate(THINGS.values()) for text in texts]
    nearest = (encoder.encode([text for _, text in said]) @ memories.T).argmax(1)
    assert sum(nearest == [place for place, _ in said]) >= 14
    assert len(losses) == 60 and losses[-1] < losses[0] / 2
    assert encoder.model_id == read_model_id(out) and encoder.model_id.startswith("ohlora-mini-memory-")


def test_a_run_that_was_cut_off_ends_like_a_whole_one(base: Path, tmp_path: Path) -> None:
    data, config = _write(tmp_path), MemoryTrainConfig(steps=6, pairs=4, concepts=2, far=1, scenes=1)

    def until(last: int, name: str) -> Path:
        def report(step: int, _: float) -> None:
            if step > last:
                raise KeyboardInterrupt

        out = tmp_path / name
        train_memory(config, data, base, out, tmp_path / f"{name}.pt", report, save_every=2)
        return out

    with pytest.raises(KeyboardInterrupt):
        until(5, "halved")
    whole, halved = (load_file(until(6, name) / "model.safetensors") for name in ("whole", "halved"))
    assert all(torch.equal(whole[name], halved[name]) for name in whole)
    with pytest.raises(ValueError, match="another configuration"):
        train_memory(MemoryTrainConfig(steps=7), data, base, tmp_path, tmp_path / "whole.pt", lambda *_: None)
