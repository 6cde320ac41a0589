"""After ``/forget`` while everybody talks: no byte, no export and no object holds what the person said."""

from __future__ import annotations

import asyncio
import gc
import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from adapters.console.faces import FaceFolder
from bot.logs import setup_logging
from core.people import DIRECT, Event, Incoming, Owner, Person, Place, ReplyDone
from db.backup import back_up
from tests.adapters.house import ELSEWHERE, HERE, HIDDEN, House, open_house
from tests.caches import cached_texts
from tests.db.people import bytes_of, join

JUN, JUN_TOO = Person("discord", "9182736455"), Person("telegram", "7364558291")
CANARY = "canary"
PLACES = (DIRECT, HERE, HIDDEN, ELSEWHERE)


class Crowd:
    """Messages of one person and of others, all at once."""

    def __init__(self, house: House) -> None:
        self.house, self.numbers = house, itertools.count(1)
        self.stopped = False

    async def say(self, person: Person, text: str, place: Place = DIRECT) -> list[Event]:
        number = next(self.numbers)
        message = Incoming(f"{person.platform}:c{number}", person, place, text, self.house.clock.now())
        owner, deliveries = message.owner, self.house.app.deliveries
        await deliveries.claim(message.id, owner.person, owner.scope, message.at)
        events = [event async for event in self.house.app.conversation.respond(message)]
        done = [event for event in events if isinstance(event, ReplyDone)]
        await deliveries.shown(
            message.id, "c", (f"r{number}",), tuple(m.id for d in done for m in d.recalled)
        )
        return events

    async def confide(self, place: Place, person: Person = JUN) -> None:
        secret = f"{CANARY}{next(self.numbers)}"
        await self.say(person, f"[별명: {secret}] 내 비밀은 {secret}이야", place)

    async def chat(self, who: str) -> None:
        """Somebody else, without end."""
        while not self.stopped:
            await self.say(Person("discord", who), f"[취미: 등산{next(self.numbers)}] 안녕", HERE)


def held(root: object) -> Iterator[object]:
    """Everything that can be reached from an object, code and modules left out."""
    seen, waiting = {id(root)}, [root]
    while waiting:
        thing = waiting.pop()
        yield thing
        for each in gc.get_referents(thing):
            if id(each) not in seen and not isinstance(each, type) and type(each).__name__ not in (
                "module", "function", "builtin_function_or_method", "frame", "code",
            ):  # fmt: skip
                seen.add(id(each))
                waiting.append(each)


def words_in(root: object) -> list[str]:
    """The canaries among everything that can be reached from an object."""
    texts = (thing for thing in held(root) if isinstance(thing, str | bytes))
    return [str(text)[:80] for text in texts if CANARY in (text if isinstance(text, str) else str(text))]


async def test_under_load(tmp_path: Path) -> None:
    setup_logging(tmp_path / "var")
    async with open_house(tmp_path) as house:
        database = house.app.settings.database
        commands, crowd = replace(house.commands, links=house.app.links), Crowd(house)
        FaceFolder(tmp_path / "var" / "faces", "console:mina").save(b"hers")
        others = [asyncio.create_task(crowd.chat(f"{number}")) for number in range(4)]
        await asyncio.gather(*(crowd.confide(place) for place in PLACES for _ in range(3)))
        await crowd.confide(DIRECT, JUN_TOO)
        await join(house.app.memories._db, JUN.id, JUN_TOO.id)  # type: ignore[attr-defined]
        before = bytes_of(tmp_path)
        assert before.count(CANARY.encode()) > 50 and words_in(await commands.memory.all(_mine(), "ko"))

        flying = [asyncio.create_task(crowd.confide(place)) for place in PLACES for _ in range(2)]
        await asyncio.sleep(0.05)
        assert words_in(house.app), "what is in flight is held"
        assert [text for text in cached_texts() if CANARY in text]
        receipt = await commands.forget(_mine(), True, "ko")
        await asyncio.gather(*flying)

        assert receipt.done and "백업" in receipt.text
        for look in (bytes_of(tmp_path), bytes_of(tmp_path)):  # others go on writing meanwhile
            assert CANARY.encode() not in look and JUN.account.encode() not in look
            assert b"name-of" not in look
            await asyncio.sleep(0.1)
        assert not [text for text in cached_texts() if CANARY in text]
        backup = await asyncio.to_thread(back_up, database, tmp_path / "backup.sqlite3")
        assert CANARY.encode() not in backup.file.read_bytes()
        for owner in (_mine(), Owner(JUN_TOO.id, "direct"), Owner("discord:1", HERE.scope)):
            exported = (await commands.memory.export(owner, "ko")).document
            assert exported is not None and CANARY not in exported
        events = await crowd.say(JUN, "내 비밀이 뭐라고 했지?")
        assert not [event for event in events if isinstance(event, ReplyDone) and event.recalled]

        crowd.stopped = True
        await asyncio.gather(*others)
        house.model.seen.clear()  # the fake's own
        assert words_in(house.app) == []
        (entry, *_) = [e for e in await house.app.audit.list("", 9) if e.action == "forget own"]
        assert JUN.account not in entry.actor + entry.target and entry.counts["turns"] > 0


def _mine() -> Owner:
    return Owner(JUN.id, DIRECT.scope)
