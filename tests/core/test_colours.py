"""Colours as people name them, and wishes for her hair."""

from __future__ import annotations

from colorsys import hsv_to_rgb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.colours import AURORA, LEAST_CHROMA, NATURAL, degree_of, hair_of


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("natural", NATURAL),
        ("자연", NATURAL),
        ("원래 색", NATURAL),
        ("none", NATURAL),
        ("Aurora", AURORA),
        ("오로라색", AURORA),
        ("무지개", AURORA),
        ("핑크 머리", "324"),
        ("빨간머리", "0"),
        ("#8A2BE2", "271"),
        ("0", "0"),
        ("359", "359"),
    ],
)
def test_wishes_for_her_hair(words: str, kept: str) -> None:
    assert hair_of(words) == hair_of(kept) == kept


@pytest.mark.parametrize("words", ["360", "-1", "1.5", "", "공룡", "white", "검은 머리", "aurora borealis"])
def test_wishes_that_are_refused(words: str) -> None:
    with pytest.raises(ValueError, match=r"no hue|unknown colour"):
        hair_of(words)


@given(st.text(max_size=30))
def test_what_is_kept_is_understood_again(words: str) -> None:
    try:
        kept = hair_of(words)
    except ValueError:
        return
    assert hair_of(kept) == kept


def test_every_hue_comes_back_from_its_colour() -> None:
    colours = [
        "#" + "".join(f"{round(255 * v):02x}" for v in hsv_to_rgb(degree / 360, 1, 1))
        for degree in range(360)
    ]
    assert [degree_of(colour) for colour in colours] == list(range(360))


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_any_written_colour_has_a_hue_or_is_refused(red: int, green: int, blue: int) -> None:
    colour = f"#{red:02X}{green:02x}{blue:02x}"
    if max(red, green, blue) - min(red, green, blue) < LEAST_CHROMA:
        with pytest.raises(ValueError, match="no hue"):
            degree_of(colour)
    else:
        hue = hsv_to_rgb(degree_of(colour) / 360, 1, 1)
        assert hue.index(max(hue)) in [
            i for i, v in enumerate((red, green, blue)) if v == max(red, green, blue)
        ]


@pytest.mark.parametrize(
    ("colour", "degree"),
    [
        ("#ff0000", 0),
        ("#8A2BE2", 271),  # b highest: 4 + (138 - 43) / 183 sixths
        ("#ff69b4", 330),
        ("#001f3f", 210),  # 4 - 31 / 63 sixths, 210.48
        ("보라", 270),
        ("보라색", 270),
        ("violet", 270),
        ("Violet ", 270),
        ("연보라", 270),
        ("밝은 보라색", 270),
        ("빨간색", 0),
        ("red", 0),
        ("주황", 36),
        ("노란", 60),
        ("연두", 84),
        ("초록색", 120),
        ("dark-green", 120),
        ("민트색", 160),
        ("하늘색", 200),
        ("Sky Blue", 200),
        ("파란색", 230),
        ("blue", 230),
        ("남색", 240),
        ("hot pink", 324),
        ("핑크", 324),
        ("진홍", 352),
    ],
)
def test_named_colours(colour: str, degree: int) -> None:
    assert degree_of(colour) == degree
    assert hair_of(colour) == hair_of(hair_of(colour)) == str(degree)


@pytest.mark.parametrize(
    "colour",
    [
        "흰색",
        "하얀색",
        "white",
        "검정",
        "검은색",
        "black",
        "회색",
        "dark grey",
        "silver",
        "#ffffff",
        "#0a0a0f",
    ],
)
def test_colours_without_hue_are_named_as_such(colour: str) -> None:
    with pytest.raises(ValueError, match="no hue"):
        degree_of(colour)


@pytest.mark.parametrize(
    "colour", ["", " ", "색", "무지개", "ff0000", "#ff00", "#gg0000", "#ff00000", "연한"]
)
def test_unknown_colours_are_refused(colour: str) -> None:
    with pytest.raises(ValueError, match="unknown colour"):
        degree_of(colour)


@given(st.text(max_size=30))
def test_any_text_is_a_dye_or_a_plain_refusal(text: str) -> None:
    try:
        assert 0 <= degree_of(text) < 360
    except ValueError as err:
        assert "no hue" in str(err) or "unknown colour" in str(err)
