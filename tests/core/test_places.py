"""What holds in a place: settings, blocks, maintenance, time zones."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ModelError, StoreError
from core.gate import RateLimit
from core.people import DIRECT, NEUTRAL, Event, Incoming, Person, Place, PlaceKind
from core.phrases import phrase
from core.places import BLOCK_LINE_S, CHECKS, PlaceSettings, checked_zone, read_settings
from core.prompt import Task
from core.turns import WorkingTurn
from tests.core.world import World, face, kinds, notices, reply

GUILD = Place(PlaceKind.GROUP, "discord:1")
OTHER = Place(PlaceKind.GROUP, "discord:2")


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("channels", "12, 34 12", "12 34"), ("channels", "<#12>", None), ("channels", "", None), ("channels", "１２", None),
        ("always_answer", "7", "7"), ("cooldown_seconds", "0", "0"), ("cooldown_seconds", "-1", None),
        ("image", "OFF", "off"), ("image", "video", None), ("language", "ko", "ko"), ("language", "fr", None),
        ("timezone", "Asia/Seoul", "Asia/Seoul"), ("timezone", "Asia/Atlantis", None), ("timezone", "../etc", None),
        ("timezone", "", None), ("timezone", "Asia", None), ("rate_messages", "007", "7"), ("rate_messages", "0", None),
        ("rate_seconds", "60", "60"), ("rate_seconds", "1e3", None), ("admin_roles", "1 2", "1 2"),
        ("grace_days", "0", "0"), ("grace_days", "366", None), ("grace_days", "9" * 40, None),
    ],
)  # fmt: skip
def test_what_may_be_set(name: str, value: str, kept: str | None) -> None:
    assert CHECKS[name](value) == kept


@given(st.dictionaries(st.sampled_from([*CHECKS, "maintenance", "unknown"]), st.text(max_size=12)))
def test_whatever_is_kept_can_be_read(stored: dict[str, str]) -> None:
    found = read_settings(stored)
    assert found.cooldown_s >= 0 and found.grace_days >= 0 and found.image in {"off", "still", "animated"}


@given(st.sampled_from([*CHECKS]), st.text(max_size=12) | st.integers(-5, 4000).map(str))
def test_a_checked_value_stays_as_it_is(name: str, value: str) -> None:
    kept = CHECKS[name](value)
    assert kept is None or CHECKS[name](kept) == kept


def test_settings_are_read() -> None:
    assert read_settings({}) == PlaceSettings()
    found = read_settings(
        {
            "channels": "1 2", "always_answer": "3", "cooldown_seconds": "5", "image": "off", "language": "en",
            "timezone": "UTC", "rate_messages": "2", "admin_roles": "4", "grace_days": "1", "maintenance": "on",
        }
    )  # fmt: skip
    assert found == PlaceSettings(
        frozenset({"1", "2"}), frozenset({"3"}), 5.0, "off", "en", ZoneInfo("UTC"), RateLimit(2, 30.0),
        frozenset({"4"}), 1, True,
    )  # fmt: skip
    assert not found.faces and PlaceSettings().faces


def test_zones() -> None:
    assert checked_zone("Europe/Berlin") == "Europe/Berlin"
    assert checked_zone("europe\x00") is None


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Monotonic seconds that a test moves."""
    now = [1000.0]
    monkeypatch.setattr(WorkingTurn, "clock", staticmethod(lambda: now[0]))
    return now


def silent(events: list[Event]) -> bool:
    return kinds(events) == ["Dropped", "TurnEnd"]


async def block(world: World, group: str, person: str = "test:jun", hours: int | None = None) -> None:
    until = None if hours is None else world.clock.now() + timedelta(hours=hours)
    await world.blocks.block(group, person, "test:admin", "spam", until, world.clock.now())


async def test_a_blocked_person_is_told_once_in_an_hour(moment: list[float]) -> None:
    world = World()
    await block(world, "discord:1")
    assert reply(await world.say("안녕", place=GUILD)).text == phrase("blocked", "ko")
    assert silent(await world.say("안녕?", place=GUILD))
    assert silent(await world.say("hello?", place=GUILD))
    moment[0] += BLOCK_LINE_S
    assert reply(await world.say("hello", place=GUILD)).text == phrase("blocked", "en")
    assert world.model.seen == [] and world.turns() == []


async def test_a_block_holds_in_its_group_only() -> None:
    world = World()
    await block(world, "discord:1")
    for place in (DIRECT, OTHER):
        assert reply(await world.say("안녕", place=place)).origin == "generated"
    assert reply(await world.say("안녕", "mina", place=GUILD)).origin == "generated"
    hidden = Place(PlaceKind.GROUP, "discord:1", hidden="9")
    assert reply(await world.say("안녕", place=hidden)).text == phrase("blocked", "ko")


async def test_a_block_for_everywhere_holds_in_every_place() -> None:
    world = World()
    await block(world, "")
    for place in (DIRECT, GUILD, OTHER):
        assert reply(await world.say("안녕", place=place)).text == phrase("blocked", "ko")


async def test_a_block_ends() -> None:
    world = World()
    await block(world, "discord:1", hours=1)
    world.clock.time += timedelta(hours=1)
    assert reply(await world.say("안녕", place=GUILD)).origin == "generated"


@pytest.mark.parametrize("where", ["", "discord:1"])
async def test_in_maintenance_she_says_so(where: str) -> None:
    world = World()
    await world.groups.set(where, "maintenance", "on")
    assert reply(await world.say("안녕", place=GUILD)).text == phrase("maintenance", "ko")
    assert world.model.seen == [] and world.turns() == []
    elsewhere = reply(await world.say("안녕", place=OTHER)).text
    assert (elsewhere == phrase("maintenance", "ko")) is (where == "")
    await world.groups.set(where, "maintenance", None)
    assert reply(await world.say("안녕", place=GUILD)).origin == "generated"


