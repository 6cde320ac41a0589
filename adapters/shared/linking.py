"""``/link`` and ``/unlink`` on every platform: one person's two accounts, joined when both sides agree.

One side asks for a code, the other types it, both confirm with a button. All of it happens in direct
messages. An answer's ``buttons`` carry data (see :data:`DATA`) that :meth:`Linking.pressed` takes;
whoever presses is checked against the question, so a forged button does nothing.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from adapters.shared.answers import Answer, guarded
from adapters.shared.desk import Caller
from adapters.shared.erasure import named
from adapters.shared.texts import text
from core.errors import StoreError, logged
from core.gate import clean
from core.links import new_code, new_salt, read_code, seal
from core.people import Lang
from core.ports import Clock
from core.ports_links import Account, Agreement, LinkRequest, LinkStore

log = logging.getLogger(__name__)

DATA: Final = r"(?P<answer>yes|no):(?P<request>\d{1,18})"
OTHERS: Final = {"discord": "telegram", "telegram": "discord"}
NAME_MAX: Final = 40
_QUOTES: Final = str.maketrans("", "", "「」“”()")


@dataclass(frozen=True)
class Linking:
    """The commands; one object serves everybody. ``code`` makes codes, another one in tests."""

    links: LinkStore
    clock: Clock
    code: Callable[[], str] = new_code

    async def link(self, who: Caller, typed: str = "") -> Answer:
        """``/link``: the open question, else a new code; with ``typed``, what that code leads to."""
        lang = who.lang
        code = read_code(typed) if typed.strip() else ""
        if who.group:
            return await self._elsewhere(who, code or "")
        if code is None:
            return Answer(say(who, "link_format"), done=False)

        async def work() -> Answer:
            linked = await self.links.linked(who.person.id)
            if linked:
                return Answer(say(who, "link_already", linked[0]), done=False)
            return await (self._typed(who, code) if code else self._asked(who))

        return await guarded(work, "store_failed", lang)

    async def pressed(self, who: Caller, data: str) -> Answer:
        """A button of a question: confirm it, or end it."""
        match = re.fullmatch(DATA, data, re.ASCII)
        lang = who.lang
        if match is None or who.group:
            return Answer(say(who, "link_gone"), done=False)
        number = int(match["request"])

        async def work() -> Answer:
            if match["answer"] == "no":
                gone = await self.links.refuse(who.person.id, number)
                return Answer(say(who, "link_refused" if gone else "link_gone"), done=gone)
            return await self._agree(who, number)

        return await guarded(work, "store_failed", lang)

    async def unlink(self, who: Caller) -> Answer:
        """``/unlink``: split, at once; each account keeps its own memories."""
        lang = who.lang
        if who.group:
            return Answer(say(who, "link_direct"), done=False)

        async def work() -> Answer:
            split = await self.links.unlink(who.person.id)
            return Answer(say(who, "unlinked" if split else "unlink_none"), done=bool(split))

        return await guarded(work, "store_failed", lang)

    async def waiting(self, person: str) -> LinkRequest | None:
        """The question that waits for this account alone; None too while the store fails."""
        try:
            request = await self.links.pending(person, self._now())
        except StoreError as err:
            log.warning("no link questions: %s", logged(err))
            return None
        if request is None or request.agreed(person) or not request.agreed(request.other(person).person):
            return None
        return request

    @staticmethod
    def notice(request: LinkRequest, person: str, lang: Lang) -> str:
        """The aside that tells someone of such a question."""
        platform = Account(person).platform
        return text("link_waiting", lang, **commands(platform, lang), **named(request.other(person), lang))

    async def _elsewhere(self, who: Caller, code: str) -> Answer:
        """Not in a group: a code typed there may have been seen by someone who is faster in private.

        The answer does not tell whether it was one.
        """

        async def work() -> Answer:
            if not code:
                return Answer(say(who, "link_direct"), done=False)
            await self.links.spoil(code, self._now())
            return Answer(f"{say(who, 'link_direct')}\n{say(who, 'link_spoilt')}", done=False)

        return await guarded(work, "store_failed", who.lang)

    async def _asked(self, who: Caller) -> Answer:
        """The question that is open, or a new code."""
        request = await self.links.pending(who.person.id, self._now())
        if request is not None:
            return self._question(request, who)
        code, salt = self.code(), new_salt()
        await self.links.offer(_account(who), salt, seal(code, salt), self._now())
        return Answer(say(who, "link_code", code=code))

    async def _typed(self, who: Caller, code: str) -> Answer:
        request = await self.links.take(_account(who), code, self._now())
        if request is None:
            log.info("a code of %s joined nothing", who.person.id)
            return Answer(say(who, "link_wrong"), done=False)
        return self._question(request, who)

    async def _agree(self, who: Caller, number: int) -> Answer:
        me = who.person.id
        request = await self.links.pending(me, self._now())
        if request is None or request.id != number:
            return Answer(say(who, "link_gone"), done=False)
        outcome = await self.links.agree(me, number, self._now())
        if outcome is Agreement.GONE:
            return Answer(say(who, "link_gone"), done=False)
        said = "link_done" if outcome is Agreement.LINKED else "link_waits"
        return Answer(say(who, said, request.other(me)))

    @staticmethod
    def _question(request: LinkRequest, who: Caller) -> Answer:
        """Ask, or say that the other side is to confirm; both can be ended."""
        me, lang = who.person.id, who.lang
        agreed = request.agreed(me)
        said = say(who, "link_waits" if agreed else "link_ask", request.other(me))
        offered = ("no",) if agreed else ("yes", "no")
        buttons = tuple((f"{answer}:{request.id}", text(f"button_link_{answer}", lang)) for answer in offered)
        return Answer(said, buttons=buttons)

    def _now(self) -> datetime:
        return self.clock.now()


def say(who: Caller, key: str, about: Account | None = None, **values: str) -> str:
    """A text for someone, ``about`` the other account where there is one already."""
    here, lang = who.person.platform, who.lang
    shown = named(about, lang) if about is not None else {}
    other = text(f"platform_{OTHERS[here]}", lang)
    return text(key, lang, other=other, **commands(here, lang), **shown, **values)


def commands(platform: str, lang: Lang) -> dict[str, str]:
    """How the commands are called here, and on the other platform."""
    return {
        "link": text(f"link_on_{platform}", lang),
        "unlink": text(f"unlink_on_{platform}", lang),
        "there": text(f"link_on_{OTHERS[platform]}", lang),
    }


def _account(who: Caller) -> Account:
    """The account, its name in one line and without our quotation marks."""
    name = " ".join(clean(who.person.name).translate(_QUOTES).split())
    return Account(who.person.id, name[:NAME_MAX])
