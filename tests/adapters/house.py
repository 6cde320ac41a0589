"""A whole app on fakes of the models and a real SQLite file, with the commands on it."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from adapters.shared.admin import Admin
from adapters.shared.commands import Commands
from adapters.shared.profile import Profile
from bot.app import App
from bot.doors import commands_of
from bot.wiring import build_app
from core.people import DIRECT, Event, Incoming, Owner, Person, Place, PlaceKind
from core.ports_memory import Memory
from core.prompt import Task
from tests.fakes import (
    FewExemplars,
    FixedClock,
    HashEmbedder,
    LikesAll,
    PaintedPortraits,
    ScriptedModel,
)  # fmt: skip
from tests.houses import settings_in

GUILD, NEAR = "discord:42", "discord:421"
HERE = Place(PlaceKind.GROUP, GUILD)
HIDDEN = Place(PlaceKind.GROUP, GUILD, hidden="9")
ELSEWHERE = Place(PlaceKind.GROUP, NEAR)
ADMIN = "discord:900"


@dataclass
class House:
    """The app, its commands, and short ways to talk."""

    app: App
    commands: Commands
    profile: Profile
    admin: Admin
    clock: FixedClock
    model: ScriptedModel
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def say(self, text: str, who: str = "1", place: Place = DIRECT) -> list[Event]:
        """Say something; message ids are discord:m1, discord:m2 and so on."""
        message = f"discord:m{next(self.numbers)}"
        incoming = Incoming(message, Person("discord", who), place, text, self.clock.now())
        return [event async for event in self.app.conversation.respond(incoming)]

    async def facts(self, who: str = "1", place: Place = DIRECT) -> list[Memory]:
        """What is remembered."""
        return await self.app.memories.list(owner(who, place))


def owner(who: str = "1", place: Place = DIRECT) -> Owner:
    """A person in a place."""
    return Owner(f"discord:{who}", place.scope)


@asynccontextmanager
async def open_house(
    folder: Path, learns: str = "[취미: 등산]", timeout_ms: int = 10_000
) -> AsyncIterator[House]:
    """A house whose data lies in ``folder``."""
    settings = settings_in(folder, busy_timeout_ms=timeout_ms)
    clock, model = FixedClock(), ScriptedModel({Task.MEMORY: learns})
    async with build_app(
        settings, language_model=model, exemplars=FewExemplars(), ranker=LikesAll(),
        embedder=HashEmbedder(), portraits=PaintedPortraits(), clock=clock,
    ) as app:  # fmt: skip
        commands = commands_of(app)
        admin = Admin(
            app.conversation, app.memories, app.groups, app.blocks, app.audit, clock, app.status,
            lambda person: f"<{person}>",
        )  # fmt: skip
        profile = Profile(app.memories, app.history, "discord", app.portraits)
        yield House(app, commands, profile, admin, clock, model)
