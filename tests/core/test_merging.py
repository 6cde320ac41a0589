"""What becomes of a fact that meets the known ones: pure decisions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from core.clock import lived_day
from core.facts import typed_fact
from core.merging import FORMER_MOST, Fate, Merge, fate, merge, too_old, usefulness, validity
from core.ports_memory import Memory, NewMemory

START = datetime(2026, 11, 18, 9, tzinfo=UTC)  # a Wednesday


def new(key: str, value: str, days: int = 0, source: str = "new", *, pinned: bool = False) -> NewMemory:
    """A fact that is told ``days`` after the start."""
    at = START + timedelta(days)
    return NewMemory.of(typed_fact(key, value, lived_day(at)), at, source, None, "", pinned)


def old(
    key: str, value: str, days: int = 0, id_: int = 1, *, pinned: bool = False, by: int | None = None
) -> Memory:
    """A fact that is known since ``days`` after the start."""
    told = new(key, value, days)
    return Memory(id_, key, value, told.created, f"m{id_}", pinned, "", "ko", told.starts, told.ends, 1.0, by)


@pytest.mark.parametrize(
    ("told", "known", "what"),
    [
        (("사는 곳", "서울"), ("사는 곳", "부산"), Fate.RIVALS), (("lives in", "Seoul"), ("사는 곳", "부산"), Fate.RIVALS),
        (("name", "Minsu"), ("이름", "민수"), Fate.RIVALS), (("나이", "26"), ("나이", "25"), Fate.RIVALS),
        (("사는 곳", "서울 마포구"), ("사는 곳", "서울"), Fate.SAME), (("연인", "지우"), ("연인", "여자친구"), Fate.SAME),
        (("연인", "여자친구"), ("연인", "없음"), Fate.RIVALS), (("사는 곳", "서울"), ("고향", "서울"), Fate.APART),
        (("취미", "등산"), ("취미", "낚시"), Fate.APART), (("취미", "등산"), ("특기", "등산"), Fate.APART),
        (("반려동물", "강아지 2마리"), ("반려동물", "강아지 두 마리"), Fate.SAME), (("건강", "허리 안 아픔"), ("건강", "허리 아픔"), Fate.RIVALS),
        (("좋아하는 음식", "오이"), ("싫어하는 음식", "오이"), Fate.RIVALS), (("dislikes", "cilantro"), ("likes", "cilantro"), Fate.RIVALS),
        (("좋아하는 것", "고수"), ("싫어하는 음식", "고수 못 먹음"), Fate.RIVALS), (("좋아하는 음식", "오이"), ("싫어하는 음식", "가지"), Fate.APART),
        (("좋아하는 음식", "매운 라면"), ("싫어하는 음식", "라면"), Fate.APART),
        (("모레 일정", "시험"), ("내일 일정", "시험"), Fate.RIVALS), (("내일 일정", "영어 시험"), ("내일 일정", "수학 시험"), Fate.APART),
        (("다음 주 일정", "이사"), ("향후 일정", "이사"), Fate.SAME), (("주말 일정", "토요일 등산"), ("주말 일정", "등산"), Fate.APART),
        (("내일 일정", "시험 안 봄"), ("내일 일정", "시험 봄"), Fate.RIVALS), (("모레 일정", "출근 안 함"), ("내일 일정", "출근함"), Fate.APART),
        (("plan for tomorrow", "exam"), ("weekend plan", "exam"), Fate.RIVALS), (("오늘 날씨", "비"), ("오늘 날씨", "맑음"), Fate.RIVALS),
        (("상태", "행복"), ("상태", "피곤"), Fate.APART),
    ],
)  # fmt: skip
def test_what_two_facts_are_to_each_other(told: tuple[str, str], known: tuple[str, str], what: Fate) -> None:
    assert fate(new(*told, days=0, source="b"), old(*known)) is what


def test_a_plan_of_the_same_matter_after_the_first_is_over_is_told_anew() -> None:
    known = old("오늘 일정", "알바", 0)
    assert fate(new("내일 일정", "알바", 0), known) is Fate.RIVALS, "put off"
    again = new("오늘 일정", "알바", 7)
    assert fate(again, known) is Fate.SAME
    assert validity(again, known) == (date(2026, 11, 25), date(2026, 11, 25))


def test_a_plan_is_on_the_day_that_was_named_most_closely() -> None:
    weekend, saturday = old("주말 일정", "등산"), new("향후 일정", "등산", 0)
    assert fate(saturday, weekend) is Fate.SAME and validity(saturday, weekend) == (
        weekend.starts,
        weekend.ends,
    )
    closer = NewMemory.of(typed_fact("토요일 일정", "등산", date(2026, 11, 18)), START, "x", None, "")
    assert validity(closer, weekend) == (date(2026, 11, 21), date(2026, 11, 21))


def test_the_newer_one_supersedes_whichever_is_written_first() -> None:
    assert merge(new("사는 곳", "서울", 2), [(old("사는 곳", "부산", 1), None)]) == Merge(supersedes=(1,))
    assert merge(new("사는 곳", "서울", 0), [(old("사는 곳", "부산", 1), None)]) == Merge(superseded_by=1)


def test_what_is_told_since_takes_the_place_of_a_pinned_fact_with_its_pin() -> None:
    pinned = old("사는 곳", "부산", 1, pinned=True)
    assert merge(new("사는 곳", "서울", 2), [(pinned, None)]) == Merge(supersedes=(1,), pinned=True)
    assert merge(new("사는 곳", "서울", 0), [(pinned, None)]) == Merge(superseded_by=1)
    assert merge(new("사는 곳", "서울", 0, pinned=True), [(pinned, None)]) == Merge(superseded_by=1)
    assert merge(
        new("싫어하는 음식", "오이", 2), [(old("좋아하는 음식", "오이", 1, pinned=True), None)]
    ) == Merge(supersedes=(1,), pinned=True)


def test_of_near_duplicates_the_newer_wording_wins_unless_it_says_less() -> None:
    two = old("반려동물", "강아지 두 마리", 1)
    assert merge(new("반려동물", "강아지 2마리", 2), [(two, None)]) == Merge(1)
    assert merge(new("반려동물", "강아지", 2), [(two, None)]) == Merge(1, reworded=False)
    kept = old("반려동물", "강아지 두 마리", 1, pinned=True)
    assert merge(new("반려동물", "강아지 2마리", 2), [(kept, None)]) == Merge(1, reworded=False)


def test_what_the_same_message_told_is_no_news() -> None:
    known = old("사는 곳", "부산", 1, by=2)
    seoul = old("사는 곳", "서울", 2, 2)
    again = new("사는 곳", "부산", 1, "m1")
    assert merge(again, [(known, None), (seoul, None)], equal=1) == Merge(1, True, False, 2)


def test_who_moves_back_lives_there_again() -> None:
    busan, seoul = old("사는 곳", "부산", 1, by=2), old("사는 곳", "서울", 2, 2)
    assert merge(new("사는 곳", "부산", 3), [(busan, None), (seoul, None)], equal=1) == Merge(
        1, supersedes=(2,)
    )


def test_too_much_history_is_the_oldest_of_its_key() -> None:
    facts = [old("사는 곳", str(n), n, n, by=99) for n in range(1, FORMER_MOST + 3)]
    others = [
        old("이름", "준", 0, 50, by=51),
        old("사는 곳", "부산", 0, 99),
        old("사는 곳", "대구", 0, 60, by=99, pinned=True),
    ]
    assert sorted(too_old([*facts, *others])) == [1, 2]


def test_the_least_useful_go_first() -> None:
    def worth(days: int = 0, **how: object) -> tuple[bool, bool, bool, float]:
        usual: dict[str, object] = {
            "pinned": False,
            "former": False,
            "ends": None,
            "confidence": 1.0,
            "times": 0,
        }
        return usefulness(**(usual | how), last=START - timedelta(days), now=START)  # type: ignore[arg-type]

    over, ahead = (START - timedelta(30)).date(), START.date()
    order = [
        worth(former=True, ends=over), worth(former=True), worth(ends=over), worth(60, confidence=0.3), worth(60),
        worth(60, times=3), worth(3, ends=ahead), worth(), worth(900, pinned=True),
    ]  # fmt: skip
    assert order == sorted(order)
