"""Methods that change what stands in a chat, and the answer to a press."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.fake_telegram import errors, payloads
from tests.fake_telegram.entities import units
from tests.fake_telegram.errors import bad
from tests.fake_telegram.forms import Form
from tests.fake_telegram.lookups import Methods, chat_of, formatted, formatted_form, markup_of, message_of
from tests.fake_telegram.model import File, Message, Version, monotonic
from tests.fake_telegram.sending import TEXT_MAX, checked_caption, permit
from tests.fake_telegram.world import World

Json = dict[str, Any]

ANSWER_MAX = 200
_EDITABLE_MEDIA = {"photo", "video", "animation", "document", "audio"}


class Editing:
    """``editMessageText`` and friends."""

    def __init__(self, world: World, uploaded: Callable[[Form, str, str], tuple[File, bool]]) -> None:
        self._world = world
        self._file = uploaded

    @property
    def methods(self) -> Methods:
        """The handlers by method name."""
        return {
            "editMessageText": self.edit_text,
            "editMessageCaption": self.edit_caption,
            "editMessageMedia": self.edit_media,
            "editMessageReplyMarkup": self.edit_markup,
            "deleteMessage": self.delete,
            "deleteMessages": self.delete_all,
            "setMessageReaction": self.react,
            "answerCallbackQuery": self.answer_query,
        }

    async def edit_text(self, form: Form) -> Json:
        """Another text."""
        message = message_of(self._world, form, "edit")
        if message.media is not None:
            raise bad("there is no text in the message to edit")
        text, entities = formatted_form(form, "text")
        if not text:
            raise bad("message text is empty")
        if units(text) > TEXT_MAX:
            raise bad("MESSAGE_TOO_LONG")
        return self._revise(message, Version(text, entities, markup=markup_of(form)))

    async def edit_caption(self, form: Form) -> Json:
        """Another caption."""
        message = message_of(self._world, form, "edit")
        if message.media is None:
            raise bad("there is no caption in the message to edit")
        text, entities = checked_caption(*formatted_form(form, "caption"))
        return self._revise(
            message, Version(text, entities, message.media, message.last.reused, markup_of(form))
        )

    async def edit_media(self, form: Form) -> Json:
        """Another picture; a text message may get its first one, and its text then is the caption given."""
        message = message_of(self._world, form, "edit")
        given: Json = form.data("media") or {}
        kind = str(given.get("type", ""))
        if kind not in _EDITABLE_MEDIA:
            raise bad("type of file mismatch")
        permit(message.chat, kind)
        if message.album is not None and kind == "animation":
            raise bad("message can't be edited")
        text, entities = checked_caption(*formatted(given, "caption"))
        file, reused = self._file(form, kind, str(given.get("media", "")))
        return self._revise(message, Version(text, entities, file, reused, markup_of(form)))

    async def edit_markup(self, form: Form) -> Json:
        """Another keyboard, or none."""
        message = message_of(self._world, form, "edit")
        last = message.last
        return self._revise(
            message, Version(last.text, last.entities, last.media, last.reused, markup_of(form))
        )

    def _revise(self, message: Message, version: Version) -> Json:
        if _shown(message.last) == _shown(version):
            raise errors.not_modified()
        if message.album is not None and version.markup is not None:
            raise bad("message can't be edited")
        self._world.revise(message, version)
        return payloads.message(message)

    async def delete(self, form: Form) -> bool:
        """Takes one message away."""
        chat = chat_of(self._world, form)
        message = self._world.message(chat, form.number("message_id"))
        if message is None:
            raise bad("message to delete not found")
        if not self._may_delete(message):
            raise bad("message can't be deleted")
        self._world.remove(message)
        return True

    async def delete_all(self, form: Form) -> bool:
        """Takes many away; what is not there, or not the bot's to delete, is passed over."""
        chat = chat_of(self._world, form)
        numbers: list[int] = form.data("message_ids") or []
        if not 1 <= len(numbers) <= 100:
            raise bad("message identifiers are not specified" if not numbers else "too many messages")
        for number in numbers:
            message = self._world.message(chat, int(number))
            if message is not None and self._may_delete(message):
                self._world.remove(message)
        return True

    def _may_delete(self, message: Message) -> bool:
        own = message.author is self._world.bot
        return own or message.chat.private or self._world.member(message.chat, self._world.bot).admin

    async def react(self, form: Form) -> bool:
        """Puts a reaction under a message; a bot has one at most."""
        message = self._world.message(chat_of(self._world, form), form.number("message_id"))
        if message is None:
            raise bad("message to react not found")
        reactions: list[Json] = form.data("reaction") or []
        if len(reactions) > 1:
            raise bad("REACTIONS_TOO_MANY")
        message.reactions = reactions
        self._world.changes.tell()
        return True

    async def answer_query(self, form: Form) -> bool:
        """Answers a press, once and not too late."""
        query = self._world.queries.get(form.text("callback_query_id"))
        if query is None or query.answered or query.age_s > self._world.traits.query_lifetime_s:
            raise errors.query_too_old()
        if units(form.text("text")) > ANSWER_MAX:
            raise bad("MESSAGE_TOO_LONG")
        query.answered_at, query.text = monotonic(), form.text("text")
        query.alert, query.url = form.flag("show_alert"), form.text("url") or None
        self._world.changes.tell()
        return True


def _shown(version: Version) -> tuple[object, ...]:
    return version.text, version.entities, version.media, version.markup
