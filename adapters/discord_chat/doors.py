"""How Discord's messages and servers are named in the stores."""

from __future__ import annotations

from typing import Final

PLATFORM: Final = "discord"


def message_key(snowflake: int | str) -> str:
    """The id under which the core and the stores know a message (or an interaction) of Discord."""
    return f"{PLATFORM}:{snowflake}"


def snowflake_of(key: str) -> int:
    """The number in a :func:`message_key`. Raises ValueError for anything else."""
    platform, _, number = key.partition(":")
    if platform != PLATFORM:
        raise ValueError(f"not of {PLATFORM}: {key}")
    return int(number)


def group_key(guild_id: int | str) -> str:
    """The group of a guild."""
    return f"{PLATFORM}:{guild_id}"
