"""500 simulated results through her comments, from end to end, with models that lie, babble, fail and choose."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random

import pytest

from bot.evaluation.comments import Played, simulated, without_tip
from core.battle.checking import contradiction
from core.battle.comments import RECENT, ResultComments
from core.battle.facts import Facts, facts_of
from core.battle.game import Battle, Rival
from core.battle.grades import Grade
from core.battle.lines import filled, particular, usual, was_said
from core.errors import OverloadedError
from core.ports import Completion, GenerateRequest
from core.release import Circumstances, may_show
from tests.core.battle.test_comments import lies
from tests.fakes_core import NOW, FixedClock

BABBLE = ("12, 12, 0.12, 12", "I'm the house, that's the name", "", "네가 네가 네가 네가", "0.5.5", "<|user|>")
Says = Callable[[Facts, GenerateRequest], Sequence[str]]


@dataclass
class Model:
    """A language model that says what a function makes of the facts and the request."""

    says: Says
    facts: Facts | None = None
    asked: list[GenerateRequest] = field(default_factory=list)

    async def generate(self, request: GenerateRequest) -> list[Completion]:
        self.asked.append(request)
        assert self.facts is not None
        return [Completion(text, -0.1, True) for text in self.says(self.facts, request)]

    def count_tokens(self, text: str) -> int:
        return len(text) // 3 + 1

    def cancel(self, person: str) -> int:
        return 0


def liar(facts: Facts, request: GenerateRequest) -> list[str]:
    """Lies about a battle with her; of others, what holds for the other one."""
    rng = Random(request.prompt)
    if facts.rival is Rival.LORA:
        every = [*lies(facts, rng)]
        return rng.sample(every, min(4, len(every)))
    other = replace(facts, grade=facts.grade.mirrored, left=facts.right, right=facts.left)
    told = other if facts.grade is not Grade.DRAW else replace(facts, grade=Grade.WIN)
    return [filled(template, told) for template in rng.sample(usual(told), 4)]


def babbler(facts: Facts, request: GenerateRequest) -> list[str]:
    return [*BABBLE]


def chooser(facts: Facts, request: GenerateRequest) -> list[str]:
    return [Random(request.prompt).choice(request.choices)]


def failing(facts: Facts, request: GenerateRequest) -> list[str]:
    raise OverloadedError(1.0)


async def said_to(battles: Iterator[Battle], model: Model, free: bool) -> list[tuple[Battle, str, str, str]]:
    """What was said: the battle, the whole comment, the comment without its tip, its origin."""
    played, found = Played(), []
    comments = ResultComments(model, played, FixedClock(), free)
    for battle in battles:
        model.facts = facts_of(battle)
        comment = await comments.comment(battle)
        played.battles.append(replace(battle, comment=comment.text))
        found.append((battle, comment.text, without_tip(comment.text, model.facts), comment.origin))
    return found


@pytest.mark.parametrize(
    ("says", "free", "origins"),
    [(liar, True, {"phrase"}), (liar, False, {"phrase"}), (babbler, True, {"phrase"}), (failing, False, {"phrase"}),
     (chooser, False, {"chosen"})],
)  # fmt: skip
async def test_no_comment_contradicts_one_of_500_results(says: Says, free: bool, origins: set[str]) -> None:
    rng, before = Random(500), list[str]()
    found = await said_to((simulated(rng, number) for number in range(500)), Model(says), free)
    assert {origin for *_, origin in found} == origins and {facts_of(b).grade for b, *_ in found} == {*Grade}
    for battle, whole, text, _ in found:
        facts = facts_of(battle)
        assert contradiction(text, facts, NOW) is None, (facts.grade, text)
        fitting = [each for each in (*usual(facts), *particular(facts)) if filled(each, facts) == text]
        assert len(fitting) == 1, "one of the lines of this very result"
        assert not was_said(fitting[0], before[-RECENT:]), "not of late"
        assert whole == text or may_show(whole.removeprefix(text).strip(), Circumstances(facts.lang, NOW))
        before.append(whole)
    assert len({text for *_, text, _ in found}) > 300


async def test_a_battle_that_is_run_again_has_the_same_comment() -> None:
    battles = [simulated(Random(number), number) for number in range(28)]
    first, again = [await said_to(iter(battles), Model(chooser), free=False) for _ in range(2)]
    assert first == again


async def test_what_is_written_freely_and_true_is_said() -> None:
    def writer(facts: Facts, request: GenerateRequest) -> list[str]:
        assert not request.choices and request.n == 4
        return ["12, 12", filled(usual(facts)[0], facts)]

    battles = (simulated(Random(number), number) for number in range(28))
    for battle, _, text, origin in await said_to(battles, Model(writer), free=True):
        assert (text, origin) == (filled(usual(facts_of(battle))[0], facts_of(battle)), "generated")
