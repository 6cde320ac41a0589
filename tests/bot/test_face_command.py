"""``face import`` and ``face synth`` from the outside: codes and weights in, images out, exit codes."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bot import exits
from bot.cli import build_parser, main
from models.face.stylegan.generator import Generator, GeneratorConfig

ROOT = Path(__file__).resolve().parents[2]


class Place:
    """A folder with a generator's ``g.pth`` and codes, in which commands run."""

    def __init__(self, folder: Path, n_labels: int) -> None:
        self.folder, self.n_labels = folder, n_labels
        torch.manual_seed(5)
        self.generator = Generator(GeneratorConfig(16, 8, 8, n_labels, 4, (6, 5, 4))).eval()
        for name, value in self.generator.named_parameters():
            if name.endswith(("bias", "apply_noise.weight")):
                value.data.normal_()
        torch.save(self.generator.state_dict(), folder / "g.pth")
        rng = np.random.default_rng(3)
        self.z, self.label = rng.standard_normal((5, 8)), rng.standard_normal((5, n_labels))
        np.save(folder / "z.npy", self.z)
        np.save(folder / "l.npy", self.label)

    def __call__(self, *args: str) -> int:
        return main(["face", *args])

    def synth(self, *more: str) -> int:
        return self("synth", "--model", "m", "--z", "z.npy", "--label", "l.npy", "--out", "i.npy", *more)

    @property
    def names(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}


@pytest.fixture(params=[3, 7])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OHLORA_VAR_DIR", str(tmp_path / "var"))
    return Place(tmp_path, request.param)


@pytest.fixture
def imported(place: Place, capsys: pytest.CaptureFixture[str]) -> Place:
    assert place("import", "g.pth", "--out", "m") == exits.OK
    capsys.readouterr()
    return place


