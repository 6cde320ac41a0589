"""Whether two values say the same: by their words, numbers and negation, and by the model where it is asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.likeness import ACROSS, NARROWER, SURE, Relation, relation

WORDS = st.lists(
    st.sampled_from("강아지 고양이 두 2마리 매운 음식 못 먹음 시험 수학 공부 two dogs not spicy exam the my learning with".split()),
    max_size=5,
).map(" ".join)  # fmt: skip


@pytest.mark.parametrize(
    ("key", "one", "two"),
    [
        ("반려동물", "강아지 두 마리", "강아지 2마리"), ("싫어하는 음식", "매운 거 못 먹음", "매운 음식 못 먹음"), ("가족", "여동생 하나", "여동생 한 명"),
        ("좋아하는 음악", "인디밴드 음악", "인디 밴드 음악"), ("고민", "월세가 밀림", "월세 밀림"), ("내일 일정", "친구랑 만나기", "친구 만나기"),
        ("취미", "등산", "등산하기"), ("나이", "25살", "25"), ("알레르기", "새우", "새우 알레르기"),
        ("pet", "two dogs", "2 dogs"), ("hobby", "baking bread", "bread baking"), ("plan for tomorrow", "meeting friends", "meet my friends"),
        ("disliked food", "can't eat spicy food", "spicy things"), ("goal", "run a marathon", "running a marathon"),
    ],
)  # fmt: skip
def test_two_wordings_of_one_thing(key: str, one: str, two: str) -> None:
    assert relation(key, one, two) is Relation.SAME


@pytest.mark.parametrize(
    ("key", "one", "two"),
    [
        ("반려동물", "강아지 두 마리", "강아지 세 마리"), ("건강", "손목 골절", "발목 골절"), ("취미", "축구", "축구 게임"), ("꿈", "의사", "수의사"),
        ("생일", "3월 2일", "2월 3일"), ("친구", "보람", "보라"), ("내일 일정", "시험", "시험 공부"), ("목표", "5키로 빼기", "10키로 빼기"),
        ("plan for tomorrow", "exam", "studying for the exam"), ("goal", "save 10,000 dollars", "save 5,000 dollars"), ("age", "25", "26"),
        ("취미", "등산", "hiking"),
    ],
)  # fmt: skip
def test_two_things_however_near_the_model_finds_them(key: str, one: str, two: str) -> None:
    assert relation(key, one, two, SURE - 0.01 if one in two or two in one else 0.85) is Relation.OTHER


@pytest.mark.parametrize(
    ("key", "one", "two"),
    [
        ("건강", "허리 아픔", "허리 안 아픔"),
        ("상태", "피곤함", "안 피곤함"),
        ("state", "tired", "not tired"),
        ("취미", "술 마심", "술 안 마심"),
    ],
)
def test_what_is_denied_is_not_the_same(key: str, one: str, two: str) -> None:
    assert relation(key, one, two, 0.99) is relation(key, two, one, 0.99) is Relation.DENIES


def test_the_model_is_asked_where_one_says_more() -> None:
    closer = [
        relation("내일 일정", "수학 시험", "시험", cosine) for cosine in (NARROWER, NARROWER - 0.01, None)
    ]
    assert closer == [Relation.MORE, Relation.OTHER, Relation.OTHER]
    other = [relation("취미", "축구 게임", "축구", cosine) for cosine in (SURE, SURE - 0.01)]
    assert other == [Relation.MORE, Relation.OTHER]
    assert relation("반려동물", "강아지", "강아지 두 마리") is Relation.LESS


def test_the_model_is_asked_across_languages() -> None:
    assert relation("취미", "등산", "hiking", ACROSS) is Relation.SAME
    assert relation("취미", "등산", "fishing", ACROSS - 0.01) is Relation.OTHER


@given(
    st.sampled_from(("취미", "친구", "싫어하는 음식", "hobby", "dislikes")),
    WORDS,
    WORDS,
    st.none() | st.floats(-1, 1),
)
def test_a_relation_reads_the_same_from_both_sides(
    key: str, one: str, two: str, cosine: float | None
) -> None:
    turned = {Relation.MORE: Relation.LESS, Relation.LESS: Relation.MORE}
    found = relation(key, one, two, cosine)
    assert relation(key, two, one, cosine) is turned.get(found, found)


@given(st.text(max_size=40), st.text(max_size=40), st.none() | st.floats(-1, 1))
def test_a_value_says_the_same_as_itself(key: str, value: str, cosine: float | None) -> None:
    assert relation(key, value, value, cosine) is Relation.SAME
