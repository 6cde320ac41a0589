"""Everything that anybody could see, and what of it was none of their business."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from core.people import DIRECT, Owner
from core.prompt import parse_prompt
from tests.adapters.canary.accounts import OnTelegram
from tests.adapters.canary.ledger import number_of
from tests.adapters.canary.stage import Stage
from tests.fake_discord import Message as DiscordMessage
from tests.fake_telegram import Chat
from tests.fake_telegram import Message as TelegramMessage

_BUTTON = re.compile(r"(?:drop|[a-z]:\d+):(-?\d+):")  # under "why?", and under lists and questions


@dataclass(frozen=True)
class Sight:
    """A text, and who could read it; nobody may read canaries where there is no ``viewer``."""

    surface: str
    viewer: Owner | None
    text: str
    at: float
    fresh: bool = True  # made from what was kept at that time


@dataclass(frozen=True)
class Leak:
    """A canary where it does not belong."""

    surface: str
    word: str
    owner: Owner
    viewer: Owner | None
    ghost: bool = False  # it was forgotten before


@dataclass
class Audit:
    """What was found; ``shown`` counts the canaries that were rightly seen, by surface."""

    leaks: list[Leak] = field(default_factory=list)
    shown: Counter[str] = field(default_factory=Counter)
    listed: set[str] = field(default_factory=set)  # canaries that a list or file of their owner had


def audit(it: Stage) -> Audit:
    """Look at every prompt, message, button, file, proposal, alert and log line."""
    ledger, found = it.ledger, Audit()
    for sight in (*_prompts(it), *_discord(it), *_telegram(it), *_logs(it)):
        for word in ledger.words(sight.text):
            ghost = sight.fresh and ledger.erased.get(word, sight.at) < sight.at
            if ghost or sight.viewer is None or not ledger.may_see(sight.viewer, word, sight.at):
                found.leaks.append(Leak(sight.surface, word, ledger.owners[word], sight.viewer, ghost))
                continue
            found.shown[sight.surface] += 1
            if sight.surface in ("answer", "file"):
                found.listed.add(word)
    return found


def _prompts(it: Stage) -> Iterator[Sight]:
    """A prompt belongs to whoever said its message, as only they do in that place."""
    for at, request in it.model.seen:
        said = it.ledger.words(parse_prompt(request.prompt).message)
        speakers = {it.ledger.owners[word] for word in said}
        viewer = speakers.pop() if len(speakers) == 1 else None
        if viewer is not None and viewer.person != request.person:
            viewer = None
        yield Sight("prompt", viewer, json.dumps([request.prompt, request.begun, request.choices]), at)


def _logs(it: Stage) -> Iterator[Sight]:
    for line in it.logged:
        yield Sight("log", None, line, 0.0, fresh=False)
    for file in (it.path / "var").rglob("*"):
        if file.is_file() and ".db" not in file.name and ".sqlite" not in file.name:
            yield Sight("file on disk", None, file.read_text("utf-8", "ignore"), 0.0, fresh=False)


# Discord


def _discord(it: Stage) -> Iterator[Sight]:
    world = it.discord.world
    for channel in list(world.channels.values()):
        for message in channel.messages.values():
            if message.author is it.discord.bot:
                yield from _of_message(it, message)
    for talk in world.talks.values():
        viewer = _on_discord(it, talk.user.id, talk.channel.id)
        yield Sight("proposal", viewer, json.dumps([talk.choices, talk.form]), talk.created_at)


def _of_message(it: Stage, message: DiscordMessage) -> Iterator[Sight]:
    viewer, reply = _reader(it, message), number_of(message.content) > 0
    for version in message.versions:
        shown = [version.content, version.components, version.embeds]
        yield Sight("reply" if reply else "answer", viewer, json.dumps(shown), version.at, not reply)
        for file in version.attachments:
            text = f"{file.filename} {file.description} {file.content.decode('utf-8', 'ignore')}"
            yield Sight("file", viewer, text, version.at, not reply)


def _reader(it: Stage, message: DiscordMessage) -> Owner | None:
    """Who may find canaries in it; in public, only those of the one who is answered."""
    channel = message.channel
    if channel.guild is None:
        return _on_discord(it, channel.recipients[0].id, channel.id)
    if message.ephemeral:
        return _on_discord(it, message.interaction.user.id, channel.id) if message.interaction else None
    asked = message.reference.author if message.reference and not message.interaction else None
    return _on_discord(it, asked.id, channel.id) if asked and number_of(message.content) else None


def _on_discord(it: Stage, user: int, channel: int) -> Owner:
    return Owner(f"discord:{user}", it.scopes.get(channel, DIRECT.scope))


# Telegram


def _telegram(it: Stage) -> Iterator[Sight]:
    fake = it.telegram
    accounts = {one.user.id: one for all_ in it.cast for one in all_ if isinstance(one, OnTelegram)}
    for chat in list(fake.world.chats.values()):
        for draft in chat.drafts:
            viewer = Owner(f"telegram:{chat.id}", DIRECT.scope)
            yield Sight("draft", viewer, json.dumps([draft.text, draft.entities]), draft.at, fresh=False)
        for message in chat.messages.values():
            if message.author is fake.bot:
                yield from _of_telegram(it, message, accounts.get(chat.id))
    for query in fake.world.queries.values():
        account, about = accounts[query.user.id], _about(it, query.message.chat, query.message.keyboard)
        viewer = Owner(account.id, about or _asked(account, query.answered_at or query.pressed_at))
        yield Sight("alert", viewer, query.text, query.answered_at or query.pressed_at)


def _of_telegram(it: Stage, message: TelegramMessage, account: OnTelegram | None) -> Iterator[Sight]:
    reply = any(number_of(version.text) for version in message.versions)
    if not message.chat.private:
        asked = message.reply_to.author.id if message.reply_to else 0
        viewer = Owner(f"telegram:{asked}", it.scopes[message.chat.id]) if asked and reply else None
    elif account is None:
        viewer = None
    elif reply:
        viewer = Owner(account.id, DIRECT.scope)
    else:
        about = _about(it, message.chat, message.versions[0].keyboard)
        viewer = Owner(account.id, about or _asked(account, message.versions[0].at))
    for version in message.versions:
        shown = json.dumps([version.text, version.entities, version.markup])
        yield Sight("reply" if reply else "answer", viewer, shown, version.at, not reply)
        if version.media is not None:
            text = f"{version.media.name} {version.media.content.decode('utf-8', 'ignore')}"
            yield Sight("file", viewer, text, version.at, not reply)


def _about(it: Stage, chat: Chat, keyboard: Iterable[dict[str, Any]]) -> str:
    """The scope that an answer in a private chat is about, as its buttons name it; '' for none."""
    if not chat.private:
        return it.scopes[chat.id]
    for button in keyboard:
        if found := _BUTTON.match(button.get("callback_data") or ""):
            return it.scopes.get(int(found[1]), DIRECT.scope)
    return ""


def _asked(account: OnTelegram, at: float) -> str:
    """About which scope somebody asked last before a time."""
    before = [scope for asked, scope in account.asked if asked <= at]
    return before[-1] if before else DIRECT.scope
