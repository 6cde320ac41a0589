"""The message of a battle, and what she answers around it."""

from __future__ import annotations

import asyncio
import hashlib
import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from adapters.shared.battle_asks import PRESETS, Press, challenge, pressed, typed
from adapters.shared.battle_card import LONGEST, Card, Scene, sparkline
from adapters.shared.battle_clock import span_of_time
from adapters.shared.battle_live import LiveBattle
from adapters.shared.battles import BattleDesk
from adapters.shared.texts import text
from core.battle.events import (
    BattleDone,
    BattleEvent,
    BattleGone,
    BattleSeen,
    Commented,
    EpochSeen,
    FinalStarted,
    ProblemReady,
    Promised,
    Queued,
    RoundScored,
    RoundStarted,
    TurnStarted,
)
from core.battle.game import Ending, Phase, Rival
from core.battle.keeping import RatingChange, Standing
from core.battle.ports import Epoch, Tier
from core.battle.rating import Rating
from core.errors import ModelError, StoreError, UserFacingError
from core.expression import express
from core.people import Lang, Owner, Scores
from core.phrases import phrase
from core.prompt import EYES, MOUTH, POSE
from tests.adapters.battling import JUN, MINA, PROBLEM, finished
from tests.core.battle.conftest import GUILD, House, house  # noqa: F401
from tests.patience import PATIENCE_S

HERE = Owner(JUN, GUILD)
BOSS = Owner("discord:4", GUILD)
NAMES = {JUN: "Jun", MINA: "Mina"}
NOW = datetime(2026, 11, 22, tzinfo=UTC)


class Wall:
    """A platform that shows everything at once."""

    def __init__(self) -> None:
        self.cards: list[Card] = []

    async def send(self, state: Card) -> None:
        self.cards.append(state)

    async def edit(self, state: Card) -> None:
        self.cards.append(state)

    async def until(self, words: str) -> Card:
        async with asyncio.timeout(PATIENCE_S):
            while not (self.cards and words in self.cards[-1].text):  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        return self.cards[-1]


def units(said: str) -> int:
    return len(said.encode("utf-16-le")) // 2


def begins(lang: Lang, who: str) -> str:
    """How the card says that the first round is somebody's."""
    return text("b_turn", lang, who=who, number=1, time=span_of_time(180, lang), example="").split("\n")[0]


def acts(card: Card) -> list[str]:
    found = [pressed(button.data) for row in card.buttons for button in row]
    return [f"{press.act}{press.number or ''}" for press in found if press is not None]


