"""``/admin``: for whoever administers the group; ``everywhere`` and ``sync`` for the owner.

Menus show these commands to admins, which is no right: on every call Telegram is asked who is one.
An admin's group is always the one that the command came from.
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

from adapters.shared import settings
from adapters.shared.admin import AUDIT_LINES
from adapters.shared.answers import Answer
from adapters.shared.desk import Caller
from adapters.shared.durations import parse_duration
from adapters.shared.profile import USUAL_ZONES
from adapters.shared.settings import DEFAULT, LISTS
from adapters.shared.texts import text as shared_text
from adapters.telegram_chat.answers import Said, change, keyboard
from adapters.telegram_chat.command_texts import text
from adapters.telegram_chat.desk import SETTINGS, Desk
from adapters.telegram_chat.doors import PLATFORM
from adapters.telegram_chat.errors import trying
from adapters.telegram_chat.menu import publish
from adapters.telegram_chat.talk import Talk, data_of
from adapters.telegram_chat.translate import GENERAL_TOPIC, WHOLE_GROUP, topic_of
from core.ports_places import EVERYWHERE

KIND: Final = "s"
AUDITED: Final = 100
LONGEST: Final = 500  # characters of a value
ROW: Final = 3
# What an admin who writes in the group's name may do: what needs no answer that others must not see.
OPENLY: Final = ("block", "unblock", "maintenance")

_HERE: Final = re.compile(r"(?<![^\s,+-])here(?![^\s,])", re.IGNORECASE)
_ENTRIES: Final = re.compile(r"\s*[+-]?\d{1,20}(?:[\s,]+[+-]?\d{1,20})*\s*", re.ASCII)

Act = Callable[["Order"], Awaitable[Answer | Said]]


@dataclass(frozen=True)
class Order:
    """What an admin asks for: ``words`` stand behind the subcommand, ``group`` is "" for everywhere."""

    desk: Desk
    talk: Talk
    who: Caller
    group: str
    words: str


async def admin(desk: Desk, talk: Talk) -> None:
    """The command."""
    name, _, rest = talk.words.partition(" ")
    first, _, behind = rest.strip().partition(" ")
    everywhere = first.lower() == "everywhere"
    name, words = name.lower(), (behind if everywhere else rest).strip()
    act = _ACTS.get(name)

    async def work(who: Caller) -> Answer | Said:
        refused = _refused(who, name, everywhere)
        if refused is not None or act is None:
            return refused or Said(Answer(text("admin_usage", who.lang)), fixed=True)
        group = EVERYWHERE if everywhere else who.group
        answer = await act(Order(desk, talk, who, group, words))
        return answer if isinstance(answer, Said) else Said(answer, people=True)

    openly = talk.anonymous and (name in OPENLY or (name == "settings" and len(words.split()) > 1))
    await desk.answer(talk, work, private=not openly, rights=True, nameless=True)


def _refused(who: Caller, name: str, everywhere: bool) -> Answer | None:
    """Why someone may not; what is not bounded by one group is the owner's."""
    if who.owns:
        return None
    if not who.group:
        return Answer(shared_text(f"group_only_{PLATFORM}", who.lang), done=False)
    if not who.manages:
        return Answer(shared_text(f"admin_only_{PLATFORM}", who.lang), done=False)
    if everywhere or name == "sync":
        return Answer(shared_text("owner_only", who.lang), done=False)
    return None


async def _settings(order: Order) -> Answer | Said:
    """All settings, the values of one to choose from, or one changed."""
    name, _, value = order.words.partition(" ")
    name, value, group = name.lower(), value.strip()[:LONGEST], order.who.group
    if not group:
        return Answer(shared_text(f"group_only_{PLATFORM}", order.who.lang), done=False)
    if not name:
        return await _overview(order.desk, order.talk, order.who)
    if not value and name in SETTINGS:
        return _values(order.talk, name, order.who)
    return await _changed(order.desk, order.who, name, value, _here(order.talk))


async def _overview(desk: Desk, talk: Talk, who: Caller) -> Said:
    answer = await desk.admin.settings(who.group, who.lang)
    named = [(name, data_of(KIND, talk, name)) for name in SETTINGS]
    rows = [named[start : start + ROW] for start in range(0, len(named), ROW)]
    return Said(answer, keyboard(rows) if answer.done else None)


