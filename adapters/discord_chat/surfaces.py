"""Where a reply stands on Discord: messages of a channel, or the answer to an interaction."""

from __future__ import annotations

import io
import secrets
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import discord

from adapters.discord_chat.buttons import keys_view
from adapters.discord_chat.doors import message_key
from adapters.discord_chat.errors import NoHistoryError, trying
from adapters.discord_chat.text import pages
from adapters.shared.drafts import Draft, Face, Key
from adapters.shared.edges import BusyError, GoneError, Mends, RefusedError, TooLargeError, UnsureError
from core.errors import EdgeError
from core.people import Lang

FACE_NAME: Final = "oh-lora"
ALT_MAX: Final = 1024
FRESH: Final = "0"
Handle: TypeAlias = "discord.PartialMessage | discord.WebhookMessage | None"


def face_file(face: Face) -> discord.File:
    """The file of a face, with its words; a new one for every upload: it can be read once."""
    return discord.File(io.BytesIO(face.data), f"{FACE_NAME}.{face.kind}", description=face.words[:ALT_MAX])


@dataclass(eq=False)
class Page:
    """One message of a reply and what is known to stand in it."""

    id: int
    handle: Handle = None
    content: str | None = None
    keys: tuple[Key, ...] | None = None
    face: Face | None = None


@dataclass(eq=False)
class Surface:
    """Puts drafts on Discord; ``source`` is the number of the message or interaction answered.

    An :class:`adapters.shared.reply.Surface`.
    """

    source: int
    channel_id: int
    mends: Mends
    pages: list[Page] = field(default_factory=list)
    _faceless: bool = False

    @property
    def stands(self) -> bool:
        """Whether there is a message already."""
        return bool(self.pages)

    @property
    def ids(self) -> tuple[str, ...]:
        """The messages of the reply, as the stores know them."""
        return tuple(message_key(page.id) for page in self.pages)

    async def edit(self, draft: Draft) -> None:
        """Bring what stands there up to the draft."""
        contents = pages(draft.text, draft.notes)
        for index, content in enumerate(contents):
            last = index == len(contents) - 1
            wanted = Page(0, None, content, draft.keys, draft.face) if last else Page(0, None, content, ())
            await self._bring(index, wanted, draft.lang)
        for page in self.pages[len(contents) :]:
            await self._remove(page)
        del self.pages[len(contents) :]

    async def clear(self) -> None:
        """Take everything away: there is nothing to say after all."""
        for page in self.pages:
            await self._remove(page)
        self.pages.clear()

    async def _bring(self, index: int, wanted: Page, lang: Lang) -> None:
        face = None if self._faceless else wanted.face
        there = self.pages[index] if index < len(self.pages) else None
        fresh = face if there is None or face is not there.face else None
        if there and (there.content, there.keys) == (wanted.content, wanted.keys) and fresh is None:
            return
        view = keys_view(wanted.keys or (), self.source, lang)
        content = wanted.content or ""
        try:
            page = await self._put(index, there, content, view, fresh)
        except (UnsureError, GoneError):
            raise
        except EdgeError as err:
            if fresh is None:
                self._explain(err)
                raise
            self._faceless = True  # the text is what matters
            self._explain_face(err)
            fresh = None
            page = await self._put(index, there, content, view, None)
        page.content, page.keys = content, wanted.keys
        page.face = fresh or (there.face if there else None)
        self.pages[index : index + 1] = [page]

    async def _put(
        self, index: int, there: Page | None, content: str, view: discord.ui.View | None, face: Face | None
    ) -> Page:
        raise NotImplementedError

    async def _remove(self, page: Page) -> None:
        raise NotImplementedError

    def _explain(self, err: EdgeError) -> None:
        if isinstance(err, RefusedError):
            self.mends.once(
                "may not write", self.channel_id, "give the bot View Channel, Send Messages (in Threads)"
            )

    def _explain_face(self, err: EdgeError) -> None:
        if isinstance(err, TooLargeError):
            self.mends.once("face too large", self.channel_id, "smaller faces, or a higher upload limit")
        elif isinstance(err, RefusedError):
            self.mends.once("may not attach her face", self.channel_id, "give the bot Attach Files")
        else:
            self.mends.once("face not taken", self.channel_id, str(err))


