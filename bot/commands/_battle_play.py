"""``battle play`` and ``battle replay``: a battle at the terminal, and one of them run again."""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import exits
from bot.settings import Settings, terminal_hints

if TYPE_CHECKING:
    from core.battle.events import BattleView, SideView
    from core.battle.ports import Trial
    from core.battle.service import Battles
    from core.battle.setup import Challenge
    from core.people import Lang, Owner

    Build = Callable[[Settings], AbstractAsyncContextManager[Battles]]

_EXAMPLES = """examples:
  python bot.py battle play
  python bot.py battle play --dataset hair --opponent optuna --trials 5
  python bot.py battle play --dataset digits --instance digits-004 --hp "lr=3e-4 cosine" --seed 1 --json
  python bot.py battle replay 17"""
_TIERS = ("random", "trials", "surrogate", "refined")


def add_play(subparsers: argparse._SubParsersAction[argparse.ArgumentParser], build: Build) -> None:
    """Register both; ``build`` opens the battles with their database and trainings."""
    play_ = subparsers.add_parser(
        "play", help="play a battle", epilog=_EXAMPLES,
        description="Play a battle here. With --hp nothing is asked: each is a round's choice.",
    )  # fmt: skip
    play_.add_argument("--dataset", default="", metavar="NAME", help="default: the first")
    play_.add_argument(
        "--instance", default="", metavar="ID", help="a problem of its bank (default: a new one)"
    )
    play_.add_argument("--opponent", choices=("lora", "optuna"), default="lora")
    play_.add_argument("--trials", type=int, default=5, metavar="N", help="of Optuna (default: 5)")
    play_.add_argument("--tier", choices=_TIERS, default="surrogate", help="how well she chooses")
    play_.add_argument("--hp", action="append", default=[], metavar="TEXT", help="a choice, at most two")
    play_.add_argument("--final", type=int, choices=(1, 2), help="which one counts (default: the better one)")
    play_.add_argument("--seed", type=int, metavar="N", help="where all seeds come from")
    play_.add_argument("--lang", choices=("ko", "en"), default="ko")
    play_.add_argument("--card", type=Path, metavar="FILE.png", help="write the card of the result")
    play_.add_argument("--json", action="store_true", help="the result as one JSON object")
    play_.set_defaults(run=partial(play, build=build))
    replay_ = subparsers.add_parser("replay", help="run a battle again: are the numbers the same?")
    replay_.add_argument("battle", type=int, metavar="ID")
    replay_.add_argument("--lang", choices=("ko", "en"), default="ko")
    replay_.add_argument("--json", action="store_true", help="one JSON object")
    replay_.set_defaults(run=partial(replay, build=build))


def play(args: argparse.Namespace, settings: Settings, build: Build) -> int:
    """Play one battle; the exit code."""
    from core.errors import HiddenError, UserFacingError
    from core.phrases import phrase

    if len(args.hp) > 2 or (args.final or 0) > max(1, len(args.hp) or 2):
        print("at most two --hp, and --final is one of them", file=sys.stderr)
        return exits.USAGE
    if args.json and not args.hp:
        print("--json needs --hp", file=sys.stderr)
        return exits.USAGE
    try:
        if not args.hp:
            return _interactive(args, settings, build)
        view, seconds = asyncio.run(_given(args, settings, build))
    except UserFacingError as err:
        print(phrase(err.phrase, args.lang, **err.values), file=sys.stderr)
        return exits.USAGE
    except HiddenError as err:
        print(f"The battle cannot be played: {err}", file=sys.stderr)
        return exits.CONFIG
    if view.verdict is None:
        print(phrase("battle_failed", args.lang), file=sys.stderr)
        return exits.FAILED
    print(json.dumps(as_json(view, seconds), ensure_ascii=False) if args.json else _told(view, args.lang))
    return _card(args, view)


def replay(args: argparse.Namespace, settings: Settings, build: Build) -> int:
    """Run a battle again; 0 when everything that can be compared is the same."""
    from core.errors import HiddenError, UserFacingError
    from core.phrases import phrase

    async def work() -> Any:
        async with build(settings) as battles:
            return await battles.replay(args.battle, None)

    try:
        found = asyncio.run(work())
    except UserFacingError as err:
        print(phrase(err.phrase, args.lang, **err.values), file=sys.stderr)
        return exits.FAILED
    except HiddenError as err:
        print(f"The battle cannot be run again: {err}", file=sys.stderr)
        return exits.CONFIG
    if args.json:
        print(json.dumps({**asdict(found), "same": found.same}, ensure_ascii=False))
    else:
        from adapters.shared.battle_replay import replay_told

        print(replay_told(found, args.lang))
    return exits.OK if found.same else exits.FAILED


def challenge_of(args: argparse.Namespace) -> Challenge:
    """What the command line asks for."""
    from core.battle.game import Rival
    from core.battle.ports import Tier
    from core.battle.setup import Challenge

    here = _here()
    return Challenge(
        here, f"terminal:{here.person}", f"terminal-{uuid.uuid4().hex}", args.lang, args.dataset,
        args.instance, Rival(args.opponent), "", args.trials, Tier(args.tier), args.seed,
    )  # fmt: skip


