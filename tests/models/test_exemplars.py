"""Nearest exchanges, samples made from them, and the ranking of candidates."""

from __future__ import annotations

import asyncio
import random
import threading
from math import inf
from pathlib import Path

import numpy as np
import pytest

from core.ports import Candidate, Situation
from core.prompt import END, Task
from models.text import corpus_data
from models.text.corpus_data import adapt_reply, dev_rows, load_rows, split_tag, train_rows
from models.text.exemplars import ExemplarIndex, fold
from models.text.filling import Slots
from models.text.ranker import FEATURES, Ranker, features
from models.text.samples import Mix, SampleMaker
from models.text.service import LocalExemplars
from tests.models.tiny import row

ROWS = [
    row("이름이 뭐야?", "난 오로라야", group="name"),
    row("너 이름 알려줘", "로라라고 불러", group="name"),
    row("배고파 뭐 먹지", "떡볶이 어때?"),
    row("나 내일 뭐 해?", "내일은 시험이잖아!", memory_in="[내일 일정: 시험]"),
    row("왜?", "매운 게 좋아서", summary_in="마라탕을 좋아한다고 함"),
    row("what's your name", "I'm Oh-LoRA", lang="en"),
    row("나 부산 살아", "부산이라니 바다 좋겠다", memory="[사는 곳: 부산]"),
]

SLOTS = Slots({"ko": {"내일 일정": ["시험", "면접"], "사는 곳": ["부산", "대구", "제주"]}, "en": {}})


@pytest.fixture(scope="module")
def index() -> ExemplarIndex:
    return ExemplarIndex(ROWS)


def test_the_nearest_row_comes_first_in_its_language(index: ExemplarIndex) -> None:
    assert index.search(Situation("이름 뭐야", "ko"))[0].row is ROWS[0]
    assert [f.row.lang for f in index.search(Situation("your name?", "en"))] == ["en"]


def test_rows_that_need_a_memory_get_the_present_value(index: ExemplarIndex) -> None:
    query = "나 내일 뭐 한다고 했지?"
    assert all(not f.row.memory_in for f in index.search(Situation(query, "ko")))
    best = index.search(Situation(query, "ko", ("[내일 일정: 회의]",)))[0]
    assert best.reply == "내일은 회의잖아!"
    assert all(not f.row.memory_in for f in index.search(Situation(query, "ko", ("[이름: 민수]",))))


def test_what_the_clock_told_once_is_told_anew() -> None:
    rows = [row("오늘 며칠이야", "오늘은 3월 5일이야!", memory_in="[오늘 날짜: 3월 5일]"), *ROWS]
    index, asked = ExemplarIndex(rows), "오늘 며칠이지"
    assert all(not f.row.memory_in for f in index.search(Situation(asked, "ko")))
    (best, *_) = index.search(Situation(asked, "ko", clock=("[오늘 날짜: 11월 22일]",)))
    assert best.reply == "오늘은 11월 22일이야!"


def test_follow_ups_need_something_before_them(index: ExemplarIndex) -> None:
    assert all(not f.row.summary_in for f in index.search(Situation("왜?", "ko")))
    assert index.search(Situation("왜?", "ko", summary="마라탕 좋아한다 함"))[0].row is ROWS[4]


def test_leaving_one_out_leaves_its_twins_out(index: ExemplarIndex) -> None:
    found = index.search(Situation(ROWS[0].text, "ko"), without=0)
    assert ROWS[0] not in [f.row for f in found]


@pytest.mark.parametrize(
    ("a", "b"),
    [("로라야, 안녕!!!", "안녕"), ("ㅋㅋㅋㅋㅋ", "ㅋㅋ"), ("Hey Lora, hi", "hi"), ("로라야", "로라야")],
)
def test_fold(a: str, b: str) -> None:
    assert fold(a) == fold(b)


def test_reply_samples_end_with_a_reply_that_fits_the_row(index: ExemplarIndex) -> None:
    maker, rng = SampleMaker(ROWS, index, SLOTS), random.Random(0)
    for _ in range(200):
        sample = maker.reply(0, Mix(), rng)
        assert sample.completion in (ROWS[0].reply + END, ROWS[1].reply + END)
        assert sample.prompt.endswith("이름이 뭐야?<|answer|>")


def test_a_reply_is_learnt_in_other_words_of_its_exemplar() -> None:
    asks = row(
        "나 뭐 배우지?", "피아노 배운다며!", reworded="배우는 건 피아노랬지!", memory_in="[배우는 것: 피아노]"
    )
    slots = Slots({"ko": {"배우는 것": ["피아노", "수영"]}, "en": {}})
    rows = [*ROWS, asks]
    maker, rng = SampleMaker(rows, ExemplarIndex(rows), slots), random.Random(0)
    mix, seen = Mix(reworded=1.0, turn_before=0.0, extra_memory=0.0), set()
    for _ in range(60):
        sample = maker.reply(0, mix, rng)
        exchange, asked = sample.prompt.split("<|said|>"), sample.completion.removesuffix(END)
        shown = exchange[1].split("<|")[0]
        seen.add((shown, asked))
    assert seen == {
        pair
        for value, pairs in (("피아노", ("피아노 배운다며!", "배우는 건 피아노랬지!")),
                             ("수영", ("수영 배운다며!", "배우는 건 수영이랬지!")))
        for pair in (pairs, pairs[::-1])
    }  # fmt: skip


