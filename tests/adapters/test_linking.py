"""Joining two accounts of one person, and every way of stealing one that we could think of."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.shared.answers import Answer
from adapters.shared.commands import Commands
from adapters.shared.desk import Caller
from adapters.shared.linking import Linking
from adapters.shared.texts import text
from core.errors import StoreError
from core.links import LIFE, TRIES, WRONG_MOST, WRONG_WITHIN, new_code, read_code
from core.people import DIRECT, Incoming, Lang, Owner, Person, Place, PlaceKind, ReplyDone
from core.ports import Turn, Vector
from core.prompt import Task
from tests.adapters.house import HERE, House, open_house
from tests.db.samples import fact

DISCORD, TELEGRAM = Person("discord", "1", "mina"), Person("telegram", "2", "미나")
THIEF = Person("telegram", "666", "미나")
GROUP = Place(PlaceKind.GROUP, "telegram:-100")


@dataclass
class Notary:
    """The command on a real database, with codes that the test knows."""

    house: House
    linking: Linking
    codes: list[str] = field(default_factory=list)

    def who(self, person: Person, place: Place = DIRECT, lang: Lang = "en") -> Caller:
        return Caller(person, place, lang, lang, manages=False, owns=False)

    async def link(self, person: Person, typed: str = "", lang: Lang = "en") -> Answer:
        return await self.linking.link(self.who(person, lang=lang), typed)

    async def code(self, person: Person) -> str:
        """A new code of someone's."""
        assert (await self.link(person)).done
        return self.codes[-1]

    async def press(self, person: Person, answer: Answer, choice: str = "yes") -> Answer:
        (data,) = [data for data, _ in answer.buttons if data.startswith(choice)]
        return await self.linking.pressed(self.who(person), data)

    async def join(self, one: Person = DISCORD, other: Person = TELEGRAM) -> None:
        asked = await self.link(other, await self.code(one))
        assert (await self.press(other, asked)).done
        assert (await self.press(one, await self.link(one))).done
        assert await self.linked(one) == [other.id]

    async def linked(self, person: Person) -> list[str]:
        return [account.person for account in await self.house.app.links.linked(person.id)]

    def pass_by(self, time: timedelta) -> None:
        """Time passes."""
        self.house.clock.at += time


@pytest.fixture
async def notary(tmp_path: Path) -> AsyncIterator[Notary]:
    async with open_house(tmp_path) as house:
        codes: list[str] = []

        def code() -> str:
            codes.append(new_code())
            return codes[-1]

        yield Notary(house, Linking(house.app.links, house.clock, code), codes)


def wrong_than(code: str) -> list[str]:
    """Codes that are another one."""
    return [f"{(int(code) + step) % 1_000_000:06d}" for step in range(1, 20)]


@pytest.mark.parametrize("order", ["taker first", "giver first"])
async def test_two_accounts_are_joined_when_both_agree(notary: Notary, order: str) -> None:
    code = await notary.code(DISCORD)
    asked = await notary.link(TELEGRAM, f" {code[:3]} {code[3:]} ")
    assert "Discord account “mina” (1)" in asked.text and len(asked.buttons) == 2
    answers = {TELEGRAM: asked, DISCORD: await notary.link(DISCORD)}
    assert "Telegram account “미나” (2)" in answers[DISCORD].text
    people = [TELEGRAM, DISCORD] if order == "taker first" else [DISCORD, TELEGRAM]
    waits = await notary.press(people[0], answers[people[0]])
    assert "confirm there" in waits.text and await notary.linked(DISCORD) == []
    done = await notary.press(people[1], answers[people[1]])
    assert done.text.startswith("Joined!")
    assert await notary.linked(DISCORD) == [TELEGRAM.id] and await notary.linked(TELEGRAM) == [DISCORD.id]


async def test_nothing_is_linked_by_a_code_alone(notary: Notary) -> None:
    await notary.link(TELEGRAM, await notary.code(DISCORD))
    assert await notary.linked(DISCORD) == [] == await notary.linked(TELEGRAM)


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_it_is_for_direct_messages(notary: Notary, lang: Lang) -> None:
    inside = notary.who(TELEGRAM, GROUP, lang)
    for answer in (
        await notary.linking.link(inside), await notary.linking.link(inside, "12"),
        await notary.linking.unlink(inside),
    ):  # fmt: skip
        assert not answer.done and answer.text == text("link_direct", lang)
    assert notary.codes == []


