"""``/memory``: what she remembers, seen and changed by the person alone; with buttons, or by words."""

from __future__ import annotations

from typing import Final

from adapters.shared.answers import Answer
from adapters.shared.listing import PIN
from adapters.shared.memories import asked, is_number
from adapters.telegram_chat.answers import Said, change, keyboard
from adapters.telegram_chat.command_texts import text
from adapters.telegram_chat.desk import Desk
from adapters.telegram_chat.talk import Talk, data_of
from core.errors import StoreError
from core.people import Lang
from core.ports_memory import Memory

KIND: Final = "m"
OFFERED: Final = 12  # the newest facts have a button
ROW: Final = 4


async def memory(desk: Desk, talk: Talk) -> None:
    """The command: everything with buttons, or one act."""
    what = asked(talk.words)
    if what is None:
        await desk.line(talk, text("memory_usage", await desk.lang(talk)))
    elif what.act == "list":
        await desk.answer(talk, lambda who: panel(desk, talk, who.lang))
    else:
        kept = what.act not in ("off", "on")  # what is known about someone is for nobody else
        await desk.answer(talk, lambda who: desk.commands.memory.do(who.owner, what, who.lang), private=kept)


async def pressed(desk: Desk, talk: Talk, rest: str) -> None:
    """A button under the list: ``<act>:<number of the fact>``."""
    who = await desk.caller(talk)
    act, _, number = rest.partition(":")
    if act == "x":
        await desk.tell(talk)
        await desk.answer(talk, lambda who: desk.commands.memory.export(who.owner, who.lang))
        return
    if act == "d" and is_number(number):
        answer = await desk.commands.memory.delete(who.owner, int(number), who.lang)
    elif act == "p" and is_number(number):
        answer = await desk.commands.memory.pin(who.owner, int(number), who.lang)
    else:
        answer = await desk.commands.memory.learning(who.owner, act == "n", who.lang)
    await desk.tell(talk, answer.text)
    await change(desk, talk, await panel(desk, talk, who.lang))


async def panel(desk: Desk, talk: Talk, lang: Lang) -> Said:
    """What she remembers, with a button for each of the newest facts, and the others of the command."""
    who = await desk.caller(talk)
    answer = await desk.commands.memory.all(who.owner, lang)
    if not answer.done:
        return Said(answer)
    learning = await _learning(desk, who.person.id)
    newest = list(reversed(answer.memories))[:OFFERED]
    acts = (("p", PIN), ("d", "✕"))
    facts = [(f"{sign} {fact.id}", _data(talk, act, fact)) for fact in newest for act, sign in acts]
    switch = ("button_memory_off", "f") if learning else ("button_memory_on", "n")
    rows = [facts[start : start + ROW] for start in range(0, len(facts), ROW)]
    rows.append([
        (text("button_export", lang), _data(talk, "x")), (text(switch[0], lang), _data(talk, switch[1])),
    ])  # fmt: skip
    return Said(Answer(answer.text, memories=answer.memories), keyboard(rows))


async def _learning(desk: Desk, person: str) -> bool:
    try:
        return (await desk.doors.history.choices(person)).get("learning") != "off"
    except StoreError:
        return True


def _data(talk: Talk, act: str, fact: Memory | None = None) -> str:
    return data_of(KIND, talk, act, fact.id if fact else 0)
