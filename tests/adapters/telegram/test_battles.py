"""Battles on Telegram, through a fake Telegram: a card that goes on, buttons, values in words, restarts."""

from __future__ import annotations

import asyncio
import hashlib
import re
from pathlib import Path

from adapters.shared.texts import text as shared
from adapters.telegram_chat.command_texts import text
from core.battle.commitment import sealed
from core.errors import StoreError
from core.phrases import phrase
from tests.adapters.telegram.office import Office, labels, office, plain
from tests.fake_telegram import Chat, FakeTelegram, Message, User
from tests.fakes_battle import ArithmeticArena

VALUES = "lr=3e-4 drop=0,0.1,0.3 leaky cosine"


async def card(place: Office, chat: Chat, words: str, *, button: str = "", least: int = 0) -> Message:
    """The newest message of hers that has these words, and a button whose data begin so."""

    def found() -> list[Message]:
        said = [message for message in place.fake.said(chat)[least:] if words in plain(message)]
        return [message for message in said if any(data.startswith(button) for data in datas(message))]

    return (await place.fake.wait_for(found, what=f"{words} {button}"))[-1]


def datas(message: Message) -> list[str]:
    """What its buttons carry."""
    return [each.get("callback_data", "") for each in message.keyboard] or [""]


async def begun(place: Office, user: User, chat: Chat, words: str = "digits seed:7") -> Message:
    """A battle by a command; its card, once it is the person's turn."""
    typed = f"/battle {words}" if chat.private else place.addressed(f"/battle {words}")
    await place.fake.say(user, chat, typed)
    return await card(place, chat, "⚔️", button="bt:")


async def turn(place: Office, message: Message, number: int, lang: str = "ko") -> None:
    """Wait until the card says that a round may be chosen."""
    words = f"{number}차 차례" if lang == "ko" else f"round {number} is yours"
    await place.fake.wait_for(lambda: words in plain(message) and len(message.keyboard) > 2, what=words)


