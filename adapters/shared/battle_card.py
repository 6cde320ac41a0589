"""What the one message of a battle says and offers, folded from the battle's events.

A :class:`Scene` is a value: :meth:`Scene.after` takes an event, :meth:`Scene.card` says what the message
shall be. Platforms translate a :class:`Card`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from adapters.media.picture import Picture
from adapters.media.words import FIELDS, TIERS, names_of, span, verdict
from adapters.shared.battle_buttons import Rows, buttons_of
from adapters.shared.battle_clock import span_of_time
from adapters.shared.battle_seals import sealed_lines
from adapters.shared.texts import text
from core.battle.events import (
    BattleDone,
    BattleEvent,
    BattleGone,
    BattleSeen,
    BattleView,
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
from core.battle.game import FINALS, SIDES, Phase, Rival, SideName
from core.battle.keeping import RatingChange
from core.battle.parsing import EXAMPLE
from core.battle.ports import Epoch, Problem
from core.people import Expression, Lang

LONGEST: Final = 1000  # UTF-16 units: fits under a picture on every platform
_BLOCKS: Final = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Card:
    """What the message of a battle shall be: plain text, at most one picture, rows of buttons."""

    text: str
    buttons: Rows = ()
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """The training that is seen: a side's round, or one of its finals."""

    side: SideName
    number: int
    final: bool
    epochs: tuple[Epoch, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that the watchers of a battle know; ``names`` are those of people by their ids."""

    view: BattleView
    lang: Lang
    names: dict[str, str] = field(default_factory=dict)
    dataset: str = ""
    left_s: int = 180  # of the turn
    problem: Problem | None = None
    thumbnails: bytes = b""
    queued: int = 0
    running: Running | None = None
    trainings: int = 0
    changes: tuple[RatingChange, ...] = ()
    comment: str = ""
    expression: Expression | None = None
    gone: BattleGone | None = None

    @property
    def called(self) -> tuple[str, str]:
        """What both sides are called."""
        return names_of(self.view, self.names, self.lang)

    def after(self, event: BattleEvent) -> Scene:
        """What is known after an event."""
        match event:
            case BattleSeen(view):
                return replace(self, view=view, comment=view.comment or self.comment)
            case ProblemReady(problem, thumbnails, view):
                fresh = view.phase is self.view.phase and not self.view.right.moves
                view = view if fresh else self.view  # it is told again to those who come late
                return replace(self, problem=problem, thumbnails=thumbnails, view=view)
            case Promised():
                return self  # the state that follows shows it
            case Queued(position):
                return replace(self, queued=position)
            case RoundStarted(side, number):
                return replace(self, running=Running(side, number, False), queued=0)
            case FinalStarted(trainings):
                return replace(self, trainings=trainings, running=None, queued=0)
            case EpochSeen():
                return self._epoch(event)
            case RoundScored() | TurnStarted():
                return replace(self, running=None, queued=0)
            case BattleDone(view, changes):
                return replace(self, view=view, changes=changes, running=None, queued=0)
            case Commented(said, expression):
                return replace(self, comment=said, expression=expression)
            case BattleGone():
                return replace(self, gone=event, running=None, queued=0)

    def card(self, picture: Picture | None = None) -> Card:
        """The message as it shall be now."""
        head, body = self._head(), [line for line in self._body() if line]
        while len(body) > 1 and _units("\n".join([*head, *body])) > LONGEST:
            body.pop()
        said = "\n".join([*head, *body])
        return Card(said if _units(said) <= LONGEST else said[: LONGEST // 2] + "…", self._buttons(), picture)

    def _epoch(self, event: EpochSeen) -> Scene:
        mine = self.running
        if mine is None or (mine.side, mine.number, mine.final) != (event.side, event.number, event.final):
            mine = Running(event.side, event.number, event.final)
        return replace(self, running=replace(mine, epochs=(*mine.epochs, event.epoch)), queued=0)

    def _say(self, key: str, **values: object) -> str:
        return text(f"b_{key}", self.lang, time=span_of_time(self.left_s, self.lang), **values)

    def _head(self) -> list[str]:
        left, right = self.called
        tier = f" ({TIERS[self.view.tier][self.lang]})" if self.view.rival is Rival.LORA else ""
        dataset = self.dataset or self.view.dataset
        return [
            self._say("head", id=self.view.id, dataset=dataset, instance=self.view.instance),
            self._say("sides", left=left, right=f"{right}{tier}"),
        ]

    def _body(self) -> list[str]:
        """Lines, the most important ones first."""
        view, (left, right) = self.view, self.called
        if self.gone is not None or view.phase is Phase.CANCELLED:
            ending = self.gone.ending if self.gone is not None else view.ending
            called = {True: left, False: right}[view.left.conceded]
            lines = [self._say(f"end_{ending.value if ending is not None else 'gone'}", name=called)]
            return [*lines, *self._ratings(self.gone.changes if self.gone is not None else ())]
        if view.phase is Phase.DONE:
            return self._result()
        if view.phase is Phase.INVITED:
            return [self._say("invited", left=left, right=right)]
        sealed = sealed_lines(view, self.called, self.lang)
        return [*self._now(), *self._rounds(), *sealed, *self._ranges()]

    def _now(self) -> list[str]:
        """What happens, or whose turn it is."""
        view, run = self.view, self.running
        waiting = [called for name, called in zip(SIDES, self.called, strict=True) if view.side(name).turn]
        lines = []
        if self.queued:
            lines.append(self._say("queue", position=self.queued))
        if run is not None:
            lines += self._progress(run)
        elif view.phase is Phase.FINAL:
            lines.append(self._say("finals", trainings=self.trainings or FINALS * len(SIDES)))
        elif self.problem is None:
            lines.append(self._say("drawing"))
        elif view.rival is not Rival.PERSON and not view.right.seal:
            done, rounds = len(view.right.moves), view.right.rounds
            lines.append(self._say("sealing", name=self.called[1], done=done, rounds=rounds))
        elif waiting and view.phase is Phase.NAMING:
            lines.append(self._say("naming", who=", ".join(waiting)))
        elif waiting:
            number = 1 if view.phase is Phase.ROUND_1 else 2
            who = ", ".join(waiting)
            lines.append(self._say("turn", who=who, number=number, example=EXAMPLE))
        return lines

    def _progress(self, run: Running) -> list[str]:
        name = self.called[SIDES.index(run.side)]
        if run.final:
            done = (run.number - 1) * len(SIDES) + SIDES.index(run.side) + 1
            trainings = self.trainings or FINALS * len(SIDES)
            lines = [self._say("final", number=done, trainings=trainings, name=name)]
        else:
            lines = [self._say("training", name=name, number=run.number)]
        if run.epochs:
            last = run.epochs[-1]
            line = sparkline([epoch.valid_loss for epoch in run.epochs])
            loss, f1 = f"{last.valid_loss:.3f}", f"{last.valid_f1:.3f}"
            lines.append(self._say("epoch", number=last.number, loss=loss, f1=f1, line=line))
        return lines

    def _rounds(self) -> list[str]:
        """What people locked and scored so far."""
        lines = []
        for name, called in zip(SIDES, self.called, strict=True):
            for move in self.view.side(name).moves if self.view.side(name).person else ():
                if move.valid_f1 is not None:
                    score = f"{move.valid_f1:.3f}"
                    lines.append(self._say("scored", name=called, number=move.number, score=score))
                else:
                    lines.append(self._say("locked", name=called, number=move.number))
        return lines

    def _ranges(self) -> list[str]:
        """In words what the picture shows, while somebody chooses."""
        chooses = self.view.phase in (Phase.ROUND_1, Phase.ROUND_2) and self.running is None
        if not chooses or self.problem is None:
            return []
        return [self._say("ranges", **{name: span(name) for name in FIELDS})]

    def _result(self) -> list[str]:
        found, (left, right) = self.view.verdict, self.called
        if found is None:
            return []
        lines = [
            f"🏆 {verdict(found.grade, (left, right), self.lang)}",
            self._say(
                "scores", left=left, right=right, a=f"{found.left:.3f}", b=f"{found.right:.3f}",
                ae=f"{found.left_error:.3f}", be=f"{found.right_error:.3f}",
                difference=f"{found.difference:+.3f}", band=f"{found.band:.3f}",
            ),
        ]  # fmt: skip
        if self.comment:
            lines.append(self._say("comment", comment=self.comment))
        lines += [*self._ratings(self.changes), self._say("plus_minus")]
        return [*lines, *sealed_lines(self.view, self.called, self.lang), self._say("proof_hint")]

    def _ratings(self, changes: Sequence[RatingChange]) -> list[str]:
        lines = []
        for change in changes:
            name = self.names.get(change.person, "?")
            before, after = f"{change.before.value:.0f}", f"{change.after.value:.0f}"
            deviation = f"{change.after.deviation:.0f}"
            lines.append(self._say("rating", name=name, before=before, after=after, deviation=deviation))
        return lines

    def _buttons(self) -> Rows:
        if self.gone is not None:
            return ()
        chooses = self.running is None and self.problem is not None
        return buttons_of(self.view, self.lang, chooses=chooses)


def sparkline(values: Sequence[float], width: int = 24) -> str:
    """A curve in one line, its newest values at the right; what is no number is as high as can be."""
    shown = list(values[-width:])
    finite = [value for value in shown if math.isfinite(value)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 0.0)
    size = (high - low) or 1.0
    top = len(_BLOCKS) - 1
    return "".join(
        _BLOCKS[round((value - low) / size * top)] if math.isfinite(value) else _BLOCKS[top]
        for value in shown
    )


def _units(said: str) -> int:
    return len(said.encode("utf-16-le")) // 2
