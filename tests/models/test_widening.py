"""A trained generator gets more channels, draws as before, and its training goes on with what is hard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.face.data.dataset import PortraitSet, batches, draws, hard_ones, paint_set
from models.face.painter.params import PARAM_NAMES, from_gaussian
from models.face.stylegan.generator import Generator, GeneratorConfig
from models.face.stylegan.stage import FaceTrainConfig
from models.face.stylegan.train import FaceTrainer, train
from models.face.stylegan.widening import UNLIKE, widened

NARROW = replace(GeneratorConfig.mini(16), channels=(8, 6, 4))


def lived_in(config: GeneratorConfig) -> Generator:
    """A generator none of whose numbers is what it was when made."""
    torch.manual_seed(4)
    net = Generator(config).eval()
    for value in net.parameters():
        value.data.add_(0.1 * torch.randn_like(value))
    return net


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> PortraitSet:
    pytest.importorskip("skia")
    return paint_set(tmp_path_factory.mktemp("painted"), 20, seed=3, size=16, workers=1, shard=20)


@settings(max_examples=10, deadline=None)
@given(st.tuples(*(st.integers(n, 3 * n) for n in NARROW.channels)), st.integers(0, 99))
def test_pictures_stay_as_they_were(channels: tuple[int, ...], seed: int) -> None:
    narrow = lived_in(NARROW)
    z, label = torch.randn(3, 80), torch.randn(3, 3)
    with torch.no_grad():
        wide = widened(narrow, replace(NARROW, channels=channels), seed=seed).eval()
        before, after = narrow(z, label), wide(z, label)
    assert wide.config.channels == channels
    assert float((before - after).abs().mean()) < 4 * UNLIKE * float(
        before.std()
    )  # twins are a little unlike
    if channels == NARROW.channels:
        assert torch.allclose(before, after, atol=1e-5)


def test_twins_are_not_the_same_forever() -> None:
    wide: Any = widened(lived_in(NARROW), replace(NARROW, channels=(8, 6, 8)), seed=1)
    kernels = wide.synthesis.layer5.weight.flatten(1)
    assert len({tuple(kernel.tolist()) for kernel in kernels}) == 8


@pytest.mark.parametrize(
    "other",
    [replace(NARROW, channels=(8, 5, 4)), replace(NARROW, w_dim=64), replace(NARROW, n_labels=7),
     replace(NARROW, resolution=8, channels=(8, 6))],
)  # fmt: skip
def test_nothing_else_may_differ(other: GeneratorConfig) -> None:
    with pytest.raises(ValueError, match="cannot be widened"):
        widened(lived_in(NARROW), other, seed=1)


def test_a_training_begins_with_a_narrower_generator(painted: PortraitSet, tmp_path: Path) -> None:
    config = FaceTrainConfig(resolution=16, steps=2, batch=2, hard=0.5)
    narrow = lived_in(NARROW)
    begun = FaceTrainer(config)
    begun.begin(narrow)
    first, bias = begun.ema.state_dict(), "mapping.dense0.bias"
    assert begun.g.config == GeneratorConfig.mini(16)
    assert torch.equal(first[bias], narrow.state_dict()[bias])
    trained = train(config, painted, tmp_path / "a.pt", start=narrow)
    kernel = "synthesis.layer5.weight"
    assert trained.done == 2 and not torch.equal(trained.ema.state_dict()[kernel], first[kernel])
    with pytest.raises(ValueError, match="cannot be widened"):
        train(config, painted, tmp_path / "b.pt", start=lived_in(replace(NARROW, w_dim=64)))
    on = train(
        replace(config, steps=3), painted, tmp_path / "a.pt", start=narrow
    )  # what it had begun goes before
    assert on.done == 3


def test_a_share_of_a_batch_is_hard() -> None:
    codes = np.random.default_rng(1).standard_normal((300, len(PARAM_NAMES))).astype(np.float32)
    found = set(hard_ones(codes).tolist())
    for number, code in enumerate(codes):
        shown = from_gaussian(code)
        if min(abs(shown.eyes + 0.9), abs(shown.eyes + 0.3), abs(abs(shown.pose) - 0.8)) > 0.005:
            assert (number in found) == (-0.9 < shown.eyes < -0.3 or abs(shown.pose) > 0.8)
    assert len(hard_ones(np.zeros((4, len(PARAM_NAMES)), np.float32))) == 4  # none is: then every one may be


def test_hard_portraits_are_drawn_more_often(painted: PortraitSet) -> None:
    hard = hard_ones(painted.codes[:18])
    assert 0 < len(hard) < 18
    plain = next(draws(18, seed=5, batch=8))
    given, pictures = next(batches(painted, seed=5, batch=8, resolution=16, among=18, hard=0.5))
    assert np.array_equal(given[4:], painted.codes[plain[4:]])
    assert {tuple(code) for code in given[:4].tolist()} <= {
        tuple(code) for code in painted.codes[hard].tolist()
    }
    again = next(batches(painted, seed=5, batch=8, resolution=16, among=18, hard=0.5))
    assert torch.equal(again[0], given) and torch.equal(again[1], pictures)
