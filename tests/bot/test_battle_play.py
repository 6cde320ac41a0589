"""``battle play`` and ``battle replay`` by their command functions, on trainings that are arithmetic."""

from __future__ import annotations

import argparse
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.shared.texts import text
from bot import exits
from bot.commands._battle_play import add_play
from bot.settings import Settings
from core.battle.commitment import Commitment, sealed
from core.battle.game import Rival
from core.battle.service import Battles
from core.errors import ModelError
from db.engine import Database
from db.stores import SqlBattleStore
from tests.fakes_battle import ArithmeticArena, DrawingPlayer
from tests.fakes_core import FixedClock
from tests.houses import lay_database

GOOD, BETTER = "lr=3e-4 drop=0.1", "lr=1e-3 leaky cosine"
Ran = tuple[int, str, str]


@pytest.fixture
def arena() -> ArithmeticArena:
    return ArithmeticArena()


@pytest.fixture
def run(
    tmp_path: Path, arena: ArithmeticArena, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Ran]]:
    file = lay_database(tmp_path / "bot.db")

    @asynccontextmanager
    async def build(_: Settings) -> AsyncIterator[Battles]:
        async with Database(file, 10_000) as database:
            players = {Rival.LORA: DrawingPlayer(), Rival.OPTUNA: DrawingPlayer()}
            battles = Battles(arena, players, SqlBattleStore(database), FixedClock())
            yield battles
            await battles.close()

    def ran(*words: str) -> Ran:
        parser = argparse.ArgumentParser()
        add_play(parser.add_subparsers(required=True), build)
        args = parser.parse_args([*words])
        code = args.run(args, Settings(var_dir=tmp_path))
        out, err = capsys.readouterr()
        return code, out, err

    yield ran


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str | type[BaseException]) -> None:
    left = list(lines)

    def answer(_: str = "") -> str:
        line = left.pop(0) if left else EOFError
        if isinstance(line, str):
            return line
        raise line

    monkeypatch.setattr("builtins.input", answer)


def test_a_battle_as_json_and_the_same_again(run: Callable[..., Ran], tmp_path: Path) -> None:
    card = tmp_path / "card.png"
    words = (
        "--instance",
        "digits-003",
        "--seed",
        "1",
        "--hp",
        GOOD,
        "--hp",
        BETTER,
        "--json",
        "--card",
        str(card),
    )
    code, out, err = run("play", "--dataset", "digits", *words)
    assert (code, err) == (exits.OK, "")
    found: dict[str, Any] = json.loads(out)
    assert 0 < found["seconds"]["card"] < found["seconds"]["battle"]
    assert (found["instance"], found["seed"], found["person"]["final"]) == ("digits-003", 1, 2)
    assert [move["hyperparameters"]["lr"] for move in found["person"]["moves"]] == [3e-4, 1e-3]
    assert len(found["person"]["finals"]) == len(found["rival"]["finals"]) == 3
    assert found["verdict"]["person"]["f1"] - found["verdict"]["rival"]["f1"] == pytest.approx(
        found["verdict"]["difference"]
    )
    for trained in (*found["person"]["moves"], *found["rival"]["moves"], *found["person"]["finals"]):
        assert [epoch[0] for epoch in trained["epochs"]] == [1, 2, 3]
        assert all(len(epoch) == 4 for epoch in trained["epochs"])
    pick = found["rival"]["pick"]
    assert found["rival"]["seal"] == sealed([*(m["digest"] for m in found["rival"]["moves"]), pick["digest"]])
    assert Commitment(pick["content"], pick["nonce"]).proves(pick["digest"])
    assert json.loads(pick["content"])["named"] == found["rival"]["final"]
    assert card.read_bytes().startswith(b"\x89PNG")
    code, out, _ = run("play", "--dataset", "digits", *words[:-2])
    again = json.loads(out)
    assert code == exits.OK and again["verdict"] == found["verdict"] and again["battle"] != found["battle"]
    code, out, _ = run("replay", str(found["battle"]), "--json")
    assert code == exits.OK and json.loads(out)["same"] is True and json.loads(out)["compared"] == 13


def test_one_choice_is_enough_and_one_can_be_named(run: Callable[..., Ran]) -> None:
    code, out, _ = run("play", "--hp", GOOD, "--opponent", "optuna", "--trials", "3", "--json")
    assert code == exits.OK and len(json.loads(out)["rival"]["moves"]) == 3
    assert len(json.loads(out)["person"]["moves"]) == 1
    code, out, _ = run("play", "--hp", BETTER, "--hp", GOOD, "--final", "2", "--lang", "en")
    assert code == exits.OK and "±" in out and "draw band" in out


@pytest.mark.parametrize(
    "words",
    [
        ("--hp", "lr=7"), ("--hp", "what?"), ("--hp", GOOD, "--dataset", "mars"),
        ("--hp", GOOD, "--instance", "digits-999"), ("--hp", GOOD, "--opponent", "optuna", "--trials", "0"),
        ("--hp", GOOD, "--hp", GOOD, "--hp", GOOD), ("--hp", GOOD, "--final", "2"), ("--json",),
    ],
)  # fmt: skip
def test_wrong_use_is_told_and_trains_nothing(
    run: Callable[..., Ran], arena: ArithmeticArena, words: tuple[str, ...]
) -> None:
    code, out, err = run("play", *words)
    assert code == exits.USAGE and not out and err and "Traceback" not in err
    assert arena.trained == []


def test_playing_by_hand(run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, "", "lr=9", "hers", GOOD, "bold", "3", "2")
    code, out, _ = run("play", "--seed", "1")
    assert code == exits.OK
    for said in (
        "0.006",
        "lr=0.0003",
        "1차",
        "2차",
        "🏆",
        "±",
        "safe (무난하게)",
        "hers (",
        "1 (1차로 승부",
        "2 (2차로",
    ):
        assert said in out, said
    assert out.count("🏆") == 1 and text("b_proof_hint", "ko") not in out, "told once, and without buttons"
    typed(monkeypatch, "hers", EOFError)
    code, out, _ = run("play", "--lang", "en")
    assert code == exits.OK and "🏆" not in out
    typed(monkeypatch, KeyboardInterrupt)
    assert run("play")[0] == exits.OK, "what was left behind does not keep anybody busy"


def test_what_fails_is_told(run: Callable[..., Ran], arena: ArithmeticArena) -> None:
    arena.fails = [ModelError("damaged")]
    code, out, err = run("play", "--hp", GOOD, "--json")
    assert code == exits.FAILED and not out and err
    code, _, err = run("replay", "999", "--lang", "en")
    assert code == exits.FAILED and "999" in err
    code, out, _ = run("play", "--hp", GOOD, "--json")
    number = str(json.loads(out)["battle"])
    arena.offsets[3e-4] = 0.123
    code, out, _ = run("replay", number)
    assert code == exits.FAILED and "→ 0.12" in out
    arena.version = "v2"
    assert run("replay", number)[0] == exits.FAILED
