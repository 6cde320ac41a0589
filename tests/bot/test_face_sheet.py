"""``face sheet`` from the outside: numbered pictures of hers and the painter's, mixed, and a key apart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bot import exits
from bot.cli import main
from models.face.pixels import to_pictures
from models.face.readings import reading
from models.face.service import load_engine

WEIGHTS = Path(__file__).resolve().parents[2] / "models" / "weights" / "face"
INSIDE = np.s_[40:250, 50:250]  # of a picture, where its number does not lie


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    pytest.importorskip("skia")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OHLORA_VAR_DIR", str(tmp_path / "var"))
    return tmp_path


def made(out: str) -> tuple[dict[str, Any], np.ndarray]:
    """The key, and the pictures [numbers, 256, 256, 3] in their order."""
    sheets = sorted(Path(out, "sheets").iterdir())
    assert [sheet.name for sheet in sheets] == [f"sheet{i}.png" for i in range(1, len(sheets) + 1)]
    pictures = []
    for sheet in sheets:
        pixels = np.asarray(Image.open(sheet))
        assert pixels.shape[1] == 4 * 260
        for y in range(0, len(pixels), 260):
            pictures += [pixels[y + 2 : y + 258, x + 2 : x + 258] for x in range(0, 4 * 260, 260)]
    key = json.loads(Path(out, "key.json").read_text())
    return key, np.stack(pictures[: len(key)])


def test_sheets_mix_hers_with_painted_ones_and_the_key_tells_them_apart() -> None:
    Path("a", "sheets").mkdir(parents=True)
    Path("a", "sheets", "sheet9.png").touch()  # of another reading
    assert main(["face", "sheet", "--seed", "5", "--n", "3", "--out", "a"]) == exits.OK
    key, pictures = made("a")
    assert list(key) == [str(number) for number in range(1, 20)] and len(pictures) == 19
    assert [entry["by"] for entry in key.values()].count("painter") == 16
    engine = load_engine(WEIGHTS)
    for number, entry in key.items():
        if entry["by"] == "her":
            scores = np.array([entry["scores"]])
            assert np.abs(scores).max() <= 1
            drawn = to_pictures(engine.images(engine.faces[entry["face"]], scores))[0]
            off = np.abs(np.asarray(drawn, float) - pictures[int(number) - 1])[INSIDE]
            assert off.mean() < 1  # the key rounds scores
    numbers = [int(number) for number, entry in key.items() if entry["by"] == "her"]
    assert numbers != [1, 2, 3]


def test_a_reading_can_be_made_again_and_another_is_another() -> None:
    engine = load_engine(WEIGHTS)
    (sheets, key), (same, again), (_, other) = (reading(engine, seed, 2, 1) for seed in (5, 5, 6))
    assert key == again and np.array_equal(np.asarray(sheets[0]), np.asarray(same[0])) and key != other


def test_what_is_wrong_is_told(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "file").write_text("")
    assert main(["face", "sheet", "--n", "1", "--out", "file"]) == exits.CANNOT_CREATE
    with pytest.raises(SystemExit) as caught:
        main(["face", "sheet", "--n", "0", "--out", "a"])
    assert caught.value.code == exits.USAGE
    monkeypatch.setenv("OHLORA_WEIGHTS_DIR", str(place / "none"))
    assert main(["face", "sheet", "--n", "1", "--out", "a"]) == exits.CONFIG
    assert "No sheets can be made" in capsys.readouterr().err and not (place / "a").exists()
