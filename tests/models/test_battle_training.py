"""Trainings, their queue, the table, the surrogate and what she chooses by it."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from core.battle.hyperparameters import Activation, Hyperparameters, Optimizer, Scheduler
from core.battle.ports import Epoch, Part, Problem, Tier, Trial, Tried
from core.errors import DeadlineError, ModelError, OverloadedError
from models.battle import surrogate as surrogates
from models.battle.arena import LocalArena
from models.battle.bank import problem_of
from models.battle.choices import collapsed, drawn, inputs_of
from models.battle.jobs import Job
from models.battle.networks import RECIPES, network
from models.battle.player import SurrogatePlayer
from models.battle.shelf import Raw, Shelf, add
from models.battle.table import plan, produce, read
from models.battle.tpe import TpePlayer
from models.battle.train import Family, fit, fit_among, judge, trees_of
from models.battle.trial import Training, code_version, macro_f1, rate
from models.battle.versus import Match, summary
from models.battle.worker import Limits, TrainingQueue
from tests.models.dying import DyingShelf
from tests.models.test_battle_data import painted

USUAL = Hyperparameters(0.0, 0.0, 0.2, 1.5e-3, Activation.RELU, Optimizer.ADAM, Scheduler.EXP_98)
SHELF = Shelf()
WEIGHTS = Path(surrogates.__file__).parents[1] / "weights" / "battle"


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def problem() -> Problem:
    return problem_of(SHELF.get("digits"), "digits-006")


def job(seed: int = 1, part: Part = Part.VALID, chosen: Hyperparameters = USUAL) -> Job:
    return Job("digits", "digits-006", chosen, seed, part)


def test_the_same_job_gives_the_same_numbers_also_between_others() -> None:
    one, other = Training(job(), SHELF.get("digits")), Training(job(2), SHELF.get("digits"))
    for _ in range(2):
        one.epoch(), other.epoch()
    again = Training(job(), SHELF.get("digits"))
    assert [again.epoch(), again.epoch()] == one.epochs != other.epochs


def test_a_training_learns_and_scores_by_its_best_weights() -> None:
    trial = Training(job(part=Part.VALID), SHELF.get("digits")).run()
    best = min(trial.epochs, key=lambda epoch: epoch.valid_loss)
    assert trial.f1 == best.valid_f1 > 0.8
    assert trial.epochs[-1].train_loss < trial.epochs[0].train_loss / 2
    assert [epoch.number for epoch in trial.epochs] == list(range(1, len(trial.epochs) + 1))


def test_every_hyperparameter_matters() -> None:
    """The original offered a choice of optimisers that were one."""
    changes = {
        "dropout_conv_earlier": 0.3, "dropout_conv_later": 0.3, "dropout_fc": 0.5, "lr": 4e-4,
        "activation_func": Activation.LEAKY_RELU, "optimizer": Optimizer.ADAMW, "scheduler": Scheduler.EXP_80,
    }  # fmt: skip
    courses = set()
    for name, value in [("seed", None), *changes.items()]:
        chosen = USUAL if value is None else replace(USUAL, **{name: value})  # type: ignore[arg-type]
        training = Training(job(chosen=chosen), SHELF.get("digits"))
        courses.add((training.epoch().train_loss, training.epoch().train_loss))
    assert len(courses) == 1 + len(changes)


def test_rates_fall_as_their_names_say() -> None:
    assert rate(Scheduler.EXP_80, 2, 8) == pytest.approx(0.64)
    assert rate(Scheduler.COSINE, 0, 8) == 1.0 and rate(Scheduler.COSINE, 4, 8) == pytest.approx(0.5)
    assert rate(Scheduler.COSINE, 8, 8) == pytest.approx(0.0, abs=1e-12)


def test_macro_f1_is_that_of_scikit_learn() -> None:
    from sklearn.metrics import f1_score

    rng = np.random.default_rng(1)
    truth, said = rng.integers(0, 5, 60), rng.integers(0, 4, 60)
    assert macro_f1(truth, said, 5) == pytest.approx(f1_score(truth, said, average="macro", zero_division=0))


@pytest.mark.parametrize(("size", "weights"), [((1, 28, 28), 2_642_122), ((3, 32, 32), 1_184_394)])
def test_the_originals_networks_have_its_number_of_weights(size: tuple[int, int, int], weights: int) -> None:
    net = network("original", size, 10, USUAL)
    assert sum(each.numel() for each in net.parameters()) == weights
    assert net(torch.zeros(2, *size)).shape == (2, 10)


@pytest.fixture
async def queue() -> AsyncIterator[TrainingQueue]:
    out = TrainingQueue(Shelf(), 1, Limits(waiting=4))
    yield out
    await out.close()


@pytest.mark.slow
async def test_trainings_wait_for_each_other_and_are_fair(queue: TrainingQueue) -> None:
    """Also: cancelled ones go, and another process gives the same numbers as this one."""
    epochs, order = list[Epoch](), list[str]()

    def begin(battle: str, seed: int) -> asyncio.Task[Trial]:
        tell = epochs.append if (battle, seed) == ("a", 1) else lambda _: None
        task = asyncio.create_task(queue.train(job(seed), battle, tell))
        task.add_done_callback(lambda _: order.append(f"{battle}{seed}"))
        return task

    tasks = [begin("a", 1), begin("a", 2), begin("a", 3), begin("b", 1)]
    await asyncio.sleep(0.01)
    assert (queue.before("b"), queue.before("a")) == (1, 1)
    tasks.append(begin("a", 4))
    await asyncio.sleep(0.01)
    with pytest.raises(OverloadedError):
        await queue.train(job(5), "c", lambda _: None)
    tasks[2].cancel(), tasks[4].cancel()
    done = await asyncio.gather(*(tasks[k] for k in (0, 1, 3)))
    assert order == ["a3", "a4", "a1", "b1", "a2"]
    assert done[0].epochs == tuple(epochs) == done[2].epochs
    here = Training(job(), SHELF.get("digits")).run()
    assert (here.f1, here.epochs) == (done[0].f1, done[0].epochs)


@pytest.mark.slow
async def test_too_long_a_training_ends(tmp_path: Path) -> None:
    """Also: each kind of networks has its own limit."""
    labels = np.random.default_rng(1).integers(0, 6, 4000)
    raw = Raw(painted(4000, 20, 1), labels, (np.arange(4000) % 3 == 0).astype(np.int64), tuple("abcdef"))
    add(tmp_path, "mine", raw, "original", problems=1)
    arena = LocalArena(Shelf(tmp_path), 1, Limits(seconds={"original": 0.0, "small": 180.0}))
    mine, digits = await arena.problem("mine", "mine-001"), await arena.problem("digits", "digits-006")
    with pytest.raises(DeadlineError):
        await arena.train(mine, USUAL, 1, Part.VALID, "a")
    assert (await arena.train(digits, USUAL, 1, Part.VALID, "a")).f1 > 0.8
    await arena.close()
    with pytest.raises(ModelError):
        await arena.train(digits, USUAL, 1, Part.VALID, "a")


def test_the_longest_training_of_the_originals_networks_has_time() -> None:
    """120 epochs of five seconds on a core here, and others want it, too."""
    assert Limits().seconds["original"] >= 3 * 5 * RECIPES["original"].epochs
    assert Limits().seconds.keys() == RECIPES.keys()


async def test_a_worker_that_dies_while_it_loads_is_started_again(tmp_path: Path) -> None:
    queue = TrainingQueue(DyingShelf(tmp_path), 1)
    for deaths in (1, 2):
        with pytest.raises(ModelError):
            await queue.train(job(), "a", lambda _: None)
        assert (tmp_path / "deaths").read_text() == "x" * deaths
    await queue.close()


async def test_whatever_goes_wrong_in_a_training_is_heard_of() -> None:
    queue = TrainingQueue(Unsendable(), 1)
    for _ in range(2):
        with pytest.raises(ModelError, match="NotImplementedError"):
            await asyncio.wait_for(queue.train(job(), "a", lambda _: None), 20)
    await queue.close()


class Unsendable(Shelf):
    """Cannot be sent to a process."""

    def __getstate__(self) -> dict[str, Any]:
        raise NotImplementedError


@pytest.fixture
async def arena() -> AsyncIterator[LocalArena]:
    out = LocalArena(Shelf())
    yield out
    await out.close()


async def test_pictures_that_changed_are_not_trained_on(arena: LocalArena, problem: Problem) -> None:
    with pytest.raises(ModelError, match="changed"):
        await arena.train(replace(problem, version="another"), USUAL, 1, Part.VALID, "a")


async def test_thumbnails_show_each_class(arena: LocalArena, problem: Problem) -> None:
    with Image.open(io.BytesIO(await arena.thumbnails(problem, 4))) as picture:
        assert picture.format == "PNG" and picture.size == (4 * 52 + 4, 5 * 52 + 4)
    with pytest.raises(KeyError):
        await arena.problem("nothing", "nothing-001")


def test_a_table_goes_on_where_it_was_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    epoch = Training.epoch
    monkeypatch.setattr(Training, "finished", lambda self: bool(self.epochs))
    monkeypatch.setattr(Training, "_done", lambda self: bool(self.epochs))
    pictures, whole, cut = SHELF.get("digits"), tmp_path / "whole.csv", tmp_path / "cut.csv"
    produce(pictures, 4, 1, whole, lambda _: None)
    produce(pictures, 2, 1, cut, lambda _: None)
    cut.write_bytes(cut.read_bytes() + b"digits,digi")
    produce(replace(pictures, hidden=lambda _: {"hidden_0": 0.5}), 4, 1, cut, lambda _: None)
    plain = [[{**row, "seconds": ""} for row in read(path)] for path in (whole, cut)]
    assert plain[0] == plain[1] and len(plain[0]) == 4 and epoch is Training.epoch
    with pytest.raises(ValueError, match="another table"):
        produce(pictures, 4, 2, cut, lambda _: None)


def test_a_table_holds_repeats_and_problems_that_nobody_learns_from() -> None:
    rows = [row for row, _ in zip(plan(SHELF.get("moods"), 1), range(1200), strict=False)]
    tests = [row for row in rows if row.kind == "test"]
    kept = {row.instance for row in tests}
    assert len(kept) == 30 and not kept & {row.instance for row in rows if row.kind != "test"}
    for instance in kept:
        choices = [row.hyperparameters for row in tests if row.instance == instance]
        assert len(choices) == 16 and len(set(choices)) == 8
    assert sum(row.kind == "repeat" for row in rows) >= 0.05 * len(rows)


def made_up(n: int, seed: int = 0) -> list[dict[str, str]]:
    """A table in which the best learning rate is 1e-3 and the optimiser matters a little."""
    rng, rows = np.random.default_rng(seed), []
    for i in range(n):
        chosen = drawn(rng)
        f1 = 0.9 - 0.25 * abs(np.log10(chosen.lr) + 3) - 0.05 * (chosen.optimizer is Optimizer.ADAM)
        row = {"instance": f"p-{i // 10}", "hp_lr": chosen.lr, "hp_optimizer": chosen.optimizer.value}
        row |= {"total_train_images": 300 + i % 7, "constant": 1, "f1_score_macro": round(f1, 4)}
        row |= {"f1_score_macro_valid": row["f1_score_macro"]}
        rows.append({name: str(value) for name, value in row.items()})
    return rows


@pytest.mark.parametrize(("wide", "rows"), [(6, 300), (151, 300), (4, 40_000)])
def test_stored_trees_foretell_as_scikit_learns(wide: int, rows: int) -> None:
    from sklearn.ensemble import ExtraTreesRegressor

    rng = np.random.default_rng(3)
    inputs = rng.standard_normal((rows, wide)).astype(np.float32)
    forest = ExtraTreesRegressor(20 if rows < 1000 else 2, random_state=1)
    forest.fit(inputs, inputs[:, 0] * inputs[:, -1])
    asked = rng.standard_normal((500, wide)).astype(np.float32)
    assert np.allclose(trees_of(forest).each(asked).mean(1), forest.predict(asked), atol=1e-5)


def test_the_family_ranks_choices_and_is_stored_whole(tmp_path: Path) -> None:
    rows = made_up(300)
    learnt = fit(rows[:200], Family(trees=40))
    figures = judge(learnt, rows[200:])
    assert figures["spearman"] > 0.9 and figures["spearman_within"] > 0.9 and figures["instances"] == 10
    assert figures["spearman_upper"] > 0.8 and abs(figures["rate_alone"]) < 0.8
    assert learnt.encoder.numbers == ("hp_lr", "total_train_images")
    columns = {"hp_lr": [1e-3, 5e-5], "hp_optimizer": ["adam", "adamw"]}
    varied = learnt.encoder.varied(rows[0], columns)
    each = [
        rows[0] | {"hp_lr": "0.001", "hp_optimizer": "adam"},
        rows[0] | {"hp_lr": "5e-05", "hp_optimizer": "adamw"},
    ]
    assert (varied == learnt.encoder.encode(each)).all()
    path = tmp_path / "table.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, ["kind", *rows[0]])
        writer.writeheader()
        secret = {"f1_score_macro": "0.123"}  # what held-out pictures scored is nothing that she learns from
        writer.writerows(
            {"kind": "test", **row} if i % 3 == 0 else {"kind": "learn", **row, **secret}
            for i, row in enumerate(rows)
        )
    assert fit_among({"mine": path}, tmp_path, Family(trees=10))["mine"]["learnt"] == 200
    stored = surrogates.load(tmp_path)["mine"]
    kept = [row for i, row in enumerate(rows) if i % 3]
    assert np.allclose(stored.predict(rows), fit(kept, Family(trees=10)).predict(rows))
    assert set(fit_among({"other": path}, tmp_path, Family(trees=5))) == {"other"}
    both = surrogates.load(tmp_path)
    assert list(both) == ["mine", "other"] and len(both["other"].trees.roots) == 5
    assert (both["mine"].predict(rows) == stored.predict(rows)).all(), "another set's trees stay"
    fit_among({"mine": path}, tmp_path, Family(trees=7))
    config = json.loads((tmp_path / surrogates.CONFIG).read_text("utf-8"))
    assert len(surrogates.load(tmp_path)["mine"].trees.roots) == 7 and set(config["figures"]) == {*both}


def test_damaged_weights_are_a_model_error(tmp_path: Path) -> None:
    (tmp_path / surrogates.CONFIG).write_text("{}")
    with pytest.raises(ModelError):
        surrogates.load(tmp_path)


@pytest.mark.parametrize("tier", list(Tier))
async def test_she_chooses_the_same_again_and_names_one_of_her_choices(tier: Tier, problem: Problem) -> None:
    player, tried = SurrogatePlayer(surrogates.load(WEIGHTS)), list[Tried]()
    for score in (0.9, 0.8):
        choice = await player.choose(problem, tier, tried, 7)
        assert choice == await player.choose(problem, tier, tried, 7)
        assert choice.expected is not None and 0 < choice.expected < 1
        assert choice.hyperparameters not in [each.hyperparameters for each in tried]
        tried.append(Tried(choice.hyperparameters, score))
    assert await player.settle(problem, tier, tried) in (0, 1)
    with pytest.raises(ValueError, match="nothing"):
        await player.settle(problem, tier, [])


async def test_higher_tiers_expect_more_and_search_quickly(problem: Problem) -> None:
    player = SurrogatePlayer(surrogates.load(WEIGHTS))
    expected = [(await player.choose(problem, tier, (), 3)).expected or 0 for tier in Tier]
    assert expected[2] >= expected[1] and expected[3] >= expected[1]
    began = time.process_time()
    player.chosen(problem, Tier.SURROGATE, (), 4)
    assert time.process_time() - began < 0.5


def test_what_was_battled_with_has_a_name() -> None:
    learnt = fit(made_up(60), Family(trees=3))
    names = [
        SurrogatePlayer({"digits": each}).knows("digits") for each in (learnt, fit(made_up(60), Family(3)))
    ]
    assert names[0] == names[1] != SurrogatePlayer({}).knows("digits")
    other = SurrogatePlayer({"digits": fit(made_up(60, 1), Family(trees=3))}).knows("digits")
    assert other != names[0] and TpePlayer().knows("digits").startswith("optuna ")
    assert LocalArena(SHELF).code == code_version()


async def test_without_a_table_she_goes_by_what_is_usual(problem: Problem) -> None:
    choice = await SurrogatePlayer({}).choose(problem, Tier.SURROGATE, (), 1)
    assert choice.expected is None and 1e-4 < choice.hyperparameters.lr < 1e-3


async def test_optuna_plays_by_validation_scores_only(problem: Problem) -> None:
    pytest.importorskip("optuna")
    player, tried = TpePlayer(), list[Tried]()
    for k in range(12):
        choice = await player.choose(problem, Tier.RANDOM, tried, 5)
        assert choice == await player.choose(problem, Tier.RANDOM, tried, 5)
        tried.append(Tried(choice.hyperparameters, k / 12))
    assert len({each.hyperparameters for each in tried}) == 12
    assert await player.settle(problem, Tier.RANDOM, tried) == 11


def test_networks_that_say_one_thing_count_as_collapsed(problem: Problem) -> None:
    truth = np.repeat(range(5), [each.held_out for each in problem.classes])
    for said in range(5):
        assert collapsed(problem, round(macro_f1(truth, np.full(len(truth), said), 5), 4))
    assert not collapsed(problem, 0.3)
    assert inputs_of(problem, USUAL)["hp_optimizer"] == "adam"


def test_a_draw_is_half_a_win() -> None:
    same = {
        "collapsed": (0, 1),
        "trainings": 10,
        "search_s": 0.1,
        "battle_s": 5.0,
        "her_choice": {},
        "their_choice": {},
    }
    matches = [Match(f"p-{won}", 0.5 + 0.1 * won, 0.5, won, **same) for won in (1, 0, 0, -1)]  # type: ignore[arg-type]
    figures = summary(matches)
    assert figures["win_rate"] == 0.5 and (figures["won"], figures["drawn"], figures["lost"]) == (1, 2, 1)
    assert (figures["her_collapsed_share"], figures["their_collapsed_share"]) == (0.0, 0.3333)
    assert figures["mean_regret"] == 0.025 and figures["interval"][0] < 0.5 < figures["interval"][1]
