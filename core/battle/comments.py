"""What she says to a result: the ``reply`` adapter with the facts as data, held against them by rules.

A larger model writes what it likes. The embedded one, which cannot, chooses among lines of hers that fit the
result and were not said of late. Only where nothing comes of that it is the first of these. A tip comes
from rules, and is hers word for word.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import Final, Protocol

from core.battle.checking import contradiction
from core.battle.facts import Facts, facts_of
from core.battle.game import Battle, Rival
from core.battle.grades import Grade
from core.battle.lines import filled, particular, tip_of, usual, was_said
from core.battle.moments import NAMES
from core.battle.running import Comment
from core.errors import HiddenError, logged
from core.expression import express
from core.people import Expression, Lang, Owner
from core.ports import Clock, GenerateRequest, LanguageModel, Priority
from core.prompt import EYES, MOUTH, POSE, PromptParts, Task, build_prompt
from core.reply import LONGEST

log = logging.getLogger(__name__)

SAMPLES: Final = 4
OFFERED: Final = 3  # lines of what was particular, and as many others, among which a model chooses
RECENT: Final = 6  # battles whose comments are not said again
_DEADLINE_S: Final = 2.0
_ASK: Final[dict[Lang, str]] = {
    "ko": "배틀 끝났다! 결과 한마디 해 줘. 점수도 꼭 말해 줘.",
    "en": "The battle is over! Say a word about the result, with the scores.",
}
_GRADES: Final[dict[Grade, dict[Lang, str]]] = {
    Grade.BIG_WIN: {"ko": "{0} 큰 차이로 이겼어", "en": "{0} won by a lot"},
    Grade.WIN: {"ko": "{0} 이겼어", "en": "{0} won"},
    Grade.NARROW_WIN: {"ko": "{0} 근소하게 이겼어", "en": "{0} narrowly won"},
    Grade.DRAW: {"ko": "무승부야", "en": "a draw"},
}
# The sides as they stand before their scores.
_SIDES: Final[dict[Rival, dict[Lang, tuple[str, str]]]] = {
    Rival.LORA: {"ko": ("너", "나"), "en": ("you", "I")},
    Rival.OPTUNA: {"ko": ("너", "옵튜나"), "en": ("you", "Optuna")},
    Rival.PERSON: {"ko": ("도전자", "맞수"), "en": ("the challenger", "the rival")},
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


class PastBattles(Protocol):
    """What of :class:`core.battle.keeping.BattleStore` a comment needs."""

    async def history(self, owner: Owner, n: int) -> list[Battle]:
        """A person's newest ``n`` battles that are over, newest first. Raises StoreError."""
        ...


@dataclass
class ResultComments:
    """:class:`core.battle.running.Commentator` with a language model.

    ``free``: it writes what it likes; else it chooses among lines.
    """

    model: LanguageModel
    past: PastBattles
    clock: Clock
    free: bool

    async def comment(self, battle: Battle) -> Comment:
        """Never fails: without a model it is the first line that fits."""
        facts, variant = facts_of(battle), zlib.crc32(f"{battle.id}/{battle.seed}".encode())
        lines = self._lines(facts, variant, await self._before(battle))
        said = await self._said(facts, lines, battle.left.person)
        origin = "phrase" if said is None else "generated" if self.free else "chosen"
        text, tip = said or lines[0], tip_of(facts)
        return Comment(f"{text} {tip}" if tip else text, face_of(facts, variant), origin)

    async def _before(self, battle: Battle) -> list[str]:
        """What she said to the challenger's last battles here."""
        try:
            played = await self.past.history(Owner(battle.left.person, battle.scope), RECENT)
        except HiddenError as err:
            log.warning("no comments of before battle %d: %s", battle.id, logged(err))
            return []
        return [each.comment for each in played if each.comment]

    def _lines(self, facts: Facts, variant: int, before: Sequence[str]) -> list[str]:
        """New lines that fit, in an order that follows from the battle; what was particular goes first."""
        rng, now, found = Random(variant), self.clock.now(), list[str]()
        every = usual(facts)
        for templates in (particular(facts), every):
            rng.shuffle(templates)
            new = (filled(each, facts) for each in templates if not was_said(each, before))
            fitting = (line for line in new if contradiction(line, facts, now) is None)
            found.extend(islice(fitting, OFFERED))
        return found or [filled(every[0], facts)]

    async def _said(self, facts: Facts, lines: Sequence[str], person: str) -> str | None:
        """The first of what the model says that fits the facts; None where there is none."""
        prompt = prompt_of(facts, self.model)
        if self.free:
            request = GenerateRequest(
                Task.REPLY, prompt, person, Priority.REPLY, n=SAMPLES, max_tokens=96, temperature=0.7,
                deadline_s=_DEADLINE_S,
            )  # fmt: skip
        else:  # greedily, so that a battle that is run again has the same comment
            request = GenerateRequest(
                Task.REPLY, prompt, person, Priority.REPLY, max_tokens=LONGEST, deadline_s=_DEADLINE_S,
                choices=tuple(lines),
            )  # fmt: skip
        try:
            samples = await self.model.generate(request)
        except HiddenError as err:
            log.warning("the model says nothing to a battle: %s", logged(err))
            return None
        for sample in samples:
            broken = contradiction(sample.text, facts, self.clock.now()) if sample.finished else "unfinished"
            if broken is None and (self.free or sample.text in lines):
                return sample.text.strip()
            log.debug("a comment was refused: %s", broken)
        return None


def prompt_of(facts: Facts, model: LanguageModel) -> str:
    """The prompt with the facts in the place of memories, in the one template."""
    ko = facts.lang == "ko"
    one, other = _SIDES[facts.rival][facts.lang]
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
    names = NAMES[facts.rival][facts.lang]
    won = grade if grade.sign >= 0 else grade.mirrored
    return _GRADES[won][facts.lang].format(names[0 if grade.sign >= 0 else 1])


def face_of(facts: Facts, variant: int) -> Expression:
    """Her face: joy or teasing when she won, sulking when she lost, delight for others."""
    labels = _FACES[facts.grade] if facts.rival is Rival.LORA else _CHEERING
    return express(*labels, 0.7, side=1 if variant % 2 else -1)
