"""The commands: who takes which, what a person chooses and asks, and the last line when one of them breaks.

Presses of the buttons under their answers are here, too: only who asked may press, and a button that
shows something private does nothing anywhere but in that person's own chat with her.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final, cast

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, MessageHandler, filters

from adapters.shared.answers import Answer
from adapters.shared.greeting import first_contact
from adapters.shared.profile import USUAL_ZONES, zones_like
from adapters.shared.texts import text as shared_text
from adapters.telegram_chat import (
    admin,
    battle_commands,
    battle_talk,
    face_commands,
    forget,
    link_commands,
    memory_commands,
)
from adapters.telegram_chat.answers import Said, change, keyboard
from adapters.telegram_chat.chat import PRIVATE
from adapters.telegram_chat.command_texts import text
from adapters.telegram_chat.desk import Desk
from adapters.telegram_chat.talk import Button, Talk, data_of
from adapters.telegram_chat.translate import person_of
from core.people import Lang
from core.phrases import phrase
from core.places import checked_zone

LANGUAGES: Final = ("ko", "en", "auto")
LANGUAGE, ZONE = "g", "z"
ZONES: Final = 8  # offered for what was typed

Command = Callable[[Desk, Talk], Awaitable[None]]
Press = Callable[[Desk, Talk, str], Awaitable[None]]
Callback = Callable[[Update, Any], Coroutine[Any, Any, None]]


def handlers(desk: Desk) -> list[BaseHandler[Update, Any, Any]]:
    """Everything that takes a command or a press; presses that others take come before these.

    Messages that begin with a command of nobody are left to others, but in private, where a hint
    follows. Forwarded and edited commands are no commands.
    """
    typed = filters.UpdateType.MESSAGE & ~filters.FORWARDED & ~filters.VIA_BOT
    found: list[BaseHandler[Update, Any, Any]] = [
        CommandHandler(name, _taking(desk, command), typed) for name, command in COMMANDS.items()
    ]
    found.append(CallbackQueryHandler(_pressing_card(desk), pattern=battle_talk.PATTERN))
    found.append(CallbackQueryHandler(_pressing(desk)))
    unknown = typed & filters.COMMAND & filters.ChatType.PRIVATE
    found.append(MessageHandler(unknown, _taking(desk, _unknown)))
    return found


@asynccontextmanager
async def forgiving(desk: Desk, talk: Talk) -> AsyncIterator[None]:
    """The last line of a handler, which is waited for when the program ends."""
    with desk.chat.work():
        try:
            yield
        except Exception as err:  # edge: whoever asked gets an answer, too
            await desk.apologise(talk, err)


def _taking(desk: Desk, command: Command) -> Callback:
    async def take(update: Update, _: Any) -> None:
        talk = Talk.of(update)
        if talk is None:
            return
        async with forgiving(desk, talk):
            if desk.chat.leaving:
                await desk.line(talk, phrase("leaving", await desk.lang(talk)))
            elif command is _chat or await desk.first(talk):  # what is said to her is taken as a message is
                await command(desk, talk)

    return take


def _pressing(desk: Desk) -> Callback:
    async def press(update: Update, _: Any) -> None:
        talk = Talk.of(update)
        if talk is None or talk.query is None:
            return
        async with forgiving(desk, talk):
            button = Button.read(talk.query.data or "")
            refused = _refused(talk, button)
            if button is None or refused:
                await desk.tell(talk, refused(await desk.lang(talk)) if refused else "", alert=True)
                return
            talk.about = button.about or talk.user.id
            await desk.entitle(talk)
            await PRESSES[button.kind](desk, talk, button.rest)
            await desk.tell(talk)

    return press


def _pressing_card(desk: Desk) -> Callback:
    """The buttons of a battle, for everybody who sees it."""

    async def press(update: Update, _: Any) -> None:
        talk = Talk.of(update)
        if talk is not None and talk.query is not None:
            async with forgiving(desk, talk):
                await battle_talk.pressed(desk, talk)
                await desk.tell(talk)

    return press


def _refused(talk: Talk, button: Button | None) -> Callable[[Lang], str] | None:
    """What says why a press does nothing; None when it may."""
    if button is None or button.kind not in PRESSES or (button.kind in ALONE and not talk.direct):
        return partial(text, "button_unknown")
    if not talk.direct and button.about not in (0, talk.chat.id):
        return partial(text, "button_unknown")
    return None if button.asker == talk.user.id else partial(shared_text, "forget_not_yours")


async def _start(desk: Desk, talk: Talk) -> None:
    """The greeting, and once what she keeps; or what a deep link from a group asks for."""
    if talk.direct and talk.linked():
        await COMMANDS[talk.name](desk, talk)
        return
    lang = await desk.lang(talk)
    told: tuple[str, ...] = ()
    if talk.direct:
        told = await first_contact(desk.doors.history, person_of(talk.user), lang, PRIVATE.greeting)
    await desk.line(talk, "\n".join([text("start", lang), *told]))


async def _chat(desk: Desk, talk: Talk) -> None:
    """What is said to her, in a group where she does not hear everything."""
    if not talk.words:
        await desk.line(talk, text("chat_empty", await desk.lang(talk)))
    elif talk.anonymous:
        await desk.line(talk, text("as_yourself", await desk.lang(talk)))
    elif talk.message is not None:
        await desk.chat.take(talk.message)


async def _reset(desk: Desk, talk: Talk) -> None:
    await desk.answer(talk, lambda who: desk.commands.reset(who.owner, who.lang), private=False)


async def _profile(desk: Desk, talk: Talk) -> None:
    await desk.answer(talk, lambda who: desk.profile.show(who.owner, who.lang))


async def _language(desk: Desk, talk: Talk) -> None:
    typed = _SPOKEN.get(talk.words.lower(), talk.words.lower())
    if typed in LANGUAGES:
        value = cast("Lang | None", typed if typed != "auto" else None)
        await desk.answer(talk, lambda who: desk.profile.language(who.owner, value, who.lang), private=False)
        return
    lang = await desk.lang(talk)
    buttons = [(text(f"language_{code}", lang), data_of(LANGUAGE, talk, code)) for code in LANGUAGES]
    await desk.line(talk, text("language_ask", lang), keyboard([buttons]))


async def _language_pressed(desk: Desk, talk: Talk, rest: str) -> None:
    who = await desk.caller(talk)
    value = cast("Lang | None", rest if rest in ("ko", "en") else None)
    await change(desk, talk, await desk.profile.language(who.owner, value, who.lang))


async def _timezone(desk: Desk, talk: Talk) -> None:
    """The zone that was typed, or the one city that it may mean; else some to choose from."""
    typed = talk.words[:60]
    near = zones_like(typed, ZONES) if typed else list(USUAL_ZONES)
    exact = next(iter(near)) if typed and len(near) == 1 and checked_zone(typed) is None else typed
    if typed and (len(near) <= 1 or checked_zone(typed) is not None):
        await desk.answer(talk, lambda who: desk.profile.timezone(who.owner, exact, who.lang))
        return

    async def ask(lang: Lang) -> Said:
        rows = [[(zone, data_of(ZONE, talk, zone))] for zone in near]
        rows.append([(text("timezone_default", lang), data_of(ZONE, talk, "-"))])
        return Said(Answer(text("timezone_ask", lang)), keyboard(rows), fixed=True)

    await desk.answer(talk, lambda who: ask(who.lang))


async def _timezone_pressed(desk: Desk, talk: Talk, rest: str) -> None:
    who = await desk.caller(talk)
    zone = None if rest == "-" else rest
    await change(desk, talk, await desk.profile.timezone(who.owner, zone, who.lang))


async def _privacy(desk: Desk, talk: Talk) -> None:
    await desk.line(talk, desk.profile.privacy(await desk.lang(talk)).text)


async def _help(desk: Desk, talk: Talk) -> None:
    """The commands, and which of a group's messages she sees."""
    lang = await desk.lang(talk)
    mode = text("mode_all" if desk.chat.reads_all else "mode_private", lang, bot=desk.bot.username)
    await desk.line(talk, f"{desk.profile.help(lang).text}\n{mode}")


