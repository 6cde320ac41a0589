"""The way of a message through the whole core, on fakes: order, bursts, people, ends."""

from __future__ import annotations

import asyncio
import time

import pytest

from core.people import FaceReady, MemoryDone, Merged, Place, PlaceKind, ReplyDone, ReplyPart, TurnEnd
from core.phrases import phrase
from core.ports import Priority
from core.prompt import Task
from core.reply import ReplyPolicy
from tests.core.world import World, kinds, learned, notices, reply, shown


async def settle() -> None:
    """Let everything that can run, run."""
    for _ in range(60):
        await asyncio.sleep(0)


async def test_a_turn_from_beginning_to_end() -> None:
    world = World()
    world.model.scripts[Task.REPLY] = lambda _: "응, 반가워! 뭐 하고 놀까?"
    world.learns("[취미: 게임]")
    events = await world.say("안녕! 난 게임이 좋아")
    assert kinds(events[:3]) == ["ReplyPart", "ReplyPart", "ReplyDone"]
    assert sorted(kinds(events[3:-1])) == ["FaceReady", "MemoryDone"]
    assert shown(events) == reply(events).text == "응, 반가워! 뭐 하고 놀까?"
    assert (reply(events).lang, reply(events).origin) == ("ko", "generated")
    assert learned(events) == ["[취미: 게임]"] == world.tags()
    assert isinstance(events[-1], TurnEnd)
    assert {"first_token", "reply", "expression", "face", "memory"} <= set(events[-1].timings_ms)
    assert all(ms >= 0 for ms in events[-1].timings_ms.values())


async def test_the_reply_goes_first_in_the_queue() -> None:
    world = World()
    await world.say("오늘 뭐 해?")
    order = {request.task: request.priority for request in world.model.seen}
    assert order == {
        Task.REPLY: Priority.REPLY,
        Task.EXPRESSION: Priority.FACE,
        Task.MEMORY: Priority.MEMORY,
        Task.SUMMARY: Priority.SUMMARY,
    }
    assert {request.person for request in world.model.seen} == {"test:jun"}
    assert world.model.seen[0].task is Task.REPLY


@pytest.mark.parametrize("slow", ["portraits", "expression", "memory", "summary", "memory writes"])
async def test_no_side_act_delays_the_reply(slow: str) -> None:
    world = World()
    world.learns("[취미: 게임]")
    hold = world.switch(slow).hold = asyncio.Event()
    turn = world.start("난 게임이 좋아")
    await turn.until(ReplyDone)
    await settle()
    assert not any(isinstance(event, TurnEnd) for event in turn.events)
    hold.set()
    assert isinstance((await turn.end())[-1], TurnEnd)


async def test_a_slow_face_delays_neither_memory_nor_the_next_turn() -> None:
    world = World()
    hold = world.switch("portraits").hold = asyncio.Event()
    first = world.start("안녕")
    await first.until(MemoryDone)
    second = world.start("뭐 해?")
    began = time.monotonic()
    await second.until(ReplyDone)
    assert time.monotonic() - began < 1.0
    assert not any(isinstance(event, FaceReady) for event in [*first.events, *second.events])
    hold.set()
    for turn in (first, second):
        assert "FaceReady" in kinds(await turn.end())


async def test_the_next_turn_waits_for_memory_but_not_for_ever() -> None:
    """It waits two seconds, then goes on with the raw turn in place of the summary."""
    world = World()
    hold = world.switch("summary").hold = asyncio.Event()
    first = world.start("나 오늘 시험 봤어")
    await first.until(ReplyDone)
    began = time.monotonic()
    second = world.start("어땠을 것 같아?")
    await second.until(ReplyDone)
    assert 1.5 < time.monotonic() - began < 3.5
    assert "<|user|>나 오늘 시험 봤어<|said|>" in world.model.prompts(Task.REPLY)[-1]
    hold.set()
    await asyncio.gather(first.end(), second.end())


async def test_the_next_turn_goes_on_as_soon_as_memory_is_there() -> None:
    world = World()
    hold = world.switch("summary").hold = asyncio.Event()
    first = world.start("나 오늘 시험 봤어")
    await first.until(ReplyDone)
    second = world.start("어땠을 것 같아?")
    await settle()
    assert len(world.model.prompts(Task.REPLY)) == 1
    hold.set()
    await second.until(ReplyDone)
    assert "<|before|>인사를 나눔<|user|>" in world.model.prompts(Task.REPLY)[-1]
    await asyncio.gather(first.end(), second.end())


