"""Portraits to learn from: painted shards that survive interruptions, photographs cut by their boxes."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from core.errors import ModelError
from models.face import make
from models.face.data import dataset, shards
from models.face.data.dataset import PortraitSet, batches, codes_of, contact_sheet, paint_set, shrunk, unpaint
from models.face.data.photos import LABELS, PhotoFolder
from models.face.painter.params import PARAM_NAMES, from_gaussian
from models.face.pixels import chosen
from models.face.stylegan.losses import paired_loss
from models.face.stylegan.stage import FaceTrainConfig
from models.face.stylegan.train import FaceTrainer, train

HOW: dict[str, Any] = {"seed": 3, "size": 16, "workers": 1, "shard": 8}  # 20 portraits: shards of 8, 8 and 4
EVERY = np.arange(20)


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> PortraitSet:
    pytest.importorskip("skia")
    return paint_set(tmp_path_factory.mktemp("painted"), 20, **HOW)


@pytest.fixture
def copy(painted: PortraitSet, tmp_path: Path) -> Path:
    """A folder with the 20 portraits of ``painted``."""
    for path in painted.folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def same(one: PortraitSet, other: PortraitSet, n: int) -> bool:
    parts = all(
        np.array_equal(one.rows(part, EVERY[:n]), other.rows(part, EVERY[:n]))
        for part in ("pictures", "maps", "mattes")
    )
    return parts and np.array_equal(one.codes[:n], other.codes[:n])


def stamps(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("*.npy")}


def test_a_set_holds_what_the_painter_paints_of_its_codes(painted: PortraitSet) -> None:
    from models.face.painter.portrait import paint_with_map

    drawn = np.random.default_rng((3, 1)).standard_normal((8, len(PARAM_NAMES)))
    drawn[:, :3] *= 1.25
    assert np.allclose(codes_of(3, 1, 8), drawn) and np.array_equal(painted.codes[8:16], codes_of(3, 1, 8))
    for i in (0, 9, 19):
        parts = [painted.rows(part, np.array([i]))[0] for part in ("pictures", "maps", "mattes")]
        for found, true in zip(parts, paint_with_map(from_gaussian(painted.codes[i]), 16), strict=True):
            assert np.array_equal(found, true)
        assert np.array_equal(painted[i], parts[0])
    assert (len(painted), painted.size) == (20, 16)
    for outside in (-1, 20):
        with pytest.raises(IndexError):
            painted.rows("maps", np.array([3, outside]))


def killed_while_writing(folder: Path) -> None:
    save = np.save

    def half(path: Path, array: Any) -> None:
        save(path, array)
        if path.name.startswith("pictures-0001"):
            path.write_bytes(path.read_bytes()[:-100])
            os.kill(os.getpid(), signal.SIGKILL)

    np.save = half  # type: ignore[assignment]
    paint_set(folder, 20, **HOW)


def test_a_killed_shard_leaves_no_half_file_and_the_others_are_kept(
    painted: PortraitSet, tmp_path: Path
) -> None:
    process = multiprocessing.get_context("fork").Process(target=killed_while_writing, args=(tmp_path,))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert not (tmp_path / "pictures-0001.npy").exists() and not (tmp_path / "codes-0001.npy").exists()
    with pytest.raises(FileNotFoundError, match="holds 8 of 20"):
        PortraitSet(tmp_path)
    before = {name: time for name, time in stamps(tmp_path).items() if "0000" in name}
    reports: list[int] = []
    resumed = paint_set(tmp_path, 20, **HOW, report=reports.append)
    assert reports == [8, 16, 20] and len(before) == 4
    assert same(resumed, painted, 20) and {*before.items()} <= {*stamps(tmp_path).items()}
    assert not [path for path in tmp_path.iterdir() if "part" in path.name]


def test_processes_stop_with_an_interruption_and_what_they_painted_is_kept(
    painted: PortraitSet, tmp_path: Path
) -> None:
    def stop(done: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        paint_set(tmp_path, 20, **HOW | {"workers": 2}, report=stop)
    assert not multiprocessing.active_children()
    reports: list[int] = []
    assert same(paint_set(tmp_path, 20, **HOW, report=reports.append), painted, 20)
    assert reports[0] > 0


def test_a_dead_painting_process_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("skia")
    monkeypatch.setattr(dataset, "get_context", lambda kind: multiprocessing.get_context("fork"))
    monkeypatch.setattr(dataset, "write_shard", dies)
    with pytest.raises(ModelError, match="paint again"):
        paint_set(tmp_path, 4, **HOW | {"workers": 2})


def dies(*job: Any) -> int:
    os._exit(9)


def test_a_set_may_grow_and_shrink(painted: PortraitSet, copy: Path) -> None:
    reports: list[int] = []
    for n, said in ((11, [11]), (20, [20]), (22, [16, 22])):  # 22: the shard of 4 portraits becomes one of 6
        made = paint_set(copy, n, **HOW, report=reports.append)
        assert len(made) == len(made.codes) == n and same(made, painted, min(n, 20))
        assert reports == said
        reports.clear()
    with pytest.raises(IndexError):
        paint_set(copy, 11, **HOW).rows("pictures", np.array([11]))


@pytest.mark.parametrize("change", [{"seed": 4}, {"size": 32}, {"shard": 4}, {"painter": "another"}])
def test_other_portraits_are_not_mixed_in(
    copy: Path, change: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = stamps(copy)
    if change.pop("painter", None):
        monkeypatch.setattr(dataset, "fingerprint", lambda: "another")
    with pytest.raises(ValueError, match="another seed, size or painter"):
        paint_set(copy, 20, **HOW | change)
    assert stamps(copy) == before and len(PortraitSet(copy)) == 20


def test_a_painter_is_known_by_its_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    from models.face.painter import portrait

    pytest.importorskip("skia")

    def one_pixel_changed(*asked: Any) -> tuple[np.ndarray, ...]:
        picture, ids, matte = paint(*asked)
        picture[40, 30, 1] ^= 1
        return picture, ids, matte

    first, paint = shards.fingerprint(), portrait.paint_with_map
    assert first == shards.fingerprint()
    monkeypatch.setattr(portrait, "paint_with_map", one_pixel_changed)
    assert first != shards.fingerprint()


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("painting.json", b"{", ValueError),
        ("painting.json", b"[]", ValueError),
        ("painting.json", b'{"n": 20}', FileNotFoundError),  # in one shard of 500, then
        ("painting.json", b'{"pictures": 20}', ValueError),
        ("painting.json", None, FileNotFoundError),
        ("pictures-0001.npy", b"\x93NUMPY", ValueError),
        ("pictures-0001.npy", None, FileNotFoundError),
        ("codes-0002.npy", b"", FileNotFoundError),  # as if that shard was not painted
    ],
)
def test_damage_is_told(copy: Path, name: str, content: bytes | None, error: type[Exception]) -> None:
    (copy / name).unlink() if content is None else (copy / name).write_bytes(content)
    with pytest.raises(error) as caught:
        PortraitSet(copy)
    assert str(copy) in str(caught.value)
    if name == "painting.json":
        with pytest.raises(ValueError, match=r"damaged|nobody knows|another"):
            paint_set(copy, 20, **HOW)
    (copy / "mine.npy").write_bytes(b"")
    unpaint(copy)
    assert [path.name for path in copy.iterdir()] == ["mine.npy"]


def test_a_full_disk_is_told_before_painting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("skia")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=3_276_799_999))
    with pytest.raises(OSError, match=r"need 3\.3 GB"):  # 5 bytes for each of 256 x 256 pixels
        paint_set(tmp_path, 10_000, size=256)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("wrong", [{"n": 0}, {"size": 4}, {"workers": 0}, {"seed": -1}])
def test_what_cannot_be_painted_is_refused(tmp_path: Path, wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="cannot paint"):
        paint_set(tmp_path / "new", **{"n": 4, **HOW, **wrong})
    assert not (tmp_path / "new").exists()


def taken(stream: Iterator[tuple[torch.Tensor, torch.Tensor]], n: int) -> list[torch.Tensor]:
    return [part for batch in islice(stream, n) for part in batch]


def test_batches_are_a_function_of_seed_and_number(painted: PortraitSet, copy: Path) -> None:
    sizes = {"batch": 3, "resolution": 8}
    whole = taken(batches(painted, seed=1, **sizes), 6)
    (copy / "codes-0001.npy").unlink()  # as after an interruption
    again = paint_set(copy, 20, **HOW)
    for one, other in zip(whole[6:], taken(batches(again, seed=1, **sizes, start=3), 3), strict=True):
        assert torch.equal(one, other)
    codes, pictures = whole[:2]
    index = np.array([np.flatnonzero((painted.codes == code).all(axis=1))[0] for code in codes.numpy()])
    assert torch.equal(pictures, painted.pictures(index, 8)) and pictures.shape == (3, 3, 8, 8)
    assert not torch.equal(whole[0], whole[2])
    assert not torch.equal(whole[0], taken(batches(painted, seed=2, **sizes), 1)[0])
    few = torch.cat(taken(batches(painted, seed=1, **sizes, among=2), 20)[::2])
    assert {tuple(code) for code in few.tolist()} == {tuple(code) for code in painted.codes[:2].tolist()}


def test_shrunk_averages_exactly() -> None:
    picture = np.zeros((1, 4, 4, 3), np.uint8)
    picture[0, :2, 2:, 1] = [[0, 1], [2, 253]]
    out = shrunk(torch.from_numpy(picture), 2)
    assert out[0, 1, 0, 1] == pytest.approx(64 / 127.5 - 1) and out[0, 1].sum() == pytest.approx(
        out[0, 1, 0, 1] - 3
    )
    pictures = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), dtype=np.uint8)
    true = pictures.astype(np.float64).reshape(2, 4, 16, 4, 16, 3).mean(axis=(2, 4)) / 127.5 - 1
    assert np.abs(shrunk(torch.from_numpy(pictures), 4).permute(0, 2, 3, 1).numpy() - true).max() < 2e-7
    for whole in (shrunk(torch.from_numpy(pictures), 64), chosen(pictures, [0, 1])):
        assert torch.equal(
            ((whole + 1) * 127.5).round().byte(), torch.from_numpy(pictures).permute(0, 3, 1, 2)
        )
    for wrong in (48, 128):
        with pytest.raises(ValueError, match=f"{wrong} px"):
            shrunk(torch.from_numpy(pictures), wrong)


TINY = FaceTrainConfig(resolution=8, steps=3, batch=2, lr=0.01, fit=4)
ADVERSARIAL = replace(TINY, resolution=16, adversarial=0.1, muon=0.05, r1_every=2)


def parameters(trainer: FaceTrainer) -> list[torch.nn.Parameter]:
    nets = [trainer.g, trainer.ema, *([trainer.critics.nets] if trainer.critics else [])]
    return [value for net in nets for value in net.parameters()]


@pytest.mark.parametrize("config", [TINY, ADVERSARIAL])
def test_an_interrupted_training_ends_like_another(
    config: FaceTrainConfig, painted: PortraitSet, tmp_path: Path
) -> None:
    losses: list[dict[str, float]] = []
    whole = train(config, painted, tmp_path / "whole.pt", report=lambda step, each: losses.append(each))
    assert set(losses[-1]) == ({"paired", "d", "g"} if config.adversarial else {"paired"})

    def stop(step: int, losses: dict[str, float]) -> None:
        if step == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(config, painted, tmp_path / "half.pt", save_every_s=0, report=stop)
    seen: list[int] = []
    resumed = train(config, painted, tmp_path / "half.pt", report=lambda step, losses: seen.append(step))
    assert seen == [2, 3]
    ended = [parameters(each) for each in (whole, resumed)]
    assert all(torch.equal(one, other) for one, other in zip(*ended, strict=True))
    with pytest.raises(ValueError, match="another training"):
        train(replace(config, seed=4), painted, tmp_path / "half.pt")
    other_threads = FaceTrainer(replace(config, threads=2))
    other_threads.load(torch.load(tmp_path / "half.pt", weights_only=True))
    assert other_threads.done == 3


def test_a_larger_network_begins_with_the_layers_of_the_smaller(painted: PortraitSet, tmp_path: Path) -> None:
    small = train(TINY, painted, tmp_path / "8.pt")
    grown = FaceTrainer(replace(TINY, resolution=16))
    grown.load(torch.load(tmp_path / "8.pt", weights_only=True))
    assert grown.done == 0
    own, taken = grown.g.state_dict(), small.g.state_dict()
    assert all(torch.equal(own[key], value) for key, value in taken.items())
    new = {key.split(".")[1] for key in own.keys() - taken.keys()}
    assert new == {"layer4", "layer5", "output2"}


def test_eyes_and_mouth_weigh_more_in_the_paired_loss() -> None:
    real = torch.zeros(1, 3, 16, 16)
    assert paired_loss(real, real) == 0
    assert torch.isclose(
        paired_loss(real + 0.2, real), torch.tensor(3.5 * 0.2)
    )  # three times, and half at half size

    def of_a_dot(row: int, column: int) -> float:
        fake = real.clone()
        fake[..., row, column] = 1.0
        return float(paired_loss(fake, real))

    away = 1 / 256 + 5 * 2 * 2 / 240 + 0.5 * 0.25 / 64  # of the picture, its edges, its half size
    within = away + 1 / 64 + 2 * 2 / 56  # the crop is 8 x 8, from row 5 and column 4 on
    eyes = (
        within + 1 / 30 + 3 * (1 / 20 + 2 / 27)
    )  # 3 x 10, from row 6, column 3 on; two edges down at its end
    assert of_a_dot(2, 2) == pytest.approx(away) and of_a_dot(10, 8) == pytest.approx(within)
    assert of_a_dot(8, 8) == pytest.approx(eyes)


def test_stages_name_what_they_lack(painted: PortraitSet, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="run the stage portraits first"):
        make.painted(tmp_path)
    with pytest.raises(FileNotFoundError, match="run the stage paired64 first"):
        make.stage("paired128", TINY, painted, tmp_path, lambda step, losses: None)
    with pytest.raises(FileNotFoundError, match="paired64, paired128, paired256, adversarial256"):
        make.latest(tmp_path)
    few = make.PortraitsConfig(steps=2, size=8, threads=1)
    counts: list[int] = []
    made = make.paint(few, tmp_path, lambda done, losses: counts.append(done))
    assert counts == [0, 2] and np.array_equal(make.painted(tmp_path).codes, made.codes)
    with pytest.raises(ModelError, match="--fresh"):
        make.paint(replace(few, seed=1), tmp_path, lambda done, losses: None)
    make.begin_anew("portraits", tmp_path)
    fresh = make.paint(replace(few, seed=1), tmp_path, lambda done, losses: None)
    assert not np.array_equal(fresh.codes, made.codes)
    (tmp_path / "portraits" / "painting.json").write_text("{")
    with pytest.raises(ModelError, match="--fresh"):
        make.painted(tmp_path)


# Photographs.


def ramp(width: int, height: int) -> np.ndarray:
    """A picture whose red is x and whose green is y, so that every pixel tells where it was."""
    picture = np.full((height, width, 3), 7, np.uint8)
    picture[..., 0], picture[..., 1] = np.arange(width), np.arange(height)[:, None]
    return picture


def save(path: Path, picture: Any, **how: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    image.save(path, **how)


@pytest.mark.parametrize(
    ("box", "size", "rows", "columns"),
    [
        ("40,30,56,46", 24, (26, 50), (36, 60)),  # 16 px wide and high: 4 more on each side
        ("40.2,30.4,56.2,46.4", 24, (26, 50), (36, 60)),  # 36.2, 26.4, 60.2, 50.4: to the nearest pixel
        ("2,2,22,22", 27, (0, 27), (0, 27)),  # 5 more: from -3 to 27, clipped
        ("-10,-10,30,30", 40, (0, 40), (0, 40)),  # a detector's box may begin outside: -20 to 40
        ("64,84,104,124", 46, (74, 120), (54, 100)),  # 10 more: to 114 and 134, clipped to 100 and 120
        (None, 100, (10, 110), (0, 100)),  # no box: the square in the middle
    ],
)
def test_photographs_are_cut_by_their_boxes(
    tmp_path: Path, box: str | None, size: int, rows: tuple[int, int], columns: tuple[int, int]
) -> None:
    save(tmp_path / "a.png", ramp(100, 120))
    (tmp_path / "boxes.csv").write_text("file,left,top,right,bottom\n" + (f"a.png,{box}\n" if box else ""))
    image = PhotoFolder(tmp_path, size)[0]
    assert np.array_equal(image, ramp(100, 120)[slice(*rows), slice(*columns)])


def test_a_cut_becomes_a_square_whatever_its_proportions(tmp_path: Path) -> None:
    save(tmp_path / "a.png", ramp(100, 120))
    # 16 x 32 px: 4 and 8 more, so columns 36 to 60 and rows 22 to 70, two rows of which become one.
    (tmp_path / "boxes.csv").write_text("file,top,left,bottom,right\na.png,30,40,62,56\n")
    image = PhotoFolder(tmp_path, 24)[0]
    assert np.array_equal(image[..., 0], ramp(100, 120)[:24, 36:60, 0])
    assert np.abs(image[2:-2, 0, 1] - (22.5 + 2 * np.arange(24)[2:-2])).max() <= 1


def test_boxes_and_maps_belong_to_the_upright_picture(tmp_path: Path) -> None:
    lying = np.rot90(ramp(60, 90))  # orientation 6: to be turned clockwise
    exif = Image.Exif()
    exif[0x0112] = 6
    save(tmp_path / "more" / "a.png", np.ascontiguousarray(lying), exif=exif)
    ids = (ramp(60, 90)[..., 1] % 11).astype(np.uint8)
    save(tmp_path / "maps" / "more" / "a.png", ids)
    (tmp_path / "boxes.csv").write_text("file,left,top,right,bottom\nmore/a.png,20,50,36,66\n")
    photos = PhotoFolder(tmp_path, 24)
    assert photos.names == ("more/a.png",) and photos.maps is not None
    assert np.array_equal(photos.images[0], ramp(60, 90)[46:70, 16:40])
    assert np.array_equal(photos.maps[0], ids[46:70, 16:40])
    half = PhotoFolder(tmp_path, 12).maps
    assert half is not None and {*np.unique(half)} <= {*np.unique(ids)}
    assert np.array_equal(half[0], ids[47:70:2, 17:40:2])  # the nearest pixel, never a mean of ids


def test_every_kind_of_picture_becomes_rgb(tmp_path: Path) -> None:
    flat = np.full((8, 8), 100, np.uint8)
    rgba = np.dstack([flat, flat, flat, np.full((8, 8), 51, np.uint8)])  # a fifth of it shows on white
    palette = Image.new("P", (8, 8), 1)
    palette.putpalette([0, 0, 0, 200, 100, 50])
    save(tmp_path / "a.png", flat)
    save(tmp_path / "b.png", rgba)
    save(tmp_path / "c.WEBP", rgba, lossless=True, exact=True)
    save(tmp_path / "d.png", palette)
    save(tmp_path / "e.png", palette, transparency=1)
    save(tmp_path / "f.png", np.full((8, 8), 100 * 257, np.uint16))
    save(tmp_path / "g.jpeg", Image.new("CMYK", (8, 8), (0, 0, 0, 255)), quality=100)
    photos = PhotoFolder(tmp_path, 8)
    assert photos.images.shape == (7, 8, 8, 3) and photos.images.dtype == np.uint8
    colours = [picture[3, 3].tolist() for picture in photos.images]
    assert colours == [[100] * 3, [224] * 3, [224] * 3, [200, 100, 50], [255] * 3, [100] * 3, [0] * 3]


def folder_with_faults(folder: Path) -> None:
    save(folder / "good.png", ramp(20, 20))
    save(folder / "also" / "good.jpg", ramp(20, 20))
    save(folder / "cut.png", np.random.default_rng(0).integers(0, 255, (20, 20, 3), np.uint8))
    (folder / "cut.png").write_bytes((folder / "cut.png").read_bytes()[:300])
    (folder / "text.jpg").write_text("no picture")
    (folder / "empty.webp").write_bytes(b"")
    (folder / "notes.txt").write_text("no picture")
    (folder / ".hidden.jpg").write_text("does not count")
    save(folder / "gif.png", ramp(20, 20), format="GIF")
    for name in ("beside.png", "no-map.png", "small-map.png", "wild-map.png"):
        save(folder / name, ramp(20, 20))
    for name in ("good.png", "also/good.png", "beside.png", "cut.png", "wild-map.png"):
        save(folder / "maps" / name, np.full((20, 20), 10 + (name == "wild-map.png"), np.uint8))
    save(folder / "maps" / "small-map.png", np.zeros((10, 10), np.uint8))
    (folder / "boxes.csv").write_text("file,left,top,right,bottom\nbeside.png,50,0,60,9\ngone.png,0,0,5,5\n")


def test_all_faults_are_named_at_once_or_left_out(tmp_path: Path) -> None:
    folder_with_faults(tmp_path)
    with pytest.raises(ValueError, match="10 files of") as caught:
        PhotoFolder(tmp_path, 8)
    reasons = {
        "cut.png": "cannot be read", "text.jpg": "cannot be read", "empty.webp": "cannot be read",
        "gif.png": "cannot be read", "notes.txt": "no .jpg", "gone.png": "not there", "beside.png": "beside",
        "no-map.png": "no map", "small-map.png": "10 x 10", "wild-map.png": "id 11",
    }  # fmt: skip
    lines = dict(line.split(": ", 1) for line in str(caught.value).splitlines()[1:])
    assert lines.keys() == reasons.keys() and all(reasons[name] in lines[name] for name in lines)
    photos = PhotoFolder(tmp_path, 8, skip_broken=True)
    assert photos.names == ("also/good.jpg", "good.png") and len(photos) == 2 and len(photos.broken) == 10
    (tmp_path / "none").mkdir()
    with pytest.raises(FileNotFoundError, match="no photographs"):
        PhotoFolder(tmp_path / "none", 8, skip_broken=True)


def test_decompression_bombs_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for side in (10, 11, 20):  # Pillow warns above its limit and refuses above twice the limit
        save(tmp_path / f"{side}.png", ramp(side, side))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    photos = PhotoFolder(tmp_path, 8, skip_broken=True)
    assert photos.names == ("10.png",) and len(photos.broken) == 2
    assert all("DecompressionBomb" in line for line in photos.broken)


def test_labels_as_they_are_and_as_z_scores(tmp_path: Path) -> None:
    for name in "abcd":
        save(tmp_path / f"{name}.png", ramp(8, 8))
    (tmp_path / "labels.csv").write_text(
        "file,mouth,gender\nc.png,3,1\na.png,1,0.5\n\nd.png,2,\n", encoding="utf-8-sig"
    )
    photos = PhotoFolder(tmp_path, 8)
    nan = float("nan")
    raw: list[list[float]] = [[1, 0.5], [nan, nan], [3, 1], [2, nan]]
    assert photos.label_names == ("mouth", "gender")
    assert np.array_equal(photos.labels(), raw, equal_nan=True)
    # mouth: mean 2, sample deviation 1; gender: mean 0.75, deviation 0.3536.
    z: list[list[float]] = [[-0.7071, -1], [nan, nan], [0.7071, 1], [nan, 0]]
    assert np.array_equal(photos.labels(("gender", "mouth"), z_scores=True), z, equal_nan=True)
    assert np.array_equal(photos.labels(), raw, equal_nan=True)
    with pytest.raises(ValueError, match="no labels of eyes"):
        photos.labels(["eyes", "mouth"])


@pytest.mark.parametrize(
    ("table", "content", "says"),
    [
        ("boxes.csv", "file,left,top,right\n", "first row must be file, then left, top, right, bottom"),
        ("boxes.csv", "", "first row"),
        ("boxes.csv", "file,left,top,right,bottom\na.png,1,2,3\n", "row 2"),
        ("boxes.csv", "file,left,top,right,bottom\na.png,1,2,3,\n", "row 2"),
        ("boxes.csv", "file,left,top,right,bottom\na.png,1,2,3,inf\n", "row 2"),
        ("boxes.csv", "file,left,top,right,bottom\na.png,1,2,3,4\n./a.png,1,2,3,4\na.png,1,2,3,4\n", "row 4"),
        ("boxes.csv", "file,left,top,right,bottom\na.png,5,2,5,9\n", "a.png: its box is empty"),
        ("labels.csv", "file,beauty\na.png,1\n", "any of gender, quality"),
        ("labels.csv", "file,eyes,eyes\n", "first row"),
        ("labels.csv", "file\n", "first row"),
        ("labels.csv", "file,eyes\na.png,wide\n", "row 2"),
        ("labels.csv", 'file,eyes\n"a.png', "no table"),
    ],
)
def test_tables_that_make_no_sense_are_refused(tmp_path: Path, table: str, content: str, says: str) -> None:
    save(tmp_path / "a.png", ramp(8, 8))
    (tmp_path / table).write_text(content)
    with pytest.raises(ValueError, match=says) as caught:
        PhotoFolder(tmp_path, 8)
    assert "a.png: " in str(caught.value) or table in str(caught.value)


ROWS = st.lists(
    st.lists(st.one_of(st.sampled_from(["file", *LABELS, "a.png", "1", "-3.5", "nan", "1e999"]), st.text())),
    max_size=4,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, raw=st.binary(max_size=8))
def test_any_table_is_read_or_refused(tmp_path: Path, rows: list[list[str]], raw: bytes) -> None:
    save(tmp_path / "a.png", ramp(8, 8))
    content = "\n".join(",".join(row) for row in rows).encode(errors="surrogatepass") + raw
    (tmp_path / "labels.csv").write_bytes(content)
    try:
        photos = PhotoFolder(tmp_path, 8)
    except ValueError as err:
        assert "labels.csv" in str(err)
    else:
        assert photos.labels().shape == (1, len(photos.label_names)) and photos.label_names


def test_names_match_however_their_letters_are_written(tmp_path: Path) -> None:
    save(tmp_path / unicodedata.normalize("NFD", "로라.png"), ramp(8, 8))
    (tmp_path / "labels.csv").write_text("file,eyes\n로라.png,2\n", encoding="utf-8")
    photos = PhotoFolder(tmp_path, 8)
    assert photos.names == ("로라.png",) and photos.labels().tolist() == [[2.0]]


def test_training_code_takes_photographs_like_painted_portraits(painted: PortraitSet, tmp_path: Path) -> None:
    for i in range(len(painted)):
        save(tmp_path / f"{i:02d}.png", painted[i])
    photos = PhotoFolder(tmp_path, 16)
    index = np.array([3, 19, 3])
    assert torch.equal(photos.pictures(index, 8), painted.pictures(index, 8))
    assert torch.equal(chosen(photos, index), chosen(painted, index))
    sheet, other = (np.asarray(contact_sheet(each, 7)) for each in (photos, painted))
    assert sheet.shape == (48, 48, 3) and np.array_equal(sheet, other)
    assert np.array_equal(sheet[16:32, 32:48], painted[5]) and (sheet[32:, 16:] == 255).all()
    with pytest.raises(ValueError, match="5 px"):
        photos.pictures(index, 5)
