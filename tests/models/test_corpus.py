"""The corpus itself, its linter, its shares."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.text import corpus_data
from models.text.corpus_data import Row, dev_rows, sealed_rows, train_rows
from models.text.corpus_lint import Finding, lint, near_doubles
from models.text.coverage import shares
from tests.models.tiny import row

GOOD = row("나 내일 시험 봐", "내일 시험이구나, 파이팅!", memory="[내일 일정: 시험]", summary="시험을 응원함")


def rules(*rows: Row, held_out: tuple[Row, ...] = ()) -> set[str]:
    return {finding.rule for finding in lint(rows, held_out)}


def test_the_corpus_has_no_findings() -> None:
    held_out = [*dev_rows(), *corpus_data.test_rows(), *sealed_rows()]
    found = lint(train_rows(), held_out)
    assert [(f.rule, f.row.text, f.detail) for f in found] == []


def test_the_corpus_is_large_enough() -> None:
    rows = train_rows()
    assert sum(r.lang == "ko" for r in rows) >= 11_000
    assert sum(r.lang == "en" for r in rows) >= 5_000
    assert len(dev_rows()) >= 800 and len(sealed_rows()) >= 300


def test_every_topic_has_a_subject() -> None:
    found = shares(train_rows())
    subjects = ("who she is", "distress", "battle", "requests she declines, and look-alikes")
    assert all(found[subject][0] > 0 for subject in subjects)
    assert found["exchanges"][1] == 1.0 and all(0 <= share <= 1 for _, share in found.values())


def test_a_good_row_passes() -> None:
    assert rules(GOOD) == set()


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"reply": "내일 시험이군요."}, "speech level"), ({"reply": "Good luck!"}, "language"),
        ({"reply": "가" * 91}, "length"), ({"reply": "내일은 월요일이야!"}, "weekday"),
        ({"reply": "www.example.com 봐"}, "markup"), ({"reply": "파이팅!  힘내"}, "encoding"),
        ({"text": "나 내일 시험\n봐"}, "encoding"), ({"text": "나 내일 시험 봐\x00"}, "encoding"),
        ({"text": "가" * 1001}, "length"), ({"text": ""}, "empty"), ({"summary": "응원함."}, "summary"),
        ({"summary": "응원함 🎉"}, "summary"), ({"memory": "[시험: 내일]"}, "key"),
        ({"memory": "[내일 일정: 면접]"}, "unsaid"), ({"memory": "내일 시험"}, "tag"),
        ({"memory_in": "[이름]"}, "tag"), ({"pose": "많이", "mouth": "아주 크게"}, "labels"),
        ({"reply": "내일 스타벅스 갈래?"}, "name"), ({"reworded": "내일 시험이군요."}, "speech level"),
        ({"reworded": "내일 시험이구나, 파이팅!"}, "double reply"),
        ({"reply": "3시 시험이네!", "reworded": "4시에 시험이구나!"}, "reworded"),
    ],
)  # fmt: skip
def test_what_the_linter_finds(change: dict[str, str], rule: str) -> None:
    assert rule in rules(replace(GOOD, **change))  # type: ignore[arg-type]


def test_doubles() -> None:
    other = replace(GOOD, text="낼 셤이야", memory="")
    assert "double reply" in rules(GOOD, other)
    same = replace(GOOD, reply="떨리겠다, 잘할 거야!", group="another")
    assert "one message, two groups" in rules(GOOD, same)
    assert rules(GOOD, replace(same, group=GOOD.group)) == set()


def test_what_is_held_out_is_not_trained_on() -> None:
    assert "reply held out" in rules(GOOD, held_out=(replace(GOOD, text="다른 말"),))
    assert "message held out" in rules(GOOD, held_out=(replace(GOOD, reply="다른 말"),))
    assert rules(GOOD, held_out=(replace(GOOD, reply="다른 말", memory_in="[이름: 지호]"),)) == set()


def test_replies_that_nearly_say_the_same() -> None:
    rows = [GOOD, replace(GOOD, reply="내일 시험이구나, 파이팅이야!"), replace(GOOD, reply="좋은 꿈 꿔")]

    def encode(texts: object) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        return np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32)

    (found,) = near_doubles(rows, encode)
    assert isinstance(found, Finding) and found.row is rows[1]
