"""Particles follow the sound before them, and words can be swapped inside a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.korean import PAIRS, final_sound, particle, swap

SYLLABLES = st.integers(ord("가"), ord("힣")).map(chr)
WORDS = st.lists(SYLLABLES, min_size=1, max_size=4).map("".join)
PARTICLES = ("은", "는", "이", "가", "을", "를", "과", "와", "으로", "로", "이랑", "이라서", "이라고")


@pytest.mark.parametrize(
    ("word", "sound"),
    [
        ("사과", ""), ("서울", "ㄹ"), ("부산", "ㅇ"), ("밥", "ㅇ"), ("3", "ㅁ"), ("7", "ㄹ"), ("8", "ㄹ"), ("1", "ㄹ"),
        ("2", ""), ("5", ""), ("0", "ㅇ"), ("6", "ㄱ"), ("PC", ""), ("LoL", "ㄹ"), ("GAN", "ㄴ"), ("", ""), ("!!", ""),
        ("서울!", "ㄹ"), ("'밥'", "ㅇ"), ("버스 7", "ㄹ"),
    ],
)  # fmt: skip
def test_final_sound(word: str, sound: str) -> None:
    assert final_sound(word) == sound


@pytest.mark.parametrize(
    ("word", "form", "expected"),
    [
        ("사과", "은", "는"), ("사과", "는", "는"), ("밥", "는", "은"), ("밥", "은", "은"),
        ("친구", "이", "가"), ("선물", "가", "이"), ("커피", "을", "를"), ("라면", "를", "을"),
        ("엄마", "과", "와"), ("동생", "와", "과"), ("학교", "으로", "로"), ("집", "로", "으로"),
        ("서울", "으로", "로"), ("지하철", "으로", "로"), ("1호선", "로", "으로"), ("7", "으로", "로"), ("3", "로", "으로"),
        ("민수", "아", "야"), ("지훈", "아", "아"), ("학생", "야", "이야"), ("의사", "이야", "야"),
        ("누나", "이랑", "랑"), ("형", "랑", "이랑"), ("비", "이라서", "라서"), ("눈", "라서", "이라서"),
        ("감기", "이네", "네"), ("시험", "이었", "이었"), ("휴가", "이었", "였"), ("노트북", "이라면", "이라면"),
        ("밥", "도", "도"), ("사과", "에서", "에서"), ("밥", "", ""),
    ],
)  # fmt: skip
def test_particle(word: str, form: str, expected: str) -> None:
    assert particle(word, form) == expected


@given(WORDS, st.sampled_from(PARTICLES))
def test_either_form_gives_the_same_answer(word: str, form: str) -> None:
    chosen = particle(word, form)
    pair = next(pair for pair in PAIRS if form in pair)
    assert chosen in pair
    assert particle(word, pair[0]) == particle(word, pair[1]) == chosen
    assert particle(word, chosen) == chosen


@given(WORDS)
def test_a_rieul_is_closed_for_all_particles_but_ro(word: str) -> None:
    closed = (ord(word[-1]) - ord("가")) % 28 != 0
    assert particle(word, "은") == ("은" if closed else "는")
    assert particle(word, "으로") == ("으로" if closed and final_sound(word) != "ㄹ" else "로")


@pytest.mark.parametrize(
    ("sentence", "old", "new", "expected"),
    [
        ("커피를 좋아하는구나!", "커피", "라면", "라면을 좋아하는구나!"),
        ("라면은 언제나 옳지", "라면", "피자", "피자는 언제나 옳지"),
        ("내일 시험이 있다며? 시험을 잘 봐!", "시험", "면접", "내일 면접이 있다며? 면접을 잘 봐!"),
        ("민수야, 밥 먹었어?", "민수", "지훈", "지훈아, 밥 먹었어?"),
        ("지훈아 안녕", "지훈", "민수", "민수야 안녕"),
        ("부산으로 가는 거야?", "부산", "서울", "서울로 가는 거야?"),
        ("제주로 가는 거야?", "제주", "부산", "부산으로 가는 거야?"),
        ("오늘은 생일이라서 바쁘겠다", "생일", "휴가", "오늘은 휴가라서 바쁘겠다"),
        ("친구랑 놀아?", "친구", "동생", "동생이랑 놀아?"),
        ("꿈이 의사야?", "의사", "선생님", "꿈이 선생님이야?"),
        ("꿈이 선생님이구나", "선생님", "의사", "꿈이 의사구나"),
        ("고양이가 귀엽지", "고양이", "햄스터", "햄스터가 귀엽지"),
        ("영화 보자", "영화", "연극", "연극 보자"),
        ("영화 어때?", "게임", "연극", "영화 어때?"),
        ("영화 어때?", "", "연극", "영화 어때?"),
        ("시험이었지? 고생했어", "시험", "휴가", "휴가였지? 고생했어"),
    ],
)  # fmt: skip
def test_swap(sentence: str, old: str, new: str, expected: str) -> None:
    assert swap(sentence, old, new) == expected


@given(WORDS, st.sampled_from(PARTICLES), st.sampled_from(("", " 좋아해", "! 그렇지?")))
def test_swapping_a_word_for_itself_changes_nothing(word: str, form: str, rest: str) -> None:
    sentence = f"나 {word}{particle(word, form)}{rest}"
    assert swap(sentence, word, word) == sentence


@given(WORDS, WORDS, st.sampled_from(PARTICLES))
def test_swapping_there_and_back(one: str, two: str, form: str) -> None:
    """The particle of the other word, then of the first again."""
    sentence = f"> {one}{particle(one, form)} ..."
    if one in sentence[2 + len(one) - 1 :].removeprefix(one[-1]) or sentence.count(one) != 1:
        return  # the word stands inside its own particle
    there = swap(sentence, one, two)
    assert there == f"> {two}{particle(two, form)} ..."
    if there.count(two) == 1:
        assert swap(there, two, one) == sentence


@given(st.text(max_size=30), st.text(min_size=1, max_size=5), st.text(max_size=5))
def test_swap_takes_any_text(sentence: str, old: str, new: str) -> None:
    swapped = swap(sentence, old, new)
    assert swapped == sentence or old in sentence
