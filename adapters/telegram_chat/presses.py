"""What the buttons under a reply do, for its addressee only; every press is answered once."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from telegram import CallbackQuery, Message

from adapters.shared.drafts import Key
from adapters.shared.pressed import Pressed
from adapters.shared.profile import language_of
from adapters.shared.splitting import split, utf16_units
from adapters.shared.texts import text
from adapters.telegram_chat.buttons import DropPress, KeyPress, drops_markup, pressed
from adapters.telegram_chat.chat import Chat
from adapters.telegram_chat.doors import message_key, numbers_of
from adapters.telegram_chat.errors import SameError, trying
from adapters.telegram_chat.sender import Spot
from adapters.telegram_chat.surfaces import ChatSurface
from adapters.telegram_chat.text import pages
from adapters.telegram_chat.translate import locale_of, look, person_of, place_of, topic_of
from core.errors import EdgeError, StoreError, logged
from core.people import DIRECT, Lang
from core.ports_places import Delivery

log = logging.getLogger(__name__)

ALERT_MAX: Final = 200  # UTF-16 units of what a press can show


@dataclass(frozen=True)
class Presses:
    """The buttons' side of a chat."""

    chat: Chat

    async def press(self, query: CallbackQuery) -> bool:
        """Someone pressed a button; False when it is none of those under a reply."""
        what = pressed(query.data or "")
        if what is None:
            return False
        with self.chat.work():
            if isinstance(what, DropPress):
                await self._drop(query, what)
            else:
                await self._key(query, what)
        return True

    async def tell(self, query: CallbackQuery, line: str = "") -> None:
        """Answer the press; a line is shown to the one who pressed, and has to be read."""
        short = _short(line)
        try:
            await trying(lambda: query.answer(short or None, show_alert=bool(short)))
        except EdgeError as err:  # too late, or answered by an attempt that seemed to fail
            log.info("press %s not answered: %s", query.id, type(err).__name__)

    async def _key(self, query: CallbackQuery, what: KeyPress) -> None:
        lang = await self._lang(query)
        place = query.message.chat if query.message is not None else None
        delivery = await self.chat.delivery(message_key(place.id, what.source)) if place else None
        scope = place_of(place).scope if place is not None else None
        refused = Pressed.refused(delivery, person_of(query.from_user).id, scope)
        if delivery is None or refused:
            await self.tell(query, text(refused, lang))
            return
        if not delivery.replies:
            await self._arrived(delivery)
        if what.key is Key.WHY:
            await self._why(query, delivery, lang)
        elif what.key is Key.STOP:
            await self.tell(query, Pressed(self.chat).stop(delivery, lang))
        else:
            await self._again(query, delivery, lang)

    async def _arrived(self, delivery: Delivery) -> None:
        """Who presses a button under a reply has got it, whatever the network said."""
        try:
            await self.chat.doors.deliveries.told(delivery.message_id)
        except StoreError as err:
            log.warning("arrival of %s not noted: %s", delivery.message_id, logged(err))

    async def _again(self, query: CallbackQuery, delivery: Delivery, lang: Lang) -> None:
        told: list[asyncio.Task[None]] = []

        def surface(there: Delivery) -> ChatSurface:
            """It begins: the button need not glow until she is done."""
            told.append(asyncio.create_task(self.tell(query)))
            seen = query.message if isinstance(query.message, Message) else None
            thread = topic_of(seen) if seen is not None else None
            return self.chat.wired(ChatSurface.again(self.chat.sender, there, thread, seen))

        async def said() -> str:
            return await self._said(query, delivery)

        user = query.from_user
        line = await Pressed(self.chat).again(
            delivery, person_of(user), lang, locale_of(user), said, surface
        )  # fmt: skip
        if told:
            await told[0]
        else:
            await self.tell(query, line)

    async def _why(self, query: CallbackQuery, delivery: Delivery, lang: Lang) -> None:
        """In the direct chat a message with buttons; in a group what only the one who pressed sees.

        There, too, the buttons that delete a memory come into the direct chat, if she may write there.
        """
        answer = await self.chat.doors.commands.why(delivery.owner, delivery.message_id, lang)
        chat, source = numbers_of(delivery.message_id)
        used = [memory.id for memory in answer.memories]
        direct = delivery.scope == DIRECT.scope
        if not direct:
            await self.tell(query, answer.text)
            if not used:
                return
        else:
            await self.tell(query)
        seen = query.message if isinstance(query.message, Message) else None
        quoted = seen.message_id if seen is not None and direct else None
        thread = topic_of(seen) if seen is not None and direct else None
        page, markup = pages(answer.text)[0], drops_markup(chat, source, used, lang)
        try:
            await self.chat.sender.send(Spot(query.from_user.id, thread, quoted), page, markup)
        except EdgeError as err:
            log.info("why of %s not shown: %s", delivery.message_id, type(err).__name__)

    async def _drop(self, query: CallbackQuery, what: DropPress) -> None:
        """Delete one of the memories that "why?" showed, and show what is left of them."""
        lang, commands = await self._lang(query), self.chat.doors.commands
        delivery = await self.chat.delivery(message_key(what.chat_id, what.source))
        seen = query.message
        scope = delivery.scope if delivery is not None and _alone(query) else None
        refused = Pressed.refused(delivery, person_of(query.from_user).id, scope)
        if delivery is None or refused or seen is None:
            await self.tell(query, text(refused or "reply_unknown", lang))
            return
        gone = await commands.memory.delete(delivery.owner, what.memory, lang)
        await self.tell(query, gone.text)
        left = await commands.why(delivery.owner, delivery.message_id, lang)
        page = pages(f"{gone.text}\n\n{left.text}")[0]
        used = [memory.id for memory in left.memories]
        markup = drops_markup(what.chat_id, what.source, used, lang)
        try:
            await self.chat.sender.change(seen.chat.id, seen.message_id, page, markup)
        except SameError:
            pass
        except EdgeError as err:
            log.info("why of %s not changed: %s", delivery.message_id, type(err).__name__)

    async def _said(self, query: CallbackQuery, delivery: Delivery) -> str:
        """What the person said: the turn, or the message where the reply carries it and says more."""
        kept = await Pressed(self.chat).kept(delivery)
        reply = query.message
        source = reply.reply_to_message if isinstance(reply, Message) else None
        if source is None or source.message_id != numbers_of(delivery.message_id)[1]:
            return kept
        if source.from_user is None or source.from_user.id != query.from_user.id:
            return kept
        said = look(source, self.chat.me).text
        return kept if said in kept else said

    async def _lang(self, query: CallbackQuery) -> Lang:
        user = query.from_user
        return await language_of(self.chat.doors.history, person_of(user).id, locale_of(user) or "ko")


def _alone(query: CallbackQuery) -> bool:
    """Whether the press comes from the direct chat of the one who pressed."""
    return query.message is not None and query.message.chat.id == query.from_user.id


def _short(line: str) -> str:
    """As much of a line as an alert shows."""
    parts = split(line, ALERT_MAX - 2, utf16_units) if utf16_units(line) > ALERT_MAX else [line]
    return parts[0] if len(parts) == 1 else f"{parts[0]} …"