@dataclass(eq=False)
class ChannelSurface(Surface):
    """Messages in a channel; the first one is a reply to the source."""

    channel: Any = None  # discord.abc.MessageableChannel
    salt: str = FRESH

    @classmethod
    def to(cls, message: discord.Message, mends: Mends) -> ChannelSurface:
        """For the first answer to a message: the same nonces however often it is tried."""
        return cls(message.id, message.channel.id, mends, channel=message.channel)

    @classmethod
    def again(cls, source: int, channel: Any, ids: tuple[int, ...], mends: Mends) -> ChannelSurface:
        """For another answer in the messages of the first one."""
        standing = [Page(number, discord.PartialMessage(channel=channel, id=number)) for number in ids]
        return cls(source, channel.id, mends, standing, channel=channel, salt=secrets.token_hex(2))

    async def _put(
        self, index: int, there: Page | None, content: str, view: discord.ui.View | None, face: Face | None
    ) -> Page:
        if there is not None and isinstance(there.handle, discord.PartialMessage):
            try:
                await self._change(there, there.handle, content, view, face)
                return there
            except GoneError:
                if there.content is not None:
                    raise  # someone deleted it while it was written: it does not come back
        try:
            sent = await self._post(index, content, view, face, quoting=index == 0)
        except NoHistoryError:
            self.mends.once("may not quote", self.channel_id, "give the bot Read Message History")
            sent = await self._post(index, content, view, face, quoting=False)
        return Page(sent.id, discord.PartialMessage(channel=self.channel, id=sent.id))

    async def _post(
        self, index: int, content: str, view: discord.ui.View | None, face: Face | None, *, quoting: bool
    ) -> discord.Message:
        fields: dict[str, Any] = {}
        if quoting:
            fields["reference"] = discord.MessageReference(
                message_id=self.source, channel_id=self.channel_id, fail_if_not_exists=False
            )
        if view is not None:
            fields["view"] = view
        nonce = f"{self.source:x}-{self.salt}-{index}"

        async def call() -> discord.Message:
            file = {} if face is None else {"file": face_file(face)}
            sent: discord.Message = await self.channel.send(
                content, nonce=nonce, suppress_embeds=True, mention_author=False, **file, **fields
            )
            return sent

        return await trying(call)

    async def _change(
        self, page: Page, handle: discord.PartialMessage, content: str, view: discord.ui.View | None,
        face: Face | None,
    ) -> None:  # fmt: skip
        async def call() -> object:
            return await handle.edit(content=content, view=view, **_attachments(page, face))

        await trying(call)

    async def _remove(self, page: Page) -> None:
        if isinstance(page.handle, discord.PartialMessage):
            await trying(page.handle.delete)


@dataclass(eq=False)
class InteractionSurface(Surface):
    """The answer to an interaction that was deferred, further pages as followups."""

    talk: Any = None  # discord.Interaction
    private: bool = False
    _unknown: bool = False  # whether a page was sent whose fate nobody knows

    @classmethod
    def to(cls, talk: discord.Interaction[Any], mends: Mends, *, private: bool = False) -> InteractionSurface:
        """For a command that was deferred with ``thinking``."""
        return cls(talk.id, talk.channel_id or 0, mends, talk=talk, private=private)

    @classmethod
    def again(cls, source: int, talk: discord.Interaction[Any], mends: Mends) -> InteractionSurface:
        """For a button under an answer of that kind; the press was deferred."""
        standing = [Page(talk.message.id)] if talk.message is not None else []
        return cls(source, talk.channel_id or 0, mends, standing, talk=talk)

    async def _put(
        self, index: int, there: Page | None, content: str, view: discord.ui.View | None, face: Face | None
    ) -> Page:
        page = there or Page(0)
        handle = page.handle
        if index and not isinstance(handle, discord.WebhookMessage):
            return await self._follow_up(content, view, face)

        async def call() -> Page:
            fields = {"content": content, "view": view, **_attachments(page, face)}
            if isinstance(handle, discord.WebhookMessage):
                await handle.edit(**fields)
                return page
            return Page((await self.talk.edit_original_response(**fields)).id)

        return await trying(call)

    async def _follow_up(self, content: str, view: discord.ui.View | None, face: Face | None) -> Page:
        """A further message. It has no nonce, so what may have arrived is not sent again."""
        if self._unknown:
            raise UnsureError("sent before, fate unknown")

        async def call() -> Page:
            extra: dict[str, Any] = {} if view is None else {"view": view}
            if face is not None:
                extra["file"] = face_file(face)
            sent = await self.talk.followup.send(
                content, ephemeral=self.private, suppress_embeds=True, wait=True, **extra
            )
            return Page(sent.id, sent)

        try:
            return await trying(call, passing=BusyError)
        except UnsureError as err:
            self._unknown = not isinstance(err, BusyError)
            raise

    async def _remove(self, page: Page) -> None:
        if isinstance(page.handle, discord.WebhookMessage):
            await trying(page.handle.delete)


def _attachments(page: Page, face: Face | None) -> dict[str, Any]:
    """A new face replaces what hangs there; an old answer's face goes with its text."""
    if face is not None:
        return {"attachments": [face_file(face)]}
    return {"attachments": []} if page.content is None and page.id else {}
