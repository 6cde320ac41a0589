"""The composition root: a message from end to end on fakes, what is missing, a clean stop."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.settings import Settings, SettingsError
from bot.weights import Loaded
from bot.wiring import build_app, read_policy
from core.errors import ModelError, StoreError
from core.people import DIRECT, Event, FaceReady, Incoming, MemoryDone, Notice, Person, ReplyDone, TurnEnd
from core.phrases import phrase
from core.prompt import Task
from core.reply import ReplyPolicy
from tests.fakes import (
    NOON,
    FewExemplars,
    FixedClock,
    HashEmbedder,
    LikesAll,
    PaintedPortraits,
    ScriptedModel,
)  # fmt: skip
from tests.houses import settings_in

JUN = Person("console", "jun")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Everything in a folder of the test; no weights."""
    return settings_in(tmp_path)


def fakes(**given: Any) -> dict[str, Any]:
    """Overrides for every part."""
    parts: dict[str, Any] = {
        "language_model": ScriptedModel(), "exemplars": FewExemplars(), "ranker": LikesAll(),
        "embedder": HashEmbedder(), "portraits": PaintedPortraits(), "clock": FixedClock(),
    }  # fmt: skip
    return parts | given


async def say(app: App, text: str, number: int = 1) -> list[Event]:
    """All events of one message."""
    incoming = Incoming(f"m{number}", JUN, DIRECT, text, NOON)
    return [event async for event in app.conversation.respond(incoming)]


def first(events: list[Event], kind: type[Any]) -> Any:
    """The first event of a kind."""
    return next(event for event in events if isinstance(event, kind))


async def test_a_message_from_end_to_end(settings: Settings) -> None:
    model = ScriptedModel({Task.MEMORY: "[내일 일정: 친구 만나기]"})
    async with build_app(settings, **fakes(language_model=model)) as app:
        events = await say(app, "내일 친구 만나기로 했어")
        assert first(events, ReplyDone).text == "좋은 생각이야!"
        assert first(events, FaceReady).picture.startswith(b"\x89PNG")
        assert [m.text for m in first(events, MemoryDone).learned] == ["[내일 일정: 친구 만나기]"]
        steps = {"first_token", "reply", "expression", "face", "memory"}
        assert set(first(events, TurnEnd).timings_ms) == steps
        assert app.problems == ()
        events = await say(app, "내일 친구 만나기로 한 거 기억해?", 2)
        assert [m.text for m in first(events, ReplyDone).recalled] == ["[내일 일정: 친구 만나기]"]


async def test_what_was_said_lasts(settings: Settings) -> None:
    model = ScriptedModel({Task.MEMORY: "[좋아하는 음식: 떡볶이]"})
    async with build_app(settings, **fakes(language_model=model)) as app:
        await say(app, "나 떡볶이 좋아해")
    async with build_app(settings, **fakes()) as app:
        assert app.conversation.aftermath.guided
        owner = Incoming("x", JUN, DIRECT, "", NOON).owner
        assert [m.value for m in await app.memories.list(owner)] == ["떡볶이"]


async def test_without_sentence_and_face_model_she_answers_and_says_so_once(settings: Settings) -> None:
    async with build_app(settings, **fakes(embedder=None, portraits=None)) as app:
        told = [e.text for e in await say(app, "안녕") if isinstance(e, Notice)]
        assert told == [phrase("no_recall", "ko"), phrase("no_face", "ko")]
        events = await say(app, "뭐 해?", 2)
        assert not [e for e in events if isinstance(e, Notice)] and first(events, ReplyDone).text


async def test_missing_weights_are_no_reason_not_to_start(settings: Settings) -> None:
    given = fakes()
    del given["embedder"], given["portraits"]
    async with build_app(settings, **given) as app:
        assert app.embedder is None and app.portraits is None
        assert sorted(app.problems) == ["no_face", "no_recall"]
        assert first(await say(app, "안녕"), ReplyDone).text


async def test_missing_text_weights_are(settings: Settings) -> None:
    given = fakes()
    del given["language_model"]
    with pytest.raises(ModelError, match="text"):
        async with build_app(settings, **given):
            pytest.fail("she started")


