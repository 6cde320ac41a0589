"""``/link`` and ``/unlink``: joining the accounts that one person has on two platforms, alone with her."""

from __future__ import annotations

from typing import Final

from adapters.shared.answers import Answer
from adapters.shared.desk import Caller
from adapters.telegram_chat.answers import Said, change, keyboard
from adapters.telegram_chat.desk import Desk
from adapters.telegram_chat.talk import Talk, data_of

KIND: Final = "l"


async def link(desk: Desk, talk: Talk) -> None:
    """A code for the other side, the question of the code that was typed, or the one that waits."""
    typed = talk.words

    async def work(who: Caller) -> Said:
        answer = await desk.doors.linking.link(who, typed)
        is_code = answer.done and not typed and not answer.buttons  # the other answers have a name in them
        return _asked(talk, answer, fixed=is_code)

    await desk.answer(talk, work, private=False)  # in a group it says that it is not done there


async def unlink(desk: Desk, talk: Talk) -> None:
    """Split, at once."""
    await desk.answer(talk, desk.doors.linking.unlink, private=False)


async def pressed(desk: Desk, talk: Talk, rest: str) -> None:
    """A button of the question: confirm it, or end it."""
    who = await desk.caller(talk)
    await change(desk, talk, _asked(talk, await desk.doors.linking.pressed(who, rest)))


def _asked(talk: Talk, answer: Answer, *, fixed: bool = False) -> Said:
    buttons = [[(label, data_of(KIND, talk, data))] for data, label in answer.buttons]
    return Said(answer, keyboard(buttons), fixed=fixed)
