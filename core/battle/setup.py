"""How a battle comes about: who plays whom on which problem, and whether it counts."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random

from core.battle.game import MOST_TRIALS, ROUNDS, Battle, Phase, Rival, Side
from core.battle.keeping import BattleStore, RatedGame
from core.battle.parsing import shown
from core.battle.ports import Arena, Dataset, Player, Problem, Tier
from core.battle.rating import HERS, Rating, optunas
from core.errors import ModelError, UserFacingError, logged
from core.people import Lang, Owner
from core.ports import Clock
from core.ports_links import LinkStore

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Challenge:
    """What somebody wants to play; ``other`` is the opponent's id, ``message`` makes a repeat harmless.

    ``dataset`` "" is the default one, ``instance`` "" is drawn among those that nobody here has seen. With
    an instance or a ``seed`` that was asked for a battle is not rated: it can be run through beforehand.
    """

    owner: Owner
    channel: str
    message: str
    lang: Lang
    dataset: str = ""
    instance: str = ""
    rival: Rival = Rival.LORA
    other: str = ""
    trials: int = 5
    tier: Tier = Tier.SURROGATE
    seed: int | None = None


@dataclass(frozen=True)
class Setup:
    """Makes battles of challenges; ``machines`` are the opponents that there are besides people."""

    arena: Arena
    machines: Mapping[Rival, Player]
    store: BattleStore
    clock: Clock
    links: LinkStore | None = None

    async def battle(self, wanted: Challenge) -> tuple[Battle, Problem]:
        """A battle that is not kept yet. Raises UserFacingError."""
        self.check(wanted)
        seed = secrets.randbelow(2**31) if wanted.seed is None else wanted.seed
        dataset = await self.dataset(wanted.dataset)
        instance = wanted.instance or await self.drawn(wanted, dataset, seed)
        if instance not in dataset.instances:
            first, last = dataset.instances[0], dataset.instances[-1]
            raise UserFacingError("battle_instance", value=shown(instance), first=first, last=last)
        problem = await self.arena.problem(dataset.id, instance)
        rounds = wanted.trials if wanted.rival is Rival.OPTUNA else ROUNDS
        invited = wanted.rival is Rival.PERSON
        battle = Battle(
            0, wanted.owner.scope, wanted.channel, wanted.message, dataset.id, instance, problem.version,
            wanted.rival, wanted.tier, seed, wanted.lang, self.clock.now(), Side(wanted.owner.person),
            Side(wanted.other if invited else "", rounds), Phase.INVITED if invited else Phase.ROUND_1,
            drawn=not wanted.instance and wanted.seed is None,
        )  # fmt: skip
        machine = self.machines.get(wanted.rival)
        knowledge = machine.knows(dataset.id) if machine is not None else ""
        return replace(battle, code=self.arena.code, knowledge=knowledge), problem

    async def problem_of(self, battle: Battle) -> Problem | None:
        """The problem of a battle of before; None where it is not there any more as it was."""
        await self.datasets()  # its card names one
        try:
            problem = await self.arena.problem(battle.dataset, battle.instance)
        except (KeyError, ModelError) as err:
            log.warning("battle %d cannot go on: %s", battle.id, logged(err))
            return None
        return problem if problem.version == battle.version else None

    async def datasets(self) -> tuple[Dataset, ...]:
        """All of them. The first look reads them, which must not be on the event loop."""
        return await asyncio.to_thread(lambda: self.arena.datasets)

    async def dataset(self, wanted: str) -> Dataset:
        """A data set by its id, "" for the default. Raises UserFacingError."""
        datasets = await self.datasets()
        for dataset in datasets:
            if not wanted or dataset.id == wanted:
                return dataset
        options = " · ".join(dataset.id for dataset in datasets)
        raise UserFacingError("battle_dataset", value=shown(wanted), options=options)

    def check(self, wanted: Challenge) -> None:
        """Raises UserFacingError for an opponent that there is not."""
        trials = wanted.rival is not Rival.OPTUNA or 1 <= wanted.trials <= MOST_TRIALS
        there = wanted.rival is Rival.PERSON or wanted.rival in self.machines
        if not trials or not there or (wanted.rival is Rival.PERSON and not wanted.other):
            raise UserFacingError("battle_opponent", most=MOST_TRIALS)
        if wanted.other == wanted.owner.person:
            raise UserFacingError("battle_self")

    async def linked(self, person: str) -> tuple[str, ...]:
        """The person's other accounts."""
        if self.links is None:
            return ()
        return tuple(account.person for account in await self.links.linked(person))

    async def drawn(self, wanted: Challenge, dataset: Dataset, seed: int) -> str:
        """A problem that is new to all who play, while there is one."""
        people = [wanted.owner.person, *([wanted.other] if wanted.other else [])]
        linked = [each for person in people for each in await self.linked(person)]
        seen = await self.store.seen([*people, *linked], dataset.id)
        fresh = [instance for instance in dataset.instances if instance not in seen]
        return Random(seed).choice(fresh or dataset.instances)

    async def games(self, battle: Battle) -> list[RatedGame]:
        """What counts: a problem that was drawn and is new to them, and not against oneself."""
        points = battle.points
        if points is None or not battle.drawn:
            return []
        sides = [(battle.left.person, battle.right.person, points)]
        if battle.rival is Rival.PERSON:
            sides.append((battle.right.person, battle.left.person, 1 - points))
        games = []
        for person, other, won in sides:
            accounts = await self.linked(person)
            seen = await self.store.seen([person, *accounts], battle.dataset)
            first = seen.get(battle.instance, battle.id)  # who concedes may have no score yet
            if first == battle.id and other not in (person, *accounts):
                games.append(RatedGame(person, other or _strength(battle), won))
        return games


def _strength(battle: Battle) -> Rating:
    return HERS[battle.tier] if battle.rival is Rival.LORA else optunas(battle.right.rounds)
