"""Puts a case before the whole bot: a person of its own in a fresh database, and one real turn."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.app import App
from bot.evaluation.data import Case
from bot.settings import Settings
from core.clock import lived_day
from core.errors import ModelError
from core.facts import typed_fact
from core.language import answer_language
from core.memory import parse_tags, typed_memory
from core.people import DIRECT, Incoming, Lang, Person, Place, PlaceKind, ReplyDone
from core.ports import Turn
from core.ports_memory import NewMemory
from core.reply import Grounds

Build = Callable[[Settings], AbstractAsyncContextManager[App]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What she said, and when; ``recalled`` are the tags that stood in the prompt.

    ``summary`` is what is kept of it for the next turn.
    """

    reply: str
    lang: Lang
    origin: str
    recalled: tuple[str, ...]
    now: datetime
    summary: str = ""


@asynccontextmanager
async def opened(settings: Settings, build: Build, seed: int) -> AsyncIterator[App]:
    """The bot without faces, sampling from ``seed``, on an empty database that is gone afterwards.

    Raises ModelError where text or sentence model are not usable: figures of half a bot are none.
    """
    with tempfile.TemporaryDirectory() as folder:
        quiet = settings.model_copy(
            update={
                "var_dir": Path(folder),
                "database_url": None,
                "face_enabled": False,
                "sampling_seed": seed,
            }
        )
        async with build(quiet) as app:
            if app.problems:
                raise ModelError(f"not all of her is there ({', '.join(app.problems)})")
            yield app


def incoming_of(app: App, name: str, case: Case) -> Incoming:
    """The message, of a person ``name``; in a server of its own where others write, too."""
    place = Place(PlaceKind.GROUP, name) if case.others else DIRECT
    return Incoming(
        name, Person("eval", name), place, case.text, app.clock.now(), case.lang, case.locale
    )  # fmt: skip


def language_of(case: Case) -> Lang:
    """The language that she should answer in."""
    return answer_language(case.text, chosen=case.lang, last=None, locale=case.locale)


async def plant(app: App, incoming: Incoming, case: Case) -> None:
    """Lay down what stands before the message.

    Of earlier exchanges the last gets its summary, as in a conversation that went on.
    """
    await _remember(app, incoming, case.memories)
    if case.others:
        other = Incoming(f"{incoming.id}-other", Person("eval", f"{incoming.id}-other"), incoming.place, "",
                         incoming.at)  # fmt: skip
        await _remember(app, other, case.others)
    lang = language_of(case)
    for number, exchange in enumerate(case.history):
        left = len(case.history) - number
        summary = ""
        if left == 1 and not case.summary:
            summary = await app.conversation.aftermath.summary(
                incoming.person.id, exchange.text, exchange.reply
            )
        turn = Turn(f"{incoming.id}-{number}", exchange.text, exchange.reply, summary or case.summary, lang,
                    incoming.at - timedelta(minutes=left))  # fmt: skip
        await app.history.add_turn(incoming.owner, turn, 0)
    if case.summary and not case.history:
        before = Turn(f"{incoming.id}-0", "", "", case.summary, lang, incoming.at - timedelta(minutes=1))
        await app.history.add_turn(incoming.owner, before, 0)


async def _remember(app: App, incoming: Incoming, tags: Sequence[str]) -> None:
    for tag in tags:
        for key, value in parse_tags(tag):
            vector, model_id = None, ""
            if app.embedder is not None:
                (vector,) = await app.embedder.encode([f"[{key}: {value}]"])
                model_id = app.embedder.model_id
            fact = typed_fact(key, value, lived_day(incoming.at))
            new = NewMemory.of(fact, incoming.at, incoming.id, vector, model_id)
            await app.memories.add(incoming.owner, new, 0)


async def grounds_of(app: App, incoming: Incoming, case: Case) -> Grounds:
    """What her reply will be made from; ask before she answers."""
    maker, lang = app.conversation.maker, language_of(case)
    typed, message = typed_memory(case.text)
    past = await maker.recall.past(incoming.owner, message or case.text, lang)
    return await maker.grounds(message or case.text, lang, past, typed)


async def answered(app: App, incoming: Incoming) -> Answer:
    """One turn to its end, side acts included."""
    answer = Answer("", "ko", "none", (), incoming.at)
    async for event in app.conversation.respond(incoming):
        if isinstance(event, ReplyDone):
            recalled = tuple(memory.text for memory in event.recalled)
            answer = Answer(event.text, event.lang, event.origin, recalled, incoming.at)
    turn = await app.history.turn(incoming.owner, incoming.id)
    return replace(answer, summary=turn.summary) if turn is not None else answer
