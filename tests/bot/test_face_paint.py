"""``face paint`` and the first stages of ``train face`` from the outside. Painting needs the train extra."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bot import exits
from bot.cli import build_parser, main
from models.face.data.dataset import PortraitSet

PLAIN = ["plain64", "plain128", "plain256"]
GENERATOR = [*PLAIN, "paired64", "paired128", "paired256", "adversarial256"]
STAGES = [
    "portraits",
    *GENERATOR,
    "scores",
    "hairstyle",
    "filters",
    "v1",
    "v8",
    "v3",
    "v4",
    "v5",
    "v9",
    "hair",
]
STAGES += ["faces", "vectorfind"]
USUAL = [stage for stage in STAGES if stage not in ("v3", "v4", "v5", "v9", "vectorfind", *PLAIN)]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OHLORA_VAR_DIR", str(tmp_path / "var"))
    return tmp_path


def paint(*more: str) -> int:
    pytest.importorskip("skia")
    return main(["face", "paint", "--out", "set", "--size", "32", "--workers", "1", *more])


def test_a_set_is_painted_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert paint("--n", "5", "--seed", "7", "--sheet", "look.png", "--json") == exits.OK
    said, err = capsys.readouterr()
    out = json.loads(said)
    assert err == "" and out["seconds"] > 0
    assert out["per_second"] == pytest.approx(5 / out["seconds"], rel=0.05)
    del out["seconds"], out["per_second"]
    assert out == {"out": "set", "n": 5, "size": 32, "seed": 7, "painted": 5, "sheet": "look.png"}
    portraits, look = PortraitSet(Path("set")), np.asarray(Image.open("look.png"))
    assert (len(portraits), portraits.size, look.shape) == (5, 32, (64, 96, 3))
    assert np.array_equal(look[32:, 32:64], portraits[4])
    assert paint("--n", "5", "--seed", "7") == exits.OK
    assert capsys.readouterr().out == "set: 5 portraits of 32 px, all were there\n"
    assert paint("--n", "6", "--seed", "7") == exits.OK
    assert capsys.readouterr().out.startswith("set: 6 portraits of 32 px, 6 painted in ")
    assert np.array_equal(PortraitSet(Path("set")).codes[:5], portraits.codes)


def test_what_cannot_be_painted_is_told(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert paint("--n", "1") == exits.OK
    assert paint("--n", "1", "--seed", "8") == exits.CANNOT_CREATE
    assert "another seed" in capsys.readouterr().err
    assert paint("--n", "1", "--out", "set/painting.json") == exits.CANNOT_CREATE
    assert paint("--n", "1", "--out", "x", "--sheet", "no/where.png") == exits.CANNOT_CREATE
    assert paint("--n", "1", "--out", "x", "--sheet", "look.jpg") == exits.USAGE
    assert not (place / "x").exists()


def test_without_the_painter(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "models.face.painter.portrait", None)  # as if it could not be imported
    assert main(["face", "paint", "--n", "1", "--out", "set"]) == exits.CONFIG
    assert "[train]" in capsys.readouterr().err and not Path("set").exists()
    assert main(["train", "face", "portraits", "--steps", "1"]) == exits.CONFIG
    assert "[train]" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        ["--out", "x"], ["--n", "5"], ["--n", "0", "--out", "x"], ["--n", "-5", "--out", "x"],
        ["--n", "1000001", "--out", "x"], ["--n", "many", "--out", "x"], ["--n", "9" * 5000, "--out", "x"],
        ["--n", "5", "--out", "x", "--size", "100"], ["--n", "5", "--out", "x", "--size", "0"],
        ["--n", "5", "--out", "x", "--workers", "0"], ["--n", "5", "--out", "x", "--seed", "-1"],
    ],
)  # fmt: skip
def test_wrong_use(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["face", "paint", *wrong])
    assert caught.value.code == exits.USAGE and "usage:" in capsys.readouterr().err


def test_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        build_parser().parse_args(["face", "paint", "--help"])
    assert caught.value.code == 0 and "python bot.py face paint --n 20000" in capsys.readouterr().out


def test_the_plan_shows_the_stages(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "face", "--dry-run"]) == exits.OK
    plan = json.loads(capsys.readouterr().out)
    assert plan["stages"] == USUAL and plan["overrides"] == {}
    assert main(["train", "face", "portraits", "--steps", "9", "--threads", "3", "--dry-run"]) == exits.OK
    plan = json.loads(capsys.readouterr().out)
    assert (plan["stages"], plan["overrides"]) == (["portraits"], {"steps": 9, "threads": 3})
    assert not (place / "var" / "train").exists()
    assert main(["train", "face", "paired32"]) == exits.USAGE


@pytest.mark.parametrize("stage", [*GENERATOR, "scores", "hairstyle", "filters", "hair"])
def test_stages_ask_for_portraits(stage: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "face", stage]) == exits.CONFIG
    said = capsys.readouterr().err
    assert "run the stage portraits first" in said and ", ".join(STAGES) in said


def test_the_first_stage_paints(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("skia")
    command = ["train", "face", "portraits", "--steps", "2", "--threads", "1"]
    assert main(command) == exits.OK
    portraits = PortraitSet(place / "var" / "train" / "face" / "portraits")
    assert (len(portraits), portraits.size) == (2, 256)
    assert main([*command, "--seed", "5"]) == exits.CONFIG
    assert "--fresh" in capsys.readouterr().err
    assert main([*command, "--seed", "5", "--fresh"]) == exits.OK
    capsys.readouterr()
    assert main(["train", "face", "paired128"]) == exits.CONFIG
    assert "run the stage paired64 first" in capsys.readouterr().err
    assert main(["train", "face", "faces"]) == exits.CONFIG
    assert "no checkpoint" in capsys.readouterr().err
    with pytest.raises(SystemExit, match=str(exits.USAGE)):
        main(["train", "face", "faces", "--picked", "mine.txt"])
    assert "cannot read mine.txt" in capsys.readouterr().err


def test_a_stage_writes_its_report(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("skia")
    assert main(["train", "face", "portraits", "--steps", "10", "--threads", "1"]) == exits.OK
    assert main(["train", "face", "hair", "--steps", "1", "--out", "w", "--report", "docs"]) == exits.OK
    text = (place / "docs" / "hair.md").read_text()
    assert "Of 1 portraits held out" in text and (place / "docs" / "hair.webp").stat().st_size <= 24_000
    assert "dice" in json.loads(capsys.readouterr().out) and (place / "w" / "face").is_dir()
    assert main(["train", "face", "vectorfind", "--out", "nowhere"]) == exits.CONFIG
    assert "generator in nowhere" in capsys.readouterr().err


def test_a_stage_that_ends_by_its_minutes_goes_on(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("skia")
    portraits = ["train", "face", "portraits", "--steps", "2", "--threads", "1"]
    assert main([*portraits, "--minutes", "0"]) == exits.OK
    assert "time is up in the stage portraits; the same command goes on" in capsys.readouterr().err
    assert main([*portraits, "--minutes", "0", "--fresh"]) == exits.OK
    assert "the same command, without --fresh, goes on" in capsys.readouterr().err
    assert main(portraits) == exits.OK
    command = ["train", "face", "plain64", "--steps", "2", "--batch", "1"]
    capsys.readouterr()
    assert main([*command, "--minutes", "0", "--device", "cpu"]) == exits.OK
    assert "time is up in the stage plain64" in capsys.readouterr().err
    assert main([*command, "--minutes", "5"]) == exits.OK
    assert "time is up" not in capsys.readouterr().err
    assert (place / "var" / "train" / "face" / "plain64.pt").exists()


def test_devices_and_minutes_are_checked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "face", "paired64", "--device", "abacus"]) == exits.CONFIG
    assert "no device abacus" in capsys.readouterr().err
    for wrong in ("-1", "nan", "inf", "soon"):
        with pytest.raises(SystemExit) as caught:
            main(["train", "face", "--minutes", wrong])
        assert caught.value.code == exits.USAGE
