"""What kind of message it is decides from which exchanges she answers, and whether she looks for facts."""

from __future__ import annotations

import pytest

from core.ports import Nature
from core.prompt import Task
from core.reply import ReplyPolicy
from tests.core.world import World, learned, reply

POLICY = ReplyPolicy(improper=2.0, proper=-1.0, tells=-1.0, follow_threshold=9.0, free=False)


def world(**natures: Nature) -> World:
    it = World(policy=POLICY)
    it.exemplars.natures = natures
    return it


@pytest.mark.parametrize(
    ("nature", "declines"),
    [
        (Nature(0.0, 2.0), True), (Nature(0.0, 1.9), None), (Nature(0.0, -0.9), None),
        (Nature(0.0, -1.0), False), (None, None),
    ],
)  # fmt: skip
async def test_only_exchanges_of_its_kind_are_looked_at(nature: Nature | None, declines: bool | None) -> None:
    it = world(**({"사귀자": nature} if nature else {}))
    await it.say("사귀자")
    assert [situation.declines for situation in it.exemplars.asked] == [declines]


async def test_what_she_declines_is_answered_with_a_reply_that_was_read() -> None:
    it = world(사귀자=Nature(0.0, 5.0))
    it.model.scripts[Task.REPLY] = lambda _: "좋아, 사귀자!"
    said = reply(await it.say("사귀자"))
    assert (said.text, said.origin) == ("어, 왔구나 반가워!", "retrieved"), "the exchange's own, however far"


async def test_a_proper_message_may_still_be_too_far_from_everything() -> None:
    it = world(안녕=Nature(0.0, -5.0))
    assert reply(await it.say("안녕")).origin == "phrase"


@pytest.mark.parametrize(("tells", "facts"), [(-1.1, []), (-1.0, ["[취미: 게임]"])])
async def test_facts_are_looked_for_where_something_may_be_told(tells: float, facts: list[str]) -> None:
    it = world(**{"난 게임이 좋아": Nature(tells, -5.0)})
    it.learns("[취미: 게임]")
    assert learned(await it.say("난 게임이 좋아")) == facts
    assert bool(it.model.prompts(Task.MEMORY)) == bool(facts)
