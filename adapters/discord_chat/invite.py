"""The rights she needs in a server, and the link that asks for them."""

from __future__ import annotations

from typing import Final

import discord

RIGHTS: Final = discord.Permissions(
    view_channel=True, send_messages=True, send_messages_in_threads=True, create_public_threads=True,
    attach_files=True, read_message_history=True,
)  # fmt: skip
SCOPES: Final = ("bot", "applications.commands")


def invite_url(application: int) -> str:
    """Where someone who manages a server lets her in."""
    return discord.utils.oauth_url(application, permissions=RIGHTS, scopes=SCOPES)
