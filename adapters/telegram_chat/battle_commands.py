"""``/battle`` and ``/battles``: a challenge by words or buttons, and what there is of earlier battles."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Final

from telegram import InlineKeyboardMarkup

from adapters.media.words import TIERS, machine
from adapters.shared.answers import Answer
from adapters.shared.battle_asks import challenge, typed
from adapters.shared.battles import BattleDesk, refusal
from adapters.shared.desk import Caller
from adapters.shared.edges import UnsureError
from adapters.shared.texts import text as shared_text
from adapters.telegram_chat import battle_talk
from adapters.telegram_chat.answers import Said, change, keyboard
from adapters.telegram_chat.battle_hall import channel_of
from adapters.telegram_chat.command_texts import text
from adapters.telegram_chat.desk import OUTSIDE, Desk
from adapters.telegram_chat.doors import PLATFORM, message_key
from adapters.telegram_chat.errors import trying
from adapters.telegram_chat.order import let_pass
from adapters.telegram_chat.talk import Talk, data_of
from core.battle.events import BattleView
from core.battle.game import Rival
from core.battle.setup import Challenge
from core.errors import EdgeError, UserFacingError
from core.people import Incoming, Lang
from core.phrases import phrase
from core.places import SilentError

KIND: Final = "b"
TRIALS: Final = (5, 15)  # of Optuna, offered on buttons
NAME: Final = 40  # letters under which somebody stands on a leaderboard
_NUMBER: Final = 18  # digits
_AMONG_OTHERS: Final = ("leaderboard", "join")


async def battle(desk: Desk, talk: Talk) -> None:
    """The command: begin a battle; while one is on, play in it or show it again."""
    who, battles = await desk.caller(talk), desk.hall.battles
    if talk.anonymous or battles is None:
        missing = text("as_yourself", who.lang) if talk.anonymous else shared_text("b_off", who.lang)
        await desk.line(talk, missing)
        return
    on = battles.battles.current(who.person.id)
    if on is not None and (talk.direct or on.channel == channel_of(talk.spot)):
        await _during(desk, talk, who, battles, on)
        return
    other, words = talk.person(talk.words)
    if words == "choose":
        await battle_talk.say(desk, talk, Answer(phrase("battle_none", who.lang), done=False))
    elif words or other is not None:
        await _start(desk, talk, who, battles, words, other)
    elif await _admitted(desk, talk, who):
        await desk.line(talk, text("battle_data", who.lang), await _datasets(talk, battles, who.lang))


async def _during(desk: Desk, talk: Talk, who: Caller, battles: BattleDesk, on: BattleView) -> None:
    if talk.words.casefold() == "choose":
        await battle_talk.ask(desk, talk, on.id)
    elif talk.words:
        await battle_talk.values(desk, talk, on)
    elif on.channel == channel_of(talk.spot):  # once more, at the end of the chat
        known = {who.person.id: who.person.name or who.person.account}
        await desk.hall.follow(battles, on, who.lang, talk.spot, known)
    else:
        names = {who.person.id: who.person.name or who.person.account}
        await battle_talk.say(desk, talk, Answer(battles.scene(on, who.lang, names).card().text))


async def _start(
    desk: Desk, talk: Talk, who: Caller, battles: BattleDesk, words: str, other: int | None
) -> None:
    """Begin by words, against ``other`` where somebody is named."""
    if words.startswith("@"):
        await desk.line(talk, text("nobody_named", who.lang))
        return
    try:
        wanted = challenge(words, who.owner, channel_of(talk.spot), _key(talk), who.lang)
    except UserFacingError as err:
        told = f"{refusal(err, who.lang).text}\n{shared_text('b_usage', who.lang)}"
        await battle_talk.say(desk, talk, Answer(told, done=False))
        return
    names: dict[str, str] = {}
    if other is not None:
        if talk.direct:
            await desk.line(talk, text("battle_in_group", who.lang))
            return
        name = await _member(desk, talk.chat.id, other)
        if name is None:
            await desk.line(talk, text("nobody_named", who.lang))
            return
        person = f"{PLATFORM}:{other}"
        wanted, names = replace(wanted, rival=Rival.PERSON, other=person), {person: name}
    await _begin(desk, talk, who, battles, wanted, names)


async def _begin(
    desk: Desk, talk: Talk, who: Caller, battles: BattleDesk, wanted: Challenge, names: dict[str, str],
    number: int = 0,
) -> None:  # fmt: skip
    if await _admitted(desk, talk, who):
        begun = await battles.start(wanted)
        await battle_talk.begin(desk, talk, who, battles, begun, names, number)


async def _member(desk: Desk, chat_id: int, person: int) -> str | None:
    """The name of somebody who is in the group, and no program."""
    try:
        member = await trying(lambda: desk.bot.get_chat_member(chat_id, person))
    except EdgeError as err:
        if isinstance(err, UnsureError):
            raise
        return None  # nobody is there by that number
    there = member.status not in OUTSIDE and not member.user.is_bot
    return member.user.full_name if there else None


async def _admitted(desk: Desk, talk: Talk, who: Caller) -> bool:
    """Whether somebody may begin a battle here: not while blocked, nor in maintenance."""
    rules, now = desk.doors.rules, desk.doors.clock.now()
    said = Incoming(_key(talk), who.person, who.place, "", now)
    try:
        await rules.admit(said, await rules.settings(who.group), "", time.monotonic())
    except UserFacingError as err:
        await battle_talk.say(desk, talk, refusal(err, who.lang))
    except SilentError:
        pass
    else:
        return True
    return False


async def _datasets(talk: Talk, battles: BattleDesk, lang: Lang) -> InlineKeyboardMarkup | None:
    datasets = await asyncio.to_thread(lambda: battles.battles.datasets)  # the first look reads them
    return keyboard([
        [(each.name[lang], data)] for each in datasets if (data := _data(talk, each.id)) is not None
    ])  # fmt: skip


def _data(talk: Talk, *words: str) -> str | None:
    """The data of a button that stands for words of the command; None when that is too much."""
    try:
        return data_of(KIND, talk, " ".join(words))
    except ValueError:
        return None


async def pressed(desk: Desk, talk: Talk, rest: str) -> None:
    """A button of the question: a data set, or with it an opponent."""
    who, battles = await desk.caller(talk), desk.hall.battles
    dataset, _, opponent = rest.partition(" ")
    if battles is None or talk.query is None or talk.query.message is None:
        return
    if not opponent:
        datasets = await asyncio.to_thread(lambda: battles.battles.datasets)
        name = next((each.name[who.lang] for each in datasets if each.id == dataset), dataset)
        said = Answer(text("battle_rival", who.lang, dataset=name))
        await change(desk, talk, Said(said, keyboard(_rivals(talk, dataset, who.lang)), fixed=True))
    elif opponent == "person":
        await desk.tell(talk, text("battle_person_how", who.lang, dataset=dataset), alert=True)
    else:
        wanted = challenge(rest, who.owner, channel_of(talk.spot), _key(talk), who.lang)
        await _begin(desk, talk, who, battles, wanted, {}, talk.query.message.message_id)


def _rivals(talk: Talk, dataset: str, lang: Lang) -> list[list[tuple[str, str]]]:
    """Whom one can play, row by row."""
    her = machine(Rival.LORA, 0, lang)
    tiers = [(f"{her} · {names[lang]}", _data(talk, dataset, tier.value)) for tier, names in TIERS.items()]
    tpe = [
        (machine(Rival.OPTUNA, trials, lang), _data(talk, dataset, f"optuna {trials}")) for trials in TRIALS
    ]
    people = [] if talk.direct else [(text("battle_person", lang), _data(talk, dataset, "person"))]
    rows = [tiers[:2], tiers[2:], tpe, people]
    return [[(label, data) for label, data in row if data is not None] for row in rows]


def _key(talk: Talk) -> str:
    """What makes a repeat harmless."""
    if talk.query is not None:
        return f"{PLATFORM}:press/{talk.query.id}"
    return message_key(talk.chat.id, talk.message.message_id) if talk.message is not None else ""


async def battles(desk: Desk, talk: Talk) -> None:
    """The command about battles in general."""
    act, _, rest = talk.words.partition(" ")
    act, rest = act.lower(), rest.strip()
    found = desk.hall.battles
    admins = act in ("stop", "reset")

    async def work(who: Caller) -> Answer:
        if found is None:
            return Answer(shared_text("b_off", who.lang), done=False)
        if admins and not who.manages and not (act == "stop" and talk.direct):
            return Answer(shared_text(f"admin_only_{PLATFORM}", who.lang), done=False)
        if act in _AMONG_OTHERS and talk.direct:  # in direct messages nobody knows the others
            return Answer(shared_text(f"group_only_{PLATFORM}", who.lang), done=False)
        return await _done(desk, talk, who, found, act, rest)

    if act == "replay":
        let_pass()  # it takes as long as a battle
    await desk.answer(talk, work, private=False, rights=admins, nameless=admins)


async def _done(desk: Desk, talk: Talk, who: Caller, found: BattleDesk, act: str, rest: str) -> Answer:
    here, lang, number = who.owner, who.lang, _number(rest)
    names = {who.person.id: who.person.name or who.person.account}
    match act:
        case "" | "history":
            chat = talk.spot.chat_id
            return await found.history(
                here, lang, names, lambda view, known: desk.hall.names(view, chat, known)
            )
        case "leaderboard":
            return await found.leaderboard(here, lang, rest)
        case "replay" if number is not None:
            return await found.replay(here, number, lang)
        case "join":
            return await found.join(here, rest[:NAME] or names[who.person.id][:NAME], lang)
        case "leave":
            return await found.leave(here, lang)
        case "stop" if talk.direct and not who.owns:
            return await _called_off(who, found)
        case "stop":
            return await found.stop(here, lang, number, channel_of(talk.spot))
        case "reset":
            return await found.reset(here, lang, rest or None)
    return Answer(text("battles_usage", lang), done=False)


async def _called_off(who: Caller, found: BattleDesk) -> Answer:
    on = found.battles.current(who.person.id)
    press = typed("stop", on.id) if on is not None else None
    if press is None:
        return Answer(phrase("battle_none", who.lang), done=False)
    answer = await found.press(who.owner, press, who.lang)
    return replace(answer, text=answer.text or shared_text("b_end_cancelled", who.lang))


def _number(words: str) -> int | None:
    return int(words) if words.isascii() and words.isdigit() and len(words) <= _NUMBER else None
