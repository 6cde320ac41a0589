"""Which facts a message ends, on sentences written before the rules were, and in the ways that matter most.

``endings_held_out.jsonl``: ``text``, the ``facts`` known before it, the ``new`` ones that it tells, and the indices
of those that are over after it (``ends``), whether the new facts do that by themselves or not.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.clock import lived_day
from core.endings import ended_by, may_end, settled
from core.facts import Fact, read_fact, typed_fact
from core.merging import family, merge
from core.ports_memory import Memory, NewMemory
from tests.core.test_merging import START, old

TODAY = lived_day(START)
HELD_OUT = Path(__file__).parent / "endings_held_out.jsonl"


def known(*facts: tuple[str, str]) -> list[Memory]:
    """Facts that were told three hours ago."""
    found = []
    for at, (key, value) in enumerate(facts):
        told = typed_fact(key, value, TODAY)
        new = NewMemory.of(told, START - timedelta(hours=3), f"m{at}", None, "")
        found.append(
            Memory(at, key, value, new.created, new.source, False, "", told.lang, told.starts, told.ends)
        )
    return found


def told(text: str, *facts: tuple[str, str]) -> list[Fact]:
    """Facts that a message tells."""
    return [read_fact(key, value, text, TODAY, 1.0) for key, value in facts]


def over(text: str, facts: list[Memory], new: list[Fact]) -> tuple[set[int], set[int]]:
    """The facts that are over after a message: because of its words, and because of what it tells."""
    ended = {each.fact for each in ended_by(text, facts, TODAY, new)}
    assert not ended or may_end(text, new)
    by_itself: set[int] = set()
    for fact in new:
        kin = [(each, None) for each in facts if family(each.key) == family(fact.key)]
        decided = merge(NewMemory.of(fact, START, "new", None, ""), kin)
        by_itself |= set(decided.supersedes)
        ended.discard(decided.refreshes or -1)
    return ended, by_itself


def test_on_sentences_that_were_written_before_the_rules() -> None:
    right = missed = 0
    wrong = []
    for line in HELD_OUT.read_text(encoding="utf-8").splitlines():
        row: dict[str, Any] = json.loads(line)
        new = told(row["text"], *map(tuple, row["new"]))
        ended, by_itself = over(row["text"], known(*map(tuple, row["facts"])), new)
        right += len((ended | by_itself) & set(row["ends"]))
        missed += len(set(row["ends"]) - ended - by_itself)
        wrong += [row["text"]] if ended - set(row["ends"]) else []
    assert right + missed == 67 and missed <= 3 and not wrong, (missed, wrong)


@pytest.mark.parametrize(
    "text",
    [
        "그만둘까 말까 회사", "회사 그만두고 싶다", "회사 그만뒀냐고?", "회사 안 그만뒀어", "동생이 회사 그만뒀대", "회사 그만두면 뭐하지",
        "너 회사 얘기 좀 그만해", "오늘 회사 끝났다", "회사에서 회식 취소됐어", "quitting my company? never", "he quit his company",
        "if i quit the company", "i haven't quit the company", "should i quit the company?", "the company meeting is over",
    ],
)  # fmt: skip
def test_a_job_goes_on(text: str) -> None:
    assert ended_by(text, known(("직장", "무역 회사"), ("workplace", "a trading company")), TODAY) == []


@pytest.mark.parametrize(
    "text",
    [
        "회사 그만뒀어",
        "어제부로 퇴사함",
        "나 오늘 회사에서 잘렸어",
        "i quit the company",
        "they fired me",
        "got laid off lol",
    ],
)
def test_a_job_is_over(text: str) -> None:
    job = ("직장", "무역 회사") if ord(text[0]) > 127 else ("workplace", "a trading company")
    assert [each.fact for each in ended_by(text, known(("취미", "독서"), job), TODAY)] == [1]


def test_of_two_of_a_kind_the_named_one_ends() -> None:
    facts = known(
        ("배우는 것", "기타"), ("배우는 것", "피아노"), ("내일 일정", "영어 시험"), ("내일 일정", "회의")
    )
    assert [each.fact for each in ended_by("피아노는 접었어", facts, TODAY)] == [1]
    assert [each.fact for each in ended_by("회의는 취소됐대", facts, TODAY)] == [3]
    assert ended_by("이제 안 해", facts, TODAY) == []


def test_a_pinned_fact_never_ends() -> None:
    pinned = old("취미", "수영", pinned=True)
    assert ended_by("수영 그만뒀어", [pinned], TODAY) == []
    assert ended_by("수영 그만뒀어", [old("취미", "수영")], TODAY) != []


def test_what_ended_is_news_where_nothing_else_was_told() -> None:
    ((note, ids),) = settled("라인댄스는 그만두렵니다", known(("운동", "라인댄스 목요일마다")), TODAY, [], [])
    assert (note.key, note.value, ids) == ("최근 일", "라인댄스 그만둠", (0,))
    text = "i quit line dancing"
    ((note, ids),) = settled(
        text, known(("sport", "line dancing")), TODAY, [], told(text, ("sport", "line dancing"))
    )
    assert (note.key, note.value, ids) == ("recent event", "quit line dancing", (0,)), (
        "what is over is not told"
    )


def test_what_takes_the_place_is_of_the_same_kind() -> None:
    text = "고양이 아니고 강아지야 그리고 나 배고파"
    new = told(text, ("상태", "배고픔"), ("반려동물", "강아지"))
    assert settled(text, known(("반려동물", "고양이")), TODAY, [], new) == [(new[0], ()), (new[1], (0,))]


def test_what_is_said_of_her_ends_nothing() -> None:
    assert ended_by("넌 이제 춤 그만뒀어 기억해", known(("취미", "춤")), TODAY) == []