async def test_a_person_in_crisis_is_heard_in_spite_of_blocks_and_maintenance() -> None:
    world = World()
    await block(world, "discord:1")
    await world.groups.set("", "maintenance", "on")
    for _ in range(2):
        assert "109" in reply(await world.say("나 죽고 싶어", place=GUILD)).text


@pytest.mark.parametrize("port", ["groups", "blocks"])
async def test_a_locked_notebook_lets_everybody_through(port: str) -> None:
    world = World()
    await block(world, "discord:1")
    await world.groups.set("discord:1", "maintenance", "on")
    world.switch("groups").fails = StoreError("locked")
    world.switch("blocks").fails = StoreError("locked")
    assert reply(await world.say("안녕", place=GUILD)).origin == "generated"
    world.switch(port).fails = None
    key = "maintenance" if port == "groups" else "blocked"
    assert reply(await world.say("안녕", place=GUILD)).text == phrase(key, "ko")


async def test_a_group_limits_its_own_messages() -> None:
    world = World()
    await world.groups.set("discord:1", "rate_messages", "2")
    await world.groups.set("discord:1", "rate_seconds", "600")
    answers = [reply(await world.say(f"안녕 {n}", place=GUILD)) for n in range(3)]
    assert "초 뒤에" in answers[2].text and "초 뒤에" not in answers[1].text
    for place in (OTHER, DIRECT):
        assert "초 뒤에" not in reply(await world.say("안녕", place=place)).text
    assert "초 뒤에" not in reply(await world.say("안녕", "mina", place=GUILD)).text
    world.conversation.drop("test:jun")
    assert "초 뒤에" not in reply(await world.say("안녕", place=GUILD)).text


async def test_a_group_without_faces() -> None:
    world = World()
    await world.groups.set("discord:1", "image", "off")
    events = await world.say("안녕", place=GUILD)
    assert face(events).picture is None and notices(events) == []
    assert face(await world.say("안녕", place=OTHER)).picture is not None


async def test_a_face_moves_where_it_shall() -> None:
    world = World()
    assert world.portraits is not None
    await world.groups.set("discord:1", "image", "animated")
    shown = face(await world.say("안녕", place=GUILD))
    assert (shown.kind, shown.picture) == ("gif", b"gif a")
    assert world.portraits.moved == [("a", NEUTRAL, shown.expression.scores)]
    again = face(await world.say("안녕", place=GUILD))
    assert again.kind == "gif", "with the same expression she still breathes and blinks"
    assert face(await world.say("안녕", place=OTHER)).kind == "png"


async def test_a_face_moves_in_the_kind_of_file_that_its_platform_plays() -> None:
    world = World()
    await world.history.choose("test:jun", "face", "animated")
    said = Incoming("m0", Person("test", "jun"), DIRECT, "안녕", world.clock.now(), film="webp")
    shown = face([event async for event in world.conversation.respond(said)])
    assert (shown.kind, shown.picture) == ("webp", b"webp a")


@pytest.mark.parametrize(
    ("wish", "direct", "moving", "still"),
    [(None, "png", "gif", "png"), ("still", "png", "png", "png"), ("animated", "gif", "gif", "png")],
)
async def test_a_person_wants_a_face_that_moves(
    wish: str | None, direct: str, moving: str, still: str
) -> None:
    world = World()
    await world.groups.set("discord:1", "image", "animated")
    await world.history.choose("test:jun", "face", wish)
    kinds = [face(await world.say("안녕", place=place)).kind for place in (DIRECT, GUILD, OTHER)]
    assert kinds == [direct, moving, still]


async def test_a_groups_language_comes_after_the_persons() -> None:
    world = World()
    await world.groups.set("discord:1", "language", "en")
    assert reply(await world.say("123", place=GUILD)).lang == "en"
    assert reply(await world.say("안녕", place=GUILD)).lang == "ko"
    assert reply(await world.say("123", place=OTHER)).lang == "ko"


@pytest.mark.parametrize(
    ("own", "groups", "day"),
    [
        (None, None, "11월 21일 토요일 오후"), ("America/Los_Angeles", None, "11월 20일 금요일 저녁"), (None, "America/Los_Angeles", "11월 20일 금요일 저녁"),
        ("Asia/Seoul", "America/Los_Angeles", "11월 21일 토요일 오후"), ("Mars/Olympus", None, "11월 21일 토요일 오후"),
    ],
)  # fmt: skip
async def test_today_is_the_day_where_the_person_lives(own: str | None, groups: str | None, day: str) -> None:
    world = World()
    if own:
        world.shelf.chosen["test:jun"]["timezone"] = own
    if groups:
        await world.groups.set("discord:1", "timezone", groups)
    await world.say("오늘 무슨 요일이야?", place=GUILD)
    assert f"오늘 {day}" in world.model.prompts(Task.REPLY)[-1]


async def test_plans_are_told_in_the_persons_own_days() -> None:
    """Said on Saturday in Seoul, which is Friday where she lives."""
    world = World()
    world.shelf.chosen["test:jun"]["timezone"] = "America/Los_Angeles"
    await world.say("[내일 일정: 친구 만나기] 기대된다")
    world.clock.time += timedelta(hours=12)  # Sunday in Seoul, still within Saturday there
    events = await world.say("내일 일정 친구 만나기 기억해?")
    assert [fact.text for fact in reply(events).recalled] == ["[오늘 일정: 친구 만나기]"]


async def test_rules_do_not_hide_what_is_broken() -> None:
    world = World()
    world.switch("reply").fails = ModelError("broken")
    assert reply(await world.say("안녕", place=GUILD)).text == phrase("failed", "ko")
