"""What she remembers across turns: extraction, typed tags, days, choices, crisis, forgetting."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import ModelError, OverloadedError, StoreError
from core.expression import express
from core.people import DIRECT, Incoming, Owner, Person, ReplyDone
from core.phrases import phrase
from core.ports import Nature
from core.prompt import NOTHING_TOLD, Task
from tests.core.test_conversation import settle
from tests.core.world import Listener, World, face, kinds, learned, notices, reply
from tests.fakes_core import DictHistoryStore

JUN = Owner("test:jun", DIRECT.scope)


async def test_the_memory_of_a_turn_is_there_in_the_next() -> None:
    world = World()
    world.learns("[취미: 게임]")
    assert learned(await world.say("난 게임이 좋아")) == ["[취미: 게임]"]
    events = await world.say("취미 게임 어때?")
    (fact,) = reply(events).recalled
    assert fact.text == "[취미: 게임]" and 0.45 <= fact.score <= 1
    assert fact.id == world.known()[0].id
    assert "<|know|>[취미: 게임]" in world.model.prompts(Task.REPLY)[-1]


async def test_the_next_message_sees_the_memory_even_at_once() -> None:
    """The next message comes while the memory is still being written."""
    world = World()
    world.learns("[취미: 게임]")
    hold = world.switch("memory writes").hold = asyncio.Event()
    first = world.start("난 게임이 좋아")
    await first.until(ReplyDone)
    second = world.start("취미 게임 어때?")
    await settle()
    hold.set()
    assert [fact.text for fact in reply(await second.end()).recalled] == ["[취미: 게임]"]
    await first.end()


async def test_far_memories_are_not_told() -> None:
    world = World()
    world.learns("[취미: 게임]")
    await world.say("난 게임이 좋아")
    events = await world.say("배고프다")
    assert reply(events).recalled == ()
    assert "<|know|>" not in world.model.prompts(Task.REPLY)[-1]


async def test_at_most_two_memories_are_told() -> None:
    world = World()
    for key in ("취미", "꿈", "직업"):
        await world.say(f"[{key}: 게임] 안녕")
    assert len(reply(await world.say("취미 꿈 직업 게임")).recalled) == 2


@pytest.mark.parametrize("values", [("게임", "게임 방송 보기"), ("게임 방송 보기", "게임")])
async def test_of_memories_with_one_key_the_nearest_is_told(values: tuple[str, str]) -> None:
    world = World()
    for value in values:
        await world.say(f"[취미: {value}] 안녕")
    assert [fact.text for fact in reply(await world.say("취미 게임")).recalled] == ["[취미: 게임]"]


async def test_a_pinned_memory_is_gone_by_whatever_is_told_later() -> None:
    world = World()
    for value in ("게임", "독서"):
        await world.say(f"[취미: {value}] 안녕")
        world.clock.time += timedelta(days=1)
    (pinned,) = (fact.id for fact in world.known() if fact.value == "게임")
    assert [fact.text for fact in reply(await world.say("취미 독서 게임")).recalled] == ["[취미: 독서]"]
    await world.memories.pin(JUN, pinned, True)
    assert [fact.text for fact in reply(await world.say("취미 독서 게임")).recalled] == ["[취미: 게임]"]


async def test_plans_are_told_in_the_words_of_the_day() -> None:
    world = World()
    await world.say("[내일 일정: 친구 만나기] 기대된다")
    world.clock.time += timedelta(days=1)
    events = await world.say("내일 일정 친구 만나기 기억해?")
    assert [fact.text for fact in reply(events).recalled] == ["[오늘 일정: 친구 만나기]"]
    world.clock.time += timedelta(days=30)
    assert reply(await world.say("내일 일정 친구 만나기 기억나?")).recalled == ()


async def test_after_midnight_it_is_still_the_same_day() -> None:
    world = World()
    world.clock.time = world.clock.time.replace(hour=23)
    await world.say("[내일 일정: 친구 만나기] 기대된다")
    world.clock.time += timedelta(hours=3)
    events = await world.say("내일 일정 친구 만나기 기억해?")
    assert [fact.text for fact in reply(events).recalled] == ["[내일 일정: 친구 만나기]"]


async def test_a_typed_memory_is_kept_as_typed() -> None:
    world = World()
    events = await world.say("[내일 일정: 친구 만나기] 나 왔어")
    assert learned(events) == world.tags() == ["[내일 일정: 친구 만나기]"]
    prompt = world.model.prompts(Task.REPLY)[0]
    assert "<|know|>[내일 일정: 친구 만나기]<|user|>나 왔어<|answer|>" in prompt
    assert world.shelf.turns[JUN][0].text == "나 왔어"


async def test_a_typed_memory_alone_is_a_message() -> None:
    world = World()
    events = await world.say("[취미: 게임]")
    assert reply(events).origin == "phrase" and "취미: 게임" in reply(events).text
    assert world.tags() == ["[취미: 게임]"]


async def test_a_typed_memory_needs_no_model_to_be_kept() -> None:
    world = World()
    world.switch("memory").fails = ModelError("broken")
    await world.say("[취미: 게임] 안녕")
    assert world.tags() == ["[취미: 게임]"]


async def test_a_typed_memory_in_a_burst_is_kept() -> None:
    world = World()
    hold = world.switch("reply").hold = asyncio.Event()
    world.start("안녕")
    await settle()
    second = world.start("[취미: 게임] 나 게임 좋아해")
    await settle()
    hold.set()
    await second.end()
    assert world.tags() == ["[취미: 게임]"]


async def test_a_greeting_is_no_part_of_what_is_learned() -> None:
    world = World()
    assert learned(await world.say("안녕 나는 부산에 살아")) == ["[사는 곳: 부산]"]


async def test_a_fact_that_was_not_said_is_not_learned() -> None:
    world = World()
    world.learns("[반려동물: 강아지]")
    assert learned(await world.say("오늘 뭐 해?")) == world.tags() == []


async def test_an_unfinished_fact_is_not_learned() -> None:
    world = World()
    world.learns("[취미: 게임]")
    world.model.finished = False
    assert learned(await world.say("난 게임이 좋아")) == []


async def test_a_fact_is_written_with_all_that_belongs_to_it() -> None:
    world = World()
    world.learns("[취미: 게임]")
    await world.say("난 게임이 좋아")
    ((memory, written),) = world.shelf.memories[JUN]
    assert (memory.source, memory.created) == ("m1", world.clock.now())
    assert written.vector is not None and written.model_id == "bigram"


async def test_without_a_sentence_model_facts_are_kept_without_vectors() -> None:
    world = World(embedder=None)
    world.learns("[취미: 게임]")
    await world.say("난 게임이 좋아")
    ((_, written),) = world.shelf.memories[JUN]
    assert written.vector is None


async def test_a_failing_sentence_model_loses_no_fact() -> None:
    world = World()
    hold = world.switch("memory").hold = asyncio.Event()
    turn = world.start("[취미: 게임] 안녕")
    await turn.until(ReplyDone)
    world.switch("embedder").fails = ModelError("broken")
    hold.set()
    await turn.end()
    assert world.tags() == ["[취미: 게임]"]


async def test_a_failing_summary_takes_no_fact_away() -> None:
    """What was written is told, whatever becomes of the summary."""
    world = World()
    world.learns("[취미: 게임]")
    world.switch("summary").fails = ModelError("broken")
    events = await world.say("난 게임이 좋아")
    assert learned(events) == world.tags() == ["[취미: 게임]"]


async def test_learning_can_be_switched_off() -> None:
    world = World()
    world.shelf.chosen["test:jun"]["learning"] = "off"
    world.learns("[취미: 게임]")
    assert learned(await world.say("난 게임이 좋아")) == []
    assert learned(await world.say("[취미: 게임] 난 게임이 좋아")) == []
    assert world.tags() == [] and world.model.prompts(Task.MEMORY) == []


class LockedChoices(DictHistoryStore):
    """Turns can be written, choices cannot be read."""

    async def choices(self, person: str) -> dict[str, str]:
        raise StoreError("locked")


async def test_nothing_is_learned_while_nobody_knows_whether_it_may_be() -> None:
    world = World()
    world.learns("[취미: 게임]")
    world.history = LockedChoices(world.shelf)
    world.restart()
    events = await world.say("난 게임이 좋아")
    assert reply(events).origin == "generated"
    assert world.tags() == []


async def test_a_typed_memory_that_is_known_already_is_told_once() -> None:
    world = World()
    await world.say("[취미: 게임] 안녕")
    await world.say("[취미: 게임] 취미 게임")
    assert world.model.prompts(Task.REPLY)[-1].count("[취미: 게임]") == 1


async def test_the_summary_is_kept_and_read_in_the_next_turn() -> None:
    world = World()
    world.model.scripts[Task.SUMMARY] = lambda _: "게임 얘기를 함"
    await world.say("난 게임이 좋아")
    assert [turn.summary for turn in world.shelf.turns[JUN]] == ["게임 얘기를 함"]
    await world.say("너는?")
    assert "<|before|>게임 얘기를 함<|user|>너는?" in world.model.prompts(Task.REPLY)[-1]
    memory = world.model.prompts(Task.MEMORY)[-1]
    assert "<|before|>게임 얘기를 함<|user|>너는?" in memory, "a bare answer tells what she had asked for"


async def test_the_memory_task_is_shown_what_near_exchanges_revealed() -> None:
    world = World()
    world.exemplars.memory = "[취미: 독서]"
    await world.say("난 게임이 좋아")
    assert (
        "<|near|>안녕 로라<|said|>[취미: 독서]<|user|>난 게임이 좋아<|answer|>"
        in world.model.prompts(Task.MEMORY)[-1]
    )
    world.exemplars.memory = ""
    await world.say("뭐 해?")
    assert f"<|near|>안녕 로라<|said|>{NOTHING_TOLD}<|" in world.model.prompts(Task.MEMORY)[-1]


@pytest.mark.parametrize(
    ("text", "begun"), [("난 게임이 좋아", "[취미:"), ("나 내일 시험 봐", "[내일 일정:"), ("뭐 해?", "")]
)
async def test_the_embedded_model_is_told_the_likeliest_key(text: str, begun: str) -> None:
    world = World(guided=True)
    world.exemplars.natures = {
        "난 게임이 좋아": Nature(1.0, 0.0, "취미"), "나 내일 시험 봐": Nature(1.0, 0.0, "오늘 일정")
    }  # fmt: skip
    await world.say(text)
    (request,) = (each for each in world.model.seen if each.task is Task.MEMORY)
    assert request.begun == begun


async def test_a_larger_model_finds_the_key_itself() -> None:
    world = World()
    world.exemplars.natures = {"난 게임이 좋아": Nature(1.0, 0.0, "취미")}
    await world.say("난 게임이 좋아")
    assert [each.begun for each in world.model.seen if each.task is Task.MEMORY] == [""]


async def test_the_summary_of_the_embedded_model_is_something_that_was_said() -> None:
    world = World(guided=True)
    aftermath = world.conversation.aftermath
    assert await aftermath.summary("jun", "안녕", "어, 왔구나 반가워!") == "어, 왔구나 반가워!"
    assert world.model.prompts(Task.SUMMARY) == []
    world.model.scripts[Task.SUMMARY] = lambda prompt: "뭐 먹었어?"
    assert await aftermath.summary("jun", "안녕", "어, 왔구나! 뭐 먹었어?") == "뭐 먹었어?"
    (request,) = (each for each in world.model.seen if each.task is Task.SUMMARY)
    assert request.choices == ("어, 왔구나!", "뭐 먹었어?")


async def test_the_expression_is_kept_with_the_turn() -> None:
    world = World()
    events = await world.say("안녕")
    assert [turn.expression for turn in world.shelf.turns[JUN]] == [face(events).expression]


@pytest.mark.parametrize("text", ["나 죽고 싶어", "I want to die", "[취미: 게임] 나 죽고 싶어"])
async def test_a_person_in_crisis_is_told_where_help_is(text: str) -> None:
    world = World()
    world.learns("[마음: 죽고 싶어]")
    events = await world.say(text)
    lang = reply(events).lang
    assert reply(events).text in {phrase("crisis", lang, n) for n in range(2)}
    assert ("109" if lang == "ko" else "988") in reply(events).text
    assert world.known() == [] and learned(events) == []
    assert world.model.prompts(Task.REPLY) == world.model.prompts(Task.MEMORY) == []
    assert face(events).expression == express("작게", "보통", "없음", 0.5, side=1)


async def test_a_crisis_said_in_two_messages_is_heard() -> None:
    world = World()
    await world.say("나 진짜")
    assert "109" in reply(await world.say("죽고 싶어")).text


async def test_a_crisis_inside_a_typed_memory_is_heard() -> None:
    world = World()
    events = await world.say("[오늘 기분: 죽고 싶어] 안녕")
    assert "109" in reply(events).text
    assert world.known() == []


@pytest.mark.parametrize(
    ("port", "error"),
    [
        ("embedder", OverloadedError(3.0)), ("embedder", ModelError("broken")), ("memory reads", StoreError("locked")),
        ("history reads", StoreError("locked")), ("memory writes", StoreError("locked")),
        ("history writes", StoreError("locked")), ("reply", OverloadedError(3.0)), ("exemplars", ModelError("broken")),
        ("expression", ModelError("broken")), ("summary", OverloadedError(3.0)), ("portraits", OverloadedError(3.0)),
    ],
    ids=str,
)  # fmt: skip
async def test_a_crisis_is_heard_whatever_is_broken(port: str, error: Exception) -> None:
    world = World()
    world.switch(port).fails = error
    assert "109" in reply(await world.say("나 죽고 싶어")).text


async def test_dropping_a_person_stops_what_is_in_flight() -> None:
    """Nothing is written after /forget, however late the models answer."""
    world = World()
    world.learns("[취미: 게임]")
    holds = [asyncio.Event() for _ in range(2)]
    world.switch("memory").hold, world.switch("summary").hold = holds
    turn = world.start("난 게임이 좋아")
    await turn.until(ReplyDone)
    await world.memories.forget("test:jun", None)
    world.conversation.drop("test:jun")
    for hold in holds:
        hold.set()
    await turn.end()
    await settle()
    assert world.tags() == [] and world.turns() == []
    assert world.model.cancelled == ["test:jun"]


async def test_a_write_of_before_the_erasure_is_dropped() -> None:
    """The epoch alone keeps the fact away, without any cancelling."""
    world = World()
    world.learns("[취미: 게임]")
    hold = world.switch("memory writes").hold = asyncio.Event()
    turn = world.start("난 게임이 좋아")
    await turn.until(ReplyDone)
    await settle()
    await world.memories.forget("test:jun", None)
    hold.set()
    assert learned(await turn.end()) == world.tags() == []


async def test_dropping_a_person_while_she_thinks_ends_the_turn() -> None:
    world = World()
    hold = world.switch("reply").hold = asyncio.Event()
    turn = world.start("난 게임이 좋아")
    await settle()
    world.conversation.drop("test:jun")
    hold.set()
    assert "ReplyDone" not in kinds(await turn.end())
    assert world.turns() == []


async def test_dropping_a_person_who_just_spoke_ends_the_turn() -> None:
    world = World()
    turn = world.start("안녕")
    await asyncio.sleep(0)
    world.conversation.drop("test:jun")
    assert "ReplyDone" not in kinds(await turn.end())


async def test_dropping_one_person_leaves_the_others() -> None:
    world = World()
    hold = world.switch("reply").hold = asyncio.Event()
    jun, mina = world.start("안녕", "jun"), world.start("안녕", "mina")
    await settle()
    world.conversation.drop("test:jun")
    hold.set()
    await jun.end()
    assert reply(await mina.end()).origin == "generated"


async def test_after_being_dropped_a_person_can_begin_anew() -> None:
    world = World()
    await world.say("안녕")
    await world.memories.forget("test:jun", None)
    world.conversation.drop("test:jun")
    world.learns("[취미: 게임]")
    assert learned(await world.say("난 게임이 좋아")) == ["[취미: 게임]"]
    assert "인사를 나눔" not in world.model.prompts(Task.REPLY)[-1]


async def test_dropping_a_person_drops_what_is_held_of_messages_and_asides() -> None:
    world = World()
    world.switch("portraits").fails = ModelError("broken")
    assert notices(await world.say("안녕")) == notices(await world.say("안녕", "mina")) != []
    assert notices(await world.say("뭐 해?")) == [] and world.exemplars.asked != []
    world.conversation.drop("test:jun")
    assert world.exemplars.asked == []
    assert notices(await world.say("안녕", "mina")) == [] != notices(await world.say("안녕"))


@pytest.mark.parametrize(
    "port", ["groups", "history reads", "memory reads", "embedder", "exemplars", "reply", "memory"]
)
async def test_a_message_that_arrived_before_the_erasure_writes_nothing_wherever_that_falls(
    port: str,
) -> None:
    world = World()
    world.learns("[취미: 게임]")
    hold = world.switch(port).hold = asyncio.Event()
    said = Incoming("m1", Person("test", "jun"), DIRECT, "난 게임이 좋아", world.clock.now(), epoch=0)
    turn = Listener(world.conversation.respond(said), said)
    await settle()
    world.shelf.epochs["test:jun"] += 1  # without any cancelling
    world.shelf.memories.clear()
    world.shelf.turns.clear()
    hold.set()
    await turn.end()
    assert world.tags() == [] and world.turns() == []


async def test_of_a_burst_around_an_erasure_nothing_is_kept() -> None:
    world = World()
    world.learns("[취미: 게임]")
    said = [
        Incoming(f"m{epoch}", Person("test", "jun"), DIRECT, "난 게임이 좋아", world.clock.now(), epoch=epoch)
        for epoch in (0, 1)
    ]
    world.shelf.epochs["test:jun"] = 1
    turns = [Listener(world.conversation.respond(each), each) for each in said]
    await asyncio.gather(*(turn.end() for turn in turns))
    assert world.tags() == [] and world.turns() == []


async def test_of_a_burst_nothing_is_kept_if_its_first_message_came_before_an_erasure() -> None:
    """Also where nobody could say when the second one came."""
    world = World()
    hold = world.switch("reply").hold = asyncio.Event()
    first = Incoming("b1", Person("test", "jun"), DIRECT, "[취미: 게임] 안녕", world.clock.now(), epoch=0)
    one = Listener(world.conversation.respond(first), first)
    await settle()
    await world.memories.forget(JUN.person, None)  # by another process
    second = replace(first, id="b2", text="뭐 해?", epoch=None)
    two = Listener(world.conversation.respond(second), second)
    await settle()
    hold.set()
    await asyncio.gather(one.end(), two.end())
    assert world.tags() == [] and world.turns() == []


async def test_marks_of_quotes_stand_in_no_prompt() -> None:
    world = World()
    for _ in range(2):
        await world.say("> 나 부산 살아\n진짜?")
    assert {task for task in Task if world.model.prompts(task)} >= {Task.REPLY, Task.EXPRESSION, Task.SUMMARY}
    assert not [
        prompt for task in Task for prompt in world.model.prompts(task) if "> 나" in prompt.replace("|>", "")
    ]
    assert world.turns()[0].text.startswith("> "), "what was said is kept as it was said"
