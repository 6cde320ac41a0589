"""The shipped models, end to end: real weights, a real database, nothing faked."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image

from bot.app import App
from bot.settings import Settings
from bot.wiring import build_app
from core.people import DIRECT, FaceReady, Incoming, MemoryDone, Person, ReplyDone, ReplyPart, TurnEnd
from core.release import Circumstances, may_show


@dataclass
class Heard:
    """What came of one message."""

    parts: list[str] = field(default_factory=list)
    reply: ReplyDone | None = None
    face: FaceReady | None = None
    learned: tuple[str, ...] = ()
    order: list[str] = field(default_factory=list)


async def say(app: App, text: str, who: str = "jun", number: int = 0) -> Heard:
    heard = Heard()
    incoming = Incoming(f"{who}-{number}-{text}", Person("test", who), DIRECT, text, app.clock.now())
    async for event in app.conversation.respond(incoming):
        heard.order.append(type(event).__name__)
        if isinstance(event, ReplyPart):
            heard.parts.append(event.text)
        elif isinstance(event, ReplyDone):
            heard.reply = event
        elif isinstance(event, FaceReady):
            heard.face = event
        elif isinstance(event, MemoryDone):
            heard.learned = tuple(fact.text for fact in event.learned)
    return heard


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("var")


@pytest.fixture
async def app(var: Path) -> AsyncIterator[App]:
    async with build_app(Settings(var_dir=var)) as app:
        yield app


async def test_every_part_of_a_turn_is_there(app: App) -> None:
    assert app.problems == ()
    heard = await say(app, "로라야 안녕?")
    assert heard.reply is not None and heard.face is not None and heard.face.picture is not None
    assert " ".join(heard.parts) == heard.reply.text
    assert may_show(heard.reply.text, Circumstances("ko", app.clock.now()))
    assert heard.order.index("ReplyDone") < heard.order.index("FaceReady")
    assert heard.order[-1] == TurnEnd.__name__
    assert Image.open(io.BytesIO(heard.face.picture)).size == (256, 256)


async def test_her_face_moves_where_it_is_wanted(app: App) -> None:
    await app.history.choose("test:ann", "face", "animated")
    heard = await say(app, "오늘 너무 좋은 일이 있었어!", who="ann")
    assert heard.face is not None and heard.face.picture is not None and heard.face.kind == "gif"
    assert len(heard.face.picture) <= 1_000_000
    assert Image.open(io.BytesIO(heard.face.picture)).n_frames >= 8  # type: ignore[attr-defined]


async def test_she_remembers_a_plan_also_after_a_restart_and_for_that_person_only(var: Path) -> None:
    async with build_app(Settings(var_dir=var)) as app:
        told = await say(app, "나 내일 시험 봐")
        assert any("시험" in fact for fact in told.learned)
        asked = await say(app, "나 내일 뭐 한다고 했지?")
        assert asked.reply is not None and "시험" in asked.reply.text
    async with build_app(Settings(var_dir=var)) as app:
        again = await say(app, "나 내일 뭐 한다고 했지?", number=1)
        assert again.reply is not None and "시험" in again.reply.text
        other = await say(app, "나 내일 뭐 한다고 했지?", who="mina")
        assert other.reply is not None and "시험" not in other.reply.text
        assert other.reply.recalled == ()


async def test_english_is_answered_in_english(app: App) -> None:
    heard = await say(app, "hi lora, what's your name?", who="ann")
    assert heard.reply is not None
    assert heard.reply.lang == "en"
    assert may_show(heard.reply.text, Circumstances("en", app.clock.now()))


async def test_she_remembers_across_languages(app: App) -> None:
    for told, asked, hers, home in (
        ("i live in busan", "내가 어디 산다고 했지?", "너 어디 살아?", "busan"),
        ("나 부산 살아", "where do i live?", "where do you live?", "부산"),
    ):
        who = f"across-{home}"
        await say(app, told, who=who)
        heard = await say(app, asked, who=who, number=1)
        assert heard.reply is not None and home in heard.reply.text
        own = await say(app, hers, who=who, number=2)
        assert own.reply is not None and home not in own.reply.text
