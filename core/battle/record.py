"""Battles as JSON, for those who keep and export them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from core.battle.commitment import Commitment
from core.battle.game import Move, Side
from core.battle.hyperparameters import Activation, Hyperparameters, Optimizer, Scheduler
from core.battle.ports import Epoch, Part, Trial


def hyperparameters_of(record: dict[str, Any]) -> Hyperparameters:
    """The inverse of ``dataclasses.asdict``."""
    return Hyperparameters(**{
        **record, "activation_func": Activation(record["activation_func"]),
        "optimizer": Optimizer(record["optimizer"]), "scheduler": Scheduler(record["scheduler"]),
    })  # fmt: skip


def side_record(side: Side) -> dict[str, Any]:
    """A side without its person and its trainings, which are kept apart."""
    moves = [
        {"hyperparameters": asdict(move.hyperparameters), "content": move.commitment.content,
         "nonce": move.commitment.nonce, "expected": move.expected}
        for move in side.moves
    ]  # fmt: skip
    pick = None if side.pick is None else [side.pick.content, side.pick.nonce]
    return {
        "rounds": side.rounds,
        "moves": moves,
        "named": side.named,
        "pick": pick,
        "passed": side.passed,
        "conceded": side.conceded,
    }


def side_of(record: dict[str, Any], person: str, trials: list[Trial]) -> Side:
    """The inverse of :func:`side_record`; ``trials`` are the side's, in order."""
    moves = tuple(
        Move(
            hyperparameters_of(move["hyperparameters"]), Commitment(move["content"], move["nonce"]),
            move["expected"],
        )
        for move in record["moves"]
    )  # fmt: skip
    return Side(
        person, record["rounds"], moves, tuple(t for t in trials if t.part is Part.VALID), record["named"],
        None if record["pick"] is None else Commitment(*record["pick"]), record["passed"],
        tuple(t for t in trials if t.part is Part.HELD_OUT), record.get("conceded", False),
    )  # fmt: skip


def epochs_record(trial: Trial) -> list[list[float]]:
    """The course of a training: number, train loss, validation loss, validation F1 for each epoch."""
    return [[e.number, e.train_loss, e.valid_loss, e.valid_f1] for e in trial.epochs]


def epochs_of(record: list[list[float]]) -> tuple[Epoch, ...]:
    """The inverse of :func:`epochs_record`."""
    return tuple(Epoch(int(number), *losses) for number, *losses in record)
