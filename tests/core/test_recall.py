"""What comes to mind first: what bears on the message, then what is pinned, holds, is newer."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.people import DIRECT, Owner
from core.ports import Situation
from core.ports_memory import NewMemory
from core.recall import BEARING, HOLDS, IMPORTANT, NEW, SEARCHED, Recall
from tests.fakes_core import (
    NOW,
    BigramEmbedder,
    DictHistoryStore,
    DictMemoryStore,
    FixedClock,
    FixedExemplars,
    Shelf,
    bigram_vector,
)

JUN = Owner("test:jun", DIRECT.scope)
TODAY = NOW.date()
OLD = NewMemory("취미", "게임", NOW - timedelta(400), "m1", bigram_vector("취미 게임"), "bigram")


def recall_of(threshold: float = 0.5) -> tuple[Recall, DictMemoryStore]:
    shelf = Shelf()
    memories = DictMemoryStore(shelf)
    exemplars, history = FixedExemplars(), DictHistoryStore(shelf)
    embedder = BigramEmbedder()
    return Recall(embedder, embedder, exemplars, memories, history, FixedClock(), threshold), memories


async def told(*memories: NewMemory, message: str = "취미 게임", threshold: float = 0.5) -> list[str]:
    recall, store = recall_of(threshold)
    for memory in memories:
        await store.add(JUN, memory, 0)
    return [recalled.text for recalled in (await recall.past(JUN, message, "ko")).recalled]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ({"created": NOW}, {}),
        ({"created": NOW - timedelta(10)}, {"created": NOW - timedelta(30)}),
        ({"pinned": True}, {"created": NOW}),
        ({}, {"confidence": 0.4}),
        ({}, {"key": "내일 일정", "starts": TODAY - timedelta(2), "ends": TODAY - timedelta(2)}),
    ],
)
async def test_of_two_alike_the_newer_the_pinned_the_surer_and_what_holds_comes_first(
    first: dict[str, object], last: dict[str, object]
) -> None:
    better = replace(OLD, key="운동", **first)  # type: ignore[arg-type]
    worse = replace(OLD, **last)  # type: ignore[arg-type]
    for both in ((better, worse), (worse, better)):
        found = await told(*both)
        assert found[0] == "[운동: 게임]" and len(found) == 2


async def test_a_pinned_plan_holds_though_its_day_is_over() -> None:
    over = TODAY - timedelta(2)
    plan = replace(OLD, key="내일 일정", pinned=True, starts=over, ends=over)
    assert (await told(OLD, plan))[0] == "[지난 일정: 게임]"


async def test_no_standing_lifts_what_does_not_bear_on_the_message() -> None:
    (vector,) = await BigramEmbedder().encode(["취미 게임"])
    near = bigram_vector("취미 게임 방송 아무거나")
    likeness = sum(a * b for a, b in zip(vector, near, strict=True))
    pinned = replace(OLD, created=NOW, pinned=True, vector=near)
    assert await told(pinned, threshold=likeness + 0.001) == []
    assert await told(pinned, threshold=likeness - 0.001) == ["[취미: 게임]"]


@dataclass
class AsksForBirthdays(FixedExemplars):
    """Messages ask for birthdays and for what is on today, a little or clearly."""

    odds: float = 0.4

    async def keys_asked(self, situation: Situation) -> dict[str, float]:
        return {"생일": self.odds, "오늘 일정": self.odds, "취미": -0.5}


@pytest.mark.parametrize(("odds", "found"), [(1.9, {"[생일: 5월 4일]", "[오늘 일정: 치과]"}), (0.0, set())])
async def test_what_is_asked_for_by_its_key_is_found_behind_any_number_of_nearer_facts(
    odds: float, found: set[str]
) -> None:
    recall, store = recall_of()
    recall.exemplars = AsksForBirthdays(odds=odds)
    recall.embedder = recall.remembering = OneAxis(model_id="m")
    far, near = array("f", [0.0]), array("f", [0.3])
    for number in range(SEARCHED + 5):
        await store.add(JUN, replace(OLD, key=f"취미 {number}", vector=near, model_id="m"), 0)
    await store.add(JUN, replace(OLD, key="생일", value="5월 4일", vector=far, model_id="m"), 0)
    plan = replace(OLD, key="내일 일정", value="치과", vector=far, model_id="m", starts=TODAY, ends=TODAY)
    await store.add(JUN, plan, 0)
    past = await recall.past(JUN, "?", "ko")
    assert {recalled.text for recalled in past.recalled} == found


async def test_a_near_fact_is_not_told_where_another_one_is_asked_for_that_nobody_told() -> None:
    recall, store = recall_of(threshold=0.2)
    recall.exemplars = AsksForBirthdays(odds=1.0)
    await store.add(JUN, replace(OLD, value="생일 언제", vector=bigram_vector("취미 생일 언제")), 0)
    asked = "내 생일 언제라고 했지?"
    assert (await recall.past(JUN, asked, "ko")).recalled == ()
    assert (await recall.past(JUN, "생일 언제", "ko")).recalled != ()
    await store.add(JUN, replace(OLD, key="생일", value="5월 4일", vector=bigram_vector("생일 5월 4일")), 0)
    assert (await recall.past(JUN, asked, "ko")).recalled[0].text == "[생일: 5월 4일]"


async def test_whoever_asks_for_the_own_name_is_told_it_whatever_the_threshold() -> None:
    recall, store = recall_of(threshold=3.0)
    recall.embedder = recall.remembering = OneAxis(model_id="m")
    for key, value in (("이름", "지민"), ("취미", "게임")):
        far = array("f", [0.0])
        await store.add(JUN, replace(OLD, key=key, value=value, vector=far, model_id="m"), 0)
    past = await recall.past(JUN, "내 이름 뭐야?", "ko")
    assert [each.text for each in past.recalled] == ["[이름: 지민]"]


@dataclass
class OfPets:
    """Each memory of a pet accounts for every message."""

    nats: float
    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    async def bearing(self, message: str, memories: Sequence[str]) -> list[float]:
        self.asked.append((message, tuple(memories)))
        return [self.nats if "반려동물" in memory else 0.0 for memory in memories]


@pytest.mark.parametrize(("nats", "found"), [(0.5 / BEARING, ["[반려동물: 개]"]), (0.3 / BEARING, [])])
async def test_what_words_have_to_do_with_each_other_counts_beside_likeness(
    nats: float, found: list[str]
) -> None:
    recall, store = recall_of(threshold=0.7)
    recall.embedder = recall.remembering = OneAxis(model_id="m")
    recall.associations = asked = OfPets(nats)
    for key, value in (("반려동물", "개"), ("취미", "게임")):
        near = array("f", [0.3])
        await store.add(JUN, replace(OLD, key=key, value=value, vector=near, model_id="m"), 0)
    past = await recall.past(JUN, "사료 떨어졌네", "ko")
    assert [each.text for each in past.recalled] == found
    ((message, memories),) = asked.asked
    assert message == "사료 떨어졌네" and set(memories) == {"[반려동물: 개]", "[취미: 게임]"}


async def test_what_is_going_on_comes_before_who_somebody_is_where_words_say_the_same() -> None:
    recall, store = recall_of(threshold=-1.0)
    recall.embedder = recall.remembering = OneAxis(model_id="m")
    recall.associations = OfPets(0.0)
    for key, value in (("job", "간호사"), ("취미", "게임"), ("건강", "감기")):
        await store.add(JUN, replace(OLD, key=key, value=value, vector=array("f", [0.3]), model_id="m"), 0)
    weighed = await recall.weighed(JUN, "아무 말", "ko", await recall.past(JUN, "아무 말", "ko"))
    assert [each.memory.key for each in weighed] == ["건강", "취미", "job"]


async def test_what_was_told_in_one_language_is_asked_for_and_told_in_the_other() -> None:
    recall, store = recall_of()
    recall.exemplars = AsksForBirthdays(odds=1.9)
    recall.embedder = recall.remembering = OneAxis(model_id="m")
    far = array("f", [0.0])
    await store.add(JUN, replace(OLD, key="birthday", value="May 4", vector=far, model_id="m"), 0)
    plan = replace(OLD, key="plan for tomorrow", value="dentist", vector=far, model_id="m")
    await store.add(JUN, replace(plan, starts=TODAY, ends=TODAY), 0)
    past = await recall.past(JUN, "?", "ko")
    assert {recalled.text for recalled in past.recalled} == {"[생일: 5월 4일]", "[오늘 일정: dentist]"}


@given(
    st.lists(
        st.tuples(st.floats(-1, 1, width=32), st.integers(-3, 900), st.booleans(), st.floats(0, 1)), min_size=1, max_size=6
    ),
    st.floats(-1, 1),
)  # fmt: skip
async def test_what_bears_clearly_more_on_the_message_comes_first(
    drawn: list[tuple[float, int, bool, float]], threshold: float
) -> None:
    recall, store = recall_of(threshold)
    likenesses = {}
    for number, (likeness, days, pinned, sure) in enumerate(drawn):
        new = NewMemory(
            f"k{number}",
            "v",
            NOW - timedelta(days),
            "m",
            array("f", [likeness]),
            "m",
            pinned,
            confidence=sure,
        )
        kept = await store.add(JUN, new, 0)
        assert kept is not None
        likenesses[kept.id] = likeness
    recall.embedder = recall.remembering = OneAxis(model_id="m")
    past = await recall.past(JUN, "?", "ko")
    found = [likenesses[each.id] for each in past.recalled]
    assert all(likeness >= threshold - 1e-6 for likeness in found)
    assert len(found) == min(2, sum(likeness >= threshold for likeness, *_ in drawn))
    ranked = [likenesses[each.memory.id] for each in await recall.weighed(JUN, "?", "ko", past)]
    assert sorted(ranked) == sorted(likenesses.values())
    for before, after in pairwise(ranked):
        assert before > after - (IMPORTANT + HOLDS + NEW) - 1e-6


class OneAxis(BigramEmbedder):
    """Every text lies on one axis: a memory's likeness is its own number."""

    async def encode(self, texts: object) -> list[array[float]]:
        return [array("f", [1.0])]


async def test_what_is_asked_of_her_is_not_answered_with_what_the_person_told() -> None:
    recall, store = recall_of()
    recall.exemplars = AsksForBirthdays(odds=1.9)
    await store.add(JUN, replace(OLD, key="생일", value="5월 4일"), 0)
    for message, found in (("네 생일 언제야?", []), ("내 생일 언제야?", ["[생일: 5월 4일]"])):
        past = await recall.past(JUN, message, "ko")
        assert [recalled.text for recalled in past.recalled] == found
