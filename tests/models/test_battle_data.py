"""Picture sets of published formats, the sets that ship, and their banks of problems."""

from __future__ import annotations

import gzip
import hashlib
import pickle
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.battle.hyperparameters import Activation, Hyperparameters, Optimizer, Scheduler
from core.errors import ModelError
from models.battle import bank, readers, shelf
from models.battle.choices import held_out
from models.battle.hidden import Hidden, HiddenConfig, train_hidden
from models.battle.networks import network
from models.battle.pictures import NAMES, SHIPPED, Pictures
from models.battle.shelf import Raw, Shelf, hidden_file


@pytest.fixture(scope="module")
def shipped() -> Shelf:
    return Shelf()


def idx(array: np.ndarray) -> bytes:
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


def painted(n: int, side: int, channels: int, seed: int = 0) -> np.ndarray:
    """Pictures of many brightnesses and colours."""
    rng = np.random.default_rng(seed)
    level = rng.integers(20, 180, (n, 1, 1, channels)) + rng.integers(0, 70, (n, side, side, channels))
    return level.astype(np.uint8)


def test_idx_files_are_read_plain_and_gzipped(tmp_path: Path) -> None:
    train, test = painted(30, 28, 1)[..., 0], painted(10, 28, 1, 1)[..., 0]
    labels = np.arange(40, dtype=np.uint8) % 10
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(train)))
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels[:30])))
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(idx(test))
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(idx(labels[30:]))
    raw = readers.read("fashion_mnist", tmp_path)
    assert (raw.pixels[:30, :, :, 0] == train).all() and (raw.pixels[30:, :, :, 0] == test).all()
    assert raw.labels.tolist() == labels.tolist() and raw.held_out.tolist() == [0] * 30 + [1] * 10
    assert raw.classes[9] == "ankle boot"


