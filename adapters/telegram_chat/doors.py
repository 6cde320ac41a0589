"""How Telegram's messages and groups are named in the stores."""

from __future__ import annotations

from typing import Final

PLATFORM: Final = "telegram"


def message_key(chat_id: int, message_id: int) -> str:
    """The id under which the core and the stores know a message; Telegram counts them in each chat."""
    return f"{PLATFORM}:{chat_id}/{message_id}"


def numbers_of(key: str) -> tuple[int, int]:
    """The chat and the message of a :func:`message_key`. Raises ValueError for anything else."""
    platform, _, rest = key.partition(":")
    chat, slash, message = rest.partition("/")
    if platform != PLATFORM or not slash:
        raise ValueError(f"not of {PLATFORM}: {key}")
    return int(chat), int(message)


def group_key(chat_id: int) -> str:
    """The group of a chat with more than one person."""
    return f"{PLATFORM}:{chat_id}"
