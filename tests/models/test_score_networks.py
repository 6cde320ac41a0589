"""Score networks: the original's shapes and names, files, scoring in eval mode, and training on toys."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F
from torch.utils.data import Dataset

from core.errors import ModelError
from models.face.scores.importing import import_scores
from models.face.scores.networks import (
    FILTERS,
    FilterCNN,
    HairstyleScoreCNN,
    MergedPropertyScoreCNN,
    PropertyScoreCNN,
    ScoreConfig,
    build,
    load_scores,
    save_scores,
    score,
    score_mean,
)
from models.face.scores.train import ScoreTrainConfig, rate, train_filter, train_property_scores

SMALL = ScoreConfig("hairstyle", 0.125, 64)
DROPOUTS = (torch.nn.Dropout, torch.nn.Dropout2d)
QUICK = ScoreTrainConfig(SMALL, batch=8, lr=3e-3, epochs=3, seed=1)


def noise(n: int, side: int = 64, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, side, side, 3), dtype=np.uint8)


def toy(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Pictures that are bright or dark as a whole, with noise, and their z-scores [n]."""
    rng = np.random.default_rng(seed)
    z = rng.permutation(np.linspace(-1.7, 1.7, n))
    bright = 128 + 60 * z[:, None, None, None] + rng.normal(0, 12, (n, 64, 64, 3))
    return bright.clip(0, 255).astype(np.uint8), z


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("property", 11_516_807), ("hairstyle", 8_605_377), ("merged", 11_516_807 + 8_605_377),
        ("gender", 5_845_697), ("quality", 6_828_481), ("age", 7_418_561), ("glass", 3_682_753),
    ],
)  # fmt: skip
def test_full_size_is_the_originals(kind: str, parameters: int) -> None:
    with torch.device("meta"):
        net = build(ScoreConfig(kind))
    assert sum(p.numel() for p in net.parameters()) == parameters
    assert not list(net.buffers())


def test_each_part_has_the_originals_size_and_names() -> None:
    with torch.device("meta"):
        net = MergedPropertyScoreCNN()
    sizes = {name: sum(p.numel() for p in part.parameters()) for name, part in net.named_children()}
    assert list(sizes.items()) == [
        ("eyes_score_cnn", 1_965_697),
        ("mouth_score_cnn", 917_121),
        ("pose_score_cnn", 3_030_785),
        ("hair_color_score_cnn", 1_605_505),
        ("hair_length_score_cnn", 1_998_721),
        ("background_score_cnn", 1_998_978),
        ("hairstyle_score_cnn", 8_605_377),
    ]
    layers = {"eyes": 4, "mouth": 4, "pose": 5, "hair_color": 6, "hair_length": 6, "background": 6}
    names = [
        f"{part}_score_cnn.{layer}.{kind}"
        for part, n in layers.items()
        for layer in [*(f"conv{i + 1}.0" for i in range(n)), "fc1.0", "fc_final"]
        for kind in ("weight", "bias")
    ]
    for layer in [
        *(f"bottom_{side}_cnn.conv{i + 1}.0" for side in ("left", "right") for i in range(6)), "fc1.0", "fc_final",
    ]:  # fmt: skip
        names += [f"hairstyle_score_cnn.{layer}.weight", f"hairstyle_score_cnn.{layer}.bias"]
    assert list(net.state_dict()) == names
    dropped = {name: m.p for name, m in net.named_modules() if isinstance(m, DROPOUTS)}
    heads = {f"{part}_score_cnn.fc1.2": 0.45 for part in layers} | {"hairstyle_score_cnn.fc1.2": 0.25}
    assert dropped == {name: heads.get(name, 0.05) for name in dropped} and len(dropped) == 31 + 12 + 7
    with torch.device("meta"):
        glass = list(FilterCNN("glass").state_dict())
    assert glass == [
        f"{layer}.{kind}"
        for layer in [*(f"conv{i}.0" for i in range(1, 6)), "fc1.0", "fc_final.0"]
        for kind in ("weight", "bias")
    ]


