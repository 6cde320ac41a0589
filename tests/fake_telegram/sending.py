"""Methods that put something into a chat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.fake_telegram import payloads
from tests.fake_telegram.entities import units
from tests.fake_telegram.errors import bad
from tests.fake_telegram.forms import Form
from tests.fake_telegram.lookups import (
    Handler,
    Methods,
    chat_of,
    formatted,
    formatted_form,
    markup_of,
    thread_of,
)
from tests.fake_telegram.model import Action, Chat, Draft, File, Message, Version
from tests.fake_telegram.world import Post, World

Json = dict[str, Any]

TEXT_MAX, CAPTION_MAX = 4096, 1024
ALBUM = range(2, 11)
_ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
    "upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}  # fmt: skip
_KINDS = {"Photo": "photo", "Animation": "animation", "Video": "video", "Document": "document"}


class Sending:
    """``sendMessage`` and friends."""

    def __init__(self, world: World, uploaded: Callable[[Form, str, str], tuple[File, bool]]) -> None:
        self._world = world
        self._file = uploaded

    @property
    def methods(self) -> Methods:
        """The handlers by method name."""
        return {
            "sendMessage": self.send_message,
            "sendMediaGroup": self.send_media_group,
            "sendChatAction": self.send_chat_action,
            "sendMessageDraft": self.send_message_draft,
        } | {f"send{name}": self._sender(kind) for name, kind in _KINDS.items()}

    async def send_message(self, form: Form) -> Json:
        """A text."""
        chat = chat_of(self._world, form)
        text, entities = formatted_form(form, "text")
        if not text:
            raise bad("message text is empty")
        if units(text) > TEXT_MAX:
            raise bad("message is too long")
        return payloads.message(self._post(chat, form, Version(text, entities, markup=markup_of(form))))

    def _sender(self, kind: str) -> Handler:
        async def send(form: Form) -> Json:
            chat = chat_of(self._world, form)
            text, entities = checked_caption(*formatted_form(form, "caption"))
            markup = markup_of(form)
            file, reused = self._file(form, kind, form.text(kind))
            version = Version(text, entities, file, reused, markup)
            return payloads.message(self._post(chat, form, version))

        return send

    async def send_media_group(self, form: Form) -> list[Json]:
        """An album."""
        chat = chat_of(self._world, form)
        items: list[Json] = form.data("media") or []
        if len(items) not in ALBUM:
            raise bad("media must include 2-10 items" if items else "there are no messages to send")
        kinds = {item.get("type") for item in items}
        if not (kinds <= {"photo", "video"} or (len(kinds) == 1 and kinds <= {"document", "audio"})):
            raise bad("wrong type of media in an album")
        versions = []
        for item in items:
            text, entities = checked_caption(*formatted(item, "caption"))
            file, reused = self._file(form, str(item["type"]), str(item.get("media", "")))
            versions.append(Version(text, entities, file, reused))
        album = self._world.new_album()
        return [payloads.message(self._post(chat, form, version, album)) for version in versions]

    async def send_chat_action(self, form: Form) -> bool:
        """»is typing …«."""
        chat = chat_of(self._world, form)
        if form.text("action") not in _ACTIONS:
            raise bad("wrong parameter action in request")
        thread = thread_of(self._world, chat, form, action=True)
        chat.actions.append(Action(form.text("action"), thread))
        self._world.changes.tell()
        return True

    async def send_message_draft(self, form: Form) -> bool:
        """A preview of what is being written."""
        chat = chat_of(self._world, form)
        if not chat.private or not chat.drafts_allowed:
            raise bad("TEXTDRAFT_PEER_INVALID")
        if form.number("draft_id") == 0:
            raise bad("RANDOM_ID_INVALID")
        text, entities = formatted_form(form, "text")
        if units(text) > TEXT_MAX:
            raise bad("message is too long")
        thread = thread_of(self._world, chat, form)
        chat.drafts.append(Draft(form.number("draft_id"), text, entities, thread, form.flag("can_stop")))
        self._world.changes.tell()
        return True

    def _post(self, chat: Chat, form: Form, version: Version, album: str | None = None) -> Message:
        reply_to = self._answered(chat, form)
        thread = thread_of(self._world, chat, form)
        permit(chat, version.media.kind if version.media else "text")
        if thread is None and reply_to is not None and reply_to.in_topic:
            thread = reply_to.thread
        return self._world.post(chat, self._world.bot, Post(version, reply_to, thread, album))

    def _answered(self, chat: Chat, form: Form) -> Message | None:
        given = form.data("reply_parameters") or {}
        number = given.get("message_id") or form.number("reply_to_message_id")
        if not number:
            return None
        message = self._world.message(chat, int(number))
        missing_allowed = given.get("allow_sending_without_reply") or form.flag("allow_sending_without_reply")
        if message is None and not missing_allowed:
            raise bad("message to be replied not found")
        return message


def checked_caption(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """A caption that is not too long.

    Raises:
        ApiError: It is.
    """
    if units(text) > CAPTION_MAX:
        raise bad("message caption is too long")
    return text, entities


def uploader(world: World) -> Callable[[Form, str, str], tuple[File, bool]]:
    """Finds the file that a request means by ``attach://``, by a part of the parameter's name, or by its id.

    The result also says whether it was there before.
    """

    def find(form: Form, kind: str, named: str) -> tuple[File, bool]:
        upload = form.uploads.get(named.removeprefix("attach://") if named else kind)
        if upload is not None:
            detected = kind
            is_gif = upload.content[:4] == b"GIF8" and not form.flag("disable_content_type_detection")
            if kind == "document" and is_gif:
                detected = "animation"  # Telegram plays it, whatever it was called
            return world.files.upload(detected, upload.name, upload.content), False
        if not named:
            raise bad(f"there is no {kind} in the request")
        return world.files.again(kind, named), True

    return find


def permit(chat: Chat, kind: str) -> None:
    """Refuse what the chat's members may not send."""
    if kind in chat.denied:
        what = "text messages" if kind == "text" else f"{kind}s"
        raise bad(f"not enough rights to send {what} to the chat")
