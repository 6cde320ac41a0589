"""What a model read from a message is kept only as whole phrases that the message bears out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bearing import borne_out
from core.telling import told


@pytest.mark.parametrize(
    ("key", "value", "message", "kept"),
    [
        ("오늘 일정", "체육", "오늘 체육 자습으로 바뀜", ""), ("오늘 일정", "체육", "오늘 체육 있어", "체육"),
        ("가족", "일 끝나고 형", "일 끝나고 형이 밥을 사줬어", ""), ("알레르기", "검사", "나 알레르기 검사했어", ""),
        ("알레르기", "복숭아", "나 복숭아 알레르기 있어", "복숭아"), ("오늘 일정", "집 하나 못 구", "오늘 집 하나 못 구했어", ""),
        ("모레 일정", "굶기", "모레 검진이라 내일 저녁부터 굶기로 했어", ""), ("고민", "아무한테도 말", "아무한테도 말 안 하고 끊음", ""),
        ("모레 일정", "면접", "내일 말고 모레 면접이야", "면접"), ("partner", "girlfriend", "be my girlfriend", ""),
        ("최근 일", "친구랑 싸움", "나 친구랑 좀 싸웠어", "싸움"), ("최근 일", "일주일", "일주일 벌었다 생각해야지", ""),
    ],
)  # fmt: skip
def test_only_whole_phrases_are_kept(key: str, value: str, message: str, kept: str) -> None:
    assert borne_out(key, value, message) == kept


@pytest.mark.parametrize(
    ("message", "facts"),
    [
        ("오늘 내 생일이야", [("생일", "오늘")]), ("나 내일 생일임", [("생일", "내일")]), ("엄마 오늘 생일이야", [("오늘 일정", "엄마 생일")]),
        ("나 탄산 못 마셔", [("싫어하는 음식", "탄산")]), ("나 물 못 마셔서 목말라", []), ("i turn 30 on March 3rd", [("birthday", "March 3rd")]),
        ("생일 전이라 만으로는 예순일곱이래", [("나이", "예순일곱")]), ("울 엄마 만으로 예순이래", []),
        ("그 가수 만으로 서른이래", []), ("나 만으로 서른이래", [("나이", "서른")]),
        ("58 today and not one candle in sight", [("age", "58")]), ("30 today and so humid", []),
        ("오늘로 딱 마흔, 촛불도 껐어", [("나이", "마흔")]), ("오늘 서른 명이 케이크 먹음", []), ("turned 31 yesterday", [("age", "31")]),
        ("my sister's birthday, 30 today", []), ("turned 90 degrees", []), ("my mom turned 60", []),
        ("엠비티아이 이에스티제이 나왔어", [("MBTI", "이에스티제이")]),
    ],
)  # fmt: skip
def test_what_sentences_tell_by_their_form(message: str, facts: list[tuple[str, str]]) -> None:
    assert told(message) == facts


@given(
    st.sampled_from(("오늘 일정", "알레르기", "최근 일", "직업", "가족")),
    st.text(min_size=1, max_size=20),
    st.text(max_size=60),
)
def test_nothing_is_kept_that_a_message_does_not_have(key: str, value: str, message: str) -> None:
    if not any(letter in message for letter in value if letter.strip()):
        assert borne_out(key, value, message) == ""
