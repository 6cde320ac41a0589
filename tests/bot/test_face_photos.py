"""``face photos``, and photographs and foreign networks in ``train face`` and ``face import``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from bot import exits
from bot.cli import main
from models.face.scores.networks import ScoreConfig, build, load_scores
from models.face.stylegan.generator import Generator, GeneratorConfig


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with four photographs: one has a box and labels, one is broken."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OHLORA_VAR_DIR", str(tmp_path / "var"))
    photos = tmp_path / "photos"
    photos.mkdir()
    for name, tone in (("a", 40), ("b", 120), ("c", 200)):
        Image.new("RGB", (80, 64), (tone, tone, 0)).save(photos / f"{name}.png")
    (photos / "d.jpg").write_bytes(b"no picture")
    (photos / "boxes.csv").write_text("file,left,top,right,bottom\na.png,10,10,40,40\n")
    (photos / "labels.csv").write_text("file,eyes,gender\na.png,1.5,\nb.png,0.5,1\n")
    return tmp_path


def test_a_folder_is_counted_and_shown(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["face", "photos", "photos", "--sheet", "look.png", "--json"]) == exits.BAD_INPUT
    said, err = capsys.readouterr()
    out = json.loads(said)
    assert "d.jpg: cannot be read" in err and out.pop("broken") == err.splitlines()
    assert out == {
        "folder": "photos", "photographs": 3, "boxes": 1, "maps": 0, "labels": {"eyes": 2, "gender": 1},
        "sheet": "look.png",
    }  # fmt: skip
    look = np.asarray(Image.open("look.png"))
    assert look.shape == (2 * 128, 2 * 128, 3)
    assert [int(look[y, x, 0]) for y, x in ((64, 64), (64, 192), (192, 64))] == [40, 120, 200]
    (place / "photos" / "d.jpg").unlink()
    assert main(["face", "photos", "photos"]) == exits.OK
    assert (
        capsys.readouterr().out
        == "photos: 3 photographs, 1 with a box, 0 with a map; labels: eyes 2, gender 1\n"
    )


def test_what_cannot_be_checked_is_told(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["face", "photos", "nowhere"]) == exits.BAD_INPUT
    assert "no photographs in nowhere" in capsys.readouterr().err
    assert main(["face", "photos", "photos", "--sheet", "look.jpg"]) == exits.USAGE
    (place / "photos" / "d.jpg").unlink()
    assert main(["face", "photos", "photos", "--sheet", "no/where.png"]) == exits.CANNOT_CREATE
    (place / "photos" / "labels.csv").write_text("file,beauty\n")
    assert main(["face", "photos", "photos"]) == exits.BAD_INPUT
    assert "labels.csv" in capsys.readouterr().err


def test_stages_learn_from_photographs_or_say_why_not(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    taught: list[tuple[int, str]] = []
    monkeypatch.setattr(
        "models.face.make.train",
        lambda config, portraits, checkpoint, **how: taught.append((len(portraits), checkpoint.name)),
    )
    plain = ["train", "face", "plain64", "--steps", "1", "--batch", "1", "--photos", "photos"]
    assert main(plain) == exits.CONFIG
    said = capsys.readouterr().err
    assert "d.jpg" in said and "face photos photos" in said
    (place / "photos" / "d.jpg").unlink()
    assert main(plain) == exits.OK
    assert taught == [(3, "plain64.pt")]
    for stage in ("paired64", "filters", "v1"):
        assert main([*plain[:3], stage, *plain[3:], "--fresh"]) == exits.CONFIG
        assert f"{stage} learns from no photographs" in capsys.readouterr().err
    assert taught == [(3, "plain64.pt")]  # it was said before anything was done
    assert main(["train", "face", "scores", "--photos", "photos", "--out", "mine"]) == exits.CONFIG
    assert "have no label of eyes" in capsys.readouterr().err


def test_foreign_score_networks_come_in(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.manual_seed(0)
    net = build(ScoreConfig("glass"))
    torch.save(net.state_dict(), "glass.pth")
    command = ["face", "import", "glass.pth", "--kind", "glass", "--out", "got"]
    assert main([*command, "--json"]) == exits.OK
    assert json.loads(capsys.readouterr().out) == {
        "out": "got/glass.safetensors", "source": "glass.pth", "kind": "glass", "scores": ["glass"],
    }  # fmt: skip
    image = torch.rand(1, 3, 256, 256) * 2 - 1
    with torch.inference_mode():
        assert torch.allclose(load_scores(Path("got/glass.safetensors"))(image), net.eval()(image), atol=1e-3)
    assert main(command) == exits.CANNOT_CREATE
    assert main(["face", "import", "glass.pth", "--kind", "age", "--out", "other"]) == exits.BAD_INPUT
    assert "No score network was imported" in capsys.readouterr().err and not (place / "other").exists()
    assert main(["face", "import", "none.pth", "--kind", "age", "--out", "other"]) == exits.BAD_INPUT
    assert main([*command[:-1], "x", "--label-weight", "m.npy"]) == exits.USAGE


def test_a_foreign_generator_can_be_named(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from models.face.finetune import make as lineage
    from models.face.scores import make as scores
    from models.face.vectorfind import make as gallery

    torch.manual_seed(0)
    theirs = Generator(GeneratorConfig(16, 8, 8, 3, 4, (6, 5, 4)))
    torch.save(theirs.state_dict(), "g.pth")
    assert main(["face", "import", "g.pth", "--out", "theirs"]) == exits.OK
    seen: dict[str, object] = {}
    monkeypatch.setattr(scores, "load_filters", lambda work: {})
    monkeypatch.setattr(gallery, "faces", lambda config, generator, *more: seen.update(faces=generator) or {})

    def step(name: str, config: object, source: Path, *more: object) -> dict[str, bool]:
        seen[name] = source
        return {"finished": True}

    monkeypatch.setattr(lineage, "lineage", step)
    monkeypatch.setattr(lineage, "write_report", lambda *where: None)
    assert main(["train", "face", "v1", "faces", "--generator", "theirs"]) == exits.OK
    assert seen["v1"] == Path("theirs")
    made = seen["faces"]
    assert isinstance(made, Generator) and made.config == theirs.config
    capsys.readouterr()
    assert main(["train", "face", "faces", "--generator", "nowhere"]) == exits.CONFIG
    assert "nowhere" in capsys.readouterr().err