def by_hand(x: torch.Tensor, weights: dict[str, torch.Tensor], pooled: str, prefix: str = "") -> torch.Tensor:
    """Unpadded convolutions, those named in ``pooled`` followed by a pool, up to the flat features."""
    number = 1
    while f"{prefix}conv{number}.0.weight" in weights:
        name = f"{prefix}conv{number}.0."
        x = F.leaky_relu(F.conv2d(x, weights[name + "weight"], weights[name + "bias"]), 0.01)
        if str(number) in pooled:
            x = F.max_pool2d(x, 2)
        number += 1
    return x.flatten(1)


def dense(x: torch.Tensor, weights: dict[str, torch.Tensor], name: str) -> torch.Tensor:
    return F.linear(x, weights[name + ".weight"], weights[name + ".bias"])


def test_scores_at_256_px_follow_the_definition() -> None:
    """Crops, pools and the order of the outputs, written out once more from the original's table."""
    torch.manual_seed(0)
    net = MergedPropertyScoreCNN(width=0.125).eval()
    x = torch.rand(1, 3, 256, 256) * 2 - 1
    weights = net.state_dict()
    crops = {
        "eyes": (x[:, :, 96:144, 64:192], "234"),
        "hair_color": (x, "23456"),
        "hair_length": (x[:, :, 128:], "2345"),
        "mouth": (x[:, :, 160:208, 96:160], "234"),
        "pose": (x[:, :, 112:160, 88:168], "23"),
        "background": (x[:, :, :128], "2345"),
    }
    wanted = []
    for name, (crop, pooled) in crops.items():
        prefix = f"{name}_score_cnn."
        flat = by_hand(crop, weights, pooled, prefix)
        wanted.append(dense(dense(flat, weights, prefix + "fc1.0").tanh(), weights, prefix + "fc_final"))
    prefix = "hairstyle_score_cnn."
    left = by_hand(x[:, :, 128:, :96], weights, "234", prefix + "bottom_left_cnn.")
    right = by_hand(x[:, :, 128:, 160:], weights, "234", prefix + "bottom_right_cnn.")
    hidden = dense(torch.cat([left, right], dim=1), weights, prefix + "fc1.0").tanh()
    wanted.append(dense(hidden, weights, prefix + "fc_final"))
    with torch.no_grad():
        assert torch.allclose(net(x), torch.cat(wanted, dim=1), atol=1e-6)
    assert net.config.outputs[6:] == ("background_std", "hairstyle")


@pytest.mark.parametrize(
    ("kind", "rows", "columns", "pooled"),
    [
        ("gender", slice(256), slice(256), "23456"), ("quality", slice(64), slice(64, 192), "234"),
        ("age", slice(128), slice(256), "2345"), ("glass", slice(80, 128), slice(64, 192), "234"),
    ],
)  # fmt: skip
def test_filters_at_256_px_follow_the_definition(kind: str, rows: slice, columns: slice, pooled: str) -> None:
    torch.manual_seed(0)
    net = FilterCNN(kind, width=0.125).eval()
    x, weights = torch.rand(1, 3, 256, 256), net.state_dict()
    flat = by_hand(x[:, :, rows, columns], weights, pooled)
    wanted = dense(dense(flat, weights, "fc1.0").tanh(), weights, "fc_final.0").sigmoid()
    with torch.no_grad():
        assert torch.allclose(net(x * 2 - 1), wanted, atol=1e-6)


@pytest.mark.parametrize("kind", ["property", "hairstyle", "merged", *FILTERS])
def test_narrow_networks_work_on_small_pictures(kind: str) -> None:
    for resolution in (64, 96, 128):
        net = build(ScoreConfig(kind, 0.25, resolution))
        assert score(net, noise(2, resolution)).shape == (2, len(net.config.outputs))
    for resolution in (64, 256):  # enlarged, averaged down
        assert score(net, noise(2, resolution)).shape == (2, len(net.config.outputs))
    with pytest.raises(ValueError, match="made for 128 px"):
        score(net, noise(1, 96))


def test_width_scales_the_parameters() -> None:
    with torch.device("meta"):
        narrow = sum(p.numel() for p in PropertyScoreCNN(0.25).parameters())
    assert 600_000 < narrow < 900_000