async def test_a_code_typed_in_a_group_is_worth_nothing_any_more(notary: Notary) -> None:
    """Whoever read it there could be faster, under the same name."""
    code, inside = await notary.code(DISCORD), notary.who(TELEGRAM, GROUP)
    wrong = await notary.linking.link(inside, wrong_than(code)[0])
    right = await notary.linking.link(inside, code)
    assert right == wrong and not right.done and "worth nothing" in right.text
    await refused(notary, THIEF, code)
    asked = await notary.link(TELEGRAM, await notary.code(DISCORD))
    assert asked.buttons, "a new one works"


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_every_line_in_both_languages(notary: Notary, lang: Lang) -> None:
    said = [
        await notary.link(DISCORD, lang=lang), await notary.link(TELEGRAM, "12", lang),
        await notary.link(TELEGRAM, wrong_than(notary.codes[-1])[0], lang),
        await notary.link(TELEGRAM, notary.codes[-1], lang),
        await notary.linking.unlink(notary.who(TELEGRAM, lang=lang)),
        await notary.linking.link(notary.who(TELEGRAM, GROUP, lang), "123456"),
    ]  # fmt: skip
    for answer in said:
        korean = any("가" <= char <= "힣" for char in answer.text.replace("미나", ""))
        assert korean is (lang == "ko") and "{" not in answer.text


async def refused(notary: Notary, person: Person, code: str) -> None:
    """The code joins nothing, and the words do not tell why."""
    answer = await notary.link(person, code)
    there = "Telegram" if person.platform == "discord" else "Discord"
    assert not answer.done and answer.buttons == ()
    assert answer.text == text("link_wrong", "en", there="/link", other=there)


async def test_a_wrong_code(notary: Notary) -> None:
    await refused(notary, THIEF, wrong_than(await notary.code(DISCORD))[0])


async def test_a_used_code(notary: Notary) -> None:
    code = await notary.code(DISCORD)
    assert (await notary.link(TELEGRAM, code)).done
    await refused(notary, THIEF, code)
    await refused(notary, TELEGRAM, code)


async def test_an_old_code(notary: Notary) -> None:
    code = await notary.code(DISCORD)
    notary.pass_by(LIFE)
    await refused(notary, TELEGRAM, code)


async def test_ones_own_code_and_one_of_the_same_platform(notary: Notary) -> None:
    code = await notary.code(DISCORD)
    await refused(notary, DISCORD, code)
    await refused(notary, Person("discord", "9", "mina"), code)
    assert (await notary.link(TELEGRAM, code)).done


async def test_a_newer_code_replaces_the_older(notary: Notary) -> None:
    old, new = await notary.code(DISCORD), await notary.code(DISCORD)
    if old != new:
        await refused(notary, TELEGRAM, old)
    assert (await notary.link(TELEGRAM, new)).done


async def test_five_wrong_guesses_end_a_code_whoever_makes_them(notary: Notary) -> None:
    code = await notary.code(DISCORD)
    for number, guess in enumerate(wrong_than(code)[:TRIES]):
        await refused(notary, replace(THIEF, account=f"{number}"), guess)
    await refused(notary, TELEGRAM, code)


async def test_four_slips_are_forgiven(notary: Notary) -> None:
    code = await notary.code(DISCORD)
    for guess in wrong_than(code)[: TRIES - 1]:
        await refused(notary, TELEGRAM, guess)
    assert (await notary.link(TELEGRAM, code)).done


async def test_who_guesses_wrong_too_often_waits(notary: Notary) -> None:
    """New codes do not help, nor does being forgotten; others are not kept waiting."""
    for number in range(WRONG_MOST):
        await refused(notary, THIEF, f"{number:06d}")
    code = await notary.code(DISCORD)
    await refused(notary, THIEF, code)
    await notary.house.app.memories.forget(THIEF.id, None)
    await refused(notary, THIEF, code)
    assert (await notary.link(TELEGRAM, code)).done
    notary.pass_by(WRONG_WITHIN)
    assert (await notary.link(THIEF, await notary.code(Person("discord", "7", "jo")))).done


