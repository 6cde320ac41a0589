"""What she says to a result: the ``reply`` adapter with the facts as data, held against them by rules.

Only when no sample fits it is one of her own lines. A tip comes from rules, and is hers word for word.
"""

from __future__ import annotations

import logging
import zlib
from dataclasses import dataclass
from typing import Final

from core.battle.checking import contradiction
from core.battle.facts import Facts, facts_of
from core.battle.game import Battle, Rival
from core.battle.grades import Grade
from core.battle.lines import MINE, OTHERS, TIPS
from core.battle.running import Comment
from core.errors import HiddenError
from core.expression import express
from core.people import Expression, Lang
from core.ports import Clock, GenerateRequest, LanguageModel, Priority
from core.prompt import EYES, MOUTH, POSE, PromptParts, Task, build_prompt

log = logging.getLogger(__name__)

SAMPLES: Final = 4
_DEADLINE_S: Final = 2.0
_ASK: Final[dict[Lang, str]] = {
    "ko": "배틀 끝났다! 결과 한마디 해 줘. 점수도 꼭 말해 줘.",
    "en": "The battle is over! Say a word about the result, with the scores.",
}
_NAMES: Final[dict[Rival, dict[Lang, tuple[str, str]]]] = {
    Rival.LORA: {"ko": ("너", "나"), "en": ("you", "I")},
    Rival.OPTUNA: {"ko": ("너", "옵튜나"), "en": ("you", "Optuna")},
    Rival.PERSON: {"ko": ("도전자", "맞수"), "en": ("the challenger", "the rival")},
}
_GRADES: Final[dict[Grade, dict[Lang, str]]] = {
    Grade.BIG_WIN: {"ko": "{0} 쪽이 큰 차이로 승리", "en": "a big win for {0}"},
    Grade.WIN: {"ko": "{0} 쪽이 승리", "en": "a win for {0}"},
    Grade.NARROW_WIN: {"ko": "{0} 쪽이 근소하게 승리", "en": "a narrow win for {0}"},
    Grade.DRAW: {"ko": "무승부", "en": "a draw"},
}
# Her face as the opponent: she sulks when she lost, teases when she won.
_FACES: Final[dict[Grade, tuple[str, str, str]]] = {
    Grade.BIG_WIN: (EYES[0], MOUTH[0], POSE[2]),
    Grade.WIN: (EYES[0], MOUTH[0], POSE[1]),
    Grade.NARROW_WIN: (EYES[0], MOUTH[1], POSE[1]),
    Grade.DRAW: (EYES[3], MOUTH[1], POSE[0]),
    Grade.NARROW_LOSS: (EYES[2], MOUTH[1], POSE[1]),
    Grade.LOSS: (EYES[2], MOUTH[2], POSE[0]),
    Grade.BIG_LOSS: (EYES[3], MOUTH[2], POSE[1]),
}
_CHEERING: Final = (EYES[3], MOUTH[2], POSE[0])  # as one who watches


@dataclass
class ResultComments:
    """:class:`core.battle.running.Commentator` with a language model."""

    model: LanguageModel
    clock: Clock

    async def comment(self, battle: Battle) -> Comment:
        """Never fails: without a model it is a line of her own."""
        facts, variant = facts_of(battle), zlib.crc32(f"{battle.id}/{battle.seed}".encode())
        written = await self._written(facts, battle.left.person)
        text = written or line(facts, variant)
        tip = tip_of(facts)
        face = face_of(facts, variant)
        return Comment(f"{text} {tip}" if tip else text, face, "generated" if written else "phrase")

    async def _written(self, facts: Facts, person: str) -> str | None:
        """The first sample that fits the facts."""
        request = GenerateRequest(
            Task.REPLY, prompt_of(facts, self.model), person, Priority.REPLY, n=SAMPLES, max_tokens=96,
            temperature=0.7, deadline_s=_DEADLINE_S,
        )  # fmt: skip
        try:
            samples = await self.model.generate(request)
        except HiddenError as err:
            log.warning("no comment was written: %s", type(err).__name__)
            return None
        for sample in samples:
            broken = contradiction(sample.text, facts, self.clock.now()) if sample.finished else "unfinished"
            if broken is None:
                return sample.text.strip()
            log.debug("a comment was refused: %s", broken)
        return None


