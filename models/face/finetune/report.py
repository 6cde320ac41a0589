"""Curves and figures of the fine-tunes in a work folder, with the original's beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from PIL import Image

from models.face.charts import COLOURS, INK, Line, Panel, chart
from models.face.finetune.data import CONCEPT, LIMITS
from models.face.finetune.recipes import RECIPES
from models.face.finetune.run import CONFIG, OUTCOME
from models.face.finetune.training import read_log
from models.face.finetune.vae import VaeTune
from models.face.reporting import numbers, percent, table
from models.face.stylegan.generator import GeneratorConfig

PANELS: Final = (
    ("gender", "women (filter mean)"),
    ("quality", "good quality (filter mean)"),
    ("age", "old (filter mean)"),
    ("glass", "glasses (filter mean)"),
    ("loss", "loss"),
    ("auroc", "AUROC, real against fake"),
)
COLUMNS: Final = 3

# Published by the original: mean scores of 100 pictures at the start and the end, and shares that its
# filters kept. v1's are shares of 300 pictures judged by hand.
ORIGINAL: Final = {
    "v1": {"gender": (0.556, 0.937)},
    "v8": {
        "gender": (0.918, 0.983),
        "quality": (0.966, 0.990),
        "age": (0.059, 0.016),
        "glass": (0.050, 0.009),
    },
    "v9": {
        "gender": (0.918, 0.989),
        "quality": (0.966, 0.995),
        "age": (0.059, 0.013),
        "glass": (0.050, 0.008),
    },
}
ORIGINAL_KEPT: Final = {"base": 4703 / 10_000, "v1": 4930 / 13_000}

# About its batches, by its epochs, pictures and batch; of v3 those until the code that it chose.
ORIGINAL_STEPS: Final = {"v1": 11_500, "v8": 44_400, "v3": 3_500, "v4": 46_400, "v5": 17_000, "v9": 44_400}
SAME: Final = (
    "Layers that are trained, losses, limits and the order of the steps are the original's. Its generator "
    "had learnt from photographs, ours from painted portraits; and where a generator comes without a critic, "
    "a fresh one of half its channels learns in all its layers."
)
FOLLOWED: Final = (
    "Asked by the label against measured, of 300 random pictures; of v3, of 50 of one code. What is measured "
    "has its unit of all portraits; labels were learnt in that of the pictures that were kept."
)
FOLLOWS: Final = ("fine-tune", "correlation eyes / mouth / pose", "mean absolute error")
ORIGINAL_FOLLOWED: Final = {
    "v3": ("v3, original's best code (passes, epoch 5)", "0.893 / 0.858 / 0.932", "0.93 / 0.45 / 1.24"),
    "v5": ("v5, original", "0.05–0.09 / 0.54–0.63 / 0.31–0.38", "1.6 / 0.9 / 1.6"),
}
VARIETY: Final = "Variety: of seven property scores of 300 random pictures, the mean standard deviation."
TOLD: Final = {
    "labels": "labels", "batch": "batch", "speed": "rate of the mapping, times", "r1_gamma": "R1",
    "r1_every": "steps from one R1 to the next", "warm_up": "first steps of the critic alone",
    "ema": "running mean of the generator", "lr": "rate", "width": "width of the encoder",
}  # fmt: skip


def curves(logs: Mapping[str, Path]) -> Image.Image:
    """Filter means, losses and AUROC over the batches, one colour for each log.

    ``logs`` are ``log.jsonl`` files by the name of their fine-tune, four at most. Raises ValueError for more,
    and when none has a line.
    """
    lines = {name: read_log(path) for name, path in logs.items()}
    if len(lines) > len(COLOURS) or not any(lines.values()):
        raise ValueError(f"nothing to draw, or more than {len(COLOURS)} logs: {', '.join(lines)}")
    legend = [(f"FineTune-{name}", colour, False) for name, colour in zip(lines, COLOURS, strict=False)]
    legend += [("critic's loss", INK, False), ("generator's loss", INK, True)]
    panels = [Panel(title, _lines(lines, key), "batches") for key, title in PANELS]
    return chart(panels, legend, COLUMNS)


def _lines(logs: Mapping[str, Sequence[Mapping[str, float]]], key: str) -> list[Line]:
    found = []
    for (_, lines), colour in zip(logs.items(), COLOURS, strict=False):
        for part in ("d", "g") if key == "loss" else (key,):
            points = [(line["step"], line[part]) for line in lines if part in line]
            found.append(Line(points, colour, dashed=part == "g"))
    return [line for line in found if line.points]


def report(work: Path) -> str:
    """What the fine-tunes in ``work`` did, as Markdown: kept shares, faces before and after, the original's.

    Raises FileNotFoundError when there is no outcome.
    """
    found = {
        path.parent.name: json.loads(path.read_text("utf-8")) for path in sorted(work.glob(f"*/{OUTCOME}"))
    }
    if not found:
        raise FileNotFoundError(f"no outcome in {work}")
    parts = ["## Pictures that were learnt from", "", _kept(found)]
    compared = {name: each for name, each in found.items() if "before" in each}
    if compared:
        parts += ["", "## Shares of wanted pictures before and after", "", _shares(compared)]
        parts += ["", "## Mean scores of the filters before and after", "", VARIETY, "", _means(compared)]
    if rows := _followed(found):
        parts += ["", "## Whether pictures follow their labels", "", FOLLOWED, "", table(FOLLOWS, rows)]
    parts += ["", "## What differs from the original's recipe", "", SAME, "", _differences(work, found)]
    return "\n".join(parts) + "\n"


def _kept(found: Mapping[str, Any]) -> str:
    rows = []
    for name, outcome in found.items():
        kept = outcome["kept"]
        bounds = ", ".join(f"{key} {bound:.3g}" for key, bound in kept["bounds"].items())
        shares = [percent(share) for share in (kept["within"], kept["kept"], ORIGINAL_KEPT[kept["data"]])]
        steps = f"{outcome['steps']}{'' if outcome['finished'] else ' (unfinished)'}"
        rows.append([name, kept["data"], str(kept["n"]), *shares, bounds, steps])
    head = ("fine-tune", "pictures of", "drawn", "within the original's limits", "kept", "original kept")
    return table((*head, "limits used", "batches"), rows)


def _shares(found: Mapping[str, Any]) -> str:
    names = [name for name in CONCEPT if all(name in each["before"]["share"] for each in found.values())]
    rows = []
    for name, outcome in found.items():
        before, after = outcome["before"], outcome["after"]
        pairs = [(before[key], after[key]) for key in ("given", "used", "all")]
        pairs += [(before["share"][key], after["share"][key]) for key in names]
        rows.append([name, *(f"{percent(a)} → {percent(b)}" for a, b in pairs)])
        if name == "v1":
            a, b = ORIGINAL[name]["gender"]
            own = [f"{percent(a)} → {percent(b)}" if key == "gender" else "" for key in names]
            rows.append([f"{name}, original (by eye)", "", "", "", *own])
    heads = [f"{key} {'≥' if key in ('gender', 'quality') else '≤'} {CONCEPT[key]:g}" for key in names]
    return table(("fine-tune", "the original's limits", "limits used", "all of these", *heads), rows)


def _means(found: Mapping[str, Any]) -> str:
    names = [
        name for name in (*CONCEPT, "variety")
        if all(name in each["before"]["mean"] for each in found.values())
    ]  # fmt: skip
    rows = []
    for name, outcome in found.items():
        before, after = outcome["before"]["mean"], outcome["after"]["mean"]
        rows.append([name, *(f"{before[key]:.3f} → {after[key]:.3f}" for key in names)])
        if name in ORIGINAL and name != "v1":
            pairs = [ORIGINAL[name].get(key) for key in names]
            rows.append([f"{name}, original", *(f"{p[0]:.3f} → {p[1]:.3f}" if p else "" for p in pairs)])
    return table(("fine-tune", *names), rows)


def _followed(found: Mapping[str, Any]) -> list[list[str]]:
    rows = []
    for name, outcome in found.items():
        code, after = outcome.get("chosen"), outcome.get("after", {})
        if code:
            passes = f"{'passes' if code['passed'] else 'does not pass'}, epoch {code['epoch']}"
            rows.append([f"{name}, its best code ({passes})", *_pair(code)])
        elif "correlation" in after:
            rows.append([name, *_pair(after)])
        else:
            continue
        if name in ORIGINAL_FOLLOWED:
            rows.append([*ORIGINAL_FOLLOWED[name]])
    return rows


def _pair(figures: Mapping[str, Any]) -> list[str]:
    return [numbers(figures[key]) for key in ("correlation", "error")]


def _differences(work: Path, found: Mapping[str, Any]) -> str:
    """For each fine-tune what its folder says was done, and the original's beside it where that differs."""
    rows = []
    for name, outcome in found.items():
        kept, path = outcome["kept"], work / name / CONFIG
        about = json.loads(path.read_text("utf-8")) if path.exists() else {}
        rows.append([name, "batches", f"{outcome['steps']:,}", f"{ORIGINAL_STEPS[name]:,}"])
        rows.append([name, "pictures drawn", f"{kept['n']:,}", f"{LIMITS[kept['data']].n:,}"])
        if "generator" in about:
            sizes = (GeneratorConfig.from_json(about["generator"]), GeneratorConfig.full())
            rows.append([name, "size", *map(_size, sizes)])
        original = asdict(VaeTune() if name == "v3" else RECIPES[name]) if about else {}
        for key, value in about.get("recipe", {}).items():
            if key in TOLD and _plain(value) != _plain(original.get(key)):
                rows.append([name, TOLD[key], _plain(value), _plain(original.get(key))])
    return table(("fine-tune", "what", "here", "original"), rows)


def _size(config: GeneratorConfig) -> str:
    return f"{config.resolution} px, w {config.w_dim}, at most {max(config.channels)} channels"


def _plain(value: Any) -> str:
    """A recipe's value in words; lists and tuples are the same."""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "zeros"
    return f"{value:g}" if isinstance(value, float) else str(value)
