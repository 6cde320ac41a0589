"""Whole fine-tunes in one folder: data, training, results. What a command calls; all of it is resumed.

``work`` holds a folder for each step of the lineage, ``base`` (see :func:`lay_base`) and then those of the
recipes, with ``generator.safetensors``, ``critic.safetensors``, ``config.json``, ``log.jsonl``,
``checkpoint.pt`` and ``outcome.json``; and ``sets``, the pictures of the steps that others learn from.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from core.errors import ModelError
from models.face.finetune.data import (
    LIMITS,
    Filters,
    Floats,
    GeneratedSet,
    Reals,
    concept,
    digest,
    drawn,
    filter_scores,
    filtered,
    generated_set,
    labels_of,
    property_scores,
    random_codes,
)
from models.face.finetune.recipes import ENDLESS, FineTune, prepare
from models.face.finetune.training import FineTuner, Report, run
from models.face.finetune.vae import VaeTrainer, VaeTune, prepare_vae
from models.face.scores.networks import PropertyScoreCNN
from models.face.stylegan.discriminator import Discriminator
from models.face.stylegan.generator import Generator, GeneratorConfig
from models.face.stylegan.importing import build, load_generator, recognise
from models.runtime.loading import loading

SET_SEED: Final = 2025
WATCHED: Final = 100  # random pictures behind a line of the log
COMPARED: Final = 300  # before and after a step; the original looked at as many by hand
GENERATOR, CRITIC, CONFIG, OUTCOME = (
    "generator.safetensors",
    "critic.safetensors",
    "config.json",
    "outcome.json",
)


@dataclass(frozen=True)
class Judges:
    """The score networks: ``filters`` by name, each a mean of several, and the property network."""

    filters: Filters
    properties: PropertyScoreCNN

    def to(self, device: str) -> Judges:
        """The same, moved, in eval mode."""
        for net in (self.properties, *(net for nets in self.filters.values() for net in nets)):
            net.to(device).eval()
        return self


def device_of(name: str | None = None) -> str:
    """``name``, or else cuda where there is one, or cpu."""
    return name or ("cuda" if torch.cuda.is_available() else "cpu")


def save_step(folder: Path, generator: Generator, critic: nn.Module | None, **about: object) -> None:
    """Write the networks of a step (float32) and what it is; the critic only if it is a discriminator."""
    folder.mkdir(parents=True, exist_ok=True)
    config: dict[str, Any] = {"generator": generator.config.to_json(), **about}
    _save(generator, folder / GENERATOR)
    if isinstance(critic, Discriminator):
        config["critic"] = critic.config.to_json()
        _save(critic, folder / CRITIC)
    (folder / CONFIG).write_text(json.dumps(config, indent=1), "utf-8")


def _save(network: nn.Module, path: Path) -> None:
    partial = path.with_suffix(".part")
    save_file({key: value.cpu().contiguous() for key, value in network.state_dict().items()}, partial)
    partial.replace(path)


def load_step(folder: Path) -> tuple[Generator, Discriminator | None]:
    """The generator of a step in eval mode, and its critic where it has one. Raises ModelError."""
    generator = load_generator(folder)
    with loading(f"critic in {folder}"):
        about = json.loads((folder / CONFIG).read_text("utf-8")).get("critic")
        if about is None:
            return generator, None
        critic = Discriminator(GeneratorConfig.from_json(about))
        critic.load_state_dict(load_file(folder / CRITIC))
    return generator, critic


def lay_base(source: Path, work: Path) -> None:
    """Make the generator of ``source`` the first step, ``work/base``, if it is not that already.

    ``source`` is a checkpoint of :mod:`models.face.stylegan.train`, whose running mean and critic of whole
    portraits (if it was trained adversarially) are taken, or a folder of ``face import``, which has no
    critic; then the first fine-tune trains a fresh one in all its layers. Raises ModelError, also where the
    first step is another generator's.
    """
    generator, critic = load_step(source) if source.is_dir() else _trained(source)
    if not (work / "base").exists():
        save_step(work / "base", generator, critic, source=source.name, digest=digest(generator))
    elif begun_from(work) != digest(generator):
        raise ModelError("the lineage was begun from another generator: train face v1 --fresh")


def _trained(checkpoint: Path) -> tuple[Generator, Discriminator | None]:
    with loading(checkpoint.name):
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
        weights, critics = state["ema"], state.get("d", {})
    generator = build(weights, recognise(weights, checkpoint.name), checkpoint.name)
    whole = {key.removeprefix("0."): value for key, value in critics.items() if key.startswith("0.")}
    return generator, _critic(whole, generator.config, checkpoint.name) if whole else None


def begun_from(work: Path) -> str | None:
    """The digest of the generator that the lineage was begun from, if known. Raises ModelError."""
    with loading(f"lineage in {work}"):
        about: dict[str, Any] = json.loads((work / "base" / CONFIG).read_text("utf-8"))
        return about.get("digest")


def _critic(state: dict[str, Tensor], config: GeneratorConfig, name: str) -> Discriminator:
    """A discriminator of these weights, whose channels may be other than the generator's."""
    with loading(f"critic in {name}"):
        channels = tuple(len(state[f"input{i}.bias"]) for i in reversed(range(len(config.channels))))
        critic = Discriminator(replace(config, channels=channels))
        critic.load_state_dict(state)
    return critic