@pytest.mark.parametrize("damage", [b"", b"\x1f\x8bnonsense", b"\x00\x00\x0d\x01\x00\x00\x00\x01x", b"cut"])
def test_damaged_idx_files_are_named(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(idx(painted(3, 28, 1)[..., 0])[:-1] if damage == b"cut" else damage)
    with pytest.raises(ValueError, match="train-images"):
        readers.read_idx(path)


def test_cifars_binary_version_is_read(tmp_path: Path) -> None:
    pictures, labels = painted(20, 32, 3), np.arange(20, dtype=np.uint8) % 10
    rows = [
        bytes([label]) + picture.transpose(2, 0, 1).tobytes()
        for label, picture in zip(labels, pictures, strict=True)
    ]
    (tmp_path / "data_batch_1.bin").write_bytes(b"".join(rows[:15]))
    (tmp_path / "test_batch.bin").write_bytes(b"".join(rows[15:]))
    raw = readers.read("cifar10", tmp_path)
    assert (raw.pixels == pictures).all() and raw.held_out.sum() == 5 and raw.classes[6] == "frog"
    (tmp_path / "test_batch.bin").write_bytes(rows[0][:-1])
    with pytest.raises(ValueError, match="whole records"):
        readers.read("cifar10", tmp_path)


def test_parquet_files_are_read(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    pictures = painted(12, 20, 3)
    for name, part in (("train-0.parquet", slice(0, 9)), ("test-0.parquet", slice(9, 12))):
        images = []
        for picture in pictures[part]:
            Image.fromarray(picture).save(tmp_path / "one.png")
            images.append({"bytes": (tmp_path / "one.png").read_bytes(), "path": None})
        labels = list(range(len(images)))
        parquet.write_table(pyarrow.table({"image": images, "label": labels}), tmp_path / name)
    raw = readers.read("mine", tmp_path)
    assert (raw.pixels == pictures).all() and raw.held_out.tolist() == [0] * 9 + [1] * 3


def test_folders_of_pictures_are_read_and_grey_ones_stay_grey(tmp_path: Path) -> None:
    for label in ("a", "b", "c", "d", "e"):
        (tmp_path / label).mkdir()
        for i, picture in enumerate(painted(5, 16, 1, ord(label))):
            Image.fromarray(picture[..., 0]).save(tmp_path / label / f"{i}.png")
    raw = readers.read("mine", tmp_path)
    assert raw.pixels.shape == (25, 16, 16, 1) and raw.classes == ("a", "b", "c", "d", "e")
    assert [int(raw.held_out[raw.labels == k].sum()) for k in range(5)] == [1] * 5
    (tmp_path / "a" / "0.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match="cannot be read"):
        readers.read("mine", tmp_path)


def test_an_added_set_is_kept_with_its_checksum(tmp_path: Path) -> None:
    n = 4000
    labels = np.random.default_rng(1).integers(0, 6, n)
    out = (np.arange(n) % 3 == 0).astype(np.int64)
    raw = Raw(painted(n, 16, 1), labels, out, tuple("abcdef"))
    path = shelf.add(tmp_path, "mine", raw, "small", problems=3)
    there = Shelf(tmp_path)
    mine = there.get("mine")
    assert there.ids() == (*NAMES, "mine") and len(mine.boxes) == 3
    assert (mine.pixels == raw.pixels).all() and (mine.held_out == (out == 1)).all()
    assert bank.problem_of(mine, "mine-001").statistics["total_train_images"] <= mine.most
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert path.with_suffix(".npz.sha256").read_text().split()[0] == digest
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelError, match="not what was added"):
        Shelf(tmp_path).get("mine")


def small() -> Raw:
    labels = np.random.default_rng(1).integers(0, 6, 4000)
    return Raw(painted(4000, 16, 1), labels, (np.arange(4000) % 3 == 0).astype(np.int64), tuple("abcdef"))


def test_a_damaged_set_is_left_out_and_costs_the_others_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("blot", "mine", "torn"):
        path = shelf.add(tmp_path, name, small(), "small", problems=1)
        (tmp_path / "half.npz").write_bytes(path.read_bytes())
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    (tmp_path / "blot.npz.sha256").write_bytes(b"\n\xff")
    assert [each.id for each in Shelf(tmp_path).datasets()] == [*NAMES, "mine"]
    assert all(f"{name} is left out of battles" in caplog.text for name in ("blot", "half", "torn"))
    assert caplog.text.count("add it again") == 2


@pytest.mark.parametrize("again", [False, True])
def test_a_crash_while_a_set_is_added_leaves_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, again: bool
) -> None:
    if again:
        shelf.add(tmp_path, "mine", small(), "small", problems=2)
    moved = list[Path]()

    def crash(self: Path, target: Path) -> Path:
        moved.append(target)
        if len(moved) > crashes:
            raise KeyboardInterrupt
        self.rename(target)
        return target

    for crashes in range(3):
        moved.clear()
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(Path, "replace", crash)
            shelf.add(tmp_path, "mine", small(), "small", problems=3)
        if again or crashes == 2:
            assert len(Shelf(tmp_path).get("mine").boxes) == (3 if crashes == 2 else 2)
        else:
            assert "mine" not in Shelf(tmp_path).ids()


def test_of_many_threads_that_ask_for_one_set_one_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.add(tmp_path, "mine", small(), "small", problems=1)
    load, read = shelf.load, list[str]()

    def slow(folder: Path | None, name: str) -> Pictures:
        read.append(name)
        time.sleep(0.05)
        return load(folder, name)

    monkeypatch.setattr(shelf, "load", slow)
    there = Shelf(tmp_path)
    with ThreadPoolExecutor(6) as threads:
        found = [*threads.map(there.get, ["mine"] * 6)]
    assert read == ["mine"] and all(each is found[0] for each in found)
    assert pickle.loads(pickle.dumps(there)).ids() == there.ids()  # noqa: S301


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("digits", {}, "new name"),
        ("../x", {}, "new name"),
        ("mine", {"pixels": painted(50, 80, 1)}, "16 to 64"),
        ("mine", {"labels": np.arange(50)}, "numbers of classes"),
        ("mine", {"classes": ("a",), "labels": np.zeros(50, np.int64)}, "5 to 100"),
    ],
)
def test_what_cannot_be_battled_on_is_not_added(
    tmp_path: Path, name: str, change: dict[str, object], said: str
) -> None:
    usual: dict[str, object] = {
        "pixels": painted(50, 16, 1), "labels": np.arange(50) % 5,
        "held_out": np.zeros(50, np.int64), "classes": tuple("abcde"),
    }  # fmt: skip
    with pytest.raises(ValueError, match=said):
        shelf.add(tmp_path, name, Raw(**{**usual, **change}), "small")  # type: ignore[arg-type]
    assert not list(tmp_path.rglob("*.npz"))


