"""Chooses the real parts: the only file that joins concrete classes of ``db`` and ``models``.

Heavy imports stand inside functions, so that ``--help`` and usage errors answer at once.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import asdict, dataclass, replace
from math import inf
from pathlib import Path
from types import EllipsisType
from typing import TYPE_CHECKING

from bot.app import App
from bot.battles import going_on, make_battles
from bot.clock import SystemClock
from bot.profiles import Profile, choose_profile
from bot.settings import Settings
from bot.status import BotStatus, version
from bot.weights import Loaded, Wanted, load
from core.aftermath import Aftermath
from core.battle.ports import Arena
from core.conversation import Conversation
from core.errors import ModelError, StoreError
from core.gate import Gate
from core.places import PlaceRules
from core.ports import Clock, Embedder, ExemplarStore, LanguageModel, PortraitModel, ReplyRanker
from core.ports_memory import Associations
from core.prompt import Task
from core.recall import Recall
from core.reply import ReplyMaker, ReplyPolicy

if TYPE_CHECKING:
    from db.engine import Database

log = logging.getLogger(__name__)

DRAIN_S = 10.0
AT_ONCE = 100 * 2**20  # bytes of a database that is rewritten within about a second


@dataclass(frozen=True)
class Overrides:
    """Parts given from outside; ``...`` means: load the real one. None switches a part off."""

    language_model: LanguageModel | None = None
    exemplars: ExemplarStore | None = None
    ranker: ReplyRanker | None = None
    embedder: Embedder | EllipsisType | None = ...
    portraits: PortraitModel | EllipsisType | None = ...
    clock: Clock | None = None
    arena: Arena | None = None

    def wanted(self, settings: Settings) -> Wanted:
        """What must be loaded in spite of them."""
        return Wanted(
            text=self.language_model is None, exemplars=self.exemplars is None, ranker=self.ranker is None,
            embed=self.embedder is ..., face=self.portraits is ... and settings.face_enabled,
        )  # fmt: skip


@asynccontextmanager
async def build_app(
    settings: Settings, *, language_model: LanguageModel | None = None,
    exemplars: ExemplarStore | None = None, ranker: ReplyRanker | None = None,
    embedder: Embedder | EllipsisType | None = ...,
    portraits: PortraitModel | EllipsisType | None = ..., clock: Clock | None = None,
    arena: Arena | None = None,
) -> AsyncIterator[App]:  # fmt: skip
    """The app, ready to answer; leaving drains the conversation and closes all in reverse order.

    Raises ModelError when the text model is not usable, SettingsError for a profile that
    cannot be had. A database or another model that is not usable shows in ``App.problems`` and in her
    answers only.
    """
    given = Overrides(language_model, exemplars, ranker, embedder, portraits, clock, arena)
    profile = await asyncio.to_thread(choose_profile, settings)
    log.info("profile %s: %s", profile.name, profile.why)
    async with AsyncExitStack() as stack:
        wanted = given.wanted(settings)
        loading = asyncio.create_task(asyncio.to_thread(load, settings, wanted, profile))
        stack.push_async_callback(_unload, loading)
        database, problems = await _open_database(settings, stack)
        loaded = await asyncio.shield(loading)
        app = _assemble(settings, profile, given, loaded, database, problems, stack)
        app = replace(app, hints=await _hints(database, app.embedder))
        await stack.enter_async_context(going_on(app.battles, database))
        stack.push_async_callback(app.conversation.drain, DRAIN_S)
        gc.freeze()  # what was loaded stays; to look through it for garbage would hold the loop for 100 ms
        stack.callback(gc.unfreeze)
        yield app


async def _unload(loading: asyncio.Task[Loaded]) -> None:
    """Close what was loaded, also when nobody waited for it."""
    with suppress(ModelError):  # then loading has closed it
        (await loading).close()


async def _open_database(settings: Settings, stack: AsyncExitStack) -> tuple[Database, list[str]]:
    from db.engine import Database
    from db.migrate import upgrade

    problems = []
    try:
        await upgrade(settings.database_address, busy_timeout_ms=settings.busy_timeout_ms)
    except StoreError as err:
        log.warning("database: %s: %s", type(err).__name__, err)
        problems.append("no_memory")
    database = await stack.enter_async_context(Database(settings.database_address, settings.busy_timeout_ms))
    stack.push_async_callback(_leave_clean, database)
    with suppress(StoreError):  # every call will say so
        await database.finish_erasures()  # and the file is seen to be in use from now on
    if database.read_only and not problems:
        problems.append("no_memory")
    return database, problems


async def _leave_clean(database: Database) -> None:
    """At the end, do what was put off of erasures; what would take long, the next start does."""
    file = database.file
    with suppress(StoreError, OSError):
        if file is not None and file.stat().st_size <= AT_ONCE:
            await database.finish_erasures()


async def _hints(database: Database, embedder: Embedder | None) -> tuple[str, ...]:
    """What to do about vectors of another sentence model, which are never compared with those of this one."""
    from db.reembedding import other_model

    if embedder is None:
        return ()
    with suppress(StoreError):  # every call will say so
        if other := await other_model(database, embedder.model_id):
            hint = (
                f"Some facts have vectors of another sentence model ({other}, not {embedder.model_id}): they "
                "are found by their words only. Make new ones with: python bot.py memory reembed"
            )
            log.warning(hint)
            return (hint,)
    return ()


def _assemble(
    settings: Settings, profile: Profile, given: Overrides, loaded: Loaded, database: Database,
    problems: list[str], stack: AsyncExitStack,
) -> App:  # fmt: skip
    from db import stores

    clock = given.clock or SystemClock(settings.zone)
    memories = stores.SqlMemoryStore(database, cap=settings.memory_cap)
    history = stores.SqlHistoryStore(database)
    groups, blocks = stores.SqlGroupStore(database), stores.SqlBlockStore(database)
    sentences, remembering = _embedders(given, loaded, stack)
    portraits = _portraits(given, loaded, stack) if settings.face_enabled else None
    model = given.language_model or _language_model(settings, profile, loaded, stack)
    exemplars, ranker = _exemplars(given, loaded), _ranker(given, loaded, sentences)
    policy = read_policy(settings.weights_dir / "text" / "policy.json")
    recall = Recall(
        sentences, remembering, exemplars, memories, history, clock, policy.recall_threshold,
        _belonging(loaded),
    )  # fmt: skip
    own = profile.hub is None  # a larger model writes freely, tells whether there is a fact, and its key
    policy = replace(policy, free=not own or given.language_model is not None)
    maker = ReplyMaker(model, exemplars, ranker, recall, policy)
    aftermath = Aftermath(
        model, remembering, portraits, memories, history, settings.face_enabled,
        policy.tells if own else -inf, guided=own,
    )  # fmt: skip
    rules = PlaceRules(groups, blocks)
    conversation = Conversation(Gate(settings.rate_limit), maker, aftermath, history, rules)
    missing = (*problems, *loaded.problems)
    parts = {"text": model, "sentences": sentences, "memory": remembering, "face": portraits}
    links, battles = stores.SqlLinkStore(database), stores.SqlBattleStore(database)
    hall = make_battles(settings, model, battles, links, clock, given.arena, stack, policy.free)
    names = tuple(f"{part} ({profile.name})" for part, found in parts.items() if found is not None)
    return App(
        settings, conversation, memories, history, portraits, remembering, model, clock, groups, blocks,
        stores.SqlAuditLog(database), stores.SqlDeliveryStore(database), stores.SqlStateStore(database),
        BotStatus(conversation, model, names, missing, version()), links,
        stores.SqlChatStore(database), stores.SqlKeeper(database), battles, hall, missing,
    )  # fmt: skip


def _language_model(
    settings: Settings, profile: Profile, loaded: Loaded, stack: AsyncExitStack
) -> LanguageModel:
    from models.text.service import LocalLanguageModel
    from models.text.tokenizer import counter

    if loaded.text is None:
        raise ModelError("text weights were not loaded")
    replies, others = loaded.text.models
    folder = profile.hub.bases[Task.REPLY] if profile.hub is not None else settings.weights_dir / "text"
    model = LocalLanguageModel(replies, others, counter(folder))
    stack.push_async_callback(model.close)
    return model


def _embedders(
    given: Overrides, loaded: Loaded, stack: AsyncExitStack
) -> tuple[Embedder | None, Embedder | None]:
    """The sentence models of messages and of memory; they may be one."""
    if not isinstance(given.embedder, EllipsisType):
        return given.embedder, given.embedder
    if loaded.senses is None:
        return None, None
    from models.embed.service import LocalEmbedder

    found: dict[str, Embedder] = {}
    for model, model_id in zip(loaded.senses.models, (loaded.model_id, loaded.memory_id), strict=False):
        if model_id and model_id not in found:
            found[model_id] = embedder = LocalEmbedder(model, model_id)
            stack.push_async_callback(embedder.close)
    return found.get(loaded.model_id), found.get(loaded.memory_id)


def _belonging(loaded: Loaded) -> Associations | None:
    """What belongs together of words, where that was loaded."""
    if not loaded.associations:
        return None
    from models.embed.service import LocalAssociations

    return LocalAssociations(*loaded.associations)


def _portraits(given: Overrides, loaded: Loaded, stack: AsyncExitStack) -> PortraitModel | None:
    if not isinstance(given.portraits, EllipsisType):
        return given.portraits
    if loaded.senses is None or not loaded.faces:
        return None
    from models.face.portraits import LocalPortraits

    portraits = LocalPortraits(loaded.senses.models[2], loaded.faces)
    stack.push_async_callback(portraits.close)
    return portraits


def _exemplars(given: Overrides, loaded: Loaded) -> ExemplarStore:
    if given.exemplars is not None:
        return given.exemplars
    from models.text.service import LocalExemplars

    if loaded.index is None:
        raise ModelError("the corpus was not loaded")
    return LocalExemplars(loaded.index)


def _ranker(given: Overrides, loaded: Loaded, embedder: Embedder | None) -> ReplyRanker:
    if given.ranker is not None:
        return given.ranker
    from models.text.service import LocalRanker

    if loaded.ranker is None:
        raise ModelError("the ranker was not loaded")
    return LocalRanker(loaded.ranker, embedder)


def read_policy(path: Path) -> ReplyPolicy:
    """Tuned thresholds where they ship; the defaults for what is missing or damaged."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        usual = asdict(ReplyPolicy())
        return ReplyPolicy(**{name: type(value)(stored.get(name, value)) for name, value in usual.items()})
    except FileNotFoundError:
        return ReplyPolicy()
    except (OSError, ValueError, TypeError, AttributeError) as err:
        log.warning("policy: %s", type(err).__name__)
        return ReplyPolicy()