def test_from_a_pth_to_images(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert place("import", "g.pth", "--out", "m", "--json") == exits.OK
    found = json.loads(capsys.readouterr().out)
    assert found["out"] == "m" and found["generator"]["n_labels"] == place.n_labels
    assert {path.name for path in (place.folder / "m").iterdir()} == {"generator.safetensors", "config.json"}
    assert place.synth("--w-out", "w.npy", "--batch", "2", "--json") == exits.OK
    said = json.loads(capsys.readouterr().out)
    assert said["shape"] == [5, 3, 16, 16] and said["out"] == "i.npy" and said["w_out"] == "w.npy"
    images, w = np.load(place.folder / "i.npy"), np.load(place.folder / "w.npy")
    assert images.dtype == w.dtype == np.float32
    with torch.inference_mode():
        z, label = torch.tensor(place.z).float(), torch.tensor(place.label).float()
        assert np.allclose(w, place.generator.mapping(z, label).numpy(), atol=1e-5)
        assert np.allclose(images, place.generator(z, label).numpy(), atol=1e-4)
    first = (place.folder / "i.npy").read_bytes()
    assert place.synth("--batch", "2") == exits.OK and (place.folder / "i.npy").read_bytes() == first
    assert place.names == {"g.pth", "z.npy", "l.npy", "m", "i.npy", "w.npy", "var"}


def test_the_folder_one_stands_in(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    (place.folder / "empty").mkdir()
    monkeypatch.chdir(place.folder / "empty")
    assert place("import", "../g.pth", "--out", ".") == exits.OK
    assert (place.folder / "empty" / "config.json").is_file()


def test_labels_default_to_zeros(imported: Place) -> None:
    np.save("l.npy", np.zeros((5, imported.n_labels)))
    assert imported.synth() == exits.OK
    assert imported("synth", "--model", "m", "--z", "z.npy", "--out", "again.npy") == exits.OK
    assert Path("i.npy").read_bytes() == Path("again.npy").read_bytes()


def test_a_label_matrix_from_elsewhere(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    state = place.generator.state_dict()
    np.save("m.npy", state.pop("mapping.label_weight").numpy())
    torch.save({"generator": state}, "bare.pth")
    n_in = state["mapping.dense0.weight"].shape[1]
    assert place("import", "bare.pth", "--out", "m") == exits.BAD_INPUT
    said = capsys.readouterr().err
    assert "mapping.label_weight is missing" in said and "--label-weight" in said and str(n_in) in said
    assert place("import", "bare.pth", "--label-weight", "m.npy", "--out", "m") == exits.OK
    assert place.synth() == exits.OK
    with torch.inference_mode():
        codes = (torch.tensor(codes).float() for codes in (place.z, place.label))
        assert np.allclose(np.load("i.npy"), place.generator(*codes).numpy(), atol=1e-4)


class Hostile:
    def __reduce__(self) -> Any:
        return print, ("the pickle ran",)


def pth(content: Any) -> bytes:
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (pth({"generator": Hostile()}), "could run code"),
        (pth({"synthesis.layer0.bias": torch.zeros(3)}), "mapping.dense0.weight is missing"),
        (b"", "no PyTorch file"),
        (b"PK\x03\x04 not a zip", "no PyTorch file"),
        (None, "cannot be read (FileNotFoundError)"),
    ],
)
def test_files_that_are_no_generator(
    content: bytes | None, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    if content is not None:
        Path("x.pth").write_bytes(content)
    assert main(["face", "import", "x.pth", "--out", "m"]) == exits.BAD_INPUT
    out, err = capsys.readouterr()
    assert says in err and "x.pth" in err and out == "" and not Path("m").exists()


@pytest.mark.parametrize("cut", [1, 2000])
def test_a_file_cut_off(place: Place, cut: int, capsys: pytest.CaptureFixture[str]) -> None:
    Path("g.pth").write_bytes(Path("g.pth").read_bytes()[:-cut])
    assert place("import", "g.pth", "--out", "m") == exits.BAD_INPUT
    assert "g.pth is no PyTorch file, or cut off" in capsys.readouterr().err
    assert "m" not in place.names


def npy(array: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


BAD_CODES = [
    ("z.npy", npy(np.zeros((5, 7))), "z.npy: expected numbers [N, 8], found float64 [5, 7]"),
    ("z.npy", npy(np.zeros(8)), "found float64 [8]"),
    ("z.npy", npy(np.zeros((0, 8))), "expected numbers [N, 8]"),
    ("z.npy", npy(np.full((5, 8), np.nan)), "found NaN or infinite"),
    ("z.npy", npy(np.full((5, 8), 1e300)), "found NaN or infinite"),
    ("z.npy", npy(np.array([["a"] * 8] * 5)), "found <U1 [5, 8]"),
    ("z.npy", npy(np.array([[None] * 8] * 5)), "is no .npy of numbers"),
    ("z.npy", npy(np.zeros((5, 8)))[:-8], "is no .npy of numbers, or cut off"),
    ("z.npy", npy(np.zeros((5, 8))).replace(b"(5, 8)", b"(500000000, 8)"), "is no .npy of numbers, or cut off"),
    ("z.npy", b"1,2,3\n", "is no .npy of numbers"),
    ("z.npy", None, "z.npy cannot be read (FileNotFoundError)"),
    ("l.npy", npy(np.zeros((4, 7))), "l.npy: expected numbers [5, 7], found float64 [4, 7]"),
    ("l.npy", npy(np.zeros((5, 6))), "expected numbers [5, 7]"),
]  # fmt: skip


@pytest.mark.parametrize("place", [7], indirect=True)
@pytest.mark.parametrize(("name", "content", "says"), BAD_CODES)
def test_bad_codes_are_named_with_what_is_expected(
    name: str, content: bytes | None, says: str, imported: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(name).unlink()
    if content is not None:
        Path(name).write_bytes(content)
    assert imported.synth() == exits.BAD_INPUT
    assert says in capsys.readouterr().err and "i.npy" not in imported.names


@pytest.mark.parametrize("place", [7], indirect=True)
def test_what_cannot_be_written_leaves_nothing(imported: Place, capsys: pytest.CaptureFixture[str]) -> None:
    before = imported.names
    assert imported("import", "g.pth", "--out", "m") == exits.CANNOT_CREATE
    assert "there already" in capsys.readouterr().err
    assert imported("import", "g.pth", "--out", "g.pth/m") == exits.CANNOT_CREATE
    for wrong in ("no/where.npy", "m", "."):
        assert imported.synth("--out", wrong) == exits.CANNOT_CREATE
        assert imported.synth("--w-out", wrong) == exits.CANNOT_CREATE
    assert imported.synth("--w-out", "./i.npy") == exits.USAGE
    assert imported("synth", "--model", "none", "--z", "z.npy", "--out", "x.npy") == exits.CONFIG
    assert "face import" in capsys.readouterr().err
    Path("m/generator.safetensors").write_bytes(b"{")
    assert imported.synth() == exits.CONFIG
    assert imported.names == before


@pytest.mark.parametrize(
    "wrong",
    [
        ["import"], ["import", "g.pth"], ["import", "--out", "m"], ["synth"], ["paint", "--out", "x.png"],
        ["synth", "--model", "m", "--z", "z.npy", "--out", "i.npy", "--batch", "0"],
        ["--eyes", "0.5"], ["--out", ""], ["--out", "x.png", "import", "g.pth"],
    ],
)  # fmt: skip
def test_wrong_use(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        build_parser().parse_args(["face", *wrong])
    assert caught.value.code == exits.USAGE and "usage:" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["import", "synth"])
def test_help_has_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        build_parser().parse_args(["face", command, "--help"])
    assert caught.value.code == 0 and f"python bot.py face {command} " in capsys.readouterr().out


def test_drawing_needs_no_sub_command() -> None:
    args = build_parser().parse_args(["face", "--eyes", "0.5", "--out", "x.png"])
    assert (args.eyes, args.mouth, args.out) == (0.5, -0.8, Path("x.png"))


@pytest.mark.parametrize("place", [3], indirect=True)
def test_as_a_process(imported: Place) -> None:
    """Nothing but the path on stdout; no progress bar where stderr is no terminal."""
    command = ["face", "synth", "--model", "m", "--z", "z.npy", "--out", "i.npy"]
    done = subprocess.run(
        [sys.executable, str(ROOT / "bot.py"), *command], cwd=imported.folder, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "i.npy\n", "")
