"""A fake Discord on loopback: REST, gateway and CDN, for an unmodified discord.py client.

``async with FakeDiscord() as discord, …`` in a test; the user's side are verbs (``say``, ``slash``,
``press``), the bot's side is real sockets. What it leaves out stands at the end of ``server.py``'s docstring.
"""

from tests.fake_discord.model import Attachment, Channel, Guild, Message, User
from tests.fake_discord.permissions import Permission
from tests.fake_discord.redirect import redirect
from tests.fake_discord.server import FakeDiscord
from tests.fake_discord.sessions import Intent
from tests.fake_discord.talks import Interaction

__all__ = [
    "Attachment", "Channel", "FakeDiscord", "Guild", "Intent", "Interaction", "Message", "Permission", "User",
    "redirect",
]  # fmt: skip
