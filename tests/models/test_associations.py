"""Words that belong together: counted, kept on disk, and found again in what nobody counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ModelError
from models.embed.associations import Associations, pieces
from models.embed.memory_data import Concept, MemoryData
from models.embed.service import Bearing, LocalAssociations
from models.embed.train_associations import AssociationConfig, learn, pairs_of

PAIRS = [
    ("[알레르기: 조개]", "오늘 회식 조개구이집이래"),
    ("[알레르기: 조개 종류]", "회식 메뉴가 해물탕이야"),
    ("[알레르기: 조개]", "바닷가 횟집에서 회식"),
    ("[취미: 등산]", "주말에 어떤 신발 신지"),
    ("[취미: 등산]", "발목이 아픈데 신발 때문인가"),
    ("[hobby: hiking]", "which boots should I wear"),
    ("[hobby: hiking alone]", "my boots are wet"),
    ("[취미: 독서]", "안경이 또 흐리네"),
    ("[취미: 독서 모임]", "안경을 바꿀까"),
] * 2
CONFIG = AssociationConfig(doublings=1)


def nats(part: Bearing, message: str, memories: Sequence[str]) -> list[float]:
    """How much each memory accounts for a message, by one part alone."""
    return part.bearing(pieces(message), [pieces(memory) for memory in memories])


@pytest.fixture(scope="module")
def table() -> Associations:
    return learn(PAIRS, CONFIG)


async def test_what_was_seen_together_is_told_from_what_was_not(table: Associations) -> None:
    memories = ["[알레르기: 조개]", "[취미: 등산]", "[hobby: hiking]", "[나이: 30살]"]
    local = LocalAssociations(table)
    for message, best in (("내일 회식 있어", 0), ("새 신발 샀어", 1), ("BOOTS!", 2)):
        found = await local.bearing(message, memories)
        assert max(range(4), key=found.__getitem__) == best and found[3] == 0, message
    assert await local.bearing("ㅋㅋ", memories) == [0, 0, 0, 0]
    assert await local.bearing("회식", []) == []


def test_a_word_that_is_said_of_anything_says_less() -> None:
    said = {
        "[취미: 등산]": "배낭 물",
        "[악기: 기타]": "앰프 물",
        "[직업: 간호사]": "주사 물",
        "[연인: 민호]": "반지 물",
    }
    table = learn([*said.items()] * 4, CONFIG)
    ((alone,), (usual,)) = (nats(table, word, ["[취미: 등산]"]) for word in ("배낭", "물"))
    assert 0 <= usual < alone


def test_names_of_concepts_belong_to_their_words() -> None:
    concept = Concept(("기타", "guitar"), ("앰프", "코드"))
    assert pairs_of(MemoryData((), (), (concept,), ())) == [
        ("기타, guitar", "앰프"),
        ("기타, guitar", "코드"),
    ]


def test_what_is_kept_is_what_was_counted(table: Associations, tmp_path: Path) -> None:
    table.save(tmp_path / "a" / "table.xz")
    learn(PAIRS, CONFIG).save(tmp_path / "b" / "table.xz")
    kept = Associations.load(tmp_path / "a" / "table.xz")
    memories = sorted({memory for memory, _ in PAIRS})
    for _, message in PAIRS:
        assert nats(kept, message, memories) == nats(table, message, memories)
    assert (tmp_path / "a" / "table.xz").read_bytes() == (tmp_path / "b" / "table.xz").read_bytes()


def test_a_damaged_or_missing_table_is_named(table: Associations, tmp_path: Path) -> None:
    path = tmp_path / "associations" / "table.xz"
    with pytest.raises(ModelError, match="associations"):
        Associations.load(path)
    replace(table, keys=table.keys + len(table.known) * len(table.said)).save(path)
    with pytest.raises(ModelError, match="not in the table"):
        Associations.load(path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ModelError, match="associations"):
        Associations.load(path)


def test_too_little_to_count() -> None:
    with pytest.raises(ValueError, match="too few"):
        learn([("[취미: 등산]", "신발")], CONFIG)


@given(st.text(), st.lists(st.text(), max_size=4))
def test_any_text_can_be_asked_about(table: Associations, message: str, memories: list[str]) -> None:
    found = nats(table, message, memories)
    assert len(found) == len(memories) and all(each >= 0 for each in found)
    assert len(set(pieces(message))) == len(pieces(message))
