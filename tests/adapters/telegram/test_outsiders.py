"""Attempts to see, count or erase what is none of one's business, or to be seen by those it is none of."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.telegram_chat.talk import DATA_BYTES, LINKED, Button
from tests.adapters.telegram.office import Office, labels, office
from tests.fake_telegram import Message, User

LARGEST_USER, LARGEST_GROUP = 2**52, -1_009_999_999_999


async def newcomer(place: Office) -> User:
    """Someone in the group who never wrote to her alone."""
    user = place.fake.add_user("newcomer", language_code="en")
    await place.fake.join(user, place.group)
    return user


# what is private stays private


async def test_nothing_of_a_person_is_said_in_a_group(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        (fact,) = await place.learn(place.mina, place.group)
        for command in (
            "/memory", "/memory search 취미", f"/memory edit {fact} 낚시", "/memory export", "/profile",
            "/forget", "/timezone Asia/Tokyo",
        ):  # fmt: skip
            told, *shown = await place.use(place.mina, command, place.group)
            assert (
                told.chat is place.group and told.text == "mina, 너한테 따로 보냈어." and told.media is None
            )
            assert shown and all(one.chat is place.alone(place.mina) for one in shown)


async def test_whom_she_may_not_write_to_is_asked_in_and_nothing_is_done(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        user = await newcomer(place)
        (fact,) = await place.learn(user, place.group, "hobby: chess")
        (told,) = await place.use(user, f"/memory delete {fact}", place.group)
        assert "can't write to you" in told.text and "chess" not in told.text
        assert await place.known(user, place.group), "not before its answer can be seen"
        url = told.keyboard[0]["url"]
        assert url.startswith("https://t.me/ohlora_bot?start=memory_-")
        shown = (await _started(place, user, url.partition("start=")[2]))[-1]
        assert "chess" in shown.text and "「town」" in shown.text
        await place.press(user, shown, f"✕ {fact}")
        assert await place.known(user, place.group) == []


async def _started(place: Office, user: User, payload: str) -> list[Message]:
    chat = place.alone(user)
    before = len(place.fake.said(chat))
    await place.fake.start(user, payload)
    await place.idle()
    return place.fake.said(chat)[before:]


async def test_who_blocked_her_is_asked_to_let_her_back(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.fake.block(place.john)
        (told,) = await place.use(place.john, "/profile", place.group)
        assert "profile_-" in told.keyboard[0]["url"]


@pytest.mark.parametrize("payload", sorted(LINKED))
async def test_deep_links_look_and_ask_and_change_nothing(tmp_path: Path, payload: str) -> None:
    """Anybody can make a link and have someone else open it."""
    async with office(tmp_path) as place:
        await place.learn(place.boss, place.group)
        facts, kept = await place.known(place.boss, place.group), await place.choices(place.boss)
        assert await _started(place, place.boss, f"{payload}_{place.group.id}")
        assert await place.known(place.boss, place.group) == facts
        assert await place.choices(place.boss) == kept
        assert await place.app.groups.settings(f"telegram:{place.group.id}") == {}


@pytest.mark.parametrize(
    "payload",
    [
        "memory-off_-1", "face-off_-1", "reset_-1", "admin-maintenance_-1", "memory_5000002", "x", "link_-1",
        "memory_-1_-2", "memory-export_-1", "start_-1",
    ],
)  # fmt: skip
async def test_other_deep_links_are_greetings(tmp_path: Path, payload: str) -> None:
    async with office(tmp_path) as place:
        before = await place.choices(place.john)
        (told,) = await _started(place, place.john, payload)
        assert told.text.startswith("Hi, I'm Oh-LoRA")
        assert {k: v for k, v in (await place.choices(place.john)).items() if k != "greeted"} == before


async def test_a_deep_link_shows_ones_own_only(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.learn(place.mina, place.group)
        shown = (await _started(place, place.john, f"memory_{place.group.id}"))[-1]
        assert "Nothing remembered" in shown.text
        for sub in ("settings", "blocks", "audit", "status"):
            refused = (await _started(place, place.john, f"admin-{sub}_{place.group.id}"))[-1]
            assert refused.text.endswith("Only admins of this group can do that.")
            far = (await _started(place, place.john, f"admin-{sub}_-100777"))[-1]
            assert "Only admins" in far.text


async def test_the_name_of_a_group_is_for_its_members(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        secret = place.fake.add_group("surprise for mina", place.john, owner=place.boss)
        for about in (place.group, secret):
            shown = (await _started(place, place.mina, f"memory_{about.id}"))[-1]
            assert ("「town」" in shown.text) is (about is place.group) and "surprise" not in shown.text
            await place.press(place.mina, shown, "기억하기 끄기")
            await place.press(place.mina, shown, "기억하기 켜기")
            assert "surprise" not in shown.text


# presses of others, and of no button at all


async def test_nobody_else_presses_a_button(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        asked = await place.ask(place.mina, "/language", place.group)
        pressed = await place.press(place.john, asked, "English")
        assert pressed.alert and pressed.text.startswith("Someone else asked")
        assert await place.choices(place.john) == {} and asked.keyboard
        assert "language" not in await place.choices(place.mina)
        await place.press(place.mina, asked, "English")
        assert (await place.choices(place.mina))["language"] == "en"


def forged(place: Office, asker: User) -> list[str]:
    """What a program might send in someone's name, or in its own about others."""
    now, town = int(time.time()), place.group.id
    about = [0, town, -100777]
    return [
        *(f"f:{asker.id}:{a}:{place.mina.id}:{w}:{now}" for a in about for w in "he"),
        *(f"f:{place.mina.id}:{a}:{place.mina.id}:{w}:{now}" for a in about for w in "he"),
        f"f:{place.boss.id}:{town}:{place.mina.id}:h:{now}",
        *(f"m:{place.mina.id}:{a}:d:1" for a in about), *(f"m:{asker.id}:{a}:d:1" for a in about),
        *(f"s:{asker.id}:{a}:image:off" for a in about), f"s:{place.boss.id}:{town}:image:off",
        f"c:{place.mina.id}:0:dusk", f"g:{place.mina.id}:0:en", f"z:{place.mina.id}:0:UTC",
        "f:", "m:1", "s:x:y:z", "z:0:0:", f"q:{asker.id}:0:x", f"m:{asker.id}:-0:x:0",
        f"f:{asker.id}:0:{place.mina.id}:n:99999999999999",
    ]  # fmt: skip