async def test_a_whole_battle_with_buttons_and_words(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        chat = place.alone(place.mina)
        asked = await place.ask(place.mina, "/battle")
        assert labels(asked) == ["숫자", "얼굴"]
        await place.press(place.mina, asked, "숫자")
        assert [label for label in labels(asked) if "Optuna" in label] == ["Optuna × 5", "Optuna × 15"]
        await place.press(place.mina, asked, "오로라 · 어려움")
        await turn(place, asked, 1)
        assert asked.media is not None and asked.media.kind == "photo"
        quoted = [each for each in asked.entities if each["type"] == "expandable_blockquote"]
        assert len(quoted) == 1 and "훈련 60" in plain(asked), "what the picture shows, in words"

        await place.press(place.mina, asked, "값 고르기")
        question = await card(place, chat, "1차 값을")
        assert question.last.markup is not None and question.last.markup["force_reply"]
        wrong = await place.ask(place.mina, "lr=7", reply_to=question)
        assert "0.006" in plain(wrong) and "차례는 그대로" in plain(wrong)
        taken = await place.ask(place.mina, VALUES, reply_to=wrong)
        assert "1차 잠갔어! lr=0.0003" in plain(taken)
        await turn(place, asked, 2)
        assert "검증 F1" in plain(asked)

        assert "lr=0.0025" in (await place.press(place.mina, asked, "과감하게")).text
        await place.fake.wait_for(lambda: "어느 걸로" in plain(asked), what="the naming")
        await place.press(place.mina, asked, "bt:1:name:2")
        await place.fake.wait_for(lambda: "🏆" in plain(asked) and "💬" in plain(asked), what="the result")
        await place.fake.wait_for(lambda: labels(asked) == ["봉인 확인", "한 판 더"], what="its buttons")
        assert "±" in plain(asked) and len(place.fake.said(chat)) == 4, "one card, the question, two answers"

        await place.press(place.mina, asked, "봉인 확인")
        proof = place.fake.said(chat)[-1]
        seals = re.findall(r"(?:차|말) ([0-9a-f]{64})\nprintf '%s\\n%s' '(.+)' (\w+) \|", proof.text)
        assert len(seals) == 3, "nothing is put between the letters"
        whole, digests = re.findall(r"봉인 ([0-9a-f]{64})\nprintf '%s\\n' ([0-9a-f ]+) \|", proof.text)[0]
        assert whole in plain(asked) and digests.split(" ") == [digest for digest, _, _ in seals]
        assert sealed(digests.split(" ")) == whole
        for digest, content, nonce in seals:
            assert hashlib.sha256(f"{content}\n{nonce}".encode()).hexdigest() == digest
        assert "#1" in plain(await place.ask(place.mina, "/battles history"))
        assert "✅" in plain(await place.ask(place.mina, "/battles replay 1"))
        before = len(place.fake.said(chat))
        assert (await place.press(place.mina, asked, "한 판 더")).text == shared("b_started", "ko")
        await card(place, chat, "#2", button="bt:2:choose", least=before)


async def test_a_battle_is_typed_in_english(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        assert "opponent" in plain(await place.ask(place.john, "/battle optuna 99"))
        message = await begun(place, place.john, place.alone(place.john), "digits optuna 3 seed:3")
        await turn(place, message, 1, "en")
        assert "Optuna × 3" in plain(message) and labels(message)[:3] == ["Choose", "Safe", "Bold"]
        assert "0.006" in plain(await place.ask(place.john, "/battle lr=9"))
        assert "Round 1 is locked" in plain(await place.ask(place.john, "lr=3e-4"))
        await turn(place, message, 2, "en")
        await place.fake.say(place.john, message.chat, "/battle")
        await place.fake.wait_for(lambda: message.deleted, what="a card at the end of the chat")
        again = await card(place, message.chat, "#1", button="bt:1:choose")
        await turn(place, again, 2, "en")
        assert "Round 1 it is" in plain(await place.ask(place.john, "/battle 1"))
        await place.fake.wait_for(lambda: "🏆" in plain(again), what="the result")
        for words in ("/battles join J.", "/battles leaderboard"):
            assert plain(await place.ask(place.john, words)) == shared("group_only_telegram", "en")
        assert phrase("battle_none", "en") in plain(await place.ask(place.john, "/battles stop"))


async def test_a_group_watches_and_strangers_press_nothing(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        message = await begun(place, place.mina, place.group)
        await turn(place, message, 1)
        for button in ("값 고르기", "무난하게", "그만하기"):
            refused = await place.press(place.john, message, button)
            assert refused.alert and refused.text == phrase("battle_not_yours", "en")
        said = await place.ask(place.john, "/battle digits", place.group)
        assert plain(said) == phrase("battle_busy_channel", "en")
        assert await place.use(place.john, VALUES, place.group, reply_to=message) == [
            place.fake.said(place.group)[-1]
        ], "she talks with him, no choice is locked"
        taken = await place.ask(place.mina, VALUES, place.group, reply_to=message)
        assert "1차 잠갔어" in plain(taken)
        await turn(place, message, 2)
        asked = await place.ask(place.mina, "/battle 그만", place.group)
        assert plain(asked) == phrase("battle_concede", "ko"), "there is a score already"
        stopped = await place.ask(place.mina, "/battle 포기", place.group)
        assert plain(stopped) == shared("b_conceded", "ko")
        await place.fake.wait_for(lambda: not message.keyboard, what="the end")


async def test_two_people_hide_their_choices(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        said = await place.fake.say(place.john, place.group, "hello all")
        how = await place.ask(place.mina, "/battle @john", place.group)
        assert plain(how) == text("nobody_named", "ko")
        await place.fake.say(place.mina, place.group, place.addressed("/battle digits seed:5"), reply_to=said)
        message = await card(place, place.group, "⚔️", button="bt:1:accept")
        assert f"tg://user?id={place.john.id}" in [each.get("url") for each in message.entities]
        assert (await place.press(place.mina, message, "bt:1:accept")).alert
        await place.press(place.john, message, "bt:1:accept")
        await turn(place, message, 1)
        hidden = await place.ask(place.mina, "lr=0.00123", place.group, reply_to=message)
        assert text("battle_hidden", "ko") in plain(hidden)

        pressed = await place.press(place.mina, message, "값 고르기")
        assert pressed.text == text("battle_asked_alone", "ko")
        question = await card(place, place.alone(place.mina), "1차 값을")
        assert "0.00123" in plain(await place.ask(place.mina, "lr=0.00123", reply_to=question))
        await place.fake.wait_for(lambda: "👉 john, 1차" in plain(message), what="that he is waited for")
        assert (await place.press(place.john, message, "무난하게")).text.startswith("Round 1")
        await turn(place, message, 2)
        everything = [
            v.text for m in place.group.messages.values() if m.author is place.fake.bot for v in m.versions
        ]
        assert not any("0.00123" in each for each in everything)
        for user in (place.mina, place.john):
            await place.press(user, message, "bt:1:name:1")
        await place.fake.wait_for(lambda: "🏆" in plain(message), what="the result")


async def test_who_never_wrote_to_her_is_led_to_their_own_chat(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        said = await place.fake.say(place.john, place.group, "hello all")
        await place.fake.say(place.mina, place.group, place.addressed("/battle"), reply_to=said)
        message = await card(place, place.group, "⚔️", button="bt:1:accept")
        await place.press(place.john, message, "bt:1:accept")
        await turn(place, message, 1)
        place.john.started = False
        pressed = await place.press(place.john, message, "값 고르기")
        assert pressed.url is not None
        await place.fake.start(place.john, pressed.url.partition("start=")[2])
        question = await card(place, place.alone(place.john), "round 1")
        assert "locked" in plain(await place.ask(place.john, VALUES, reply_to=question))


async def test_a_battle_goes_on_after_a_restart(tmp_path: Path) -> None:
    async with FakeTelegram() as fake:
        async with office(tmp_path, fake) as place:
            message = await begun(place, place.mina, place.group)
            await turn(place, message, 1)
            await place.press(place.mina, message, "무난하게")
            await turn(place, message, 2)
        async with office(tmp_path, fake) as place:
            await place.press(place.mina, message, "과감하게")
            await place.fake.wait_for(lambda: "어느 걸로" in plain(message), what="the naming")
            assert "mina" in plain(message) and message.media is not None
        arena = ArithmeticArena(hold=asyncio.Event())
        async with office(tmp_path, fake, arena=arena) as place:
            await place.press(place.mina, message, "bt:1:name:1")
        async with office(tmp_path, fake) as place:
            await place.fake.wait_for(
                lambda: "🏆" in plain(message) and "💬" in plain(message), what="the end"
            )
            assert len(fake.said(place.group)) == 1


async def test_a_battle_that_ended_unseen_gets_its_end(tmp_path: Path) -> None:
    async with FakeTelegram() as fake:
        async with office(tmp_path, fake) as place:
            message = await begun(place, place.mina, place.alone(place.mina))
            await turn(place, message, 1)
            await place.press(place.mina, message, "무난하게")
            await turn(place, message, 2)
            fake.faults.server_error("editMessageMedia", times=50)
            fake.faults.server_error("editMessageCaption", times=50)
            await place.press(place.mina, message, "bt:1:name:1")
            await place.until(lambda: place.app.battles.current(f"telegram:{place.mina.id}") is None)
        assert "🏆" not in plain(message)
        fake.faults.clear()
        async with office(tmp_path, fake) as place:
            await place.fake.wait_for(
                lambda: "🏆" in plain(message) and "💬" in plain(message), what="the end"
            )


async def test_admins_stop_and_reset(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        message = await begun(place, place.mina, place.group)
        await turn(place, message, 1)
        assert shared("b_joined", "en") in plain(await place.ask(place.john, "/battles join J.", place.group))
        assert shared("b_left", "en") in plain(await place.ask(place.john, "/battles leave", place.group))
        for words in ("/battles stop", "/battles reset"):
            told = await place.ask(place.john, words, place.group)
            assert plain(told) == shared("admin_only_telegram", "en")
        assert shared("b_stopped", "en", id=1) in plain(
            await place.ask(place.boss, "/battles stop", place.group)
        )
        await place.fake.wait_for(lambda: shared("b_end_stopped", "ko") in plain(message), what="the end")
        assert not message.keyboard
        told = await place.ask(place.boss, "/battles reset", place.group)
        assert plain(told) == shared("b_reset", "en", count=0)
        assert plain(await place.ask(place.john, "/battles reset")) == shared("admin_only_telegram", "en")


async def test_who_is_blocked_begins_nothing(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.use(place.boss, f"/admin block {place.john.id}", place.group)
        (told,) = await place.use(place.john, "/battle digits", place.group)
        assert plain(told) == phrase("blocked", "en")
        assert await place.use(place.john, "/battle digits", place.group) == []
        await place.use(place.boss, "/admin maintenance on", place.group)
        (told,) = await place.use(place.mina, "/battle", place.group)
        assert plain(told) == phrase("maintenance", "ko") and place.app.battles.current("telegram:1") is None


async def test_words_do_where_pictures_are_not_allowed(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        place.group.denied.add("photo")
        message = await begun(place, place.mina, place.group)
        await turn(place, message, 1)
        assert message.media is None and "lr" in plain(message)
        await place.fake.delete(message)
        assert "잠갔어" in plain(await place.ask(place.mina, "/battle safe", place.group))
        other = await card(place, place.group, "2차 차례", button="bt:1:choose")
        assert other is not message, "a card that is gone is made anew"


async def test_other_peoples_battles_are_their_own(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        chat = place.alone(place.mina)
        message = await begun(place, place.mina, chat)
        await turn(place, message, 1)
        await place.press(place.mina, message, "무난하게")
        await turn(place, message, 2)
        await place.press(place.mina, message, "bt:1:name:1")
        await place.fake.wait_for(lambda: "🏆" in plain(message), what="the result")
        assert "no battle 1" in plain(await place.ask(place.john, "/battles replay 1"))
        mine = await place.ask(place.john, "/help")
        for data in ("bt:1:proof", "bt:1:again", "bt:1:dance", "bt:x"):
            assert (await place.forge(place.john, mine, data)).alert, data
        assert (await place.forge(place.john, mine, f"b:{place.mina.id}:0:digits hard")).alert


async def test_a_store_that_fails_costs_no_turn(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        message = await begun(place, place.mina, place.alone(place.mina))
        await turn(place, message, 1)

        async def fails(*_: object, **__: object) -> bool:
            raise StoreError

        kept, place.app.battles.store.save = place.app.battles.store.save, fails  # type: ignore[method-assign]
        refused = await place.press(place.mina, message, "무난하게")
        assert refused.alert and refused.text == shared("store_failed", "ko")
        place.app.battles.store.save = kept  # type: ignore[method-assign]
        assert "잠갔어" in (await place.press(place.mina, message, "무난하게")).text
