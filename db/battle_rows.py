"""Rows of battles, and the values that they stand for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from core.battle.game import Battle, Ending, Phase, Rival, SideName
from core.battle.ports import Part, Tier, Trial
from core.battle.record import epochs_of, epochs_record, hyperparameters_of, side_of, side_record
from core.people import Lang
from db.tables_battles import BattleRow, BattleTrialRow


def columns_of(battle: Battle) -> dict[str, Any]:
    """Everything of a battle but its id and its trainings."""
    sides = {"left": side_record(battle.left), "right": side_record(battle.right)}
    return {
        "person": battle.left.person, "other": battle.right.person or None, "scope": battle.scope,
        "channel": battle.channel, "message": battle.message, "dataset": battle.dataset,
        "instance": battle.instance, "version": battle.version, "rival": battle.rival.value,
        "tier": battle.tier.value, "seed": battle.seed, "lang": battle.lang, "phase": battle.phase.value,
        "ending": battle.ending.value if battle.ending else None, "drawn": battle.drawn,
        "created": battle.created, "deadline": battle.deadline, "card": battle.card,
        "comment": battle.comment, "inputs": json.dumps(battle.inputs), "sides": json.dumps(sides),
        "code": battle.code or None, "knowledge": battle.knowledge or None,
    }  # fmt: skip


def trial_row(battle: Battle, side: SideName, trial: Trial) -> BattleTrialRow:
    """The newest training of a side of the changed battle."""
    own = battle.side(side).scores if trial.part is Part.VALID else battle.side(side).finals
    return BattleTrialRow(
        battle=battle.id, side=side, part=trial.part.value, position=len(own) - 1,
        hyperparameters=json.dumps(asdict(trial.hyperparameters)), seed=trial.seed, f1=trial.f1,
        epochs=json.dumps(epochs_record(trial)), seconds=trial.seconds,
    )  # fmt: skip


def battle_of(row: BattleRow, trials: Sequence[BattleTrialRow]) -> Battle:
    """The battle with its trainings, which come in any order."""
    sides, ordered = json.loads(row.sides), sorted(trials, key=lambda each: each.position)
    theirs = {name: [_trial(each) for each in ordered if each.side == name] for name in ("left", "right")}
    lang: Lang = "en" if row.lang == "en" else "ko"
    return Battle(
        row.id, row.scope, row.channel, row.message, row.dataset, row.instance, row.version,
        Rival(row.rival), Tier(row.tier), row.seed, lang, row.created,
        side_of(sides["left"], row.person, theirs["left"]),
        side_of(sides["right"], row.other or "", theirs["right"]), Phase(row.phase), row.drawn, row.deadline,
        Ending(row.ending) if row.ending else None, row.card, row.comment, tuple(json.loads(row.inputs)),
        row.code or "", row.knowledge or "",
    )  # fmt: skip


def _trial(row: BattleTrialRow) -> Trial:
    return Trial(
        hyperparameters_of(json.loads(row.hyperparameters)), row.seed, Part(row.part), row.f1,
        epochs_of(json.loads(row.epochs)), row.seconds,
    )  # fmt: skip
