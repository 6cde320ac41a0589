"""Figures of recall against counts by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bot.evaluation.data import Asked, Pair, Remembered
from bot.evaluation.matching import bm25, ngrams, operating, pair_ngrams, pearson, spearman
from bot.evaluation.recalling import Answered, by_marks, pair_figures, recall_figures


def asked(*relevant: int, text: str = "?") -> Asked:
    return Asked(text, frozenset(relevant))


def test_ranks_and_what_is_told() -> None:
    figures = recall_figures(
        [
            Answered(asked(0), (0, 1, 2), (0, 1)),  # first; one of two told is right
            Answered(asked(2, 1), (0, 2, 1), (0, 2)),  # second; one of two, one of two bearing on it
            Answered(asked(3), (0, 1, 2, 3), ()),  # fourth, not told
            Answered(asked(1), (0,), (0,)),  # never
            Answered(asked(), (0,), ()),
            Answered(asked(), (0,), (0,)),
            Answered(asked(), (), ()),
        ],
        0.5,
    )
    assert figures == {
        "messages": 7, "with a memory": 4, "recall@1": 0.25, "recall@3": 0.5,
        "MRR": round((1 + 1 / 2 + 1 / 4) / 4, 3), "threshold": 0.5, "precision": round(2 / 6, 3),
        "recall": round(2 / 5, 3), "a right one told": 0.5, "without a memory": 3,
        "right silence": round(2 / 3, 3),
    }  # fmt: skip


def test_nothing_to_judge() -> None:
    none = recall_figures([], None)
    assert none["recall@1"] is none["MRR"] is none["threshold"] is None and "precision" not in none
    still = recall_figures([Answered(asked(), (), ())], 0.5)
    assert still["right silence"] == 1 and still["precision"] is still["recall"] is still["MRR"] is None


def test_scores_are_ranked_and_at_most_two_are_told() -> None:
    case = Remembered(("a", "b", "c"), (asked(2), asked(0)))
    figures = by_marks([np.array([[0.9, 0.8, 0.8], [0.1, 0.3, 0.3]])], [case], 0.3, None)
    assert figures["recall@1"] == 0 and figures["recall@3"] == 1
    assert figures["MRR"] == round((1 / 2 + 1 / 3) / 2, 3)  # of equals the later comes first
    assert figures["precision"] == 0.25 and figures["recall"] == 0.5


def test_the_operating_threshold_keeps_still_at_nine_of_ten() -> None:
    case = Remembered(("a", "b"), tuple([asked()] * 10 + [asked(0)]))
    marks = np.array([[i / 10, 0.0] for i in range(10)] + [[0.85, 0.0]])
    at = operating([marks], [case])
    assert at is not None and 0.8 < at < 0.8001
    figures = by_marks([marks], [case], None, None)
    assert figures["right silence"] == 0.9 and figures["precision"] == 0.5 and figures["recall"] == 1
    assert operating([marks[10:]], [Remembered(("a", "b"), (asked(0),))]) is None


def test_bm25() -> None:
    """Two memories of two words each: at the mean length a word once counts its rarity alone."""
    case = Remembered(
        ("등산 Bee", "bee 수영"), (asked(text="등산!"), asked(text="bee bee"), asked(text="없음"))
    )
    (marks,) = bm25([case])
    rare, common = math.log(1 + 1.5 / 1.5), math.log(1 + 0.5 / 2.5)
    assert marks == pytest.approx(np.array([[rare, 0], [common, common], [0, 0]]))
    longer = bm25([Remembered(("a a b c", "d e"), (asked(text="a"),))])
    tf = 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 4 / 3))
    assert longer[0][0] == pytest.approx([math.log(2) * tf, 0])


def test_ngrams_find_words_in_other_forms() -> None:
    case = Remembered(("[취미: 등산하기]", "[직업: 간호사]"), (asked(text="등산했어"), asked(text="zzz")))
    (marks,) = ngrams([case])
    assert marks[0][0] > 0.1 > marks[0][1] == 0 and not marks[1].any()
    same, other = pair_ngrams([Pair("등산", "등산", 1), Pair("등산", "zz", 0)])
    assert same == pytest.approx(1) and other == 0


def test_agreement_of_numbers() -> None:
    assert pearson([1, 2, 3], [2, 4, 6]) == pytest.approx(1)
    assert pearson([1, 2, 3], [1, 3, 2]) == pytest.approx(0.5)
    assert spearman([1, 2, 3, 4], [1, 100, 1000, 999]) == pytest.approx(0.8)  # 1 - 6 * 2 / (4 * 15)
    assert spearman([1, 1, 2], [3, 3, 9]) == pytest.approx(1)
    assert pearson([1, 1], [1, 2]) is spearman([1], [1]) is None
    figures = pair_figures([Pair("a", "b", 1.0), Pair("a", "c", 0.0)], [0.5, 0.25], None)
    assert figures == {"pairs": 2, "Pearson": 1.0, "Spearman": 1.0, "MSE": round((0.25 + 0.0625) / 2, 4)}
