"""What every command begins and ends with: who asks, in which language, and an answer within the limits."""

from __future__ import annotations

import asyncio
import io
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias, cast

import discord

from adapters.discord_chat.chat import Chat
from adapters.discord_chat.command_texts import text
from adapters.discord_chat.doors import PLATFORM, Doors, message_key
from adapters.discord_chat.surfaces import InteractionSurface
from adapters.discord_chat.text import BREAK, pages
from adapters.discord_chat.translate import person_of, place_of
from adapters.discord_chat.translator import lang_of, localised
from adapters.shared.admin import Admin
from adapters.shared.commands import Answer, Commands
from adapters.shared.profile import Profile
from core.errors import StoreError
from core.people import Incoming, Lang, Owner, Person, Place, PlaceKind
from core.phrases import phrase

log = logging.getLogger(__name__)

LATE: Final = (10062, 40060)  # unknown by now (three seconds have passed), or answered before (a replay)
UPDATES: Final = (
    discord.InteractionResponseType.deferred_message_update, discord.InteractionResponseType.message_update
)  # fmt: skip
# A person named by id shows as a name and calls nobody: allowed_mentions is none everywhere.
_MENTION: Final = re.compile(f"\\\\<@{BREAK}(\\d{{1,20}})\\\\>")
Talk: TypeAlias = discord.Interaction[Any]
Work = Callable[["Caller"], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who uses a command, where, and the language of the answer."""

    person: Person
    place: Place
    lang: Lang
    locale: Lang
    manages: bool  # this guild
    owns: bool  # the application

    @property
    def owner(self) -> Owner:
        """Whose memories the command is about."""
        return Owner(self.person.id, self.place.scope)

    @property
    def group(self) -> str:
        """The guild, '' in a direct message."""
        return self.place.group if self.place.kind is PlaceKind.GROUP else ""


async def _nothing() -> None:
    """Until the client is logged in."""


@dataclass
class Desk:
    """What the commands need; ``owners`` is completed by the application's own at start."""

    doors: Doors
    owners: set[int] = field(default_factory=set)
    roles: frozenset[int] = frozenset()
    gallery: dict[str, bytes] = field(default_factory=dict)  # pictures of faces at rest
    register: Callable[[], Awaitable[object]] = _nothing  # tells Discord the commands

    @property
    def commands(self) -> Commands:
        """The commands of people."""
        return self.doors.commands

    @property
    def admin(self) -> Admin:
        """The commands of admins."""
        return self.doors.admin

    @property
    def profile(self) -> Profile:
        """What people chose, and the texts of this platform."""
        return Profile(self.doors.memories, self.doors.history, PLATFORM)

    async def caller(self, talk: Talk) -> Caller:
        """Who asks; a store that fails costs the chosen language only."""
        person, place = person_of(talk.user), place_of(talk.channel)
        locale = lang_of(talk.locale)
        owns = talk.user.id in self.owners
        manages = owns or await self._manages(talk, place)
        return Caller(person, place, await self._lang(person, locale), locale, manages, owns)

    async def converse(self, talk: Talk, said: str) -> None:
        """Answer as if it were a message; what ends without a word leaves nothing behind."""
        track(talk)
        await talk.response.defer(thinking=True)
        incoming = Incoming(
            message_key(talk.id),
            person_of(talk.user),
            place_of(talk.channel),
            said,
            self.doors.clock.now(),
            locale=lang_of(talk.locale),
        )
        chat = cast(Served, talk.client).chat
        surface = InteractionSurface.to(talk, chat.mends)
        answered = await chat.answer(incoming, surface)
        if not answered and chat.leaving:
            await talk.edit_original_response(content=phrase("leaving", lang_of(talk.locale)))
        elif not surface.stands:
            await talk.delete_original_response()

    async def guide(self, talk: Talk, written: Callable[[Lang], Answer]) -> None:
        """Show one of our own texts as it is written, with the commands under the names of its language."""
        await talk.response.defer(thinking=True, ephemeral=True)
        lang = (await self.caller(talk)).lang
        await talk.edit_original_response(content=localised(written(lang).text, lang))

    async def answer(self, talk: Talk, work: Work, *, private: bool = True) -> None:
        """Acknowledge at once, do the work, show its answer."""
        talk.extras["private"] = private
        await talk.response.defer(thinking=True, ephemeral=private)
        await show(talk, await work(await self.caller(talk)))

    async def _lang(self, person: Person, locale: Lang) -> Lang:
        try:
            value = (await self.doors.history.choices(person.id)).get("language", "")
        except StoreError as err:
            log.warning("no choices for a command: %s", type(err).__name__)
            return locale
        return "ko" if value == "ko" else "en" if value == "en" else locale

    async def _manages(self, talk: Talk, place: Place) -> bool:
        """Whether the guild's own rights, or a role named for it, make the person an admin here."""
        if talk.guild is None or not isinstance(talk.user, discord.Member):
            return False
        if talk.permissions.manage_guild or talk.permissions.administrator:
            return True
        here = await self.doors.rules.settings(place.group)
        return any(role.id in self.roles or str(role.id) in here.admin_roles for role in talk.user.roles)


class Served(Protocol):
    """A client that has a desk."""

    desk: Desk
    chat: Chat


def desk_of(talk: Talk) -> Desk:
    """The desk of the client that a press or a choice belongs to."""
    return cast(Served, talk.client).desk


def track(talk: Talk) -> None:
    """The task that answers an interaction is waited for when the program ends."""
    task = asyncio.current_task()
    if task is not None:
        working = cast(Served, talk.client).chat.working
        working.add(task)
        task.add_done_callback(working.discard)


async def apologise(talk: Talk, cause: BaseException) -> None:
    """Instead of silence: a line that something broke; of the cause, its class goes to the log."""
    if isinstance(cause, discord.HTTPException) and cause.code in LATE:
        log.info("interaction %s came too late or again", talk.id)
        return
    log.error("interaction %s: %s", talk.id, type(cause).__name__, exc_info=cause)
    said = text("broke", lang_of(talk.locale))
    try:
        if talk.response.type in UPDATES:
            await talk.followup.send(said, ephemeral=True)
        elif talk.response.is_done():
            await talk.edit_original_response(content=said)
        else:
            await talk.response.send_message(said, ephemeral=True)
    except discord.HTTPException as err:
        log.warning("interaction %s: no apology: %s", talk.id, type(err).__name__)


@asynccontextmanager
async def forgiving(talk: Talk) -> AsyncIterator[None]:
    """For presses and forms, whose failures discord.py only logs."""
    track(talk)
    try:
        yield
    except Exception as err:  # edge: whoever pressed gets an answer, too
        await apologise(talk, err)


def mention(person: str) -> str:
    """A person's id as Discord shows a person; ids of other platforms stay as they are."""
    platform, _, account = person.partition(":")
    return f"<@{account}>" if platform == PLATFORM and account.isdigit() else person


async def show(
    talk: Talk, answer: Answer, *, view: discord.ui.View | None = None, files: Sequence[discord.File] = ()
) -> None:
    """Put an answer in the place of "is thinking", longer ones in several messages."""
    first, *rest = [_MENTION.sub(r"<@\1>", page) for page in pages(answer.text)]
    attached = list(files)
    if answer.png is not None:
        attached.append(discord.File(io.BytesIO(answer.png), "oh-lora.png", description=answer.text[:1024]))
    if answer.document is not None:
        attached.append(discord.File(io.BytesIO(answer.document.encode()), "oh-lora.json"))
    await talk.edit_original_response(content=first, attachments=attached, view=view)
    for page in rest:
        await talk.followup.send(page, ephemeral=bool(talk.extras.get("private", True)))