async def test_messages_of_a_burst_are_answered_together() -> None:
    world = World()
    hold = world.switch("reply").hold = asyncio.Event()
    first = world.start("안녕")
    await settle()
    second = world.start("뭐 해?")
    await settle()
    third = world.start("심심해")
    await settle()
    hold.set()
    assert kinds(await first.end()) == kinds(await second.end()) == ["Merged"]
    assert reply(await third.end()).text == "응, 나도 반가워!"
    assert "<|user|>안녕 뭐 해? 심심해<|answer|>" in world.model.prompts(Task.REPLY)[-1]
    assert [turn.text for turn in world.turns()] == ["안녕\n뭐 해?\n심심해"]


async def test_messages_of_the_same_instant_are_answered_together() -> None:
    """All of them arrive before the first one's work has even begun."""
    world = World()
    turns = [world.start(text) for text in ("안녕", "뭐 해?", "심심해")]
    first, second, third = [await turn.end() for turn in turns]
    assert kinds(first) == kinds(second) == ["Merged"]
    assert reply(third)
    assert "<|user|>안녕 뭐 해? 심심해<|answer|>" in world.model.prompts(Task.REPLY)[-1]


async def test_what_can_be_read_is_never_taken_back() -> None:
    """A message after the first visible text is a turn of its own."""
    world = World()
    hold = world.switch("portraits").hold = asyncio.Event()
    first = world.start("안녕")
    await first.until(ReplyPart)
    second = world.start("뭐 해?")
    await second.until(ReplyDone)
    hold.set()
    for turn in (first, second):
        assert reply(await turn.end())
        assert not any(isinstance(event, Merged) for event in turn.events)
    assert world.model.prompts(Task.REPLY)[-1].endswith("<|user|>뭐 해?<|answer|>")


async def test_replies_to_one_person_come_one_after_another() -> None:
    """A turn is kept before the next one looks back, also when the next message comes at once."""
    world = World()
    hold = world.switch("history writes").hold = asyncio.Event()
    first = world.start("하나")
    await first.until(ReplyDone)
    second = world.start("둘")
    await settle()
    assert len(world.model.prompts(Task.REPLY)) == 1
    hold.set()
    await second.until(ReplyDone)
    third = world.start("셋")
    await asyncio.gather(first.end(), second.end(), third.end())
    assert [turn.text for turn in world.turns()] == ["하나", "둘", "셋"]


async def test_people_do_not_wait_for_each_other() -> None:
    world = World()
    hold = world.switch("reply").hold = asyncio.Event()
    jun, mina = world.start("안녕", "jun"), world.start("hello there", "mina")
    await settle()
    assert {request.person for request in world.model.seen} == {"test:jun", "test:mina"}
    hold.set()
    assert reply(await jun.end()).lang == "ko"
    assert reply(await mina.end()).lang == "en"


async def test_one_persons_burst_leaves_another_alone() -> None:
    world = World()
    hold = world.switch("reply").hold = asyncio.Event()
    jun, mina = world.start("안녕", "jun"), world.start("배고파", "mina")
    await settle()
    jun_again = world.start("뭐 해?", "jun")
    await settle()
    hold.set()
    assert kinds(await jun.end()) == ["Merged"]
    assert reply(await jun_again.end()) and reply(await mina.end())
    assert not any("배고파" in p and "뭐 해?" in p for p in world.model.prompts(Task.REPLY))


async def test_the_scopes_of_one_person_do_not_mix() -> None:
    """What was said in a direct message is not recalled in a group, and the other way round."""
    world = World()
    world.learns("[최근 일: 민트초코 좋아함]")
    group = Place(PlaceKind.GROUP, "42")
    await world.say("나 민트초코 좋아해, 비밀이야")
    for place in (group, Place(PlaceKind.GROUP, "42", hidden="staff"), Place(PlaceKind.GROUP, "7")):
        events = await world.say("민트초코 좋아해?", place=place)
        assert reply(events).recalled == ()
    assert not any("최근 일" in prompt for prompt in world.model.prompts(Task.REPLY)[1:])
    events = await world.say("민트초코 좋아해?")
    assert [fact.text for fact in reply(events).recalled] == ["[최근 일: 민트초코 좋아함]"]


async def test_the_memories_of_people_do_not_mix() -> None:
    world = World()
    world.learns("[취미: 게임]")
    await world.say("난 게임이 좋아", "jun")
    await world.say("난 게임이 좋아?", "mina")
    assert "취미" not in world.model.prompts(Task.REPLY)[-1]
    assert "인사를 나눔" not in world.model.prompts(Task.REPLY)[-1]


