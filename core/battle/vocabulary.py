"""The words by which people name hyperparameters and their values."""

from __future__ import annotations

from typing import Final

from core.battle.hyperparameters import CHOICES

DROPS: Final = "drop"  # stands for the three dropouts together


def _table(rows: dict[str, str]) -> dict[str, str]:
    return {word.strip(): meant for meant, words in rows.items() for word in words.split(",")}


FIELDS: Final = _table({
    "lr": "lr, learning rate, learning_rate, learningrate, 학습률, 학습율, 학습 률, 러닝레이트, 러닝 레이트",
    DROPS: "drop, dropout, dropouts, do, 드롭아웃, 드랍아웃, 드롭 아웃, 드롭, 드랍",
    "dropout_conv_earlier": "dropout_conv_earlier, dropout conv earlier, drop1, conv1, earlier, early, dce, 앞쪽, 앞, 초반, 앞 드롭아웃",
    "dropout_conv_later": "dropout_conv_later, dropout conv later, drop2, conv2, later, late, dcl, 뒤쪽, 뒤, 후반, 뒤 드롭아웃",
    "dropout_fc": "dropout_fc, dropout fc, drop3, fc, dense, 완전연결, 완전 연결, 끝, fc 드롭아웃",
    "activation_func": "activation_func, activation func, activation function, activation, act, 활성화함수, 활성화 함수, 활성화, 활성함수",
    "optimizer": "optimizer, optimiser, optim, opt, 최적화기, 최적화, 옵티마이저",
    "scheduler": "scheduler, schedule, sched, sch, 스케줄러, 스케쥴러, 스케줄, 스케쥴",
})  # fmt: skip

_WORDS: Final = {
    ("activation_func", "relu"): "relu, 렐루",
    ("activation_func", "leaky_relu"): "leaky_relu, leaky relu, leakyrelu, leaky-relu, lrelu, leaky, 리키 렐루, 리키렐루, 리키",
    ("optimizer", "adam"): "adam, 아담",
    ("optimizer", "adamw"): "adamw, adam w, adam-w, 아담w, 아담 w, 아담더블유",
    ("scheduler", "cosine"): "cosine, cos, cosineannealing, cosine annealing, 코사인",
}  # fmt: skip
VALUES: Final[dict[str, tuple[str, str]]] = {
    **{word.strip(): meant for meant, words in _WORDS.items() for word in words.split(",")},
    **{str(option): (name, str(option)) for name, options in CHOICES.items() for option in options},
}

USUAL: Final = frozenset({"default", "defaults", "usual", "기본값", "기본", "아무거나"})
FILLERS: Final = frozenset(
    "은 는 이 가 을 를 로 으로 에 와 과 하고 랑 이랑 도 만 값 값은 해줘 해 줘 할게 할래 갈게 가자 써 써줘 쓸게 그리고 나머지 "
    "나머지는 좀 음 그럼 to is at of and with the use using set please 해볼게 볼게 면 고 야 요 다 함수 함수는 "
    "my choice 내 선택 선택 a i json".split()
)
