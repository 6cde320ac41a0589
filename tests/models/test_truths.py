"""What painted portraits truly show, for the networks that learn to read it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import ModelError
from models.face.data.dataset import PortraitSet, paint_set
from models.face.data.photos import PhotoFolder
from models.face.painter.palette import palette_of
from models.face.painter.params import from_gaussian
from models.face.scores.measures import HAIR, algorithm2
from models.face.scores.networks import IDENTITY
from models.face.scores.truths import (
    TRUTHS,
    Small,
    as_painted,
    filter_truths,
    identity_truths,
    photo_truths,
    truths,
)


@pytest.fixture(scope="module")
def portraits(tmp_path_factory: pytest.TempPathFactory) -> PortraitSet:
    pytest.importorskip("skia")
    return paint_set(tmp_path_factory.mktemp("painted"), 12, seed=5, size=64, workers=1, shard=6)


def test_expression_and_curls_are_the_painters_the_rest_is_measured(
    portraits: PortraitSet, tmp_path: Path
) -> None:
    found = truths(portraits, tmp_path / "truths.npz")
    params = [from_gaussian(code) for code in portraits.codes]
    index = np.arange(len(portraits))
    measured = [
        algorithm2(ids, picture)
        for ids, picture in zip(portraits.rows("maps", index), portraits.rows("pictures", index), strict=True)
    ]
    for name in ("eyes", "mouth", "pose"):
        assert found[:, TRUTHS.index(name)].tolist() == [getattr(p, name) for p in params]
    low = (portraits.rows("maps", index)[:, 40:] == HAIR).mean(axis=(1, 2)) >= 0.02
    assert 0 < low.sum() < len(low)
    curls = [p.hair_curl if reaches else 0.5 for p, reaches in zip(params, low, strict=True)]
    assert found[:, TRUTHS.index("hairstyle")].tolist() == curls
    for name in ("hair_color", "hair_length", "background_mean", "background_std"):
        assert found[:, TRUTHS.index(name)].tolist() == [m[name] for m in measured]


def test_they_are_kept_and_made_anew_for_other_portraits(portraits: PortraitSet, tmp_path: Path) -> None:
    kept = tmp_path / "truths.npz"
    seen: list[int] = []
    first = truths(portraits, kept, seen.append, part=5)
    assert seen == [5, 10, 12]
    again = truths(portraits, kept, seen.append)
    assert seen == [5, 10, 12] and np.array_equal(first, again)
    others = paint_set(tmp_path / "others", 12, seed=6, size=64, workers=1, shard=6)
    assert not np.array_equal(truths(others, kept, seen.append), first)
    assert seen == [5, 10, 12, 12] and np.array_equal(truths(portraits, kept), first)


def test_filters_learn_what_was_painted(portraits: PortraitSet) -> None:
    found = filter_truths(portraits)
    params = [from_gaussian(code) for code in portraits.codes]
    assert found["glass"].tolist() == [p.glasses for p in params]
    assert found["gender"].tolist() == [p.gender for p in params]
    assert set(found) == {"gender", "quality", "age", "glass"}


def test_small_pictures_are_averages(portraits: PortraitSet) -> None:
    small, picture = Small(portraits, 32), portraits[3].astype(float)
    assert len(small) == 12 and small[3].shape == (32, 32, 3) and small[3].dtype == np.uint8
    assert abs(small[3][4, 7] - picture[8:10, 14:16].mean(axis=(0, 1))).max() <= 0.5
    with pytest.raises(ValueError, match="64"):
        Small(portraits, 24)


def test_who_is_shown_is_the_painters_and_hues_are_colours(portraits: PortraitSet) -> None:
    found = identity_truths(portraits)
    params = [from_gaussian(code) for code in portraits.codes]
    assert found.shape == (12, len(IDENTITY))
    for name in ("skin", "face_width", "fringe", "age", "gender"):
        assert found[:, IDENTITY.index(name)].tolist() == [getattr(p, name) for p in params]
    red, blue = (found[:, IDENTITY.index(name)] for name in ("hair_red", "hair_blue"))
    hair = [palette_of(p).hair for p in params]
    assert np.allclose(red - blue, [r - b for r, _, b in hair]) and np.allclose(
        red, [r - g for r, g, _ in hair]
    )


def test_photographs_are_scored_by_their_labels_or_their_maps(tmp_path: Path) -> None:
    rng, side = np.random.default_rng(0), 32
    ids = np.zeros((side, side), np.uint8)
    ids[:9], ids[12:14, 8:12], ids[12:15, 20:24], ids[22:24, 12:20] = HAIR, 4, 5, 8
    for name in ("a", "b"):
        Image.fromarray(rng.integers(0, 256, (side, side, 3), dtype=np.uint8)).save(tmp_path / f"{name}.png")
    (tmp_path / "labels.csv").write_text("file,eyes,pose\na.png,5,0.5\nb.png,,-0.5\n")
    with pytest.raises(ModelError, match="1 of 2 photographs have no label of eyes, and no map"):
        photo_truths(PhotoFolder(tmp_path, side))
    (tmp_path / "maps").mkdir()
    for name in ("a", "b"):
        Image.fromarray(ids).save(tmp_path / "maps" / f"{name}.png")
    photos = PhotoFolder(tmp_path, side)
    found = photo_truths(photos)
    measured = [algorithm2(ids, picture) for picture in photos.images]
    assert found[:, TRUTHS.index("eyes")].tolist() == [5, measured[1]["eyes"]]
    assert found[:, TRUTHS.index("pose")].tolist() == [0.5, -0.5]
    assert found[:, TRUTHS.index("hair_color")].tolist() == [each["hair_color"] for each in measured]


def test_photographs_scores_are_put_on_the_painters_scale() -> None:
    scores = np.random.default_rng(0).normal(7, 3, (500, len(TRUTHS)))
    mean, deviation = as_painted(scores)
    z = (scores - scores.mean(axis=0)) / scores.std(axis=0, ddof=1)
    painted = mean + deviation * z
    for name in ("eyes", "mouth", "pose"):
        column = painted[:, TRUTHS.index(name)]
        assert np.quantile(column, [0.05, 0.95]) == pytest.approx([-0.9, 0.9])
    assert np.allclose(painted[:, TRUTHS.index("hair_color")], scores[:, TRUTHS.index("hair_color")])
