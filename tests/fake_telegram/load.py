"""``python -m tests.fake_telegram.load --people 25``: a fake Telegram full of people, in its own process.

Prints its address as one JSON line, waits for the bot, lets everyone write at random times (Poisson, seeded)
and prints what they saw as a second JSON line. A draft or a message with text is an answer, »is typing« is none.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field

from tests.crowds import FACES_WAIT_S, LAST_WAIT_S, moments, options, summary, tell, texts_of
from tests.fake_telegram import Chat, FakeTelegram, Message, User

GROUP_SIZE = 2  # small, as Telegram lets a bot write 20 messages a minute into a group


@dataclass
class Person:
    """Someone at a keyboard, and what they have written."""

    user: User
    chat: Chat
    written: list[Message] = field(default_factory=list)


@dataclass
class Turn:
    """One reply of the bot: when its first text and its first picture were seen, and what it answers."""

    first: float
    messages: list[Message] = field(default_factory=list)

    @property
    def face_at(self) -> float | None:
        """When a picture was seen."""
        return min((v.at for m in self.messages for v in m.versions if v.media), default=None)

    @property
    def replies_to(self) -> set[int]:
        """Which messages it names."""
        return {m.reply_to.id for m in self.messages if m.reply_to is not None}


def turns(chat: Chat, bot: User) -> list[Turn]:
    """The bot's replies in the order of their first visible text.

    A draft begins a reply unless the one before is a draft of the same id; the next text ends it, and pictures
    without a text belong to the last reply.
    """
    seen: list[tuple[float, int | Message]] = [(draft.at, draft.id) for draft in chat.drafts if draft.text]
    seen += [(one.versions[0].at, one) for one in chat.messages.values() if one.author is bot]
    result: list[Turn] = []
    drafting: int | None = None
    for at, what in sorted(seen, key=lambda one: one[0]):
        if isinstance(what, int):
            if drafting != what:
                result.append(Turn(at))
            drafting = what
        elif (shown := next((v.at for v in what.versions if v.text), None)) is None:
            if result:
                result[-1].messages.append(what)
        else:
            if drafting is None:
                result.append(Turn(shown))
            result[-1].messages.append(what)
            drafting = None
    return result


def first_answer(person: Person, message: Message, replies: list[Turn]) -> Turn | None:
    """The reply to a message: one that names it (or a later one of the same person), else the next that began."""
    mine = {later.id for later in person.written if later.id >= message.id}
    others = person.chat.members  # in groups, a reply that names nobody may be anybody's
    for turn in replies:
        if turn.replies_to & mine or (
            not others and not turn.replies_to and turn.first > message.versions[0].at
        ):
            return turn
    return None


def answered(person: Person, bot: User) -> bool:
    """Whether the newest message has its answer."""
    return not person.written or bool(first_answer(person, person.written[-1], turns(person.chat, bot)))


async def write(
    telegram: FakeTelegram, person: Person, texts: list[str], until: float, rng: random.Random
) -> None:
    """Writes at random times until the end."""
    async for _ in moments(until, rng):
        text = rng.choice(texts)
        if not person.chat.private:
            text = f"/chat@{telegram.bot.username} {text}"
        person.written.append(await telegram.say(person.user, person.chat, text))


def figures(people: list[Person], bot: User, since: float) -> dict[str, float]:
    """Times in milliseconds between a message and what its writer saw."""
    visible, faces, missing = [], [], 0
    for person in people:
        replies = turns(person.chat, bot)
        for message in person.written:
            at = message.versions[0].at
            if at < since:
                continue
            turn = first_answer(person, message, replies)
            if turn is None:
                missing += 1
                continue
            visible.append(1000 * (turn.first - at))
            if turn.face_at is not None:
                faces.append(1000 * (turn.face_at - at))
    return summary(visible, faces, missing)


def crowd(telegram: FakeTelegram, people: int, in_groups: float) -> list[Person]:
    """So many people, a part of them in small groups."""
    users = [telegram.add_user(f"person{i}") for i in range(people)]
    grouped = users[: round(people * in_groups)]
    result = []
    for i in range(0, len(grouped), GROUP_SIZE):
        some = grouped[i : i + GROUP_SIZE]
        group = telegram.add_group(f"group{i}", *some)
        result += [Person(user, group) for user in some]
    return result + [Person(user, telegram.private_chat(user)) for user in users[len(grouped) :]]


async def main(given: argparse.Namespace, texts: list[str]) -> None:
    """Serves, writes, reports."""
    rng = random.Random(given.seed)
    async with FakeTelegram() as telegram:
        everyone = crowd(telegram, given.people, given.groups)
        tell({"api": telegram.base_url, "token": telegram.token})
        await telegram.connected(timeout=120)
        since = time.monotonic() + given.warm
        until = since + given.seconds
        seeds = [random.Random(rng.random()) for _ in everyone]
        await asyncio.gather(
            *(write(telegram, one, texts, until, own) for one, own in zip(everyone, seeds, strict=True))
        )
        with suppress(TimeoutError):
            await telegram.wait_for(lambda: all(answered(one, telegram.bot) for one in everyone), LAST_WAIT_S)
        await asyncio.sleep(FACES_WAIT_S)
        tell(figures(everyone, telegram.bot, since))


if __name__ == "__main__":
    parser = options(__doc__, people=25)
    parser.add_argument("--groups", type=float, default=0.2, help="which part of the people is in groups")
    given = parser.parse_args()
    asyncio.run(main(given, texts_of(given.texts)))