@dataclass(frozen=True)
class Gathered:
    """The real pictures of a fine-tune, and how they were filtered."""

    reals: Reals
    figures: dict[str, Any]


def gather(
    recipe: FineTune | VaeTune, work: Path, judges: Judges, *, n: int | None = None, device: str = "cpu",
    report: Callable[[int], None] | None = None, until: float = ENDLESS,
) -> Gathered:  # fmt: skip
    """Draw, score and filter the pictures of ``recipe.data``, or what of that is missing.

    ``n`` pictures are drawn (default: as many as the original's); ``report`` gets the number drawn. Raises
    ModelError when that step is missing, ValueError when its folder holds another number of pictures,
    TimeUpError when they are not all drawn at the moment ``until``.
    """
    limits, folder = LIMITS[recipe.data], work / "sets" / recipe.data
    generator, _ = load_step(work / recipe.data)
    made = generated_set(generator.to(device), n or limits.n, SET_SEED, folder, report, until)
    scores = _scores(made, judges, folder)
    kept = filtered(scores, limits.bounds, limits.share)
    if recipe.labels:
        labels = labels_of(scores["properties"], kept.kept, recipe.labels)
    else:
        start, _ = load_step(work / recipe.start)
        labels = np.zeros((len(kept.kept), start.config.n_labels), np.float32)
    return Gathered(Reals(made.pictures, kept.kept, labels), {"data": recipe.data, **kept.figures()})


def _scores(made: GeneratedSet, judges: Judges, folder: Path) -> dict[str, Floats]:
    """Scores [n] of every filter and ``properties`` [n, 7]; kept beside the pictures, for these judges."""
    path = folder / "scores.npz"
    every = (judges.properties, *(net for nets in judges.filters.values() for net in nets))
    name = f"{digest(*every)} {len(made)}"
    if path.exists():
        with np.load(path) as stored:
            if str(stored["judges"]) == name:
                return {key: stored[key] for key in stored.files if key != "judges"}
    scores = filter_scores(judges.filters, made.pictures)
    scores["properties"] = property_scores(judges.properties, made.pictures)
    partial = folder / "scores.part.npz"
    np.savez(partial, **{**scores, "judges": np.array(name)})  # type: ignore[arg-type]  # numpy's stub
    partial.replace(path)
    return scores


def shown(generator: Generator, judges: Judges, n: int, *seeds: int, psi: float = 1.0) -> dict[str, Floats]:
    """Filter scores [n] and ``properties`` [n, 7] of pictures of N(0, 1) codes and ``labels`` [n, k]."""
    z, labels = random_codes(generator, n, *seeds)
    pictures = drawn(generator, z, labels, psi)  # noise is the stored one
    more = {"properties": property_scores(judges.properties, pictures), "labels": labels.astype(float)}
    return filter_scores(judges.filters, pictures) | more