def test_impossible_networks_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        ScoreConfig("nose")
    with pytest.raises(ValueError, match="multiple of 32"):
        PropertyScoreCNN(resolution=100)
    with pytest.raises(ValueError, match="unknown filter"):
        FilterCNN("property")


def test_scoring_is_in_eval_mode_and_leaves_the_mode_alone() -> None:
    torch.manual_seed(0)
    net, pictures = build(SMALL).train(), noise(4)
    first = score(net, pictures)
    assert np.array_equal(first, score(net, pictures)) and net.training
    x = torch.from_numpy(pictures).permute(0, 3, 1, 2) / 127.5 - 1
    with torch.no_grad():
        assert not torch.equal(net(x), net(x))  # dropout
        assert np.allclose(net.eval()(x).numpy(), first, atol=1e-6)
    assert np.array_equal(score(net, pictures), first) and not net.training


class Drawn(Dataset[torch.Tensor]):
    def __init__(self, pictures: np.ndarray) -> None:
        self.pictures = pictures

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, number: int) -> torch.Tensor:
        return torch.from_numpy(self.pictures[number])


def test_pictures_may_lie_in_a_file_or_be_a_dataset(tmp_path: Path) -> None:
    pictures, net = noise(5), build(SMALL)
    np.save(tmp_path / "pictures.npy", pictures)
    wanted = score(net, pictures)
    mapped = np.load(tmp_path / "pictures.npy", mmap_mode="r")
    assert np.allclose(score(net, mapped, batch=2), wanted, atol=1e-6)
    assert np.allclose(score(net, Drawn(pictures)), wanted, atol=1e-6)
    assert np.allclose(score(net, pictures, [3, 1]), wanted[[3, 1]], atol=1e-6)
    assert score(net, pictures[:0]).shape == (0, 1)


def test_the_final_score_is_the_mean_of_the_networks() -> None:
    torch.manual_seed(0)
    nets, pictures = [FilterCNN("glass", 0.125, 64) for _ in range(3)], noise(4)
    wanted = sum(score(net, pictures) for net in nets) / 3
    assert np.allclose(score_mean(nets, pictures), wanted)


@pytest.mark.parametrize("kind", ["merged", "age"])
def test_saved_networks_score_alike(tmp_path: Path, kind: str) -> None:
    torch.manual_seed(0)
    net, pictures, path = (
        build(ScoreConfig(kind, 0.25, 96)),
        noise(3, 96),
        tmp_path / "new" / "net.safetensors",
    )
    save_scores(net, path, pictures=3)
    again = load_scores(path)
    assert type(again) is type(net) and again.config == net.config and not again.training
    assert np.allclose(score(again, pictures), score(net, pictures), atol=5e-3)
    assert path.stat().st_size < 2.2 * sum(p.numel() for p in net.parameters())
    assert json.loads(path.with_suffix(".json").read_text())["pictures"] == 3


def test_damaged_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    with pytest.raises(ModelError, match=r"net\.safetensors"):
        load_scores(path)
    save_scores(build(SMALL), path)
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(ModelError, match=r"net\.safetensors"):
        load_scores(path)
    save_scores(build(SMALL), path)
    path.with_suffix(".json").write_text('{"net": {"kind": "hairstyle", "width": 0.25, "resolution": 64}}')
    with pytest.raises(ModelError, match="size mismatch"):
        load_scores(path)


