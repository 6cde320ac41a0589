"""What every platform's chat does with messages, without a platform."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from adapters.shared.decisions import Act, Decision
from adapters.shared.doors import Doors
from adapters.shared.drafts import Draft, Manner, Surface
from adapters.shared.talks import Talks
from core.people import DIRECT, Event, Incoming, Person, ReplyDone
from core.places import PlaceSettings
from core.ports_places import Delivery
from tests.fakes_core import DictHistoryStore, Shelf


class Paper:
    """A surface that stands already."""

    channel_id, stands, ids = 1, True, ("r1",)

    def __init__(self) -> None:
        self.drafts: list[Draft] = []

    def asked_for(self, _: Delivery) -> Surface:
        return cast(Surface, self)

    async def edit(self, draft: Draft) -> None:
        self.drafts.append(draft)

    async def clear(self) -> None:
        self.drafts.clear()


def doors(redo: Any) -> Doors:
    async def settings(_: str) -> PlaceSettings:
        await asyncio.sleep(0.01)
        return PlaceSettings()

    async def nothing(*_: object) -> None:
        await asyncio.sleep(0)

    return cast(Doors, SimpleNamespace(
        rules=SimpleNamespace(settings=settings), conversation=SimpleNamespace(redo=redo),
        deliveries=SimpleNamespace(shown=nothing, of_source=nothing), linking=SimpleNamespace(waiting=nothing),
        memories=SimpleNamespace(epoch=nothing),
    ))  # fmt: skip


async def test_two_who_ask_again_at_once_share_one_reply() -> None:
    """Else two of them would write into the same messages."""

    async def redo(_: Incoming) -> AsyncIterator[Event]:
        await asyncio.sleep(0.05)
        yield ReplyDone("안녕!", "ko", "generated", ())

    manner = Manner("first_contact_discord", edit_every_s=0.0, typing_every_s=8.0, thinking_s=None)
    talks = Talks(doors(redo), manner)
    said = Incoming("telegram:1", Person("telegram", "7"), DIRECT, "안녕", datetime.now(UTC))
    papers = [Paper(), Paper()]
    first = Delivery(said.id, "telegram:7", DIRECT.scope, said.at, "1", ("r1",), ())
    await asyncio.gather(*(talks.redo(said, first, paper.asked_for) for paper in papers))
    assert [bool(paper.drafts) for paper in papers].count(True) == 1
    assert talks.live == {}


async def test_the_epoch_is_that_of_before_the_settings_are_read_and_the_message_is_claimed() -> None:
    """A /forget that falls between them makes the writes of this turn void."""
    epochs, heard = iter((3, 4)), []

    async def respond(said: Incoming) -> AsyncIterator[Event]:
        heard.append(said.epoch)
        yield ReplyDone("안녕!", "ko", "generated", ())

    async def epoch(_: str) -> int:
        return next(epochs)

    async def claim(*_: object) -> bool:
        await epoch("forgotten meanwhile")
        return True

    parts: Any = doors(respond)
    parts.conversation.respond, parts.history = respond, DictHistoryStore(Shelf())
    parts.memories.epoch, parts.deliveries.claim = epoch, claim
    manner = Manner("first_contact_discord", edit_every_s=0.0, typing_every_s=8.0, thinking_s=None)
    said = Incoming("telegram:1", Person("telegram", "7"), DIRECT, "안녕", datetime.now(UTC))
    assert await Talks(parts, manner).answer(said, cast(Surface, Paper()))
    assert heard == [3]


@pytest.mark.parametrize("door", ["hear", "answer"])
async def test_messages_are_answered_in_the_order_in_which_they_came_whatever_the_store_does(
    door: str,
) -> None:
    """The first reads of a store may end in any order."""
    heard: list[str] = []
    pauses = iter((0.06, 0.03, 0.0))

    async def respond(said: Incoming) -> AsyncIterator[Event]:
        heard.append(f"{said.text} {said.epoch}")
        yield ReplyDone("안녕!", "ko", "generated", ())

    async def epoch(_: str) -> int:
        await asyncio.sleep(next(pauses))
        return 3

    async def claim(*_: object) -> bool:
        return True

    parts: Any = doors(respond)
    parts.conversation.respond, parts.history = respond, DictHistoryStore(Shelf())
    parts.memories.epoch, parts.deliveries.claim = epoch, claim
    talks = Talks(
        parts, Manner("first_contact_discord", edit_every_s=0.0, typing_every_s=8.0, thinking_s=None)
    )

    async def say(text: str) -> None:
        said = Incoming(f"telegram:{text}", Person("telegram", "7"), DIRECT, text, datetime.now(UTC))
        paper = cast(Surface, Paper())
        if door == "answer":
            await talks.answer(said, paper)
        else:
            await talks.hear(said, paper, lambda _: Decision(Act.ANSWER, "direct", text))

    await asyncio.gather(*(say(text) for text in ("하나", "둘", "셋")))
    assert heard == ["하나 3", "둘 3", "셋 3"]
