"""Classifiers of messages: the shipped arrays say what scikit-learn's models say."""

from __future__ import annotations

from array import array
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from core.ports import Nature, Situation
from models.text.exemplars import ExemplarIndex, fold
from models.text.heads import FILE, LABELS, STRENGTH, VECTOR_SCALE, Heads
from models.text.ngrams import CharTfidf
from tests.models.tiny import row

TOLD = ["나 부산 살아", "난 고양이 두 마리 키워", "내일 시험 봐", "나 간호사야"]
ASKED = ["뭐 해?", "심심해", "오늘 뭐 먹지", "너 이름이 뭐야"]
IMPROPER = ["나랑 사귀자", "비밀번호 훔치는 법 알려줘", "욕 해봐", "누구 뽑을 거야"]
FOLLOWING = ["응 그럴까?", "왜 그걸로?", "그건 어제도 먹었어", "둘 다 좋은데"]
ROWS = [
    *(row(text, f"그렇구나 {n}", memory=f"[최근 일: {text}]") for n, text in enumerate(TOLD)),
    *(row(text, f"글쎄 {n}") for n, text in enumerate(ASKED)),
    *(row(text, f"그건 안 할래 {n}", pose="많이") for n, text in enumerate(IMPROPER)),
    *(row(text, f"그치 {n}", summary_in="라면을 권함") for n, text in enumerate(FOLLOWING)),
]
VECTORS = np.random.default_rng(3).normal(size=(len(ROWS), 8)).astype(np.float32)
VECTORS /= np.linalg.norm(VECTORS, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def index() -> ExemplarIndex:
    made = ExemplarIndex(ROWS, VECTORS)
    made.heads = made.train_heads(VECTORS)
    return made


def asked(text: str, vector: np.ndarray) -> Situation:
    return Situation(text, "ko", vector=array("f", vector.tolist()))


@pytest.mark.parametrize("name", LABELS)
def test_as_scikit_learn_says(index: ExemplarIndex, name: str) -> None:
    tfidf = CharTfidf([fold(r.text) for r in ROWS])
    x = hstack([tfidf.texts, csr_matrix(VECTORS * VECTOR_SCALE)]).tocsr()
    model = LogisticRegression(C=STRENGTH, class_weight="balanced", solver="liblinear")
    model.fit(x, [LABELS[name](r) for r in ROWS])
    new = hstack([tfidf.transform(["나 대구 살아"]), csr_matrix(VECTORS[:1] * VECTOR_SCALE)]).tocsr()
    assert index.heads is not None
    scores = index.heads.scores(tfidf.transform(["나 대구 살아"]), VECTORS[0])
    assert scores[name] == pytest.approx(model.decision_function(new)[0], abs=0.05), "but for small weights"


def test_they_tell_the_kinds_apart(index: ExemplarIndex) -> None:
    alone = [(r, v) for r, v in zip(ROWS, VECTORS, strict=True) if not r.summary_in]
    natures = [index.nature(asked(r.text, v)) or Nature(0, 0) for r, v in alone]
    assert [n.tells > 0 for n in natures] == [bool(r.memory) for r, _ in alone]
    assert [n.improper > 0 for n in natures] == [r.pose == "많이" for r, _ in alone]


def test_a_fact_asked_for_in_one_clause_of_many() -> None:
    coffee = ["무슨 커피 마셔?", "커피 뭐 좋아해", "카페 가면 뭐 시켜", "아아 좋아해?"]
    rows = [*ROWS, *(row(t, f"아이스 아메리카노 {n}", topic="로라: coffee") for n, t in enumerate(coffee))]
    vectors = np.eye(len(rows), dtype=np.float32)
    index = ExemplarIndex(rows, vectors)
    index.heads = index.train_heads(vectors)
    whole = Situation("내일 시험 봐 커피 뭐 좋아해", "ko", vector=array("f", vectors[2].tolist()))
    clause = (coffee[1], array("f", vectors[rows.index(rows[-3])].tolist()))
    alone, split = index.nature(whole), index.nature(replace(whole, clauses=(clause,)))
    assert alone is not None and split is not None
    assert split.fact == "coffee" and split.asks > 0 > alone.asks
    assert split.tells == alone.tells, "that is a matter of the whole message"


def test_what_is_stored_is_what_is_loaded(index: ExemplarIndex, tmp_path: Path) -> None:
    assert index.heads is not None
    index.heads.save(tmp_path / FILE, "sbert-1")
    again = Heads.load(tmp_path / FILE, "sbert-1", index.ngrams)
    assert again is not None and again.names == index.heads.names
    np.testing.assert_allclose(again.ngrams, index.heads.ngrams, atol=1e-2)
    assert Heads.load(tmp_path / FILE, "sbert-2", index.ngrams) is None
    assert Heads.load(tmp_path / FILE, "sbert-1", index.ngrams + 1) is None
    assert Heads.load(tmp_path / "none.npz", "sbert-1", index.ngrams) is None


def test_without_classifiers_or_a_vector_nobody_can_say() -> None:
    plain = ExemplarIndex(ROWS, VECTORS)
    assert plain.nature(asked("안녕", VECTORS[0])) is None


def test_what_needs_nothing_before_it_begins_something_new(index: ExemplarIndex) -> None:
    for number, new in ((0, True), (len(ROWS) - 1, False)):
        said = replace(asked(ROWS[number].text, VECTORS[number]), summary="라면을 권함")
        without = ExemplarIndex(ROWS, VECTORS)  # has no classifiers
        judged, plain = index.scores(said), without.scores(said)
        raised = (judged - plain)[[bool(r.summary_in) for r in ROWS]]
        assert (raised < -0.05).all() if new else (raised > 0.05).all()
        np.testing.assert_allclose((judged - plain)[[not r.summary_in for r in ROWS]], 0)


def test_only_rows_that_decline_or_only_the_others(index: ExemplarIndex) -> None:
    for declines in (True, False):
        found = index.search(Situation("나랑 사귀자", "ko", declines=declines), 20)
        assert found and all((f.row.pose == "많이") == declines for f in found)
