"""Points an unmodified discord.py at another address, on this machine only."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager

import yarl
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route


def _loopback(url: str) -> yarl.URL:
    """The address, once it is sure that it leads nowhere else: a bot's token must never leave a test."""
    parsed = yarl.URL(url)
    host = parsed.host or ""
    try:
        safe = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        safe = False
    if not safe:
        raise ValueError(f"{url} is not on this machine")
    return parsed


@contextmanager
def redirect(rest_url: str, gateway_url: str) -> Iterator[None]:
    """discord.py talks to these addresses inside the block.

    Args:
        rest_url: Like ``http://127.0.0.1:1234/api/v10``.
        gateway_url: Like ``ws://127.0.0.1:1234/gateway/``.

    Raises:
        ValueError: An address is not on this machine.
    """
    rest, gateway = _loopback(rest_url), _loopback(gateway_url)
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, Asset.BASE
    Route.BASE = rest_url.rstrip("/")
    DiscordWebSocket.DEFAULT_GATEWAY = gateway
    Asset.BASE = str(rest.origin())
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, Asset.BASE = before
