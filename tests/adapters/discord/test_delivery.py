"""One reply on its way, with a conversation that says what a test wants, when it wants."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import pytest

from adapters.discord_chat import errors
from adapters.discord_chat.doors import group_key, message_key, snowflake_of
from adapters.discord_chat.text import LIMIT
from adapters.shared.doors import Doors
from adapters.shared.edges import UnsureError
from core.conversation import Conversation
from core.people import (
    Dropped,
    Event,
    Expression,
    FaceReady,
    Incoming,
    MemoryDone,
    Notice,
    Owner,
    Place,
    PlaceKind,
    Recalled,
    ReplyDone,
    ReplyPart,
    Scores,
    TurnEnd,
)
from core.phrases import phrase
from core.ports import Turn
from tests.adapters.discord.house import House, open_house

FACE = FaceReady(Expression("크게", "크게", "없음", 0.5, Scores(0.5, 0.2, 0.0)), b"\x89PNG face")
END = (FACE, MemoryDone(()), TurnEnd({}))


@dataclass
class Scripted:
    """A conversation that follows a script; a number in it is a pause in seconds."""

    script: tuple[Event | float, ...]
    seen: list[Incoming] = field(default_factory=list)
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    async def respond(self, incoming: Incoming) -> AsyncIterator[Event]:
        self.seen.append(incoming)
        for step in self.script:
            if isinstance(step, float):
                try:
                    await asyncio.wait_for(self.stopped.wait(), step)
                except TimeoutError:
                    continue
                yield Dropped()
                return
            yield step

    async def redo(self, incoming: Incoming) -> AsyncIterator[Event]:
        async for event in self.respond(incoming):
            yield event

    def stop(self, owner: Owner, message_id: str) -> bool:
        self.stopped.set()
        return True

    def into(self, doors: Doors) -> Doors:
        """Takes the place of the real one."""
        return replace(doors, conversation=cast(Conversation, self))


@pytest.fixture
async def house(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        if "grows" not in request.node.name:  # the pause is looked at there
            opened.hurries(edit_every_s=0.1)
        yield opened


async def test_a_message_that_grows(house: House) -> None:
    parts = [ReplyPart(f"문장 {number}.") for number in range(10)]
    steps: list[Event | float] = [step for part in parts for step in (part, 0.3)]
    whole = " ".join(part.text for part in parts)
    talk = Scripted((*steps, ReplyDone(whole, "ko", "generated"), *END))
    async with house.running(change=talk.into) as run:
        reply = await run.ask("길게 말해 줘")
    texts = [version.content for version in reply.versions]
    assert len(texts) >= 3 and reply.content.startswith(whole)
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(texts))
    times = [version.at for version in reply.versions]
    assert all(after - before >= 1.2 for before, after in itertools.pairwise(times))
    labels = [[b["label"] for b in v.components[0]["components"]] for v in reply.versions]
    assert labels[0] == ["그만"] and labels[-1] == ["다시", "왜?"]
    assert house.discord.said(house.square) == [reply] and len(reply.attachments) == 1


async def test_stopped_in_the_middle_what_was_shown_stays(house: House) -> None:
    talk = Scripted((ReplyPart("이만큼은 말했어."), 20.0, ReplyPart("아직 더 있는데.")))
    async with house.running(change=talk.into) as run:
        await house.call("길게")
        reply = await house.discord.answer(house.square)
        (stop,) = reply.buttons()
        await house.discord.press(house.mina, reply, stop["custom_id"])
        await run.until(lambda: reply.buttons()[0]["label"] == "다시")
        await run.idle()
    assert reply.content == "이만큼은 말했어."


async def test_a_long_reply_is_split_and_the_face_hangs_on_the_last(house: House) -> None:
    whole = " ".join(f"이것은 {number}번째 문장이야." for number in range(300))
    talk = Scripted((ReplyDone(whole, "ko", "generated"), *END))
    async with house.running(change=talk.into) as run:
        await house.call("아주 길게")
        await house.discord.answer(house.square, 2)
        await run.idle()
        replies = house.discord.said(house.square)
        found = await run.app.deliveries.of_source(message_key(replies[0].reference_id or 0))
    assert len(replies) >= 2 and all(len(reply.content) <= LIMIT for reply in replies)
    said = re.sub(r"\s|\n-#.*", "", "".join(reply.content for reply in replies))
    assert said.startswith(re.sub(r"\s", "", whole))
    assert [len(reply.attachments) for reply in replies] == [0] * (len(replies) - 1) + [1]
    assert [bool(reply.buttons()) for reply in replies] == [False] * (len(replies) - 1) + [True]
    assert replies[0].reference is not None and replies[1].reference is None
    assert found is not None and found.replies == tuple(message_key(reply.id) for reply in replies)


async def test_a_shorter_answer_takes_surplus_messages_away(house: House) -> None:
    long = " ".join(f"이것은 {number}번째 문장이야." for number in range(300))
    talk = Scripted((ReplyDone(long, "ko", "generated"), *END))
    async with house.running(change=talk.into) as run:
        await house.call("아주 길게")
        await house.discord.answer(house.square, 2)
        await run.idle()
        talk.script = (ReplyDone("짧게!", "ko", "generated"), *END)
        (*_, last) = house.discord.said(house.square)
        again = next(b["custom_id"] for b in last.buttons() if b["label"] == "다시")
        await house.discord.press(house.mina, last, again)
        await run.until(lambda: len(house.discord.said(house.square)) == 1)
        await run.idle()
    (reply,) = house.discord.said(house.square)
    assert reply.content == "짧게!" and len(reply.attachments) == 1


async def test_a_long_answer_to_a_command(house: House) -> None:
    long = " ".join(f"이것은 {number}번째 문장이야." for number in range(150))
    talk = Scripted((ReplyDone(long, "ko", "generated"), *END))
    async with house.running(change=talk.into, commands=True) as run:
        asked = await house.discord.slash(house.mina, house.square, "chat", {"text": "길게"})
        last = await asked.followup()
        await run.until(lambda: last.attachments)
        await run.idle()
        first = asked.original
        assert first is not None and not first.attachments and not first.buttons()
        said = talk.seen[0]  # what the real conversation would have kept
        epoch = await run.app.memories.epoch(said.person.id)
        await run.app.history.add_turn(said.owner, Turn(said.id, "길게", long, "", "ko", said.at), epoch)
        talk.script = (ReplyDone("짧게!", "ko", "generated"), *END)
        again = next(b["custom_id"] for b in last.buttons() if b["label"] == "다시")
        await house.discord.press(house.mina, last, again)
        await run.until(lambda: last.deleted and first.attachments)
    assert first.content.startswith("짧게!") and len(house.discord.said(house.square)) == 1


async def test_a_further_message_that_may_have_arrived_is_not_sent_again(house: House) -> None:
    long = " ".join(f"이것은 {number}번째 문장이야." for number in range(150))
    talk = Scripted((ReplyDone(long, "ko", "generated"), 0.5, *END))
    house.discord.faults.next("POST", "/webhooks/*/*", drop="after")
    async with house.running(change=talk.into, commands=True) as run:
        asked = await house.discord.slash(house.mina, house.square, "chat", {"text": "길게"})
        await asked.followup()
        await run.idle()
    assert len(house.discord.said(house.square)) == 2


async def test_a_further_message_that_was_refused_for_now_comes(house: House) -> None:
    long = " ".join(f"이것은 {number}번째 문장이야." for number in range(150))
    talk = Scripted((ReplyDone(long, "ko", "generated"), *END))
    house.discord.faults.rate_limited("POST", "/webhooks/*/*", via=False)
    async with house.running(change=talk.into, commands=True) as run:
        asked = await house.discord.slash(house.mina, house.square, "chat", {"text": "길게"})
        last = await asked.followup()
        await run.until(lambda: last.attachments)
        await run.idle()
    assert len(house.discord.said(house.square)) == 2


async def test_a_reply_that_stands_in_part_is_finished(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors.trying, "__defaults__", ((), UnsureError))
    long = " ".join(f"이것은 {number}번째 문장이야." for number in range(150))
    talk = Scripted((ReplyDone(long, "ko", "generated"), 0.5, *END))
    house.discord.faults.next("POST", "/channels/*/messages", skip=1, status=503, text="upstream error")
    async with house.running(change=talk.into) as run:
        await house.call("길게")
        last = await house.discord.answer(house.square, 2)
        await run.idle()
    assert len(house.discord.said(house.square)) == 2 and last.attachments and last.buttons()


async def test_model_output_can_not_ping_or_link(house: House) -> None:
    evil = f"@everyone <@{house.john.id}> [여기](https://evil.example) ||비밀|| discord.gg/abc"
    talk = Scripted((ReplyDone(evil, "ko", "generated"), Notice(evil), *END))
    async with house.running(change=talk.into) as run:
        reply = await run.ask("못된 말 해 봐")
    for version in reply.versions:
        assert not version.mentions and not version.mention_everyone
        assert not re.search(r"(?<!\\)\]\(", version.content) and "://evil" not in version.content
        assert "@everyone" not in version.content and "discord.gg" not in version.content
        assert version.flags & (1 << 2)


async def test_memories_used_are_noted(house: House) -> None:
    recalled = (Recalled(3, "[취미: 등산]", 0.9), Recalled(5, "[이름: 미나]", 0.8))
    talk = Scripted((ReplyDone("등산!", "ko", "generated", recalled), *END))
    async with house.running(change=talk.into) as run:
        reply = await run.ask("내 취미")
        found = await run.app.deliveries.of_reply(message_key(reply.id))
    assert found is not None and found.recalled == (3, 5)
    assert found.person == f"discord:{house.mina.id}" and found.channel == str(house.square.id)


async def test_a_turn_without_any_word_is_not_silent(house: House, caplog: pytest.LogCaptureFixture) -> None:
    async with house.running(change=Scripted((TurnEnd({}),)).into) as run:
        reply = await run.ask("안녕")
    assert reply.content == phrase("failed", "ko")
    assert [b["label"] for b in reply.buttons()] == ["다시"]
    assert "no reply for discord:" in caplog.text


async def test_a_turn_that_is_dropped_says_nothing(house: House) -> None:
    async with house.running(change=Scripted((Dropped(),)).into) as run:
        said = await house.call("안녕")
        await run.until(lambda: message_key(said.id) in run.client.chat._claimed)
        await run.idle()
    assert house.discord.said(house.square) == []


async def test_first_contact_is_told_once_and_not_under_a_crisis_line(house: House) -> None:
    talk = Scripted((ReplyDone("도움은 여기.", "ko", "phrase"), *END))
    async with house.running(change=talk.into) as run:
        assert "-#" not in (await run.ask("힘들어")).content
        talk.script = (ReplyDone("안녕!", "ko", "generated"), *END)
        assert (await run.ask("안녕")).content.count("-# ") == 2
        assert "-#" not in (await run.ask("안녕")).content


async def test_typing_goes_on_until_the_first_words(house: House) -> None:
    house.hurries(typing_every_s=0.1)
    talk = Scripted((0.5, ReplyDone("안녕!", "ko", "generated"), *END))
    async with house.running(change=talk.into) as run:
        await run.ask("안녕")
        count = len(house.square.typing)
        await asyncio.sleep(0.3)
    assert 3 <= count == len(house.square.typing)


async def test_a_sharded_run_serves_its_range(tmp_path: Path) -> None:
    async with open_house(tmp_path, shards=2) as house:
        async with house.running(shard_count=1) as run:
            await run.ask("안녕")


def test_keys() -> None:
    assert snowflake_of(message_key(7)) == 7 and group_key(9) == "discord:9"
    with pytest.raises(ValueError, match="telegram"):
        snowflake_of("telegram:7")
    for place in (
        Place(PlaceKind.DIRECT), Place(PlaceKind.GROUP, "discord:1"), Place(PlaceKind.GROUP, "discord:1", "2")
    ):  # fmt: skip
        assert Place.of_scope(place.scope) == place
