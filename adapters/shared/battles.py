"""``/battle`` and ``/battles`` on every platform: what is done, and what she answers.

An adapter parses its own syntax (or takes :func:`adapters.shared.battle_asks.challenge`), calls
:class:`BattleDesk`, shows the :class:`Answer`, and lets a :class:`adapters.shared.battle_live.LiveBattle`
keep the battle's message. None of the calls raises errors of stores, models or people.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from adapters.media.words import names_of, verdict
from adapters.shared.answers import Answer
from adapters.shared.battle_asks import PRESETS, Press
from adapters.shared.battle_card import Scene
from adapters.shared.battle_clock import left_of
from adapters.shared.battle_replay import replay_told
from adapters.shared.battle_seals import seals
from adapters.shared.texts import text
from core.battle.events import BattleView
from core.battle.game import Ending, Phase, Rival
from core.battle.hyperparameters import Hyperparameters
from core.battle.parsing import formatted
from core.battle.service import Battles
from core.battle.setup import Challenge
from core.errors import HiddenError, OverloadedError, StoreError, UserFacingError
from core.people import DIRECT, Lang, Owner, Place
from core.phrases import phrase
from core.ports_places import AuditLog

log = logging.getLogger(__name__)

Named = Callable[[BattleView, dict[str, str]], Awaitable[dict[str, str]]]

HISTORY: Final = 10  # battles in a list


@dataclass(frozen=True, slots=True)
class Begun:
    """The answer to a challenge, and the battle where there is one."""

    answer: Answer
    view: BattleView | None = None


@dataclass(frozen=True)
class BattleDesk:
    """One object serves everybody. ``here`` is the :class:`core.people.Owner` of who asks."""

    battles: Battles
    audit: AuditLog | None = None  # of admins' acts

    def scene(self, view: BattleView, lang: Lang, names: dict[str, str]) -> Scene:
        """Where the card of a battle begins; ``names`` are those of the people who play, by their ids."""
        left = left_of(self.battles, view)
        return Scene(view, lang, names, self._dataset(view.dataset, lang), left)

    async def start(self, wanted: Challenge) -> Begun:
        """Begin a battle, or say why not."""
        try:
            view = await self.battles.start(wanted)
        except (UserFacingError, HiddenError) as err:
            return Begun(refusal(err, wanted.lang))
        return Begun(Answer(text("b_started", wanted.lang)), view)

    async def again(self, here: Owner, battle: int, channel: str, message: str, lang: Lang) -> Begun:
        """Another battle of the same kind, of whoever asks."""
        try:
            view = await self._seen(here, battle)
            other = next((each for each in (view.right.person, view.left.person) if each != here.person), "")
            wanted = Challenge(
                here, channel, message, lang, view.dataset, rival=view.rival, tier=view.tier,
                other=other if view.rival is Rival.PERSON else "",
                trials=view.right.rounds if view.rival is Rival.OPTUNA else 5,
            )  # fmt: skip
        except (UserFacingError, HiddenError) as err:
            return Begun(refusal(err, lang))
        return await self.start(wanted)

    async def play(
        self, person: str, said: str | Hyperparameters, lang: Lang, message: str = "",
        battle: int | None = None,
    ) -> Answer:  # fmt: skip
        """Lock a choice; an error costs nothing, and says how it is written."""

        async def work() -> Answer:
            played = await self.battles.play(person, said, message, battle)
            side = played.view.left if played.view.left.person == person else played.view.right
            choice = formatted(played.parsed.hyperparameters)
            lines = [text("b_taken", lang, number=len(side.moves), choice=choice)]
            for key, fields in (("assumed", played.parsed.assumed), ("overruled", played.parsed.overruled)):
                if fields:
                    lines.append(text(f"b_{key}", lang, fields=", ".join(fields)))
            return Answer("\n".join(lines))

        return await _guarded(work, lang)

    async def round_of(self, here: Owner, battle: int, lang: Lang) -> tuple[int, Answer]:
        """The round, from 1, for which a person may be asked for values now; else 0, and why not."""
        number = 0

        async def work() -> Answer:
            nonlocal number
            await self._seen(here, battle)
            number = self.battles.round_of(here.person, battle)
            return Answer("")

        answer = await _guarded(work, lang)
        return number, answer

    async def press(self, here: Owner, press: Press, lang: Lang, message: str = "") -> Answer:
        """What a button does, but "choose" (:meth:`round_of`, :meth:`play`) and "again" (:meth:`again`)."""

        async def work() -> Answer:
            match press.act:
                case "accept":
                    await self.battles.accept(press.battle, here.person)
                    return Answer(text("b_accepted", lang))
                case "refuse" | "cancel" | "concede":
                    concedes = press.act == "concede"
                    view = await self.battles.cancel(here.person, press.battle, concede=concedes)
                    return Answer(text("b_conceded", lang) if view.ending is Ending.CONCEDED else "")
                case "name":
                    await self.battles.name_final(here.person, press.number, message, press.battle)
                    return Answer(text("b_named", lang, number=press.number))
                case "proof":
                    view = await self._seen(here, press.battle)
                    over = view.phase is Phase.DONE
                    return Answer(seals(view, lang) if over else text("b_proof_early", lang), done=over)
                case "safe" | "bold" | "hers":
                    chosen = PRESETS.get(press.act) or await self._hers(here, press.battle)
                    if chosen is None:
                        return Answer(text("b_no_last", lang), done=False)
                    return await self.play(here.person, chosen, lang, message, press.battle)
                case _:
                    raise ValueError(press.act)

        return await _guarded(work, lang)

    async def stop(self, here: Owner, lang: Lang, battle: int | None = None, channel: str = "") -> Answer:
        """An admin stops the battle of a number, or the one of a channel."""

        async def work() -> Answer:
            view = await self.battles.stop(here, battle, channel)
            await self._note(here, "battle stop", f"#{view.id}", {})
            return Answer(text("b_stopped", lang, id=view.id))

        return await _guarded(work, lang)

    async def reset(self, here: Owner, lang: Lang, dataset: str | None = None) -> Answer:
        """An admin begins the ratings here anew."""

        async def work() -> Answer:
            count = await self.battles.reset(here.scope, dataset)
            await self._note(here, "battle reset", dataset or "", {"standings": count})
            return Answer(text("b_reset", lang, count=count))

        return await _guarded(work, lang)

    async def history(
        self, here: Owner, lang: Lang, known: dict[str, str], named: Named | None = None
    ) -> Answer:
        """A person's newest battles that are over; ``known`` are names by ids, ``named`` asks for others."""

        async def work() -> Answer:
            found, names, lines = await self.battles.history(here, HISTORY), known, []
            for view in found:
                names = names if named is None else await named(view, names)
                lines.append(self._line(view, lang, names))
            if not found:
                return Answer(text("b_history_none", lang), done=False)
            return Answer("\n".join([text("b_history", lang), *lines]))

        return await _guarded(work, lang)

    async def leaderboard(self, here: Owner, lang: Lang, dataset: str = "") -> Answer:
        """Who is best here."""

        async def work() -> Answer:
            found = await self.battles.leaderboard(here.scope, dataset)
            if not found:
                return Answer(text("b_board_none", lang), done=False)
            name = self._dataset(dataset or self.battles.datasets[0].id, lang)
            lines = [
                text(
                    "b_board_line", lang, place=place, name=each.name, rating=f"{each.rating.value:.0f}",
                    deviation=f"{each.rating.deviation:.0f}", games=each.games, wins=each.wins,
                    draws=each.draws, losses=each.losses,
                )
                for place, each in enumerate(found, 1)
            ]  # fmt: skip
            return Answer(
                "\n".join([text("b_board", lang, dataset=name), *lines, text("b_plus_minus", lang)])
            )

        return await _guarded(work, lang)

    async def join(self, here: Owner, name: str, lang: Lang) -> Answer:
        """Stand on the leaderboards here under a name."""

        async def work() -> Answer:
            await self.battles.join(here, name)
            return Answer(text("b_joined", lang))

        return await _guarded(work, lang)

    async def leave(self, here: Owner, lang: Lang) -> Answer:
        """Do not."""

        async def work() -> Answer:
            gone = await self.battles.leave(here)
            return Answer(text("b_left" if gone else "b_left_none", lang), done=gone)

        return await _guarded(work, lang)

    async def replay(self, here: Owner, battle: int, lang: Lang) -> Answer:
        """Train everything again, and say whether it is the same. Takes as long as the battle did."""

        async def work() -> Answer:
            await self._seen(here, battle)
            found = await self.battles.replay(battle, here)
            return Answer(replay_told(found, lang), done=found.same)

        return await _guarded(work, lang)

    async def _note(self, here: Owner, act: str, target: str, counts: dict[str, int]) -> None:
        if self.audit is not None:
            await self.audit.add(Place.of_scope(here.scope).group, here.person, act, target, counts)

    async def _seen(self, here: Owner, battle: int) -> BattleView:
        """A battle; one of a direct message is for those who play only. Raises UserFacingError."""
        found = await self.battles.state(battle, here.scope, here.person)
        if here.scope == DIRECT.scope and here.person not in (found.left.person, found.right.person):
            raise UserFacingError("battle_unknown", id=battle)
        return found

    async def _hers(self, here: Owner, battle: int) -> Hyperparameters | None:
        """What she named in the person's last battle against her on the same data."""
        view = await self._seen(here, battle)
        for each in await self.battles.history(here, 30):
            if each.dataset == view.dataset and each.rival is Rival.LORA and each.right.named is not None:
                return each.right.moves[each.right.named - 1].hyperparameters
        return None

    def _line(self, view: BattleView, lang: Lang, names: dict[str, str]) -> str:
        called = names_of(view, names, lang)
        sides, at = text("b_sides", lang, left=called[0], right=called[1]), f"{view.created:%m-%d}"
        result = text("b_ended_line", lang)
        if view.ending is Ending.CONCEDED:
            result = text("b_conceded_line", lang, name=called[0 if view.left.conceded else 1])
        if view.verdict is not None:
            scores = f"{view.verdict.left:.3f} : {view.verdict.right:.3f}"
            result = f"{verdict(view.verdict.grade, called, lang)} {scores}"
        return text(
            "b_history_line", lang, id=view.id, at=at, dataset=view.instance, sides=sides, result=result
        )

    def _dataset(self, wanted: str, lang: Lang) -> str:
        return next((each.name[lang] for each in self.battles.datasets if each.id == wanted), wanted)


def refusal(err: UserFacingError | HiddenError, lang: Lang) -> Answer:
    """What she says to an error."""
    if isinstance(err, UserFacingError):
        return Answer(phrase(err.phrase, lang, **err.values), done=False)
    log.warning("battle: %s", type(err).__name__)
    if isinstance(err, StoreError):
        return Answer(text("store_failed", lang), done=False)
    return Answer(phrase("busy" if isinstance(err, OverloadedError) else "battle_failed", lang), done=False)


async def _guarded(work: Callable[[], Awaitable[Answer]], lang: Lang) -> Answer:
    try:
        return await work()
    except (UserFacingError, HiddenError) as err:
        return refusal(err, lang)
