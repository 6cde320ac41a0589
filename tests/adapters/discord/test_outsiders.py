"""Attempts to see, count or erase what is none of one's business, or to keep what should be gone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.discord_chat.forget import PREFIX
from adapters.shared.forget import Request
from adapters.shared.texts import text
from tests.adapters.discord.office import Office, message, office
from tests.fake_discord import Channel, Permission, payloads
from tests.patience import PATIENCE_S


def group(place: Office) -> str:
    """The guild as the stores know it."""
    return f"discord:{place.guild.id}"


async def press_forged(place: Office, talk: Any, custom_id: str) -> Any:
    """A press of a button whose id someone wrote by hand."""
    shown = message(talk)
    shown.buttons()[0]["custom_id"] = custom_id
    pressed = await (await place.fake.press(talk.user, shown, custom_id)).answered()
    await place.fake.wait_for(lambda: pressed.finished and not shown.buttons())
    return pressed


async def until(holds: Callable[[], object]) -> None:
    """Wait for something on her side."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110  (nothing tells of it)
            await asyncio.sleep(0.01)


# who owns the bot


@pytest.mark.parametrize(
    ("role", "state", "owns"),
    [("admin", 2, True), ("developer", 2, True), ("read_only", 2, False), ("admin", 1, False)],
)
async def test_of_a_team_only_those_own_the_bot_who_look_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, role: str, state: int, owns: bool
) -> None:
    """Whoever is only invited, or may only read, erases nobody everywhere."""
    usual = payloads.application
    boss: dict[str, Any] = {}

    def of_a_team(*given: Any) -> Any:
        member = {"user": boss, "membership_state": state, "role": role, "permissions": ["*"], "team_id": "5"}
        team = {"id": "5", "name": "crew", "icon": None, "owner_user_id": "1", "members": [member]}
        return {**usual(*given), "team": team}

    from tests.fake_discord import FakeDiscord

    async with FakeDiscord() as fake:
        boss |= payloads.user(fake.add_user("boss", locale="en-US"))
        monkeypatch.setattr(payloads, "application", of_a_team)
        async with office(tmp_path, fake) as place:
            options = {"user": place.mina, "where": "everywhere"}
            asked = await place.command(place.boss, "forget", options)
            assert bool(message(asked).buttons()) is owns
            assert asked.content.startswith("Only the bot's owner") is not owns


# buttons with forged ids


@pytest.mark.parametrize("where", ["here", "everywhere"])
async def test_a_forged_button_erases_nobody(tmp_path: Path, where: str) -> None:
    async with office(tmp_path) as place:
        other = place.fake.add_guild("village", place.mina, place.boss)
        green = place.fake.add_channel(other, "green")
        for channel in (place.square, green, place.fake.private_channel(place.mina)):
            await place.tell(place.mina, channel)
        now = int(time.time())
        for user, channel in (
            (place.boss, green), (place.boss, place.fake.private_channel(place.boss)),
            (place.john, place.square),
        ):  # fmt: skip
            own = await place.command(user, "forget", None, channel)
            forged = f"{PREFIX}{Request(user.id, place.mina.id, where, now).data}"
            await press_forged(place, own, forged)
        for guild in (place.guild, other, None):
            assert await place.known(place.mina, guild)


