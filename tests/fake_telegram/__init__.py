"""A fake Telegram Bot API on loopback, for an unmodified python-telegram-bot.

``async with FakeTelegram() as telegram, …`` in a test; the users' side are verbs (``say``, ``dm``, ``press``),
the bot's side is real sockets. What it leaves out stands in ``server.py``'s docstring.
"""

from tests.fake_telegram.api import Request
from tests.fake_telegram.entities import clean, units
from tests.fake_telegram.model import CallbackQuery, Chat, Draft, File, Message, Topic, User, Version
from tests.fake_telegram.server import FakeTelegram

__all__ = [
    "CallbackQuery", "Chat", "Draft", "FakeTelegram", "File", "Message", "Request", "Topic", "User", "Version",
    "clean", "units",
]  # fmt: skip
