"""Privacy mode: which messages of a group the bot is given at all."""

from __future__ import annotations

import re
from typing import Protocol

from tests.fake_telegram.entities import part
from tests.fake_telegram.model import Message, User


class Settings(Protocol):
    """What counts of the bot's traits."""

    can_read_all_group_messages: bool
    mentions_delivered: bool


def bot_sees(message: Message, bot: User, settings: Settings) -> bool:
    """Whether the bot gets an update for this message."""
    chat = message.chat
    if chat.private:
        return True
    member = chat.members.get(bot.id)
    if member is None or not member.inside or chat.migrated_to is not None:
        return False
    if message.author.is_bot:
        return False
    if message.service is not None or member.admin or settings.can_read_all_group_messages:
        return True
    return _is_meant(message, bot, settings)


def _is_meant(message: Message, bot: User, settings: Settings) -> bool:
    if message.reply_to is not None and message.reply_to.author is bot:
        return True
    for entity in message.entities:
        marked = part(message.text, entity)
        if entity["type"] == "bot_command" and _addressed(marked, message, bot):
            return True
        named = entity["type"] == "mention" and marked.lower() == bot.mention.lower()
        if named and settings.mentions_delivered:
            return True
    return False


def _addressed(command: str, message: Message, bot: User) -> bool:
    address = re.search("@(.+)", command)
    if address is not None:
        return address.group(1).lower() == (bot.username or "").lower()
    return message.chat.last_bot is bot
