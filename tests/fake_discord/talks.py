"""Interactions: commands, presses, forms and what the bot answered."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from tests.fake_discord import payloads
from tests.fake_discord.changes import Changes
from tests.fake_discord.model import Channel, Json, Message, User
from tests.patience import PATIENCE_S

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5

ANSWER_WITHIN_S = 3.0

# What a callback may be.
MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, FORM = 4, 5, 6, 7, 8, 9


@dataclass(eq=False)
class Interaction:
    """One use of the application, and everything it led to."""

    id: int
    kind: int
    token: str
    user: User
    channel: Channel
    data: Json
    locale: str
    changes: Changes
    name: str = ""
    message: Message | None = None
    created_at: float = field(default_factory=time.monotonic)
    responded_at: float | None = None
    response_kind: int | None = None
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    choices: list[Json] | None = None
    form: Json | None = None

    @property
    def acknowledged(self) -> bool:
        """Whether the bot has answered at all."""
        return self.response_kind is not None

    @property
    def failed(self) -> bool:
        """Whether the user reads »The application did not respond«."""
        return not self.acknowledged and self.age_s > ANSWER_WITHIN_S

    @property
    def ephemeral(self) -> bool:
        """Whether only the user sees the first answer."""
        return self.original is not None and self.original.ephemeral

    @property
    def finished(self) -> bool:
        """Whether the user sees something other than »is thinking …«."""
        if self.response_kind in {MESSAGE, DEFERRED}:
            return self.original is not None and (self.original.deleted or not self.original.loading)
        return self.acknowledged

    @property
    def content(self) -> str:
        """The text of the first answer as it stands now.

        Raises:
            AssertionError: There is no message.
        """
        assert self.original is not None, "there is no answer with a text"
        return self.original.content

    @property
    def age_s(self) -> float:
        """Seconds since the user acted."""
        return time.monotonic() - self.created_at

    def grow_older(self, seconds: float) -> None:
        """Pretends that the user acted longer ago."""
        self.created_at -= seconds

    async def answered(self, timeout: float = PATIENCE_S) -> Interaction:
        """Waits for any answer, a »thinking …« too."""
        await self.changes.wait_for(lambda: self.acknowledged, timeout, f"an answer to {self.name}")
        return self

    async def done(self, timeout: float = PATIENCE_S) -> Interaction:
        """Waits until the user sees an answer: a message, an update, choices or a form."""
        await self.changes.wait_for(lambda: self.finished, timeout, f"the end of {self.name}")
        return self

    async def followup(self, number: int = 1, timeout: float = PATIENCE_S) -> Message:
        """Waits for the n-th followup and returns it."""
        await self.changes.wait_for(lambda: len(self.followups) >= number, timeout, f"followup {number}")
        return self.followups[number - 1]


def payload(talk: Interaction, bot: User, base_url: str, upload_limit: int) -> Json:
    """An interaction as INTERACTION_CREATE brings it."""
    place = talk.channel
    channel = payloads.channel(place)
    channel.pop("recipients", None)  # Discord leaves the other one out here
    owner = str(place.guild.id) if place.guild else "0"
    result: Json = {
        "id": str(talk.id), "application_id": str(bot.id), "type": talk.kind, "token": talk.token,
        "version": 1, "data": talk.data, "channel": channel, "channel_id": str(place.id),
        "locale": talk.locale, "entitlements": [], "context": 1 if place.guild is None else 0,
        "authorizing_integration_owners": {"0": owner},
        "app_permissions": payloads.permissions(place, bot), "attachment_size_limit": upload_limit,
    }  # fmt: skip
    if place.guild is None:
        result["user"] = payloads.user(talk.user)
    else:
        guild = place.guild
        channel["permissions"] = payloads.permissions(place, talk.user)
        member = payloads.member(guild.members[talk.user.id])
        member["permissions"] = payloads.permissions(place, talk.user)
        result |= {
            "guild_id": str(guild.id), "guild_locale": guild.locale, "member": member,
            "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
        }  # fmt: skip
    if talk.message is not None and talk.kind in {COMPONENT, MODAL}:
        result["message"] = payloads.message(talk.message, base_url)
    return result
