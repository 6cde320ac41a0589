"""Addresses in settings: whether they are usable, and what of them may be seen."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import SecretStr

_WEBHOOK_PORTS: Final = (443, 80, 88, 8443)  # Telegram calls no others
_SERVERS: Final = ("postgresql", "postgres", "postgresql+asyncpg")
_SERVER_WORDS: Final = {"host", "port", "sslmode", "ssl"}


def webhook(value: str) -> str:
    """An address that Telegram can call. Raises ValueError."""
    try:
        parts = urlsplit(value)
        port = 443 if parts.port is None else parts.port
    except ValueError:
        raise ValueError("not an address") from None
    if parts.scheme != "https" or not parts.hostname:
        raise ValueError("must begin with https://")
    if port not in _WEBHOOK_PORTS:
        raise ValueError("its port must be 443, 80, 88 or 8443; Telegram calls no others")
    if parts.query or parts.fragment or not re.fullmatch(r"[\w./~-]*", parts.path, re.ASCII):
        raise ValueError("its path may have letters, digits and ._~-/ only, and nothing after it")
    return value


def postgres(value: SecretStr) -> SecretStr:
    """The address of a Postgres database. Raises ValueError, whose text tells nothing of it."""
    try:
        parts = urlsplit(value.get_secret_value())
        words = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
        usable = parts.scheme in _SERVERS and parts.port != 0 and bool(parts.path.strip("/"))
    except ValueError:
        raise ValueError("not an address") from None
    if not usable:
        raise ValueError("an address like postgresql://name:password@host/database")
    if not words <= _SERVER_WORDS:
        raise ValueError(f"after the ? there may be {', '.join(sorted(_SERVER_WORDS))} only")
    return value


def without_password(url: SecretStr) -> str:
    """A Postgres database as people may see it."""
    parts = urlsplit(url.get_secret_value())
    return f"the Postgres database {parts.path.strip('/')} on {parts.hostname or 'this machine'}"


def passwords(url: SecretStr) -> tuple[str, ...]:
    """What must not be seen of it: itself, and the password in it, as it is written and as it is meant."""
    word = urlsplit(url.get_secret_value()).password
    return (url.get_secret_value(), *((word, unquote(word)) if word else ()))
