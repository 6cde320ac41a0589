"""One bot: Telegram's updates to :class:`Chat` and the commands, chats that come and go, and a quiet end."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from telegram import ChatMember, Message, Update
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import TelegramError
from telegram.ext import (
    ApplicationHandlerStop,
    CallbackQueryHandler,
    ChatMemberHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from adapters.shared.edges import GoneError, RefusedError
from adapters.shared.tidying import TIDY_EVERY_S, find_removals, tidy
from adapters.telegram_chat import battle_talk
from adapters.telegram_chat.buttons import PATTERN
from adapters.telegram_chat.chat import Chat
from adapters.telegram_chat.commands import forgiving, handlers
from adapters.telegram_chat.desk import Desk
from adapters.telegram_chat.doors import PLATFORM, group_key
from adapters.telegram_chat.errors import MovedError, trying
from adapters.telegram_chat.menu import publish
from adapters.telegram_chat.order import STOPPED, Order
from adapters.telegram_chat.presses import Presses
from adapters.telegram_chat.talk import Talk
from adapters.telegram_chat.wire import App
from core.errors import EdgeError, StoreError, logged

log = logging.getLogger(__name__)

OURS: Final = f"{PLATFORM}:"  # begins the names of groups here
MISSED: Final = timedelta(minutes=10)  # what was said longer ago is not taken up any more
BETWEEN_S: Final = 0.1  # between questions of which she can bear to wait for the answer
LAST_WORDS_S: Final = 3.0
LAST_POLL_S: Final = 3.0  # to tell Telegram which updates were taken
GROUPS: Final = (ChatType.GROUP, ChatType.SUPERGROUP)


class Client:
    """Oh-LoRA on Telegram, from one login to its end.

    Args:
        desk: What she can do, and who owns her.
        app: An application without handlers.
        order: Its update processor.
    """

    def __init__(self, desk: Desk, app: App, order: Order) -> None:
        self.desk, self.app = desk, app
        self.doors = desk.doors
        self.chat = Chat(desk.doors, bot=app.bot)
        desk.open(app.bot, self.chat)
        self.presses = Presses(self.chat)
        self._order = order
        self._side: set[asyncio.Task[None]] = set()  # menus and tidying: not waited for at the end
        self._furnish()

    async def open(self) -> None:
        """Log in and take what comes. Raises telegram.error.TelegramError."""
        await self.app.initialize()
        await self.desk.hall.resume()
        await self.app.start()
        me = self.app.bot.bot
        log.info("ready: %s; privacy mode %s", me.id, "off" if me.can_read_all_group_messages else "on")
        for work in (self._publish(), self._tidy(), self.desk.hall.open()):
            task = asyncio.create_task(work)
            self._side.add(task)
            task.add_done_callback(self._side.discard)

    async def finish(self, timeout: float) -> bool:
        """Take nothing new, let what is under way end, then close; False when something was cut off."""
        side, done = list(self._side), True
        for task in side:
            task.cancel()
        await asyncio.gather(*side, return_exceptions=True)
        await self._stop_fetching()
        if self.app.running:
            done = await self._drained(timeout)
            if not done:
                self.chat.leave()
                self.chat.cut_off()
                if not await self._drained(LAST_WORDS_S):
                    await self._order.cut_off()
            await self.desk.hall.close()
            await self.app.stop()
        await self.chat.sender.files.note()
        await self.app.shutdown()
        await self.app.bot.shutdown()  # also where the login failed
        return done

    async def _stop_fetching(self) -> None:
        """End polling or listening; what was fetched is confirmed, so that it does not come again."""
        updater = self.app.updater
        if updater is not None and updater.running:
            with suppress(TimeoutError, TelegramError):  # the token may be refused by now
                await asyncio.wait_for(updater.stop(), LAST_POLL_S)

    async def _drained(self, timeout: float) -> bool:
        """Whether everything that was fetched is done in time."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.app.update_queue.join(), timeout)
            return True
        return False

    def _furnish(self) -> None:
        """Who takes which update; the first that fits."""
        app = self.app
        app.add_handler(TypeHandler(Update, self._in_time), group=-1)
        app.add_handler(MessageHandler(filters.StatusUpdate.MIGRATE, self._migrated))
        app.add_handler(CallbackQueryHandler(self._pressed, pattern=PATTERN))
        app.add_handlers(handlers(self.desk))
        app.add_handler(MessageHandler(filters.UpdateType.MESSAGE, self._written))
        app.add_handler(MessageHandler(filters.UpdateType.EDITED_MESSAGE, self._edited))
        app.add_handler(ChatMemberHandler(self._membership, ChatMemberHandler.MY_CHAT_MEMBER))
        app.add_handler(TypeHandler(Update, self._other))
        app.add_error_handler(_failed)

    async def _in_time(self, update: Update, _: Any) -> None:
        """Leave alone what was said long ago, while she was away: an answer would come out of nowhere."""
        message = update.message or update.edited_message
        if message is None or _moves(message):
            return
        age = datetime.now(UTC) - (message.edit_date or message.date)
        if age > MISSED:
            log.warning("update %s is %d s old and left alone", update.update_id, age.total_seconds())
            raise ApplicationHandlerStop

    async def _written(self, update: Update, _: Any) -> None:
        """Somebody wrote."""
        talk = Talk.of(update)
        if talk is not None and (battle := battle_talk.meant(self.desk, talk)) is not None:
            async with forgiving(self.desk, talk):
                if not self.chat.leaving and await self.desk.first(talk):
                    await battle_talk.values(self.desk, talk, battle)
        elif update.message is not None:
            with self.chat.work():
                await self.chat.take(update.message)

    async def _edited(self, update: Update, _: Any) -> None:
        """Somebody changed a message."""
        if update.edited_message is not None:
            with self.chat.work():
                await self.chat.edited(update.edited_message)

    async def _pressed(self, update: Update, _: Any) -> None:
        """Somebody pressed a button under a reply."""
        talk = Talk.of(update)
        if update.callback_query is not None and talk is not None:
            async with forgiving(self.desk, talk):
                await self.presses.press(update.callback_query)

    async def _other(self, update: Update, _: Any) -> None:
        """Somebody ended a draft, which the library does not know yet."""
        told = update.api_kwargs.get(STOPPED)
        if told is not None:
            await self.chat.stopped(int(told["chat"]["id"]), int(told["draft_id"]))

    async def _migrated(self, update: Update, _: Any) -> None:
        """A group is a supergroup now; both chats say so."""
        message = update.message
        if message is None:
            return
        here, new, old = message.chat.id, message.migrate_to_chat_id, message.migrate_from_chat_id
        with self.chat.work():
            await self.chat.moved(old or here, new or here)

    async def _membership(self, update: Update, _: Any) -> None:
        """She was blocked or let back, removed or invited."""
        change = update.my_chat_member
        if change is None:
            return
        chat, inside = change.chat.id, _inside(change.new_chat_member)
        try:
            if change.chat.type == ChatType.PRIVATE:
                await self.chat.reachable(chat, inside)
            elif change.chat.type in GROUPS and inside:
                await self.doors.groups.returned(group_key(chat))
            elif change.chat.type in GROUPS:
                await self.doors.groups.left(group_key(chat), self.doors.clock.now())
        except StoreError as err:
            log.error("membership in %s not noted: %s", chat, logged(err))

    async def tidy(self) -> None:
        """Erase what time erases; Telegram is asked before a group is."""
        await tidy(self.doors, _ours, self._is_in)

    async def find_removals(self) -> None:
        """Groups that removed her while she was away, and Telegram tells of it no more."""
        await find_removals(self.doors, _ours, self._is_in, BETWEEN_S)

    async def _is_in(self, group: str) -> bool:
        """Whether she is in a group; while Telegram does not say, yes: nothing is erased on a guess."""
        bot, chat = self.app.bot, int(group.removeprefix(OURS))
        try:
            return _inside(await trying(lambda: bot.get_chat_member(chat, bot.id)))
        except MovedError as err:  # unnoticed; it is looked for under its new name the next time
            await self.chat.moved(chat, err.chat_id)
            return True
        except (GoneError, RefusedError):
            return False
        except EdgeError:
            return True

    async def _tidy(self) -> None:
        await self.find_removals()
        while True:
            await self.tidy()
            await asyncio.sleep(TIDY_EVERY_S)

    async def _publish(self) -> None:
        await publish(self.app.bot, self.doors.state)


def _moves(message: Message) -> bool:
    return message.migrate_to_chat_id is not None or message.migrate_from_chat_id is not None


def _inside(member: ChatMember) -> bool:
    """Whether a member is there: not gone, not thrown out, and not restricted from outside."""
    if member.status in (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED):
        return False
    return bool(getattr(member, "is_member", True))


async def _failed(update: object, context: Any) -> None:
    """A bug in a handler: its kind and place, never what people wrote."""
    err, trace = context.error, context.error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
    number = update.update_id if isinstance(update, Update) else "?"
    log.error("update %s: %s at %s", number, type(err).__name__, where)


def _ours(group: str) -> bool:
    return group.startswith(OURS)
