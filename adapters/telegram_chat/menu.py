"""What stands behind Telegram's menu button and on the bot's page: told once, and again where it changed.

Menus are no authorisation: whoever types a command gets to its handler. They are set through a bot of
their own without a rate limiter: Telegram answers repeated changes of names with waits of hours, which
would hold up everything that she says.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Final

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
)
from telegram.error import BadRequest, NetworkError, TelegramError

from adapters.telegram_chat.command_texts import ABOUT, DESCRIPTIONS, NAME, SHORT
from core.errors import StoreError, logged
from core.people import Lang
from core.ports_places import StateStore

log = logging.getLogger(__name__)

# Telegram's codes; "" is for everybody whose language has no list of its own.
LANGUAGES: Final[dict[str, Lang]] = {"": "en", "en": "en", "ko": "ko"}
_ALONE: Final = ("link", "unlink")  # asked for in private only
_FOR_ADMINS: Final = ("admin",)
_EVERYWHERE: Final = tuple(name for name in DESCRIPTIONS if name not in (*_ALONE, *_FOR_ADMINS))
MENUS: Final[tuple[tuple[BotCommandScope, tuple[str, ...]], ...]] = (
    (BotCommandScopeAllPrivateChats(), tuple(name for name in DESCRIPTIONS if name not in _FOR_ADMINS)),
    (BotCommandScopeAllGroupChats(), _EVERYWHERE),
    (BotCommandScopeAllChatAdministrators(), (*_EVERYWHERE, *_FOR_ADMINS)),
)


@dataclass(frozen=True)
class Entry:
    """One thing to tell Telegram: its name among ours, all that it says, and the call that says it."""

    name: str
    says: str
    tell: Callable[[Bot], Awaitable[bool]]

    @property
    def digest(self) -> str:
        """Another one when it says something else."""
        return hashlib.sha256(self.says.encode()).hexdigest()[:16]


def entries() -> Iterator[Entry]:
    """Everything there is to tell, in all languages."""
    for code, lang in LANGUAGES.items():
        for scope, names in MENUS:
            yield _menu(scope, names, code, lang)
        yield _line("name", NAME[lang], code, Bot.set_my_name)
        yield _line("short", SHORT[lang], code, Bot.set_my_short_description)
        yield _line("about", ABOUT[lang], code, Bot.set_my_description)


def _menu(scope: BotCommandScope, names: tuple[str, ...], code: str, lang: Lang) -> Entry:
    listed = [BotCommand(name, DESCRIPTIONS[name][lang]) for name in names]
    says = json.dumps([[command.command, command.description] for command in listed])

    async def tell(bot: Bot) -> bool:
        return await bot.set_my_commands(listed, scope=scope, language_code=code or None)

    return Entry(f"{scope.type}.{code}", says, tell)


def _line(kind: str, says: str, code: str, method: Callable[..., Awaitable[bool]]) -> Entry:
    async def tell(bot: Bot) -> bool:
        return await method(bot, says, language_code=code or None)

    return Entry(f"{kind}.{code}", says, tell)


async def publish(bot: Bot, state: StateStore, *, force: bool = False) -> bool:
    """Tell Telegram what changed since the last time, or everything; whether all of it was taken.

    Args:
        bot: The bot; its own requests are not held up.
        state: Keeps what was told, for each bot.
        force: Tell what did not change, too.
    """
    kept = f"telegram.menu.{bot.id}"
    known = await _known(state, kept)
    wanted = [entry for entry in entries() if force or known.get(entry.name) != entry.digest]
    if not wanted:
        return True
    told = await _tell(bot, wanted)
    try:
        await state.put(kept, json.dumps(known | {entry.name: entry.digest for entry in told}))
    except StoreError as err:  # it is told all the same, and will be once more
        log.warning("digest of the menus not kept: %s", logged(err))
    log.info("menus: %d of %d told", len(told), len(wanted))
    return len(told) == len(wanted)


async def _tell(bot: Bot, wanted: list[Entry]) -> list[Entry]:
    """Those that Telegram took; old menus are better than no bot."""
    told: list[Entry] = []
    plain = Bot(bot.token, base_url=bot.base_url.removesuffix(bot.token))
    try:  # not "async with", which closes nothing when it is cancelled on its way in
        await plain.initialize()
        for entry in wanted:
            if await _taken(plain, entry):
                told.append(entry)
    except TelegramError as err:
        log.error("menus not told: %s; she works, they may be old", type(err).__name__)
    finally:
        await plain.shutdown()
    return told


async def _taken(bot: Bot, entry: Entry) -> bool:
    """Whether Telegram took it. Raises NetworkError while nothing gets through."""
    try:
        return await entry.tell(bot)
    except TelegramError as err:
        if isinstance(err, NetworkError) and not isinstance(err, BadRequest):
            raise
        log.error("menu %s not taken: %s", entry.name, type(err).__name__)
        return False


async def _known(state: StateStore, name: str) -> dict[str, str]:
    try:
        found = json.loads(await state.get(name) or "{}")
    except (StoreError, ValueError) as err:
        log.warning("digest of the menus not read: %s", logged(err))
        return {}
    return found if isinstance(found, dict) else {}
