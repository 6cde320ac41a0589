"""What the buttons under a reply do, for its addressee only."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, TypeAlias

import discord

from adapters.discord_chat.buttons import drops_view
from adapters.discord_chat.chat import Chat, standing
from adapters.discord_chat.desk import defer, forgiving, put
from adapters.discord_chat.doors import message_key, snowflake_of
from adapters.discord_chat.errors import trying
from adapters.discord_chat.surfaces import ChannelSurface, InteractionSurface
from adapters.discord_chat.text import pages
from adapters.discord_chat.translate import look, person_of, place_of
from adapters.discord_chat.translator import lang_of
from adapters.shared.drafts import Key, Surface
from adapters.shared.edges import GoneError
from adapters.shared.pressed import Pressed
from adapters.shared.profile import language_of
from adapters.shared.texts import text
from core.errors import EdgeError
from core.people import Lang
from core.ports_places import Delivery

log = logging.getLogger(__name__)
Talk: TypeAlias = discord.Interaction[Any]


@dataclass(frozen=True)
class Presses:
    """The buttons' side of a chat; every press is acknowledged before anything else."""

    chat: Chat

    @property
    def _pressed(self) -> Pressed:
        return Pressed(self.chat)

    async def reply_key(self, talk: Talk, key: Key, source: int) -> None:
        """Try again, why?, or stop."""
        async with forgiving(talk):
            await self._reply_key(talk, key, source)

    async def drop(self, talk: Talk, source: int, memory: int) -> None:
        """Delete one of the memories that "why?" showed, and show what is left of them."""
        async with forgiving(talk):
            await self._drop(talk, source, memory)

    async def _reply_key(self, talk: Talk, key: Key, source: int) -> None:
        if key is Key.WHY:
            await defer(talk, thinking=True, ephemeral=True)
        else:
            await defer(talk)
        lang = await self._lang(talk)
        delivery = await self.chat.delivery(message_key(source))
        refused = _refused(delivery, talk)
        if delivery is None or refused:
            await _tell(talk, text(refused, lang), instead=key is Key.WHY)
        elif key is Key.WHY:
            await self._why(talk, delivery, lang)
        elif key is Key.STOP:
            await _tell(talk, self._pressed.stop(delivery, lang))
        else:
            line = await self._pressed.again(
                delivery, person_of(talk.user), lang, lang_of(talk.locale),
                said=lambda: self._said(talk, delivery), surface=lambda there: self._surface(talk, there),
            )  # fmt: skip
            await _tell(talk, line)

    async def _drop(self, talk: Talk, source: int, memory: int) -> None:
        await defer(talk)
        lang = await self._lang(talk)
        delivery = await self.chat.delivery(message_key(source))
        refused = _refused(delivery, talk)
        if delivery is None or refused:
            await _tell(talk, text(refused, lang))
            return
        gone = await self.chat.doors.commands.memory.delete(delivery.owner, memory, lang)
        await self._why(talk, delivery, lang, gone.text)

    async def _why(self, talk: Talk, delivery: Delivery, lang: Lang, before: str = "") -> None:
        answer = await self.chat.doors.commands.why(delivery.owner, delivery.message_id, lang)
        shown = pages(f"{before}\n\n{answer.text}")[0]
        used = tuple(memory.id for memory in answer.memories)
        view = drops_view(snowflake_of(delivery.message_id), used, lang)
        await put(talk, content=shown, view=view)

    def _surface(self, talk: Talk, delivery: Delivery) -> Surface:
        source = snowflake_of(delivery.message_id)
        if _of_command(talk) and len(delivery.replies) <= 1:  # works where she may not see the channel
            return InteractionSurface.again(source, talk, self.chat.mends)
        return ChannelSurface.again(source, talk.channel, standing(delivery), self.chat.mends)

    async def _said(self, talk: Talk, delivery: Delivery) -> str:
        """What the person said: the message as it is now, or the turn where it says more (a burst)."""
        kept = await self._pressed.kept(delivery)
        if _of_command(talk) or not isinstance(talk.channel, discord.abc.Messageable):
            return kept
        source, channel = snowflake_of(delivery.message_id), talk.channel
        try:
            message = await trying(lambda: channel.fetch_message(source))
        except GoneError:
            await self.chat.removed([source])  # while she was away
            return ""
        except EdgeError as err:
            log.info("source of %s not read: %s", delivery.message_id, err)
            return kept
        said = look(message, self.chat.me, reads_all=self.chat.reads_all).text
        return kept if said in kept else said

    async def _lang(self, talk: Talk) -> Lang:
        return await language_of(self.chat.doors.history, person_of(talk.user).id, lang_of(talk.locale))


def _refused(delivery: Delivery | None, talk: Talk) -> str:
    """The key of the text that says why a press does nothing, '' when it may."""
    scope = None if talk.channel is None else place_of(talk.channel).scope  # a channel may be hidden by now
    return Pressed.refused(delivery, person_of(talk.user).id, scope)


def _of_command(talk: Talk) -> bool:
    """Whether the reply answers a command, not a message."""
    return talk.message is not None and talk.message.interaction_metadata is not None


async def _tell(talk: Talk, line: str, *, instead: bool = False) -> None:
    """A line, if there is one, that only the one who pressed sees; ``instead`` of "is thinking"."""
    if instead:
        await put(talk, content=line)
    elif line:
        await talk.followup.send(line, ephemeral=True)
