"""What people write becomes a choice, or an answer that keeps the turn; nothing else ever."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.battle.hyperparameters import CHOICES, RANGES, Activation, Hyperparameters, Optimizer, Scheduler
from core.battle.parsing import DEFAULTS, LONGEST, Parsed, formatted, parse, parse_fields
from core.battle.vocabulary import FIELDS, VALUES
from core.errors import UserFacingError
from core.people import Lang
from core.phrases import phrase

CHOSEN = Hyperparameters(
    0.0, 0.1, 0.3, 3e-4, Activation.LEAKY_RELU, Optimizer.ADAMW, Scheduler.EXP_95
)  # fmt: skip
choices = st.builds(
    Hyperparameters,
    **{name: st.floats(least, most) for name, (least, most) in RANGES.items()},
    **{name: st.sampled_from(list(options)) for name, options in CHOICES.items()},
)


@pytest.mark.parametrize(
    "text",
    [
        "lr=3e-4 drop=0,0.1,0.3 leaky adamw exp_95",
        "exp_95, adamw, leaky_relu, do=0/0.1/0.3, 3e-4",
        "Learning Rate: 0.0003; dropout 0 10% 30%; activation = Leaky-ReLU; optimizer AdamW; scheduler EXP-95",
        "학습률은 0.0003으로, 드롭아웃은 0, 0.1, 0.3으로 해줘. 활성화는 리키 렐루, 최적화는 아담W, 스케줄러는 지수 0.95!",
        "ｌｒ＝３×１０^−４ conv1=0 conv2=.1 fc=.3 leaky adam-w exp 95",
        '{"lr": 0.0003, "dropout": [0, 0.1, 0.3], "activation": "leaky", "opt": "AdamW", "scheduler": "exp_95"}',
        "```json\n{'lr': 3e-4, 'drop': '0,0.1,0.3', 'act': 'leaky', 'optim': 'adamw', 'sched': 'exp95'}\n```",
    ],
)
def test_many_ways_to_say_the_same(text: str) -> None:
    assert parse(text) == Parsed(CHOSEN)


def test_what_is_not_named_is_usual_and_told() -> None:
    parsed = parse("leaky lr 0.0003")
    assert parsed.hyperparameters == replace(DEFAULTS, lr=3e-4, activation_func=Activation.LEAKY_RELU)
    assert {*parsed.assumed} == {*asdict(DEFAULTS)} - {"lr", "activation_func"}
    assert parse("기본값으로 할게").hyperparameters == DEFAULTS
    two = parse("lr=3e-4 drop=0.1,0.5 leaky cosine exp_95")
    assert two.overruled == ("scheduler",) and two.hyperparameters.scheduler is Scheduler.EXP_95
    assert (two.hyperparameters.dropout_conv_later, two.hyperparameters.dropout_fc) == (0.1, 0.5)
    assert parse_fields({"lr": "3e-4", "dropout_fc": 0.3, "optimizer": ""}).assumed == (
        "dropout_conv_earlier", "dropout_conv_later", "activation_func", "optimizer", "scheduler",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("lr=1", ("lr", "1", "2e-5", "0.006", "lr=3e-4")),
        ("lr=1e-12", ("lr", "1e-12", "2e-5")),
        ("drop=0,0.1,0.9", ("dropout_fc", "0.9", "0.6", "fc=0.3")),
        ("drop=0.4", ("dropout_conv_earlier", "0.4", "0.3")),
        ("conv2=-1", ("dropout_conv_later", "-1")),
        ("lr=" + "9" * 400, ("lr", "…")),
        ("lr 1e999", ("lr", "1e999")),
        ('{"lr": NaN}', ("lr",)),
        ('{"fc": [1]}', ("dropout_fc", "1")),
        ('{"lr": true}', ("lr", "True")),
        ("lr leaky", ("lr", "lr=3e-4")),
        ("scheduler=exp_85", ("scheduler", "exp_85", "exp_95", "cosine")),
        ("활성화 0.3", ("activation_func", "0.3", "relu")),
        ("optimizer=sgd", ("optimizer", "sgd", "adamw")),
        ("lr=3e-4 0.7", ("0.7",)),
        ("optimizr=adam", ("optimizr", "optimizer")),
        ("안녕 로라", ("안녕", "lr=3e-4")),
        ("@everyone `x`", ("everyone",)),
        ("", ("lr=3e-4",)),
        ("a" * (LONGEST + 1), (str(LONGEST),)),
    ],
)
def test_what_will_not_do_is_told_with_field_value_range_and_an_example(
    text: str, named: tuple[str, ...]
) -> None:
    with pytest.raises(UserFacingError) as caught:
        parse(text)
    langs: tuple[Lang, Lang] = ("ko", "en")
    for lang in langs:
        told = phrase(caught.value.phrase, lang, **caught.value.values)
        assert all(part in told for part in named), told
        assert ("차례는 그대로" in told) if lang == "ko" else ("still your turn" in told)
        assert "@" not in told and len(told) < 300


@given(choices)
def test_what_is_written_parses_back_exactly(chosen: Hyperparameters) -> None:
    assert parse(formatted(chosen)) == Parsed(chosen)
    assert parse(json.dumps(asdict(chosen))) == Parsed(chosen)


pieces = st.one_of(
    st.sampled_from(
        [*FIELDS, *VALUES, *"=:,;{}[]\"'/%-+.", "exp_", "지수", "e-4", "1e-3", "nan", "inf", "×10^-4"]
    ),
    st.floats().map(str),
    st.integers().map(str),
    st.text(max_size=8),
)


@settings(max_examples=250)
@given(
    st.one_of(
        st.lists(pieces, max_size=12).map(" ".join), st.lists(pieces, max_size=12).map("".join), st.text()
    )
)
@example("{" * 600)
@example("[" * 499 + "{}")
@example('{"lr": {"lr": {}}, "drop": [[0, 1], null]}')
@example("\ud800 lr=\udfff")
def test_whatever_people_write_is_a_choice_or_a_friendly_answer(text: str) -> None:
    try:
        parsed = parse(text)
    except UserFacingError as err:
        assert phrase(err.phrase, "ko", **err.values) and phrase(err.phrase, "en", **err.values)
    else:
        assert parse(formatted(parsed.hyperparameters)) == Parsed(parsed.hyperparameters)
