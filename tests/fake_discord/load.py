"""``python -m tests.fake_discord.load --people 50``: a fake Discord full of people, in its own process.

Prints its addresses as one JSON line, waits for the bot, lets everyone write at random times (Poisson,
seeded) and prints what they saw as a second JSON line. Typing does not count as an answer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.fake_discord import FakeDiscord
from tests.fake_discord.model import Channel, Message, User

EVERY_S = 20.0  # one message of each person in so many seconds, on average
LAST_WAIT_S = 30.0


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
    while (pause := rng.expovariate(1 / EVERY_S)) < until - time.monotonic():
        await asyncio.sleep(pause)
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
    out = {"messages": float(len(visible) + missing), "not answered": float(missing)}
    for name, values in (("first visible text", visible), ("face", faces)):
        if len(values) > 1:
            cuts = statistics.quantiles(values, n=20, method="inclusive")
            out |= {f"{name} p50 ms": round(cuts[9], 1), f"{name} p95 ms": round(cuts[18], 1)}
    out["with face"] = float(len(faces))
    return out


async def main(people: int, seconds: float, warm_s: float, seed: int, texts: list[str]) -> None:
    """Serves, writes, reports."""
    rng = random.Random(seed)
    async with FakeDiscord() as discord:
        users = [discord.add_user(f"person{i}") for i in range(people)]
        guild = discord.add_guild("load", *users)
        rooms = [discord.add_channel(guild, f"room{i}") for i in range(max(1, people // 10))]
        crowd = [
            Person(user, discord.private_channel(user) if i % 2 else rooms[i % len(rooms)])
            for i, user in enumerate(users)
        ]
        print(json.dumps({"rest": discord.rest_url, "gateway": discord.gateway_url, "token": discord.token}))
        sys.stdout.flush()
        await discord.connected(timeout=120)
        since = time.monotonic() + warm_s
        until = since + seconds
        await asyncio.gather(
            *(write(discord, one, texts, until, random.Random(rng.random())) for one in crowd)
        )
        with suppress(TimeoutError):
            await discord.wait_for(lambda: all(answered(one, discord.bot) for one in crowd), LAST_WAIT_S)
        await asyncio.sleep(2.0)  # for the last faces
        print(json.dumps(figures(crowd, discord.bot, since)))
        sys.stdout.flush()


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--warm", type=float, default=15.0, help="seconds at first that do not count")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--texts", type=Path, required=True, help="JSON lines with a key text")
    return parser.parse_args()


if __name__ == "__main__":
    given = arguments()
    lines = given.texts.read_text(encoding="utf-8").splitlines()
    asyncio.run(
        main(
            given.people, given.seconds, given.warm, given.seed, [json.loads(line)["text"] for line in lines]
        )
    )
