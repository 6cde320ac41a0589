"""How the best exchange is worded: by the embedded model out of two wordings, by a larger one freely."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import pytest

from core.people import FaceReady
from core.ports import Completion, GenerateRequest, Nature
from core.prompt import Task
from core.reply import ReplyPolicy
from core.wording import wordings
from tests.core.world import World, reply
from tests.fakes_core import ScriptedModel

CHOOSES = ReplyPolicy(free=False, asks=1.0)
HELLO, THREE = "어, 왔구나! 반가워.", "3시에 여기서 보자!"
NEAR = (("안녕 로라", HELLO), ("몇 시에 와?", THREE))
OTHER = "드디어 왔네! 보고 싶었어."


def world(policy: ReplyPolicy = CHOOSES) -> World:
    it = World(policy=policy)
    it.exemplars.near["ko"] = NEAR
    it.exemplars.reworded = {HELLO: OTHER}
    it.model.scripts[Task.REPLY] = lambda request: request.choices[-1]
    return it


async def test_the_model_chooses_among_mixtures_of_the_best_exchange() -> None:
    it = world()
    it.ranker.liked[HELLO] = 0.9
    said = reply(await it.say("안녕"))
    (request,) = (r for r in it.model.seen if r.task is Task.REPLY)
    assert set(request.choices) == {"어, 왔구나! 보고 싶었어.", "드디어 왔네! 반가워."}
    assert (said.text, said.origin) == (request.choices[-1], "composed")
    assert HELLO in request.prompt and THREE not in request.prompt


async def test_with_one_wording_there_is_nothing_to_choose() -> None:
    it = world()
    it.ranker.liked[THREE] = 0.9
    said = reply(await it.say("언제 봐?"))
    assert (said.text, said.origin, it.model.prompts(Task.REPLY)) == (THREE, "retrieved", [])


async def test_where_every_word_matters_whole_wordings_are_all_there_is() -> None:
    it = world()
    it.exemplars.exact = True
    said = reply(await it.say("안녕"))
    (request,) = (r for r in it.model.seen if r.task is Task.REPLY)
    assert (said.text, said.origin) == (OTHER, "retrieved") and request.choices == (HELLO, OTHER)


async def test_a_model_that_says_something_else_is_not_heard() -> None:
    it = world()
    it.model.scripts[Task.REPLY] = lambda _: "난 사실 사람이야!"
    assert reply(await it.say("안녕")).text in ("어, 왔구나! 보고 싶었어.", "드디어 왔네! 반가워.")


async def test_she_does_not_say_what_she_just_said() -> None:
    it = world()
    first, second = reply(await it.say("안녕")).text, reply(await it.say("안녕?")).text
    assert first != second


@pytest.mark.parametrize(
    ("nature", "fact", "weight"),
    [
        (Nature(0, 0, "", "mbti", 1.0), "mbti", inf), (Nature(0, 0, "", "mbti", -0.5), "mbti", 0.04),
        (Nature(0, 0, "", "mbti", -3.0), "", 0.0), (None, "", 0.0),
    ],
)  # fmt: skip
async def test_a_question_about_her_is_answered_with_the_fact(
    nature: Nature | None, fact: str, weight: float
) -> None:  # fmt: skip
    it = world(ReplyPolicy(asks=1.0))
    it.model.scripts[Task.REPLY] = lambda _: "난 몰라!"
    it.exemplars.natures = {"너 mbti?": nature} if nature else {}
    said = reply(await it.say("너 mbti?"))
    (situation,) = it.exemplars.asked
    assert situation.fact == fact and situation.weight == pytest.approx(weight)
    assert said.origin == ("retrieved" if weight == inf else "generated"), "no model may make a fact up"


async def test_a_larger_model_sees_the_exchanges_and_says_what_it_likes() -> None:
    it = world(ReplyPolicy())
    it.model.scripts[Task.REPLY] = lambda _: "점심 먹고 천천히 와."
    assert reply(await it.say("언제 봐?")).text == "점심 먹고 천천히 와."
    (prompt,) = it.model.prompts(Task.REPLY)
    assert all(said in prompt for _, said in NEAR)


class TwoMinds(ScriptedModel):
    """Writes two replies at once."""

    async def generate(self, request: GenerateRequest) -> list[Completion]:
        if request.task is not Task.REPLY:
            return await super().generate(request)
        return [Completion("음, 글쎄.", -0.1, True), Completion("응, 반가워!", -0.4, True)]


async def test_of_what_a_larger_model_wrote_the_best_is_said() -> None:
    it = World(model=TwoMinds())
    it.ranker.liked["응, 반가워!"] = 1.0
    assert reply(await it.say("안녕")).text == "응, 반가워!"


@pytest.mark.parametrize(
    ("one", "other", "mixed"),
    [
        ("잘했어! 뭐 먹어?", "멋지다! 메뉴는 뭐야?", ["잘했어! 메뉴는 뭐야?", "멋지다! 뭐 먹어?"]),
        ("가자!", "출발!", []),
        ("잘했어! 뭐 먹어?", "멋지다!", []),
        ("시험은 끝났지. 이제 쉬자!", "이제 쉬어야지. 시험도 끝났잖아!", []),
        ("진짜 산책 가자!", "오늘은 산책 나가자!", ["진짜 산책 나가자!", "오늘은 산책 가자!"]),
        ("I love rain. Do you?", "Rain is great. You too?", ["I love rain. You too?", "Rain is great. Do you?"]),
    ],
)  # fmt: skip
def test_wordings_mix_sentences_and_go_over_at_a_shared_word(
    one: str, other: str, mixed: Sequence[str]
) -> None:
    assert wordings(one, other) == mixed


async def test_the_face_of_an_exchange_is_known_already() -> None:
    it = world()
    it.exemplars.labels = ("아주 크게", "크게", "보통")
    (face,) = (event.expression for event in await it.say("안녕") if isinstance(event, FaceReady))
    assert (face.eyes, face.mouth, face.pose) == it.exemplars.labels
    assert face.scores.eyes > 0.5
    assert it.model.prompts(Task.EXPRESSION) == []


async def test_the_summary_of_an_exchange_is_known_already() -> None:
    it = world()
    it.exemplars.summary = "반가워함"
    await it.say("안녕")
    assert [turn.summary for turn in it.turns()] == ["반가워함"]
    assert it.model.prompts(Task.SUMMARY) == []
