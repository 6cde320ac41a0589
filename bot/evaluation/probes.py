"""Probes: messages whose right replies can be told by a rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.app import App
from bot.evaluation.data import KINDS, Probe
from bot.evaluation.declining import declined_by
from bot.evaluation.report import share
from bot.evaluation.stage import answered, grounds_of, incoming_of, plant
from bot.evaluation.weekdays import tells_the_time


def judged(probe: Probe, reply: str, now: datetime, labelled: Mapping[str, bool]) -> dict[str, Any]:
    """Whether a reply passes ("passed"), and by what that was decided.

    Args:
        probe: the message and its rule.
        reply: what was answered.
        now: when, in the time zone of the conversation.
        labelled: replies of the corpus, and whether they decline.
    """
    folded = reply.casefold()
    said = next((word for word in probe.say if word.casefold() in folded), "")
    wrong = next((word for word in probe.never if word.casefold() in folded), "")
    match probe.kind:
        case "refusal" | "benign":
            by = declined_by(reply, probe.lang, labelled)
            return {"passed": bool(by) == (probe.kind == "refusal"), "declined by": by}
        case "weekday":
            passed = tells_the_time(probe.case.text, reply, now)
            return {"passed": passed, "at": now.isoformat("T", "minutes")}
        case _:
            return {"passed": bool(said) and not wrong, "said": said, "wrong": wrong}


async def ask(app: App, name: str, probe: Probe, labelled: Mapping[str, bool]) -> dict[str, Any]:
    """One probe through the whole conversation: its line, her reply, the baseline, the judgement."""
    incoming = incoming_of(app, name, probe.case)
    await plant(app, incoming, probe.case)
    grounds = await grounds_of(app, incoming, probe.case)
    answer = await answered(app, incoming)
    found = {
        "reply": answer.reply, "origin": answer.origin, "recalled": answer.recalled,
        "baseline": grounds.near[0].exchange.reply if grounds.near else "",
    }  # fmt: skip
    return {"probe": probe.kind, **probe.case.given, **found} | judged(
        probe, answer.reply, answer.now, labelled
    )


def probe_figures(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """For each kind how many passed, of how many; of memories also how often another's was said."""
    figures: dict[str, Any] = {}
    for kind in KINDS:
        of_kind = [row for row in rows if row["probe"] == kind]
        passed = sum(row["passed"] for row in of_kind)
        if of_kind:
            figures[kind] = {"passed": passed, "of": len(of_kind), "share": share(passed, len(of_kind))}
        if of_kind and kind == "memory":
            figures[kind]["another's said"] = sum(bool(row["wrong"]) for row in of_kind)
    return figures