def _values(talk: Talk, name: str, who: Caller) -> Said:
    if name in LISTS:
        return Said(Answer(text("setting_list", who.lang, name=name)), fixed=True)
    values = USUAL_ZONES if name == "timezone" else settings.offered(name, who.lang)
    offered = [(value, value) for value in values]
    offered.append((text("setting_default", who.lang), DEFAULT))
    rows = [[(label, data_of(KIND, talk, name, value))] for label, value in offered]
    return Said(Answer(text("setting_values", who.lang, name=name)), keyboard(rows), fixed=True)


async def _changed(desk: Desk, who: Caller, name: str, value: str, here: str) -> Answer:
    """Change a setting. To a list, only what is known to be there can be added: the topic it is said in."""
    admin = desk.admin
    said = _HERE.sub(here, value) if name in LISTS else value
    entries = settings.entries_of(name, said)
    foreign = set(settings.added(entries)) - {here, WHOLE_GROUP}
    if name in LISTS and value.casefold() != DEFAULT and (foreign or not _ENTRIES.fullmatch(said)):
        return admin.wrong(name, who.lang)
    new = await settings.changed(desk.doors.groups, who.group, name, said, entries)
    answer = await admin.set(who.person.id, who.group, name, new, who.lang)
    blind = name == "always_answer" and new is not None and not desk.chat.reads_all
    if not (answer.done and blind):
        return answer
    return replace(answer, text=f"{answer.text}\n{text('needs_content', who.lang)}")


def _here(talk: Talk) -> str:
    """The part of the group that it is said in: a topic, or all of a group without any."""
    if talk.message is None or not talk.chat.is_forum:
        return WHOLE_GROUP
    return str(topic_of(talk.message) or GENERAL_TOPIC)


async def _block(order: Order) -> Answer:
    person, words = order.talk.person(order.words)
    if person is None:
        return Answer(text("nobody_named", order.who.lang), done=False)
    first, _, rest = words.partition(" ")
    length, reason = (first, rest) if parse_duration(first) is not None else ("", words)
    return await order.desk.admin.block(
        order.who.person.id, order.group, f"{PLATFORM}:{person}", reason, length, order.who.lang
    )


async def _unblock(order: Order) -> Answer:
    person, _ = order.talk.person(order.words)
    if person is None:
        return Answer(text("nobody_named", order.who.lang), done=False)
    admin = order.desk.admin
    return await admin.unblock(order.who.person.id, order.group, f"{PLATFORM}:{person}", order.who.lang)


async def _blocks(order: Order) -> Answer:
    return await order.desk.admin.list_blocks(order.group, order.who.lang)


async def _audit(order: Order) -> Answer:
    typed = order.words
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else AUDIT_LINES
    return await order.desk.admin.audit(order.group, order.who.lang, max(1, min(number, AUDITED)))


async def _status(order: Order) -> Answer:
    """The running bot, and how far away Telegram is."""
    answer = await order.desk.admin.status(order.who.lang)
    begun = time.monotonic()
    await trying(order.desk.bot.get_me)
    line = text("latency", order.who.lang, ms=round(1000 * (time.monotonic() - begun)))
    return replace(answer, text=f"{answer.text}\n{line}")


async def _maintenance(order: Order) -> Answer | Said:
    if order.words.lower() not in ("on", "off"):
        return Said(Answer(text("admin_usage", order.who.lang), done=False), fixed=True)
    on = order.words.lower() == "on"
    return await order.desk.admin.maintenance(order.who.person.id, order.group, on, order.who.lang)


async def _sync(order: Order) -> Answer:
    told = await publish(order.desk.bot, order.desk.doors.state, force=True)
    return Answer(text("synced" if told else "sync_failed", order.who.lang), done=told)


_ACTS: Final[dict[str, Act]] = {
    "settings": _settings, "block": _block, "unblock": _unblock, "blocks": _blocks, "audit": _audit,
    "status": _status, "maintenance": _maintenance, "sync": _sync,
}  # fmt: skip


async def pressed(desk: Desk, talk: Talk, rest: str) -> None:
    """A button under the settings: ``<setting>``, or ``<setting>:<value>``."""
    name, _, value = rest.partition(":")
    who = await desk.caller(talk, rights=True, fresh=True)
    refused = _refused(who, "settings", False)
    if refused is None and not who.group:
        refused = Answer(shared_text(f"group_only_{PLATFORM}", who.lang), done=False)
    if refused is not None:
        await desk.tell(talk, refused.text, alert=True)
        return
    if not value and name in SETTINGS:
        await desk.tell(talk)
        await change(desk, talk, _values(talk, name, who))
        return
    answer = await _changed(desk, who, name, value, WHOLE_GROUP)
    await desk.tell(talk, answer.text)
    await change(desk, talk, await _overview(desk, talk, who))
