"""Records as the Bot API writes them."""

from __future__ import annotations

from typing import Any

from tests.fake_telegram.media import media_fields
from tests.fake_telegram.model import PRIVATE, CallbackQuery, Chat, Member, Message, User

Json = dict[str, Any]

# Who stands before the messages of anonymous administrators.
ANONYMOUS: Json = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
_RIGHTS = (
    "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members",
    "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories",
    "can_delete_stories", "can_pin_messages", "can_manage_topics",
)  # fmt: skip


def user(one: User) -> Json:
    """An account."""
    result: Json = {"id": one.id, "is_bot": one.is_bot, "first_name": one.first_name}
    if one.username:
        result["username"] = one.username
    if one.language_code and not one.is_bot:
        result["language_code"] = one.language_code
    return result


def chat(one: Chat) -> Json:
    """A chat."""
    result: Json = {"id": one.id, "type": one.kind}
    if one.kind == PRIVATE:
        assert one.user is not None, "a private chat is somebody's"
        result |= {key: value for key, value in user(one.user).items() if key in {"first_name", "username"}}
    else:
        result["title"] = one.title
    return result | ({"is_forum": True} if one.forum else {})


def full_chat(one: Chat) -> Json:
    """A chat as ``getChat`` gives it."""
    gifts = (
        "unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"
    )  # fmt: skip
    result = chat(one) | {
        "accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": dict.fromkeys(gifts, False)
    }  # fmt: skip
    if one.kind != PRIVATE:
        result["permissions"] = {"can_send_messages": True}
    return result


def member(one: Member) -> Json:
    """Someone in a group, with what Telegram adds to each status."""
    result: Json = {"user": user(one.user), "status": one.status}
    match one.status:
        case "creator":
            result["is_anonymous"] = one.anonymous
        case "administrator":
            result |= dict.fromkeys(_RIGHTS, True)
            result |= {"can_be_edited": False, "is_anonymous": one.anonymous, "can_promote_members": False}
        case "kicked":
            result["until_date"] = 0
    return result


def message(one: Message, *, nested: bool = False) -> Json:
    """A message; the one that it answers comes along, but not the one that that one answers."""
    result: Json = {
        "message_id": one.id, "date": one.date, "chat": chat(one.chat), "from": user(one.author)
    }  # fmt: skip
    if one.anonymous:
        result |= {"from": ANONYMOUS, "sender_chat": chat(one.chat)}
    if one.thread is not None:
        result["message_thread_id"] = one.thread
    if one.in_topic:
        result["is_topic_message"] = True
    if one.edit_date is not None:
        result["edit_date"] = one.edit_date
    if one.album is not None:
        result["media_group_id"] = one.album
    if one.reply_to is not None and not nested:
        result["reply_to_message"] = message(one.reply_to, nested=True)
    return result | one.extra | (one.service or _content(one))


def _content(one: Message) -> Json:
    last = one.last
    result: Json = {}
    if last.media is None:
        result["text"] = last.text
    else:
        result |= media_fields(last.media)
        if last.text:
            result["caption"] = last.text
    if last.entities:
        result["entities" if last.media is None else "caption_entities"] = last.entities
    if last.keyboard:
        result["reply_markup"] = last.markup
    return result


def callback_query(one: CallbackQuery) -> Json:
    """A press."""
    return {
        "id": one.id, "from": user(one.user), "message": message(one.message), "data": one.data,
        "chat_instance": str(1009 * abs(one.message.chat.id)),
    }  # fmt: skip


def member_updated(where: Chat, who: User, old: Member, new: Member, date: int) -> Json:
    """A change of someone's status."""
    return {
        "chat": chat(where), "from": user(who), "date": date, "old_chat_member": member(old),
        "new_chat_member": member(new),
    }  # fmt: skip