def hang(house: House, wall: Wall, view: Any, lang: Lang = "ko", **more: Any) -> asyncio.Task[Scene]:  # noqa: F811
    scene = BattleDesk(house.battles).scene(view, lang, NAMES)
    return asyncio.ensure_future(LiveBattle(house.battles, wall, scene, interval=0, **more).run())


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_a_battle_from_its_beginning_to_its_end(house: House, lang: Lang) -> None:  # noqa: F811
    desk, wall = BattleDesk(house.battles), Wall()
    begun = await desk.start(challenge("digits opponent:lora tier:hard seed:7", HERE, "c", "m", lang))
    assert begun.view is not None and begun.view.tier is Tier.SURROGATE and begun.view.seed == 7
    number = begun.view.id
    task = hang(house, wall, begun.view, lang)
    card = await wall.until(begins(lang, "Jun"))
    assert "2e-5" in card.text
    assert begun.view.instance in card.text and "Jun" in card.text and card.picture is not None
    assert acts(card)[:4] == ["choose", "safe", "bold", "hers"] and acts(card)[-1] == "cancel"

    wrong = await desk.play(JUN, "lr=7 뭐라고", lang)
    assert not wrong.done and "0.006" in wrong.text, "a friendly error"
    assert text("b_no_last", lang) == (await desk.press(HERE, pressed(f"bt:{number}:hers"), lang)).text  # type: ignore[arg-type]
    taken = await desk.play(JUN, "lr=3e-4 drop=0.1", lang)
    assert taken.done and "lr=0.0003" in taken.text and "optimizer" in taken.text
    card = await wall.until(
        text("b_turn", lang, who="Jun", number=2, time=span_of_time(180, lang), example="").split("\n")[0]
    )
    assert "F1 0.7" in card.text and "name1" in acts(card)

    assert (await desk.press(HERE, pressed(f"bt:{number}:bold"), lang)).done  # type: ignore[arg-type]
    card = await wall.until(text("b_naming", lang, who="Jun", time=span_of_time(180, lang)))
    assert acts(card) == ["name1", "name2", "concede"]
    assert text("b_proof_early", lang) == (await desk.press(HERE, pressed(f"bt:{number}:proof"), lang)).text  # type: ignore[arg-type]
    assert (await desk.press(HERE, pressed(f"bt:{number}:name:2"), lang)).done  # type: ignore[arg-type]
    scene = await task
    last = wall.cards[-1]
    found = scene.view.verdict
    assert found is not None and last.picture is not None
    for score in (found.left, found.right):
        assert f"{score:.3f}" in last.text and f"{score:.3f}" in last.picture.alt
    assert acts(last) == ["proof", "again"]
    assert all(units(card.text) <= LONGEST for card in wall.cards)
    assert text("b_plus_minus", lang) in last.text and last.text.count("±") == 3

    proof = await desk.press(HERE, pressed(f"bt:{number}:proof"), lang)  # type: ignore[arg-type]
    assert scene.view.right.moves[0].digest in proof.text and scene.view.right.moves[1].nonce in proof.text
    assert "#1" in (await desk.history(HERE, lang, NAMES)).text
    assert (await desk.replay(HERE, number, lang)).done
    again = await desk.again(HERE, number, "c", "m2", lang)
    assert again.view is not None and (again.view.dataset, again.view.tier) == ("digits", Tier.SURROGATE)
    hang(house, wall, again.view, lang)
    await wall.until(begins(lang, "Jun"))
    hers = await desk.press(HERE, pressed(f"bt:{again.view.id}:hers"), lang)  # type: ignore[arg-type]
    named = scene.view.right.moves[(scene.view.right.named or 1) - 1].hyperparameters
    assert named is not None and repr(named.lr) in hers.text


async def test_two_people_keep_their_choices_to_themselves(house: House) -> None:  # noqa: F811
    desk, wall = BattleDesk(house.battles), Wall()
    wanted = replace(challenge("digits", HERE, "c", "m", "ko"), rival=Rival.PERSON, other=MINA)
    begun = await desk.start(wanted)
    assert begun.view is not None
    number, there = begun.view.id, Owner(MINA, GUILD)
    hang(house, wall, begun.view)
    assert acts(await wall.until("Mina, Jun")) == ["accept", "refuse"]
    assert not (await desk.press(HERE, pressed(f"bt:{number}:accept"), "ko")).done  # type: ignore[arg-type]
    assert (await desk.press(there, pressed(f"bt:{number}:accept"), "ko")).done  # type: ignore[arg-type]
    card = await wall.until("Jun, Mina, 1차 차례")
    assert "hers" not in acts(card)
    assert (await desk.play(JUN, "lr=0.00123", "ko", battle=number)).done
    assert (await desk.play(MINA, PRESETS["safe"], "ko", battle=number)).done
    await wall.until("Mina 1차: 검증 F1")
    assert not any("0.00123" in card.text for card in wall.cards)
    assert text("b_stopped", "ko", id=number) == (await desk.stop(BOSS, "ko", channel="c")).text
    assert acts(await wall.until(text("b_end_stopped", "ko"))) == []


HASH = re.compile(r"[0-9a-f]{32,}")


def proved(proof: str) -> list[str]:
    """The hashes that the commands of a proof give, each held against the one above its command."""
    blocks = proof.split("\n\n")[1:]
    found = []
    for block in blocks:
        line, _, command = block.partition("\n")
        one = re.fullmatch(r"printf '%s\\n%s' '(.+)' (\w+) \| sha256sum", command)
        many = re.fullmatch(r"printf '%s\\n' ([0-9a-f ]+) \| sha256sum", command)
        assert one or many, command
        said = f"{one[1]}\n{one[2]}" if one else many[1].replace(" ", "\n") + "\n" if many else ""
        found.append(hashlib.sha256(said.encode()).hexdigest())
        assert line.endswith(f" {found[-1]}"), line
    return found


