"""Which sentences may be shown, and how a reply is cut into them."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.people import Lang
from core.release import Circumstances, broken_rule, may_show, sentences
from core.righting import taken_back
from tests.fakes_core import NOW


def around(
    lang: Lang = "ko", before: tuple[str, ...] = (), message: str = "", now: datetime = NOW
) -> Circumstances:
    return Circumstances(lang, now, before, message)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("안녕! 반가워. 뭐 해?", ["안녕!", "반가워.", "뭐 해?"]), ("안녕", ["안녕"]), ("", []), ("   ", []),
        ("좋아! 😊", ["좋아! 😊"]), ("좋아! 😊 같이 가자.", ["좋아! 😊", "같이 가자."]), ("정말... 좋아", ["정말...", "좋아"]),
        ("3.5점이야. 대단해!", ["3.5점이야.", "대단해!"]), ("Wait?! What", ["Wait?!", "What"]), ("음~ 글쎄", ["음~", "글쎄"]),
        ("한 줄\n두 줄", ["한 줄\n두 줄"]), ("좋아!! 가자", ["좋아!!", "가자"]),
    ],
)  # fmt: skip
def test_sentences(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


@given(st.text(st.sampled_from("가나 .!?~…😊\nab"), max_size=40))
def test_no_letter_is_lost_between_sentences(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("sentence", "lang", "rule"),
    [
        ("", "ko", "empty"), ("!!!", "ko", "empty"), ("😊", "ko", "empty"),
        ("https://a.b 봐봐", "ko", "markup"), ("www.naver.com 가 봐", "ko", "markup"), ("<|end|> 안녕", "ko", "markup"),
        ("[취미: 게임] 좋지", "ko", "markup"), ("@everyone 안녕", "ko", "markup"), ("hi @here", "en", "markup"),
        ("안녕\ufffd", "ko", "markup"), ("안녕     로라", "ko", "markup"),
        ("안녕", "en", "language"), ("世界 최고", "ko", "language"), ("привет", "en", "language"),
        ("반갑습니다.", "ko", "speech level"), ("뭐 하세요?", "ko", "speech level"), ("좋아요!", "ko", "speech level"),
        ("그렇죠?", "ko", "speech level"), ("대학생이에요~", "ko", "speech level"), ("좋아해요 ❤️", "ko", "speech level"),
        ("오늘은 월요일이야!", "ko", "weekday"), ("Today is Friday!", "en", "weekday"),
        ("좋아좋아좋아", "ko", "repetition"), ("ha ha! go go go go go go", "en", "repetition"),
        ("the cat the cat the cat the cat", "en", "repetition"),
    ],
)  # fmt: skip
def test_broken_rules(sentence: str, lang: Lang, rule: str) -> None:
    assert broken_rule(sentence, around(lang)) == rule


@pytest.mark.parametrize(
    ("sentence", "lang"),
    [
        ("안녕! 나 로라야", "ko"), ("오늘은 토요일이야!", "ko"), ("ㅋㅋㅋㅋㅋ 진짜?", "ko"), ("ㅠㅠㅠㅠ", "ko"), ("LoRA 알아? 😊", "ko"),
        ("2003년 10월 11일생이야", "ko"), ("요리 잘해?", "ko"), ("그 사람 요즘 바빠", "ko"), ("Nice to meet you!", "en"),
        ("Tomorrow is Sunday, isn't it?", "en"), ("I'm an AI, you know.", "en"), ("응", "ko"), ("세상에 이럴 수가", "ko"),
        ("중요한 건 마음이지", "ko"), ("3 < 4 인 거 알지?", "ko"), ("하하 웃기다", "ko"), ("어머 어머 진짜?", "ko"),
    ],
)  # fmt: skip
def test_what_may_be_shown(sentence: str, lang: Lang) -> None:
    assert broken_rule(sentence, around(lang)) is None


def test_she_repeats_neither_herself_nor_the_person() -> None:
    assert broken_rule("반가워!", around(before=("반가워!",))) == "said before"
    assert broken_rule("반가워!", around(message="반가워!")) == "said before"
    assert broken_rule("반가워!", around(before=("안녕!",), message="안녕")) is None


@pytest.mark.parametrize(
    ("reply", "lang", "fine"),
    [
        ("안녕! 반가워.", "ko", True), ("하나. 둘. 셋.", "ko", True), ("하나. 둘. 셋. 넷.", "ko", False), ("", "ko", False),
        ("Nice to meet you!", "ko", False), ("Nice! 반가워", "ko", True), ("Nice! 반가워", "en", False),
        ("안녕! 좋아요.", "ko", False), ("안녕! 오늘은 금요일이야.", "ko", False), ("Hello there. See www.x.y.", "en", False),
    ],
)  # fmt: skip
def test_a_whole_reply(reply: str, lang: Lang, fine: bool) -> None:
    assert may_show(reply, around(lang)) is fine


def test_a_reply_is_not_given_twice() -> None:
    assert not may_show("안녕! 반가워.", around(before=("안녕! 반가워.",)))


@given(st.text(max_size=80), st.sampled_from(("ko", "en")))
def test_any_text_is_judged(text: str, lang: Lang) -> None:
    if may_show(text, around(lang)):
        assert all(broken_rule(part, around(lang)) is None for part in sentences(text))
        assert "<|" not in text and "http" not in text.lower().replace("http ", "")


@pytest.mark.parametrize(
    ("reply", "message", "shown"),
    [
        ("개 키우는구나!", "개 아니고 고양이야", False), ("고양이 키우는구나!", "개 아니고 고양이야", True),
        ("개가 아니라 고양이구나!", "개 아니고 고양이야", True), ("바로 고쳐 둘게!", "강아지 말고 고양이", True),
        ("강아지 귀엽겠다!", "강아지 말고 고양이", False), ("개운하게 고쳤어!", "개 아니고 고양이야", True),
    ],
)  # fmt: skip
def test_a_word_that_was_taken_back_is_not_said_again(reply: str, message: str, shown: bool) -> None:
    assert may_show(reply, Circumstances("ko", NOW, (), message, taken_back(message))) is shown


@pytest.mark.parametrize(
    ("reply", "lang", "quoted", "shown"),
    [
        ("You told me 부산!", "en", ("부산",), True), ("You told me 부산!", "en", ("서울",), False), ("부산 좋지, right?", "en", ("부산",), False),
        ("You live in 부산!", "en", (), False), ("네 이름은 さくら잖아!", "ko", ("さくら",), True), ("네 이름은 さくら잖아!", "ko", (), False),
    ],
)  # fmt: skip
def test_only_what_the_person_told_is_quoted_in_another_script(
    reply: str, lang: Lang, quoted: tuple[str, ...], shown: bool
) -> None:
    assert may_show(reply, Circumstances(lang, NOW, quoted=quoted)) is shown
