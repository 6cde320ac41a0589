"""When a port fails: a phrase or one notice, never silence; and her face and language by choice."""

from __future__ import annotations

import asyncio

import pytest

from core.errors import (
    DeadlineError,
    HiddenError,
    ModelError,
    OverloadedError,
    StoreError,
    StoreReadOnlyError,
)
from core.expression import by_rules, eased, express
from core.people import Lang, TurnEnd
from core.phrases import keys, lines, phrase
from core.prompt import Task
from tests.core.world import World, face, kinds, learned, notices, reply

TEXT = "난 게임이 좋아"


def world_that_learns() -> World:
    world = World()
    world.learns("[취미: 게임]")
    return world


@pytest.mark.parametrize(
    ("port", "error", "key"),
    [
        ("reply", OverloadedError(3.0), "busy"),
        ("reply", DeadlineError("late"), "failed"),
        ("reply", ModelError("broken"), "failed"),
        ("exemplars", ModelError("broken"), "failed"),
        ("exemplars", OverloadedError(3.0), "busy"),
        ("ranker", ModelError("broken"), "failed"),
        ("embedder", OverloadedError(3.0), "busy"),
    ],
    ids=str,
)
@pytest.mark.parametrize(("text", "lang"), [(TEXT, "ko"), ("I like games", "en")])
async def test_a_failing_reply_becomes_a_phrase(
    port: str, error: Exception, key: str, text: str, lang: Lang
) -> None:
    world = world_that_learns()
    world.switch(port).fails = error
    events = await world.say(text)
    assert reply(events).text == phrase(key, lang)
    assert reply(events).origin == "phrase"
    assert isinstance(events[-1], TurnEnd)
    assert world.known() == [] and world.turns() == []
    world.switch(port).fails = None
    assert reply(await world.say(text)).origin in {"generated", "retrieved"}, "she recovers"


@pytest.mark.parametrize(
    ("port", "error", "key"),
    [
        ("embedder", ModelError("broken"), "no_recall"),
        ("embedder", DeadlineError("late"), "no_recall"),
        ("memory reads", StoreError("locked"), "no_recall"),
        ("history reads", StoreError("locked"), "no_recall"),
        ("memory writes", StoreReadOnlyError("read-only"), "no_memory"),
        ("history writes", StoreError("locked"), "no_memory"),
        ("portraits", ModelError("broken"), "no_face"),
        ("portraits", OverloadedError(3.0), "no_face"),
    ],
    ids=str,
)
@pytest.mark.parametrize(("text", "lang"), [(TEXT, "ko"), ("I like games", "en")])
async def test_what_is_missing_is_told_once(
    port: str, error: Exception, key: str, text: str, lang: Lang
) -> None:
    """She answers as always, and says once for each person what she cannot do."""
    world = world_that_learns()
    world.model.scripts[Task.MEMORY] = lambda _: "[취미: 게임]" if lang == "ko" else "[hobby: games]"
    world.switch(port).fails = error
    first, second = await world.say(text), await world.say(text)
    assert reply(first).origin == "generated"
    assert notices(first)[0] == phrase(key, lang)
    assert set(notices(first)[1:]) <= ({phrase("no_memory", lang)} if port == "history reads" else set())
    assert notices(second) == []
    assert notices(await world.say(text, "mina"))[0] == phrase(key, lang)
    assert isinstance(first[-1], TurnEnd)


@pytest.mark.parametrize(
    "error", [ModelError("broken"), OverloadedError(1.0), DeadlineError("late")], ids=repr
)
@pytest.mark.parametrize("task", ["memory", "summary", "expression"])
async def test_a_side_act_fails_softly(task: str, error: HiddenError) -> None:
    world = world_that_learns()
    world.switch(task).fails = error
    events = await world.say(TEXT)
    assert reply(events).origin == "generated"
    assert {"FaceReady", "MemoryDone", "TurnEnd"} <= set(kinds(events))
    assert notices(events) == []