def prompt_of(facts: Facts, model: LanguageModel) -> str:
    """The prompt with the facts in the place of memories, in the one template."""
    ko = facts.lang == "ko"
    one, other = _NAMES[facts.rival][facts.lang]
    rounds = ", ".join(
        f"{at}차 {one} {left:.3f} {other} {right:.3f} ({told(grade, facts)})" if ko
        else f"round {at} {one} {left:.3f} {other} {right:.3f} ({told(grade, facts)})"
        for at, (left, right, grade) in enumerate(
            zip(facts.left_rounds, facts.right_rounds, facts.rounds, strict=False), 1
        )
    )  # fmt: skip
    scores = f"{one} {facts.left:.3f}, {other} {facts.right:.3f}"
    apart, choice = f"{abs(facts.difference):.3f}", facts.chosen[0]
    tried = f"lr {choice.lr:g}, drop {choice.dropout_fc:g}, {choice.optimizer}, {choice.scheduler}"
    epochs = max(facts.epochs, default=0)
    memories = (
        f"[배틀 결과: {told(facts.grade, facts)}, {scores}, 차이 {apart}]" if ko
        else f"[battle result: {told(facts.grade, facts)}, {scores}, difference {apart}]",
        f"[배틀: {facts.dataset}, {rounds}, {tried}, {epochs}에폭, 손실 차 {facts.gap:.2f}]" if ko
        else f"[battle: {facts.dataset}, {rounds}, {tried}, {epochs} epochs, loss gap {facts.gap:.2f}]",
    )  # fmt: skip
    parts = PromptParts(Task.REPLY, _ASK[facts.lang], memories=memories)
    return build_prompt(parts, model.count_tokens)


def told(grade: Grade, facts: Facts) -> str:
    """A grade in words, with the side that won."""
    names = _NAMES[facts.rival][facts.lang]
    won = grade if grade.sign >= 0 else grade.mirrored
    return _GRADES[won][facts.lang].format(names[0 if grade.sign >= 0 else 1])


def line(facts: Facts, variant: int) -> str:
    """One of her own lines; of two others, or of Optuna, she tells as one who watches."""
    digits = 3
    scores = {
        "left": f"{facts.left:.{digits}f}", "right": f"{facts.right:.{digits}f}",
        "gap": f"{abs(facts.difference):.{digits}f}",
    }  # fmt: skip
    if facts.rival is Rival.LORA:
        texts = MINE[facts.grade][facts.lang]
        return texts[variant % len(texts)].format(**scores)
    size = {Grade.BIG_WIN: "big", Grade.WIN: "clear", Grade.NARROW_WIN: "narrow", Grade.DRAW: "draw"}
    ahead = facts.grade.sign >= 0
    texts = OTHERS[size[facts.grade if ahead else facts.grade.mirrored]][facts.lang]
    names = _NAMES[facts.rival][facts.lang]
    best, rest = (scores["left"], scores["right"]) if ahead else (scores["right"], scores["left"])
    said = texts[variant % len(texts)].format(
        winner=names[0 if ahead else 1], best=best, rest=rest, gap=scores["gap"]
    )
    return said[0].upper() + said[1:]


def tip_of(facts: Facts) -> str:
    """The advice that follows from the facts, "" for none."""
    if not facts.tip or facts.rival is Rival.PERSON:
        return ""
    (text,) = TIPS[facts.tip][facts.lang]
    lr, loss = facts.chosen[0].lr, facts.gap if facts.tip == "overfit" else facts.train_loss
    return text.format(lr=f"{lr:g}", loss=f"{loss:.2f}")


def face_of(facts: Facts, variant: int) -> Expression:
    """Her face: joy or teasing when she won, sulking when she lost, delight for others."""
    labels = _FACES[facts.grade] if facts.rival is Rival.LORA else _CHEERING
    return express(*labels, 0.7, side=1 if variant % 2 else -1)
