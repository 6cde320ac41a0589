"""What admins can do in their own server, and what nobody can do outside it."""

from __future__ import annotations

from pathlib import Path

import discord
import pytest

from adapters.discord_chat.settings_menu import changed
from core.ports_places import EVERYWHERE
from tests.adapters.discord.office import Office, message, office
from tests.fake_discord import Permission


def group(place: Office) -> str:
    """The guild as the stores know it."""
    return f"discord:{place.guild.id}"


async def test_who_may_manage_may_administer(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        with pytest.raises(LookupError, match="not offered"):
            await place.command(place.mina, "admin status")
        status = await place.command(place.boss, "admin status")
        assert status.ephemeral and "to Discord" in status.content
        with pytest.raises(LookupError):
            await place.command(place.boss, "admin status", None, place.fake.private_channel(place.boss))


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("admin settings", {}), ("admin settings", {"setting": "image", "value": "off"}),
        ("admin block", {"user": "john"}), ("admin unblock", {"person": "1"}), ("admin blocks", {}),
        ("admin audit", {}), ("admin status", {}), ("admin maintenance", {"switch": "on"}), ("admin sync", {}),
    ],
)  # fmt: skip
async def test_the_right_is_checked_in_code_too(
    tmp_path: Path, command: str, options: dict[str, object]
) -> None:
    """A server may show the commands to everybody; they still refuse."""
    async with office(tmp_path) as place:
        place.fake.command("admin")["default_member_permissions"] = None
        given = {key: place.john if value == "john" else value for key, value in options.items()}
        refused = await place.command(place.mina, command, given)
        assert refused.ephemeral and refused.content.startswith("이건 서버 관리자만")
        assert await place.app.groups.settings(group(place)) == {}
        assert await place.app.blocks.list(group(place), place.app.clock.now()) == []


