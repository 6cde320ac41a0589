"""Cards: small files, every text inside and apart from the others, and words for those who do not see."""

from __future__ import annotations

import io
import time
from dataclasses import replace
from itertools import combinations

import pytest
from PIL import Image

from adapters.media.canvas import LARGEST, Canvas, fitted, width_of, wrapped
from adapters.media.charts import Bar, Curve, bars, curves
from adapters.media.fonts import drawable
from adapters.media.problem import draw_problem, problem_alt, problem_card
from adapters.media.result import Told, draw_result, result_alt, result_card
from adapters.media.words import names_of
from core.battle.events import BattleView
from core.battle.game import Rival
from core.battle.grades import Grade, Verdict
from core.battle.ports import Epoch
from core.people import Lang
from tests.adapters.battling import JUN, MINA, PROBLEM, finished

LONG = {
    JUN: "준호의 아주아주 긴 별명입니다 그런데 끝이 없어요 🎉",
    MINA: "Wilhelmina Featherstonehaugh the Third ✨",
}
COMMENT = "네가 이겼어! 축하해 🎉 " + "참고로 검증 손실이 훈련 손실보다 커졌어. 드롭아웃을 올려 봐! " * 4


def sheet(each: int = 6, rows: int = 5) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((each * 52 + 4, rows * 52 + 4), 90).convert("RGB").save(file, "PNG")
    return file.getvalue()


def told(view: BattleView, lang: Lang, comment: str = COMMENT) -> Told:
    return Told(names_of(view, LONG, lang), "손글씨 숫자", comment, sheet())


def assert_tidy(canvas: Canvas) -> None:
    """Every text is inside of the picture, none is on another."""
    assert len(canvas.boxes) > 10
    width, height = canvas.image.size
    for box, words in canvas.boxes:
        assert 0 <= box.left < box.right <= width and 0 <= box.top < box.bottom <= height, words
    for (one, first), (other, second) in combinations(canvas.boxes, 2):
        apart = (
            one.right <= other.left + 1 or other.right <= one.left + 1
            or one.bottom <= other.top + 1 or other.bottom <= one.top + 1
        )  # fmt: skip
        assert apart, f"{first!r} is on {second!r}"


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_problem_card(lang: Lang) -> None:
    card = problem_card(PROBLEM, sheet(), lang, "손글씨 숫자")
    with Image.open(io.BytesIO(card.png)) as image:
        assert image.format == "PNG" and image.width == 1000
    assert len(card.png) <= LARGEST, "noise is the worst that there can be"
    assert_tidy(draw_problem(PROBLEM, sheet(), lang, "A data set with quite a long name, longer than most"))
    for each in PROBLEM.classes:
        assert each.name[lang] in card.alt and str(each.train) in card.alt
    for field in ("lr 2e-5 – 0.006", "dropout_fc 0 – 0.6", "leaky_relu", "adamw", "cosine"):
        assert field in card.alt


@pytest.mark.parametrize("broken", [b"", b"\x89PNG nothing", sheet()[:200]])
def test_a_problem_card_without_its_pictures(broken: bytes) -> None:
    assert_tidy(draw_problem(PROBLEM, broken, "ko"))


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("rival", list(Rival))
def test_a_result_card(rival: Rival, lang: Lang) -> None:
    view = finished(rival, rounds=12 if rival is Rival.OPTUNA else 2)
    canvas, alt = draw_result(view, told(view, lang), lang), result_alt(view, told(view, lang), lang)
    assert_tidy(canvas)
    assert len(canvas.png()) <= LARGEST and view.verdict is not None
    for score in (view.verdict.left, view.verdict.right, view.verdict.left_error, view.verdict.right_error):
        assert f"{score:.3f}" in alt
    for name in names_of(view, LONG, lang):
        assert name in alt


def test_a_result_card_without_names_comment_and_face() -> None:
    assert_tidy(draw_result(finished(), Told(("", "")), "en"))


def test_a_card_after_the_first_is_quick() -> None:
    view, taken = finished(), []
    for _ in range(4):
        begun = time.thread_time()
        result_card(view, told(view, "ko"), "ko")
        taken.append(time.thread_time() - begun)
    assert min(taken[1:]) < 3  # about .3 on a quiet machine; whatever else the machine does can make one slow


@pytest.mark.parametrize("grade", list(Grade))
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_words_of_a_card_name_the_verdict(grade: Grade, lang: Lang) -> None:
    view = finished()
    shown = replace(view, verdict=Verdict(grade, 0.8, 0.7, 0.01, 0.02, 0.01))
    alt = result_alt(shown, Told(("Jun", "Mina")), lang)
    said = alt.partition("0.8")[0]
    assert ("Jun" in said.partition("!")[0], "Mina" in said.partition("!")[0]) == (
        grade.sign > 0,
        grade.sign < 0,
    )
    sizes = {
        "ko": {"big": "큰 차이", "narrow": "근소", "draw": "무승부"},
        "en": {"big": "big", "narrow": "narrowly", "draw": "draw"},
    }
    for part, word in sizes[lang].items():
        assert (word in said) == (part in grade.value)


def test_a_battle_that_goes_on_has_no_result_card() -> None:
    with pytest.raises(ValueError):
        result_card(replace(finished(), verdict=None), Told(("a", "b")), "ko")


def test_charts_hold_their_texts_and_survive_numbers_that_are_none() -> None:
    wild = (
        Epoch(1, 1.0, float("nan"), float("nan")),
        Epoch(2, 1.0, float("inf"), 0.1),
        Epoch(3, 1, 900.0, 1.0),
    )
    for chart in (
        bars([Bar("#e69f00", 1.0, 0.2, (0.9, 1.1)), Bar("#56b4e9", float("nan"), 0.0, ())], 540, 172),
        curves([Curve("나 1차", "#e69f00", wild, False, True)], ("손실", "F1", "에폭"), 920, 326),
        curves([], ("loss", "F1", "epoch"), 920, 326),
    ):
        width, height = chart.image.size
        assert chart.boxes
        for box, words in chart.boxes:
            assert box.left >= 0 and box.top >= 0 and box.right <= width and box.bottom <= height, words


def test_signs_that_the_font_has_not_are_left_out() -> None:
    assert drawable("미나 ✨🎉") == "미나"
    assert drawable("🎉🎉", "도전자") == "도전자"
    assert drawable("a\n\tb") == "ab"


def test_words_are_made_to_fit() -> None:
    assert fitted("짧다", 22, False, 500) == ("짧다", 22)
    words, size = fitted("길고 긴 말" * 30, 22, True, 200)
    assert words.endswith("…") and width_of(words, size, True) <= 200
    assert fitted("가나다", 20, False, 1)[0] == ""
    lines = wrapped("한마디 " * 60 + "아" * 200, 20, 300, 4)
    assert len(lines) == 4 and lines[-1].endswith("…")
    assert all(width_of(line, 20) <= 300 for line in lines)
    assert wrapped("", 20, 300, 4) == []


def test_words_for_a_problem_are_the_same_without_the_picture() -> None:
    assert problem_alt(PROBLEM, "en") == problem_card(PROBLEM, b"", "en").alt
