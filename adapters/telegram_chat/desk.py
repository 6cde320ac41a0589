"""What every command begins and ends with: who asks, in which language, and where the answer may be seen.

Telegram has no answers that one person of a group sees alone. What is private goes to the person's
own chat with her, and the group reads one line about it. Nothing is done for such a command before
it is known that its answer can be written there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import ChatAction, ChatMemberStatus
from telegram.ext import ExtBot

from adapters.shared.admin import Admin
from adapters.shared.answers import Answer
from adapters.shared.commands import Commands
from adapters.shared.desk import Caller
from adapters.shared.doors import Doors
from adapters.shared.edges import GoneError, RefusedError
from adapters.shared.profile import Profile, language_of
from adapters.telegram_chat.answers import Said, said, show
from adapters.telegram_chat.battle_hall import Hall
from adapters.telegram_chat.chat import Chat
from adapters.telegram_chat.command_texts import text
from adapters.telegram_chat.doors import PLATFORM, group_key, message_key
from adapters.telegram_chat.errors import trying
from adapters.telegram_chat.sender import Sender, Spot
from adapters.telegram_chat.talk import Talk
from adapters.telegram_chat.translate import locale_of, person_of
from core.errors import EdgeError
from core.people import DIRECT, Incoming, Lang, Person, Place, PlaceKind
from core.places import CHECKS

log = logging.getLogger(__name__)

RIGHTS_S: Final = 60.0  # how long an admin's right is believed
ASKED: Final = 4096
ADMINS: Final = (ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR)
OUTSIDE: Final = (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED)
# Groups have no roles; whoever may administer is Telegram's to say.
SETTINGS: Final = tuple(name for name in CHECKS if name != "admin_roles")

Work = Callable[[Caller], Awaitable[Answer | Said]]


def mention(person: str) -> str:
    """A person's id as admins read it; ids of other platforms stay as they are."""
    platform, _, account = person.partition(":")
    return f"id{account}" if platform == PLATFORM else person


def place_in(chat_id: int) -> Place:
    """The place of a chat by its number: those of groups are below 0."""
    return Place(PlaceKind.GROUP, group_key(chat_id)) if chat_id < 0 else DIRECT