async def test_a_role_may_be_named_for_it(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        role = place.fake.world.add_role(place.guild, "helpers", Permission(0), place.mina)
        place.fake.command("admin")["default_member_permissions"] = None
        proposed = await place.choices(place.boss, "admin settings", "value", "help", setting="admin_roles")
        assert proposed == ["add @helpers"]
        given = {"setting": "admin_roles", "value": f"+{role.id}"}
        await place.command(place.boss, "admin settings", given)
        assert (await place.command(place.mina, "admin blocks")).content
        assert not (await place.command(place.mina, "admin blocks")).content.startswith("이건 서버 관리자만")
        assert (await place.command(place.john, "admin blocks")).content.startswith("Only admins")


async def test_a_role_of_the_settings_file(tmp_path: Path) -> None:
    async with office(tmp_path) as first:
        role = first.fake.world.add_role(first.guild, "staff", Permission(0), first.mina)
        first.stop.set()
        await first.fake.connected(0)
        async with office(tmp_path, first.fake, admin_roles=frozenset({role.id})) as place:
            place.fake.command("admin")["default_member_permissions"] = None
            assert "관리자만" not in (await place.command(place.mina, "admin blocks")).content


async def test_settings_are_seen_and_changed(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        before = (await place.command(place.boss, "admin settings")).content
        assert "image" in before and "grace_days" in before.replace("\\", "")
        await place.command(place.boss, "admin settings", {"setting": "image", "value": "off"})
        await place.command(
            place.boss, "admin settings", {"setting": "channels", "value": f"<#{place.square.id}>"}
        )
        assert await place.app.groups.settings(group(place)) == {
            "image": "off", "channels": str(place.square.id),
        }  # fmt: skip
        await place.command(place.boss, "admin settings", {"setting": "image", "value": "default"})
        await place.command(
            place.boss, "admin settings", {"setting": "channels", "value": f"-{place.square.id}"}
        )
        assert await place.app.groups.settings(group(place)) == {}
        wrong = await place.command(
            place.boss, "admin settings", {"setting": "rate_messages", "value": "many"}
        )
        assert await place.app.groups.settings(group(place)) == {} and wrong.content


async def test_always_answer_says_what_it_needs(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        proposed = await place.choices(place.boss, "admin settings", "value", "", setting="always_answer")
        assert "add #square" in proposed and "back to the default" in proposed
        given = {"setting": "always_answer", "value": f"+{place.square.id}"}
        assert "Message Content Intent" in (await place.command(place.boss, "admin settings", given)).content
        proposed = await place.choices(place.boss, "admin settings", "value", "", setting="always_answer")
        assert "remove #square" in proposed


async def test_values_are_proposed_to_admins_only(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        place.fake.command("admin")["default_member_permissions"] = None
        assert await place.choices(place.boss, "admin settings", "value", "", setting="image") == [
            "still", "animated", "off", "back to the default",
        ]  # fmt: skip
        assert await place.choices(place.mina, "admin settings", "value", "", setting="image") == []
        await place.command(place.boss, "admin block", {"user": place.john})
        assert len(await place.choices(place.boss, "admin unblock", "person")) == 1
        assert await place.choices(place.mina, "admin unblock", "person") == []


async def test_block_unblock_and_the_list(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.command(place.boss, "admin block", {"user": place.john, "reason": "spam", "length": "2h"})
        listed = (await place.command(place.boss, "admin blocks")).content
        assert f"<@{place.john.id}>" in listed and "spam" in listed
        await place.tell(place.john, place.square, "hello")
        assert "asked not to answer you" in place.fake.said(place.square)[0].content
        await place.command(place.boss, "admin unblock", {"person": str(place.john.id)})
        assert f"<@{place.john.id}>" not in (await place.command(place.boss, "admin blocks")).content
        nobody = await place.command(place.boss, "admin unblock", {"person": "somebody"})
        assert nobody.content.startswith("I don't know who")


async def test_a_blocked_persons_chat_leaves_no_thinking_behind(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.command(place.boss, "admin block", {"user": place.john})
        first = await place.command(place.john, "chat", {"text": "hello"})
        assert "asked not to answer you" in first.content
        second = await place.command(place.john, "chat", {"text": "hello?", "thread": True})
        assert second.original is not None and second.original.deleted
        assert second.followups == [], "no thread, and no word about it"
        own = await place.command(place.john, "memory list")
        assert own.content == "Nothing remembered yet.", "what is kept about oneself is seen all the same"


async def test_audit_names_who_whom_what(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.command(place.boss, "admin block", {"user": place.john, "reason": "a secret reason"})
        told = (await place.command(place.boss, "admin audit")).content
        assert f"<@{place.boss.id}>" in told and f"<@{place.john.id}>" in told and "block" in told
        assert "a secret reason" not in told


async def test_maintenance_here(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.command(place.boss, "admin maintenance", {"switch": "on"})
        await place.tell(place.mina, place.square, "안녕")
        assert "정비 중" in place.fake.said(place.square)[0].content
        await place.tell(place.mina, place.fake.private_channel(place.mina), "안녕")
        assert "좋은 생각" in place.fake.said(place.fake.private_channel(place.mina))[0].content
        await place.command(place.boss, "admin maintenance", {"switch": "off"})
        await place.tell(place.mina, place.square, "안녕")
        assert "좋은 생각" in place.fake.said(place.square)[1].content


async def test_everywhere_is_for_the_owner(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        options = {"user": place.john, "where": "everywhere"}
        assert (await place.command(place.boss, "admin block", options)).content.startswith(
            "Only the bot's owner"
        )
        assert await place.app.blocks.list(EVERYWHERE, place.app.clock.now()) == []
        await place.command(place.fake.owner, "admin block", options)
        assert len(await place.app.blocks.list(EVERYWHERE, place.app.clock.now())) == 1
        refused = await place.command(
            place.boss, "admin unblock", {"person": str(place.john.id), "where": "everywhere"}
        )
        assert refused.content.startswith("Only the bot's owner")


async def test_sync_is_for_the_owner(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        assert len(place.fake.syncs) == 1
        assert (await place.command(place.boss, "admin sync")).content.startswith("Only the bot's owner")
        await place.command(place.fake.owner, "admin sync")
        assert len(place.fake.syncs) == 2
        place.fake.faults.server_error("PUT", "/applications/*/commands", status=503)
        failed = await place.command(place.fake.owner, "admin sync")
        assert "로그" in failed.content or "log" in failed.content


async def test_an_owner_of_the_settings_file(tmp_path: Path) -> None:
    async with office(tmp_path) as first:
        first.stop.set()
        await first.fake.connected(0)
        async with office(tmp_path, first.fake, owners=frozenset({first.boss.id})) as place:
            assert "registered" in (await place.command(place.boss, "admin sync")).content


async def test_an_admin_erases_a_person_in_this_server_only(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        other = place.fake.add_guild("village", place.mina)
        green = place.fake.add_channel(other, "green")
        for channel in (place.square, green, place.fake.private_channel(place.mina)):
            await place.tell(place.mina, channel)
        asked = await place.command(place.boss, "forget", {"user": place.mina})
        assert (
            asked.ephemeral
            and "1" in asked.content
            and "3" not in asked.content.replace(str(place.mina.id), "")
        )
        assert asked.original is not None and len(message(asked).buttons()) == 2, "here, or leave it"
        await place.press(place.boss, asked)
        await place.fake.wait_for(lambda: not message(asked).buttons())
        assert await place.known(place.mina, place.guild) == []
        assert await place.known(place.mina, other) and await place.known(place.mina)


async def test_nobody_erases_another_without_the_right(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.tell(place.mina, place.square)
        refused = await place.command(place.john, "forget", {"user": place.mina})
        assert refused.content.startswith("Only admins") and refused.original is not None
        assert message(refused).buttons() == []
        private = place.fake.private_channel(place.boss)
        alone = await place.command(place.boss, "forget", {"user": place.boss}, private)
        assert message(alone).buttons(), "oneself is no other"
        everywhere = await place.command(place.boss, "forget", {"user": place.mina, "where": "everywhere"})
        assert everywhere.content.startswith("Only the bot's owner")


async def test_a_right_that_is_gone_when_the_button_is_pressed(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.tell(place.mina, place.square)
        asked = await place.command(place.boss, "forget", {"user": place.mina})
        place.guild.members[place.boss.id].roles.clear()
        await place.press(place.boss, asked)
        await place.fake.wait_for(lambda: asked.content.startswith("Only admins"))
        assert await place.known(place.mina, place.guild)


async def test_an_admin_of_one_guild_is_nobody_in_another(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        other = place.fake.add_guild("village", place.mina, place.boss)
        green = place.fake.add_channel(other, "green")
        place.fake.command("admin")["default_member_permissions"] = None
        await place.tell(place.mina, green)
        refused = await place.command(place.boss, "forget", {"user": place.mina}, green)
        assert refused.content.startswith("Only admins")
        counted = await place.command(place.boss, "forget", {"user": place.mina}, place.square)
        assert "0" in counted.content
        for command in ("admin settings", "admin blocks", "admin audit"):
            assert (await place.command(place.boss, command, None, green)).content.startswith("Only admins")


async def test_a_hidden_channel_belongs_to_its_guild(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        staff = place.fake.add_channel(place.guild, "staff", hidden=True)
        place.fake.world.overwrite(staff, place.fake.bot, allow=Permission.VIEW_CHANNEL)
        place.fake.world.overwrite(staff, place.boss, allow=Permission.VIEW_CHANNEL)
        await place.tell(place.boss, staff)
        assert await place.known(place.boss, place.guild) == []
        listed = await place.command(place.boss, "memory list", None, staff)
        assert "등산" in listed.content
        assert "등산" not in (await place.command(place.boss, "memory list")).content
        asked = await place.command(place.fake.owner, "forget", {"user": place.boss})
        await place.press(place.fake.owner, asked)
        await place.fake.wait_for(lambda: not message(asked).buttons())
        assert "등산" not in (await place.command(place.boss, "memory list", None, staff)).content


class Groups:
    """One group with one setting."""

    async def settings(self, group: str) -> dict[str, str]:
        return {"channels": "1 2"}


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("channels", "+3", "1 2 3"), ("channels", "-1", "2"), ("channels", "+<#7> -<#1>", "2 7"),
        ("channels", "<#9>", "9"), ("channels", "9, 8", "9 8"), ("channels", "-1 -2", None),
        ("channels", " default ", None), ("channels", "here", "here"), ("admin_roles", "<@&5>", "5"),
        ("image", "off", "off"), ("rate_messages", "12", "12"), ("image", "DEFAULT", None),
    ],
)  # fmt: skip
async def test_values_as_typed(name: str, typed: str, kept: str | None) -> None:
    assert await changed(Groups(), "discord:1", name, typed) == kept  # type: ignore[arg-type]


def test_the_rights_in_the_documents_are_those_of_the_code() -> None:
    from adapters.discord_chat.invite import RIGHTS, invite_url

    root = Path(__file__).resolve().parents[3]
    for name in ("discord.md", "discord.ko.md"):
        written = (root / "docs" / name).read_text("utf-8")
        assert written.count(str(RIGHTS.value)) == 2 and invite_url(1).partition("client_id=1")[2] in written
        for right, given in RIGHTS:
            value = getattr(discord.Permissions, right).flag
            assert (f"| {value} |" in written) is given
