"""A thread under her answer: what is written there is meant for her (and read, where Discord lets her)."""

from __future__ import annotations

from typing import cast

import discord

from adapters.discord_chat.command_texts import text
from adapters.discord_chat.desk import Served, Talk
from adapters.discord_chat.errors import trying
from adapters.discord_chat.translator import lang_of
from adapters.shared.edges import RefusedError
from core.errors import EdgeError


async def open_thread(talk: Talk) -> None:
    """Open it at the answer to this interaction; whoever asked is told where that cannot be."""
    lang, channel = lang_of(talk.locale), talk.channel
    if not isinstance(channel, discord.TextChannel):
        await talk.followup.send(text("no_thread_here", lang), ephemeral=True)
        return
    answer = channel.get_partial_message((await trying(talk.original_response)).id)
    name = text("thread_name", lang, name=talk.user.display_name)[:100]
    try:
        await trying(lambda: answer.create_thread(name=name, auto_archive_duration=1440))
    except EdgeError as err:
        if isinstance(err, RefusedError):
            chat = cast(Served, talk.client).chat
            chat.mends.once("may not open threads", channel.id, "give the bot Create Public Threads")
        await talk.followup.send(text("no_thread", lang), ephemeral=True)
