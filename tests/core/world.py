"""A Conversation on fakes, with short ways to say something to it and to look at what happened."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace

from core.aftermath import Aftermath
from core.conversation import Conversation
from core.gate import Gate
from core.people import (
    DIRECT,
    Event,
    FaceReady,
    Incoming,
    Lang,
    MemoryDone,
    Notice,
    Owner,
    Person,
    Place,
    ReplyDone,
    ReplyPart,
)
from core.places import PlaceRules
from core.ports import Turn
from core.ports_memory import Memory
from core.prompt import Task
from core.recall import Recall
from core.reply import ReplyMaker, ReplyPolicy
from tests.fakes_core import (
    BigramEmbedder,
    DictBlockStore,
    DictGroupStore,
    DictHistoryStore,
    DictMemoryStore,
    FixedClock,
    FixedExemplars,
    Portraits,
    ScriptedModel,
    Shelf,
    Switch,
    TasteRanker,
)
from tests.patience import PATIENCE_S


class Listener:
    """Collects the events of one turn as they come."""

    def __init__(self, turn: AsyncIterator[Event], incoming: Incoming) -> None:
        self.incoming = incoming
        self.events: list[Event] = []
        self.task = asyncio.create_task(self._listen(turn))

    async def _listen(self, turn: AsyncIterator[Event]) -> None:
        async for event in turn:
            self.events.append(event)

    async def until(self, kind: type[Event]) -> None:
        """Wait for the first event of a kind."""
        async with asyncio.timeout(PATIENCE_S):
            while not any(isinstance(event, kind) for event in self.events):
                if self.task.done():
                    raise AssertionError(f"the turn ended without {kind.__name__}: {self.events}")
                await asyncio.sleep(0.001)

    async def end(self) -> list[Event]:
        """Wait for the end of the turn; all its events."""
        async with asyncio.timeout(PATIENCE_S):
            await self.task
        return self.events


@dataclass
class World:
    """All fakes and the conversation on them; change a fake, then speak."""

    model: ScriptedModel = field(default_factory=ScriptedModel)
    exemplars: FixedExemplars = field(default_factory=FixedExemplars)
    ranker: TasteRanker = field(default_factory=TasteRanker)
    embedder: BigramEmbedder | None = field(default_factory=BigramEmbedder)
    portraits: Portraits | None = field(default_factory=Portraits)
    clock: FixedClock = field(default_factory=FixedClock)
    shelf: Shelf = field(default_factory=Shelf)
    gate: Gate = field(default_factory=Gate)
    policy: ReplyPolicy = field(default_factory=ReplyPolicy)
    groups: DictGroupStore = field(default_factory=DictGroupStore)
    blocks: DictBlockStore = field(default_factory=DictBlockStore)
    guided: bool = False
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.memories = DictMemoryStore(self.shelf)
        self.history = DictHistoryStore(self.shelf)
        self.restart()

    def restart(self) -> None:
        """A new Conversation, as after the program started again."""
        recall = Recall(
            self.embedder, self.embedder, self.exemplars, self.memories, self.history, self.clock,
            self.policy.recall_threshold,
        )  # fmt: skip
        maker = ReplyMaker(self.model, self.exemplars, self.ranker, recall, self.policy)
        aftermath = Aftermath(
            self.model,
            self.embedder,
            self.portraits,
            self.memories,
            self.history,
            tells=self.policy.tells,
            guided=self.guided,
        )
        rules = PlaceRules(self.groups, self.blocks)
        self.conversation = Conversation(self.gate, maker, aftermath, self.history, rules)

    def start(self, text: str, who: str = "jun", place: Place = DIRECT, lang: Lang | None = None) -> Listener:
        """Say something and go on at once."""
        person = Person("test", who)
        incoming = Incoming(f"m{next(self.ids)}", person, place, text, self.clock.now(), lang)
        return Listener(self.conversation.respond(incoming), incoming)

    def again(self, incoming: Incoming, text: str | None = None) -> Listener:
        """Have a message answered again, with another text where it was edited."""
        edited = incoming if text is None else replace(incoming, text=text)
        return Listener(self.conversation.redo(edited), edited)

    async def say(
        self, text: str, who: str = "jun", place: Place = DIRECT, lang: Lang | None = None
    ) -> list[Event]:
        """Say something and wait until the turn is over."""
        return await self.start(text, who, place, lang).end()

    def known(self, who: str = "jun", place: Place = DIRECT) -> list[Memory]:
        """What is remembered."""
        return [kept for kept, _ in self.shelf.memories[Owner(f"test:{who}", place.scope)]]

    def turns(self) -> list[Turn]:
        """Everything that is kept of what was said."""
        return [turn for turns in self.shelf.turns.values() for turn in turns]

    def tags(self, who: str = "jun", place: Place = DIRECT) -> list[str]:
        """What is remembered, as it stands in prompts."""
        return [memory.tag for memory in self.known(who, place)]

    def learns(self, fact: str) -> None:
        """The memory adapter finds ``fact`` in every message that it is grounded in."""
        self.model.scripts[Task.MEMORY] = lambda _: fact

    def switch(self, name: str) -> Switch:
        """The switch of a port, by name."""
        assert self.embedder is not None and self.portraits is not None
        switches = {
            "exemplars": self.exemplars.on,
            "ranker": self.ranker.on,
            "embedder": self.embedder.on,
            "portraits": self.portraits.on,
            "memory reads": self.memories.reads,
            "memory writes": self.memories.writes,
            "history reads": self.history.reads,
            "history writes": self.history.writes,
            "groups": self.groups.reads,
            "blocks": self.blocks.reads,
        }
        return self.model.on[Task(name)] if name in set(Task) else switches[name]


def reply(events: list[Event]) -> ReplyDone:
    """The one finished reply among the events."""
    (done,) = [event for event in events if isinstance(event, ReplyDone)]
    return done


def shown(events: list[Event]) -> str:
    """What a person reads of a turn: its parts, joined."""
    return " ".join(event.text for event in events if isinstance(event, ReplyPart))


def notices(events: list[Event]) -> list[str]:
    """The asides among the events."""
    return [event.text for event in events if isinstance(event, Notice)]


def learned(events: list[Event]) -> list[str]:
    """What MemoryDone says was learned."""
    (done,) = [event for event in events if isinstance(event, MemoryDone)]
    return [fact.text for fact in done.learned]


def face(events: list[Event]) -> FaceReady:
    """The one face among the events."""
    (ready,) = [event for event in events if isinstance(event, FaceReady)]
    return ready


def kinds(events: list[Event]) -> list[str]:
    """The events by name."""
    return [type(event).__name__ for event in events]
