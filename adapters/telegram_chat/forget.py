"""``/forget``: counts first, then buttons that its asker alone may press within two minutes, then a receipt.

An admin names someone by replying to a message of theirs, or by number. The buttons stand in the
asker's own chat with her, so they also say which group it is about.
"""

from __future__ import annotations

import re
from typing import Final

from adapters.shared.answers import Answer
from adapters.shared.desk import Caller
from adapters.shared.forget import SCOPES, Forgetting, Request
from adapters.telegram_chat.answers import Said, change, keyboard
from adapters.telegram_chat.command_texts import text
from adapters.telegram_chat.desk import Desk
from adapters.telegram_chat.doors import PLATFORM
from adapters.telegram_chat.talk import Talk, data_of

KIND: Final = "f"
_LETTER: Final = {"here": "h", "everywhere": "e", "no": "n"}
_WHERE: Final = {letter: where for where, letter in _LETTER.items()}
_REST: Final = re.compile(r"(\d{1,16}):([hen]):(\d{1,12})", re.ASCII)


async def forget(desk: Desk, talk: Talk) -> None:
    """The command: ask, and show what would be erased."""
    target, words = talk.person(talk.words)
    where = words.lower() or None
    if where is not None and where not in SCOPES:
        key = "nobody_named" if words.startswith("@") else "forget_usage"
        await desk.line(talk, text(key, await desk.lang(talk)))
        return

    async def work(who: Caller) -> Said:
        forgetting = _forgetting(desk)
        request = forgetting.request(who, target, where)
        answer = await forgetting.ask(request, who, where)
        if not answer.done:
            return Said(answer, people=True)
        offered = forgetting.buttons(request, who, where)
        rows = [[(label, _data(talk, asked))] for asked, label in offered]
        return Said(answer, keyboard(rows), people=True)

    await desk.answer(talk, work, rights=target is not None)


async def pressed(desk: Desk, talk: Talk, rest: str) -> None:
    """A button: erase, or leave everything as it is; rights are looked at again."""
    match = _REST.fullmatch(rest)
    if match is None:
        await desk.tell(talk, text("button_unknown", await desk.lang(talk)), alert=True)
        return
    request = Request(talk.user.id, int(match[1]), _WHERE[match[2]], int(match[3]))
    who = await desk.caller(talk, rights=request.of_another, fresh=True)
    answer: Answer = await _forgetting(desk).decide(request, who)
    await desk.tell(talk)
    await change(desk, talk, Said(answer, people=True))


def _forgetting(desk: Desk) -> Forgetting:
    return Forgetting(desk.commands, desk.admin, PLATFORM)


def _data(talk: Talk, request: Request) -> str:
    """At most 63 bytes, with the longest numbers there are."""
    return data_of(KIND, talk, request.target, _LETTER[request.where], request.at)
