"""What an adapter is given of the app: the shared commands and the stores, joined."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.app import App
from core.places import PlaceRules

if TYPE_CHECKING:
    from adapters.shared.commands import Commands
    from adapters.shared.doors import Doors


def discord_doors(app: App) -> Doors:
    """Everything that the Discord adapter may open."""
    from adapters.discord_chat.desk import mention

    return _doors(app, mention)


def telegram_doors(app: App) -> Doors:
    """Everything that the Telegram adapter may open."""
    from adapters.telegram_chat.desk import mention

    return _doors(app, mention)


def commands_of(app: App) -> Commands:
    """The commands of people, the same on every platform and in the terminal."""
    from adapters.shared.battles import BattleDesk
    from adapters.shared.commands import Commands

    return Commands(
        app.conversation, app.memories, app.history, app.portraits, app.deliveries, app.embedder, app.links,
        on_server=app.settings.database_url is not None, battles=app.battle_store,
        battle_desk=BattleDesk(app.battles, app.audit),
    )  # fmt: skip


def _doors(app: App, mention: Callable[[str], str]) -> Doors:
    """``mention`` writes a person's id as the platform shows a person."""
    from adapters.shared.admin import Admin
    from adapters.shared.doors import Doors
    from adapters.shared.linking import Linking

    conversation = app.conversation
    admin = Admin(
        conversation, app.memories, app.groups, app.blocks, app.audit, app.clock, app.status, mention
    )
    return Doors(
        conversation=conversation, commands=commands_of(app), admin=admin, history=app.history,
        memories=app.memories, groups=app.groups, blocks=app.blocks, audit=app.audit,
        deliveries=app.deliveries, state=app.state, linking=Linking(app.links, app.clock), chats=app.chats,
        rules=conversation.rules or PlaceRules(app.groups, app.blocks), clock=app.clock,
        portraits=app.portraits,
    )  # fmt: skip
