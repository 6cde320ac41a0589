"""A message that tells of its person is not answered as if it had asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.confiding import answers, asks, confides, unanswered
from core.phrases import phrase
from core.ports import Exemplar
from core.prompt import Exchange

PLACES = st.sampled_from(("서울", "부산", "대구", "인천", "광주", "수원", "제주"))
CITIES = st.sampled_from(("Seoul", "Berlin", "Busan", "London", "Paris"))
KO = st.builds(
    "{}{} {}".format, st.sampled_from(("나는 ", "나 ", "난 ", "저는 ", "나도 ")), PLACES,
    st.sampled_from(("살아", "살고 있어", "사람이야", "출신이야")),
)  # fmt: skip
EN = st.builds(
    "{} {}".format, st.sampled_from(("I live in", "i'm from", "my hometown is", "I moved to")), CITIES
)
BACK = st.sampled_from((" 너는?", " 넌 어디 살아", ", 너도 그래?", ", how about you?", ", and you?"))


@given(st.one_of(KO, EN), BACK)
def test_who_tells_asks_nothing_until_she_is_asked_back(told: str, back: str) -> None:
    assert confides(told) and not asks(told)
    assert not confides(told + back)


@pytest.mark.parametrize(
    "text",
    ["너 어디 살아", "어디 살아?", "몇 살이야", "네 생일 알려줘", "where do you live", "tell me your name", "i wonder how old you are",
     "내 이름 뭐야", "나 누군지 알아?", "로라는 뭐 좋아해", "", "😊", "안녕"],
)  # fmt: skip
def test_what_asks_or_speaks_of_her_confides_nothing(text: str) -> None:
    assert not confides(text)


@given(st.text(max_size=80))
def test_any_text_has_an_answer(text: str) -> None:
    assert not (confides(text) and "?" in text and not text.count('"'))


@pytest.mark.parametrize(
    ("theirs", "reply", "message", "fits"),
    [
        ("너 서울 살지?", "난 컴퓨터 속에 살아!", "나는 서울 살아", False), ("나 부산 살아", "바다 가까워서 좋겠다!", "나는 서울 살아", False),
        ("나 간호학과야", "간호학과면 실습 힘들겠다", "나는 컴퓨터공학과 다녀", False), ("서울 아니고 성남 살아", "바로 고쳐 썼어!", "나는 서울 살아", False),
        ("서울 아니고 성남 살아", "바로 고쳐 썼어!", "서울 아니고 부산이야", True), ("서울 아니고 성남 살아", "성남 살기 좋지?", "서울 아니고 부산이야", False), ("나 고양이 두 마리 키워", "두 마리면 시끌벅적하겠다", "나 고양이 키워", False),
        ("i have a sister", "No, no sister here!", "I have a brother", False), ("i live in Berlin", "How is Berlin?", "I live in Seoul", False),
    ],
)  # fmt: skip
def test_a_reply_fits_what_is_told(theirs: str, reply: str, message: str, fits: bool) -> None:
    assert answers(Exemplar(Exchange(theirs, reply), 0.9), message) is fits


@pytest.mark.parametrize(
    ("tag", "theirs", "reply", "message", "fits"),
    [
        ("[배우는 것: 수영]", "나 요즘 수영 배워", "물이랑 친해지는 중이구나. 지금은 발차기야?", "나 요즘 기타 배워", False),
        ("[악기: 기타]", "나 기타 쳐", "손끝에 굳은살 훈장 있겠네!", "나 요즘 기타 배워", True),
        ("[직장: 식당]", "식당에서 일해요", "남의 끼니를 책임지는 손이구나", "나 카페에서 일해", False),
        ("", "카페에서 구경하는 중", "어떤 색이 제일 예뻐?", "나 카페에서 일해", False),
        ("[운동: 수영]", "요즘 수영 다녀요", "물속에선 카톡도 못 따라오지", "나 요즘 배드민턴 쳐", False),
        ("[pet: parrot]", "i have a parrot", "Does it talk back?", "i have a parrot", True),
        ("[pet: dog]", "i have a dog", "Good boy or chaos?", "i have a parrot", False),
        ("[사는 곳: 성남]", "서울 아니고 성남 살아", "바로 고쳐 썼어!", "서울 아니고 부산이야", True),
        ("[상태: 힘듦]", "요즘 힘들어", "언제부터 그렇게 무거웠어?", "나 요즘 힘들어", True),
    ],
)  # fmt: skip
def test_a_reply_to_another_thing_fits_none(
    tag: str, theirs: str, reply: str, message: str, fits: bool
) -> None:
    exemplar = Exemplar(Exchange(theirs, reply), 0.9, tag)
    assert answers(exemplar, message) is fits


@pytest.mark.parametrize(
    ("message", "said"),
    [("나 요즘 기타 배워", ("told_does", "기타")), ("i live in Lisbon", ("told_place", "Lisbon")), ("i'm allergic to peanuts", ("told_dislikes", "peanuts")),
     ("나 요즘 힘들어", None), ("기타 배울까?", None), ("나 기타 배워, 너는?", None)],
)  # fmt: skip
def test_a_fact_that_no_exchange_answers_is_said_back(message: str, said: tuple[str, str] | None) -> None:
    swimming = Exemplar(Exchange("나 요즘 수영 배워", "물이랑 친해지는 중이구나"), 0.9, "[배우는 것: 수영]")
    found = unanswered([swimming], message)
    assert found == (said and (said[0], {"value": said[1]}))
    if said:
        for lang in ("ko", "en"):
            assert all(said[1] in phrase(said[0], lang, number, value=said[1]) for number in range(3))