@pytest.mark.parametrize("rival", ["lora", "optuna 9", "person"])
async def test_every_hash_that_a_card_showed_is_proved(house: House, rival: str) -> None:  # noqa: F811
    desk, wall, people = BattleDesk(house.battles), Wall(), [JUN]
    wanted = challenge("digits" if rival == "person" else rival, HERE, "c", "m", "en")
    if rival == "person":
        people, wanted = [JUN, MINA], replace(wanted, rival=Rival.PERSON, other=MINA)
    view = (await desk.start(wanted)).view
    assert view is not None
    task = hang(house, wall, view, "en")
    if rival == "person":
        await house.battles.accept(view.id, MINA)
    await wall.until(begins("en", "Jun, Mina" if rival == "person" else "Jun"))
    for number in (1, 2):
        for person, choice in zip(people, ("lr=1e-3", "lr=0.00123"), strict=False):
            assert (await desk.play(person, choice, "en", battle=view.id)).done
        await wall.until("round 2 is yours" if number == 1 else "which one counts")
    for person in people:
        assert (await desk.press(Owner(person, GUILD), Press(view.id, "name", 2), "en")).done
    await task
    shown = {digest for card in wall.cards for digest in HASH.findall(card.text)}
    assert len(shown) == (6 if rival == "person" else 1)
    proof = await desk.press(HERE, Press(view.id, "proof"), "en")
    digests = proved(proof.text)
    assert all(any(digest.startswith(each) for digest in digests) for each in shown)
    assert all(digest[:32] in wall.cards[-1].text for digest in shown), "the result still has them"
    hidden = [card for card in wall.cards if "🏆" not in card.text]
    assert not any("0.00123" in card.text for card in hidden)
    if rival == "optuna 9":
        assert digests[1] in proof.text.split("| sha256sum")[0], "what counts is one of those sealed"


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_the_button_says_that_to_stop_is_to_lose(house: House, lang: Lang) -> None:  # noqa: F811
    desk, wall = BattleDesk(house.battles), Wall()
    await desk.join(HERE, "Jun", lang)
    view = (await desk.start(challenge("", HERE, "c", "m", lang))).view
    assert view is not None
    task = hang(house, wall, view, lang)
    early = await wall.until(begins(lang, "Jun"))
    assert acts(early)[-1] == "cancel"
    await desk.play(JUN, PRESETS["safe"], lang)
    card = await wall.until(text("b_turn", lang, who="Jun", number=2, time="{}", example="").split("{}")[0])
    (last,) = card.buttons[-1]
    assert acts(card)[-1] == "concede" and last.label == text("b_concede", lang)
    stale = await desk.press(HERE, Press(view.id, "cancel"), lang)
    assert not stale.done and phrase("battle_concede", lang) == stale.text, "the button did not say so"
    meant = typed("포기", view.id)
    assert meant is not None and (await desk.press(HERE, meant, lang)).text == text("b_conceded", lang)
    await task
    assert text("b_end_conceded", lang, name="Jun") in wall.cards[-1].text and "📈 Jun" in wall.cards[-1].text
    assert wall.cards[-1].buttons == ()
    assert text("b_conceded_line", lang, name="Jun") in (await desk.history(HERE, lang, NAMES)).text


async def test_one_plus_minus(house: House) -> None:  # noqa: F811
    async def standings(*_: Any) -> list[Standing]:
        return [Standing(JUN, "Jun", Rating(1600, 77), 9, 5, 2, 2)]

    house.battles.leaderboard = standings  # type: ignore[method-assign, assignment]
    told = (await BattleDesk(house.battles).leaderboard(HERE, "en")).text
    assert "1600 ± 77" in told and told.endswith(text("b_plus_minus", "en"))


