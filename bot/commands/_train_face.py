"""The stages of ``train face``."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Final

from core.errors import ModelError

PLAIN: Final = ("plain64", "plain128", "plain256")  # only where they are named
SEEING: Final = (*PLAIN, "scores", "hairstyle")  # learn from photographs, too
GENERATOR: Final = (*PLAIN, "paired64", "paired128", "paired256", "adversarial256")
FACE_STAGES: Final = (
    "portraits", *GENERATOR, "scores", "hairstyle", "filters", "v1", "v8", "v3", "v4", "v5", "v9", "hair",
    "faces", "vectorfind",
)  # fmt: skip
FACE_OPTIONS: Final = ("v3", "v4", "v5", "v9", "vectorfind")  # only where they are named
Bar = Callable[[str, int], AbstractContextManager[Callable[[int, dict[str, float]], None]]]


def overridden(config: Any, overrides: dict[str, Any]) -> Any:
    """A config with those of the command line's values that it knows; ``steps`` may be its epochs.

    ``until``, a moment (monotonic), becomes the minutes that are left.
    """
    known = {field.name for field in fields(config)}
    if "until" in overrides:
        overrides = {**overrides, "minutes": (overrides["until"] - time.monotonic()) / 60}
    if "steps" in overrides and "steps" not in known:
        overrides = {**overrides, "epochs": overrides["steps"]}
    return replace(config, **{name: value for name, value in overrides.items() if name in known})


def train_face(
    stages: list[str], overrides: dict[str, Any], work: Path, out: Path, report: Path, *, fresh: bool,
    bar: Bar,
) -> None:  # fmt: skip
    """Run the stages in the order given, or as far as they come in the minutes; reports go to ``report``.

    Raises as they do: FileNotFoundError, ModelError, OSError.
    """
    from models.face.make import begin_anew
    from models.runtime.saving import TimeUpError

    _check_device(overrides.get("device", "cpu"))
    blind = [stage for stage in stages if stage not in SEEING]
    if blind and "photos" in overrides:
        raise ModelError(f"{blind[0]} learns from no photographs; {', '.join(SEEING)} do")
    until = time.monotonic() + 60 * overrides.get("minutes", math.inf)
    for stage in stages:
        if fresh:
            begin_anew(stage, work)
        try:
            _run(stage, overrides | {"until": until}, work, out, report, bar)
        except TimeUpError:
            same = "the same command, without --fresh," if fresh else "the same command"
            print(f"time is up in the stage {stage}; {same} goes on", file=sys.stderr)
            return
        except ValueError as err:  # what lies there is of another training
            raise ModelError(f"{err}; begin anew with: train face {stage} --fresh") from err


def _check_device(name: str) -> None:
    """Raises ModelError where PyTorch has no such device."""
    import torch

    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError) as err:  # the latter where it was built without
        raise ModelError(f"no device {name}: {str(err).splitlines()[0]}") from None


def _run(stage: str, overrides: dict[str, Any], work: Path, out: Path, docs: Path, bar: Bar) -> None:
    if stage == "portraits":
        _portraits(overrides, work, bar)
    elif stage in GENERATOR:
        _generator(stage, overrides, work, docs, bar)
    elif stage == "hair":
        _hair(overrides, work, out, docs, bar)
    elif stage in ("scores", "hairstyle"):
        _scores(stage, overrides, work, out, docs, bar)
    elif stage == "filters":
        _filters(overrides, work, docs, bar)
    elif stage == "faces":
        _faces(overrides, work, out, docs, bar)
    elif stage == "vectorfind":
        _vectorfind(overrides, work, out, docs, bar)
    else:
        _lineage(stage, overrides, work, out, docs, bar)


def _photos(overrides: dict[str, Any]) -> Any:
    """The photographs that were named. Raises ModelError where they cannot be used, FileNotFoundError."""
    from models.face.data.photos import PhotoFolder

    try:
        return PhotoFolder(Path(overrides["photos"]))
    except ValueError as err:
        raise ModelError(f"{err}\nlook at them with: face photos {overrides['photos']}") from None


def _portraits(overrides: dict[str, Any], work: Path, bar: Bar) -> None:
    from models.face import make

    config = overridden(make.PORTRAITS, overrides)
    with bar("portraits", config.steps) as report:
        make.paint(config, work, report)


def _generator(stage: str, overrides: dict[str, Any], work: Path, docs: Path, bar: Bar) -> None:
    from models.face import make, reports

    config = overridden(make.STAGES[stage].config, overrides)
    portraits = _photos(overrides) if "photos" in overrides else make.painted(work)
    with bar(stage, config.steps) as report:
        make.stage(stage, config, portraits, work, report, _named_generator(overrides))
    if "photos" not in overrides:  # whose codes nobody knows
        reports.generator(work, portraits, docs)


def _named_generator(overrides: dict[str, Any]) -> Any:
    """The generator that was named, None where none was. Raises ModelError."""
    from models.face.stylegan.importing import load_generator

    return load_generator(Path(overrides["generator"])) if "generator" in overrides else None


def _hair(overrides: dict[str, Any], work: Path, out: Path, docs: Path, bar: Bar) -> None:
    from models.face import make, reports

    config, portraits = overridden(make.HAIR, overrides), make.painted(work)
    with bar("hair", config.steps) as report:
        print(json.dumps(make.hair(config, portraits, work, out, report)))
    reports.hair(portraits, out, docs)


def _scores(stage: str, overrides: dict[str, Any], work: Path, out: Path, docs: Path, bar: Bar) -> None:
    from models.face import reports
    from models.face.make import painted
    from models.face.scores import make

    seen = _photos(overrides) if "photos" in overrides else None
    steps: dict[str, Any] = {"hairstyle": (make.HAIRSTYLE, make.hairstyle)}
    if stage == "scores":
        steps = {"scores": (make.PROPERTIES, make.properties)}
        if seen is None:  # of photographs nobody knows who they show
            steps["identity"] = (make.IDENTITY, make.identity)
    portraits = painted(work) if seen is None else seen
    for name, (kind, learn) in steps.items():
        config = overridden(kind, overrides)
        with bar(name, config.epochs) as report:
            print(json.dumps(learn(config, portraits, work, out, _counted(report))))
    if seen is None:
        reports.scores(work, portraits, out, docs)


def _counted(report: Callable[[int, dict[str, float]], None]) -> Callable[[int, dict[str, float]], None]:
    return lambda epoch, seen: report(epoch + 1, {"mse": seen["loss"]})


def _filters(overrides: dict[str, Any], work: Path, docs: Path, bar: Bar) -> None:
    from models.face.make import painted
    from models.face.reports import filters
    from models.face.scores import make

    config, portraits, done = overridden(make.FiltersConfig(), overrides), painted(work), 0
    with bar("filters", config.every_epoch) as report:

        def told(kind: str) -> Callable[[int, dict[str, float]], None]:
            def count(epoch: int, seen: dict[str, float]) -> None:
                nonlocal done
                done += 1
                report(done, {kind: seen["auroc"]})

            return count

        print(json.dumps(make.filters(config, portraits, work, told)))
    filters(work, portraits, docs)


def _lineage(stage: str, overrides: dict[str, Any], work: Path, out: Path, docs: Path, bar: Bar) -> None:
    from models.face.finetune import make
    from models.face.make import latest
    from models.face.scores.make import WEIGHTS, load_filters
    from models.runtime.saving import TimeUpError

    config, theirs = overridden(make.CONFIGS[stage], overrides), overrides.get("generator")
    with bar(stage, config.steps) as report:
        outcome = make.lineage(
            stage,
            config,
            Path(theirs) if theirs else latest(work),
            out / WEIGHTS,
            load_filters(work),
            work / "lineage",
            report,
        )
    make.write_report(work / "lineage", docs)
    print(json.dumps(outcome))
    if not outcome["finished"]:
        raise TimeUpError(work)


def _faces(overrides: dict[str, Any], work: Path, out: Path, docs: Path, bar: Bar) -> None:
    from models.face import reports
    from models.face.make import her_generator
    from models.face.scores.make import WEIGHTS, load_filters
    from models.face.vectorfind import make

    config = overridden(make.CONFIG, overrides)
    with bar("faces", config.total) as report:
        done = 0

        def told(what: str, number: int) -> None:
            nonlocal done
            done = number if what == "sample" else done + 1
            report(done, {})

        generator = _named_generator(overrides) or her_generator(work)
        liked = {} if config.picked else load_filters(work)  # who picks has looked at them
        print(json.dumps(make.faces(config, generator, out / WEIGHTS, liked, work, out, told)))
    reports.gallery(out, docs)


def _vectorfind(overrides: dict[str, Any], work: Path, out: Path, docs: Path, bar: Bar) -> None:
    from models.face.vectorfind import compare

    config = overridden(compare.COMPARE, overrides)
    with bar("vectorfind", config.total) as report:
        compare.compare(config, out, work, docs, lambda done: report(done, {}))
    print(docs / "vectorfind.md")
