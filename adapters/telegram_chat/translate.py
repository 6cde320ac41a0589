"""From Telegram's objects to ours: who, where and what; whether she answers is decided from that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from telegram import Chat, Message, MessageEntity, User
from telegram.constants import ChatType

from adapters.shared.cleaning import tidy
from adapters.shared.decisions import REDO_WITHIN_S
from adapters.shared.splitting import utf16_units
from adapters.telegram_chat.doors import PLATFORM, group_key
from core.people import DIRECT, Lang, Person, Place, PlaceKind

CHAT: Final = "chat"  # the command that is a way to talk to her
# How settings name the parts of a group; topics are named by their number.
WHOLE_GROUP: Final = "0"
GENERAL_TOPIC: Final = "1"  # also of groups without topics
QUOTES: Final = (MessageEntity.BLOCKQUOTE, MessageEntity.EXPANDABLE_BLOCKQUOTE)
_LINE: Final = "\n".encode("utf-16-le")


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as it matters here; an :class:`adapters.shared.decisions.Heard`."""

    text: str = ""
    direct: bool = False
    called: bool = False  # by /chat
    mentioned: bool = False
    reply_to_her: bool = False
    channels: frozenset[str] = frozenset()  # the group and its topic
    machine: bool = False  # a bot, a channel or an anonymous administrator wrote it
    own: bool = False
    system: bool = False  # tells of something, or is a command
    things: bool = False  # a picture, a sticker, a voice …, or words that someone else wrote
    album: str | None = None  # what its messages have in common

    @property
    def reason(self) -> str | None:
        """Why the message is meant for her, whatever an admin has set; None when it is not."""
        reasons = (
            ("direct", self.direct),
            ("command", self.called),
            ("mention", self.mentioned),
            ("reply", self.reply_to_her),
        )
        return next((reason for reason, holds in reasons if holds), None)

    @property
    def hidden(self) -> bool:
        """Telegram hides whole messages, never their words."""
        return False


def look(message: Message, me: User) -> Seen:
    """Read a message; ``me`` is her own account, as ``bot.bot`` has it."""
    author, forwarded = message.from_user, message.forward_origin is not None
    content = message.text or message.caption or ""
    marked = message.entities or message.caption_entities
    command = _command(content, marked)
    meant = not forwarded and author is not None
    attached = message.effective_attachment is not None
    return Seen(
        text="" if forwarded else plain(content, marked, me),
        direct=message.chat.type == ChatType.PRIVATE,
        called=meant and command is not None and _is_chat(command, me),
        mentioned=meant and any(_names_her(content, entity, me) for entity in marked),
        reply_to_her=meant and _replies_to(message, me),
        channels=channels_of(message),
        machine=author is None or author.is_bot or message.sender_chat is not None,
        own=author is not None and author.id == me.id,
        system=not (content or attached) or (command is not None and not _is_chat(command, me)),
        things=forwarded or attached,
        album=message.media_group_id,
    )


def channels_of(message: Message) -> frozenset[str]:
    """The group and its topic, as settings name them; nothing for a private chat."""
    if message.chat.type == ChatType.PRIVATE:
        return frozenset()
    return frozenset({WHOLE_GROUP, str(topic_of(message) or GENERAL_TOPIC)})


def topic_of(message: Message) -> int | None:
    """The topic to answer in. In plain groups, the number that stands there is none."""
    return message.message_thread_id if message.is_topic_message else None


def plain(content: str, marked: Iterable[MessageEntity], me: User) -> str:
    """The words of a message: her mention and the command to talk to her are gone, quotes have marks."""
    raw = content.encode("utf-16-le", "surrogatepass")  # entities count in UTF-16 units
    changes: list[tuple[int, int, str]] = []  # from where to where, and what stands there instead
    for entity in marked:
        at, end = entity.offset, entity.offset + entity.length
        if _names_her(content, entity, me) or (
            _is_command(entity) and at == 0 and _is_chat(part(content, entity), me)
        ):
            changes.append((at, end, ""))
        elif entity.type in QUOTES:
            changes += _marks(content, entity)
    for at, end, instead in sorted(changes, reverse=True):
        raw = raw[: 2 * at] + instead.encode("utf-16-le") + raw[2 * end :]
    return tidy(raw.decode("utf-16-le", "replace"))


def _marks(content: str, entity: MessageEntity) -> Iterator[tuple[int, int, str]]:
    """Where the lines of a quote begin, with the mark of a quote; it has lines of its own."""
    raw, at, end = content.encode("utf-16-le", "surrogatepass"), entity.offset, entity.offset + entity.length
    apart = at == 0 or raw[2 * at - 2 : 2 * at] == _LINE
    yield at, at, "> " if apart else "\n> "
    for line in part(content, entity).split("\n")[:-1]:
        at += utf16_units(line) + 1
        if at < end:
            yield at, at, "> "
    if raw[2 * end - 2 : 2 * end] != _LINE != raw[2 * end : 2 * end + 2]:
        yield end, end, "\n"


def part(content: str, entity: MessageEntity) -> str:
    """The piece of a text that an entity marks."""
    raw = content.encode("utf-16-le", "surrogatepass")
    return raw[2 * entity.offset : 2 * (entity.offset + entity.length)].decode("utf-16-le", "replace")


def person_of(user: User) -> Person:
    """The account; the name is for show only."""
    return Person(PLATFORM, str(user.id), user.full_name)


def place_of(chat: Chat) -> Place:
    """The place of a chat; topics belong to their group."""
    if chat.type == ChatType.PRIVATE:
        return DIRECT
    return Place(PlaceKind.GROUP, group_key(chat.id))


def locale_of(user: User) -> Lang | None:
    """The language of someone's Telegram; None where it does not say."""
    if not user.language_code:
        return None
    return "ko" if user.language_code.lower().startswith("ko") else "en"


def edited_in_time(message: Message) -> bool | None:
    """Whether the words were changed soon enough for the reply to be redone; None where they were not."""
    if message.edit_date is None:
        return None
    return (message.edit_date - message.date).total_seconds() <= REDO_WITHIN_S


def _is_command(entity: MessageEntity) -> bool:
    return entity.type == MessageEntity.BOT_COMMAND


def _command(content: str, marked: Iterable[MessageEntity]) -> str | None:
    """The command that a message begins with."""
    return next((part(content, one) for one in marked if _is_command(one) and one.offset == 0), None)


def _is_chat(command: str, me: User) -> bool:
    name, _, address = command.removeprefix("/").lower().partition("@")
    return name == CHAT and address in ("", (me.username or "").lower())


def _names_her(content: str, entity: MessageEntity, me: User) -> bool:
    if entity.type == MessageEntity.TEXT_MENTION:
        return entity.user is not None and entity.user.id == me.id
    named = entity.type == MessageEntity.MENTION and me.username
    return bool(named) and part(content, entity).lower() == f"@{me.username}".lower()


def _replies_to(message: Message, me: User) -> bool:
    """Whether it answers a message of hers; in a topic, everything answers what opened the topic."""
    other = message.reply_to_message
    opened = other is not None and other.forum_topic_created is not None
    return other is not None and not opened and other.from_user is not None and other.from_user.id == me.id
