"""Static embeddings: learnt from pairs, kept in four bits a number, and asked about anything."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ModelError
from models.embed.associations import pieces
from models.embed.service import LocalAssociations
from models.embed.static import FILE, NATS, PIECE_NATS, StaticEmbeddings
from models.embed.train_associations import AssociationConfig, learn
from models.embed.train_static import StaticTrainConfig, train_static
from tests.models.test_associations import PAIRS, nats

CONFIG = StaticTrainConfig(steps=60, batch=16, dim=16, seen=2)
MEMORIES = ["[알레르기: 조개]", "[취미: 등산]", "[hobby: hiking]", "[취미: 독서]"]


def learnt(config: StaticTrainConfig, checkpoint: Path) -> StaticEmbeddings:
    return train_static(config, PAIRS, checkpoint, lambda step, loss: None, save_every=10)


@pytest.fixture(scope="module")
def embeddings(tmp_path_factory: pytest.TempPathFactory) -> StaticEmbeddings:
    return learnt(CONFIG, tmp_path_factory.mktemp("static") / "static.pt")


async def test_what_belongs_together_is_near(embeddings: StaticEmbeddings) -> None:
    local = LocalAssociations(embeddings)
    for message, best in (("내일 회식 있어", 0), ("새 신발 샀어", 1), ("BOOTS!", 2), ("안경 닦아야지", 3)):
        found = await local.bearing(message, MEMORIES)
        assert max(range(4), key=found.__getitem__) == best, message
    assert await local.bearing("ㅋㅋ", MEMORIES) == [0, 0, 0, 0]
    assert await local.bearing("회식", []) == []


def test_a_word_of_the_memory_itself_is_near_though_no_message_said_it(embeddings: StaticEmbeddings) -> None:
    table = learn(PAIRS, AssociationConfig(doublings=1))
    for message, best in (("등산", 1), ("독서", 3), ("hiking", 2)):
        assert nats(table, message, MEMORIES) == [0, 0, 0, 0]
        found = nats(embeddings, message, MEMORIES)
        assert max(range(4), key=found.__getitem__) == best and found[best] > (NATS + PIECE_NATS) / 3, message


def test_a_text_is_near_as_a_whole_and_piece_by_piece() -> None:
    across = np.eye(4, dtype=np.float32)
    known = {piece: row for row, piece in enumerate(("aa", "bb", "cc", "dd"))}
    plain = StaticEmbeddings(known, 3 * across, np.ones((4, 2), dtype=np.float32))
    found = nats(plain, "aa", ["aa", "aa bb cc dd", "bb", "", "zz"])
    assert found == pytest.approx([NATS + PIECE_NATS, NATS / 2 + PIECE_NATS, 0, 0, 0])
    weighed = np.array([[1, 1], [1, 3], [1, -2], [1, 1]], dtype=np.float32)  # what counts against is left out
    found = nats(replace(plain, weights=weighed), "aa bb cc", ["bb", "aa bb", "cc"])
    assert found[0] == pytest.approx(NATS * 3 / np.sqrt(14) + PIECE_NATS * 3 / 4)
    assert found[1] == pytest.approx(NATS * 4 / np.sqrt(28) + PIECE_NATS) and found[2] == 0
    assert nats(plain, "", ["aa"]) == [0]


async def test_a_table_and_embeddings_are_added(embeddings: StaticEmbeddings) -> None:
    table = learn(PAIRS, AssociationConfig(doublings=1))
    both = await LocalAssociations(table, embeddings).bearing("새 신발", MEMORIES)
    apart = zip(nats(table, "새 신발", MEMORIES), nats(embeddings, "새 신발", MEMORIES), strict=True)
    assert both == [sum(each) for each in apart]


def test_four_bits_keep_what_was_learnt(embeddings: StaticEmbeddings, tmp_path: Path) -> None:
    embeddings.save(tmp_path / "a" / FILE)
    kept = StaticEmbeddings.load(tmp_path / "a" / FILE)
    assert list(kept.known) == list(embeddings.known)
    for mine, theirs in zip(embeddings.vectors, kept.vectors, strict=True):
        assert mine @ theirs > 0.97 * np.linalg.norm(mine) * np.linalg.norm(theirs)
    for _, message in PAIRS:
        assert nats(kept, message, MEMORIES) == pytest.approx(
            nats(embeddings, message, MEMORIES), abs=0.1 * NATS
        )
    kept.save(tmp_path / "b" / FILE)
    again = StaticEmbeddings.load(tmp_path / "b" / FILE)
    assert np.allclose(again.vectors, kept.vectors, rtol=2e-3)  # what is round already is not rounded off


def test_a_damaged_or_missing_file_is_named(embeddings: StaticEmbeddings, tmp_path: Path) -> None:
    path = tmp_path / "associations" / FILE
    with pytest.raises(ModelError, match="static embeddings in associations"):
        StaticEmbeddings.load(path)
    replace(embeddings, weights=embeddings.weights[1:]).save(path)
    with pytest.raises(ModelError, match="pieces without vectors"):
        StaticEmbeddings.load(path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ModelError, match="static embeddings"):
        StaticEmbeddings.load(path)


def test_a_training_that_was_cut_off_ends_like_one_in_one_go(tmp_path: Path) -> None:
    whole = learnt(CONFIG, tmp_path / "whole.pt")

    def cut(step: int, loss: float) -> None:
        if step == 34:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_static(CONFIG, PAIRS, tmp_path / "cut.pt", cut, save_every=10)
    steps: list[int] = []
    parts = train_static(CONFIG, PAIRS, tmp_path / "cut.pt", lambda step, loss: steps.append(step))
    assert steps[0] == 31 and np.array_equal(parts.vectors, whole.vectors)
    assert np.array_equal(parts.weights, whole.weights)
    for other, pairs in (
        (replace(CONFIG, dim=8), PAIRS),
        (CONFIG, PAIRS[2:] + [("[꿈: 카페]", "원두 볶자")] * 2),
    ):
        with pytest.raises(ValueError, match="another configuration or other data"):
            train_static(other, pairs, tmp_path / "cut.pt", lambda step, loss: None)


def test_every_process_learns_the_same(tmp_path: Path) -> None:
    whole = (
        "import sys; from pathlib import Path; from tests.models.test_static import *\n"
        "learnt(replace(CONFIG, steps=3), Path(sys.argv[1]) / 'a.pt').save(Path(sys.argv[1]) / FILE)"
    )
    for seed in "12":  # of hashes: sets are in another order
        folder, env = tmp_path / seed, os.environ | {"PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", whole, folder], env=env, check=True)
    assert (tmp_path / "1" / FILE).read_bytes() == (tmp_path / "2" / FILE).read_bytes()


def test_too_little_to_learn_from(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="too few"):
        train_static(CONFIG, [("[취미: 등산]", "신발")], tmp_path / "a.pt", lambda step, loss: None)


@given(st.text(), st.lists(st.text(), max_size=4))
def test_any_text_can_be_asked_about(embeddings: StaticEmbeddings, message: str, memories: list[str]) -> None:
    found = nats(embeddings, message, memories)
    assert len(found) == len(memories) and all(0 <= each <= (NATS + PIECE_NATS) * 1.001 for each in found)
    if not set(pieces(message)) & set(embeddings.known):
        assert not any(found)
