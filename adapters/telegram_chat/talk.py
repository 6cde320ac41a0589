"""One use of a command, or one press of a button under its answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

from telegram import CallbackQuery, Chat, Message, MessageEntity, Update, User
from telegram.constants import ChatType

from adapters.telegram_chat.sender import Spot
from adapters.telegram_chat.translate import part, topic_of

DATA_BYTES: Final = 64  # of a button, as Telegram takes it
# What a deep link may ask for: looks at what is there, and questions. Anybody can make such a link
# and give it to someone else, so none of them changes anything.
LINKED: Final = frozenset({
    "memory", "profile", "forget", "timezone", "admin", "admin-settings", "admin-blocks", "admin-audit",
    "admin-status", "face-choose", "battle-choose",
})  # fmt: skip
_PAYLOAD: Final = re.compile(r"([a-z]{1,16})(?:-([a-z]{1,16}))?_(-[1-9]\d{0,15})")
_BUTTON: Final = re.compile(r"([a-z]):(\d{1,16}):(0|-[1-9]\d{0,15}):(.+)", re.ASCII | re.DOTALL)
_ACCOUNT: Final = re.compile(r"(?:id)?([1-9]\d{4,15})", re.ASCII)


@dataclass(eq=False)
class Talk:
    """Who uses which command where.

    ``about`` is the chat whose memories and settings it is about: another one than ``chat`` where the
    answer to something asked in a group is shown to one person alone; ``title`` then is the group's.
    ``name`` is the command, ``words`` what stands behind it.
    """

    user: User
    chat: Chat
    about: int
    name: str = ""
    words: str = ""
    message: Message | None = None
    query: CallbackQuery | None = None
    title: str = ""
    told: bool = False  # the press was answered

    @classmethod
    def of(cls, update: Update) -> Self | None:
        """The command or press of an update; None where no person can be answered."""
        query = update.callback_query
        if query is not None:
            chat = query.message.chat if query.message is not None else None
            return None if chat is None else cls(query.from_user, chat, chat.id, query=query)
        message = update.message
        if message is None or message.from_user is None:
            return None
        if message.from_user.is_bot and message.sender_chat is None:
            return None
        name, words = command_of(message)
        return cls(message.from_user, message.chat, message.chat.id, name, words, message)

    @property
    def direct(self) -> bool:
        """Whether it is said to her alone."""
        return self.chat.type == ChatType.PRIVATE

    @property
    def anonymous(self) -> bool:
        """Whether the person wrote in the name of a group or channel."""
        return self.message is not None and self.message.sender_chat is not None

    @property
    def as_group(self) -> bool:
        """Whether the person wrote in the name of this very group, as only its admins may."""
        by = self.message.sender_chat if self.message is not None else None
        return by is not None and by.id == self.chat.id

    @property
    def spot(self) -> Spot:
        """Where the answer goes: under the command in a group."""
        message = self.message
        if message is not None:
            return Spot(self.chat.id, topic_of(message), None if self.direct else message.message_id)
        shown = self.query.message if self.query is not None else None
        return Spot(self.chat.id, topic_of(shown) if isinstance(shown, Message) else None)

    @property
    def payload(self) -> str:
        """What a deep link asks for: the same again, as far as a link may ask for it."""
        whole = "-".join([self.name, *self.words.lower().split()[:1]])
        asked = next((asked for asked in (whole, self.name) if asked in LINKED), "chat")
        return f"{asked}_{self.chat.id}"

    def linked(self) -> bool:
        """Take up what a deep link asks for; whether there was something."""
        match = _PAYLOAD.fullmatch(self.words.strip())
        if match is None or "-".join(filter(None, match.groups()[:2])) not in LINKED:
            return False
        self.name, self.words, self.about = match[1], match[2] or "", int(match[3])
        return True

    def person(self, words: str) -> tuple[int | None, str]:
        """Whom a command is about, and the other words: named in it, by number, or by a reply.

        Beside a reply only the first word is a number of someone: a reason may have numbers in it, too.
        """
        message = self.message
        if message is None:
            return None, words
        for entity in message.entities:
            if entity.type == MessageEntity.TEXT_MENTION and entity.user is not None:
                return entity.user.id, words.replace(part(message.text or "", entity), "", 1).strip()
        typed, replied = words.split(), self._replied_to()
        for index, word in enumerate(typed if replied is None else typed[:1]):
            if match := _ACCOUNT.fullmatch(word):
                return int(match[1]), " ".join(typed[:index] + typed[index + 1 :])
        return replied, words

    def _replied_to(self) -> int | None:
        """Who wrote the message replied to. In a topic, what replies to nothing replies to its opening."""
        message = self.message
        other = message.reply_to_message if message is not None else None
        if message is None or other is None or other.from_user is None or other.forum_topic_created:
            return None
        opening = message.is_topic_message and other.message_id == message.message_thread_id
        nobody = other.from_user.is_bot or other.sender_chat is not None
        return None if opening or nobody else other.from_user.id


def command_of(message: Message) -> tuple[str, str]:
    """The command that a message begins with, and the words behind it."""
    first = next((e for e in message.entities if e.type == MessageEntity.BOT_COMMAND and e.offset == 0), None)
    said = message.text or ""
    if first is None:
        return "", said.strip()
    name = said[1 : first.length].partition("@")[0].lower()  # letters, digits and _ only
    return name, said[first.length :].strip()


@dataclass(frozen=True, slots=True)
class Button:
    """What a button under an answer carries: what it is for, who may press it, which group it is
    about (0 for none), and the rest.
    """

    kind: str
    asker: int
    about: int
    rest: str

    @classmethod
    def read(cls, data: str) -> Self | None:
        """The button that these data mean; None when it is none of these."""
        match = _BUTTON.fullmatch(data)
        return None if match is None else cls(match[1], int(match[2]), int(match[3]), match[4])


def data_of(kind: str, talk: Talk, *rest: object) -> str:
    """The data of a button that belongs to a command. Raises ValueError when it is too much."""
    data = ":".join([kind, str(talk.user.id), str(min(talk.about, 0)), *(str(each) for each in rest)])
    if len(data.encode()) > DATA_BYTES:
        raise ValueError("too much for a button")
    return data
