"""What every command begins and ends with: who asks, in which language, and an answer within the limits."""

from __future__ import annotations

import asyncio
import io
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Protocol, TypeAlias, cast

import aiohttp
import discord

from adapters.discord_chat.chat import Chat
from adapters.discord_chat.command_texts import text
from adapters.discord_chat.doors import PLATFORM, message_key
from adapters.discord_chat.errors import trying
from adapters.discord_chat.surfaces import InteractionSurface, face_file
from adapters.discord_chat.text import BREAK, pages
from adapters.discord_chat.translate import channels_of, person_of, place_of, plain
from adapters.discord_chat.translator import lang_of, localised
from adapters.shared.admin import Admin
from adapters.shared.answers import Answer
from adapters.shared.commands import Commands
from adapters.shared.decisions import answers_in
from adapters.shared.desk import Caller
from adapters.shared.doors import Doors
from adapters.shared.drafts import Face
from adapters.shared.edges import BusyError, GoneError
from adapters.shared.profile import Profile, language_of
from core.people import Incoming, Lang, Place
from core.phrases import phrase

log = logging.getLogger(__name__)

ACKNOWLEDGED: Final = 40060
LATE: Final = (10062, ACKNOWLEDGED)  # unknown by now (three seconds have passed), or a replay
UPDATES: Final = (
    discord.InteractionResponseType.deferred_message_update, discord.InteractionResponseType.message_update
)  # fmt: skip
# A person named by id shows as a name and calls nobody: allowed_mentions is none everywhere.
_MENTION: Final = re.compile(f"\\\\<@{BREAK}(\\d{{1,20}})\\\\>")
Talk: TypeAlias = discord.Interaction[Any]
Work = Callable[[Caller], Awaitable[Answer]]


async def _nothing() -> None:
    """Until the client is logged in."""


@dataclass
class Desk:
    """What the commands need; ``owners`` is completed by the application's own at start."""

    doors: Doors
    owners: set[int] = field(default_factory=set)
    roles: frozenset[int] = frozenset()
    gallery: dict[tuple[str, ...], bytes] = field(default_factory=dict)  # sheets by the faces on them
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
        return Profile(self.doors.memories, self.doors.history, PLATFORM, self.doors.portraits)

    async def caller(self, talk: Talk) -> Caller:
        """Who asks; a store that fails costs the chosen language only."""
        person, place = person_of(talk.user), place_of(talk.channel)
        locale = lang_of(talk.locale)
        owns = talk.user.id in self.owners
        manages = owns or await self._manages(talk, place)
        lang = await language_of(self.doors.history, person.id, locale)
        return Caller(person, place, lang, locale, manages, owns)

    async def converse(self, talk: Talk, said: str, names: Mapping[int, str] | None = None) -> bool:
        """Answer as if it were a message; what ends without a word leaves nothing behind.

        ``names`` are those of the people mentioned. Whether there is an answer.
        """
        track(talk)
        await defer(talk, thinking=True)
        chat = cast(Served, talk.client).chat
        incoming = Incoming(
            message_key(talk.id),
            person_of(talk.user),
            place_of(talk.channel),
            plain(said, chat.me, names or {}),
            self.doors.clock.now(),
            locale=lang_of(talk.locale),
        )
        here = await self.doors.rules.settings(incoming.place.group)
        if talk.guild_id is not None and not answers_in(channels_of(talk.channel), here):
            await trying(talk.delete_original_response)
            await talk.followup.send(text("other_channels", lang_of(talk.locale)), ephemeral=True)
            return False
        surface = InteractionSurface.to(talk, chat.mends)
        answered = await chat.answer(incoming, surface)
        if not answered and chat.leaving:
            await put(talk, content=phrase("leaving", lang_of(talk.locale)))
        elif not surface.stands:
            await trying(talk.delete_original_response)
        return answered and surface.stands

    async def guide(self, talk: Talk, written: Callable[[Lang], Answer]) -> None:
        """Show one of our own texts as it is written, with the commands under the names of its language."""
        await defer(talk, thinking=True, ephemeral=True)
        who = await self.caller(talk)
        await put(talk, content=localised(written(who.lang).text, who.locale))

    async def answer(self, talk: Talk, work: Work, *, private: bool = True) -> None:
        """Acknowledge at once, do the work, show its answer."""
        talk.extras["private"] = private
        await defer(talk, thinking=True, ephemeral=private)
        await show(talk, await work(await self.caller(talk)))

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
    late = isinstance(cause, discord.HTTPException) and cause.code in LATE
    if late or isinstance(cause, GoneError):
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


async def defer(talk: Talk, **how: bool) -> None:
    """Acknowledge; where the connection broke off once more, for nobody knows what arrived."""
    try:
        await talk.response.defer(**how)
    except (aiohttp.ClientError, OSError) as err:
        log.info("interaction %s acknowledged again: %s", talk.id, type(err).__name__)
        try:
            await talk.response.defer(**how)
        except discord.HTTPException as again:
            if again.code != ACKNOWLEDGED:
                raise


async def put(talk: Talk, **fields: Any) -> None:
    """Change the first answer, also on a bad day. Raises EdgeError."""
    await trying(lambda: talk.edit_original_response(**fields))


def _no_files() -> list[discord.File]:
    return []


async def show(
    talk: Talk, answer: Answer, *, view: discord.ui.View | None = None,
    files: Callable[[], list[discord.File]] = _no_files,
) -> None:  # fmt: skip
    """Put an answer in the place of "is thinking", longer ones in several messages."""
    first, *rest = [_MENTION.sub(r"<@\1>", page) for page in pages(answer.text)]

    async def edit() -> object:
        attached = files()  # new ones for every try: they can be read once
        if answer.png is not None:
            attached.append(face_file(Face(answer.png, answer.text)))
        attached += [discord.File(io.BytesIO(content), name) for name, content in answer.files]
        return await talk.edit_original_response(content=first, attachments=attached, view=view)

    await trying(edit)
    private = bool(talk.extras.get("private", True))
    for page in rest:  # without a nonce: what may have arrived is not sent again
        await trying(partial(talk.followup.send, page, ephemeral=private, wait=True), passing=BusyError)