def run_finetune(
    recipe: FineTune, work: Path, judges: Judges, *, steps: int, minutes: float = ENDLESS,
    n: int | None = None, every: int = 50, device: str | None = None, bf16: bool = False,
    report: Report | None = None,
) -> dict[str, Any]:  # fmt: skip
    """One adversarial fine-tune to ``steps`` steps, or as far as it comes in ``minutes``; the outcome.

    Call it again to go on. Every ``every`` steps the log gets losses and the mean filter scores of 100
    random pictures; ``report`` gets step and losses; with ``bf16`` convolutions are in bfloat16. At each end
    the networks and ``outcome.json`` are written: ``steps``, ``finished``, ``kept`` (the filter's
    shares), ``before`` and ``after`` of 300 pictures each. Raises ModelError when a step it needs is
    missing, ValueError when a folder is of another run, TimeUpError when the minutes are over before the
    pictures to learn from are drawn.
    """
    until, device = time.monotonic() + 60 * minutes, device_of(device)
    judges.to(device)
    gathered = gather(recipe, work, judges, n=n, device=device, until=until)
    generator, critic = load_step(work / recipe.start)
    if critic is not None:
        recipe = replace(recipe, warm_up=0)  # it has learnt
    elif steps <= recipe.warm_up:
        raise ModelError(
            f"{recipe.name} needs more than {recipe.warm_up} steps: in these its critic learns alone"
        )
    tuner = FineTuner(recipe, *prepare(recipe, generator, critic, judges.properties), device, bf16=bf16)

    def record() -> dict[str, float]:
        scores = shown(tuner.result, judges, WATCHED, recipe.seed, tuner.done, psi=recipe.psi)
        return {**tuner.figures(), **concept(scores, {})["mean"]}

    finished = run(
        tuner, gathered.reals, work / recipe.name, seed=recipe.seed, batch=recipe.batch, steps=steps,
        every=every, record=record, until=until, report=report,
    )  # fmt: skip
    save_step(work / recipe.name, tuner.result, tuner.d, recipe=asdict(recipe))
    limits = {"given": LIMITS[recipe.data].bounds, "used": gathered.figures["bounds"]}
    found = shown(tuner.result, judges, COMPARED, SET_SEED, psi=recipe.psi)
    after = concept(found, limits, recipe.labels)
    before = concept(shown(generator.to(device), judges, COMPARED, SET_SEED), limits)
    return _concluded(work / recipe.name, tuner.done, finished, gathered, before=before, after=after)


def _concluded(folder: Path, done: int, finished: bool, gathered: Gathered, **more: Any) -> dict[str, Any]:
    outcome = {"steps": done, "finished": finished, "kept": gathered.figures, **more}
    (folder / OUTCOME).write_text(json.dumps(outcome, indent=1), "utf-8")
    return outcome


def run_vae(
    recipe: VaeTune, work: Path, judges: Judges, *, epochs: int, minutes: float = ENDLESS,
    n: int | None = None, device: str | None = None, report: Report | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Version 3 to ``epochs`` epochs, or as far as it comes in ``minutes``; the outcome.

    ``report`` gets epochs and losses. After each epoch 30 codes are judged; the best so far is kept with
    its generator, as ``code.json``: one that passes goes before any that does not. Raises as
    :func:`run_finetune` does.
    """
    until, device = time.monotonic() + 60 * minutes, device_of(device)
    judges.to(device)
    gathered = gather(recipe, work, judges, n=n, device=device, until=until)
    generator, _ = load_step(work / recipe.start)
    epoch, folder = max(1, len(gathered.reals) // recipe.batch), work / recipe.name
    networks = prepare_vae(recipe, generator)
    scorers = (judges.properties, judges.filters["gender"][0])
    trainer = VaeTrainer(recipe, *networks, *scorers, epoch=epoch, device=device)
    if not (folder / "checkpoint.pt").exists():
        (folder / "code.json").unlink(missing_ok=True)

    def record() -> dict[str, float]:
        return {**trainer.figures(), **(_keep_best(folder, trainer) if trainer.done else {})}

    finished = run(
        trainer, gathered.reals, folder, seed=recipe.seed, batch=recipe.batch, steps=epochs * epoch,
        every=epoch, record=record, until=until,
        report=report and (lambda step, losses: report(step // epoch, losses)),
    )  # fmt: skip
    best = folder / "code.json"
    chosen = json.loads(best.read_text("utf-8")) if best.exists() else None
    return _concluded(folder, trainer.done, finished, gathered, chosen=chosen)


def _keep_best(folder: Path, trainer: VaeTrainer) -> dict[str, float]:
    """Judge the codes of an epoch; keep the best one and its generator if it is the best of all epochs."""
    judged, path = trainer.judged(), folder / "code.json"
    best = json.loads(path.read_text("utf-8")) if path.exists() else None
    code = {"epoch": trainer.done // trainer.epoch - 1, **judged.told}
    if best is None or (code["passed"], code["mean"]) > (best["passed"], best["mean"]):
        save_step(folder, trainer.g, None, recipe=asdict(trainer.recipe))
        path.write_text(json.dumps(code), "utf-8")
    return {"passed": float(judged.passed.sum()), "correlation": float(judged.correlation.mean(axis=1).max())}
