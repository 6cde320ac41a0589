"""What handlers share: whom and what a request names, and whether the bot may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.fake_telegram import entities, errors
from tests.fake_telegram.errors import bad, forbidden
from tests.fake_telegram.forms import Form
from tests.fake_telegram.markup import parse_html
from tests.fake_telegram.model import Chat, Message, User
from tests.fake_telegram.world import GENERAL_TOPIC, World

Json = dict[str, Any]
Handler = Callable[[Form], Awaitable[Any]]
Methods = dict[str, Handler]

BUTTONS_MAX = 100
_BUTTON_ACTIONS = {
    "callback_data", "url", "login_url", "web_app", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "copy_text", "pay", "callback_game",
}  # fmt: skip


def chat_of(world: World, form: Form, *, writing: bool = True) -> Chat:
    """The chat that a request names, if the bot may do something there.

    Raises:
        ApiError: There is none, it has moved, or the bot is not wanted.
    """
    if not form.text("chat_id"):
        raise bad("chat_id is empty")
    raw = form.text("chat_id")
    chat = world.chats.get(int(raw)) if raw.removeprefix("-").isdecimal() else None
    if chat is None:
        raise bad("chat not found")
    if chat.migrated_to is not None:
        raise errors.migrated(chat.migrated_to.id)
    if chat.private:
        if writing:
            _check_private(chat)
        return chat
    status = world.member(chat, world.bot).status
    if status == "kicked":
        raise forbidden(f"bot was kicked from the {chat.kind} chat")
    if status == "left":
        raise forbidden(f"bot is not a member of the {chat.kind} chat")
    return chat


def _check_private(chat: Chat) -> None:
    user = chat.user
    assert user is not None, "a private chat is somebody's"
    if user.deactivated:
        raise forbidden("user is deactivated")
    if user.blocked:
        raise forbidden("bot was blocked by the user")
    if not user.started:
        raise forbidden("bot can't initiate conversation with a user")


def thread_of(world: World, chat: Chat, form: Form, *, action: bool = False) -> int | None:
    """The topic that a request names.

    Raises:
        ApiError: There is none; plain groups have none at all.
    """
    if not form.text("message_thread_id"):
        return None
    thread = form.number("message_thread_id")
    topic = chat.topics.get(thread)
    # »General« is written to without naming it; only actions name it.
    if topic is None or (thread == GENERAL_TOPIC and chat.forum and not action):
        raise bad("message thread not found")
    if topic.closed and not world.member(chat, world.bot).admin:
        raise bad("TOPIC_CLOSED")
    return thread


def message_of(world: World, form: Form, doing: str) -> Message:
    """The bot's own message that a request is going to change.

    Raises:
        ApiError: There is none, or it is someone else's.
    """
    message = world.message(chat_of(world, form), form.number("message_id"))
    if message is None:
        raise bad(f"message to {doing} not found")
    if message.author is not world.bot or message.service is not None:
        raise bad("message can't be edited")
    return message


def user_of(world: World, form: Form) -> User:
    """The account that a request names.

    Raises:
        ApiError: There is none.
    """
    user = world.users.get(form.number("user_id"))
    if user is None:
        raise bad("PARTICIPANT_ID_INVALID")
    return user


def formatted(source: Json, text_key: str = "text") -> tuple[str, list[Json]]:
    """A text with its formatting.

    Raises:
        ApiError: The HTML is broken.
    """
    text = entities.clean(str(source.get(text_key) or ""))
    mode = str(source.get("parse_mode") or "")
    if not mode:
        marked = source.get("entities" if text_key == "text" else "caption_entities") or []
        return entities.complete(text, list(marked))
    if mode.lower() != "html":
        raise bad(f"unsupported parse_mode (the fake Telegram does not know {mode})")
    return entities.complete(*parse_html(text))


def formatted_form(form: Form, text_key: str) -> tuple[str, list[Json]]:
    """The same for a request."""
    marked = "entities" if text_key == "text" else "caption_entities"
    return formatted(
        {text_key: form.text(text_key), "parse_mode": form.text("parse_mode"), marked: form.data(marked)},
        text_key,
    )


def markup_of(form: Form) -> Json | None:
    """The keyboard of a request; an empty one is none.

    Raises:
        ApiError: A button that Telegram would refuse.
    """
    markup = form.data("reply_markup")
    if not isinstance(markup, dict):
        return None
    if "inline_keyboard" not in markup:
        return markup
    buttons = [button for row in markup["inline_keyboard"] for button in row]
    for button in buttons:
        _check_button(button)
    if len(buttons) > BUTTONS_MAX:
        raise bad("reply markup is too long")
    rows = [row for row in markup["inline_keyboard"] if row]
    return {"inline_keyboard": rows} if rows else None


def _check_button(button: Json) -> None:
    if not button.get("text"):
        raise bad('can\'t parse inline keyboard button: Field "text" must be of type String')
    if len(_BUTTON_ACTIONS & button.keys()) != 1:
        raise bad("text buttons are unallowed in the inline keyboard")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(data.encode()) <= 64:
        raise bad("BUTTON_DATA_INVALID")
