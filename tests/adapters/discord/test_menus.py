"""The definitions of the commands: complete in both languages, within Discord's limits, sent only when changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import discord
import pytest

from adapters.discord_chat import words
from adapters.discord_chat.command_texts import keys, text
from adapters.discord_chat.commands import build_tree
from adapters.discord_chat.desk import Desk
from adapters.discord_chat.sync import fingerprint
from adapters.discord_chat.translator import Words, lang_of, localised
from adapters.shared.texts import text as shared_text
from core.errors import StoreError
from core.people import Lang
from tests.adapters.discord.office import office
from tests.fake_discord import FakeDiscord

NAME = re.compile(r"^[-_'\w]{1,32}$")
LOCALES = ("en-US", "en-GB", "ko")


async def payloads() -> list[dict[str, Any]]:
    """The commands as Discord gets them."""
    client = discord.Client(intents=discord.Intents.none())
    tree, translator = build_tree(client, Desk(None)), Words()  # type: ignore[arg-type]
    await tree.set_translator(translator)
    return [await command.get_translated_payload(tree, translator) for command in tree.get_commands()]


def everything(items: list[dict[str, Any]], above: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Commands, options and choices with their paths."""
    for item in items:
        path = f"{above} {item['name']}".strip()
        yield path, item
        yield from everything(item.get("options", []), path)
        yield from everything(item.get("choices", []), f"{path} =")


async def test_every_text_is_there_in_both_languages() -> None:
    for path, item in everything(await payloads()):
        for field in ("name", "description"):
            if item.get(field):
                found = item.get(f"{field}_localizations") or {}
                assert set(found) == set(LOCALES), f"{path}: {field}"
                assert found["en-US"] == found["en-GB"] == item[field]
                assert re.search("[가-힣]", found["ko"]), f"{path}: {field}"


async def test_names_and_descriptions_keep_discords_rules() -> None:
    for path, item in everything(await payloads()):
        named = [item["name"], *(item.get("name_localizations") or {}).values()]
        for name in named:
            if path.partition("=")[1] or (item.get("type") == 3 and "description" not in item):
                assert 1 <= len(name) <= 100
            elif (item.get("type", 1) in (1, 2) and "description" in item) or "required" in item:
                assert NAME.match(name) and name == name.lower(), path
        for described in [item.get("description"), *(item.get("description_localizations") or {}).values()]:
            assert described is None or len(described) <= 100, path


async def test_names_are_unique_in_each_language() -> None:
    for _, item in [("", {"options": await payloads()}), *everything(await payloads())]:
        options = item.get("options", [])
        for locale in LOCALES:
            names = [option["name_localizations"][locale] for option in options]
            assert len(names) == len(set(names)), names


async def test_a_command_has_at_most_8000_characters() -> None:
    for command in await payloads():
        total = 0
        for _, item in everything([command]):
            for field in ("name", "description"):
                texts = [item.get(field) or "", *(item.get(f"{field}_localizations") or {}).values()]
                total += max(map(len, texts))
        assert total <= 8000, command["name"]


async def test_the_commands_of_the_contract() -> None:
    below = {
        command["name"]: [option["name"] for option in command.get("options", [])]
        for command in await payloads()
    }
    assert [*below] == [
        "chat", "forget", "memory", "reset", "face", "profile", "language", "timezone", "privacy", "help",
        "link", "unlink", "battle", "battles", "admin", "Ask Oh-LoRA",
    ]  # fmt: skip
    assert below["memory"] == ["list", "search", "edit", "delete", "pin", "export", "off", "on"]
    assert below["face"] == ["show", "choose", "hair", "express", "off", "on"]
    assert below["admin"] == [
        "settings", "block", "unblock", "blocks", "audit", "status", "maintenance", "sync",
    ]  # fmt: skip
    assert below["forget"] == ["user", "where"]
    assert below["battle"] == ["dataset", "opponent", "tier", "optuna"]
    assert below["battles"] == ["leaderboard", "history", "replay", "join", "leave", "stop", "reset"]


async def test_admin_commands_are_for_managers_in_guilds() -> None:
    (admin,) = [command for command in await payloads() if command["name"] == "admin"]
    assert admin["default_member_permissions"] == discord.Permissions(manage_guild=True).value
    assert admin["contexts"] == [0]
    for command in await payloads():
        assert command["integration_types"] == [0], "only where she is a member"


async def test_no_word_is_left_over() -> None:
    used = {
        item[field]
        for _, item in everything(await payloads())
        for field in ("name", "description")
        if item.get(field)
    }
    for table in (words.NAMES, words.MENUS, words.CHOICES, words.DESCRIPTIONS):
        assert set(table) <= used, sorted(set(table) - used)


@pytest.mark.parametrize("key", keys())
def test_texts_have_both_languages(key: str) -> None:
    values = {name: "x" for name in ("value", "name", "ms", "shards", "first", "last", "who")}
    korean, english = (text(key, lang, **values) for lang in ("ko", "en"))
    assert korean and english and korean != english
    assert "{" not in korean + english


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_help_names_every_command(lang: Lang) -> None:
    told = localised(shared_text("help_discord", lang), lang)
    for command in await payloads():
        if command["name"] not in ("admin", "Ask Oh-LoRA", "help"):
            name = command["name_localizations"]["ko"] if lang == "ko" else command["name"]
            assert f"/{name}" in told
        if command["name"] == "Ask Oh-LoRA":
            assert (command["name_localizations"]["ko"] if lang == "ko" else command["name"]) in told


def test_only_code_gets_the_names_of_the_menus() -> None:
    assert localised("say `/memory list` or list", "ko") == "say `/기억 목록` or list"
    assert localised("say `/memory list`", "en") == "say `/memory list`"


def test_languages_of_clients() -> None:
    assert lang_of(discord.Locale.korean) == "ko"
    assert {lang_of(locale) for locale in discord.Locale if locale is not discord.Locale.korean} == {"en"}


async def test_the_fingerprint_follows_definitions_and_translations(monkeypatch: pytest.MonkeyPatch) -> None:
    async def now() -> str:
        client = discord.Client(intents=discord.Intents.none())
        tree = build_tree(client, Desk(None))  # type: ignore[arg-type]
        await tree.set_translator(Words())
        return await fingerprint(tree)

    before = await now()
    assert await now() == before
    monkeypatch.setitem(words.NAMES, "chat", "수다")
    assert await now() != before


async def test_commands_are_sent_once_until_they_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with FakeDiscord() as fake:
        for expected in (1, 1):
            async with office(tmp_path, fake):
                assert len(fake.syncs) == expected
            await fake.connected(0)
        monkeypatch.setitem(words.NAMES, "chat", "수다")
        async with office(tmp_path, fake) as place:
            assert len(fake.syncs) == 2
            await place.command(place.mina, "수다", {"text": "안녕"})


async def test_what_discord_refuses_is_tried_again_at_the_next_start(tmp_path: Path) -> None:
    async with FakeDiscord() as fake:
        fake.faults.server_error("PUT", "/applications/*/commands", status=503)
        async with office(tmp_path, fake) as place:
            assert fake.syncs == []
            await place.tell(place.mina, place.square, "안녕")
        await fake.connected(0)
        async with office(tmp_path, fake):
            assert len(fake.syncs) == 1


async def test_without_its_notebook_the_commands_are_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from db.place_stores import SqlStateStore

    async def fails(*_: object) -> str | None:
        raise StoreError("locked")

    monkeypatch.setattr(SqlStateStore, "get", fails)
    monkeypatch.setattr(SqlStateStore, "put", fails)
    async with office(tmp_path) as place:
        assert len(place.fake.syncs) == 1
