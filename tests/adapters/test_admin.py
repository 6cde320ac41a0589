"""The commands of admins: what they do, what they record, and that they end at the group's border."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.shared.admin import Admin
from adapters.shared.admin_texts import ADMIN_TEXTS
from adapters.shared.durations import parse_duration
from adapters.shared.texts import text
from core.errors import StoreError
from core.people import DIRECT, Dropped, Lang, ReplyDone
from core.phrases import phrase
from core.places import CHECKS
from core.ports import GenerateRequest
from core.prompt import Task
from tests.adapters.house import ADMIN, ELSEWHERE, GUILD, HERE, HIDDEN, NEAR, House, open_house, owner

JUN = "discord:1"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        yield opened


async def acts(house: House, group: str = GUILD) -> list[tuple[str, str, str, dict[str, int]]]:
    entries = await house.app.audit.list(group, 99)
    return [(entry.actor, entry.action, entry.target, entry.counts) for entry in entries]


@pytest.mark.parametrize(
    ("said", "length"),
    [
        ("30m", timedelta(minutes=30)), (" 2 H ", timedelta(hours=2)), ("7일", timedelta(days=7)), ("1주", timedelta(weeks=1)),
        ("2시간", timedelta(hours=2)), ("10분", timedelta(minutes=10)), ("", None), ("0m", None), ("-1d", None), ("5", None),
        ("99999w", None), ("1y", None), ("１d", None), ("1d 2h", None),
    ],
)  # fmt: skip
def test_durations(said: str, length: timedelta | None) -> None:
    assert parse_duration(said) == length


async def test_settings_are_shown_and_changed(house: House) -> None:
    shown = (await house.admin.settings(GUILD, "en")).text
    assert all(name in shown for name in CHECKS)
    assert "always_answer: 5 6" in (await house.admin.set(ADMIN, GUILD, "always_answer", "5, 6", "en")).text
    assert "image: animated" in (await house.admin.set(ADMIN, GUILD, "image", "animated", "en")).text
    assert (await house.app.groups.settings(GUILD)) == {"always_answer": "5 6", "image": "animated"}
    assert "always_answer: 5 6" in (await house.admin.settings(GUILD, "ko")).text
    assert "5 6" not in (await house.admin.settings(NEAR, "ko")).text
    assert (await house.admin.set(ADMIN, GUILD, "image", None, "ko")).done
    assert (await house.app.groups.settings(GUILD)) == {"always_answer": "5 6"}
    assert await acts(house) == [
        (ADMIN, "clear", "image", {}),
        (ADMIN, "set", "image", {}),
        (ADMIN, "set", "always_answer", {}),
    ]


async def test_hair_is_shown_in_words(house: House) -> None:
    assert "hair: 보라색" in (await house.admin.set(ADMIN, GUILD, "hair", "violet", "ko")).text
    assert (await house.app.groups.settings(GUILD)) == {"hair": "270"}
    assert "hair: violet" in (await house.admin.settings(GUILD, "en")).text
    assert "흰색" in (await house.admin.set(ADMIN, GUILD, "hair", "white", "ko")).text


@pytest.mark.parametrize(
    ("name", "value"),
    [("maintenance", "on"), ("image", "film"), ("channels", ""), ("x", "1"), ("hair", "검정")],
)
async def test_what_cannot_be_set_is_refused(house: House, name: str, value: str) -> None:
    answer = await house.admin.set(ADMIN, GUILD, name, value, "ko")
    assert not answer.done and answer.text
    assert await house.app.groups.settings(GUILD) == {} and await acts(house) == []


async def test_block_and_unblock(house: House) -> None:
    answer = await house.admin.block(ADMIN, GUILD, JUN, "도배\x00 " + "가" * 500, "2h", "ko")
    assert "<discord:1>" in answer.text and "2026-11-21 14:00까지" in answer.text
    (held,) = await house.admin.blocked_people(GUILD)
    assert (held.by, held.reason[:3], len(held.reason)) == (ADMIN, "도배 ", 200)
    assert "도배" in (await house.admin.list_blocks(GUILD, "ko")).text
    for group in (NEAR, ""):
        assert (await house.admin.list_blocks(group, "ko")).text == text("no_blocks", "ko")
    events = await house.say("안녕", place=HERE)
    assert [e.text for e in events if isinstance(e, ReplyDone)] == [phrase("blocked", "ko")]
    assert any(isinstance(event, Dropped) for event in await house.say("안녕", place=HERE))

    assert not (await house.admin.unblock(ADMIN, NEAR, JUN, "ko")).done
    assert (await house.admin.unblock(ADMIN, GUILD, JUN, "ko")).done
    assert not (await house.admin.unblock(ADMIN, GUILD, JUN, "ko")).done
    assert [act[1:3] for act in await acts(house)] == [("unblock", JUN), ("block", JUN)]
    assert "도배" not in str(await house.app.audit.list(GUILD, 9)), "never content"


async def test_a_block_without_end_and_one_of_no_length(house: House) -> None:
    assert "without end" in (await house.admin.block(ADMIN, GUILD, JUN, "", "", "en")).text
    assert not (await house.admin.block(ADMIN, GUILD, JUN, "", "soon", "en")).done
    assert "reason: none" in (await house.admin.list_blocks(GUILD, "en")).text


async def test_an_admin_neither_counts_nor_erases_anything_outside_the_group(house: House) -> None:
    places = (HERE, HIDDEN, ELSEWHERE, DIRECT)
    for place in places:
        await house.say("나 등산 좋아해", "1", place)
    await house.say("나 등산 좋아해", "2", HERE)
    asked = await house.admin.forget_ask(ADMIN, GUILD, JUN, "en")
    assert "memories 2, exchanges 2" in asked.text
    answer = await house.admin.forget(ADMIN, GUILD, JUN, "en")
    assert "memories 2, exchanges 2" in answer.text
    assert [len(await house.facts("1", place)) for place in places] == [0, 0, 1, 1]
    assert [len(await house.app.history.last_turns(owner("1", place), 9)) for place in places] == [0, 0, 1, 1]
    assert len(await house.facts("2", HERE)) == 1
    counts = {"memories": 2, "turns": 2}
    assert await acts(house) == [(ADMIN, "forget", JUN, counts), (ADMIN, "preview", JUN, counts)]
    assert await acts(house, NEAR) == []


async def test_an_admins_erasure_leaves_what_is_under_way_elsewhere(house: House) -> None:
    """A direct message that is being answered at that moment is kept and learned from."""
    hold, loop = asyncio.Event(), asyncio.get_running_loop()
    usual = house.model.generate

    async def slow(request: GenerateRequest) -> object:
        if request.task is Task.REPLY:
            await hold.wait()
        return await usual(request)

    house.model.generate = slow  # type: ignore[method-assign, assignment]
    here = loop.create_task(house.say("나 등산 좋아해", "1", HERE))
    direct = loop.create_task(house.say("나 등산 좋아해", "1", DIRECT))
    await asyncio.sleep(0.05)
    await house.admin.forget(ADMIN, GUILD, JUN, "ko")
    hold.set()
    assert any(isinstance(event, Dropped) for event in await here)
    assert any(isinstance(event, ReplyDone) for event in await direct)
    assert await house.facts("1", HERE) == []
    assert len(await house.facts("1", DIRECT)) == 1
    assert len(await house.app.history.last_turns(owner("1"), 9)) == 1


async def test_the_owner_acts_everywhere(house: House) -> None:
    for place in (HERE, DIRECT):
        await house.say("나 등산 좋아해", "1", place)
    await house.admin.block(ADMIN, "", JUN, "", "", "ko")
    events = await house.say("안녕", place=ELSEWHERE)
    assert [e.text for e in events if isinstance(e, ReplyDone)] == [phrase("blocked", "ko")]
    assert "기억 2개" in (await house.admin.forget(ADMIN, "", JUN, "ko")).text
    assert await house.app.memories.counts(JUN, None) == {"memories": 0, "turns": 0}
    assert [act[1] for act in await acts(house, "")] == ["forget", "block"]


async def test_maintenance(house: House) -> None:
    assert (await house.admin.maintenance(ADMIN, GUILD, True, "ko")).text == text("maintenance_on", "ko")
    (done,) = [e for e in await house.say("안녕", place=HERE) if isinstance(e, ReplyDone)]
    assert done.text == phrase("maintenance", "ko")
    (done,) = [e for e in await house.say("안녕", place=DIRECT) if isinstance(e, ReplyDone)]
    assert done.origin == "generated"
    await house.admin.maintenance(ADMIN, GUILD, False, "ko")
    (done,) = [e for e in await house.say("뭐 해?", place=HERE) if isinstance(e, ReplyDone)]
    assert done.text != phrase("maintenance", "ko")


async def test_the_audit_can_be_read(house: House) -> None:
    assert (await house.admin.audit(GUILD, "en")).text == text("no_audit", "en")
    await house.admin.maintenance(ADMIN, GUILD, True, "ko")
    await house.admin.set(ADMIN, GUILD, "language", "ko", "ko")
    await house.admin.forget(ADMIN, GUILD, JUN, "ko")
    assert (
        (await house.admin.audit(GUILD, "en"))
        .text.splitlines()[0]
        .endswith("<discord:900> · forget · <discord:1> · memories 0 · turns 0")
    )
    assert len((await house.admin.audit(GUILD, "en", 2)).text.splitlines()) == 2
    assert (await house.admin.audit(NEAR, "en")).text == text("no_audit", "en")


async def test_status(house: House) -> None:
    before = (await house.admin.status("en")).text
    assert "not measured yet" in before and "text (embedded)" in before and "problems: none" in before
    await house.say("안녕")
    assert " ms in the middle" in (await house.admin.status("en")).text
    without = Admin(*[getattr(house.admin, name) for name in (
        "conversation", "memories", "groups", "blocks", "log", "clock",
    )])  # fmt: skip
    assert not (await without.status("ko")).done


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_a_locked_notebook_gets_a_polite_text(
    house: House, monkeypatch: pytest.MonkeyPatch, lang: Lang
) -> None:
    async def failing(*_: object, **__: object) -> None:
        raise StoreError("disk on fire")

    admin = house.admin
    for store in (admin.memories, admin.groups, admin.blocks, admin.log):
        for name in ("counts", "forget", "settings", "set", "block", "unblock", "list", "add"):
            if hasattr(store, name):
                monkeypatch.setattr(store, name, failing)
    answers = [
        await admin.settings(GUILD, lang), await admin.set(ADMIN, GUILD, "image", "off", lang),
        await admin.block(ADMIN, GUILD, JUN, "", "", lang), await admin.unblock(ADMIN, GUILD, JUN, lang),
        await admin.list_blocks(GUILD, lang), await admin.audit(GUILD, lang),
        await admin.maintenance(ADMIN, GUILD, True, lang), await admin.forget_ask(ADMIN, GUILD, JUN, lang),
    ]  # fmt: skip
    assert {(answer.text, answer.done) for answer in answers} == {(text("store_failed", lang), False)}
    assert (await admin.forget(ADMIN, GUILD, JUN, lang)).text == text("forget_failed", lang)
    assert await admin.blocked_people(GUILD) == []


def test_every_setting_is_explained() -> None:
    assert {key for key in ADMIN_TEXTS if key.startswith("about_")} == {f"about_{name}" for name in CHECKS}
