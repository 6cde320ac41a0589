"""What the Discord adapter is given: the core's objects and shared commands, joined in ``bot/wiring.py``."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.shared.admin import Admin
from adapters.shared.commands import Commands
from core.conversation import Conversation
from core.people import Place, PlaceKind
from core.places import PlaceRules
from core.ports import Clock, HistoryStore, MemoryStore, PortraitModel
from core.ports_places import AuditLog, BlockStore, DeliveryStore, GroupStore, StateStore

PLATFORM = "discord"


@dataclass(frozen=True)
class Doors:
    """Everything that the adapter may open; one object for all shards of a process."""

    conversation: Conversation
    commands: Commands
    admin: Admin
    history: HistoryStore
    memories: MemoryStore
    groups: GroupStore
    blocks: BlockStore
    audit: AuditLog
    deliveries: DeliveryStore
    state: StateStore
    rules: PlaceRules
    clock: Clock
    portraits: PortraitModel | None = None


def message_key(snowflake: int | str) -> str:
    """The id under which the core and the stores know a message (or an interaction) of Discord."""
    return f"{PLATFORM}:{snowflake}"


def snowflake_of(key: str) -> int:
    """The number in a :func:`message_key`. Raises ValueError for anything else."""
    platform, _, number = key.partition(":")
    if platform != PLATFORM:
        raise ValueError(f"not of {PLATFORM}: {key}")
    return int(number)


def group_key(guild_id: int | str) -> str:
    """The group of a guild."""
    return f"{PLATFORM}:{guild_id}"


def place_of_scope(scope: str) -> Place:
    """The place whose scope this is."""
    if not scope.startswith("group:"):
        return Place(PlaceKind.DIRECT)
    group, _, hidden = scope.removeprefix("group:").partition("/")
    return Place(PlaceKind.GROUP, group, hidden)
