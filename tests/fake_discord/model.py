"""What the fake Discord consists of: plain records that know each other."""

from __future__ import annotations

import mimetypes
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.fake_discord.changes import Changes
from tests.fake_discord.permissions import NOTHING, Permission
from tests.patience import PATIENCE_S

if TYPE_CHECKING:
    from tests.fake_discord.talks import Interaction

Json = dict[str, Any]

EPOCH_MS = 1_420_070_400_000

TEXT, DM, PUBLIC_THREAD, PRIVATE_THREAD = 0, 1, 11, 12

TYPING_S = 10.0

EPHEMERAL, LOADING, COMPONENTS_V2, SUPPRESS_EMBEDS = 1 << 6, 1 << 7, 1 << 15, 1 << 2


class Snowflakes:
    """Ids that grow; each has a millisecond of its own, so that guilds spread over shards."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> int:
        """A new id, larger than all before."""
        self._last = max(int(time.time() * 1000) - EPOCH_MS, self._last + 1)
        return self._last << 22


def moment(snowflake: int) -> str:
    """When an id was made, as Discord writes times."""
    return datetime.fromtimestamp(((snowflake >> 22) + EPOCH_MS) / 1000, UTC).isoformat()


def now() -> str:
    """The present, as Discord writes times."""
    return datetime.now(UTC).isoformat()


@dataclass(eq=False)
class User:
    """An account; ``locale`` is the language of its Discord client."""

    id: int
    name: str
    shown_name: str
    locale: str = "ko"
    bot: bool = False
    dms_closed: bool = False

    @property
    def mention(self) -> str:
        """What stands in a text that names this account."""
        return f"<@{self.id}>"


@dataclass(eq=False)
class Role:
    """A role of a guild; @everyone has the guild's id."""

    id: int
    name: str
    permissions: Permission
    bot_id: int | None = None  # the bot that it was made for


@dataclass(eq=False)
class Member:
    """An account in a guild."""

    user: User
    roles: list[Role] = field(default_factory=list)
    nick: str | None = None
    joined_at: str = field(default_factory=now)


@dataclass
class Overwrite:
    """What a channel allows or denies one role or member."""

    is_role: bool
    allow: Permission = NOTHING
    deny: Permission = NOTHING


@dataclass(eq=False)
class Guild:
    """A server."""

    id: int
    name: str
    owner: User
    locale: str = "ko"
    premium_tier: int = 0
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)


@dataclass(eq=False)
class Channel:
    """A text channel, thread or private talk."""

    id: int
    kind: int
    name: str = ""
    guild: Guild | None = None
    parent: Channel | None = None
    recipients: list[User] = field(default_factory=list)
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    typing: list[tuple[User, float]] = field(default_factory=list)
    nsfw: bool = False
    owner_id: int = 0
    joined: set[int] = field(default_factory=set)
    archived: bool = False
    locked: bool = False
    gone: bool = False

    @property
    def is_thread(self) -> bool:
        """Whether this is a thread of either kind."""
        return self.kind in {PUBLIC_THREAD, PRIVATE_THREAD}

    @property
    def is_private_thread(self) -> bool:
        """Whether only those who were added see it."""
        return self.kind == PRIVATE_THREAD

    def is_typing(self, user: User) -> bool:
        """Whether »is typing …« stands there: ten seconds, or until they have written."""
        last = max((at for who, at in self.typing if who is user), default=float("-inf"))
        wrote = any(m.author is user and m.versions[0].at > last for m in self.messages.values())
        return not wrote and time.monotonic() - last < TYPING_S

    @property
    def log(self) -> list[Message]:
        """What everybody here sees, oldest first."""
        return [m for m in self.messages.values() if not m.deleted and not m.ephemeral]


@dataclass(eq=False)
class Attachment:
    """A file with its bytes."""

    id: int
    filename: str
    content: bytes
    description: str | None = None
    ephemeral: bool = False

    @property
    def content_type(self) -> str:
        """Discord goes by the name's ending, too."""
        return mimetypes.guess_type(self.filename)[0] or "application/octet-stream"


@dataclass(eq=False)
class Version:
    """One state of a message; ``at`` is monotonic."""

    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    mentions: list[User] = field(default_factory=list)
    mention_roles: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    flags: int = 0
    at: float = field(default_factory=time.monotonic)


@dataclass(eq=False)
class Message:
    """A message: all its versions, the last one is what people see."""

    id: int
    channel: Channel
    author: User
    versions: list[Version]
    changes: Changes
    kind: int = 0
    reference: Message | None = None
    # None: no reply. The reference may be deleted later, the ids stay.
    reference_id: int | None = None
    nonce: str | None = None
    stickers: list[Json] = field(default_factory=list)
    reactions: list[tuple[User, str]] = field(default_factory=list)
    interaction: Interaction | None = None
    edited_at: str | None = None
    deleted: bool = False
    deleted_at: float | None = None

    @property
    def last(self) -> Version:
        """What people see now."""
        return self.versions[-1]

    @property
    def content(self) -> str:
        """The text that people see now."""
        return self.last.content

    @property
    def attachments(self) -> list[Attachment]:
        """The files that people see now."""
        return self.last.attachments

    @property
    def components(self) -> list[Json]:
        """The buttons and menus that people see now."""
        return self.last.components

    @property
    def embeds(self) -> list[Json]:
        """The embeds that people see now."""
        return self.last.embeds

    @property
    def ephemeral(self) -> bool:
        """Whether only the one who asked sees it."""
        return bool(self.last.flags & EPHEMERAL)

    @property
    def loading(self) -> bool:
        """Whether people see »is thinking …« instead of a text."""
        return bool(self.last.flags & LOADING)

    @property
    def edit_times(self) -> list[float]:
        """Monotonic times of all edits."""
        return [version.at for version in self.versions[1:]]

    def buttons(self) -> list[Json]:
        """Every component that a user can press or choose from."""
        return list(pressable(self.components))

    async def settled(self, quiet_s: float = 0.3, timeout: float = PATIENCE_S) -> Message:
        """Waits until nobody has edited or deleted it for ``quiet_s`` seconds."""
        await self.changes.quiet(lambda: (len(self.versions), self.deleted), quiet_s, timeout)
        return self


def pressable(components: list[Json]) -> list[Json]:
    """Components with a custom_id, however deep they lie."""
    found: list[Json] = []
    for component in components:
        if "custom_id" in component:
            found.append(component)
        if isinstance(component.get("accessory"), dict):
            found += pressable([component["accessory"]])
        if isinstance(component.get("component"), dict):
            found += pressable([component["component"]])
        found += pressable(component.get("components") or [])
    return found
