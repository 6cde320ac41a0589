"""The hair network, its files, and how it learns a teacher's maps."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.errors import ModelError
from models.face import make
from models.face.data.dataset import paint_set
from models.face.hair.network import ConvNorm, HairNet, HairNetConfig, fold, hair_maps, load_hair, save_hair
from models.face.hair.train import (
    Batch,
    HairTrainConfig,
    HairTrainer,
    augment,
    evaluate,
    hair_loss,
    recolour,
    to_target,
    train_hair,
    turn_hue,
)

TINY = HairNetConfig((8, 16, 16, 24, 24), (1, 1, 1, 1, 1), 2, 16)


def lived_in(config: HairNetConfig, size: int = 64, bold: float = 30.0) -> HairNet:
    """A network whose batch norms have seen pictures, and which decides more boldly than a fresh one."""
    torch.manual_seed(0)
    net = HairNet(config)
    net.out.weight.data *= bold
    for _ in range(3):
        net(torch.randn(4, 3, size, size))
    return net


def noise(n: int, size: int = 64, seed: int = 0) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.random.default_rng(seed).integers(0, 256, (n, size, size, 3), dtype=np.uint8)


def test_mini_is_small(tmp_path: Path) -> None:
    net = HairNet(HairNetConfig.mini())
    assert 200_000 < sum(p.numel() for p in net.parameters()) < 350_000
    save_hair(net, tmp_path)
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 700_000


@pytest.mark.parametrize(("batch", "height", "width"), [(1, 256, 256), (2, 64, 96), (3, 32, 32)])
def test_probabilities_are_as_large_as_the_picture(batch: int, height: int, width: int) -> None:
    net = lived_in(HairNetConfig.mini())
    image = torch.rand(batch, 3, height, width) * 2 - 1
    p = net.eval()(image)
    assert p.shape == (batch, 1, height, width)
    assert (0 < p).all() and (p < 1).all()
    assert torch.equal(p, net.logits(image).sigmoid())


def test_sizes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="32"):
        HairNet(TINY).eval()(torch.zeros(1, 3, 48, 64))
    bad = [((8,) * 4, (1,) * 4, 3, 24, 1), ((8,) * 5, (1, 1, 0, 1, 1), 3, 24, 1)]
    worse = [((8,) * 5, (1,) * 5, 0, 24, 1), ((8,) * 5, (1,) * 5, 3, 23, 1), ((8,) * 5, (1,) * 5, 3, 24, 2)]
    for sizes in bad + worse:
        with pytest.raises(ValueError, match=r"five scales|bad width"):
            HairNetConfig(*sizes)


def test_sizes_come_back_from_json() -> None:
    for config in (TINY, HairNetConfig.mini(), HairNetConfig.full()):
        data = config.to_json()
        assert (
            HairNetConfig.from_json({k: list(v) if isinstance(v, tuple) else v for k, v in data.items()})
            == config
        )


def test_folding_changes_nothing_but_the_time() -> None:
    net = lived_in(HairNetConfig.mini(), bold=60.0)
    twin = fold(net)
    assert net.training and not twin.training
    folded = [m for m in twin.modules() if isinstance(m, ConvNorm)]
    assert folded and all(isinstance(m.norm, torch.nn.Identity) for m in folded)
    pictures = noise(2)
    plain, quick, again = (hair_maps(n, pictures) for n in (net, twin, fold(twin)))
    assert plain.shape == (2, 64, 64) and plain.std() > 0.02
    assert np.abs(plain - quick).max() < 1e-5
    assert np.array_equal(quick, again)


def test_a_map_does_not_depend_on_the_pictures_beside_it() -> None:
    net = lived_in(TINY)  # left in training mode
    pictures = noise(4)
    alone = np.concatenate([hair_maps(net, pictures[i : i + 1]) for i in range(4)])
    assert np.abs(alone - hair_maps(net, pictures)).max() < 1e-5
    assert not net.training


def test_files_give_the_same_network_back(tmp_path: Path) -> None:
    net = lived_in(TINY)
    save_hair(net, tmp_path / "hair", teacher="painter")
    loaded = load_hair(tmp_path / "hair")
    assert loaded.config == TINY and not loaded.training
    assert '"teacher": "painter"' in (tmp_path / "hair" / "hair.json").read_text()
    assert np.abs(hair_maps(loaded, noise(2)) - hair_maps(net, noise(2))).max() < 2e-3  # float16
    save_hair(loaded, tmp_path / "again")
    again = load_hair(tmp_path / "again")
    assert np.array_equal(hair_maps(again, noise(1)), hair_maps(loaded, noise(1)))


@pytest.mark.parametrize("victim", ["hair.json", "hair.safetensors"])
def test_damaged_weights_are_named(tmp_path: Path, victim: str) -> None:
    save_hair(HairNet(TINY), tmp_path)
    (tmp_path / victim).write_bytes(b"{")
    with pytest.raises(ModelError, match="hair weights"):
        load_hair(tmp_path)
    (tmp_path / victim).unlink()
    with pytest.raises(ModelError, match="hair weights"):
        load_hair(tmp_path)


def test_losses_by_hand() -> None:
    """Log odds 0 are a probability of one half; the teacher says one quarter."""
    half, quarter = torch.zeros(1, 1, 2, 2), torch.full((1, 1, 2, 2), 0.25)
    entropy = -(0.25 * math.log(0.25) + 0.75 * math.log(0.75))
    assert float(hair_loss(half, quarter)) == pytest.approx(math.log(2))
    assert float(hair_loss(half, quarter, "mse")) == pytest.approx(0.0625)
    assert float(hair_loss(half, quarter, "kl")) == pytest.approx(math.log(2) - entropy)
    there = torch.full_like(half, math.log(1 / 3))
    assert float(hair_loss(there, quarter, "kl")) == pytest.approx(0, abs=1e-6)
    assert float(hair_loss(there, quarter, "mse")) == pytest.approx(0, abs=1e-6)
    all_hair = torch.full_like(half, 20.0)  # to paint everything must not be cheap
    for kind in ("bce", "mse", "kl"):
        assert float(hair_loss(all_hair, quarter, kind)) > float(hair_loss(half, quarter, kind))


def test_maps_of_bytes_and_of_shares_are_the_same_target() -> None:
    levels = np.array([[[0, 51], [128, 255]]], np.uint8)
    assert to_target(levels).tolist() == [[[[0, pytest.approx(0.2)], [pytest.approx(128 / 255), 1]]]]
    assert torch.equal(to_target(levels), to_target((levels / np.float32(255)).astype(np.float32)))


def test_rates_by_hand() -> None:
    cosine, steep = (HairTrainConfig(steps=100, lr=1.0, schedule=s) for s in ("cosine", "exponential"))
    assert [cosine.rate(n) for n in (0, 50, 100)] == pytest.approx([1, 0.505, 0.01])
    assert [steep.rate(n) for n in (0, 50, 100)] == pytest.approx([1, 0.1, 0.01])
    for wrong in ({"loss": "l1"}, {"schedule": "flat"}):
        with pytest.raises(ValueError, match="unknown"):
            HairTrainConfig(**wrong)  # type: ignore[arg-type]


def test_hue_turns_round_grey() -> None:
    image = torch.tensor([[1.0, -1, -1], [0.3, 0.3, 0.3]])[:, :, None, None]
    third = turn_hue(image, torch.full((2, 1, 1, 1), 1 / 3))
    assert torch.allclose(third[0, :, 0, 0], torch.tensor([-1.0, 1, -1]), atol=1e-6)  # red to green
    assert torch.allclose(third[1], image[1], atol=1e-6)
    assert torch.allclose(turn_hue(image, torch.ones(2, 1, 1, 1)), image, atol=1e-5)


def test_only_hair_is_recoloured() -> None:
    image = torch.rand(32, 3, 8, 8) * 2 - 1
    target = torch.zeros(32, 1, 8, 8)
    target[..., :4] = 1
    out = recolour(image, target, torch.Generator().manual_seed(0))
    assert torch.equal(out[..., 4:], image[..., 4:])
    changed = (out != image).flatten(1).any(1).float().mean()
    assert 0.25 < changed < 0.75


def test_pictures_are_mirrored_with_their_maps() -> None:
    """The lower half has no hair: bright at the left, dark at the right."""
    image = torch.full((16, 3, 32, 32), -0.4)
    image[..., :16] = 0.4
    target = torch.zeros(16, 1, 32, 32)
    target[:, :, :16, :8] = 1
    out, moved = augment(image, target, torch.Generator().manual_seed(1))
    assert out.shape == image.shape and out.abs().max() <= 1
    mirrored = moved[:, 0, 0, -1] == 1
    assert 0 < mirrored.sum() < 16
    assert torch.equal(moved[mirrored], target[mirrored].flip(-1)) and torch.equal(
        moved[~mirrored], target[~mirrored]
    )
    brighter_left = out[:, :, 16:, :16].mean(dim=(1, 2, 3)) > out[:, :, 16:, 16:].mean(dim=(1, 2, 3))
    assert torch.equal(brighter_left, ~mirrored)


class Brightness(HairNet):
    """Takes white for hair and black for none, so that its figures can be counted by hand."""

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return (image.mean(dim=1, keepdim=True) + 1) / 2


def test_figures_by_hand() -> None:
    """Of 2048 pixels 192 are hair; the network finds 64 of them and 32 others."""
    pictures = np.zeros((2, 32, 32, 3), np.uint8)
    maps = np.zeros((2, 32, 32), np.uint8)
    maps[0, :4], maps[1, :2] = 255, 128  # 128 pixels surely, 64 just so
    pictures[0, 2:5] = 255  # 64 right, 32 wrong
    got = evaluate(Brightness(TINY), pictures, maps, batch=1)
    wrong = 64 + 32 + 64 * (128 / 255) ** 2
    assert got == pytest.approx(
        {
            "mse": wrong / 2048, "iou": 64 / 224, "dice": 128 / 288, "recall": 64 / 192, "precision": 64 / 96,
            "spill": 0.0,  # white stays white under any dye
        }
    )  # fmt: skip
    assert evaluate(Brightness(TINY), pictures, maps) == pytest.approx(got)
    nothing = evaluate(Brightness(TINY), pictures * 0, maps * 0)
    assert nothing == {"mse": 0, "iou": 1, "dice": 1, "recall": 1, "precision": 1, "spill": 0}


def test_spilt_dye_is_counted_in_levels() -> None:
    """Ten light rows are taken for hair, with .902, and are none: a dye mask of .608, 230 becomes 245."""
    pictures = np.zeros((1, 32, 32, 3), np.uint8)
    pictures[0, 10:20] = 230
    maps = np.zeros((1, 32, 32), np.uint8)
    assert evaluate(Brightness(TINY), pictures, maps)["spill"] == pytest.approx(15 * 10 / 32)
    maps[0, 10:20] = 255
    assert evaluate(Brightness(TINY), pictures, maps)["spill"] == 0


def ellipses(seed: int, n: int = 8, side: int = 32) -> Batch:
    """Dark ellipses with soft edges, standing for hair, before something light."""
    rng = np.random.default_rng((7, seed))
    y, x = np.mgrid[:side, :side] / side
    cx, cy = rng.uniform(0.35, 0.65, (2, n, 1, 1))
    a, b = rng.uniform(0.15, 0.35, (2, n, 1, 1))
    soft = np.clip(2.5 - 2 * np.hypot((x - cx) / a, (y - cy) / b), 0, 1)
    back, hair = rng.uniform(0.5, 1, (n, 1, 1, 3)), rng.uniform(0, 0.5, (n, 1, 1, 3))
    picture = back + (hair - back) * soft[..., None] + 0.03 * rng.standard_normal((n, side, side, 3))
    return (255 * np.clip(picture, 0, 1)).astype(np.uint8), np.rint(255 * soft).astype(np.uint8)


def stream(start: int, stop: int = 10**6) -> Iterator[Batch]:
    return (ellipses(number) for number in range(start, stop))


def test_a_small_network_learns_a_simple_shape(tmp_path: Path) -> None:
    config = HairTrainConfig(TINY, steps=60, lr=2e-2)
    losses: list[float] = []
    net = train_hair(config, stream, tmp_path / "hair.pt", report=lambda _, loss: losses.append(loss))
    figures = evaluate(net, *ellipses(10**7, 64))
    assert figures["dice"] >= 0.9 and figures["mse"] < 0.03
    assert len(losses) == 60 and losses[-1] < losses[0] / 3


def test_a_resumed_run_ends_where_an_uninterrupted_one_does(tmp_path: Path) -> None:
    config = HairTrainConfig(TINY, steps=4)
    whole = train_hair(config, stream, tmp_path / "whole.pt")
    train_hair(config, lambda start: stream(start, 2), tmp_path / "parts.pt")
    state = torch.load(tmp_path / "parts.pt", weights_only=True)
    assert state["done"] == 2
    starts: list[int] = []

    def rest(start: int) -> Iterator[Batch]:
        starts.append(start)
        return stream(start)

    parts = train_hair(config, rest, tmp_path / "parts.pt")
    assert starts == [2]
    for name, weight in whole.state_dict().items():
        assert torch.equal(weight, parts.state_dict()[name]), name
    with pytest.raises(ValueError, match="another configuration"):
        HairTrainer(HairTrainConfig(TINY, steps=4, loss="mse")).load(state)


def test_the_stage_learns_mattes_and_judges_portraits_held_out(tmp_path: Path) -> None:
    pytest.importorskip("skia")
    portraits = paint_set(tmp_path / "portraits", 20, seed=3, size=32, workers=1, shard=10)
    config, losses = HairTrainConfig(net=TINY, steps=3), []
    figures = make.hair(config, portraits, tmp_path, tmp_path / "face", lambda n, loss: losses.append(loss))
    assert len(losses) == 3 and {"dice", "iou", "mse"} <= figures.keys()
    about = json.loads((tmp_path / "face" / "hair.json").read_text())
    assert about["held_out"] == 2 and about["dice"] == figures["dice"]
    unseen = np.arange(18, 20)
    mattes = portraits.rows("mattes", unseen)
    again = evaluate(load_hair(tmp_path / "face"), portraits.rows("pictures", unseen), mattes)
    assert again["mse"] == pytest.approx(figures["mse"], abs=0.01), "what is stored is what was judged"
