"""The face's weights as they are shipped: their size, their names, and what they can do on fresh portraits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from models.face.data.dataset import PortraitSet, paint_set
from models.face.hair.network import load_hair
from models.face.hair.train import evaluate
from models.face.scores.networks import load_scores, score
from models.face.scores.truths import TRUTHS, truths
from models.face.service import load_engine
from models.runtime.int8 import SCALE

WEIGHTS = Path(__file__).resolve().parents[2] / "models" / "weights" / "face"
FRESH = 40  # portraits that nothing was trained on


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> PortraitSet:
    pytest.importorskip("skia")
    return paint_set(tmp_path_factory.mktemp("fresh"), FRESH, seed=424_242, workers=1)


def test_all_weights_of_the_face_fit_into_eleven_megabytes() -> None:
    sizes = {path.name: path.stat().st_size for path in WEIGHTS.rglob("*") if path.is_file()}
    assert {"generator.safetensors", "faces.safetensors", "property.safetensors", "hair.safetensors"} <= set(
        sizes
    )
    assert sum(sizes.values()) <= 11_000_000


def test_every_tensor_has_its_place() -> None:
    engine, judge = load_engine(WEIGHTS), load_scores(WEIGHTS / "property.safetensors")
    nets = {"generator": engine.generator, "property": judge, "hair": load_hair(WEIGHTS)}
    for name, net in nets.items():
        with safe_open(WEIGHTS / f"{name}.safetensors", "pt") as stored:
            shapes = {key: tuple(stored.get_slice(key).get_shape()) for key in stored.keys()}
        for key in [key for key in shapes if key.endswith(SCALE)]:  # of an int8 matrix, a number a row
            assert shapes.pop(key)[0] == shapes[key.removesuffix(SCALE)][0], key
        assert shapes == {key: tuple(value.shape) for key, value in net.state_dict().items()}, name
    assert len(engine.faces) >= 46 and all(face.name for face in engine.faces.values())


def test_the_property_network_reads_fresh_portraits(painted: PortraitSet, tmp_path: Path) -> None:
    true = truths(painted, tmp_path / "truths.npz")
    found = score(load_scores(WEIGHTS / "property.safetensors"), painted)
    least = {
        "eyes": 0.95, "mouth": 0.95, "pose": 0.96, "hair_color": 0.98, "hair_length": 0.95,
        "background_mean": 0.97,
    }  # fmt: skip
    for name, floor in least.items():
        i = TRUTHS.index(name)
        assert np.corrcoef(true[:, i], found[:, i])[0, 1] >= floor, name


def test_the_hair_net_finds_the_hair_of_fresh_portraits(painted: PortraitSet) -> None:
    every = np.arange(FRESH)
    figures = evaluate(load_hair(WEIGHTS), painted.rows("pictures", every), painted.rows("mattes", every))
    assert figures["dice"] >= 0.95 and figures["spill"] <= 1