async def _unknown(desk: Desk, talk: Talk) -> None:
    await desk.line(talk, phrase("unknown_command", await desk.lang(talk)))


_SPOKEN: Final = {
    "한국어": "ko",
    "korean": "ko",
    "영어": "en",
    "english": "en",
    "자동": "auto",
    "automatic": "auto",
}
COMMANDS: Final[dict[str, Command]] = {
    "start": _start, "chat": _chat, "forget": forget.forget, "memory": memory_commands.memory,
    "reset": _reset, "face": face_commands.face, "profile": _profile, "language": _language,
    "timezone": _timezone, "privacy": _privacy, "help": _help, "link": link_commands.link,
    "unlink": link_commands.unlink, "admin": admin.admin, "battle": battle_commands.battle,
    "battles": battle_commands.battles,
}  # fmt: skip
PRESSES: Final[dict[str, Press]] = {
    forget.KIND: forget.pressed, memory_commands.KIND: memory_commands.pressed,
    face_commands.KIND: face_commands.pressed, admin.KIND: admin.pressed,
    link_commands.KIND: link_commands.pressed, battle_commands.KIND: battle_commands.pressed,
    LANGUAGE: _language_pressed, ZONE: _timezone_pressed,
}  # fmt: skip
ALONE: Final = frozenset({forget.KIND, memory_commands.KIND, admin.KIND, link_commands.KIND, ZONE})
