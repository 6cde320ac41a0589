"""What admins can do in their own group, and what nobody can do outside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.shared.settings import changed, entries_of
from core.ports_places import EVERYWHERE
from tests.adapters.telegram.office import Office, labels, office, plain
from tests.fake_telegram import Chat, Message, User


def group_of(chat: Chat) -> str:
    """The group as the stores know it."""
    return f"telegram:{chat.id}"


async def order(place: Office, user: User, command: str, **how: object) -> Message:
    """The answer to a command in the group."""
    return await place.ask(user, command, place.group, **how)


async def blocked(place: Office, group: str | None = None) -> list[str]:
    """Who is not answered."""
    found = await place.app.blocks.list(
        group_of(place.group) if group is None else group, place.app.clock.now()
    )
    return [block.person for block in found]


@pytest.mark.parametrize(
    "command",
    [
        "settings", "settings image off", "block 5000099", "unblock 5000099", "blocks", "audit", "status",
        "maintenance on", "sync", "nonsense",
    ],
)  # fmt: skip
async def test_only_admins_may_and_telegram_says_who_they_are(tmp_path: Path, command: str) -> None:
    async with office(tmp_path) as place:
        refused = await order(place, place.john, f"/admin {command}")
        assert refused.text.endswith("Only admins of this group can do that.")
        assert await place.app.groups.settings(group_of(place.group)) == {} and await blocked(place) == []
        alone = await place.ask(place.boss, f"/admin {command}")
        assert alone.text == "That works in a group only."


async def test_settings_are_seen_and_changed(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        shown = await order(place, place.boss, "/admin settings")
        assert "「town」" in shown.text and "image: (default)" in shown.text
        assert "admin_roles" not in shown.text, "groups of Telegram have no roles"
        changed_now = await order(place, place.boss, "/admin settings image off")
        assert "Changed. image: off" in changed_now.text
        await order(place, place.boss, "/admin settings timezone Europe/Berlin")
        kept = {"image": "off", "timezone": "Europe/Berlin"}
        assert await place.app.groups.settings(group_of(place.group)) == kept
        await order(place, place.boss, "/admin settings image default")
        for wrong in ("rate_messages many", "nonsense 1", "admin_roles 5", "image purple"):
            await order(place, place.boss, f"/admin settings {wrong}")
        assert await place.app.groups.settings(group_of(place.group)) == {"timezone": "Europe/Berlin"}


async def test_settings_by_buttons(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        shown = await order(place, place.boss, "/admin settings")
        await place.press(place.boss, shown, "image")
        assert labels(shown) == ["still", "animated", "off", "back to the default"]
        pressed = await place.press(place.boss, shown, "off")
        assert pressed.text == "Changed. image: off" and "image: off" in shown.text
        assert "「town」" in shown.text and "image" in labels(shown)
        await place.press(place.boss, shown, "timezone")
        await place.press(place.boss, shown, "America/Los_Angeles")
        kept = {"image": "off", "timezone": "America/Los_Angeles"}
        assert await place.app.groups.settings(group_of(place.group)) == kept


async def test_a_right_that_is_gone_when_a_button_is_pressed(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.fake.promote(place.john, place.group)
        await place.learn(place.mina, place.group)
        values = await order(place, place.john, "/admin settings image")
        asked = await order(place, place.john, f"/forget {place.mina.id}")
        await place.fake.demote(place.john, place.group)
        pressed = await place.press(place.john, values, "off")
        assert pressed.alert and pressed.text.startswith("Only admins")
        await place.press(place.john, asked, "Erase here")
        assert "Only admins" in asked.text
        assert await place.app.groups.settings(group_of(place.group)) == {}
        assert await place.known(place.mina, place.group)


async def test_rights_are_believed_for_a_minute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with office(tmp_path) as place:
        for _ in range(2):
            await order(place, place.boss, "/admin blocks")
        assert len(place.fake.requested("getChatMember")) == 1
        monkeypatch.setattr("adapters.telegram_chat.desk.RIGHTS_S", 0.0)
        await order(place, place.boss, "/admin blocks")
        assert len(place.fake.requested("getChatMember")) == 2


async def test_lists_take_the_place_where_they_are_typed(tmp_path: Path) -> None:
    """A topic of elsewhere would silence her everywhere."""
    async with office(tmp_path) as place:
        forum = place.fake.add_group("club", place.mina, owner=place.boss, forum=True)
        topic = await place.fake.add_topic(place.boss, forum, "hikes")
        at, key = {"thread": topic}, group_of(forum)
        hint = await place.ask(place.boss, "/admin settings channels", forum, **at)
        assert "+here" in hint.text
        await place.ask(place.boss, "/admin settings channels +here", forum, **at)
        assert await place.app.groups.settings(key) == {"channels": str(topic.id)}
        await place.ask(place.boss, "/admin settings channels +here", forum)
        assert await place.app.groups.settings(key) == {"channels": f"{topic.id} 1"}
        for wrong in ("+999", "here and there 7", "nowhere", "+here +5"):
            refused = await place.ask(place.boss, f"/admin settings channels {wrong}", forum, **at)
            assert "can't be used" in refused.text, wrong
        await place.ask(place.boss, f"/admin settings channels -{topic.id}", forum)
        assert await place.app.groups.settings(key) == {"channels": "1"}
        await place.ask(place.boss, "/admin settings channels default", forum)
        assert await place.app.groups.settings(key) == {}


async def test_always_answer_says_what_it_needs(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        told = await order(place, place.boss, "/admin settings always_answer +here")
        assert "privacy mode" in told.text
        assert await place.app.groups.settings(group_of(place.group)) == {"always_answer": "0"}


async def test_block_by_reply_by_number_by_mention(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        key = f"telegram:{place.john.id}"
        said = await place.fake.say(place.john, place.group, "hello there")
        done = await order(place, place.boss, "/admin block 2h spam and more", reply_to=said)
        assert f"id{place.john.id}" in plain(done) and "until" in done.text
        link = next(e for e in done.entities if e["type"] == "text_link")
        assert link["url"] == f"tg://user?id={place.john.id}"
        listed = await order(place, place.boss, "/admin blocks")
        assert "spam and more" in listed.text and await blocked(place) == [key]
        assert [
            b.until is not None
            for b in await place.app.blocks.list(group_of(place.group), place.app.clock.now())
        ] == [True]
        await order(place, place.boss, f"/admin unblock {place.john.id}")
        assert await blocked(place) == []
        await order(place, place.boss, f"/admin block id{place.john.id}")
        assert await blocked(place) == [key]
        await order(place, place.boss, "/admin unblock", reply_to=said)
        assert await blocked(place) == []
        for nobody in ("/admin block", "/admin block @john", "/admin unblock @john"):
            assert "don't know who" in (await order(place, place.boss, nobody)).text
        hers = await place.ask(place.boss, "/face", place.group)
        assert "don't know who" in (await order(place, place.boss, "/admin block", reply_to=hers)).text


async def test_someone_without_a_username_is_named_by_a_mention(tmp_path: Path) -> None:
    """Clients mark them by an entity that carries the account."""
    async with office(tmp_path) as place:
        from tests.fake_telegram import entities, payloads

        real = entities.complete

        def marked(text: str, given: list[dict[str, object]]) -> tuple[str, list[dict[str, object]]]:
            text, found = real(text, given)
            at = text.find("Mina K")
            if at >= 0:
                user = payloads.user(place.mina)
                found.append({"type": "text_mention", "offset": at, "length": 6, "user": user})
            return text, found

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(entities, "complete", marked)
            await order(place, place.boss, "/admin block Mina K 30m too loud")
        (block,) = await place.app.blocks.list(group_of(place.group), place.app.clock.now())
        assert block.person == f"telegram:{place.mina.id}" and block.reason == "too loud" and block.until


async def test_a_number_in_the_reason_names_nobody(tmp_path: Path) -> None:
    """Beside a reply, that is; who is answered is meant."""
    async with office(tmp_path) as place:
        said = await place.fake.say(place.mina, place.group, "buy my things")
        await place.use(place.boss, f"/admin block 7d order {place.john.id}", place.group, reply_to=said)
        (block,) = await place.app.blocks.list(group_of(place.group), place.app.clock.now())
        assert block.person == f"telegram:{place.mina.id}" and block.reason == f"order {place.john.id}"
        await place.use(place.boss, f"/admin block {place.john.id} 7d", place.group, reply_to=said)
        assert f"telegram:{place.john.id}" in await blocked(place, group_of(place.group))


async def test_what_opened_a_topic_names_nobody(tmp_path: Path) -> None:
    """In a topic every message replies to the one that opened it, whose author is thereby not meant."""
    async with office(tmp_path) as place:
        forum = place.fake.add_group("club", place.mina, owner=place.boss, forum=True)
        topic = await place.fake.add_topic(place.mina, forum, "hikes")
        opening = next(m for m in forum.log if m.service and "forum_topic_created" in m.service)
        nobody = await place.ask(place.boss, "/admin block", forum, thread=topic, reply_to=opening)
        assert "don't know who" in nobody.text and await blocked(place, group_of(forum)) == []
        own = await place.ask(place.boss, "/forget", forum, thread=topic, reply_to=opening)
        assert "Erase everywhere" in labels(own), "it is about the one who asked"


async def test_audit_names_who_whom_what(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await order(place, place.boss, f"/admin block {place.john.id} a secret reason")
        told = plain(await order(place, place.boss, "/admin audit 5"))
        assert f"id{place.boss.id}" in told and f"id{place.john.id}" in told and "block" in told
        assert "a secret reason" not in told


async def test_status_and_maintenance(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        assert "ms to Telegram" in (await order(place, place.boss, "/admin status")).text
        await order(place, place.boss, "/admin maintenance on")
        assert (await place.app.groups.settings(group_of(place.group)))["maintenance"] == "on"
        await order(place, place.boss, "/admin maintenance off")
        assert await place.app.groups.settings(group_of(place.group)) == {}


async def test_everywhere_is_for_the_owner(tmp_path: Path) -> None:
    async with office(tmp_path, owners=["mina"]) as place:
        refused = await order(place, place.boss, f"/admin block everywhere {place.john.id}")
        assert (
            refused.text.endswith("Only the bot's owner can do that.")
            and await blocked(place, EVERYWHERE) == []
        )
        await place.ask(place.mina, f"/admin block everywhere {place.john.id}")
        assert await blocked(place, EVERYWHERE) == [f"telegram:{place.john.id}"]
        for command in ("blocks", "audit"):
            assert str(place.john.id) not in plain(await order(place, place.boss, f"/admin {command}"))
            assert (
                "Only the bot's owner"
                in (await order(place, place.boss, f"/admin {command} everywhere")).text
            )
            assert str(place.john.id) in plain(await place.ask(place.mina, f"/admin {command} everywhere"))
        await place.ask(place.mina, f"/admin unblock {place.john.id}")
        assert await blocked(place, EVERYWHERE) == [], "alone with her, everywhere is meant"
        assert "그룹 안에서만" in (await place.ask(place.mina, "/admin settings image off")).text


async def test_sync_is_for_the_owner(tmp_path: Path) -> None:
    async with office(tmp_path, owners=["mina"], informed=False) as place:
        await place.until(
            lambda: not place.client._side or len(place.fake.requested("setMyDescription")) == 3
        )
        before = len(place.fake.requested("setMyCommands"))
        assert "Only the bot's owner" in (await order(place, place.boss, "/admin sync")).text
        assert "다시 등록" in (await place.ask(place.mina, "/admin sync")).text
        assert len(place.fake.requested("setMyCommands")) == 2 * before
        place.fake.faults.next("setMyCommands", status=400, description="Bad Request: BOT_COMMAND_INVALID")
        assert "로그" in (await place.ask(place.mina, "/admin sync")).text


async def test_anonymous_admins_act_in_the_groups_name(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.app.groups.set(group_of(place.group), "language", "en")
        (done,) = await place.use(place.boss, f"/admin block {place.john.id}", place.group, anonymous=True)
        assert "won't answer" in done.text and done.chat is place.group
        (entry,) = await place.app.audit.list(group_of(place.group), 5)
        assert entry.actor == group_of(place.group)
        await place.use(place.boss, "/admin settings image off", place.group, anonymous=True)
        assert (await place.app.groups.settings(group_of(place.group)))["image"] == "off"
        for hidden in (
            "/admin blocks",
            "/admin audit",
            "/admin settings",
            "/admin settings image",
            f"/forget {place.mina.id}",
        ):
            (told,) = await place.use(place.boss, hidden, place.group, anonymous=True)
            assert "your own name" in told.text or "네 이름으로" in told.text, hidden


async def test_an_admin_erases_a_person_in_this_group_only(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        other = place.fake.add_group("village", place.mina, owner=place.boss)
        for chat in (place.group, other, None):
            await place.learn(place.mina, chat)
        said = await place.fake.say(place.mina, place.group, "bye")
        asked = await order(place, place.boss, "/forget", reply_to=said)
        assert labels(asked) == ["Erase here", "Leave it"] and "memories 1" in asked.text
        await place.press(place.boss, asked, "Erase here")
        assert "Erased here" in asked.text
        assert await place.known(place.mina, place.group) == []
        assert await place.known(place.mina, other) and await place.known(place.mina)


async def test_the_owner_erases_everywhere(tmp_path: Path) -> None:
    async with office(tmp_path, owners=["john"]) as place:
        await place.learn(place.mina, place.group)
        await place.learn(place.mina)
        refused = await order(place, place.boss, f"/forget {place.mina.id} everywhere")
        assert refused.text.endswith("Only the bot's owner can do that.") and not refused.keyboard
        asked = await place.ask(place.john, f"/forget {place.mina.id} everywhere")
        await place.press(place.john, asked, "Erase everywhere")
        assert await place.known(place.mina) == [] == await place.known(place.mina, place.group)


class Groups:
    """One group with one setting."""

    async def settings(self, group: str) -> dict[str, str]:
        return {"channels": "1 2"}


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("channels", "+3", "1 2 3"), ("channels", "-1", "2"), ("channels", "9, 8", "9 8"),
        ("channels", "-1 -2", None), ("channels", " default ", None), ("image", "off", "off"),
        ("rate_messages", "12", "12"), ("image", "DEFAULT", None), ("channels", "nowhere", "nowhere"),
    ],
)  # fmt: skip
async def test_values_as_typed(name: str, typed: str, kept: str | None) -> None:
    found = await changed(Groups(), "telegram:-1", name, typed, entries_of(name, typed))  # type: ignore[arg-type]
    assert found == kept