@pytest.fixture
async def quiet_loop() -> None:
    """Lost exceptions are not printed: Python 3.11 stumbles when that happens while pytest reports."""
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)


@pytest.mark.usefixtures("quiet_loop")
@pytest.mark.parametrize(
    "port", ["reply", "exemplars", "ranker", "embedder", "memory reads", "history reads"]
)
async def test_even_a_bug_does_not_end_in_silence(port: str) -> None:
    """An error that nobody translated: the person hears that it went wrong, or the caller gets it."""
    world = World()
    world.switch(port).fails = RuntimeError("a bug")
    try:
        events = await world.say(TEXT)
    except RuntimeError:
        return
    assert reply(events).text == phrase("failed", "ko")


@pytest.mark.usefixtures("quiet_loop")
@pytest.mark.parametrize("port", ["portraits", "expression"])
async def test_a_bug_in_the_face_costs_no_memory(port: str) -> None:
    world = world_that_learns()
    world.switch(port).fails = RuntimeError("a bug")
    events = await world.say(TEXT)
    assert learned(events) == world.tags() == ["[취미: 게임]"]
    assert isinstance(events[-1], TurnEnd)


@pytest.mark.usefixtures("quiet_loop")
@pytest.mark.parametrize("port", ["memory", "summary", "memory writes"])
async def test_a_bug_in_the_memory_costs_no_face(port: str) -> None:
    world = world_that_learns()
    world.switch(port).fails = RuntimeError("a bug")
    events = await world.say(TEXT)
    assert face(events).picture is not None
    assert isinstance(events[-1], TurnEnd)


async def test_two_things_missing_are_two_notices() -> None:
    world = World(embedder=None, portraits=None)
    events = await world.say(TEXT)
    assert sorted(notices(events)) == sorted([phrase("no_recall", "ko"), phrase("no_face", "ko")])
    assert face(events).picture is None
    assert notices(await world.say(TEXT)) == []


async def test_the_face_follows_the_labels() -> None:
    world = World()
    events = await world.say("안녕")
    expression = face(events).expression
    assert (expression.eyes, expression.mouth, expression.pose) == ("크게", "아주 크게", "없음")
    assert expression.intensity == pytest.approx(2.718281828 ** (-0.05 * 3))
    assert world.portraits is not None
    assert world.portraits.drawn == [("a", expression.scores)]
    assert face(events).picture == b"\x89PNG a"
    assert "<|said|>응, 나도 반가워!<|answer|>" in world.model.prompts(Task.EXPRESSION)[0]


async def test_without_the_expression_model_the_rules_speak() -> None:
    world = World()
    world.model.scripts[Task.REPLY] = lambda _: "우와 축하해!!"
    world.switch("expression").fails = ModelError("broken")
    expression = face(await world.say("나 합격했어")).expression
    assert expression == by_rules("우와 축하해!!", side=1)
    assert expression.eyes == "아주 크게"


@pytest.mark.parametrize(
    ("labels", "logprob"), [("?", -0.05), ("<|eyes:크게|><|mouth:아주 크게|><|pose:없음|>", -3.0)]
)
async def test_without_a_sure_label_the_last_expression_fades(labels: str, logprob: float) -> None:
    world = World()
    first = face(await world.say("안녕")).expression
    world.model.scripts[Task.EXPRESSION], world.model.logprob = (lambda _: labels), logprob
    assert face(await world.say("응")).expression == eased(first)
    assert face(await world.say("그래")).expression == eased(eased(first))
    assert face(await world.say("안녕", "mina")).expression == eased(None)


async def test_the_last_expression_outlives_a_restart() -> None:
    world = World()
    first = face(await world.say("안녕")).expression
    world.restart()
    world.model.scripts[Task.EXPRESSION] = lambda _: "?"
    assert face(await world.say("응")).expression == eased(first)
    world.restart()
    world.switch("history reads").fails = StoreError("broken")
    assert face(await world.say("그래")).expression == eased(None)


