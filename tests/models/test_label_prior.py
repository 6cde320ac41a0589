"""Labels that the words of a reply suggest."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from core.ports import GenerateRequest, Priority
from core.prompt import EYES, MOUTH, POSE, PromptParts, Task, build_prompt, label_token
from models.text.corpus_data import Row
from models.text.engine import TextEngine
from models.text.label_prior import AXES_TOKENS, BUCKETS, FILE, STRENGTH, TOKENS, LabelPrior, weighed
from tests.models.tiny import Tiny, make_tiny, row

SAID = [
    ("시험 떨어졌어", "속상했겠다 😥", "작게", "보통", "없음"),
    ("강아지가 아파", "많이 걱정되겠다 ㅠㅠ", "작게", "보통", "없음"),
    ("나랑 사귀자", "그건 안 할래, 친구로 있자", "작게", "보통", "많이"),
    ("그림 그려 줘", "그림은 못 그려서 부끄러워", "작게", "보통", "보통"),
    ("뭐 해?", "논문 읽는 중이야.", "보통", "보통", "없음"),
    ("산책 갈까", "좋지! 어디로 갈까? 😊", "크게", "크게", "없음"),
    ("합격했어", "우와!! 축하해 🎉🎉", "아주 크게", "아주 크게", "없음"),
    ("we won", "No way, congratulations! 🎉", "아주 크게", "아주 크게", "없음"),
]
ROWS: list[Row] = [row(text, reply, eyes=e, mouth=m, pose=p) for text, reply, e, m, p in SAID]


@pytest.fixture(scope="module")
def prior() -> LabelPrior:
    return LabelPrior.fit(ROWS)


def likeliest(prior: LabelPrior, text: str, reply: str) -> list[str]:
    chances = prior.chances(text, reply)
    return [max(axis, key=chances.__getitem__) for axis in AXES_TOKENS]


@pytest.mark.parametrize(
    ("reply", "labels"),
    [
        ("와 축하해!! 🎉", (EYES[3], MOUTH[2], POSE[0])),
        ("정말 속상하겠다 😥", (EYES[0], MOUTH[0], POSE[0])),
    ],
)
def test_words_of_a_reply_suggest_its_labels(
    prior: LabelPrior, reply: str, labels: tuple[str, str, str]
) -> None:
    wanted = [label_token(*pair) for pair in zip(("eyes", "mouth", "pose"), labels, strict=True)]
    assert likeliest(prior, "오늘 그랬어", reply) == wanted


@given(text=st.text(max_size=80), reply=st.text(max_size=160))
def test_chances_of_an_axis_make_one(prior: LabelPrior, text: str, reply: str) -> None:
    chances = prior.chances(text, reply)
    assert list(chances) == list(TOKENS)
    for axis in AXES_TOKENS:
        assert math.isclose(sum(math.exp(chances[token]) for token in axis), 1, abs_tol=1e-6)


def test_as_scikit_learn_says(prior: LabelPrior) -> None:
    x = np.zeros((len(ROWS), BUCKETS))
    for number, each in enumerate(ROWS):
        found = weighed(each.text, each.reply)
        x[number, [*found]] = [*found.values()]
    joy = label_token("eyes", EYES[3])
    model = LogisticRegression(C=STRENGTH, solver="liblinear")
    model.fit(csr_matrix(x), [each.eyes == EYES[3] for each in ROWS])
    column = TOKENS.index(joy)
    found = weighed("야호", "축하해! 🎉")
    asked = np.zeros((1, BUCKETS))
    asked[0, [*found]] = [*found.values()]
    ours = asked[0] @ prior.weights[:, column] + prior.bias[column]
    assert math.isclose(ours, model.decision_function(asked)[0], rel_tol=1e-3, abs_tol=1e-3)


def test_what_is_stored_says_the_same(prior: LabelPrior, tmp_path: Path) -> None:
    prior.save(tmp_path / FILE)
    again = LabelPrior.load(tmp_path / FILE)
    assert again is not None
    before, after = (each.chances("합격!", "우와 축하해 🎉") for each in (prior, again))
    assert all(math.isclose(before[token], after[token], abs_tol=0.1) for token in TOKENS)


def test_weights_for_other_features_are_not_used(prior: LabelPrior, tmp_path: Path) -> None:
    LabelPrior(prior.weights[:8], prior.bias).save(tmp_path / FILE)
    assert LabelPrior.load(tmp_path / FILE) is None
    assert LabelPrior.load(tmp_path / "nowhere.npz") is None


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return make_tiny(tmp_path_factory.mktemp("tiny"))


def test_the_engine_follows_them(tiny: Tiny) -> None:
    weights = np.zeros((BUCKETS, len(TOKENS)), dtype=np.float32)
    sure = np.array([40.0 if token.endswith("보통|>") else 0.0 for token in TOKENS], dtype=np.float32)
    LabelPrior(weights, sure).save(tiny.folder / FILE)
    prompt = build_prompt(PromptParts(Task.EXPRESSION, "안녕", reply="어, 왔구나!"))
    request = GenerateRequest(Task.EXPRESSION, prompt, "p", Priority.FACE, max_tokens=6)
    ((said,),) = TextEngine.load(tiny.folder).run([request])
    assert said.text == "".join(label_token(axis, "보통") for axis in ("eyes", "mouth", "pose"))