@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_too_small_for_the_originals_networks_are_refused(tmp_path: Path, channels: int) -> None:
    labels, held_out = np.arange(50) % 5, np.zeros(50, np.int64)
    chosen = Hyperparameters(0.0, 0.0, 0.2, 1e-3, Activation.RELU, Optimizer.ADAM, Scheduler.EXP_98)
    raw = Raw(painted(50, 19, channels), labels, held_out, tuple("abcde"))
    with pytest.raises(ValueError, match="20 to 64"):
        shelf.add(tmp_path, "mine", raw, "original")
    assert network("original", (channels, 20, 20), 5, chosen)(torch.zeros(1, channels, 20, 20)).shape == (
        1,
        5,
    )


def test_the_shipped_sets_are_whole() -> None:
    for line in (SHIPPED / "SHA256SUMS").read_text("utf-8").splitlines():
        digest, name = line.split()
        assert hashlib.sha256((SHIPPED / name).read_bytes()).hexdigest() == digest, name


@pytest.mark.parametrize("name", NAMES)
def test_every_problem_of_a_shipped_set_keeps_the_rules(shipped: Shelf, name: str) -> None:
    pictures, seen = shipped.get(name), set()
    for number in range(len(pictures.boxes)):
        parts = bank.parts_of(pictures, number)
        learnt = np.concatenate([parts.train, parts.valid])
        counts = np.bincount(pictures.labels[learnt], minlength=10)[list(parts.classes)]
        held = np.bincount(pictures.labels[parts.held_out], minlength=10)[list(parts.classes)]
        assert len(learnt) <= pictures.most and counts.min() >= 50 and len(set(parts.classes)) == 5
        assert held.min() >= 10 and held.sum() >= 100
        assert pictures.held_out[parts.held_out].all() and not pictures.held_out[learnt].any()
        assert abs(len(parts.valid) / len(learnt) - 0.15) < 0.03
        seen.add(frozenset(learnt.tolist()))
    assert len(seen) == len(pictures.boxes) >= 200
    assert sum(held_out(number) for number in range(len(pictures.boxes))) >= 34


def test_a_problem_says_what_it_holds(shipped: Shelf) -> None:
    problem = bank.problem_of(shipped.get("moods"), "moods-017")
    sizes = [each.train + each.valid for each in problem.classes]
    assert problem == bank.problem_of(Shelf().get("moods"), "moods-017")
    assert problem.version != bank.problem_of(shipped.get("moods"), "moods-018").version
    assert sizes == sorted(sizes, reverse=True) and problem.size == (3, 32, 32)
    assert problem.statistics["total_train_images"] == sum(sizes)
    assert problem.statistics["largest_label_percentage"] == pytest.approx(sizes[0] / sum(sizes), abs=1e-4)
    assert all(set(each.name) == {"ko", "en"} for each in problem.classes)


@pytest.mark.parametrize("instance", ["moods-000", "moods-241", "moods-1", "hair-001", "moods", "moods-０01"])
def test_unknown_problems_are_key_errors(shipped: Shelf, instance: str) -> None:
    with pytest.raises(KeyError):
        bank.problem_of(shipped.get("moods"), instance)


def test_an_auto_encoder_adds_statistics_to_the_problems_of_its_set(tmp_path: Path) -> None:
    plain = Shelf(tmp_path)
    before = bank.problem_of(plain.get("digits"), "digits-001")
    errors: list[float] = []
    few = _first(plain.get("digits"), 150)
    made = train_hidden(few, HiddenConfig(epochs=3), lambda epoch, error: errors.append(error))
    assert errors[-1] < errors[0]
    made.save(hidden_file(tmp_path, "digits"))
    after = bank.problem_of(Shelf(tmp_path).get("digits"), "digits-001")
    added = {key: after.statistics[key] for key in after.statistics.keys() - before.statistics.keys()}
    assert added.keys() == {f"encoding_{kind}_{i}" for kind in ("mean", "std") for i in range(64)}
    assert after.version == before.version and after.statistics | before.statistics == after.statistics
    again = Hidden.load(hidden_file(tmp_path, "digits"))
    parts = bank.parts_of(plain.get("digits"), 0)
    assert again(plain.get("digits").pixels[parts.train]) == added  # also: dropout is off
    hidden_file(tmp_path, "digits").write_bytes(b"damaged")
    with pytest.raises(ModelError):
        Shelf(tmp_path).get("digits")


def _first(pictures: Pictures, n: int) -> Pictures:
    kept = np.flatnonzero(~pictures.held_out)[:n]
    pixels, labels, out = pictures.pixels[kept], pictures.labels[kept], pictures.held_out[kept]
    return replace(pictures, pixels=pixels, labels=labels, held_out=out)
