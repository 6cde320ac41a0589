"""``python -m tests.fake_discord.load --people 50``: a fake Discord full of people, in its own process.

Prints its addresses as one JSON line, waits for the bot, lets everyone write at random times (Poisson,
seeded) and prints what they saw as a second JSON line. Typing does not count as an answer.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field

from tests.crowds import FACES_WAIT_S, LAST_WAIT_S, moments, options, summary, tell, texts_of
from tests.fake_discord import FakeDiscord
from tests.fake_discord.model import Channel, Message, User


@dataclass
class Person:
    """Someone at a keyboard; ``written`` are the messages with what the bot's first answer took."""

    user: User
    channel: Channel
    written: list[Message] = field(default_factory=list)


def first_answer(person: Person, message: Message, bot: User) -> Message | None:
    """The bot's answer to the message, or to a later one that took it over."""
    mine = {later.id for later in person.written if later.id >= message.id}
    for answer in person.channel.messages.values():
        if answer.author is bot and answer.reference_id in mine:
            return answer
    return None


def answered(person: Person, bot: User) -> bool:
    """Whether the newest message has its answer."""
    return not person.written or first_answer(person, person.written[-1], bot) is not None


async def write(
    discord: FakeDiscord, person: Person, texts: list[str], until: float, rng: random.Random
) -> None:
    """Writes at random times until the end."""
    async for _ in moments(until, rng):
        direct = person.channel.guild is None
        mentions = [] if direct else [discord.bot]
        person.written.append(
            await discord.say(person.user, person.channel, rng.choice(texts), mentions=mentions)
        )


def figures(people: list[Person], bot: User, since: float) -> dict[str, float]:
    """Times in milliseconds between a message and what its writer saw."""
    visible, faces, missing = [], [], 0
    for person in people:
        for message in person.written:
            at = message.versions[0].at
            answer = first_answer(person, message, bot)
            if at < since:
                continue
            if answer is None:
                missing += 1
                continue
            visible.append(1000 * (answer.versions[0].at - at))
            shown = next((v.at for v in answer.versions if v.attachments), None)
            if shown is not None:
                faces.append(1000 * (shown - at))
    return summary(visible, faces, missing)


async def main(given: argparse.Namespace, texts: list[str]) -> None:
    """Serves, writes, reports."""
    rng = random.Random(given.seed)
    async with FakeDiscord() as discord:
        users = [discord.add_user(f"person{i}") for i in range(given.people)]
        guild = discord.add_guild("load", *users)
        rooms = [discord.add_channel(guild, f"room{i}") for i in range(max(1, given.people // 10))]
        crowd = [
            Person(user, discord.private_channel(user) if i % 2 else rooms[i % len(rooms)])
            for i, user in enumerate(users)
        ]
        tell({"rest": discord.rest_url, "gateway": discord.gateway_url, "token": discord.token})
        await discord.connected(timeout=120)
        since = time.monotonic() + given.warm
        until = since + given.seconds
        await asyncio.gather(
            *(write(discord, one, texts, until, random.Random(rng.random())) for one in crowd)
        )
        with suppress(TimeoutError):
            await discord.wait_for(lambda: all(answered(one, discord.bot) for one in crowd), LAST_WAIT_S)
        await asyncio.sleep(FACES_WAIT_S)
        tell(figures(crowd, discord.bot, since))


if __name__ == "__main__":
    given = options(__doc__, people=50).parse_args()
    asyncio.run(main(given, texts_of(given.texts)))