@pytest.mark.parametrize("alone", [True, False])
async def test_forged_presses_erase_and_change_nothing_of_others(tmp_path: Path, alone: bool) -> None:
    async with office(tmp_path) as place:
        for chat in (place.group, None):
            await place.learn(place.mina, chat)
        own = await place.ask(place.john, "/language", None if alone else place.group)
        place.client.app.bot.rate_limiter._group_max_rate = 0  # forgers do not wait
        for data in forged(place, place.john):
            assert (await place.forge(place.john, own, data)).answered, data
        assert await place.known(place.mina) and await place.known(place.mina, place.group)
        assert await place.choices(place.mina) == {}
        for group in (place.group.id, -100777):
            assert await place.app.groups.settings(f"telegram:{group}") == {}


async def test_private_buttons_do_nothing_in_a_group(tmp_path: Path) -> None:
    """One's own memories of the direct chat are not put into a message that all can see."""
    async with office(tmp_path) as place:
        (fact,) = await place.learn(place.mina)
        shown = await place.ask(place.mina, "/language", place.group)
        before = shown.text
        for about in (0, place.group.id):
            for data in (f"m:{place.mina.id}:{about}:f:0", f"m:{place.mina.id}:{about}:d:{fact}"):
                pressed = await place.forge(place.mina, shown, data)
                assert pressed.alert and "쓸 수 없어" in pressed.text
        assert shown.text == before and await place.known(place.mina)


