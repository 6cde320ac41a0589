"""What an adapter is given of the app: the shared commands and the stores, joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.app import App
from core.places import PlaceRules

if TYPE_CHECKING:
    from adapters.discord_chat.doors import Doors


def discord_doors(app: App) -> Doors:
    """Everything that the Discord adapter may open."""
    from adapters.discord_chat.desk import mention
    from adapters.discord_chat.doors import Doors
    from adapters.shared.admin import Admin
    from adapters.shared.commands import Commands

    conversation = app.conversation
    commands = Commands(conversation, app.memories, app.history, app.portraits, app.deliveries, app.embedder)
    admin = Admin(
        conversation, app.memories, app.groups, app.blocks, app.audit, app.clock, app.status, mention
    )
    return Doors(
        conversation=conversation, commands=commands, admin=admin, history=app.history,
        memories=app.memories, groups=app.groups, blocks=app.blocks, audit=app.audit,
        deliveries=app.deliveries, state=app.state,
        rules=conversation.rules or PlaceRules(app.groups, app.blocks), clock=app.clock,
        portraits=app.portraits,
    )  # fmt: skip
