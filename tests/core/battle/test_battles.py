"""Whole battles through the door, with a real database and trainings that are arithmetic."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from adapters.shared.battle_replay import replay_told
from adapters.shared.battles import BattleDesk
from core.battle.commitment import Commitment
from core.battle.events import (
    BattleDone,
    BattleGone,
    BattleSeen,
    EpochSeen,
    FinalStarted,
    ProblemReady,
    Promised,
    Queued,
    RoundScored,
    TurnStarted,
)
from core.battle.game import Ending, Phase, Rival
from core.battle.grades import Grade
from core.battle.parsing import DEFAULTS
from core.battle.ports import Part, Problem
from core.battle.rating import rated
from core.battle.setup import Challenge
from core.errors import ModelError, OverloadedError, UserFacingError
from core.people import Lang, Owner
from core.phrases import phrase
from db.memory_store import SqlMemoryStore
from tests.core.battle.conftest import ANN, BOSS, GUILD, JUN, MINA, House
from tests.db.people import join
from tests.fakes_battle import ArithmeticArena

LANGS: tuple[Lang, Lang] = ("ko", "en")
GOOD, POOR = replace(DEFAULTS, lr=1e-3), replace(DEFAULTS, lr=1e-4)


async def play_out(house: House, person: str = JUN, *, rounds: int = 1, **wanted: Any) -> BattleDone:
    battle = await house.start(person, **wanted)
    for number, choice in enumerate(("lr=1e-3", "lr=5e-4 leaky")[:rounds], 1):
        await house.battles.play(person, choice)
        await house.until(battle.id, RoundScored, number)
    await house.battles.name_final(person, 1)
    return await house.until(battle.id, BattleDone)


async def refused(work: Awaitable[object]) -> str:
    with pytest.raises(UserFacingError) as caught:
        await work
    assert all(phrase(caught.value.phrase, lang, **caught.value.values) for lang in LANGS)
    return caught.value.phrase


async def test_a_whole_battle_with_her(house: House) -> None:
    house.player.told = [POOR, replace(POOR, lr=2e-4)]
    done = await play_out(house, rounds=2)
    view, events = done.view, house.heard[done.view.id]
    assert view.phase is Phase.DONE and view.verdict is not None
    assert view.verdict.grade is Grade.BIG_WIN and view.verdict.difference == pytest.approx(0.21, abs=0.01)
    assert [grade.sign for grade in view.round_grades] == [1, 1]
    assert len(house.arena.trained) == 10
    assert len({seed for _, seed, part, _ in house.arena.trained if part is Part.HELD_OUT}) == 3
    kinds = [type(event) for event in events if not isinstance(event, BattleSeen | EpochSeen | TurnStarted)]
    assert kinds[:2] == [ProblemReady, Promised] and kinds.index(FinalStarted) < kinds.index(BattleDone)
    assert len([e for e in house.events(view.id, EpochSeen) if e.final]) == 18
    assert {e.side for e in house.events(view.id, EpochSeen) if not e.final} == {"left"}


async def test_what_she_promised_before_the_person_played_is_what_she_played(house: House) -> None:
    done = await play_out(house)
    ready = house.events(done.view.id, ProblemReady)[0]
    (promised,) = house.events(done.view.id, Promised)
    at = house.heard[done.view.id].index(promised)
    assert not any(isinstance(event, RoundScored) for event in house.heard[done.view.id][:at])
    assert ready.view.right.moves[0].digest == promised.digests[0] and len(promised.digests) == 3
    for event in house.heard[done.view.id][: house.heard[done.view.id].index(done)]:
        if isinstance(event, BattleSeen):
            assert all(move.hyperparameters is None and not move.nonce for move in event.view.right.moves)
            assert all(move.valid_f1 is None for move in event.view.right.moves)
    for move, digest in zip(done.view.right.moves, promised.digests, strict=False):
        assert Commitment(move.content, move.nonce).proves(digest)
        assert move.hyperparameters is not None and str(move.hyperparameters.lr) in move.content
        assert not Commitment(move.content + " ", move.nonce).proves(digest)
    her = done.view.right
    assert Commitment(her.pick_content, her.pick_nonce).proves(promised.digests[-1])
    assert her.named is not None and f'"named":{her.named},' in her.pick_content
    shown = [e.view.right for e in house.events(done.view.id, BattleSeen) if e.view.phase is not Phase.DONE]
    assert not any(side.pick_content or side.pick_nonce for side in shown), "not before the end"


@pytest.mark.parametrize("rival", [Rival.LORA, Rival.OPTUNA])
async def test_no_turn_begins_before_all_of_a_machine_is_sealed(house: House, rival: Rival) -> None:
    house.arena.hold = asyncio.Event()
    battle = await house.start(ready=False, rival=rival, trials=7)
    ready = await house.until(battle.id, ProblemReady)
    assert ready.view.right.moves[0].digest and not ready.view.right.seal and not ready.view.left.turn
    assert await refused(house.battles.play(JUN, "3e-4")) == "battle_sealing"
    house.arena.hold.set()
    await house.until(battle.id, TurnStarted)
    before = house.battles.current(JUN)
    assert before is not None and before.left.turn
    await house.battles.play(JUN, "3e-4")
    await house.until(battle.id, RoundScored)
    await house.battles.name_final(JUN, 1)
    right = (await house.until(battle.id, BattleDone)).view.right
    opened = [Commitment(move.content, move.nonce).digest for move in right.moves]
    opened.append(Commitment(right.pick_content, right.pick_nonce).digest)
    lines = "".join(f"{digest}\n" for digest in opened)
    assert hashlib.sha256(lines.encode()).hexdigest() == before.right.seal == right.seal
    assert len(opened) == right.rounds + 1


async def test_an_error_never_costs_the_turn(house: House) -> None:
    battle = await house.start()
    for nonsense in ("lr=7", "", "휴", "{", "drop=0,0,9"):
        assert (await refused(house.battles.play(JUN, nonsense))).startswith("battle_")
    taken = await house.battles.play(JUN, "3e-4", "message-1")
    assert taken.parsed.hyperparameters.lr == 3e-4 and "optimizer" in taken.parsed.assumed
    await house.until(battle.id, RoundScored)
    again = await house.battles.play(JUN, "lr=5e-3", "message-1")  # the platform sent it twice
    assert len(again.view.left.moves) == 1
    assert await refused(house.battles.name_final(JUN, 2)) == "battle_name_which"
    assert (await house.battles.name_final(JUN, 1)).left.named == 1
    done = await house.until(battle.id, BattleDone)
    assert len(done.view.left.moves) == 1 and len(done.view.left.finals) == 3
    assert await refused(house.battles.play(JUN, "3e-4")) == "battle_none"


async def test_one_battle_for_a_person_and_a_channel_and_a_message(house: House) -> None:
    first = await house.start(message="m1", channel="c1")
    assert (await house.battles.start(Challenge(Owner(JUN, GUILD), "c1", "m1", "ko"))).id == first.id
    busy = Challenge(Owner(JUN, GUILD), "c2", "m2", "ko")
    assert await refused(house.battles.start(busy)) == "battle_busy_person"
    assert await refused(house.start(MINA, channel="c1", message="m3")) == "battle_busy_channel"
    assert await refused(house.battles.play(MINA, "3e-4", battle=first.id)) == "battle_not_yours"
    other = await house.start(MINA, channel="c3")
    assert house.battles.in_channel("c1") is not None and house.battles.current(MINA) is not None
    assert (await house.battles.stop(Owner(BOSS, GUILD), channel="c1")).ending is Ending.STOPPED
    assert await refused(house.battles.stop(Owner(BOSS, "group:other"), other.id)) == "battle_none"
    assert (await house.battles.cancel(MINA)).ending is Ending.CANCELLED
    assert (await house.until(other.id, BattleGone)).ending is Ending.CANCELLED
    assert await refused(house.battles.cancel(MINA)) == "battle_none"
    assert (await house.start(message="m9", channel="c1")).id > other.id


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"dataset": "cats"}, "battle_dataset"),
        ({"instance": "digits-999"}, "battle_instance"),
        ({"rival": Rival.PERSON}, "battle_opponent"),
        ({"rival": Rival.PERSON, "other": JUN}, "battle_self"),
        ({"rival": Rival.OPTUNA, "trials": 31}, "battle_opponent"),
    ],
)
async def test_what_cannot_be_played_is_told(house: House, wanted: dict[str, Any], told: str) -> None:
    assert await refused(house.start(**wanted)) == told


async def test_two_people_see_each_other_s_choices_at_the_end_only(house: House) -> None:
    battle = await house.start(rival=Rival.PERSON, other=MINA)
    assert await refused(house.battles.play(JUN, "1e-3")) == "battle_not_invited"
    assert await refused(house.battles.accept(battle.id, JUN)) == "battle_not_invited"
    await house.battles.accept(battle.id, MINA)
    await house.battles.play(JUN, "1e-3")
    assert await refused(house.battles.play(JUN, "2e-3")) == "battle_locked"
    await asyncio.sleep(0.02)
    assert not house.arena.trained, "trained before both had locked"
    seen = (await house.battles.play(MINA, "1e-4")).view
    assert seen.left.moves[0].hyperparameters is None and seen.left.moves[0].digest
    mine = seen.right.moves[0].hyperparameters
    assert mine is not None and mine.lr == 1e-4
    await house.until(battle.id, RoundScored, 2)
    await house.battles.play(MINA, "2e-4")
    await house.battles.play(JUN, "9e-4")
    await house.until(battle.id, RoundScored, 4)
    await house.battles.name_final(JUN, 1)
    await house.battles.name_final(MINA, 2)
    done = await house.until(battle.id, BattleDone)
    assert done.view.verdict is not None and done.view.verdict.grade.sign == 1
    assert len(house.arena.trained) == 10
    before = [e for e in house.events(battle.id, BattleSeen) if e.view.phase is not Phase.DONE]
    assert all(
        m.hyperparameters is None for e in before for s in (e.view.left, e.view.right) for m in s.moves
    )
    assert all(m.hyperparameters and m.nonce for m in (*done.view.left.moves, *done.view.right.moves))


async def test_once_there_is_a_score_to_stop_is_to_lose(house: House) -> None:
    owner = Owner(JUN, GUILD)
    await house.battles.join(owner, "준")
    early = await house.start()
    assert (await house.battles.cancel(JUN)).ending is Ending.CANCELLED
    assert (await house.until(early.id, BattleGone)).changes == ()
    stopped = await house.start(message="m2")
    await house.battles.play(JUN, "1e-3")
    await house.until(stopped.id, RoundScored)
    await house.battles.stop(Owner(BOSS, GUILD), stopped.id)
    assert (await house.until(stopped.id, BattleGone)).changes == (), "nobody's fault"
    battle = await house.start(message="m3")
    await house.battles.play(JUN, "1e-3")
    await house.until(battle.id, RoundScored)
    assert await refused(house.battles.cancel(JUN)) == "battle_concede"
    assert await refused(house.battles.stop(owner, battle.id)) == "battle_concede", "an admin's own as well"
    assert house.battles.current(JUN) is not None
    view = await house.battles.cancel(JUN, battle.id, concede=True)
    assert view.ending is Ending.CONCEDED and view.left.conceded and not view.right.conceded
    gone = await house.until(battle.id, BattleGone)
    (change,) = gone.changes
    assert gone.ending is Ending.CONCEDED and change.games == 1 and change.after.value < change.before.value
    (standing,) = await house.store.leaderboard(GUILD, "digits", 1)
    assert (standing.wins, standing.draws, standing.losses) == (0, 0, 1)
    kept = await house.store.get(battle.id)
    assert kept is not None and kept.left.conceded and kept.ending is Ending.CONCEDED
    await house.start(message="m4")


async def test_between_people_who_gives_up_loses_to_the_other(house: House) -> None:
    for person in (JUN, MINA):
        await house.battles.join(Owner(person, GUILD), person)
    battle = await house.start(rival=Rival.PERSON, other=MINA)
    await house.battles.accept(battle.id, MINA)
    for person, choice in ((JUN, "1e-4"), (MINA, "1e-3")):
        await house.battles.play(person, choice)
    await house.until(battle.id, RoundScored, 2)
    assert (await house.battles.cancel(MINA, concede=True)).right.conceded
    won, lost = (await house.until(battle.id, BattleGone)).changes
    assert (won.person, lost.person) == (JUN, MINA)
    assert won.after.value > 1500 > lost.after.value


@pytest.mark.parametrize("first", ["the result", "the person"])
async def test_a_battle_ends_once(house: House, first: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.battles.join(Owner(JUN, GUILD), "준")
    battle = await house.start()
    await house.battles.play(JUN, "1e-3")
    await house.until(battle.id, RoundScored)
    keeps, may = asyncio.Event(), asyncio.Event()
    finish = house.store.finish

    async def slow(*given: Any) -> Any:
        keeps.set()
        await may.wait()
        return await finish(*given)

    monkeypatch.setattr(house.store, "finish", slow)
    if first == "the result":
        await house.battles.name_final(JUN, 1)
        await keeps.wait()
        stops = asyncio.ensure_future(refused(house.battles.cancel(JUN, battle.id, concede=True)))
        await asyncio.sleep(0.01)
        may.set()
        assert await stops == "battle_over"
        (change,) = (await house.until(battle.id, BattleDone)).changes
    else:
        house.arena.hold = asyncio.Event()
        await house.battles.name_final(JUN, 1)
        await house.until(battle.id, FinalStarted)
        gives_up = asyncio.ensure_future(house.battles.cancel(JUN, battle.id, concede=True))
        await keeps.wait()
        house.arena.hold.set()
        await asyncio.sleep(0.01)
        may.set()
        await gives_up
        (change,) = (await house.until(battle.id, BattleGone)).changes
    await asyncio.sleep(0.02)
    kept = await house.store.get(battle.id)
    assert kept is not None and change.games == 1
    assert kept.phase is (Phase.DONE if first == "the result" else Phase.CANCELLED)
    assert len(house.events(battle.id, BattleDone)) + len(house.events(battle.id, BattleGone)) == 1


async def test_an_invitation_binds_who_sent_it_only(house: House) -> None:
    await join(house.database, MINA, ANN)
    invited = await house.start(rival=Rival.PERSON, other=MINA)
    busy = Challenge(Owner(JUN, GUILD), "c2", "m2", "ko")
    assert await refused(house.battles.start(busy)) == "battle_busy_person"
    own = await house.start(ANN, channel="c3", message="m3")
    assert house.battles.current(MINA) is None
    assert await refused(house.battles.accept(invited.id, MINA)) == "battle_busy_person"
    assert (await house.battles.state(invited.id, GUILD)).phase is Phase.INVITED
    await house.battles.cancel(ANN, own.id)
    assert (await house.battles.accept(invited.id, MINA)).phase is Phase.ROUND_1
    assert await refused(house.start(BOSS, rival=Rival.PERSON, other=MINA)) == "battle_busy_rival"


async def test_who_is_invited_may_refuse(house: House) -> None:
    battle = await house.start(rival=Rival.PERSON, other=MINA)
    assert (await house.battles.cancel(MINA, battle.id)).ending is Ending.REFUSED


async def test_what_is_told_to_who_plays_out_of_turn(house: House) -> None:
    battle = await house.start()
    for number in (1, 2):
        assert house.battles.round_of(JUN, battle.id) == number
        await house.battles.play(JUN, "1e-3")
        await house.until(battle.id, RoundScored, number)
    assert await refused(house.battles.play(JUN, "2e-3")) == "battle_no_more_rounds", "no third try"
    house.arena.hold = asyncio.Event()
    await house.battles.name_final(JUN, 2)
    assert await refused(house.battles.name_final(JUN, 1)) == "battle_settled"
    assert await refused(house.battles.play(JUN, "2e-3")) == "battle_settled"
    house.arena.hold.set()
    assert (await house.until(battle.id, BattleDone)).view.left.named == 2


async def test_optuna_has_its_trials(house: House) -> None:
    done = await play_out(house, rounds=2, rival=Rival.OPTUNA, trials=4)
    assert [number for _, number in house.optuna.asked] == [0, 1, 2, 3]
    assert len(done.view.right.moves) == 4 and len(house.arena.trained) == 4 + 2 + 6
    assert len(done.view.round_grades) == 2


async def test_equal_choices_are_a_draw(house: House) -> None:
    house.player.told = [GOOD, GOOD]
    verdict = (await play_out(house)).view.verdict
    assert verdict is not None and verdict.grade is Grade.DRAW


async def test_turns_end(house: House) -> None:
    house.turn_s = 0.03
    house.open()

    async def pass_time() -> None:
        while True:
            await asyncio.sleep(0.01)
            house.clock.time += timedelta(seconds=0.02)

    passing = asyncio.ensure_future(pass_time())
    nothing = await house.start(MINA)
    assert (await house.until(nothing.id, BattleGone)).ending is Ending.TIMEOUT
    house.turn_s = 0.3
    house.open()
    once = await house.start()
    await house.battles.play(JUN, "1e-3")
    done = await house.until(once.id, BattleDone)  # with the one choice that is there
    passing.cancel()
    assert len(done.view.left.moves) == 1 and done.view.left.named == 1


@pytest.mark.parametrize("at", range(4))
async def test_a_battle_goes_on_after_a_restart(house: House, at: int) -> None:
    battle = await house.start()
    await house.battles.card(battle.id, "card-9")
    held = asyncio.Event()
    for step in range(3):
        if step == at:
            await restart(house, battle.id)
        before = len(house.events(battle.id, RoundScored))
        if step < 2:
            await house.battles.play(JUN, ("1e-3", "5e-4")[step])
            await house.until(battle.id, RoundScored, before + 1)
        else:
            house.arena.hold = held
            await house.battles.name_final(JUN, 1)
    if at == 3:
        await asyncio.sleep(0.02)
        await restart(house, battle.id)
    held.set()
    done = await house.until(battle.id, BattleDone)
    assert len(done.view.left.finals) == 3 and done.view.card == "card-9"
    replay = await house.battles.replay(battle.id, Owner(JUN, GUILD))
    assert replay.same and replay.compared == 13


async def restart(house: House, battle: int) -> None:
    """In the middle of whatever goes on; nothing is lost."""
    await house.battles.close()
    house.heard.clear()
    program = house.open()
    assert await program.resume(lambda view: view.scope != GUILD) == [], "another process carries it on"
    (resumed,) = await program.resume(lambda view: view.scope == GUILD)
    assert resumed.id == battle and await program.resume(lambda view: True) == []
    assert [each.id for each in await house.battles.resumed()] == [battle], "for those who show it"
    house.listen(battle)


async def test_after_a_restart_data_sets_are_not_read_on_the_event_loop(house: House) -> None:
    first = await house.start(instance="digits-001")
    damaged = await house.start(MINA, instance="digits-002")
    await house.battles.close()
    arena = house.arena = ReadingArena(damaged=damaged.instance)
    desk = BattleDesk(house.open())
    (going,) = await desk.battles.resume(lambda view: True)
    shown = await desk.battles.resumed()
    assert desk.scene(going, "en", {}).card().text and going.id == first.id
    assert arena.readers and arena.readers[0] is not threading.main_thread()
    assert [each.ending for each in shown] == [None, Ending.FAILED], "one that is damaged costs no other"
    await house.battles.close()
    over = ReadingArena()
    house.arena = over
    desk = BattleDesk(house.open())
    (ended,) = await desk.battles.resumed([damaged.id])
    assert desk.scene(ended, "ko", {}).card().text and over.readers[0] is not threading.main_thread()


class ReadingArena(ArithmeticArena):
    """Notes who reads its data sets; one problem is damaged."""

    def __init__(self, damaged: str = "") -> None:
        super().__init__()
        self.damaged, self.readers = damaged, list[threading.Thread]()

    def __getattribute__(self, name: str) -> Any:
        if name == "datasets":
            self.readers.append(threading.current_thread())
        return super().__getattribute__(name)

    async def problem(self, dataset: str, instance: str) -> Problem:
        if instance == self.damaged:
            raise ModelError("pictures digits: damaged")
        return await super().problem(dataset, instance)


async def test_it_is_the_same_when_it_is_run_again_and_told_when_not(house: House) -> None:
    done = await play_out(house)
    number = done.view.id
    assert (await house.battles.replay(number, None)).same
    assert await refused(house.battles.replay(number, Owner(JUN, "group:other"))) == "battle_unknown"
    house.arena.noise = 0.1
    different = await house.battles.replay(number, Owner(JUN, GUILD))
    assert not different.same and any("held_out" in line for line in different.differences)
    house.arena.version = "v2"
    assert await refused(house.battles.replay(number, Owner(JUN, GUILD))) == "battle_changed"
    (past,) = await house.battles.history(Owner(JUN, GUILD))
    assert past == replace(done.view, comment=past.comment)
    assert await house.battles.history(Owner(MINA, GUILD)) == []
    assert (await house.battles.state(number, GUILD)).verdict == done.view.verdict


@pytest.mark.parametrize("rival", [Rival.LORA, Rival.OPTUNA])
async def test_a_machine_that_learned_since_is_not_held_to_what_it_chose(house: House, rival: Rival) -> None:
    number = (await play_out(house, rival=rival, trials=2)).view.id
    machine = house.player if rival is Rival.LORA else house.optuna
    machine.told, machine.knowledge = [POOR, POOR], "more trees"
    again = await house.battles.replay(number, Owner(JUN, GUILD))
    assert (again.same, again.compared, again.learned) == (True, 9, rival)
    house.arena.code, house.arena.noise = "c2", 0.1
    different = await house.battles.replay(number, Owner(JUN, GUILD))
    assert not different.same and different.changed and not any("choice" in d for d in different.differences)
    for lang in LANGS:
        told = [replay_told(each, lang).split("\n") for each in (again, different)]
        assert len(told[0]) == 2 and told[0][1] == told[1][-2] and "✅" in told[0][0]
        assert ("Optuna" in told[0][1]) == (rival is Rival.OPTUNA)
    machine.knowledge = "trees"
    known = await house.battles.replay(number, Owner(JUN, GUILD))
    assert known.learned is None and any("right choice 1" in line for line in known.differences)


async def test_a_full_queue_is_waited_for_and_a_failure_is_told(house: House) -> None:
    house.arena.fails = [OverloadedError(0.01)]
    house.arena.queue = 3
    done = await play_out(house)
    assert house.events(done.view.id, Queued)[0].position == 3
    house.arena.fails = [ModelError("broken")]
    failing = await house.start(MINA)
    assert (await house.until(failing.id, BattleGone)).ending is Ending.FAILED
    assert (await house.battles.state(failing.id, GUILD)).phase is Phase.CANCELLED
    house.arena.fails = []
    await house.start(MINA, message="another")


async def test_an_error_that_nobody_thought_of_ends_the_battle(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.arena.fails = [KeyError("zqxsecret")]
    broken = await house.start()
    assert (await house.until(broken.id, BattleGone)).ending is Ending.FAILED
    assert (await house.battles.state(broken.id, GUILD)).phase is Phase.CANCELLED
    assert "KeyError" in caplog.text and "zqxsecret" not in caplog.text
    await house.start(message="another")


async def test_replays_one_at_a_time_for_a_person(house: House) -> None:
    done = await play_out(house)
    house.arena.hold = asyncio.Event()
    running = asyncio.ensure_future(house.battles.replay(done.view.id, Owner(JUN, GUILD)))
    await asyncio.sleep(0.02)
    assert await refused(house.battles.replay(done.view.id, Owner(JUN, GUILD))) == "battle_replaying"
    theirs = asyncio.ensure_future(house.battles.replay(done.view.id, Owner(MINA, GUILD)))
    house.arena.hold.set()
    assert (await running).same and (await theirs).same
    assert (await house.battles.replay(done.view.id, Owner(JUN, GUILD))).same


async def games(house: House, many: int, person: str = JUN, **wanted: Any) -> list[BattleDone]:
    return [await play_out(house, person, **wanted) for _ in range(many)]


async def test_leaderboards_are_joined_and_left(house: House) -> None:
    house.player.told = [POOR, POOR]
    owner = Owner(JUN, GUILD)
    assert (await play_out(house)).changes == (), "not asked to count"
    await house.battles.join(owner, "준")
    done = await games(house, 4)
    assert [each.changes[0].games for each in done] == [1, 2, 3, 4]
    assert len({each.view.instance for each in done}) == 4, "problems are new while there are any"
    assert await house.battles.leaderboard(GUILD) == []
    (last,) = await games(house, 1)
    (standing,) = await house.battles.leaderboard(GUILD, "digits")
    assert (standing.name, standing.games, standing.wins, standing.losses) == ("준", 5, 5, 0)
    assert standing.rating == last.changes[0].after and standing.rating.deviation < 300
    for one, other in pairwise(done):
        assert one.changes[0].after == other.changes[0].before
        assert other.changes[0].after.value > other.changes[0].before.value
    assert await house.battles.leaderboard(GUILD, "faces") == await house.battles.leaderboard("group:x") == []
    assert await house.battles.reset("group:x") == 0 and await house.battles.reset(GUILD, "faces") == 0
    assert await house.battles.reset(GUILD) == 1 and await house.battles.leaderboard(GUILD) == []
    assert await house.battles.leave(owner) and not await house.battles.leave(owner)


async def test_what_does_not_count(house: House) -> None:
    await join(house.database, JUN, ANN)
    for person in (JUN, ANN, MINA):
        await house.battles.join(Owner(person, GUILD), person)
    first = await play_out(house)
    assert len(first.changes) == 1
    assert (await play_out(house, instance="digits-007")).changes == (), "a problem that was asked for"
    assert (await play_out(house, seed=9)).changes == (), "a seed: it can be run through beforehand"
    seen = {each.instance for each in await house.battles.history(Owner(JUN, GUILD))}
    assert (await play_out(house, ANN)).view.instance not in seen, "of a linked account neither"
    for dataset in ("faces", "faces"):
        await play_out(house, dataset=dataset)
    assert (await play_out(house, ANN, dataset="faces")).changes == (), "known to the same person"
    linked = await house.start(rival=Rival.PERSON, other=ANN)
    await house.battles.accept(linked.id, ANN)
    for person in (JUN, ANN):
        await house.battles.play(person, "1e-3")
    await house.until(linked.id, RoundScored, 2)
    for person in (JUN, ANN):
        await house.battles.name_final(person, 1)
    assert (await house.until(linked.id, BattleDone)).changes == (), "against oneself"


async def test_between_people_both_ratings_move_from_what_they_were(house: House) -> None:
    for person in (JUN, MINA):
        await house.battles.join(Owner(person, GUILD), person)
    battle = await house.start(rival=Rival.PERSON, other=MINA)
    await house.battles.accept(battle.id, MINA)
    for person, choice in ((JUN, "1e-3"), (MINA, "1e-4")):
        await house.battles.play(person, choice)
    await house.until(battle.id, RoundScored, 2)
    for person in (JUN, MINA):
        await house.battles.name_final(person, 1)
    won, lost = (await house.until(battle.id, BattleDone)).changes
    assert (won.person, lost.person, won.before) == (JUN, MINA, lost.before)
    assert won.after == rated(won.before, [(won.before, 1.0)]) and lost.after.value < 1500 < won.after.value


async def test_forgetting_ends_and_erases_everything(house: House) -> None:
    await house.battles.join(Owner(JUN, GUILD), "zqxjunzqx")
    await play_out(house)
    battle = await house.start(message="zqxmessage")
    await house.until(battle.id, Promised)
    memories = SqlMemoryStore(house.database)
    counts = await memories.counts(JUN, GUILD)
    assert counts == {"memories": 0, "turns": 0, "battles": 2, "standings": 2}
    assert await memories.counts(JUN, "direct") == {"memories": 0, "turns": 0}
    assert await memories.forget(JUN, GUILD, by=JUN) == counts
    assert (await house.until(battle.id, BattleGone)).ending is None
    assert await refused(house.battles.play(JUN, "1e-3")) == "battle_none"
    assert await memories.counts(JUN, None) == {"memories": 0, "turns": 0}
    assert await house.store.seen([JUN], "digits") == {}
    assert house.database.file is not None
    left = b"".join(path.read_bytes() for path in house.database.file.parent.iterdir())
    assert b"zqx" not in left and b"held_out" not in left.replace(b"CREATE", b"")
    await house.start(message="after")


async def test_an_invited_person_s_forgetting_takes_what_both_played(house: House) -> None:
    battle = await house.start(rival=Rival.PERSON, other=MINA)
    memories = SqlMemoryStore(house.database)
    assert (await memories.counts(MINA, None))["battles"] == 1
    assert (await memories.forget(MINA, None, by=MINA))["battles"] == 1
    assert (await house.until(battle.id, BattleGone)).ending is None
    assert house.battles.current(JUN) is None


async def test_an_erasure_in_the_middle_of_a_training_stops_it(house: House) -> None:
    house.arena.hold = asyncio.Event()
    battle = await house.start(ready=False)
    await house.until(battle.id, ProblemReady)
    await SqlMemoryStore(house.database).forget(JUN, None, by=JUN)
    await house.until(battle.id, BattleGone)
    house.arena.hold.set()
    await asyncio.sleep(0.02)
    assert await house.store.get(battle.id) is None and await house.store.open() == []
