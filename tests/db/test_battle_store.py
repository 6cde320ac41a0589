"""Battles and standings on both databases: what is kept comes back, moves with its group, and goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.battle.commitment import Commitment
from core.battle.game import Battle, Move, Phase, Rival, Side
from core.battle.keeping import Busy, RatedGame
from core.battle.ports import Choice, Epoch, Part, Tier, Trial
from core.battle.rating import HERS, Rating
from core.battle.rules import Train, heard, locked, trained
from core.people import DIRECT, Owner, Place, PlaceKind
from core.ports_keeping import Limits
from db.engine import Database
from db.stores import SqlBattleStore, SqlGroupStore, SqlKeeper, SqlMemoryStore
from tests.db.samples import START
from tests.fakes_battle import draw

JUN, MINA, ANN = "telegram:1", "telegram:2", "discord:3"
OLD, NEW = (Place(PlaceKind.GROUP, group).scope for group in ("telegram:-7", "telegram:-1007"))


def battle(
    person: str = JUN, other: str = "", *, scope: str = OLD, message: str = "m1", channel: str = ""
) -> Battle:
    return Battle(
        0, scope, channel or f"c{person}", message, "digits", "digits-001", "v1",
        Rival.PERSON if other else Rival.LORA, Tier.REFINED, 2**31 - 1, "ko", START, Side(person), Side(other),
        Phase.ROUND_1, code="c1", knowledge="trees",
    )  # fmt: skip


def trial(number: int, part: Part = Part.VALID) -> Trial:
    epochs = (Epoch(1, 1.61, 1.5999999999999999, 0.1 + 0.2), Epoch(2, 0.7, 0.8, 1 / 3))
    return Trial(draw(number), 17, part, 2 / 3, epochs, 0.25)


@pytest.fixture
def store(database: Database) -> SqlBattleStore:
    return SqlBattleStore(database, lambda: START)


async def begun(store: SqlBattleStore, wanted: Battle, epoch: int = 0) -> Battle:
    kept = await store.begin(wanted, epoch)
    assert isinstance(kept, Battle)
    return kept


async def test_everything_comes_back_to_the_last_digit(store: SqlBattleStore) -> None:
    sealed = Side(named=0)  # before it there is no turn
    kept = await begun(store, replace(battle(), right=sealed))
    kept = locked(kept, "left", Choice(draw(1), 0.123456789012345678))
    kept = replace(heard(kept, "m2"), deadline=START + timedelta(minutes=3), card="9", comment="이야 🎉")
    kept = replace(kept, right=replace(kept.right, moves=(Move(draw(2), Commitment("{}", "n"), 0.5),)))
    assert await store.save(kept)
    for side in ("right", "left"):
        kept = trained(kept, Train(side, 0, Part.VALID), trial(1))
        assert await store.save(kept, side, trial(1))
    for number in range(3):
        kept = trained(kept, Train("left", number, Part.HELD_OUT), trial(number, Part.HELD_OUT))
        assert await store.save(kept, "left", trial(number, Part.HELD_OUT))
    assert await store.get(kept.id) == kept and await store.open() == [kept]
    assert await store.seen([JUN], "digits") == {"digits-001": kept.id}
    assert await store.seen([MINA], "digits") == await store.seen([JUN], "faces") == {}
    done = replace(kept, phase=Phase.DONE)
    assert await store.finish(done, []) == () and await store.open() == []
    assert await store.history(Owner(JUN, OLD), 5) == [done]
    assert await store.history(Owner(JUN, NEW), 5) == await store.history(Owner(MINA, OLD), 5) == []
    assert await store.get(kept.id + 1) is None and not await store.save(replace(kept, id=kept.id + 1))


async def test_a_group_in_which_people_only_play_is_known(store: SqlBattleStore, database: Database) -> None:
    groups = SqlGroupStore(database)
    await store.join(Owner(MINA, NEW), "Mina", START)
    hidden = Place(PlaceKind.GROUP, "discord:5", "9").scope
    await begun(store, battle(scope=hidden))
    await begun(store, battle(ANN, scope=DIRECT.scope, message="m2"))
    assert await groups.known() == ["discord:5", "telegram:-1007"]
    for group in await groups.known():
        await groups.erase(group)
    assert await groups.known() == [] and not await store.joined(Owner(MINA, NEW))


async def test_who_is_busy(store: SqlBattleStore) -> None:
    first = await begun(store, battle(JUN, MINA))
    assert await store.begin(battle(JUN, MINA), 0) == first
    assert await store.begin(battle(MINA, message="m2"), 0) is Busy.PERSON
    assert await store.begin(battle(ANN, JUN, message="m3"), 0) is Busy.RIVAL
    assert await store.begin(battle(ANN, message="m4", channel=f"c{JUN}"), 0) is Busy.CHANNEL
    assert await store.begin(battle(ANN, message="m5"), 0, [MINA]) is Busy.PERSON
    assert await store.begin(battle(ANN, message="m6"), 1) is Busy.FORGOTTEN


async def test_who_is_invited_is_not_bound(store: SqlBattleStore) -> None:
    first = await begun(store, replace(battle(JUN, MINA), phase=Phase.INVITED))
    own = await begun(store, battle(MINA, message="m2"))
    entered = replace(first, phase=Phase.ROUND_1)
    assert await store.accept(entered) is Busy.PERSON and await store.get(first.id) == first
    assert await store.save(replace(own, phase=Phase.CANCELLED))
    other = await begun(store, battle(ANN, message="m3"))
    assert await store.accept(entered, [ANN]) is Busy.PERSON
    assert await store.save(replace(other, phase=Phase.CANCELLED))
    assert await store.accept(entered, [ANN]) is True and await store.get(first.id) == entered


async def test_what_is_over_stays_as_it_ended(store: SqlBattleStore) -> None:
    await store.join(Owner(JUN, OLD), "준", START)
    playing = await begun(store, battle())
    done, game = replace(playing, phase=Phase.DONE), RatedGame(JUN, HERS[Tier.SURROGATE], 1.0)
    changes = await store.finish(done, [game])
    assert changes is not None and len(changes) == 1
    assert await store.finish(done, [game]) is None and await store.finish(playing, [game]) is None
    assert not await store.save(playing) and not await store.save(replace(playing, phase=Phase.CANCELLED))
    assert await store.save(replace(done, comment="이야", card="9", inputs=("m2",)))
    assert await store.get(playing.id) == replace(done, comment="이야", card="9")
    (standing,) = await store.leaderboard(OLD, "digits", 1)
    assert standing.games == 1


async def test_nothing_is_written_after_an_erasure(database: Database, store: SqlBattleStore) -> None:
    kept = await begun(store, battle())
    await SqlMemoryStore(database).forget(JUN, None, by=JUN)
    assert not await store.save(kept) and await store.finish(kept, []) is None
    assert await store.begin(battle(message="m2"), 0) is Busy.FORGOTTEN
    assert await store.epoch(JUN) == 1 and (await begun(store, battle(message="m2"), 1)).id > kept.id


async def rate(store: SqlBattleStore, scope: str, times: int, points: float = 1.0) -> None:
    await store.join(Owner(JUN, scope), "준", START)
    for number in range(times):
        kept = await begun(store, battle(scope=scope, message=f"{scope}{number}"))
        strength = HERS[Tier.SURROGATE]
        await store.finish(replace(kept, phase=Phase.DONE), [RatedGame(JUN, strength, points)])


async def test_a_group_s_battles_move_with_it(database: Database, store: SqlBattleStore) -> None:
    groups = SqlGroupStore(database)
    await rate(store, OLD, 2)
    await rate(store, NEW, 1, 0.5)
    playing = await begun(store, battle(MINA, channel="telegram:-7", message="live"))
    await store.join(Owner(MINA, OLD), "미나", START)
    await groups.move("telegram:-7", "telegram:-1007")
    assert await store.save(heard(playing, "m9")), "a battle that goes on does not move back"
    moved = await store.get(playing.id)
    assert moved is not None and (moved.scope, moved.channel, moved.inputs) == (
        NEW,
        "telegram:-1007",
        ("m9",),
    )
    assert len(await store.history(Owner(JUN, NEW), 9)) == 3
    (standing,) = await store.leaderboard(NEW, "digits", 1)
    assert (standing.games, standing.draws) == (1, 1) and await store.leaderboard(OLD, "digits", 1) == []
    assert await store.joined(Owner(MINA, NEW)) and not await store.joined(Owner(MINA, OLD))


async def test_here_is_not_elsewhere(database: Database, store: SqlBattleStore) -> None:
    memories = SqlMemoryStore(database)
    await rate(store, OLD, 1)
    await rate(store, NEW, 1)
    gone = {"memories": 0, "turns": 0, "battles": 1, "standings": 2}
    assert await memories.counts(JUN, OLD) == await memories.forget(JUN, OLD, by=JUN) == gone
    assert await memories.counts(JUN, OLD) == {"memories": 0, "turns": 0}
    assert len(await store.history(Owner(JUN, NEW), 9)) == 1 and await store.joined(Owner(JUN, NEW))
    await SqlGroupStore(database).erase("telegram:-1007")
    assert await memories.counts(JUN, None) == {"memories": 0, "turns": 0}
    assert await store.reset(NEW) == 0


async def test_old_battles_are_over_and_standings_stay(database: Database, store: SqlBattleStore) -> None:
    await rate(store, OLD, 2)
    keeper, limits = SqlKeeper(database), Limits(history_days=30)
    assert (await keeper.overdue(limits, START + timedelta(days=29))).battles == 0
    assert (await keeper.retain(limits, START + timedelta(days=31))).battles == 2
    assert await store.history(Owner(JUN, OLD), 9) == []
    (standing,) = await store.leaderboard(OLD, "digits", 2)
    assert standing.games == 2 and standing.rating.value > Rating().value
