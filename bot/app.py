"""What a running bot consists of, in terms of the core's ports."""

from __future__ import annotations

from dataclasses import dataclass

from bot.settings import Settings
from core.battle.keeping import BattleStore
from core.conversation import Conversation
from core.ports import Clock, Embedder, HistoryStore, LanguageModel, PortraitModel
from core.ports_keeping import Keeper
from core.ports_links import LinkStore
from core.ports_memory import MemoryStore
from core.ports_places import (
    AuditLog,
    BlockStore,
    ChatStore,
    DeliveryStore,
    GroupStore,
    StateStore,
    StatusSource,
)


@dataclass(frozen=True)
class App:
    """Made by :func:`bot.wiring.build_app`; valid inside its ``async with``.

    ``problems`` are keys of what is missing (no_face, no_recall, no_memory), for logs and checks;
    people are told by the conversation itself. ``hints`` are sentences for whoever runs her, at the start.
    """

    settings: Settings
    conversation: Conversation
    memories: MemoryStore
    history: HistoryStore
    portraits: PortraitModel | None
    embedder: Embedder | None
    model: LanguageModel
    clock: Clock
    groups: GroupStore
    blocks: BlockStore
    audit: AuditLog
    deliveries: DeliveryStore
    state: StateStore
    status: StatusSource
    links: LinkStore
    chats: ChatStore
    keeper: Keeper
    battle_store: BattleStore
    problems: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