async def test_two_who_type_a_code_at_once(notary: Notary) -> None:
    code = await notary.code(DISCORD)
    people = [TELEGRAM, *(replace(THIEF, account=f"{n}") for n in range(50, 57))]
    answers = await asyncio.gather(*(notary.link(person, code) for person in people))
    assert sum(answer.done for answer in answers) == 1


async def test_a_guess_that_hits_still_needs_the_other_side(notary: Notary) -> None:
    """The thief confirms, and presses the victim's button, too: nothing happens."""
    code = await notary.code(DISCORD)
    asked = await notary.link(THIEF, code)
    await notary.press(THIEF, asked)
    await notary.press(THIEF, asked)
    victims = await notary.link(DISCORD)
    assert "(666)" in victims.text
    await notary.press(THIEF, victims)
    for person in (Person("telegram", "7", ""), Person("discord", "8", "")):
        assert not (await notary.press(person, victims)).done
        assert not (await notary.press(person, victims, "no")).done
    assert await notary.linked(DISCORD) == []
    assert (await notary.press(DISCORD, victims, "no")).text == text("link_refused", "en")
    assert not (await notary.press(THIEF, asked)).done
    assert not (await notary.press(DISCORD, victims)).done
    assert await notary.linked(DISCORD) == [] == await notary.linked(THIEF)


async def test_a_question_is_over_after_ten_minutes(notary: Notary) -> None:
    asked = await notary.link(TELEGRAM, await notary.code(DISCORD))
    await notary.press(TELEGRAM, asked)
    question = await notary.link(DISCORD)
    notary.pass_by(LIFE)
    assert (await notary.press(DISCORD, question)).text == text("link_gone", "en", link="/link")
    assert await notary.linked(DISCORD) == []


async def test_who_is_linked_is_not_linked_again(notary: Notary) -> None:
    early = await notary.code(Person("discord", "9", "jo"))
    await notary.join()
    assert "already" in (await notary.link(DISCORD)).text
    assert "already" in (await notary.link(TELEGRAM, early)).text
    assert await notary.linked(TELEGRAM) == [DISCORD.id]


async def test_a_code_of_before_the_link_is_worth_nothing(notary: Notary) -> None:
    """A second code of the same account can not bring in a third account."""
    asked = await notary.link(TELEGRAM, await notary.code(DISCORD))
    await notary.press(TELEGRAM, asked)
    await notary.press(DISCORD, await notary.link(DISCORD))
    for code in notary.codes:
        await refused(notary, THIEF, code)


@pytest.mark.parametrize(
    "forged", ["yes:999", "yes:-1", "maybe:1", "yes:", "yes:1:2", "yes:１", "", "no:999"]
)
async def test_forged_buttons(notary: Notary, forged: str) -> None:
    await notary.link(TELEGRAM, await notary.code(DISCORD))
    assert not (await notary.linking.pressed(notary.who(THIEF), forged)).done
    assert await notary.linked(DISCORD) == []


async def test_a_name_can_not_speak_for_us(notary: Notary) -> None:
    actor = replace(DISCORD, name="mina” (1)\nJoined!「\u202e" + "x" * 100)
    asked = await notary.link(TELEGRAM, await notary.code(actor))
    assert asked.text.split("\n")[0].count("”") == 1 and len(asked.text.split("\n")[0]) < 120


async def test_memories_of_direct_messages_are_shared_and_split_again(notary: Notary) -> None:
    house = notary.house
    await house.say("[취미: 등산] 안녕")
    await house.say("[고향: 부산] 안녕", place=HERE)
    here, there = Owner(DISCORD.id, DIRECT.scope), Owner(TELEGRAM.id, DIRECT.scope)
    memories = house.app.memories
    assert await memories.list(there) == []
    await notary.join()
    assert [m.tag for m in await memories.list(there)] == ["[취미: 등산]"]
    assert (await memories.search(there, "등산", None, "", 5))[0][0].person == DISCORD.id
    for group in ("group:discord:42", "group:telegram:-100"):
        assert await memories.list(Owner(TELEGRAM.id, group)) == []
    assert await house.app.history.last_turns(there, 9) == []
    assert (await notary.linking.unlink(notary.who(TELEGRAM))).done
    assert await memories.list(there) == [] and len(await memories.list(here)) == 1
    assert await notary.linked(DISCORD) == [] and not (await notary.linking.unlink(notary.who(DISCORD))).done


