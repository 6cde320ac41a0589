"""Battles in a fake Discord: from the command to the result, between two, over a restart, with admins."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapters.discord_chat.command_texts import text as command_text
from adapters.shared.texts import text
from core.battle.parsing import DEFAULTS, formatted
from core.people import Lang
from core.phrases import phrase
from tests.adapters.discord.house import House, open_house
from tests.fake_discord import Interaction, Message, User
from tests.fakes_battle import ArithmeticArena
from tests.patience import PATIENCE_S

LANGS: tuple[Lang, ...] = ("ko", "en")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        opened.hurries(edit_every_s=0.01)
        opened.arena = ArithmeticArena()
        yield opened


@dataclass
class Table:
    """The card of a battle, and who presses its buttons."""

    house: House
    card: Message

    async def until(self, words: str) -> str:
        """Wait until the card says it."""
        await self.house.discord.wait_for(
            lambda: words in self.card.content, PATIENCE_S, f"{words!r} on the card"
        )
        return self.card.content

    def acts(self) -> list[str]:
        """What its buttons do."""
        return [button["custom_id"].split(":", 3)[3] for button in self.card.buttons()]

    async def press(self, user: User, act: str) -> Interaction:
        """Somebody presses a button, and has an answer."""
        (found,) = [b["custom_id"] for b in self.card.buttons() if b["custom_id"].endswith(f":{act}")]
        return await (await self.house.discord.press(user, self.card, found)).done(PATIENCE_S)

    async def choose(self, user: User, words: str = "", **menus: str) -> str:
        """Somebody fills the form, and reads what comes of it."""
        asked = await self.press(user, "choose")
        given: dict[str, Any] = {"words": words} | {name: [value] for name, value in menus.items()}
        sent = await (await self.house.discord.submit_modal(asked, given)).done(PATIENCE_S)
        assert sent.ephemeral
        return sent.content.replace("\\", "")


async def slash(house: House, user: User, command: str, **options: Any) -> Interaction:
    """Somebody uses a command in the square, and has an answer."""
    return await (await house.discord.slash(user, house.square, command, options)).done(PATIENCE_S)


async def begin(house: House, user: User | None = None, **options: Any) -> Table:
    """A battle in the square, as far as its card."""
    talk = await slash(house, user or house.mina, "battle", **options)
    assert talk.original is not None and not talk.ephemeral
    return Table(house, talk.original)


async def refused(talk: Interaction) -> str:
    """What only the asker reads, where there shall be no card."""
    told = await talk.followup(timeout=PATIENCE_S)
    assert told.ephemeral and talk.original is not None and talk.original.deleted
    return told.content


async def test_a_battle_from_the_command_to_the_result(house: House) -> None:
    async with house.running(commands=True) as run:
        offered = await house.discord.autocomplete(house.mina, house.square, "배틀", "데이터", "숫")
        assert [choice["name"] for choice in (await offered.done(PATIENCE_S)).choices or []] == ["숫자"]
        table = await begin(house, 데이터="digits", 난이도="random")
        card = await table.until("mina, 1차 차례")
        assert "오로라 (쉬움)" in card and "2e-5" in card
        (picture,) = table.card.attachments
        assert picture.filename == "battle.png" and "digits-" in (picture.description or "")
        assert table.acts() == ["choose", "safe", "bold", "hers", "cancel"]

        watcher = await table.press(house.john, "choose")
        assert watcher.form is None and watcher.ephemeral
        assert watcher.content == phrase("battle_not_yours", "en")
        assert "0.006" in await table.choose(house.mina, "lr=7 뭐라고"), "a friendly error"
        assert "이렇게 써 줘" in await table.choose(house.mina, "ㅋㅋ")
        taken = await table.choose(house.mina, "lr=3e-4 drop=0,0.1,0.3", activation_func="leaky_relu")
        assert "1차 잠갔어" in taken and "lr=0.0003" in taken and "leaky_relu" in taken
        assert "mina 1차: 검증 F1" in await table.until("mina, 2차 차례")
        assert "lr=0.0025" in (await table.press(house.mina, "bold")).content
        await table.until("어느 걸로")
        assert not house.portraits.drawn and table.acts() == ["name:1", "name:2", "concede"]
        assert "2차로 승부" in (await table.press(house.mina, "name:2")).content
        await table.until("💬")
        await house.discord.wait_for(lambda: house.portraits.drawn and table.acts() == ["proof", "again"], 60)
        await table.card.settled(0.1, 60)
        (picture,) = table.card.attachments
        (comment,) = [line[2:] for line in table.card.content.split("\n") if line[0] == "💬"]
        assert "±" in table.card.content and comment.replace("\\", "") in (picture.description or "").replace(
            "\\", ""
        )
        assert "sha256sum" in (await table.press(house.john, "proof")).content, "anybody may check"
        assert not [m for m in house.discord.said(house.square) if m is not table.card], "one message"

        more = await table.press(house.john, "again")
        assert more.original is not None
        assert "john" in await Table(house, more.original).until("round 1 is yours")
        assert "#1" in (await slash(house, house.mina, "battles history")).content
        assert "✅" in (await slash(house, house.mina, "battles replay", battle=1)).content
        await run.idle()


async def test_what_cannot_be_is_said_to_the_asker_only(house: House) -> None:
    async with house.running(commands=True) as run:
        other = house.discord.add_user("robot", bot=True)
        await house.discord.join_guild(other, house.guild)
        for options in ({"dataset": "mars"}, {"opponent": other}, {"opponent": house.john, "optuna": 3}):
            told = await refused(await slash(house, house.mina, "battle", **options))
            assert "골라 줘" in told
        assert "yourself" in await refused(await slash(house, house.john, "battle", opponent=house.john))
        table = await begin(house, optuna=3)
        assert "Optuna × 3" in await table.until("1차 차례")
        assert await refused(await slash(house, house.mina, "battle")) == phrase("battle_busy_person", "ko")
        assert await refused(await slash(house, house.john, "battle")) == phrase("battle_busy_channel", "en")
        await table.press(house.mina, "cancel")
        await table.until(text("b_end_cancelled", "ko"))
        group = run.app.groups
        await group.set(f"discord:{house.guild.id}", "channels", "1")
        told = await refused(await slash(house, house.mina, "battle"))
        assert told == command_text("other_channels", "ko")
        await group.set(f"discord:{house.guild.id}", "channels", None)
        await group.set(f"discord:{house.guild.id}", "maintenance", "on")
        assert phrase("maintenance", "ko") == await refused(await slash(house, house.mina, "battle"))
        alone = house.discord.private_channel(house.mina)
        talk = await house.discord.slash(house.mina, alone, "battle", {"opponent": house.john})
        assert await refused(await talk.done(PATIENCE_S)) == text("group_only_discord", "ko")


async def test_two_people_keep_their_choices_to_themselves(house: House) -> None:
    async with house.running(commands=True):
        table = await begin(house, opponent=house.john)
        await table.until("john, mina의 도전장")
        call = await house.discord.answer(house.square, 2)
        assert call.last.mentions == [house.john] and not table.card.last.mentions
        assert (await table.press(house.mina, "accept")).content == phrase("battle_not_invited", "ko")
        assert "Accepted" in (await table.press(house.john, "accept")).content
        await table.until("mina, john, 1차 차례")
        assert "hers" not in table.acts()
        assert "lr=0.00123" in await table.choose(house.mina, "lr=0.00123")
        card = await table.until(text("b_locked", "ko", name="mina", number=1))
        assert "👉 john, 1차" in card and "검증 F1" not in card
        again = await table.press(house.mina, "choose")
        assert again.form is None and again.content == phrase("battle_locked", "ko")
        empty = await table.choose(house.john)
        assert formatted(DEFAULTS) in empty and "didn't name: dropout_conv_earlier" in empty
        await table.until("john 1차: 검증 F1")
        for user in (house.mina, house.john):
            await table.until(user.name)
            await table.press(user, "name:1")
        await table.until("🏆")
        hidden = [version for version in table.card.versions if "🏆" not in version.content]
        words = [v.content + "".join(f.description or "" for f in v.attachments) for v in hidden]
        assert not any("0.00123" in said for said in words)
        listed = (await slash(house, house.mina, "battles history")).content
        assert "john" in listed and "mina" in listed, "by their names"


async def test_the_same_card_goes_on_after_a_restart(house: House) -> None:
    async with house.running(commands=True):
        table = await begin(house)
        await table.until("1차 차례")
        await table.press(house.mina, "safe")
        await table.until("2차 차례")
    before = len(table.card.versions)
    async with house.running(commands=True):
        await house.discord.wait_for(lambda: len(table.card.versions) > before, 60)
        await table.until("mina, 2차 차례")
        arena = house.arena
        assert isinstance(arena, ArithmeticArena)
        await table.press(house.mina, "bold")
        await table.until("어느 걸로")
        arena.hold = asyncio.Event()
        await table.press(house.mina, "name:1")
        await table.until("🏁")
    arena.hold = None
    async with house.running(commands=True):  # it is over before she is connected
        await table.until("🏆")
        await house.discord.wait_for(lambda: table.acts() == ["proof", "again"], 60)
    assert len(house.discord.said(house.square)) == 1


async def test_the_card_outlives_its_interaction(house: House) -> None:
    async with house.running(commands=True):
        table = await begin(house)
        await table.until("1차 차례")
        assert not house.discord.requested("PATCH", f"/messages/{table.card.id}")
        assert table.card.interaction is not None
        table.card.interaction.grow_older(16 * 60)
        await table.press(house.mina, "safe")
        await table.until("2차 차례")
        assert house.discord.requested("PATCH", f"/messages/{table.card.id}")


async def test_a_card_that_somebody_deleted_is_made_anew(house: House) -> None:
    async with house.running(commands=True) as run:
        table = await begin(house)
        await table.until("1차 차례")
        await house.discord.delete(table.card)
        assert (await run.app.battles.play("discord:" + str(house.mina.id), "lr=3e-4")).view.id == 1
        await house.discord.wait_for(lambda: house.discord.said(house.square), 60)
        (anew,) = house.discord.said(house.square)
        assert anew is not table.card
        table.card = anew
        await table.until("2차 차례")
        assert anew.attachments and table.acts()
        view = run.app.battles.current(f"discord:{house.mina.id}")
        assert view is not None and view.card.endswith(str(anew.id)), "found after a restart"


async def test_admins_stop_and_reset(house: House) -> None:
    boss = house.discord.owner
    async with house.running(commands=True) as run:
        table = await begin(house)
        await table.until("1차 차례")
        for command in ("battles stop", "battles reset"):
            assert "Only admins" in (await slash(house, house.john, command)).content
        stopped = await slash(house, boss, "battles stop")
        assert stopped.ephemeral and "#1" in stopped.content
        await table.until(text("b_end_stopped", "ko"))
        assert table.acts() == []
        own = await begin(house)
        await own.until("1차 차례")
        assert (await slash(house, house.mina, "battles stop")).content == text("b_end_cancelled", "ko")
        await own.until(text("b_end_cancelled", "ko"))
        assert (await slash(house, house.mina, "battles stop")).content == phrase("battle_none", "ko")
        assert (await slash(house, house.mina, "battles join")).content.startswith("이제부터")
        alone = house.discord.private_channel(house.mina)
        talk = await house.discord.slash(house.mina, alone, "battles leaderboard")
        assert (await talk.done(PATIENCE_S)).content == text("group_only_discord", "ko")
        assert "leaderboard is empty" in (await slash(house, house.john, "battles leaderboard")).content
        begun_anew = await slash(house, boss, "battles reset", dataset="digits")
        assert begun_anew.content in [text("b_reset", lang, count=0) for lang in LANGS]
        acts = await run.app.audit.list(f"discord:{house.guild.id}", 9)
        assert [(act.action, act.target) for act in acts] == [
            ("battle reset", "digits"),
            ("battle stop", "#1"),
        ]
