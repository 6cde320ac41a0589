"""Methods about the bot itself: who it is, its menus and its descriptions."""

from __future__ import annotations

import re
from typing import Any

from tests.fake_telegram import payloads
from tests.fake_telegram.entities import units
from tests.fake_telegram.errors import bad
from tests.fake_telegram.forms import Form
from tests.fake_telegram.lookups import Handler, Methods
from tests.fake_telegram.model import Chat, User
from tests.fake_telegram.world import World

Json = dict[str, Any]
# A scope's kind with its chat's and user's id, and a language.
Key = tuple[str, int, int, str]

COMMANDS_MAX = 100
_NAME = re.compile("[a-z0-9_]{1,32}")
_LANGUAGE = re.compile("[a-z]{2}|")
_WIDE = {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"}
_NARROW = {"chat", "chat_administrators", "chat_member"}
_TEXTS = {
    "Name": ("name", 64),
    "Description": ("description", 512),
    "ShortDescription": ("short_description", 120),
}


class Profile:
    """Menus by scope and language, and three texts by language."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.menus: dict[Key, list[Json]] = {}
        self.texts: dict[tuple[str, str], str] = {}

    @property
    def methods(self) -> Methods:
        """The handlers by method name."""
        result: Methods = {
            "getMe": self.get_me,
            "setMyCommands": self.set_commands,
            "getMyCommands": self.get_commands,
            "deleteMyCommands": self.delete_commands,
        }
        for name, (field, limit) in _TEXTS.items():
            result[f"setMy{name}"] = self._setter(field, limit)
            result[f"getMy{name}"] = self._getter(field)
        return result

    async def get_me(self, _form: Form) -> Json:
        """The bot and what it may."""
        traits = self._world.traits
        return payloads.user(self._world.bot) | {
            "can_join_groups": True, "can_read_all_group_messages": traits.can_read_all_group_messages,
            "supports_inline_queries": False, "can_connect_to_business": False, "has_main_web_app": False,
            "has_topics_enabled": traits.has_topics_enabled, "allows_users_to_create_topics": False,
        }  # fmt: skip

    async def set_commands(self, form: Form) -> bool:
        """A menu."""
        commands: list[Json] = form.data("commands") or []
        if len(commands) > COMMANDS_MAX:
            raise bad("BOT_COMMANDS_TOO_MUCH")
        for command in commands:
            if not _NAME.fullmatch(command.get("command", "").removeprefix("/")):
                raise bad("BOT_COMMAND_INVALID")
            if not 1 <= units(command.get("description", "")) <= 256:
                raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
        key = self._key(form)
        if commands:
            self.menus[key] = commands
        else:
            self.menus.pop(key, None)
        self._world.changes.tell()
        return True

    async def get_commands(self, form: Form) -> list[Json]:
        """The menu of exactly this scope and language."""
        return self.menus.get(self._key(form), [])

    async def delete_commands(self, form: Form) -> bool:
        """Takes a menu away, so that the wider ones count."""
        self.menus.pop(self._key(form), None)
        self._world.changes.tell()
        return True

    def menu(self, user: User, chat: Chat) -> list[Json]:
        """What someone sees behind the menu button; the narrowest scope wins, there the language's own menu."""
        admin = not chat.private and self._world.member(chat, user).admin
        scopes: list[tuple[str, int, int]] = []
        if not chat.private:
            scopes.append(("chat_member", chat.id, user.id))
        if admin:
            scopes.append(("chat_administrators", chat.id, 0))
        scopes.append(("chat", chat.id, 0))
        if admin:
            scopes.append(("all_chat_administrators", 0, 0))
        scopes.append(("all_private_chats" if chat.private else "all_group_chats", 0, 0))
        scopes.append(("default", 0, 0))
        for scope in scopes:
            for language in ((user.language_code or "")[:2], ""):
                if found := self.menus.get((*scope, language)):
                    return found
        return []

    def _key(self, form: Form) -> Key:
        scope: Json = form.data("scope") or {"type": "default"}
        kind = str(scope.get("type"))
        if kind not in _WIDE | _NARROW:
            raise bad("can't parse BotCommandScope: Unsupported type specified")
        chat_id, user_id = 0, 0
        if kind in _NARROW:
            chat_id = int(scope.get("chat_id") or 0)
            if chat_id not in self._world.chats:
                raise bad("chat not found")
        if kind == "chat_member":
            user_id = int(scope.get("user_id") or 0)
        return kind, chat_id, user_id, _language(form)

    def _setter(self, field: str, limit: int) -> Handler:
        async def set_text(form: Form) -> bool:
            if units(form.text(field)) > limit:
                raise bad(f"{field.replace('_', ' ')} is too long")
            self.texts[field, _language(form)] = form.text(field)
            self._world.changes.tell()
            return True

        return set_text

    def _getter(self, field: str) -> Handler:
        async def get_text(form: Form) -> Json:
            default = self._world.bot.first_name if field == "name" else ""
            general = self.texts.get((field, ""), default)
            return {field: self.texts.get((field, _language(form))) or general}

        return get_text


def _language(form: Form) -> str:
    code = form.text("language_code")
    if not _LANGUAGE.fullmatch(code):
        raise bad("invalid language code specified")
    return code