async def test_a_reply_recalls_what_the_other_account_told(notary: Notary) -> None:
    house = notary.house
    await house.say("[취미: 등산] 안녕")
    await notary.join(DISCORD, TELEGRAM)

    async def recalled(place: Place) -> list[str]:
        said = Incoming(f"telegram:{place.scope}", TELEGRAM, place, "취미 등산 등산", house.clock.now())
        events = [event async for event in house.app.conversation.respond(said)]
        (done,) = [event for event in events if isinstance(event, ReplyDone)]
        return [memory.text for memory in done.recalled]

    house.model.answers[Task.MEMORY] = ""
    assert await recalled(DIRECT) == ["[취미: 등산]"]
    assert await recalled(GROUP) == []


async def test_an_edit_stays_with_its_account(notary: Notary) -> None:
    house = notary.house
    commands = replace(house.commands, links=house.app.links)
    await house.say("[취미: 등산] 안녕")
    await notary.join()
    there = Owner(TELEGRAM.id, DIRECT.scope)
    (fact,) = await house.app.memories.list(there)
    assert (await commands.memory.edit(there, fact.id, "수영", "en")).done
    await notary.linking.unlink(notary.who(TELEGRAM))
    assert [m.tag for m in await house.facts()] == ["[취미: 수영]"]
    assert await house.app.memories.list(there) == []


async def test_an_edit_does_not_outlive_the_link(notary: Notary, monkeypatch: pytest.MonkeyPatch) -> None:
    app, here, there = notary.house.app, Owner(DISCORD.id, "direct"), Owner(TELEGRAM.id, "direct")
    kept = await app.memories.add(there, fact("취미", "등산"), 0)
    await notary.join()
    assert kept is not None and app.embedder is not None
    encode = app.embedder.encode

    async def slow(texts: Sequence[str]) -> list[Vector]:
        await app.links.unlink(TELEGRAM.id)
        return await encode(texts)

    monkeypatch.setattr(app.embedder, "encode", slow)
    answer = await notary.house.commands.memory.edit(here, kept.id, "수영", "en")
    assert not answer.done and [m.tag for m in await app.memories.list(there)] == ["[취미: 등산]"]


async def test_either_account_pins_what_it_sees(notary: Notary) -> None:
    await notary.house.say("[취미: 등산] 안녕")
    (fact,) = await notary.house.facts()
    pin, there = notary.house.commands.memory.pin, Owner(TELEGRAM.id, DIRECT.scope)
    assert not (await pin(there, fact.id, "en")).done
    await notary.join()
    assert (await pin(there, fact.id, "en")).done
    assert [m.pinned for m in await notary.house.facts()] == [True]


async def test_either_account_deletes_what_it_sees(notary: Notary) -> None:
    await notary.house.say("[취미: 등산] 안녕")
    (fact,) = await notary.house.facts()
    there = Owner(TELEGRAM.id, DIRECT.scope)
    assert await notary.house.app.memories.delete(there, fact.id) is None
    await notary.join()
    assert await notary.house.app.memories.delete(Owner(TELEGRAM.id, "group:x"), fact.id) is None
    assert await notary.house.app.memories.delete(there, fact.id) == fact
    assert await notary.house.facts() == []


async def test_forget_says_and_does_what_it_covers(notary: Notary) -> None:
    house = notary.house
    commands: Commands = replace(house.commands, links=house.app.links)
    await house.say("[취미: 등산] 안녕")
    await house.say("[고향: 부산] 안녕", place=HERE)
    await notary.join()
    there = Owner(TELEGRAM.id, DIRECT.scope)
    preview = await commands.forget_preview(there, True, "en")
    assert "memories: 2" in preview.text and "all of the joined Discord account “mina”" in preview.text
    here = await commands.forget_preview(there, False, "ko")
    assert "기억 1개와 대화 1개" in here.text and "디스코드 계정 「mina」의 DM에 있는 것도 함께" in here.text
    gone = await commands.forget(there, False, "ko")
    assert gone.done and "기억 1개" in gone.text and "대화 1개" in gone.text
    assert await house.facts() == [] and await notary.linked(TELEGRAM) == [DISCORD.id]
    assert len(await house.facts(place=HERE)) == 1, "what was said in groups is apart"
    await commands.forget(there, True, "en")
    assert await house.facts() == [] == await house.facts(place=HERE)
    assert await notary.linked(DISCORD) == []
    with sqlite3.connect(notary.house.app.settings.database) as db:
        for table in ("links", "link_codes", "link_requests"):
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    db.close()
    assert "미나".encode() not in notary.house.app.settings.database.read_bytes()