@dataclass(eq=False)
class Desk:
    """What the commands need; :meth:`open` completes it once the bot is there."""

    doors: Doors
    owners: set[int] = field(default_factory=set)
    # sheets by the faces on them; in place of what Telegram has already, the id of its file
    gallery: dict[tuple[str, ...], str | bytes] = field(default_factory=dict)
    bot: ExtBot[Any] = field(init=False)
    chat: Chat = field(init=False)
    hall: Hall = field(init=False)
    _rights: dict[tuple[int, int], tuple[float, bool]] = field(default_factory=dict)

    def open(self, bot: ExtBot[Any], chat: Chat) -> None:
        """The bot is logged in, and this is its chat."""
        self.bot, self.chat, self.hall = bot, chat, Hall(self)

    @property
    def sender(self) -> Sender:
        """By which she writes."""
        return self.chat.sender

    @property
    def commands(self) -> Commands:
        """The commands of people."""
        return self.doors.commands

    @property
    def admin(self) -> Admin:
        """The commands of admins, in Telegram's words."""
        return replace(self.doors.admin, named=mention, offered=SETTINGS, platform=PLATFORM)

    @property
    def profile(self) -> Profile:
        """What people chose, and the texts of this platform."""
        return Profile(self.doors.memories, self.doors.history, PLATFORM, self.doors.portraits)

    async def lang(self, talk: Talk) -> Lang:
        """The language of an answer; a store that fails costs the chosen one only."""
        if talk.anonymous:
            return (await self.doors.rules.settings(group_key(talk.chat.id))).language or "ko"
        return await language_of(self.doors.history, person_of(talk.user).id, locale_of(talk.user) or "ko")

    async def caller(self, talk: Talk, *, rights: bool = False, fresh: bool = False) -> Caller:
        """Who asks.

        Args:
            talk: The command or press.
            rights: Whether admins may do more; else nobody asks Telegram.
            fresh: Ask Telegram now, whatever was true a minute ago.

        Raises:
            EdgeError: Telegram does not say who is an admin.
        """
        locale, lang = locale_of(talk.user) or "ko", await self.lang(talk)
        if talk.anonymous:  # Telegram lets admins alone write in the group's name
            group = Person(PLATFORM, str(talk.chat.id))
            return Caller(group, place_in(talk.about), lang, locale, talk.as_group, False)
        owns = talk.user.id in self.owners
        manages = owns or (rights and talk.about < 0 and await self._manages(talk, fresh))
        return Caller(person_of(talk.user), place_in(talk.about), lang, locale, manages, owns)

    async def _manages(self, talk: Talk, fresh: bool) -> bool:
        """Whether someone is an admin of the group, as Telegram says; menus say nothing about that."""
        key, now = (talk.about, talk.user.id), time.monotonic()
        at, known = self._rights.get(key, (0.0, False))
        if key in self._rights and not fresh and now - at < RIGHTS_S:
            return known
        try:
            member = await trying(lambda: self.bot.get_chat_member(*key))
        except (GoneError, RefusedError):  # she is not there herself, or nobody is there by that number
            return False
        if len(self._rights) >= ASKED:
            self._rights.clear()
        self._rights[key] = now, member.status in ADMINS
        return member.status in ADMINS

    async def answer(
        self, talk: Talk, work: Work, *, private: bool = True, rights: bool = False, nameless: bool = False
    ) -> None:
        """Do the work of a command and show its answer where it may be seen.

        Args:
            talk: The command.
            work: Makes the answer.
            private: Whether nobody but who asked may see it.
            rights: Whether the work asks who is an admin.
            nameless: Whether who asks in the name of a group may be answered, too.
        """
        who = await self.caller(talk, rights=rights)
        if talk.anonymous and (private or not nameless):
            await self.line(talk, text("as_yourself", who.lang))
        elif talk.direct or not private:
            await self.entitle(talk)
            await show(self, talk.spot, said(await work(who), talk.title))
        elif not await self._reaches(talk.user.id):
            line = text("cannot_write", who.lang, name=talk.user.full_name)
            await self.line(talk, line, self._way_in(talk, who.lang), fixed=False)
        else:
            await show(self, Spot(talk.user.id), said(await work(who), talk.chat.title or ""))
            line = text("sent_private", who.lang, name=talk.user.full_name)
            await self.line(talk, line, fixed=False)

    async def line(
        self, talk: Talk, line: str, keyboard: InlineKeyboardMarkup | None = None, *, fixed: bool = True
    ) -> None:
        """A line where it was asked; ``fixed`` when it is our own to the last word."""
        await show(self, talk.spot, Said(Answer(line), keyboard, fixed=fixed))

    async def entitle(self, talk: Talk) -> None:
        """Find the name of the group that something said in private is about; its members may know it."""
        if not talk.direct or talk.about >= 0 or talk.title:
            return
        try:
            member = await trying(lambda: self.bot.get_chat_member(talk.about, talk.user.id))
            if member.status not in OUTSIDE:
                talk.title = (await trying(lambda: self.bot.get_chat(talk.about))).title or ""
        except EdgeError as err:
            log.info("no title of %s: %s", talk.about, type(err).__name__)

    async def _reaches(self, person: int) -> bool:
        """Whether she may write to someone: only who began, and did not block her, can be written to."""
        try:
            await trying(lambda: self.bot.send_chat_action(person, ChatAction.TYPING))
        except (GoneError, RefusedError):
            return False
        return True

    def _way_in(self, talk: Talk, lang: Lang) -> InlineKeyboardMarkup:
        """A button that opens the chat with her, and asks there what was asked here."""
        url = self.link(talk.payload)
        return InlineKeyboardMarkup([[InlineKeyboardButton(text("open_chat", lang), url=url)]])

    def link(self, payload: str) -> str:
        """An address that opens the chat with her, and asks for something there."""
        return f"https://t.me/{self.bot.username}?start={payload}"

    async def first(self, talk: Talk) -> bool:
        """Whether the command was not taken before: updates may come again after a restart."""
        message = talk.message
        if message is None:
            return True
        key, place = message_key(message.chat.id, message.message_id), place_in(message.chat.id)
        person = Person(PLATFORM, str(message.chat.id)) if talk.anonymous else person_of(talk.user)
        return await self.chat.claim(Incoming(key, person, place, "", self.doors.clock.now()))

    async def tell(self, talk: Talk, line: str = "", *, alert: bool = False, url: str | None = None) -> None:
        """Answer a press, once; ``line`` is shown to who pressed alone, ``url`` opens a chat with her."""
        if talk.query is None or talk.told:
            return
        talk.told = True
        query, shown = talk.query, line if len(line) <= 100 else f"{line[:99]}…"
        try:
            await trying(lambda: self.bot.answer_callback_query(query.id, shown or None, alert, url))
        except EdgeError as err:
            log.info("press %s not answered: %s", query.id, type(err).__name__)

    async def apologise(self, talk: Talk, err: BaseException) -> None:
        """Instead of silence: a line that something broke; of the cause, class and place go to the log."""
        trace = err.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
        log.error("command in %s: %s at %s", talk.chat.id, type(err).__name__, where)
        line = text("broke", await self.lang(talk))
        if talk.query is not None:
            await self.tell(talk, line, alert=True)
        else:
            await self.line(talk, line)