async def test_the_head_turns_to_one_side_for_each_reply() -> None:
    world = World()
    world.model.scripts[Task.EXPRESSION] = lambda _: "<|eyes:보통|><|mouth:보통|><|pose:많이|>"
    poses = {}
    for n in range(12):
        world.model.scripts[Task.REPLY] = lambda _, n=n: f"{n}번째 대답이야"  # type: ignore[misc]
        poses[n] = face(await world.say(f"안녕 {n}")).expression.scores.pose
    assert {pose > 0 for pose in poses.values()} == {True, False}
    assert all(abs(pose) == pytest.approx(0.9, abs=0.11) for pose in poses.values())


async def test_a_chosen_face_is_drawn_and_a_face_can_be_off() -> None:
    world = World()
    assert world.portraits is not None
    world.shelf.chosen["test:jun"]["face_id"] = "b"
    assert face(await world.say("안녕")).picture == b"\x89PNG b"
    world.shelf.chosen["test:jun"]["face"] = "off"
    events = await world.say("뭐 해?")
    assert face(events).picture is None and notices(events) == []
    assert face(events).expression == express(
        "크게", "아주 크게", "없음", face(events).expression.intensity, side=1
    )
    assert len(world.portraits.drawn) == 1


@pytest.mark.parametrize(
    ("text", "chosen", "lang"),
    [
        ("안녕", None, "ko"),
        ("hello", None, "en"),
        ("hello", "ko", "ko"),
        ("안녕", "en", "en"),
        ("123", None, "ko"),
    ],
)
async def test_she_answers_in_the_right_language(text: str, chosen: str | None, lang: Lang) -> None:
    world = World()
    if chosen:
        world.shelf.chosen["test:jun"]["language"] = chosen
    assert reply(await world.say(text)).lang == lang


async def test_without_letters_she_stays_in_the_last_language() -> None:
    world = World()
    await world.say("hello there")
    assert reply(await world.say("42 ?!")).lang == "en"


async def test_a_new_choice_of_language_holds_from_the_next_message() -> None:
    world = World()
    world.shelf.chosen["test:jun"]["language"] = "ko"
    assert reply(await world.say("hello")).lang == "ko"
    world.shelf.chosen["test:jun"]["language"] = "en"
    assert reply(await world.say("안녕")).lang == "en"


async def test_the_language_of_the_message_itself_wins() -> None:
    """What the adapter says was set (``--lang en``) is not overruled."""
    world = World()
    assert reply(await world.say("안녕", lang="en")).lang == "en"


def test_every_phrase_stands_in_both_languages_with_the_same_blanks() -> None:
    assert len(keys()) > 15
    for key in keys():
        blanks = []
        for lang in ("ko", "en"):
            texts = lines(key, lang)
            assert texts and all(text.strip() for text in texts), key
            blanks.append({part.split("}")[0] for text in texts for part in text.split("{")[1:]})
        assert blanks[0] == blanks[1], key


def test_a_phrase_has_variants_that_wrap_around() -> None:
    assert phrase("too_long", "ko", 0) != phrase("too_long", "ko", 1) == phrase("too_long", "ko", 3)
    assert "7" in phrase("too_fast", "en", seconds=7)
    with pytest.raises(KeyError):
        phrase("nothing like that", "ko")


async def test_the_log_says_why_the_database_failed_and_of_others_their_class_only(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World()
    world.switch("history writes").fails = StoreError("OperationalError SQLITE_BUSY")
    world.switch("expression").fails = ModelError("what Jun wrote")
    await world.say("안녕")
    assert "expression of m1 not kept: StoreError: OperationalError SQLITE_BUSY" in caplog.messages
    assert "no expression for m1: ModelError" in caplog.messages and "Jun wrote" not in caplog.text
