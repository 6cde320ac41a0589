"""Registering the commands with Discord, only when their definitions are others than last time."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import Any, Protocol

import discord
from discord import app_commands

from core.errors import StoreError, logged

log = logging.getLogger(__name__)


class State(Protocol):
    """The part of :class:`core.ports_places.StateStore` that is needed here."""

    async def get(self, name: str) -> str | None:
        """The value of ``name``."""
        ...

    async def put(self, name: str, value: str) -> None:
        """Keep a value."""
        ...


async def fingerprint(tree: app_commands.CommandTree[Any]) -> str:
    """A digest of all definitions with their translations."""
    translator = tree.translator
    found = [
        command.to_dict(tree)
        if translator is None
        else await command.get_translated_payload(tree, translator)
        for command in tree.get_commands()
    ]
    text = json.dumps(found, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


async def sync_commands(
    tree: app_commands.CommandTree[Any], state: State, application: int, *, force: bool = False
) -> bool:
    """Register the commands if they changed since the last time, or if ``force``; whether it was done.

    The digest is kept for each application, so that another bot on the same database gets its own
    commands. Raises discord.HTTPException where Discord refuses; the next start tries again.
    """
    name = f"discord.commands.{application}"
    now = await fingerprint(tree)
    if not force and await _known(state, name) == now:
        return False
    await tree.sync()
    try:
        await state.put(name, now)
    except StoreError as err:  # they are registered all the same, and will be once more
        log.warning("digest of the commands not kept: %s", logged(err))
    log.info("commands registered for application %s", application)
    return True


async def try_sync(tree: app_commands.CommandTree[Any], state: State, application: int) -> bool:
    """As :func:`sync_commands`; a refusal is logged: old commands are better than no bot."""
    try:
        return await sync_commands(tree, state, application)
    except (discord.HTTPException, app_commands.AppCommandError) as err:
        log.error("commands not registered: %s; she works, the menus may be old", logged(err))
        return False


async def _known(state: State, name: str) -> str | None:
    try:
        return await state.get(name)
    except StoreError as err:
        log.warning("digest of the commands not read: %s", logged(err))
        return None
