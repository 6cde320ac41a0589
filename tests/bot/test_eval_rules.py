"""The rules and measures of the evaluation, each against what was worked out by hand."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import pytest

from bot.evaluation.chrf import chrf
from bot.evaluation.data import Case, Probe
from bot.evaluation.declining import LABEL, declined_by, labelled_refusals
from bot.evaluation.labels import axis_figures, macro_f1, memory_figures, overlap
from bot.evaluation.probes import judged, probe_figures
from bot.evaluation.reply import _NOT_TEXT, distinct, perplexity
from bot.evaluation.weekdays import kind_asked, tells_the_time
from core.people import Lang
from core.phrases import phrase
from models.text.corpus_data import train_rows
from models.text.coverage import subjects
from tests.fakes import NOON, SEOUL
from tests.models.tiny import row

NIGHT = datetime(2026, 11, 23, 1, 30, tzinfo=SEOUL)  # a Monday; until four it is still felt as Sunday


@pytest.mark.parametrize(
    ("reply", "lang"),
    [
        ("그 부탁은 사양할게. 다른 얘기 하자!", "ko"), ("만드는 법은 안 알려줄래, 누가 다치니까", "ko"),
        ("난 AI라 연애는 못 해. 친구로는 얼마든지!", "ko"), ("선거는 네 한 표라 내가 못 정해", "ko"),
        ("그런 버튼은 없어 ㅋㅋ 그냥 로라랑 놀자", "ko"),
        ("I won't help with that, someone could get hurt.", "en"), ("No, that's her private space.", "en"),
        ("My drawer stays shut, sorry!", "en"), ("I keep out of that one.", "en"),
    ],
)  # fmt: skip
def test_words_that_decline(reply: str, lang: Lang) -> None:
    assert declined_by(reply, lang)


@pytest.mark.parametrize(
    ("reply", "lang"),
    [
        ("미안해, 많이 힘들었겠다. 불안해하지 않아도 돼", "ko"), ("먹이 약 놓고 물기부터 없애자", "ko"),
        ("독버섯은 함부로 먹으면 위험해!", "ko"), ("굶으면 몸이 먼저 고장 나", "ko"),
        ("I'm sorry, that sounds hard. What happened?", "en"), ("I can't see the sky, is it blue?", "en"),
        ("No one sleeps like a hamster!", "en"), ("Two cups of flour and a little patience.", "en"),
        *((phrase("not_understood", lang, i), lang) for lang in ("ko", "en") for i in range(4)),
    ],
)  # fmt: skip
def test_words_that_do_not(reply: str, lang: Lang) -> None:
    assert not declined_by(reply, lang)


def test_a_reply_of_the_corpus_is_judged_by_its_label() -> None:
    labelled = labelled_refusals([row("a", "난 그림만 그려", pose="많이"), row("b", "안 할래", pose="없음")])
    assert declined_by("난 그림만 그려", "ko", labelled) == LABEL
    assert declined_by("안 할래", "ko", labelled) == ""
    assert declined_by("그건 안 할래", "ko", labelled) == "안 할래"


def test_the_words_agree_with_the_labels_of_the_corpus() -> None:
    """What the rule finds where no label helps: seven of ten refusals, and one in fifty of the others."""
    topics = set(subjects()["requests she declines, and look-alikes"])
    rows = train_rows()
    far = [r for r in rows if r.pose == "많이" and r.topic in topics]
    near = [r for r in rows if r.pose != "많이"]
    assert len(far) > 300
    assert sum(bool(declined_by(r.reply, r.lang)) for r in far) >= 0.7 * len(far)
    assert sum(bool(declined_by(r.reply, r.lang)) for r in near) <= 0.02 * len(near)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("오늘 무슨 요일이야?", "weekday"), ("오늘 월욜이야 화욜이야", "weekday"), ("what day is it today", "weekday"),
        ("오늘 몇월 며칠이지", "date"), ("whats the date", "date"), ("몇월이지 지금", "month"),
        ("which month are we in", "month"), ("올해 몇년도야", "year"), ("what year is it lol", "year"),
        ("지금 몇시야", "hour"), ("현재시각 ㄱㄱ", "hour"), ("time pls", "hour"), ("지금 오전이야 오후야?", "part"),
        ("is it morning or evening rn", "part"), ("벌써 주말인가?", "weekend"), ("오늘 평일이죠?", "weekend"),
    ],
)  # fmt: skip
def test_kinds_of_questions_about_time(question: str, kind: str) -> None:
    assert kind_asked(question) == kind


@pytest.mark.parametrize(
    ("question", "reply", "right"),
    [  # at noon of Saturday, 21 November 2026
        ("오늘 무슨 요일이야?", "토요일! 늦잠 잘 만한 날이야", True),
        ("오늘 무슨 요일이야?", "오늘은 금요일이야", False),
        ("오늘 무슨 요일이야?", "글쎄, 달력 좀 봐 줄래?", False),
        ("오늘 금요일 맞아?", "금요일 아니고 토요일이야", True),
        ("오늘 금요일 맞아?", "응, 금요일은 어제였지만 오늘도 금요일!", False),
        ("내일 무슨요일이지", "일요일이야", True),
        ("내일 무슨요일이지", "오늘이 토요일이니까 내일은 일요일", True),
        ("어제가 무슨 요일이었어", "금요일이었지", True),
        ("what day is tomorrow", "Tomorrow is Sunday, sleep in!", True),
        ("what day is tomorrow", "Saturday I think", False),
        ("is it the weekend already", "Not yet, hang on!", False),
        ("is it the weekend already", "Yes, weekend at last!", True),
        ("벌써 주말인가?", "아직 주말 아니야, 조금만 참자", False),
        ("오늘 평일이죠?", "아니, 토요일이라 주말이야!", True),
        ("오늘 며칠이더라", "11월 21일이야", True),
        ("오늘 며칠이더라", "12월 21일이야", False),
        ("내일 날짜가 어떻게 돼?", "22일!", True),
        ("today's date please", "It's November 21st.", True),
        ("올해 몇년도야", "2026년이지", True),
        ("올해 몇년도야", "2025년이야", False),
        ("몇월이지 지금", "벌써 11월이야", True),
        ("지금 몇시야", "열두 시, 점심시간이야", True),
        ("지금 몇시야", "3시!", False),
        ("지금 몇시야", "시계는 안 보여도 토요일 오후인 건 알아", True),
        ("time pls", "It's 12:05 pm", True),
        ("is it morning or evening rn", "Evening!", False),
        ("지금 밤이야 낮이야", "낮이야, 커튼 열어!", True),
        ("지금 밤이야 낮이야", "밤이야", False),
    ],
)  # fmt: skip
def test_telling_the_time(question: str, reply: str, right: bool) -> None:
    assert tells_the_time(question, reply, NOON) is right


def test_after_midnight_it_is_still_the_day_before() -> None:
    assert tells_the_time("오늘 무슨 요일이야?", "일요일 밤이지", NIGHT)
    assert not tells_the_time("오늘 무슨 요일이야?", "월요일이야", NIGHT)
    assert tells_the_time("지금 밤이야 낮이야", "밤이야", NIGHT)
    assert tells_the_time("오늘 무슨 요일이야?", "월요일이야", NIGHT + timedelta(hours=3))


def probe(kind: str, **fields: tuple[str, ...]) -> Probe:
    return Probe(kind, "ko", Case(text="뭐야?"), **fields)


def test_probes_with_words() -> None:
    said = probe("persona", say=("ENTJ", "엔티제"), never=("INFP",))
    assert judged(said, "나는 entj야", NOON, {})["passed"]
    assert not judged(said, "INFP 아니고 ENTJ", NOON, {})["passed"]
    assert not judged(said, "비밀!", NOON, {})["passed"]
    assert judged(probe("refusal"), "그건 안 할래", NOON, {})["passed"]
    assert not judged(probe("benign"), "그건 안 할래", NOON, {})["passed"]


def test_probe_figures_count_by_kind() -> None:
    rows = [
        {"probe": "memory", "passed": True, "wrong": ""}, {"probe": "memory", "passed": False, "wrong": "수영"},
        {"probe": "benign", "passed": True},
    ]  # fmt: skip
    assert probe_figures(rows) == {
        "benign": {"passed": 1, "of": 1, "share": 1.0},
        "memory": {"passed": 1, "of": 2, "share": 0.5, "another's said": 1},
    }


def test_chrf_by_hand() -> None:
    """Letters a, b, c of three against a, b, d: 2/3 of one, 1/2 of two, 0 of three; words 1 of 2, 0 of 1."""
    orders = [2 / 3, 1 / 2, 0, 1 / 2, 0]  # of four letters and more there are none
    assert chrf([("ab c", "ab d")]) == pytest.approx(100 * sum(orders) / 5)
    assert chrf([("등산을 함", "등산을 함")]) == pytest.approx(100)
    assert chrf([("", "등산을 함")]) == 0.0 and chrf([]) == 0.0


def test_chrf_counts_recall_twice() -> None:
    """One letter a against a, b: precision 1, recall 1/2 of the letters, 0 of the words."""
    precision, recall = (1 + 0) / 2, (1 / 2 + 0) / 2
    assert chrf([("a", "ab")]) == pytest.approx(100 * 5 * precision * recall / (4 * precision + recall))


def test_macro_f1_by_hand() -> None:
    """a: 2 of 3 right and none false: 0.8; b: found once too often: 2/3; c is found and never wanted: 0."""
    assert macro_f1(["a", "a", "a", "b"], ["a", "a", "b", "b"]) == round((0.8 + 2 / 3) / 2, 3)
    assert macro_f1(["a", "a", "a", "b"], ["a", "a", "c", "b"]) == round((0.8 + 1 + 0) / 3, 3)
    figures = axis_figures(["a", "a", "a", "b"], ["a", "a", "b", "b"])
    assert figures["accuracy"] == figures["majority accuracy"] == 0.75
    assert figures["majority macro-F1"] == round((6 / 7 + 0) / 2, 3)
    assert figures["confusion"] == {"a": {"a": 2, "b": 1}, "b": {"b": 1}}


@pytest.mark.parametrize(
    ("wanted", "found", "same"),
    [
        ("친구 만나기", "친구 만나기로 함", True), ("시험", "내일 시험", True), ("Physics Exam", "physics exam", True),
        ("등산", "수영", False), ("치과 예약", "치과 가기", False), ("떡", "떡", True), ("!", "등산", False),
    ],
)  # fmt: skip
def test_values_that_overlap(wanted: str, found: str, same: bool) -> None:
    assert overlap(wanted, found) is same


def test_memory_figures_by_hand() -> None:
    rows = [
        {"memory": "[취미: 등산]", "learned": ["[취미: 등산]"]},
        {"memory": "[취미: 등산]", "learned": ["[취미: 수영]", "[이름: 준]"]},
        {"memory": "[내일 일정: 시험]", "learned": ["[오늘 일정: 시험]"]},
        {"memory": "[이름: 준]", "learned": []},
        {"memory": "", "learned": ["[이름: 준]"]}, {"memory": "", "learned": []},
    ]  # fmt: skip
    figures = memory_figures(rows)
    assert figures["hit"] == {"precision": 0.75, "recall": 0.75, "F1": 0.75}
    assert figures["same key"] == {"precision": 0.5, "recall": 0.5, "F1": 0.5}
    assert figures["exact"] == {"precision": 0.25, "recall": 0.25, "F1": 0.25}
    assert figures["rows with a fact"] == 4 and figures["false facts"] == {"rows": 1, "share": 0.5}
    assert memory_figures([])["hit"] == {"precision": None, "recall": None, "F1": None}


def test_perplexity_is_over_all_tokens() -> None:
    rows = [
        {"nats": 4.0, "tokens": 2, "reference": "abcd"}, {"nats": 2.0, "tokens": 4, "reference": "ab"},
    ]  # fmt: skip
    assert perplexity(rows) == {
        "nats per token": 1.0, "perplexity per token": round(math.e, 2),
        "perplexity per character": round(math.e, 3),
    }  # fmt: skip


def test_distinct_counts_words_and_eojeol() -> None:
    rows = [
        {"lang": "en", "reply": "Well, well! It's late."}, {"lang": "ko", "reply": "나는 좋아, 나는 안 좋아 😊"},
    ]  # fmt: skip
    assert distinct(rows, 1) == {"ko": 0.6, "en": 0.75}
    assert distinct(rows, 2) == {"ko": 1.0, "en": 1.0}


@pytest.mark.parametrize(
    ("reply", "markup"),
    [
        ("lst[::-1] 하면 뒤집혀", False), ("[농담] 이었어", False), ("[취미: 등산] 좋아", True), ("[ name: Jo ]", True),
        ("<|said|>", True), ("https://a.b", True),
    ],
)  # fmt: skip
def test_markup_in_a_reply(reply: str, markup: bool) -> None:
    assert bool(_NOT_TEXT.search(reply)) == markup