async def test_a_forged_erasure_from_tomorrow_is_late(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.learn(place.mina)
        asked = await place.ask(place.mina, "/forget")
        data = f"f:{place.mina.id}:0:{place.mina.id}:h:{int(time.time()) + 86_400}"
        await place.forge(place.mina, asked, data)
        assert await place.known(place.mina)


async def test_a_bug_under_a_reply_is_told_who_pressed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path) as place:
        reply = await place.tell(place.mina, place.alone(place.mina), "안녕")
        await place.until(lambda: len(reply.keyboard) == 2)

        async def broken(*_: object) -> object:
            raise ZeroDivisionError

        monkeypatch.setattr(place.app.history, "turn", broken)
        pressed = await place.press(place.mina, reply, "왜?")
        assert pressed.alert and pressed.text.startswith("앗")


async def test_every_press_is_answered_once(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.learn(place.mina)
        panel = await place.ask(place.mina, "/memory")
        shown = labels(panel)
        await asyncio.gather(*(place.fake.press(place.mina, panel, label) for label in shown))
        await place.idle()
        answers = place.fake.requested("answerCallbackQuery")
        assert len(answers) == len(shown) == len(place.fake.world.queries)


# who writes in another name


@pytest.mark.parametrize(
    "command",
    ["/memory", "/reset", "/memory off", "/face off", "/language ko", "/profile", "/forget", "/chat hi"],
)
async def test_anonymous_admins_share_no_notebook(tmp_path: Path, command: str) -> None:
    """They all come from one account of Telegram's, in every group of the world."""
    async with office(tmp_path) as place:
        (told,) = await place.use(place.boss, command, place.group, anonymous=True)
        assert "own name" in told.text or "네 이름으로" in told.text
        for owner in (place.boss.id, 1087968824):
            assert await place.app.history.choices(f"telegram:{owner}") == {}


async def test_a_channels_name_is_no_admin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.fake_telegram import payloads

    async with office(tmp_path) as place:
        usual = payloads.message

        def by_channel(one: Message, **how: bool) -> dict[str, object]:
            channel = {"id": -1009, "type": "channel", "title": "town"}
            return usual(one, **how) | ({"sender_chat": channel} if one.anonymous else {})

        monkeypatch.setattr(payloads, "message", by_channel)
        (told,) = await place.use(place.boss, "/admin settings image off", place.group, anonymous=True)
        assert "admins" in told.text or "관리자" in told.text
        assert await place.app.groups.settings(f"telegram:{place.group.id}") == {}


async def test_memories_of_others_have_no_number(tmp_path: Path) -> None:
    """One's own of another place neither."""
    async with office(tmp_path) as place:
        (fact,) = await place.learn(place.mina)
        for user, chat in ((place.mina, place.group), (place.boss, None)):
            for command in (f"delete {fact}", f"edit {fact} 낚시", "search 취미 등산", "export"):
                for said in await place.use(user, f"/memory {command}", chat):
                    assert "등산" not in said.text
                    assert said.media is None or "등산".encode() not in said.media.content
        assert [one.value for one in await place.known(place.mina)] == ["등산"]


# what a button can carry


@given(
    st.sampled_from("fmcgzsl"), st.integers(1, LARGEST_USER), st.sampled_from([0, LARGEST_GROUP, -1]),
    st.text(min_size=1, max_size=20),
)  # fmt: skip
def test_buttons_are_read_as_they_were_written(kind: str, asker: int, about: int, rest: str) -> None:
    assert Button.read(f"{kind}:{asker}:{about}:{rest}") == Button(kind, asker, about, rest)


@given(st.text(max_size=64))
def test_any_data_are_read_or_refused(data: str) -> None:
    found = Button.read(data)
    assert (
        found is None or f"{found.kind}:{found.asker}:{found.about}:{found.rest}" == data or found.asker >= 0
    )


def test_the_longest_buttons_fit() -> None:
    at = 9_999_999_999
    for rest in (
        f"{LARGEST_USER}:h:{at}",
        "cooldown_seconds:300",
        "timezone:America/Los_Angeles",
        f"d:{10**15}",
    ):
        assert len(f"f:{LARGEST_USER}:{LARGEST_GROUP}:{rest}".encode()) <= DATA_BYTES
