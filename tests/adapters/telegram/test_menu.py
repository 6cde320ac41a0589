"""Menus and the bot's page: complete in both languages, within Telegram's limits, told only when changed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from telegram.constants import BotDescriptionLimit, BotNameLimit

from adapters.shared.splitting import utf16_units
from adapters.shared.texts import text as shared_text
from adapters.telegram_chat import command_texts, menu
from adapters.telegram_chat.command_texts import ABOUT, DESCRIPTIONS, NAME, SHORT, keys, text
from core.errors import StoreError
from core.people import Lang
from tests.adapters.telegram.office import Office, office
from tests.fake_telegram import FakeTelegram

CALLS = ("setMyCommands", "setMyName", "setMyDescription", "setMyShortDescription")
ALL = len(list(menu.entries()))


def told(fake: FakeTelegram) -> int:
    """How many things Telegram was told about the bot."""
    return sum(len(fake.requested(method)) for method in CALLS)


async def published(place: Office) -> None:
    """Wait until the menus were told at the start."""
    await place.until(lambda: len(place.client._side) == 1)  # the other one tidies, for ever


async def test_menus_by_language_and_scope(tmp_path: Path) -> None:
    async with office(tmp_path, informed=False) as place:
        await published(place)
        assert told(place.fake) == ALL == 18
        alone = {entry["command"]: entry["description"] for entry in place.fake.menu(place.mina)}
        assert [*alone] == [name for name in DESCRIPTIONS if name != "admin"]
        assert alone["forget"] == DESCRIPTIONS["forget"]["ko"]
        group = {entry["command"] for entry in place.fake.menu(place.mina, place.group)}
        assert group == {*DESCRIPTIONS} - {"admin", "link", "unlink"}
        admins = [entry["command"] for entry in place.fake.menu(place.boss, place.group)]
        assert admins[-1] == "admin" and len(admins) == len(group) + 1
        other = place.fake.add_user("Yuki", language_code="ja")
        (chat, *_) = place.fake.menu(other)
        assert chat["description"] == DESCRIPTIONS["chat"]["en"]
        assert place.fake.profile.texts["name", "ko"] == "오로라"
        assert place.fake.profile.texts["description", ""] == ABOUT["en"]


async def test_they_are_told_once_until_they_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with FakeTelegram() as fake:
        for _ in range(2):
            async with office(tmp_path, fake, informed=False) as place:
                await published(place)
            assert told(fake) == ALL
        monkeypatch.setitem(DESCRIPTIONS["chat"], "ko", "수다 떨기")
        async with office(tmp_path, fake, informed=False) as place:
            await published(place)
            assert told(fake) == ALL + 3, "the three Korean menus, and no name"
            assert place.fake.menu(place.mina)[0]["description"] == "수다 떨기"


async def test_what_telegram_refuses_is_told_again_at_the_next_start(tmp_path: Path) -> None:
    async with FakeTelegram() as fake:
        fake.faults.flood("setMyName", retry_after=80_000, times=3)
        async with office(tmp_path, fake, informed=False) as place:
            await published(place)
            assert told(fake) == ALL
            assert (await place.ask(place.john, "/profile")).text, "a wait of a day holds up nothing else"
        async with office(tmp_path, fake, informed=False) as place:
            await published(place)
            assert told(fake) == ALL + 3 and fake.profile.texts["name", "ko"] == NAME["ko"]


async def test_a_server_that_fails_does_not_stop_the_start(tmp_path: Path) -> None:
    async with FakeTelegram() as fake:
        fault = fake.faults.server_error("setMyCommands", times=50)
        async with office(tmp_path, fake, informed=False) as place:
            await published(place)
            assert fault.hits == 1, "while nothing gets through, nothing more is tried"
            assert (await place.ask(place.john, "/help")).text


async def test_without_its_notebook_the_menus_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from db.place_stores import SqlStateStore

    async def fails(*_: object) -> str | None:
        raise StoreError("locked")

    monkeypatch.setattr(SqlStateStore, "get", fails)
    monkeypatch.setattr(SqlStateStore, "put", fails)
    async with office(tmp_path, informed=False) as place:
        await published(place)
        assert told(place.fake) == ALL


@pytest.mark.parametrize("kept", ["", "nonsense", "[]", '{"x": 1}'])
async def test_whatever_stands_in_the_notebook(tmp_path: Path, kept: str) -> None:
    async with office(tmp_path, informed=False) as place:
        await published(place)
        name = f"telegram.menu.{place.fake.bot.id}"
        assert len(json.loads(await place.app.state.get(name) or "")) == ALL
        await place.app.state.put(name, kept)
        assert await menu.publish(place.client.app.bot, place.app.state)
        assert told(place.fake) == 2 * ALL


def test_telegrams_limits() -> None:
    for name, described in DESCRIPTIONS.items():
        assert re.fullmatch("[a-z0-9_]{1,32}", name)
        assert all(1 <= utf16_units(words) <= 256 for words in described.values())
    for lang in ("ko", "en"):
        assert utf16_units(NAME[lang]) <= BotNameLimit.MAX_NAME_LENGTH
        assert utf16_units(SHORT[lang]) <= BotDescriptionLimit.MAX_SHORT_DESCRIPTION_LENGTH
        assert utf16_units(ABOUT[lang]) <= BotDescriptionLimit.MAX_DESCRIPTION_LENGTH


@pytest.mark.parametrize("key", [key for key in keys() if key not in ("language_ko", "language_en")])
def test_texts_have_both_languages(key: str) -> None:
    values = {name: "x" for name in ("name", "ms", "bot", "dataset", "id", "number", "example")}
    korean, english = (text(key, lang, **values) for lang in ("ko", "en"))
    assert korean and english and korean != english
    assert "{" not in korean + english


def test_no_text_is_left_over() -> None:
    folder = Path(command_texts.__file__).parent
    code = "".join(file.read_text("utf-8") for file in folder.glob("*.py") if file.name != "command_texts.py")
    built = ("language_ko", "language_en", "language_auto")
    assert [key for key in keys() if not re.search(f"[\"']{key}[\"']", code) and key not in built] == []


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_help_names_every_command(lang: Lang) -> None:
    told = shared_text("help_telegram", lang)
    assert [name for name in DESCRIPTIONS if f"/{name}" not in told] == ["help", "admin"]