async def test_drain_lets_running_turns_finish() -> None:
    world = World()
    world.learns("[취미: 게임]")
    hold = world.switch("memory").hold = asyncio.Event()
    turn = world.start("난 게임이 좋아")
    await turn.until(ReplyDone)
    draining = asyncio.create_task(world.conversation.drain())
    await settle()
    assert not draining.done()
    hold.set()
    assert await draining is True
    assert world.tags() == ["[취미: 게임]"]
    assert isinstance((await turn.end())[-1], TurnEnd)


async def test_drain_cuts_off_what_takes_too_long() -> None:
    world = World()
    world.switch("portraits").hold = asyncio.Event()
    turn = world.start("안녕")
    await turn.until(MemoryDone)
    assert await world.conversation.drain(0.05) is False
    events = await turn.end()
    assert reply(events)
    assert not any(isinstance(event, Merged) for event in events), "it was answered, not merged"


async def test_drain_of_nothing_is_at_once() -> None:
    assert await World().conversation.drain() is True


async def test_a_turn_ends_even_when_nobody_listens_any_more() -> None:
    world = World()
    world.learns("[취미: 게임]")
    turn = world.start("난 게임이 좋아")
    await turn.until(ReplyDone)
    turn.task.cancel()
    await asyncio.wait({turn.task})
    assert await world.conversation.drain() is True
    assert world.tags() == ["[취미: 게임]"]
    assert [kept.summary for kept in world.turns()] == ["인사를 나눔"]


@pytest.mark.parametrize(("text", "key"), [("가" * 1001, "too_long"), (" \n ", "empty"), ("\x00", "empty")])
async def test_the_gates_refusals_are_answered_in_her_voice(text: str, key: str) -> None:
    world = World()
    events = await world.say(text)
    assert reply(events).text == phrase(key, "ko")
    assert reply(events).origin == "phrase"
    assert set(kinds(events)) == {"ReplyPart", "ReplyDone", "TurnEnd"}
    assert world.model.seen == [] and world.known() == [] and world.turns() == []


async def test_too_many_messages_are_asked_to_wait() -> None:
    world = World()
    world.model.scripts[Task.REPLY] = lambda _: f"{len(world.model.seen)}번째 대답이야"
    answers = [reply(await world.say(f"안녕 {n}")) for n in range(13)]
    assert {answer.origin for answer in answers[:12]} == {"generated"}
    assert answers[12].origin == "phrase" and "초 뒤에" in answers[12].text
    assert reply(await world.say("안녕", "mina")).origin == "generated"


async def test_candidates_that_break_a_rule_are_out() -> None:
    world = World()
    world.model.scripts[Task.REPLY] = lambda _: "반갑습니다."
    events = await world.say("안녕")
    assert (reply(events).text, reply(events).origin) == ("어, 왔구나 반가워!", "retrieved")


async def test_unfinished_candidates_are_out() -> None:
    world = World()
    world.model.finished = False
    assert reply(await world.say("안녕")).origin == "retrieved"


async def test_with_nothing_to_say_she_says_that_she_did_not_follow() -> None:
    world = World()
    world.model.scripts[Task.REPLY] = lambda _: "http://spam"
    world.exemplars.near = {}
    events = await world.say("푸바오가 뭐야?")
    assert reply(events).text in {phrase("not_understood", "ko", n) for n in range(4)}
    assert reply(events).origin == "phrase"
    assert notices(events) == []


async def test_a_low_score_is_not_followed() -> None:
    world = World(policy=ReplyPolicy(free=False, follow_threshold=1.5))
    assert reply(await world.say("안녕")).origin == "phrase"
    world.ranker.usual = 2.0
    assert reply(await world.say("뭐 해?")).origin == "retrieved"


async def test_as_many_replies_are_written_as_the_policy_says() -> None:
    world = World(policy=ReplyPolicy(candidates=2, temperature=0.3))
    assert reply(await world.say("안녕")).origin == "generated"
    request = world.model.seen[0]
    assert (request.n, request.temperature) == (2, 0.3)


async def test_she_does_not_say_the_same_thing_twice_in_a_row() -> None:
    world = World()
    assert reply(await world.say("안녕")).text == "응, 나도 반가워!"
    assert reply(await world.say("안녕?")).text == "어, 왔구나 반가워!"
