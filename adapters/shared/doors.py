"""What a chat adapter is given: the core's objects and the shared commands, joined in ``bot/doors.py``."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.shared.admin import Admin
from adapters.shared.commands import Commands
from adapters.shared.linking import Linking
from core.conversation import Conversation
from core.places import PlaceRules
from core.ports import Clock, HistoryStore, PortraitModel
from core.ports_memory import MemoryStore
from core.ports_places import AuditLog, BlockStore, ChatStore, DeliveryStore, GroupStore, StateStore


@dataclass(frozen=True)
class Doors:
    """Everything that an adapter may open; one object for all connections of a process.

    How a platform's messages and groups are named in the stores (``message_key``, ``group_key``) is
    the adapter's own.
    """

    conversation: Conversation
    commands: Commands
    admin: Admin
    linking: Linking
    history: HistoryStore
    memories: MemoryStore
    groups: GroupStore
    blocks: BlockStore
    audit: AuditLog
    deliveries: DeliveryStore
    chats: ChatStore
    state: StateStore
    rules: PlaceRules
    clock: Clock
    portraits: PortraitModel | None = None
