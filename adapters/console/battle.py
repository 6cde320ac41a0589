"""A battle at the terminal: what happens is printed, what the person types is played."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

from rich.console import Console
from rich.status import Status
from rich.text import Text

from adapters.console.battling import Teller, hint, lines_of
from adapters.console.loop import BackgroundLoop
from adapters.console.pictures import Way, show
from adapters.media.problem import problem_alt
from adapters.shared.battle_asks import Act, Press, typed
from adapters.shared.battle_card import Scene
from adapters.shared.battle_clock import span_of_time
from adapters.shared.battle_live import picture_of
from adapters.shared.battles import BattleDesk
from adapters.shared.texts import text
from core.battle.events import (
    BattleDone,
    BattleEvent,
    BattleSeen,
    Commented,
    ProblemReady,
    Promised,
    TurnStarted,
)
from core.battle.game import Phase
from core.errors import HiddenError
from core.people import Owner

PROMPT: Final = "hp › "
_WHOLE: Final[frozenset[str]] = frozenset({"kitty", "iterm2"})  # ways that show a card as it is


@dataclass
class BattleTable:
    """One battle, watched by the one person who plays at this terminal; methods run on the event loop."""

    desk: BattleDesk
    scene: Scene
    here: Owner
    console: Console
    way: Way = "none"
    _events: AsyncIterator[BattleEvent] | None = None
    _status: Status | None = None
    _teller: Teller = field(default_factory=Teller)

    @property
    def over(self) -> bool:
        """Whether nothing more comes."""
        return self.scene.gone is not None or self.scene.view.phase.over

    async def until_turn(self) -> bool:
        """Show what happens until the person has to choose; False at the end of the battle."""
        if self._events is None:
            self._events = self.desk.battles.watch(self.scene.view.id)
        async for event in self._events:
            self.scene = self.scene.after(event)
            if isinstance(event, TurnStarted):
                view = await self.desk.battles.state(self.scene.view.id, self.here.scope, self.here.person)
                self.scene = self.scene.after(BattleSeen(view))
            await self._show(event)
            if isinstance(event, TurnStarted) and "left" in event.sides:
                self._rest()
                self._tell(hint(self.scene.view, self.scene.lang))
                return True
        self._rest()
        self._tell("\n".join(lines_of(self.scene)))
        await self._picture()
        return False

    async def take(self, line: str) -> bool:
        """Play what was typed: values, a preset's name, a number to name one; whether it was taken."""
        number, lang = self.scene.view.id, self.scene.lang
        press = typed(line, number)
        if press is not None:
            answer = await self.desk.press(self.here, press, lang)
        elif self.scene.view.phase is Phase.NAMING:
            self._tell(
                text("b_naming", lang, who=self.scene.called[0], time=span_of_time(self.scene.left_s, lang))
            )
            return False
        else:
            answer = await self.desk.play(self.here.person, line, lang, battle=number)
        self._tell(answer.text)
        return answer.done

    async def leave(self) -> None:
        """The person goes away in the middle of it: with a score that is to give up."""
        self._rest()
        if not self.over:
            act: Act = "concede" if self.scene.view.scored else "cancel"
            press = Press(self.scene.view.id, act)
            self._tell((await self.desk.press(self.here, press, self.scene.lang)).text)

    async def _show(self, event: BattleEvent) -> None:
        if isinstance(event, ProblemReady):
            self._tell(problem_alt(event.problem, self.scene.lang))
            await self._picture()
        if self.scene.running is not None or self.scene.queued:
            self._progress(" · ".join(lines_of(self.scene)[:3]))
        elif not isinstance(event, BattleDone | Commented | Promised):  # the end is told whole
            self._rest()
            for line in self._teller.news(self.scene):
                self._tell(line)

    async def _picture(self) -> None:
        """The card itself, where the terminal shows pictures as they are."""
        if self.way not in _WHOLE:
            return
        try:
            picture = await picture_of(self.scene)
        except HiddenError:
            return
        if picture is not None:
            show(self.console, picture.png, self.way)

    def _progress(self, line: str) -> None:
        if self._status is None:
            self._status = self.console.status("", spinner="dots")
            self._status.start()
        self._status.update(Text(line, style="dim"))

    def _tell(self, said: str) -> None:
        if said:
            self.console.print(Text(said, style="cyan"), soft_wrap=True)

    def _rest(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None


def play_at(loop: BackgroundLoop, table: BattleTable) -> bool:
    """Play on the main thread; False when the person left it."""
    try:
        while loop.call(table.until_turn()):
            while not table.over:
                line = input(PROMPT).strip()
                if line and loop.call(table.take(line)):
                    break
    except (KeyboardInterrupt, EOFError):
        loop.call(table.leave())
        return False
    return table.scene.view.phase is Phase.DONE