def test_a_question_about_her_is_answered_by_a_row_that_states_the_fact() -> None:
    rows = [
        row("생일 선물 뭐 받고 싶어?", "손편지 한 장!", topic="선물"),
        row("너 언제 태어났어?", "10월 11일!", topic="생일"),
        row("친구 생일이 10월이래", "10월 11일이면 나랑 같네!", topic="친구"),
    ]
    index = ExemplarIndex(rows)
    asked = Situation("생일 선물 뭐 받고 싶어?", "ko")
    assert index.search(asked)[0].row is rows[0]
    (found,) = index.search(Situation(asked.text, "ko", fact="birthday", weight=inf))
    assert found.row is rows[1] and found.exact
    assert not index.search(asked)[0].exact


def test_memory_values_change_together_in_prompt_and_reply() -> None:
    maker, rng = SampleMaker(ROWS, ExemplarIndex(ROWS), SLOTS), random.Random(0)
    seen = set()
    for _ in range(100):
        sample = maker.reply(3, Mix(extra_memory=0.0), rng)
        _, value = split_tag(sample.prompt.split("<|know|>")[1].split("<|")[0])
        assert value in sample.completion
        seen.add(value)
    assert seen == {"시험", "면접"}


def test_a_message_stands_after_other_conversations_too_but_needs_its_own_summary() -> None:
    rows = [*ROWS, row("다른 얘기", "그래!", summary="다른 얘기를 함")]
    maker, rng = SampleMaker(rows, ExemplarIndex(rows), SLOTS), random.Random(0)
    mix = Mix(turn_before=0.0, other_summary=1.0)
    assert any("<|before|>다른 얘기를 함" in maker.reply(0, mix, rng).prompt for _ in range(60))
    assert all("<|before|>마라탕을 좋아한다고 함" in maker.reply(4, mix, rng).prompt for _ in range(20))


def test_every_task_makes_samples(index: ExemplarIndex) -> None:
    maker, rng = SampleMaker(ROWS, index, SLOTS), random.Random(0)
    told = {maker.memory(6, Mix(), rng) for _ in range(60)}
    assert {sample.completion for sample in told} == {
        f"[사는 곳: {x}]{END}" for x in ("부산", "대구", "제주")
    }
    assert all(split_tag(s.completion.removesuffix(END))[1] in s.prompt for s in told)
    assert maker.memory(0, Mix(), rng).completion == END
    assert (
        maker.of_task(Task.EXPRESSION, 0, Mix(), rng).completion
        == "<|eyes:보통|><|mouth:크게|><|pose:없음|>" + END
    )
    assert maker.of_task(Task.SUMMARY, 0, Mix(), rng).completion == "함" + END


def test_a_reply_that_does_not_say_the_value_cannot_be_adapted() -> None:
    assert adapt_reply("파이팅!", "[내일 일정: 시험]", "[내일 일정: 면접]") is None
    assert adapt_reply("시험 파이팅!", "[내일 일정: 시험]", "[이름: 민수]") is None


def test_the_corpus_is_apart_from_what_judges_it() -> None:
    rows, held_out = train_rows(), [*dev_rows(), *corpus_data.test_rows(), *corpus_data.sealed_rows()]
    assert sum(r.lang == "ko" for r in rows) >= 2700
    assert sum(r.lang == "en" for r in rows) >= 1000
    assert len(held_out) >= 300
    assert len({r.reply for r in rows}) == len(rows)
    assert not {r.reply for r in rows} & {r.reply for r in held_out}
    for r in [*rows, *held_out]:
        assert r.text.strip() and r.reply.strip() and r.summary.strip()
        assert "<|" not in r.text + r.reply
        for tag in (r.memory, r.memory_in):
            assert not tag or split_tag(tag) != ("", "")


def test_a_broken_row_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"lang": "ko"}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"x\.jsonl:1"):
        load_rows([path])


def test_ranker_learns_what_the_grades_say(tmp_path: Path) -> None:
    situation = Situation("나 뭐 좋아해?", "ko", ("[좋아하는 음식: 치킨]",), "")
    candidates = [
        Candidate("치킨이잖아!", 0.9), Candidate("글쎄, 뭘까?", 0.8),
        Candidate("너 치킨 좋아하지!", 0.7), Candidate("오늘 날씨 좋다", 0.9),
    ]  # fmt: skip
    x = features(situation, candidates, None)
    assert x.shape == (4, len(FEATURES))
    grades = np.array([2.0, 0.0, 2.0, 0.0])
    ranker = Ranker.fit(np.tile(x, (50, 1)), np.tile(grades, 50))
    ranker.save(tmp_path / "ranker.json", rows=200)
    again = Ranker.load(tmp_path / "ranker.json")
    scores = again.scores(situation, candidates, None)
    assert min(scores[0], scores[2]) > max(scores[1], scores[3]) + 1
    (tmp_path / "ranker.json").write_text('{"weights": {"one": 1}}')
    with pytest.raises(ValueError, match="features"):
        Ranker.load(tmp_path / "ranker.json")


async def test_what_was_asked_about_can_be_forgotten(index: ExemplarIndex) -> None:
    """Also a search that is under way in its thread when everything is forgotten."""
    store, begun, ended = LocalExemplars(index), threading.Event(), threading.Event()
    caches = (index._spelt, index._ngrams_of)
    await store.nearest(Situation("내 비밀번호는 1234", "ko"), 3)
    assert all(cache.cache_info().currsize for cache in caches)
    store.forget()
    assert not any(cache.cache_info().currsize for cache in caches)

    def slow(situation: Situation) -> None:
        index.search(situation)
        begun.set()
        ended.wait(10)

    searching = asyncio.create_task(asyncio.to_thread(store._asked, slow, Situation("비밀번호", "ko")))
    await asyncio.to_thread(begun.wait, 10)
    store.forget()
    index.search(Situation("비밀번호", "ko"))
    ended.set()
    await searching
    assert not any(cache.cache_info().currsize for cache in caches)