def as_json(view: BattleView, seconds: dict[str, float]) -> dict[str, Any]:
    """The result as ``--json`` prints it; ``seconds`` from the challenge on."""
    found = view.verdict
    return {
        "battle": view.id, "dataset": view.dataset, "instance": view.instance, "opponent": view.rival.value,
        "tier": view.tier.value, "seed": view.seed, "person": _side(view.left), "rival": _side(view.right),
        "verdict": None if found is None else {
            "grade": found.grade.value, "difference": found.difference, "band": found.band,
            "person": {"f1": found.left, "error": found.left_error},
            "rival": {"f1": found.right, "error": found.right_error},
        },
        "rounds": [grade.value for grade in view.round_grades], "comment": view.comment,
        "seconds": seconds,
    }  # fmt: skip


def _side(side: SideView) -> dict[str, Any]:
    moves = [
        {
            "round": move.number,
            "hyperparameters": None if move.hyperparameters is None else asdict(move.hyperparameters),
            "valid_f1": move.valid_f1, "expected": move.expected, "digest": move.digest,
            "content": move.content, "nonce": move.nonce,
            "epochs": [] if move.trial is None else _course(move.trial),
        }
        for move in side.moves
    ]  # fmt: skip
    finals = [{"seed": t.seed, "f1": t.f1, "epochs": _course(t), "seconds": t.seconds} for t in side.finals]
    pick = {"digest": side.pick, "content": side.pick_content, "nonce": side.pick_nonce}
    return {"moves": moves, "final": side.named, "pick": pick, "seal": side.seal, "finals": finals}


def _course(trial: Trial) -> list[list[float | None]]:
    """Number, training loss, validation loss and validation F1 of each epoch; what is no number is null."""
    from core.battle.record import epochs_record

    return [[value if math.isfinite(value) else None for value in epoch] for epoch in epochs_record(trial)]


async def _given(
    args: argparse.Namespace, settings: Settings, build: Build
) -> tuple[BattleView, dict[str, float]]:
    """Play choices that are known; seconds until the problem's card could be shown, and until the end.

    Raises UserFacingError before anything is trained where a choice is wrong.
    """
    from adapters.shared.battle_card import Scene
    from adapters.shared.battle_live import picture_of
    from core.battle.events import ProblemReady, TurnStarted
    from core.battle.parsing import parse

    seconds: dict[str, float] = {}
    choices = [parse(said).hyperparameters for said in args.hp]
    async with build(settings) as battles:
        wanted = challenge_of(args)
        await _free(battles, wanted.owner)
        person = wanted.owner.person
        since = time.monotonic()
        begun = await battles.start(wanted)
        async for event in battles.watch(begun.id):
            if isinstance(event, ProblemReady):
                await picture_of(Scene(begun, args.lang).after(event))
                seconds["card"] = round(time.monotonic() - since, 3)
            if not isinstance(event, TurnStarted):
                continue
            now = await battles.state(begun.id, wanted.owner.scope, person)
            if len(now.left.moves) < len(choices):
                await battles.play(person, choices[len(now.left.moves)], battle=begun.id)
            else:
                await battles.name_final(person, args.final or _better(now), battle=begun.id)
        seconds["battle"] = round(time.monotonic() - since, 3)
        return await battles.state(begun.id, wanted.owner.scope, person), seconds


def _better(view: BattleView) -> int:
    return max(view.left.moves, key=lambda move: (move.valid_f1 or 0.0, -move.number)).number


async def _free(battles: Battles, here: Owner) -> None:
    """Nobody sits at a terminal twice: end what an earlier call left behind."""
    await battles.resume(lambda view: view.left.person == here.person)
    if battles.current(here.person) is not None:
        await battles.cancel(here.person, concede=True)


def _interactive(args: argparse.Namespace, settings: Settings, build: Build) -> int:
    from rich.console import Console

    from adapters.console.battle import BattleTable, play_at
    from adapters.console.loop import BackgroundLoop
    from adapters.console.pictures import way_of
    from adapters.shared.battles import BattleDesk

    console = Console(highlight=False)
    with BackgroundLoop() as loop, loop.entered(build(settings)) as battles:
        wanted, desk = challenge_of(args), BattleDesk(battles)
        loop.call(_free(battles, wanted.owner))
        begun = loop.call(battles.start(wanted))
        names = {wanted.owner.person: wanted.owner.person.partition(":")[2]}
        way = way_of(terminal_hints(), truecolor=False) if console.is_terminal else "none"
        table = BattleTable(desk, desk.scene(begun, args.lang, names), wanted.owner, console, way)
        done = play_at(loop, table)
        return _card(args, table.scene.view) if done else exits.OK


def _card(args: argparse.Namespace, view: BattleView) -> int:
    """Write the card where one is wanted; the exit code."""
    if args.card is None or view.verdict is None:
        return exits.OK
    from adapters.media.result import Told, result_card
    from adapters.media.words import names_of

    told = Told(names_of(view, _names(view), args.lang), view.dataset, view.comment)
    try:
        args.card.write_bytes(result_card(view, told, args.lang).png)
    except OSError as err:
        print(f"{args.card} cannot be written ({type(err).__name__})", file=sys.stderr)
        return exits.CANNOT_CREATE
    return exits.OK


def _told(view: BattleView, lang: Lang) -> str:
    from adapters.console.battling import lines_of
    from adapters.shared.battle_card import Scene

    scene = Scene(view, lang, _names(view), comment=view.comment)
    return "\n".join([*scene.card().text.split("\n")[:2], *lines_of(scene)])


def _names(view: BattleView) -> dict[str, str]:
    return {view.left.person: view.left.person.partition(":")[2]}


def _here() -> Owner:
    from bot.commands.chat import login
    from core.people import DIRECT, Owner, Person

    return Owner(Person("console", login()).id, DIRECT.scope)
