"""How somebody names a face or a colour, whatever the platform."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.shared.gallery import PAGE, face_of, faces_like, pages
from adapters.shared.hair import HAIR, hair_like, hair_words
from core.colours import hair_of
from core.people import Lang
from tests.adapters.faces import ManyFaces
from tests.fakes import PaintedPortraits

FACES = ManyFaces()


@pytest.mark.parametrize(
    ("wanted", "face"),
    [
        ("2", "v7-0127"), ("２", "v7-0127"), (" 2번 ", "v7-0127"), ("가온", "v7-0127"), ("v7-0127", "v7-0127"),
        (unicodedata.normalize("NFD", "가온"), "v7-0127"), ("46", "v7-1315"), ("47", None), ("0", None),
        ("", None), ("번", None), ("2.5", None), ("9999999999", None), ("온", None),
    ],
)  # fmt: skip
def test_a_face_is_named(wanted: str, face: str | None) -> None:
    assert face_of(FACES, wanted) == face


@given(st.text(max_size=20))
def test_whatever_is_typed_a_menu_holds_what_is_proposed(typed: str) -> None:
    found = faces_like(FACES, typed)
    assert len(found) <= PAGE and all(face in FACES.faces for _, face in found)
    exact = face_of(FACES, typed)
    assert exact is None or found[0][1] == exact


def test_pages() -> None:
    one, two = pages(FACES)
    assert (one.first, one.last, two.first, two.last) == (1, 25, 26, 46)
    assert one.faces + two.faces == FACES.faces and two.labels[0] == "26. 바람"
    assert one.rows[1][0] == "6. 나람" and [len(row) for row in two.rows] == [5, 5, 5, 5, 1]
    assert pages(PaintedPortraits(offered=())) == []


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_colours_to_propose_are_known_and_come_back(lang: Lang) -> None:
    kept = [hair_of(word) for word in HAIR[lang]]
    assert len(set(kept)) == len(kept) <= 25
    assert [hair_words(each, lang) for each in kept] == [*HAIR[lang]]
    assert kept == [hair_of(word) for word in HAIR["en"]]


def test_a_hue_is_called_by_the_nearest_colour() -> None:
    assert hair_words("271", "ko") == "보라색" and hair_words("355", "en") == "red"
    assert hair_words("of another version", "en") == "of another version"


def test_colours_that_fit() -> None:
    assert hair_like(" Blu", "en") == ["sky blue", "blue"] and hair_like("", "ko") == [*HAIR["ko"]]
    assert hair_like("라벤더", "ko") == ["라벤더"] and hair_like("흰", "ko") == hair_like("?", "en") == []
