"""Trainings in parts and on other devices, the plain adversarial way, and growth; on tiny sizes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from models.face import make
from models.face.data.dataset import STRETCH, PortraitSet, draws, paint_set
from models.face.data.labels import labelled, labels_of
from models.face.data.photos import PhotoFolder
from models.face.finetune import data as tuning
from models.face.finetune import make as lineage
from models.face.finetune import run as tuned
from models.face.hair.network import HairNetConfig
from models.face.hair.train import HairTrainConfig, HairTrainer, train_hair
from models.face.painter.params import PARAM_NAMES
from models.face.scores.losses import squares
from models.face.scores.networks import ScoreConfig, build, save_scores
from models.face.scores.train import (
    ScoreTrainConfig,
    _Task,
    _Trainer,
    train_filter,
    train_property_scores,
)
from models.face.stylegan.generator import Generator, GeneratorConfig
from models.face.stylegan.stage import FaceTrainConfig
from models.face.stylegan.train import FaceTrainer, stream, train
from models.face.vectorfind.codes import draw, measure, space_of
from models.face.vectorfind.memo import Memo
from models.runtime.saving import TimeUpError

TINY = FaceTrainConfig(resolution=8, steps=3, batch=2, lr=0.01, fit=4)
ADVERSARIAL = replace(TINY, resolution=16, adversarial=0.1, muon=0.05, r1_every=2)
PLAIN = replace(TINY, resolution=16, paired=0.0, adversarial=1.0, r1_every=2)
HAIR = HairNetConfig((8, 8, 8, 8, 8), (1, 1, 1, 1, 1), 1, 8)
NOTHING: Any = lambda *args: None  # noqa: E731


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> PortraitSet:
    pytest.importorskip("skia")
    return paint_set(tmp_path_factory.mktemp("painted"), 20, seed=3, size=16, workers=1, shard=8)


def in_parts(call: Callable[[], Any]) -> tuple[Any, int]:
    """What a training gives that is called until it ends, and how often it stopped before."""
    for stopped in range(100):
        try:
            return call(), stopped
        except TimeUpError:
            pass
    raise AssertionError("it never ends")


def parameters(trainer: FaceTrainer) -> list[torch.Tensor]:
    nets = [trainer.g, trainer.ema, *([trainer.critics.nets] if trainer.critics else [])]
    return [value for net in nets for value in net.state_dict().values()]


@pytest.mark.parametrize("config", [TINY, ADVERSARIAL, PLAIN])
def test_a_generator_in_parts_ends_like_one_in_one_go(
    config: FaceTrainConfig, painted: PortraitSet, tmp_path: Path
) -> None:
    losses: list[dict[str, float]] = []
    whole = train(config, painted, tmp_path / "whole.pt", report=lambda step, each: losses.append(each))
    assert all(math.isfinite(value) for each in losses for value in each.values())
    assert set(losses[0]) == {"d", "g"} if not config.paired else "paired" in losses[0]
    short = replace(config, minutes=0.0)
    parts, stopped = in_parts(lambda: train(short, painted, tmp_path / "parts.pt"))
    assert stopped == 2 and parts.done == 3  # a step for each call, none too many
    for one, other in zip(parameters(whole), parameters(parts), strict=True):
        assert torch.equal(one, other)


def test_another_way_is_another_training(painted: PortraitSet, tmp_path: Path) -> None:
    train(replace(PLAIN, steps=1), painted, tmp_path / "plain.pt")
    for other in (replace(PLAIN, paired=1.0), replace(PLAIN, adversarial=0.5), replace(PLAIN, r1_gamma=1.0)):
        with pytest.raises(ValueError, match="another training"):
            train(other, painted, tmp_path / "plain.pt")
    same = FaceTrainer(replace(PLAIN, steps=9, minutes=1.0, threads=2))
    same.load(torch.load(tmp_path / "plain.pt", weights_only=True))
    assert same.done == 1
    with pytest.raises(ValueError, match="neither"):
        FaceTrainer(replace(TINY, paired=0.0))


def test_checkpoints_of_before_go_on(painted: PortraitSet, tmp_path: Path) -> None:
    train(replace(TINY, steps=1), painted, tmp_path / "old.pt")
    state = torch.load(tmp_path / "old.pt", weights_only=True)
    for name in ("paired", "device", "minutes"):
        del state["config"][name]
    torch.save(state, tmp_path / "old.pt")
    assert train(TINY, painted, tmp_path / "old.pt").done == 3


def test_the_plain_way_draws_its_codes_and_sees_what_is_real(painted: PortraitSet) -> None:
    trainer, labels = FaceTrainer(PLAIN), torch.randn(400, 3)
    z, label = trainer.inputs(labels)
    assert torch.equal(label, labels) and z.shape == (400, 80)
    assert abs(float(z.mean())) < 0.02 and float(z.std()) == pytest.approx(1.0, abs=0.02)
    trainer.done = 1
    assert not torch.equal(trainer.inputs(labels)[0], z)
    given, real = next(stream(PLAIN, painted, 4))
    index = next(draws(18, seed=PLAIN.seed, batch=2, start=4))
    assert torch.equal(real, painted.pictures(index, 16))
    assert np.allclose(given, painted.codes[index, :3] / STRETCH)
    before = parameters(FaceTrainer(PLAIN))
    moved = FaceTrainer(PLAIN)
    moved.step(given, real)
    changed = [not torch.equal(a, b) for a, b in zip(before, parameters(moved), strict=True)]
    assert sum(changed) > len(changed) / 2


def test_labels_of_photographs_are_known_or_drawn(tmp_path: Path) -> None:
    from PIL import Image

    for i in range(12):
        Image.new("RGB", (16, 16), (20 * i, 0, 0)).save(tmp_path / f"{i:02}.png")
    rows = [f"{i:02}.png,{i},{'' if i % 3 else -i}" for i in range(12)]
    (tmp_path / "labels.csv").write_text("\n".join(["file,eyes,pose", *rows]) + "\n")
    photos = PhotoFolder(tmp_path, 16)
    found = labels_of(photos)
    assert np.allclose(found[:, 0], (np.arange(12) - 5.5) / np.arange(12).std(ddof=1), atol=1e-4)
    known = np.arange(0, 12, 3)
    assert np.allclose(found[known, 2], -(known - 4.5) / known.std(ddof=1), atol=1e-4)
    assert np.isfinite(found).all() and np.array_equal(found, labels_of(photos))
    assert len(np.unique(found[:, 1])) == 12 and len(np.unique(found[:, 2])) == 12
    _, pictures = next(labelled(photos, seed=1, batch=5, resolution=8))
    assert pictures.shape == (5, 3, 8, 8)
    with pytest.raises(ValueError, match="only painted"):
        stream(TINY, photos, 0)
    trained = train(replace(PLAIN, resolution=8, steps=1), photos, tmp_path / "of" / "photos.pt")
    assert trained.done == 1


def test_growth_keeps_the_layers_that_were_there() -> None:
    small = FaceTrainer(replace(TINY, resolution=64))
    for value in small.g.parameters():
        value.data.add_(0.01)
    grown = FaceTrainer(replace(PLAIN, resolution=128))
    grown.load(small.state())
    own, taken = grown.g.state_dict(), small.g.state_dict()
    assert all(torch.equal(own[key], value) for key, value in taken.items())
    assert {key.split(".")[1] for key in own.keys() - taken.keys()} == {"layer10", "layer11", "output5"}
    losses = grown.step(torch.randn(1, 3), torch.zeros(1, 3, 128, 128))
    assert grown.done == 1 and all(math.isfinite(value) for value in losses.values())


def test_the_furthest_stage_is_never_a_plain_one_where_there_is_another(tmp_path: Path) -> None:
    (tmp_path / "plain256.pt").touch()
    assert make.latest(tmp_path) == tmp_path / "plain256.pt"
    (tmp_path / "paired64.pt").touch()
    assert make.latest(tmp_path) == tmp_path / "paired64.pt"
    plain = [make.STAGES[f"plain{size}"] for size in (64, 128, 256)]
    assert [(s.config.resolution, s.config.paired, s.after) for s in plain] == [
        (64, 0, ""), (128, 0, "plain64"), (256, 0, "plain128"),
    ]  # fmt: skip


# In parts: the other trainings


def test_portraits_are_painted_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("skia")
    small: Any = lambda *args, **how: paint_set(*args, **how, shard=2)  # noqa: E731
    monkeypatch.setattr(make, "paint_set", small)
    config = make.PortraitsConfig(steps=5, size=8, threads=1, minutes=0.0)
    counts: list[int] = []
    with pytest.raises(TimeUpError):
        make.paint(config, tmp_path, lambda done, losses: counts.append(done))
    assert counts == [0]
    late = SimpleNamespace(
        monotonic=iter([0.0, 0.0, 9.0]).__next__
    )  # it begins, looks, paints a shard, looks
    monkeypatch.setattr(make, "time", late)
    with pytest.raises(TimeUpError):
        make.paint(replace(config, minutes=0.1), tmp_path, lambda done, losses: counts.append(done))
    monkeypatch.undo()
    assert counts == [0, 0, 2]


def pictures(n: int, size: int = 64) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n, size, size, 3), dtype=np.uint8)


def test_hair_is_learnt_in_parts(tmp_path: Path) -> None:
    config = HairTrainConfig(HAIR, steps=3)

    def batches(start: int) -> Iterator[tuple[Any, Any]]:
        for number in range(start, 9):
            yield pictures(12)[number : number + 2], pictures(12)[number : number + 2, :, :, 0]

    whole = train_hair(config, batches, tmp_path / "whole.pt")
    short = replace(config, minutes=0.0, threads=1)
    parts, stopped = in_parts(lambda: train_hair(short, batches, tmp_path / "parts.pt"))
    assert stopped == 2
    for one, other in zip(whole.state_dict().values(), parts.state_dict().values(), strict=True):
        assert torch.equal(one, other)


def test_scores_are_learnt_in_parts_of_an_epoch(tmp_path: Path) -> None:
    config = ScoreTrainConfig(ScoreConfig("property", 0.05, 64), batch=4, lr=1e-3, epochs=2)
    images, targets = pictures(12), np.random.default_rng(1).standard_normal((12, 7))
    epochs: list[int] = []
    whole = train_property_scores(images, targets, config, checkpoint=tmp_path / "whole.pt")
    short = replace(config, minutes=0.0)
    parts, stopped = in_parts(
        lambda: train_property_scores(
            images, targets, short, lambda n, seen: epochs.append(n), checkpoint=tmp_path / "parts.pt"
        )
    )
    assert stopped >= 4 and epochs == [0, 1]  # ten pictures: three steps an epoch
    assert whole.history == parts.history
    for one, other in zip(whole.net.state_dict().values(), parts.net.state_dict().values(), strict=True):
        assert torch.equal(one, other)


def test_a_filter_is_learnt_in_parts(tmp_path: Path) -> None:
    config = ScoreTrainConfig(ScoreConfig("glass", 0.05, 64), batch=8, epochs=1)
    labels = np.arange(10) % 2
    whole = train_filter(pictures(10), labels, config)
    short = replace(config, minutes=0.0)
    parts, stopped = in_parts(lambda: train_filter(pictures(10), labels, short, work=tmp_path))
    assert stopped >= 4 and [each.history for each in parts] == [each.history for each in whole]


def test_a_fine_tune_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "PART", 8)
    for name in ("WATCHED", "COMPARED"):
        monkeypatch.setattr(tuned, name, 4)
    torch.manual_seed(3)
    judge, checkpoint = tmp_path / "property.safetensors", tmp_path / "paired64.pt"
    save_scores(build(ScoreConfig("merged", 0.05, 64)), judge)
    first = Generator(GeneratorConfig(64, 8, 16, 3, 4, (8, 8, 8, 6, 4)))
    torch.save({"ema": first.state_dict()}, checkpoint)
    kinds = ("gender", "quality", "age", "glass")
    filters = {kind: [build(ScoreConfig(kind, 0.05, 64))] for kind in kinds}
    config = lineage.LineageConfig(steps=2, pictures=20, batch=2, threads=1, minutes=0.0)
    how = (config, checkpoint, judge, filters, tmp_path / "lineage", NOTHING)
    first_outcome, stopped = in_parts(lambda: lineage.lineage("v1", *how))
    assert stopped == 2  # of three parts of pictures, the last goes on to the first step
    assert (first_outcome["steps"], first_outcome["finished"]) == (1, False)
    last = lineage.lineage("v1", *how)
    assert (last["steps"], last["finished"]) == (2, True)


# Devices


def test_no_training_mixes_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    """The meta device stands for any other: what stays on the CPU by mistake cannot be mixed with it."""
    monkeypatch.setattr(torch.Tensor, "__float__", lambda self: 0.0)
    monkeypatch.setattr(torch, "autocast", lambda *args, **how: nullcontext())
    for config in (ADVERSARIAL, PLAIN):
        trainer = FaceTrainer(replace(config, device="meta"))
        given = torch.randn(2, len(PARAM_NAMES) if config.paired else 3)
        for _ in range(2):
            trainer.step(given, torch.randn(2, 3, 16, 16))
        assert {value.device.type for value in parameters(trainer)} == {"meta"}
    hair = HairTrainer(HairTrainConfig(HAIR, device="meta"))
    hair.step(pictures(2), pictures(2)[..., 0])
    judging = ScoreTrainConfig(ScoreConfig("merged", 0.05, 64), device="meta")
    task = _Task(pictures(12), np.zeros((12, 8)), np.arange(10), np.arange(10, 12), squares, NOTHING)
    scores = _Trainer(judging, task, (0,))
    scores._step(np.arange(4))
    nets = [*hair.net.parameters(), *scores.net.parameters()]
    assert {value.device.type for value in nets} == {"meta"} and hair.done == 1
    space = space_of(Generator(GeneratorConfig.mini(16)).to("meta"))
    assert space.device == "meta" and space.paint(torch.randn(2, 128)).device.type == "meta"


def test_bfloat16_pictures_are_measured_on_their_device() -> None:
    generator = Generator(GeneratorConfig.mini(16)).eval()
    rough, exact = space_of(generator, bf16=True), space_of(generator)
    codes = exact.codes(draw(exact, 3, 0))
    scorer: Any = lambda images: images.mean((2, 3))  # noqa: E731
    one, other = (measure(space, scorer, codes).values for space in (rough, exact))
    assert not np.array_equal(one, other) and np.abs(one - other).max() < 0.1


# What was measured


def test_a_search_goes_on_from_what_it_measured(tmp_path: Path) -> None:
    generator = Generator(GeneratorConfig.mini(16)).eval()
    painted: list[int] = []

    def space_until(until: float, about: str = "these nets") -> Any:
        plain = space_of(generator, batch=4)

        def paint(codes: torch.Tensor) -> torch.Tensor:
            painted.append(len(codes))
            return plain.paint(codes)

        return replace(plain, paint=paint, memo=Memo(tmp_path / "kept.npz", about, until))

    scorer: Any = lambda images: {"red": images[:, 0].mean((1, 2)), "top": images[:, 1, 0, 0]}  # noqa: E731
    codes = space_of(generator).codes(draw(space_of(generator), 10, 0))
    wanted = measure(space_of(generator, batch=4), scorer, codes)
    whole, stopped = in_parts(lambda: measure(space_until(0.0), scorer, codes))
    assert stopped == 3 and painted == [4, 4, 2]  # each part once, and each stop after one
    assert whole.names == wanted.names and np.array_equal(whole.values, wanted.values)
    later = space_until(math.inf)
    assert np.array_equal(measure(later, scorer, codes[4:8]).values, wanted.values[4:8]) and len(painted) == 3
    measure(space_until(math.inf, "other nets"), scorer, codes[:4])
    assert len(painted) == 4
