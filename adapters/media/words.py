"""The words of cards: what hyperparameters, tiers and results are called, Korean and English."""

from __future__ import annotations

from typing import Final

from core.battle.events import BattleView
from core.battle.game import Rival
from core.battle.grades import Grade
from core.battle.hyperparameters import CHOICES, RANGES, Hyperparameters
from core.battle.ports import Tier
from core.people import Lang
from core.persona import NAME_EN, NAME_KO

_W: Final[dict[str, tuple[str, str]]] = {
    "problem": ("문제", "The problem"),
    "choose": ("네가 고를 일곱 가지", "The seven things to choose"),
    "pictures": ("훈련 {train} · 검증 {valid} · 시험 {held_out}", "train {train} · valid {valid} · test {held_out}"),
    "counts": ("{train} · {valid} · {held_out}장", "{train} · {valid} · {held_out}"),
    "size": ("{height} × {width} 픽셀", "{height} × {width} pixels"),
    "log": ("로그", "log"),
    "scores": ("최종 점수 (매크로 F1, 시드 {n}개 평균 ± 표준오차)", "Final score (macro F1, mean of {n} seeds ± standard error)"),
    "loss": ("검증 손실", "validation loss"),
    "f1": ("검증 F1", "validation F1"),
    "epoch": ("에폭", "epoch"),
    "round": ("{number}차", "round {number}"),
    "legend": ("{number}차", "R{number}"),
    "try": ("{number}번째", "try {number}"),
    "choices": ("고른 값", "The choices"),
    "valid_f1": ("검증 F1", "valid F1"),
    "expected": ("예상", "expected"),
    "named": ("최종", "final"),
    "band": ("차이 {difference} · 무승부 폭 {band}", "difference {difference} · draw band {band}"),
    "worst": ("큰 패배", "big loss"),
    "even": ("무승부", "draw"),
    "best": ("큰 승리", "big win"),
    "says": ("{name}의 한마디", "{name} says"),
    "challenger": ("도전자", "Challenger"),
    "rival": ("상대", "Opponent"),
}  # fmt: skip
FIELDS: Final[dict[str, dict[Lang, str]]] = {
    "lr": {"ko": "학습률", "en": "learning rate"},
    "dropout_conv_earlier": {"ko": "앞쪽 드롭아웃", "en": "earlier dropout"},
    "dropout_conv_later": {"ko": "뒤쪽 드롭아웃", "en": "later dropout"},
    "dropout_fc": {"ko": "끝 드롭아웃", "en": "last dropout"},
    "activation_func": {"ko": "활성화 함수", "en": "activation"},
    "optimizer": {"ko": "최적화", "en": "optimizer"},
    "scheduler": {"ko": "스케줄러", "en": "scheduler"},
}
SHORT: Final = {  # as people write them
    "lr": "lr", "dropout_conv_earlier": "drop1", "dropout_conv_later": "drop2", "dropout_fc": "drop3",
    "activation_func": "act", "optimizer": "opt", "scheduler": "sched",
}  # fmt: skip
TIERS: Final[dict[Tier, dict[Lang, str]]] = {
    Tier.RANDOM: {"ko": "쉬움", "en": "easy"},
    Tier.TRIALS: {"ko": "보통", "en": "normal"},
    Tier.SURROGATE: {"ko": "어려움", "en": "hard"},
    Tier.REFINED: {"ko": "최강", "en": "hardest"},
}
_GRADES: Final[dict[Grade, dict[Lang, str]]] = {
    Grade.BIG_WIN: {"ko": "{winner}, 큰 차이로 승리!", "en": "{winner} wins big!"},
    Grade.WIN: {"ko": "{winner}, 승리!", "en": "{winner} wins!"},
    Grade.NARROW_WIN: {"ko": "{winner}, 근소하게 승리!", "en": "{winner} wins narrowly!"},
    Grade.DRAW: {"ko": "무승부!", "en": "It's a draw!"},
}


def word(key: str, lang: Lang, **values: object) -> str:
    """A word of the cards."""
    ko, en = _W[key]
    return (ko if lang == "ko" else en).format(**values)


def verdict(grade: Grade, names: tuple[str, str], lang: Lang) -> str:
    """One of the seven grades in words, with the winner's name: ``names`` are the challenger's and the other."""
    won = grade if grade.sign >= 0 else grade.mirrored
    return _GRADES[won][lang].format(winner=names[0 if grade.sign >= 0 else 1])


def machine(rival: Rival, trials: int, lang: Lang) -> str:
    """What an opponent who is no person is called."""
    if rival is Rival.OPTUNA:
        return f"Optuna × {trials}"
    return NAME_KO if lang == "ko" else NAME_EN


def names_of(view: BattleView, names: dict[str, str], lang: Lang) -> tuple[str, str]:
    """What both sides are called; ``names`` are those of people by their ids."""
    left = names.get(view.left.person) or word("challenger", lang)
    if not view.right.person and view.rival is not Rival.PERSON:
        return left, machine(view.rival, view.right.rounds, lang)
    return left, names.get(view.right.person) or word("rival", lang)


def number(value: float) -> str:
    """A hyperparameter, short: 0.0003, 2e-5, 0.25."""
    return f"{value:.3g}".replace("e-0", "e-")


def value(chosen: Hyperparameters, field: str) -> str:
    """What was chosen for a field."""
    found = getattr(chosen, field)
    return number(found) if field in RANGES else str(found)


def span(field: str) -> str:
    """What may be chosen for a field."""
    if field in RANGES:
        least, most = RANGES[field]
        return f"{number(least)} – {number(most)}"
    first, *rest = CHOICES[field]
    head = first.partition("_")[0]  # exp_80 · 90 · 95 · 98 · cosine
    return " · ".join([first, *(option.removeprefix(f"{head}_") for option in rest)])