@pytest.mark.parametrize("everywhere", [False, True])
async def test_what_one_account_forgets_no_prompt_of_the_other_repeats(
    notary: Notary, everywhere: bool
) -> None:
    """Her replies to the other account quote it, and stand in its next prompts; so does one still to come."""
    house = notary.house
    house.model.answers[Task.MEMORY], house.model.answers[Task.REPLY] = "", "너는 등산 좋아하잖아!"
    await house.say("[취미: 등산] 안녕")
    await notary.join()

    async def says(number: int, text: str) -> None:
        said = Incoming(f"telegram:{number}", TELEGRAM, DIRECT, text, house.clock.now())
        async for _ in house.app.conversation.respond(said):
            pass

    await says(1, "취미 등산 등산")
    assert "등산" in (await house.app.history.last_turns(Owner(TELEGRAM.id, DIRECT.scope), 1))[0].reply
    late = await house.app.memories.epoch(TELEGRAM.id)
    commands = replace(house.commands, links=house.app.links)
    assert (await commands.forget(Owner(DISCORD.id, DIRECT.scope), everywhere, "ko")).done
    assert "등산".encode() not in house.app.settings.database.read_bytes()
    there = Owner(TELEGRAM.id, DIRECT.scope)
    written = Turn("telegram:2", "또", "등산!", "", "ko", house.clock.now())
    assert not await house.app.history.add_turn(there, written, late), "begun before, written afterwards"
    house.model.seen.clear()
    await says(3, "내 취미가 뭐더라")
    asked = [request.prompt for request in house.model.seen if request.task is Task.REPLY]
    assert asked and not any("등산" in prompt for prompt in asked)


async def test_forgetting_ends_codes_and_questions(notary: Notary) -> None:
    code = await notary.code(DISCORD)
    await notary.house.app.memories.forget(DISCORD.id, None)
    await refused(notary, TELEGRAM, code)
    asked = await notary.link(TELEGRAM, await notary.code(DISCORD))
    await notary.press(TELEGRAM, asked)
    question = await notary.link(DISCORD)
    await notary.house.app.memories.forget(TELEGRAM.id, None)
    assert not (await notary.press(DISCORD, question)).done


async def test_the_other_side_is_told_once_confirmed(notary: Notary) -> None:
    asked = await notary.link(TELEGRAM, await notary.code(DISCORD))
    assert await notary.linking.waiting(DISCORD.id) is None
    await notary.press(TELEGRAM, asked)
    request = await notary.linking.waiting(DISCORD.id)
    assert request is not None and await notary.linking.waiting(TELEGRAM.id) is None
    assert "「미나」" in notary.linking.notice(request, DISCORD.id, "ko")
    waits = await notary.link(TELEGRAM)
    assert "confirm there" in waits.text and [data[:2] for data, _ in waits.buttons] == ["no"]


async def test_a_store_that_fails_is_said(notary: Notary, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise StoreError("locked")

    for name in ("linked", "pending", "unlink", "refuse", "take"):
        monkeypatch.setattr(type(notary.house.app.links), name, broken)
    asker = notary.who(DISCORD)
    for answer in (
        await notary.linking.link(asker), await notary.linking.link(asker, "123456"),
        await notary.linking.unlink(asker), await notary.linking.pressed(asker, "yes:1"),
        await notary.linking.pressed(asker, "no:1"),
    ):  # fmt: skip
        assert not answer.done and answer.text == text("store_failed", "en")
    assert await notary.linking.waiting(DISCORD.id) is None


@pytest.mark.parametrize(
    ("typed", "code"),
    [("123456", "123456"), ("１２３４５６", "123456"), ("123 456", "123456"), ("123-456\n", "123456"),
     ("12345", None), ("1234567", None), ("abcdef", None), ("", None), ("٤٥٦٧٨٩", None)],
)  # fmt: skip
def test_what_counts_as_a_code(typed: str, code: str | None) -> None:
    assert read_code(typed) == code
