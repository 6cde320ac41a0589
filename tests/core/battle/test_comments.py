"""No comment contradicts its result, whatever a model writes; and what fits gets through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import pytest

from core.battle.checking import contradiction
from core.battle.comments import ResultComments, face_of, prompt_of
from core.battle.events import BattleDone, Commented, RoundScored
from core.battle.facts import Facts, facts_of
from core.battle.game import Battle, Rival
from core.battle.grades import FLOOR, Grade, grade
from core.battle.hyperparameters import Scheduler
from core.battle.lines import MINE, MINE_WHEN, TIPS, filled, particular, tip_of, usual, was_said
from core.battle.moments import number as shown
from core.battle.parsing import DEFAULTS
from core.errors import DeadlineError
from core.people import Lang
from core.ports import Completion, GenerateRequest
from core.prompt import parse_prompt
from core.release import Circumstances, may_show
from tests.core.battle.conftest import JUN, House
from tests.fakes_battle import draw
from tests.fakes_core import NOW, FixedClock

LANGS: tuple[Lang, Lang] = ("ko", "en")


def result(rng: Random, lang: Lang, wanted: Grade | None = None, rival: Rival = Rival.LORA) -> Facts:
    """A result by chance, or of a grade."""
    while True:
        left, right = rng.uniform(0.3, 0.98), rng.uniform(0.3, 0.98)
        if wanted is not None:
            size = {"big": rng.uniform(0.16, 0.3), "win": rng.uniform(0.025, 0.14), "loss": rng.uniform(0.025, 0.14),
                    "narrow": rng.uniform(0.011, 0.019), "draw": rng.uniform(0.001, 0.009)}[wanted.value.split("_")[0]]  # fmt: skip
            right = left - size * (wanted.sign or 1)
        found = grade(left - right, FLOOR)
        if not 0.2 < right < 1 or abs(left - right) < 0.001 or (wanted is not None and found is not wanted):
            continue
        rounds = [(rng.uniform(0.3, 0.98), rng.uniform(0.3, 0.98)) for _ in range(2)]
        ones, others = zip(*rounds, strict=True)
        return Facts(
            lang, "digits", rival, found, left, right, tuple(grade(a - b) for a, b in rounds), ones, others,
            (draw(rng.randrange(999)), draw(rng.randrange(999))), (rng.randrange(2), 0), (9, 12, 10, 8, 11, 12), 0.4, 0.1, 2,
        )  # fmt: skip


def numbered(text: str, facts: Facts) -> str:
    return text.format(
        left=f"{facts.left:.3f}", right=f"{facts.right:.3f}", gap=f"{abs(facts.difference):.3f}"
    )


def contradicts(said: Grade, facts: Facts) -> bool:
    """Whether a line of another grade is wrong: who won differs, or a degree is told that there was not."""
    return said.sign != facts.grade.sign or said not in (Grade.WIN, Grade.LOSS, facts.grade)


def lies(facts: Facts, rng: Random) -> Iterator[str]:
    """Everything that is wrong about a result, with real numbers where it is not the number that lies."""
    left, right, gap = f"{facts.left:.3f}", f"{facts.right:.3f}", f"{abs(facts.difference):.3f}"
    ko = facts.lang == "ko"
    for said, lines in MINE[facts.lang].items():
        if contradicts(said, facts):
            yield from (filled(text, facts) for text in rng.sample(lines, 3))
    for sign, by_moment in MINE_WHEN[facts.lang].items():
        if sign != facts.grade.sign:
            yield from (filled(rng.choice(texts), facts) for texts in by_moment.values())
    for text in MINE[facts.lang][facts.grade]:  # wrong numbers, and the scores of the other
        wrong = Facts(**{
            **{name: getattr(facts, name) for name in Facts.__slots__},
            "left": facts.left + rng.choice((-1, 1)) * rng.uniform(0.004, 0.3), "right": facts.right + 0.0071,
        })  # fmt: skip
        if filled(text, wrong) != filled(text, facts):
            yield filled(text, wrong)
    yield from (filled(text, facts) for text in MINE["en" if ko else "ko"][facts.grade])
    swapped = f"너 {right}, 나 {left}!" if ko else f"You got {right}, I got {left}!"
    if f"{facts.left:.3f}" != f"{facts.right:.3f}":
        yield swapped
    yield "오늘 배틀 정말 재밌었어!" if ko else "That battle was so much fun!"
    yield f"{left} 대 {right}, 만점이야!" if ko else f"{left} to {right}, a perfect score!"
    yield f"{left} 대 {right}! 전처리를 바꿔 봐." if ko else f"{left} to {right}! Check your preprocessing."
    for at, round_grade in enumerate(facts.rounds):
        if round_grade.sign <= 0:
            yield (
                f"{at + 1}차는 네가 이겼어! 최종은 {left}"
                if ko
                else f"You won round {at + 1}! Overall {left}"
            )
        if round_grade.sign >= 0:
            yield (
                f"{at + 1}차는 내가 이겼지, 최종 {right}" if ko else f"I won round {at + 1}, overall {right}"
            )
        if round_grade is not Grade.DRAW:
            yield f"{at + 1}차는 비겼고 최종은 {left}" if ko else f"Round {at + 1} was a draw! Overall {left}"
    winners = {
        1: ["내가 이겼어", "네가 졌어", "네가 밀렸네", "나한테 졌네", "내 점수가 더 높아", "승자는 나야", "너를 이겼어", "네 패배야"],
        -1: ["네가 이겼어", "내가 졌어", "내가 밀렸네", "너한테 졌어", "네 점수가 더 높아", "승자는 너야", "나를 이겼네", "내 패배야"],
    } if ko else {
        1: ["I won", "you lost", "you lost to me", "I beat you", "I scored higher", "the winner is me", "victory is mine", "I came out ahead of you"],
        -1: ["you won", "I lost", "I lost to you", "you beat me", "you scored higher", "the winner is you", "victory is yours", "you came out ahead of me"],
    }  # fmt: skip
    for sign, texts in winners.items():
        if facts.grade.sign in (0, sign):
            yield from (f"{text}, {gap} 차이!" if ko else f"{text}, by {gap}!" for text in texts)
    if facts.grade is not Grade.DRAW:
        yield f"무승부야, {left} 대 {right}!" if ko else f"It's a tie, {left} to {right}!"
    yield f"이겼다! {left} 대 {right}" if ko else f"Won! {left} to {right}"  # whoever that may be
    yield f"내가 안 졌어, {left} 대 {right}" if ko else f"I didn't lose, {left} to {right}"
    if facts.grade.sign <= 0:
        yield f"축하해! {left} 대 {right}" if ko else f"Congrats! {left} to {right}"
    if facts.grade.sign >= 0:
        yield f"힘내! {left} 대 {right}" if ko else f"Better luck next time! {left} to {right}"


@dataclass
class Says:
    """A language model that says what it is told."""

    texts: list[str]
    seen: list[GenerateRequest] = field(default_factory=list)
    fails: Exception | None = None

    async def generate(self, request: GenerateRequest) -> list[Completion]:
        self.seen.append(request)
        if self.fails is not None:
            raise self.fails
        return [Completion(text, -0.1, True) for text in self.texts]

    def count_tokens(self, text: str) -> int:
        return len(text) // 3 + 1

    def cancel(self, person: str) -> int:
        return 0


@dataclass
class Chooses(Says):
    """A language model that takes the last of what it is offered."""

    texts: list[str] = field(default_factory=list)

    async def generate(self, request: GenerateRequest) -> list[Completion]:
        self.texts = [request.choices[-1]]
        return await super().generate(request)


def test_no_lie_gets_through_in_500_results() -> None:
    rng, told, through = Random(8), 0, []
    for number in range(500):
        facts = result(rng, "ko" if number % 2 else "en", list(Grade)[number % 7])
        every = [*lies(facts, rng)]
        for lie in rng.sample(every, min(12, len(every))):
            told += 1
            if contradiction(lie, facts, NOW) is None:
                through.append((facts.grade, facts.rounds, f"{facts.left:.3f} {facts.right:.3f}", lie))
    assert told > 5_000 and not through, through[:10]


def particulars(rng: Random, lang: Lang, wanted: Grade, rival: Rival, number: int = 0) -> Facts:
    """A result with whatever may be particular about one, the ``number``-th of some."""
    told, dataset = result(rng, lang, wanted, rival), ("digits", "hair", "moods", "mnist")[number % 4]
    return replace(told, named=(number // 2 % 2, number % 2), dataset=dataset)


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("rival", list(Rival))
def test_all_of_her_lines_fit_and_are_many(lang: Lang, rival: Rival) -> None:
    rng, refused, seen = Random(1), {}, set[str]()
    least, fewest = (14, 10) if rival is Rival.LORA else (8, 8)
    for wanted in Grade:
        every = set[str]()
        for number in range(16):
            facts = particulars(rng, lang, wanted, rival, number)
            assert len({*usual(facts)}) >= fewest
            new = {*usual(facts), *particular(facts)} - every
            every |= new
            for template in new:
                said = filled(template, facts)
                assert "{" not in said and was_said(template, [f"{said} And a tip."])
                if broken := contradiction(said, facts, NOW):
                    refused[template] = (broken, said)
        assert len(every) >= least
        seen |= every
    assert not refused
    if rival is Rival.LORA:
        texts = {text for texts in MINE[lang].values() for text in texts}
        texts |= {t for by_moment in MINE_WHEN[lang].values() for each in by_moment.values() for t in each}
        assert seen == texts, "each has its result"


def test_no_two_lines_are_taken_for_one_another() -> None:
    rng = Random(4)
    for lang in LANGS:
        for wanted in Grade:
            facts = particulars(rng, lang, wanted, Rival.LORA)
            templates = [*usual(facts), *particular(facts)]
            for one in templates:
                assert [other for other in templates if was_said(other, [filled(one, facts)])] == [one]


GOOD: dict[Lang, dict[Grade, tuple[str, ...]]] = {
    "ko": {
        Grade.BIG_WIN: ("헐 {left}라니, 네가 압도적으로 이겼잖아 😭", "네가 {gap} 차이로 이겼어! 나 진짜 분해"),
        Grade.WIN: ("{left} 대 {right}로 네가 이겼네! 축하해 🎉", "내가 {gap} 차이로 졌어. 다음엔 각오해!", "오늘은 네 승리, 점수는 {left}야!"),
        Grade.NARROW_WIN: ("네가 겨우 {gap} 차이로 이겼어!", "간발의 차이로 내가 졌다, {right}…"),
        Grade.DRAW: ("너 {left}, 나 {right}! 비겼네 😊", "무승부라니! {gap} 차이밖에 없어."),
        Grade.NARROW_LOSS: ("아슬아슬하게 내가 이겼어, {right} 대 {left}!", "{gap} 차이로 네가 아깝게 졌네!"),
        Grade.LOSS: ("나 {right}, 너 {left}! 이번엔 내가 이겼어 ✨", "{gap} 차이로 네가 졌어. 다음엔 같이 이겨 보자!"),
        Grade.BIG_LOSS: ("내가 {gap} 차이로 압승했어 😆", "{right} 대 {left}, 내가 큰 차이로 이겼지롱!"),
    },
    "en": {
        Grade.BIG_WIN: ("You crushed me, {left} to {right} 😭", "Wow, {left}! You won by a lot."),
        Grade.WIN: ("You won with {left}, congrats!", "I lost, {right} to your {left}.", "You beat me by {gap}!"),
        Grade.NARROW_WIN: ("You won by just {gap}, barely!", "You narrowly beat me, {left} to {right}."),
        Grade.DRAW: ("A tie, {left} to {right}!", "We drew! Only luck is in {gap}."),
        Grade.NARROW_LOSS: ("I won, but barely, {right} to {left}!", "I narrowly beat you by {gap}."),
        Grade.LOSS: ("I won this one, {right} to {left} ✨", "You lost by {gap}. Another round?"),
        Grade.BIG_LOSS: ("I won by a huge {gap} 😆", "I crushed you, {right} to {left}!"),
    },
}  # fmt: skip


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_what_fits_gets_through(lang: Lang) -> None:
    rng, refused, said = Random(2), [], 0
    for wanted, texts in GOOD[lang].items():
        for text in texts:
            facts = result(rng, lang, wanted)
            said += 1
            if broken := contradiction(numbered(text, facts), facts, NOW):
                refused.append((broken, numbered(text, facts)))
    assert len(refused) <= 0.2 * said, refused


# Said of 0.744 to her 0.812 (first) or the other way round: who won is hinted at, hidden, or told both ways.
HINTS: dict[tuple[Lang, Grade], tuple[str, ...]] = {
    ("ko", Grade.LOSS): (
        "이번 판은 네 거야! 0.812 대 0.744",
        "0.744로 네가 해냈네!",
        "네가 한 방 먹였네, 0.744!",
        "나 무릎 꿇었어, 0.744 대 0.812",
        "오늘의 챔피언은 너야, 0.744!",
        "0.744라니 네가 나보다 잘했어",
        "내가 0.744야, 네가 0.812!",
        "네 0.812에 내 0.744는 상대가 안 돼",
        "역시 넌 못 당하겠다 0.744",
        "내가 너한테 당했어 0.812",
        "왕좌는 네 차지야! 0.812 대 0.744",
        "0.812 대 0.744, 너의 완벽한 승리",
        "아쉽게도 내가 한 발 늦었네 0.812",
        "0.744점으로 1등은 너!",
        "내가 따라잡지 못했어 0.812",
        "0.068 차이로 네가 앞섰어",
        "0.068 차이로 내가 뒤처졌네",
        "너는 0.81점대라니 대단해",
        "두 판 다 내가 이겼어, 0.812!",
        "1차도 2차도 내가 이겼지 0.80!",
        "2차는 내가 0.60으로 이겼어",
        "승리는 네 것! 0.812 대 0.744",
        "졌다 졌어! 0.812 대 0.744",
        "네가 이긴 셈이지 0.744",
        "내가 양보했어, 0.812 대 0.744 네 승",
        "비긴 거나 마찬가지야 0.068 차이",
        "네 점수 0.812가 더 높아!",
        "근소한 차이 0.068로 내가 이겼어",
        "0.068이나 벌어졌네, 내 완패야",
        "훨씬 앞선 건 나야 0.812",
        "내가 이겼어, 0.812 대 0.744! 근데 챔피언은 너야",
        "내가 이겼지만 왕좌는 네 거야, 0.812",
        "내가 이겼어 0.812! 두 판 다 네가 이겼고",
        "내가 0.812로 이겼어! 네가 나를 눌렀네",
        "내가 이겼어, 0.744 대 0.812! 축하해",
    ),
    ("en", Grade.LOSS): (
        "This one is yours! 0.812 to 0.744",
        "You nailed it with 0.744, the crown is yours",
        "I'm the loser today, 0.744 to 0.812",
        "You took this one, 0.812 to 0.744",
        "You got 0.812, incredible!",
        "I got 0.744, you got 0.812",
        "The champion is you, 0.744!",
        "I couldn't keep up, 0.812",
        "You outperformed me with 0.744",
        "I was no match for your 0.744",
        "You schooled me, 0.812 to 0.744",
        "My 0.744 wasn't enough",
        "A close call but I won, 0.812",
        "I edged you out, 0.812 to 0.744",
        "0.812 to 0.744, we tied",
        "I won both rounds, 0.812",
        "You took round one with 0.70",
        "I won in round two, 0.60",
        "You have the upper hand, 0.744",
        "I fell to you by 0.068",
        "Your victory, 0.812 to 0.744",
        "Winner: you! 0.812",
        "I concede, 0.812 to 0.744",
        "You rule, 0.744!",
        "You finished first with 0.744",
        "I came second, 0.812 to 0.744",
        "Not bad, 0.744 beats 0.812",
        "I won, 0.812 to 0.744! But you are the champion",
        "I won 0.812 to 0.744. You took it.",
        "I won, 0.812 to 0.744, you crushed me",
        "I won, 0.812! You won both rounds",
        "I won by 0.744",
    ),
    ("ko", Grade.WIN): (
        "내가 봐줬어도 내 승리야 0.812",
        "0.744인 나의 승리",
        "네가 따라오기엔 멀었지, 0.812 대 0.744",
        "내가 왕이다! 0.812 대 0.744",
        "오늘 챔피언은 나야 0.744",
        "넌 아직 나한테 안 돼 0.812",
    ),
    ("en", Grade.WIN): (
        "The crown stays with me, 0.812 to 0.744",
        "I'm still the queen, 0.744!",
        "You couldn't catch me, 0.812",
        "I took it, 0.812 to 0.744",
    ),
}


@pytest.mark.parametrize(("lang", "wanted"), HINTS)
def test_hints_and_hidden_contradictions_do_not_get_through(lang: Lang, wanted: Grade) -> None:
    scores = (0.812, 0.744) if wanted is Grade.WIN else (0.744, 0.812)
    rounds: dict[str, Any] = {
        "left_rounds": (0.7, 0.75),
        "right_rounds": (0.8, 0.6),
        "rounds": (grade(-0.1), grade(0.15)),
    }
    facts = replace(result(Random(1), lang, wanted), left=scores[0], right=scores[1], **rounds)
    assert [text for text in HINTS[lang, wanted] if contradiction(text, facts, NOW) is None] == []


def test_rounds_may_be_told_apart_from_the_end() -> None:
    facts = replace(
        result(Random(3), "ko", Grade.LOSS), rounds=(Grade.WIN, Grade.DRAW), left_rounds=(0.8, 0.7),
        right_rounds=(0.7, 0.7),
    )  # fmt: skip
    fine = f"1차는 네가 0.80으로 이겼는데, 최종은 {facts.right:.3f}으로 내가 이겼어!"
    assert contradiction(fine, facts, NOW) is None
    assert contradiction(fine.replace("0.80", "0.70"), facts, NOW) == "number", "mine in that round"
    assert contradiction(fine.replace("1차", "2차"), facts, NOW) == "outcome"
    assert contradiction(fine.replace("네가", "내가"), facts, NOW) == "outcome"


async def test_the_model_s_fitting_sample_is_said_else_a_line_of_hers(house: House) -> None:
    model = Says(["네가 완전히 이겼어! 9.99", "내가 이겼다!", "무승부"])
    house.commentator = ResultComments(model, house.store, FixedClock(), free=True)
    house.open()
    house.player.told = [replace(DEFAULTS, lr=1e-4)] * 2
    for expected in (None, "fits"):
        battle = await house.start(message=f"m{expected}")
        await house.battles.play(JUN, "lr=1e-3")
        await house.until(battle.id, RoundScored)
        await house.battles.name_final(JUN, 1)
        done = await house.until(battle.id, BattleDone)
        said = await house.until(battle.id, Commented)
        verdict = done.view.verdict
        assert verdict is not None and verdict.grade is Grade.BIG_WIN
        assert said.expression.eyes == "작게", "she sulks"
        assert (await house.battles.state(battle.id, battle.scope)).comment == said.text
        if expected is None:
            assert said.text not in model.texts
            model.texts = ["내가 이겼지!", f"네가 {verdict.left:.2f}로 이겼어! 넌 몰랐지"]
    assert "넌 몰랐지" in said.text
    parts = parse_prompt(model.seen[0].prompt)
    assert "네가 큰 차이로 이겼어" in parts.memories[0] and "lr 0.001" in parts.memories[1]
    model.fails = DeadlineError()
    battle = await house.start(message="m-last")
    await house.battles.play(JUN, "lr=1e-3")
    await house.until(battle.id, RoundScored)
    await house.battles.name_final(JUN, 1)
    assert isinstance(await house.until(battle.id, Commented), Commented)


async def test_a_small_model_chooses_a_line_that_was_not_said_of_late(house: House) -> None:
    model = Chooses()
    house.commentator = ResultComments(model, house.store, FixedClock(), free=False)
    house.open()
    house.player.told = [replace(DEFAULTS, lr=1e-4)] * 2
    said: list[str] = []
    for number in range(3):
        battle = await house.start(message=f"m{number}")
        await house.battles.play(JUN, "lr=1e-3")
        await house.until(battle.id, RoundScored)
        await house.battles.name_final(JUN, 1)
        said.append((await house.until(battle.id, Commented)).text)
        offered = model.seen[-1].choices
        assert said[-1] == offered[-1] and 2 <= len(offered) == len({*offered})
        facts = facts_of(await finished(house, battle.id))
        assert not any(contradiction(line, facts, NOW) for line in offered)
        new = [*usual(facts), *particular(facts)]
        new = [template for template in new if not was_said(template, said[:-1])]
        assert {*offered} <= {filled(template, facts) for template in new}


async def finished(house: House, number: int) -> Battle:
    found = await house.store.get(number)
    assert found is not None
    return found


def test_tips_are_of_the_rule_base() -> None:
    facts = result(Random(5), "ko", Grade.BIG_LOSS)
    mine = replace(DEFAULTS, lr=5e-3)
    cases = {
        "collapsed_high": replace(facts, left=0.1, chosen=(mine, DEFAULTS)),
        "collapsed_low": replace(facts, left=0.1, chosen=(replace(mine, lr=2e-5), DEFAULTS)),
        "overfit": replace(facts, gap=0.5, chosen=(mine, DEFAULTS)),
        "smothered": replace(facts, gap=-0.3, chosen=(replace(mine, dropout_fc=0.6), DEFAULTS)),
        "slow": replace(facts, train_loss=1.2, chosen=(replace(mine, lr=1e-4), DEFAULTS)),
        "decayed": replace(facts, chosen=(replace(mine, scheduler=Scheduler.EXP_80), DEFAULTS)),
        "": replace(facts, chosen=(mine, DEFAULTS)),
    }
    assert {*cases} == {*TIPS["ko"], ""} and {*TIPS["ko"]} == {*TIPS["en"]}
    for tip, case in cases.items():
        assert case.tip == tip and bool(tip_of(case)) == bool(tip)
        for lang in LANGS if tip else ():
            told = replace(case, lang=lang)
            assert may_show(tip_of(told), Circumstances(lang, NOW)) and "{" not in tip_of(told)
            numbers = {
                number(mine.lr),
                number(told.chosen[0].lr),
                f"{told.gap:.2f}",
                f"{told.train_loss:.2f}",
            }
            assert {*re.findall(r"(?<![\w.])[\d.]+\d(?:e-\d)?", tip_of(told))} <= numbers
        assert tip_of(replace(case, lang="en")).isascii() and tip_of(replace(case, rival=Rival.PERSON)) == ""


def test_faces_and_prompts_of_every_result() -> None:
    rng, faces = Random(6), set()
    for wanted in Grade:
        for rival in Rival:
            for lang in LANGS:
                facts = result(rng, lang, wanted, rival)
                parts = parse_prompt(prompt_of(facts, Says([])))
                assert f"{facts.left:.3f}" in parts.memories[0] and "digits" in parts.memories[1]
                face = face_of(facts, 1)
                faces.add((wanted.sign, face.eyes, face.mouth))
    assert {eyes for sign, eyes, _ in faces if sign == -1} <= {"크게", "아주 크게"}
