"""``/battle`` and ``/battles`` inside a chat at the terminal."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Final

from adapters.console.views import View
from adapters.shared.answers import Answer
from adapters.shared.battle_asks import challenge, pressed, typed
from adapters.shared.battle_buttons import buttons_of
from adapters.shared.battle_card import Scene
from adapters.shared.battles import BattleDesk, refusal
from adapters.shared.texts import text
from core.battle.events import BattleSeen, BattleView, EpochSeen, Queued, RoundStarted, TurnStarted
from core.battle.parsing import EXAMPLE
from core.errors import HiddenError, UserFacingError
from core.people import DIRECT, Lang, Owner, Person

USAGE: Final = (
    "/battles [leaderboard [DATA SET] | history | replay NUMBER | join [NAME] | leave | stop | reset]"
)


def lines_of(scene: Scene) -> list[str]:
    """What a card says below its head, where there are no buttons."""
    hint, here = text("b_proof_hint", scene.lang), text("b_proof_here", scene.lang, id=scene.view.id)
    return [here if line == hint else line for line in scene.card().text.split("\n")[2:]]


@dataclass
class Teller:
    """Which lines of a battle's card are new to somebody who reads them one below the other."""

    said: set[str] = field(default_factory=set)

    def news(self, scene: Scene) -> list[str]:
        """The lines that were not told yet."""
        new = [line for line in lines_of(scene) if line not in self.said]
        self.said.update(new)
        return new


def hint(view: BattleView, lang: Lang, before: str = "") -> str:
    """What can be typed while it is a person's turn: a word for every button of the card.

    ``before`` is what has to stand in front of it.
    """
    options = []
    for button in (button for row in buttons_of(view, lang, chooses=True) for button in row):
        press = pressed(button.data)
        if press is not None:
            word = str(press.number) if press.number else EXAMPLE if press.act == "choose" else press.act
            options.append(f"{before}{word} ({button.label})")
    return text("b_hint", lang, options=" · ".join(options))


@dataclass(frozen=True)
class TypedBattles:
    """The commands of one person; who sits at the terminal is the admin here."""

    desk: BattleDesk
    person: Person

    @property
    def here(self) -> Owner:
        """The person, and where."""
        return Owner(self.person.id, DIRECT.scope)

    async def battle(self, said: str, lang: Lang) -> Answer:
        """Begin one; while one is on: say how it stands, play values or a preset, name one, stop."""
        on = self.desk.battles.current(self.person.id)
        if on is None:
            try:
                await self.desk.battles.resume(self._mine)
                on = self.desk.battles.current(self.person.id)
            except HiddenError as err:
                return refusal(err, lang)
        if on is None:
            try:
                wanted = challenge(said, self.here, self._channel, f"console-{uuid.uuid4().hex}", lang)
            except UserFacingError as err:
                told = refusal(err, lang)
                return Answer(f"{told.text}\n{text('b_usage', lang)}", done=False)
            return (await self.desk.start(wanted)).answer
        if not said:
            return Answer(self.desk.scene(on, lang, self._names).card().text)
        if (press := typed(said, on.id)) is not None:
            return await self.desk.press(self.here, press, lang)
        return await self.desk.play(self.person.id, said, lang, battle=on.id)

    async def battles(self, said: str, lang: Lang) -> Answer:
        """Leaderboard, history, replay, join, leave, stop, reset."""
        desk, here = self.desk, self.here
        match said.split():
            case [] | ["history"]:
                return await desk.history(here, lang, self._names)
            case ["leaderboard", *dataset] if len(dataset) <= 1:
                return await desk.leaderboard(here, lang, "".join(dataset))
            case ["replay", number] if number.isdecimal() and len(number) < 19:
                return await desk.replay(here, int(number), lang)
            case ["join", *name]:
                return await desk.join(here, " ".join(name) or self.person.name or self.person.account, lang)
            case ["leave"]:
                return await desk.leave(here, lang)
            case ["stop"]:
                return await desk.stop(here, lang, channel=self._channel)
            case ["reset"]:
                return await desk.reset(here, lang)
        return Answer(text("wrong_use", lang, usage=USAGE), done=False)

    async def watch(self, on: BattleView, view: View, lang: Lang) -> None:
        """Tell what happens in a battle that is on, to its end."""
        scene, teller = self.desk.scene(on, lang, self._names), Teller()
        async for event in self.desk.battles.watch(on.id):
            scene = scene.after(event)
            if isinstance(event, TurnStarted):
                scene = scene.after(
                    BattleSeen(await self.desk.battles.state(on.id, on.scope, self.person.id))
                )
            if not isinstance(event, EpochSeen | Queued | RoundStarted):
                for line in teller.news(scene):
                    view.told(line)
            if isinstance(event, TurnStarted):
                view.told(hint(scene.view, lang, "/battle "))

    def _mine(self, view: BattleView) -> bool:
        return view.left.person == self.person.id

    @property
    def _channel(self) -> str:
        return f"console:{self.person.id}"

    @property
    def _names(self) -> dict[str, str]:
        return {self.person.id: self.person.name or self.person.account}
