"""Which facts a message ends, on sentences written before the rules were, and in the ways that matter most.

``endings_held_out.jsonl``: ``text``, the ``facts`` known before it, the ``new`` ones that it tells, and the indices
of those that are over after it (``ends``), whether the new facts do that by themselves or not.
"""

from __future__ import annotations

import json
import time
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


EVERYDAY = known(
    ("연인", "민수"), ("연인", "남자친구"), ("partner", "Tom"), ("반려동물", "초코"), ("반려동물", "강아지"),
    ("pet", "dog Coco"), ("좋아하는 음식", "떡볶이"), ("favorite food", "pizza"), ("직업", "카페 알바"),
    ("job", "cafe"), ("workplace", "Google"), ("직장", "무역 회사"), ("취미", "피아노"), ("악기", "피아노"),
    ("악기", "기타"), ("취미", "기타"), ("운동", "수영"), ("보는 것", "슬램덩크"), ("내일 일정", "영화"),
    ("오늘 일정", "영화 예매"), ("건강", "감기"), ("친구", "지수"), ("상태", "금연 중"),
)  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "민수랑 저녁 먹고 헤어졌어", "친구들이랑 10시에 헤어졌어", "초코 보고 웃겨 죽었어", "게임에서 강아지가 죽었어",
        "My dog Coco died laughing lol", "이제 떡볶이 안 먹고 잘래", "이제 배불러서 떡볶이 못 먹겠다",
        "I can't eat pizza any more, so full", "I dumped the trash", "We split up the pizza",
        "my phone call with Tom broke up", "퇴사 축하 파티 회사에서 했어", "Google fired a bunch of people",
        "I gave up my seat to an old lady at the cafe", "오늘 카페에서 앞머리 잘림 ㅋㅋ", "피아노 팔았어 새 거 사려고",
        "기타 영상 삭제했어", "수영복 환불했어", "슬램덩크 1화 봤어", "영화 예매 취소했다가 다시 했어", "어제보다 나았어",
        "지수가 남친이랑 손절했대", "옆에서 누가 담배 피웠어", '걔가 "나 카페 알바 그만뒀어" 이러더라',
        "걔가 '나 카페 알바 그만뒀어' 이러더라",
    ],
)  # fmt: skip
def test_ordinary_sentences_end_nothing(text: str) -> None:
    assert settled(text, EVERYDAY, TODAY, [], []) == []


@pytest.mark.parametrize(
    ("text", "fact", "value"),
    [
        ("민수랑 헤어졌어", ("연인", "민수"), "민수 헤어짐"), ("남친이랑 헤어졌어 ㅠㅠ", ("연인", "남자친구"), "남자친구 헤어짐"),
        ("he dumped me", ("partner", "Tom"), "broke up with tom"), ("me and Tom broke up", ("partner", "Tom"), ""),
        ("초코가 죽었어", ("반려동물", "초코"), "초코 떠나보냄"), ("i can't eat pizza any more", ("favorite food", "pizza"), ""),
        ("i got fired", ("job", "cafe"), "quit cafe"), ("퇴사함", ("직장", "무역 회사"), "무역 회사 그만둠"),
        ("감기 다 나았어", ("건강", "감기"), "감기 나음"), ("지수랑 손절했어", ("친구", "지수"), ""),
        ("my wrist is healed", ("recent event", "wrist is sprained"), "healed wrist"),
        ("발목 완치됐어", ("최근 일", "발목 삠"), "발목 나음"),
    ],
)  # fmt: skip
def test_what_is_over_is_told_with_its_name(text: str, fact: tuple[str, str], value: str) -> None:
    ((note, ids),) = settled(text, known(fact), TODAY, [], [])
    assert ids == (0,) and (not value or note.value == value)


def test_a_long_message_and_many_facts_are_read_at_once() -> None:
    facts = known(*(("취미", f"{'수영' if at % 10 == 0 else '바둑'} 모임 {at}") for at in range(2000)))
    text = ("회사에서 회식 취소됐어 그래서 수영 그만뒀어. 피아노는 이제 안 쳐. " * 40)[:1000]
    for message in (text, "가" * 1000, "가" + " " * 998 + "나", "\n" * 999, "이제 " * 333):
        took = []
        for _ in range(3):
            began = time.thread_time()
            may_end(message)
            settled(message, facts, TODAY, [], [])
            took.append(time.thread_time() - began)
        assert min(took) < 0.5, message[:20]  # about 0.1 on a slow core


def test_of_two_of_a_kind_the_named_one_ends() -> None:
    facts = known(
        ("배우는 것", "기타"), ("배우는 것", "피아노"), ("내일 일정", "영어 시험"), ("내일 일정", "회의")
    )
    assert [each.fact for each in ended_by("피아노는 접었어", facts, TODAY)] == [1]
    assert [each.fact for each in ended_by("회의는 취소됐대", facts, TODAY)] == [3]
    assert ended_by("이제 안 해", facts, TODAY) == []


def test_a_pinned_fact_ends_like_any_other() -> None:
    pinned = old("취미", "수영", pinned=True)
    assert [each.fact for each in ended_by("수영 그만뒀어", [pinned], TODAY)] == [pinned.id]
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