async def test_the_time_of_a_turn_counts_down_by_steps(house: House) -> None:  # noqa: F811
    desk, wall = BattleDesk(house.battles), Wall()
    begun = await desk.start(challenge("", HERE, "c", "m", "ko"))
    assert begun.view is not None
    task = hang(house, wall, begun.view, tick_s=0.001)
    await wall.until("1차 차례! 3분 안에")
    for passed, left in ((31, "2분 30초"), (89, "1분"), (35, "30초"), (12, "15초")):
        house.clock.time += timedelta(seconds=passed)
        card = await wall.until(f"1차 차례! {left} 안에")
        assert acts(card)[0] == "choose" and card.picture is not None
    shown = len(wall.cards)
    await asyncio.sleep(0.05)
    assert len(wall.cards) == shown, "nothing new, no edit"
    task.cancel()


async def test_what_ended_unseen_is_shown_all_the_same(house: House) -> None:  # noqa: F811
    desk, wall = BattleDesk(house.battles), Wall()
    begun = await desk.start(challenge("", HERE, "c", "m", "en"))
    assert begun.view is not None
    await desk.stop(BOSS, "en", channel="c")
    await hang(house, wall, begun.view, "en", standing=True)
    assert text("b_end_stopped", "en") in wall.cards[-1].text and acts(wall.cards[-1]) == []
    await hang(house, wall, replace(begun.view, id=99), "en")
    assert text("b_end_gone", "en") in wall.cards[-1].text


async def test_her_face_is_in_the_last_picture(house: House) -> None:  # noqa: F811
    class Says:
        async def comment(self, battle: Any) -> Any:
            from core.battle.running import Comment

            return Comment("네가 이겼어! 축하해", express(EYES[1], MOUTH[1], POSE[0], 0.5, side=1))

    asked: list[Scores] = []

    async def face(scores: Scores) -> bytes:
        asked.append(scores)
        file = io.BytesIO()
        Image.new("RGB", (64, 64), "#ff00ff").save(file, "PNG")
        return file.getvalue()

    house.commentator = Says()
    house.open()
    desk, wall = BattleDesk(house.battles), Wall()
    begun = await desk.start(challenge("optuna 3", HERE, "c", "m", "ko"))
    assert begun.view is not None and begun.view.right.rounds == 3
    task = hang(house, wall, begun.view, face=face)
    await wall.until("1차 차례")
    await desk.play(JUN, PRESETS["safe"], "ko")
    await wall.until("2차 차례")
    assert (await desk.press(HERE, pressed(f"bt:{begun.view.id}:name:1"), "ko")).done  # type: ignore[arg-type]
    await task
    picture = wall.cards[-1].picture
    assert picture is not None and len(asked) == 1
    assert "축하해" in wall.cards[-1].text and "축하해" in picture.alt
    with Image.open(io.BytesIO(picture.png)) as image:
        colours = image.convert("RGB").getcolors(1 << 20) or []
        assert (255, 0, 255) in [colour for _, colour in colours]


async def test_errors_are_told_in_her_voice(house: House) -> None:  # noqa: F811
    desk = BattleDesk(house.battles)
    for words in (
        "mars",
        "tier:impossible",
        "opponent:nobody",
        "optuna 999",
        "instance:digits-999",
        "seed:x",
    ):
        try:
            answer = (await desk.start(challenge(words, HERE, "c", "m", "ko"))).answer
        except UserFacingError:
            continue  # told by the adapter with `refusal`
        assert not answer.done and answer.text
    assert not (await desk.play(JUN, "lr=1e-3", "ko")).done
    assert not (await desk.stop(HERE, "en")).done
    assert (await desk.history(HERE, "en", {})).text == text("b_history_none", "en")
    assert (await desk.leaderboard(HERE, "ko")).text == text("b_board_none", "ko")
    assert (await desk.join(HERE, "Jun", "ko")).done and (await desk.leave(HERE, "ko")).done
    assert not (await desk.leave(HERE, "ko")).done
    assert (await desk.reset(HERE, "en")).text == text("b_reset", "en", count=0)

    async def broken(*_: Any, **__: Any) -> Any:
        raise StoreError

    house.battles.start = broken  # type: ignore[method-assign]
    assert (await desk.start(challenge("", HERE, "c", "m", "ko"))).answer.text == text("store_failed", "ko")
    house.battles.replay = _raises(ModelError("x"))  # type: ignore[method-assign]
    assert not (await desk.replay(HERE, 1, "ko")).done