def test_the_originals_weights_are_imported(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net, source, out = FilterCNN("glass"), tmp_path / "glass_0.pt", tmp_path / "glass_0.safetensors"
    torch.save(net.state_dict(), source)
    imported = import_scores(source, out, "glass")
    pictures = noise(1, 256)
    assert imported.config == ScoreConfig("glass")
    assert np.allclose(score(imported, pictures), score(net, pictures), atol=1e-3)
    assert np.array_equal(score(load_scores(out), pictures), score(imported, pictures))
    with pytest.raises(ValueError, match="unknown kind"):
        import_scores(source, out, "nose")


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (eval, ("1 / 0",))


def test_what_is_not_exactly_the_originals_is_not_imported(tmp_path: Path) -> None:
    source, out = tmp_path / "x.pt", tmp_path / "x.safetensors"
    state = FilterCNN("glass").state_dict()
    source.write_bytes(pickle.dumps({"conv1.0.weight": Evil()}))
    with pytest.raises(ModelError, match=r"x\.pt: UnpicklingError"):
        import_scores(source, out, "glass")
    torch.save({k: v for k, v in state.items() if k != "fc1.0.bias"}, source)
    with pytest.raises(ModelError, match="Missing key"):
        import_scores(source, out, "glass")
    torch.save(state | {"conv9.0.bias": torch.zeros(1)}, source)
    with pytest.raises(ModelError, match="Unexpected key"):
        import_scores(source, out, "glass")
    assert not out.exists()


def test_the_rate_swings_or_falls() -> None:
    rates = [rate(ScoreTrainConfig(lr=2.0), epoch) for epoch in (0, 5, 10, 15, 20)]
    assert rates == pytest.approx([2.0, 1.0, 0.0, 1.0, 2.0])
    assert rate(ScoreTrainConfig(lr=2.0, decay=0.5), 3) == 0.25


def test_property_scores_are_learnt_better_than_their_mean() -> None:
    pictures, z = toy(48)
    targets = np.stack([z, -z, z, -z, z, -z, np.random.default_rng(9).standard_normal(48)], axis=1)
    config = ScoreTrainConfig(ScoreConfig("property", 0.125, 64), batch=4, lr=4e-3, epochs=3, seed=2)
    seen: list[tuple[int, dict[str, float]]] = []
    trained = train_property_scores(pictures, targets, config, lambda *args: seen.append(args))
    assert [number for number, _ in seen] == list(range(3))
    assert [figures for _, figures in seen] == list(trained.history)
    losses = [figures["loss"] for figures in trained.history]
    assert trained.best == int(np.argmin(losses)) and trained.figures["loss"] == min(losses)
    # background_std, which cannot be learnt here, stays out of the loss.
    names = trained.net.config.outputs
    counted = [trained.figures[f"{name}_mse"] for name in names[:6]]
    assert trained.figures["loss"] == pytest.approx(np.mean(counted))
    assert min(trained.figures[f"{name}_corr"] for name in names[:6]) > 0.7
    for name in names:
        assert trained.figures[f"{name}_mae"] ** 2 <= trained.figures[f"{name}_mse"] + 1e-9
    # The mean predictor's squared error is the variance.
    fresh, fresh_z = toy(40, seed=50)
    errors = (score(trained.net, fresh)[:, :6] - fresh_z[:, None] * [1, -1, 1, -1, 1, -1]) ** 2
    assert (errors.mean(axis=0) < 0.5 * fresh_z.var()).all()


def test_a_resumed_training_ends_like_an_uninterrupted_one(tmp_path: Path) -> None:
    pictures, z = toy(12)
    at_once = train_property_scores(pictures, z[:, None], QUICK)
    file = tmp_path / "work" / "hair.pt"
    train_property_scores(pictures, z[:, None], replace(QUICK, epochs=1), checkpoint=file)
    resumed = train_property_scores(pictures, z[:, None], QUICK, checkpoint=file)
    assert resumed.history == at_once.history and resumed.best == at_once.best
    for name, weight in at_once.net.state_dict().items():
        assert torch.equal(weight, resumed.net.state_dict()[name])
    other = train_property_scores(pictures, z[:, None], replace(QUICK, seed=2))
    assert other.history != at_once.history
    for changed, targets in ((replace(QUICK, lr=1.0), z), (QUICK, z + 1)):
        with pytest.raises(ValueError, match="another training"):
            train_property_scores(pictures, targets[:, None], changed, checkpoint=file)


def test_training_ends_when_the_loss_no_longer_falls() -> None:
    pictures, z = toy(20)
    still = replace(QUICK, lr=0.0, patience=2, epochs=50)  # epoch 0 stays the best, 1 and 2 are waited for
    trained = train_property_scores(pictures, z[:, None], still)
    assert (trained.best, len(trained.history)) == (0, 3)


def test_the_network_is_that_of_the_best_epoch() -> None:
    pictures, z = toy(12)
    wild = replace(QUICK, lr=0.3)
    trained = train_property_scores(pictures, z[:, None], wild)
    assert trained.best < 2  # so big a step does harm
    until_then = train_property_scores(pictures, z[:, None], replace(wild, epochs=trained.best + 1))
    assert np.array_equal(score(trained.net, pictures), score(until_then.net, pictures))


def test_a_separable_filter_is_learnt_in_five_folds() -> None:
    pictures, z = toy(50)
    apart = np.abs(z) > 0.35  # 40 of them
    pictures, labels = pictures[apart], (z[apart] > 0).astype(int)
    config = ScoreTrainConfig(ScoreConfig("quality", 0.25, 64), batch=4, lr=3e-3, epochs=4, seed=3)
    folds = train_filter(pictures, labels, config)
    assert [fold.figures["fold"] for fold in folds] == [0, 1, 2, 3, 4]
    assert min(fold.figures["auroc"] for fold in folds) >= 0.95
    assert np.mean([fold.figures["accuracy"] for fold in folds]) > 0.8
    fresh, fresh_z = toy(50, seed=50)
    found = score_mean([fold.net for fold in folds], fresh)[:, 0]
    yes, no = found[fresh_z > 0.35], found[fresh_z < -0.35]
    assert np.mean(yes[:, None] > no) >= 0.95  # the AUROC: the share of pairs in the right order
    with pytest.raises(ValueError, match="labels"):
        train_filter(pictures, np.zeros(40), config)
    for wrong, settings in ((labels + 1, config), (labels, replace(config, net=SMALL))):
        with pytest.raises(ValueError, match="labels"):
            train_filter(pictures, wrong, settings)


def test_a_fold_that_misses_its_limit_is_trained_anew_and_the_best_try_kept(tmp_path: Path) -> None:
    pictures, z = toy(20)
    config = ScoreTrainConfig(ScoreConfig("glass", 0.125, 64), epochs=1, limit=0.0, tries=2)
    start = FilterCNN("glass", 0.125, 64)
    folds = train_filter(pictures, z > 0, config, start=start, work=tmp_path)
    assert len(list(tmp_path.glob("fold*_*.pt"))) == 10
    for number, fold in enumerate(folds):
        states = [torch.load(tmp_path / f"fold{number}_{i}.pt", weights_only=True) for i in (0, 1)]
        assert fold.figures["loss"] == min(state["history"][0]["loss"] for state in states)
    (tmp_path / "met").mkdir()
    train_filter(pictures, z > 0, replace(config, limit=99.0), work=tmp_path / "met")
    assert len(list((tmp_path / "met").glob("fold*_*.pt"))) == 5


def test_warm_folds_begin_with_the_weights_given() -> None:
    pictures, z = toy(20)
    start = FilterCNN("glass", 0.125, 64)
    still = ScoreTrainConfig(start.config, lr=0.0, epochs=1)
    for fold in train_filter(pictures, z > 0, still, start=start):
        assert torch.equal(fold.net.state_dict()["fc1.0.weight"], start.state_dict()["fc1.0.weight"])


def test_targets_must_fit_pictures_and_network() -> None:
    pictures, z = toy(12)
    for targets in (np.stack([z, z], axis=1), z[:11, None], np.full((12, 1), np.nan)):
        with pytest.raises(ValueError, match="targets"):
            train_property_scores(pictures, targets, QUICK)
    with pytest.raises(ValueError, match="targets"):
        train_property_scores(pictures[:5], z[:5, None], QUICK)
    with pytest.raises(ValueError, match="targets"):
        train_property_scores(pictures, z[:, None], replace(QUICK, net=ScoreConfig("age", 0.125, 64)))


def test_the_hairstyle_network_looks_at_both_sides_below() -> None:
    torch.manual_seed(0)
    net, plain = HairstyleScoreCNN(0.25, 128), np.full((128, 128, 3), 90, np.uint8)
    pictures = np.stack([plain] * 4)
    pictures[1, 64:, :48], pictures[2, 64:, 80:], pictures[3, :64], pictures[3, :, 48:80] = 200, 200, 200, 200
    found = score(net, pictures)[:, 0]
    assert found[1] != found[0] and found[2] != found[0] and found[3] == pytest.approx(found[0])