async def test_a_forged_erasure_from_tomorrow_is_late(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.tell(place.mina, place.square)
        asked = await place.command(place.mina, "forget", {"where": "here"})
        tomorrow = Request(place.mina.id, place.mina.id, "here", int(time.time()) + 86_400)
        await press_forged(place, asked, f"{PREFIX}{tomorrow.data}")
        assert await place.known(place.mina, place.guild)


async def reply_in(place: Office, channel: Channel) -> Any:
    """Her newest message there, with all its buttons."""
    await place.fake.wait_for(lambda: len(place.fake.said(channel)[-1].buttons()) == 2)
    return place.fake.said(channel)[-1]


async def test_what_was_said_alone_is_not_shown_in_a_guild(tmp_path: Path) -> None:
    """A button's id names a message; it works in that message's place only."""
    async with office(tmp_path) as place:
        private = place.fake.private_channel(place.mina)
        await place.tell(place.mina, private)
        await place.tell(place.mina, private, "내 취미가 뭐게 등산")
        await place.tell(place.mina, place.square, "안녕")
        source = (await reply_in(place, private)).reference
        public = await reply_in(place, place.square)
        for key, number in (("again", 0), ("why", 1)):
            forged = f"ohlora:{key}:{source.id}"
            public.buttons()[number]["custom_id"] = forged
            pressed = await (await place.fake.press(place.mina, public, forged)).answered()
            line = (await pressed.done()).content if key == "why" else (await pressed.followup()).content
            assert line == text("reply_unknown", "ko")


async def test_a_channel_that_was_opened_tells_nothing_of_before(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        staff = place.fake.add_channel(place.guild, "staff", hidden=True)
        for user in (place.fake.bot, place.boss):
            place.fake.world.overwrite(staff, user, allow=Permission.VIEW_CHANNEL)
        await place.tell(place.boss, staff)
        reply = await reply_in(place, staff)
        place.fake.world.overwrite(staff, place.guild.roles[place.guild.id])
        before = reply.content
        again = reply.buttons()[0]["custom_id"]
        pressed = await (await place.fake.press(place.boss, reply, again)).answered()
        assert (await pressed.followup()).content == text("reply_unknown", "en")
        assert reply.content == before


# what admins are shown


async def test_a_list_of_blocks_tells_nothing_of_strangers(tmp_path: Path) -> None:
    """Whoever is blocked by number alone stays a number, also while she talks to that person elsewhere."""
    async with office(tmp_path) as place:
        stranger = place.fake.add_user("secretive")
        other = place.fake.add_guild("village", stranger)
        green = place.fake.add_channel(other, "green")
        given = {"user": stranger, "reason": "spam"}
        await place.command(place.boss, "admin block", given)
        await place.tell(stranger, green)
        client_sees = await place.choices(place.boss, "admin unblock", "person")
        assert client_sees == [f"{stranger.id} · spam"]


async def test_channels_are_proposed_to_those_who_see_them(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        place.fake.add_channel(place.guild, "layoffs", hidden=True)
        proposed = await place.choices(place.boss, "admin settings", "value", "", setting="channels")
        assert proposed == ["add #square", "back to the default"]
        all_of_them = await place.choices(place.fake.owner, "admin settings", "value", "", setting="channels")
        assert any("layoffs" in name for name in all_of_them)


@pytest.mark.parametrize("name", ["channels", "always_answer", "admin_roles"])
async def test_lists_take_what_the_server_has(tmp_path: Path, name: str) -> None:
    """A channel of elsewhere would silence her everywhere; @everyone would make everybody an admin."""
    async with office(tmp_path) as place:
        elsewhere = place.fake.add_channel(place.fake.add_guild("village"), "green")
        everyone = place.guild.id
        for value in (f"+{elsewhere.id}", f"{everyone}", "123", f"{place.square.id} 5"):
            refused = await place.command(place.boss, "admin settings", {"setting": name, "value": value})
            assert refused.content.startswith("That value can't be used")
        assert await place.app.groups.settings(group(place)) == {}


async def test_a_list_lets_go_of_what_is_gone(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.app.groups.set(group(place), "channels", f"123 {place.square.id}")
        await place.command(place.boss, "admin settings", {"setting": "channels", "value": "-123"})
        assert await place.app.groups.settings(group(place)) == {"channels": str(place.square.id)}


async def test_acts_everywhere_are_seen_by_the_owner_alone(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        options = {"user": place.john, "where": "everywhere"}
        await place.command(place.fake.owner, "admin block", options)
        for command in ("admin blocks", "admin audit"):
            assert str(place.john.id) not in (await place.command(place.boss, command)).content
            refused = await place.command(place.boss, command, {"where": "everywhere"})
            assert refused.content.startswith("Only the bot's owner")
            shown = await place.command(place.fake.owner, command, {"where": "everywhere"})
            assert f"<@{place.john.id}>" in shown.content


# the menu and /chat


async def test_two_people_ask_about_messages_at_once(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        source = await place.fake.say(place.boss, place.square, "등산 갈 사람?")
        forms = [
            await (await place.fake.context_menu(user, source, "Ask Oh-LoRA")).answered()
            for user in (place.mina, place.john)
        ]
        assert all(form.form is not None for form in forms)
        assert len({str((form.form or {})["custom_id"]) for form in forms}) == 2
        for form in forms:
            sent = await place.fake.submit_modal(form, {"words": f"words of {form.user.name}"})
            await sent.done()
        await place.app.conversation.drain()
        for user in (place.mina, place.john):
            turns = await place.app.history.last_turns(place.owner(user, place.guild), 3)
            assert [turn.text for turn in turns] == [f"> words of {user.name}"]


async def test_chat_keeps_to_the_channels_that_admins_chose(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        corner = place.fake.add_channel(place.guild, "corner")
        given = {"setting": "channels", "value": f"{corner.id}"}
        await place.command(place.boss, "admin settings", given)
        refused = await place.command(place.mina, "chat", {"text": "내 취미는 등산이야"})
        line = await refused.followup()
        assert line.ephemeral and refused.original is not None and refused.original.deleted
        there = await place.command(place.mina, "chat", {"text": "내 취미는 등산이야"}, corner)
        await place.fake.wait_for(lambda: "좋은 생각이야!" in there.content)
        alone = place.fake.private_channel(place.mina)
        talk = await place.command(place.mina, "chat", {"text": "안녕"}, alone)
        await place.fake.wait_for(lambda: "좋은 생각이야!" in talk.content)


async def test_memories_of_others_have_no_number(tmp_path: Path) -> None:
    """One's own of another place neither."""
    async with office(tmp_path) as place:
        private = place.fake.private_channel(place.mina)
        await place.tell(place.mina, private)
        (fact,) = await place.known(place.mina)
        for user in (place.mina, place.boss):
            for command, options in (("delete", {}), ("edit", {"value": "낚시"})):
                answer = await place.command(user, f"memory {command}", {"fact": fact.id, **options})
                assert "등산" not in answer.content
            assert await place.choices(user, "memory delete", "fact", str(fact.id)) == []
            found = await place.command(user, "memory search", {"query": "취미 등산"})
            assert "등산" not in found.content
        assert await place.known(place.mina) == [fact]


# late writes


async def test_deleted_while_it_is_answered_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message goes just when its old answer was taken back and the new one has not begun."""
    async with office(tmp_path) as place:
        await place.tell(place.mina, place.square)
        reply = await reply_in(place, place.square)
        between, go_on = asyncio.Event(), asyncio.Event()
        take_back = place.app.conversation._take_back
        calls = 0

        async def slow(*given: Any, **how: Any) -> Any:
            nonlocal calls
            calls += 1
            result = await take_back(*given, **how)
            if calls == 1:
                between.set()
                await go_on.wait()
            return result

        monkeypatch.setattr(place.app.conversation, "_take_back", slow)
        await place.fake.press(place.mina, reply, reply.buttons()[0]["custom_id"])
        async with asyncio.timeout(PATIENCE_S):
            await between.wait()
        assert reply.reference is not None
        await place.fake.delete(reply.reference)
        await place.fake.wait_for(lambda: calls == 2)
        go_on.set()
        await until(lambda: len(place.app.conversation.reply_ms) == 2)
        await place.app.conversation.drain()
        owner = place.owner(place.mina, place.guild)
        async with asyncio.timeout(PATIENCE_S):
            while await place.known(place.mina, place.guild) or (  # noqa: ASYNC110
                await place.app.history.last_turns(owner, 3)
            ):
                await asyncio.sleep(0.01)