def _raises(err: Exception) -> Any:
    async def raises(*_: Any) -> Any:
        raise err

    return raises


def test_challenges_in_words() -> None:
    wanted = challenge("dataset:Hair opponent:optuna trials:15 난이도:최강", HERE, "c", "m", "ko")
    assert (wanted.dataset, wanted.rival, wanted.trials, wanted.tier) == (
        "hair",
        Rival.OPTUNA,
        15,
        Tier.REFINED,
    )
    assert challenge("옵튜나 8", HERE, "c", "m", "ko").trials == 8
    assert challenge("easy instance:digits-003", HERE, "c", "m", "ko").tier is Tier.RANDOM


@given(st.text(max_size=40))
@settings(max_examples=30, deadline=None)
def test_foreign_buttons_mean_nothing(data: str) -> None:
    assert pressed(data) is None or data.startswith("bt:")
    assert pressed("bt:1:name") is None and pressed("bt:1:safe:2") is None and pressed("bt:1:dance") is None


END = finished()
GOING = replace(END, verdict=None, round_grades=(), right=replace(END.right, finals=(), named=None))
VIEWS = st.builds(
    lambda phase, turn, moves, comment: replace(
        END if phase is Phase.DONE else GOING, phase=phase, comment=comment,
        ending=Ending.CANCELLED if phase is Phase.CANCELLED else None,
        left=replace(END.left, turn=turn, moves=END.left.moves[:moves]),
    ),
    st.sampled_from(Phase), st.booleans(), st.integers(0, 2), st.text(max_size=600),
)  # fmt: skip
NUMBERS = st.floats() | st.floats(0, 3)
EPOCHS = st.builds(Epoch, st.integers(1, 99), NUMBERS, NUMBERS, NUMBERS)
SIDE = st.sampled_from(["left", "right"])
EVENTS = st.one_of(
    st.builds(BattleSeen, VIEWS), st.builds(ProblemReady, st.just(PROBLEM), st.just(b""), VIEWS),
    st.builds(Promised, SIDE, st.lists(st.just("ab" * 32), max_size=31).map(tuple)),
    st.builds(Queued, st.integers(0, 70)), st.builds(RoundStarted, SIDE, st.integers(1, 2)),
    st.builds(FinalStarted, st.just(6)), st.builds(EpochSeen, SIDE, st.integers(1, 3), st.booleans(), EPOCHS),
    st.builds(RoundScored, SIDE, st.integers(1, 2), NUMBERS),
    st.builds(TurnStarted, st.just(("left",)), st.just(NOW)),
    st.just(BattleDone(END, (RatingChange(JUN, Rating(), Rating(1600, 200), 5),))),
    st.builds(Commented, st.text(max_size=900), st.just(express(EYES[0], MOUTH[0], POSE[0], 0.5, side=1))),
    st.builds(BattleGone, st.none() | st.sampled_from(Ending)),
)  # fmt: skip


@given(st.lists(EVENTS, max_size=12), st.sampled_from(["ko", "en"]), st.text(max_size=80))
@settings(max_examples=150, deadline=None)
def test_whatever_happens_there_is_a_card(events: list[BattleEvent], lang: Lang, name: str) -> None:
    scene = Scene(GOING, lang, {JUN: name}, "손글씨 숫자")
    for event in events:
        scene = scene.after(event)
        card = scene.card()
        assert 0 < units(card.text) <= LONGEST and "#17" in card.text
        buttons = [button for row in card.buttons for button in row]
        assert len(buttons) == len(acts(card)) and all(button.label for button in buttons)
        assert all(len(button.data) <= 40 and button.data.isascii() for button in buttons)
        assert len(card.buttons) <= 5 and all(1 <= len(row) <= 5 for row in card.buttons)
    if any(isinstance(event, BattleGone) for event in events):
        assert scene.card().buttons == ()


def test_progress_is_a_line() -> None:
    assert sparkline([1, 2, 3]) == "▁▅█" and sparkline([2, 2]) == "▁▁" and sparkline([]) == ""
    assert sparkline([float("nan"), 0, 1]) == "█▁█" and len(sparkline([*range(99)])) == 24
