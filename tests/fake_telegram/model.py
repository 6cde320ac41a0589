"""What the fake Telegram consists of: plain records that know each other."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from tests.fake_telegram.changes import Changes
from tests.patience import PATIENCE_S

Json = dict[str, Any]

PRIVATE, GROUP, SUPERGROUP = "private", "group", "supergroup"
# A chat action stands for five seconds, or until a message comes.
ACTION_S = 5.0
# A draft is a preview of thirty seconds, unless it is renewed.
DRAFT_S = 30.0


def monotonic() -> float:
    """The clock of all recorded times."""
    return time.monotonic()


@dataclass(eq=False)
class User:
    """An account; ``language_code`` is the language of its client, and may be unknown."""

    id: int
    first_name: str
    username: str | None = None
    language_code: str | None = "ko"
    is_bot: bool = False
    # Only whoever has written to the bot, and has not blocked it, can be written to.
    started: bool = False
    blocked: bool = False
    deactivated: bool = False

    @property
    def mention(self) -> str:
        """What stands in a text that names this account."""
        return f"@{self.username}"


@dataclass(eq=False)
class Member:
    """An account in a group; ``status`` in Telegram's words."""

    user: User
    status: str = "member"
    anonymous: bool = False

    @property
    def inside(self) -> bool:
        """Whether they are in the group now."""
        return self.status in {"creator", "administrator", "member"}

    @property
    def admin(self) -> bool:
        """Whether they may do more than others."""
        return self.status in {"creator", "administrator"}


@dataclass(eq=False)
class Topic:
    """A topic of a forum (or of a private chat); ``id`` is its ``message_thread_id``."""

    id: int
    name: str
    closed: bool = False


@dataclass(eq=False)
class Action:
    """»is typing …«."""

    action: str
    thread: int | None
    at: float = field(default_factory=monotonic)


@dataclass(eq=False)
class Draft:
    """One ``sendMessageDraft``; an empty text is »Thinking …«."""

    id: int
    text: str
    entities: list[Json]
    thread: int | None
    can_stop: bool = False
    at: float = field(default_factory=monotonic)


@dataclass(eq=False)
class Chat:
    """A private chat, group or supergroup (which may be a forum)."""

    id: int
    kind: str
    title: str = ""
    user: User | None = None  # of a private chat
    forum: bool = False
    members: dict[int, Member] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    actions: list[Action] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    drafts_allowed: bool = True
    # What the bot may not send here: "text", "photo", "animation" …
    denied: set[str] = field(default_factory=set)
    migrated_to: Chat | None = None
    last_bot: User | None = None

    @property
    def private(self) -> bool:
        """Whether this is a talk between someone and the bot."""
        return self.kind == PRIVATE

    @property
    def log(self) -> list[Message]:
        """What stands there now, oldest first; service messages too."""
        return [message for message in self.messages.values() if not message.deleted]

    def visible_draft(self) -> Draft | None:
        """The preview that the user sees now: not older than 30 s, and no message has come since."""
        if not self.drafts or monotonic() - self.drafts[-1].at > DRAFT_S:
            return None
        since = self.drafts[-1].at
        later = any(m.author.is_bot and m.versions[0].at >= since for m in self.messages.values())
        return None if later else self.drafts[-1]

    def visible_action(self) -> Action | None:
        """What stands under the chat's name now."""
        if not self.actions or monotonic() - self.actions[-1].at > ACTION_S:
            return None
        since = self.actions[-1].at
        done = any(m.author.is_bot and m.versions[0].at >= since for m in self.messages.values())
        return None if done else self.actions[-1]


@dataclass(eq=False)
class File:
    """A file with its bytes; ``kind`` is what it was sent as: photo, animation, video, document …"""

    id: str
    unique_id: str
    kind: str
    name: str
    content: bytes
    path: str
    mime: str
    width: int = 0
    height: int = 0


@dataclass(eq=False)
class Version:
    """One state of a message: a text, or ``media`` with the text as its caption; ``at`` is monotonic."""

    text: str = ""
    entities: list[Json] = field(default_factory=list)
    media: File | None = None
    # Whether the bot named the file's id instead of uploading it.
    reused: bool = False
    markup: Json | None = None
    at: float = field(default_factory=monotonic)

    @property
    def keyboard(self) -> list[Json]:
        """All inline buttons, row after row."""
        rows: list[list[Json]] = (self.markup or {}).get("inline_keyboard", [])
        return [button for row in rows for button in row]


@dataclass(eq=False)
class Message:
    """A message: all its versions, the last one is what people see."""

    id: int
    chat: Chat
    author: User
    versions: list[Version]
    changes: Changes
    date: int
    reply_to: Message | None = None
    # The topic's id; in a supergroup without topics, the id of the reply chain's first message.
    thread: int | None = None
    in_topic: bool = False
    album: str | None = None
    anonymous: bool = False
    service: Json | None = None
    edit_date: int | None = None
    extra: Json = field(default_factory=dict)
    reactions: list[Json] = field(default_factory=list)
    deleted: bool = False
    deleted_at: float | None = None

    @property
    def last(self) -> Version:
        """What people see now."""
        return self.versions[-1]

    @property
    def text(self) -> str:
        """The text, or the caption, that people see now."""
        return self.last.text

    @property
    def entities(self) -> list[Json]:
        """The formatting of the text."""
        return self.last.entities

    @property
    def media(self) -> File | None:
        """The picture or file that people see now."""
        return self.last.media

    @property
    def keyboard(self) -> list[Json]:
        """All inline buttons that people see now."""
        return self.last.keyboard

    @property
    def edit_times(self) -> list[float]:
        """Monotonic times of all edits."""
        return [version.at for version in self.versions[1:]]

    def button(self, text_or_data: str) -> Json:
        """An inline button by its text or callback data.

        Raises:
            LookupError: There is no such button.
        """
        for button in self.keyboard:
            if text_or_data in {button.get("text"), button.get("callback_data")}:
                return button
        raise LookupError(f"{text_or_data!r} cannot be pressed here")

    async def settled(self, quiet_s: float = 0.3, timeout: float = PATIENCE_S) -> Message:
        """Waits until nobody has edited or deleted it for ``quiet_s`` seconds."""
        await self.changes.quiet(lambda: (len(self.versions), self.deleted), quiet_s, timeout)
        return self


@dataclass(eq=False)
class CallbackQuery:
    """One press of an inline button, and the bot's answer to it."""

    id: str
    user: User
    message: Message
    data: str
    changes: Changes
    pressed_at: float = field(default_factory=monotonic)
    answered_at: float | None = None
    text: str = ""
    alert: bool = False
    url: str | None = None

    @property
    def answered(self) -> bool:
        """Whether the button has stopped to glow."""
        return self.answered_at is not None

    @property
    def age_s(self) -> float:
        """Seconds since the press."""
        return monotonic() - self.pressed_at

    def grow_older(self, seconds: float) -> None:
        """Pretends that the press is longer ago."""
        self.pressed_at -= seconds

    async def done(self, timeout: float = PATIENCE_S) -> CallbackQuery:
        """Waits for the bot's answer."""
        await self.changes.wait_for(lambda: self.answered, timeout, f"an answer to {self.data!r}")
        return self