async def test_no_face_wanted_is_no_loss(settings: Settings) -> None:
    portraits = PaintedPortraits()
    quiet = settings.model_copy(update={"face_enabled": False})
    async with build_app(quiet, **fakes(portraits=portraits)) as app:
        events = await say(app, "안녕")
        assert first(events, FaceReady).picture is None and first(events, FaceReady).expression.eyes == "크게"
        assert not [e for e in events if isinstance(e, Notice)] and portraits.drawn == []


async def test_a_locked_database(settings: Settings) -> None:
    async with build_app(settings, **fakes()):
        pass
    lock = sqlite3.connect(settings.database)
    lock.execute("PRAGMA locking_mode=EXCLUSIVE")
    lock.execute("BEGIN EXCLUSIVE")
    try:
        async with build_app(settings.model_copy(update={"busy_timeout_ms": 100}), **fakes()) as app:
            events = await say(app, "안녕")
            assert first(events, ReplyDone).text == "좋은 생각이야!"
            assert [e for e in events if isinstance(e, Notice)]
    finally:
        lock.close()


async def test_a_read_only_database(settings: Settings) -> None:
    async with build_app(settings, **fakes()):
        pass
    os.chmod(settings.database, 0o444)
    async with build_app(settings, **fakes()) as app:
        events = await say(app, "안녕")
        assert app.problems == ("no_memory",)
        assert first(events, ReplyDone).text == "좋은 생각이야!"
        assert [e.text for e in events if isinstance(e, Notice)] == [phrase("no_memory", "ko")]
        assert not [e for e in await say(app, "뭐 해?", 2) if isinstance(e, Notice)]


async def test_leaving_lets_shown_replies_finish(settings: Settings) -> None:
    model = ScriptedModel({Task.MEMORY: "[취미: 등산]"})
    async with build_app(settings, **fakes(language_model=model)) as app:
        turn = app.conversation.respond(Incoming("m1", JUN, DIRECT, "내 취미는 등산이야", NOON))
        async for event in turn:
            if isinstance(event, ReplyDone):
                break
    async with build_app(settings, **fakes()) as app:
        owner = Incoming("x", JUN, DIRECT, "", NOON).owner
        assert [m.value for m in await app.memories.list(owner)] == ["등산"]


async def test_a_profile_that_cannot_be_had_is_refused(settings: Settings) -> None:
    chosen = {"profile": "full", "text_base": str(settings.var_dir / "nowhere")}
    with pytest.raises(SettingsError, match="OHLORA_TEXT_BASE"):
        async with build_app(settings.model_copy(update=chosen), **fakes()):
            pytest.fail("she started")


def test_policy(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    assert read_policy(path) == ReplyPolicy()
    path.write_text(json.dumps({"recall_threshold": 0.6, "candidates": 6, "dev_score": 1}))
    assert read_policy(path) == ReplyPolicy(recall_threshold=0.6, candidates=6)
    for damaged in ("{", "[]", '{"candidates": null}'):
        path.write_text(damaged)
        assert read_policy(path) == ReplyPolicy()


async def test_no_task_is_left_behind(settings: Settings) -> None:
    before = asyncio.all_tasks()
    async with build_app(settings, **fakes()) as app:
        await say(app, "안녕")
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


@pytest.mark.parametrize("cancelled", [False, True])
async def test_a_start_that_fails_closes_what_was_loaded(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, cancelled: bool
) -> None:
    closed: list[bool] = []
    loading, database = threading.Event(), asyncio.Event()

    class Slow(Loaded):
        def close(self) -> None:
            closed.append(True)

    def load(*_: object) -> Loaded:
        loading.wait(5)
        return Slow()

    async def opens(*_: object) -> object:
        database.set()
        if not cancelled:
            raise StoreError("no disk")
        return object(), []

    monkeypatch.setattr("bot.wiring.load", load)
    monkeypatch.setattr("bot.wiring._open_database", opens)

    async def begin() -> None:
        async with build_app(settings, **fakes()):
            pass

    beginning = asyncio.create_task(begin())
    await database.wait()
    await asyncio.sleep(0.01)
    if cancelled:
        beginning.cancel()
    loading.set()
    with pytest.raises((StoreError, asyncio.CancelledError)):
        await beginning
    assert closed == [True]
