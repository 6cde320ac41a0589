"""Reports of the face's stages: tables beside the original's figures, small pictures, and what is compared."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from models.face import reports
from models.face.data.dataset import PortraitSet, paint_set
from models.face.finetune.run import save_step
from models.face.hair.network import HairNet, HairNetConfig, save_hair
from models.face.reporting import Report, numbers, to_webp
from models.face.scores.measures import NAMES
from models.face.scores.networks import FILTERS, ScoreConfig, build, save_scores
from models.face.service import Face, save_faces
from models.face.stylegan.generator import Generator, GeneratorConfig
from models.face.vectorfind.calibration import Calibration
from models.face.vectorfind.compare import CompareConfig, compare
from models.face.vectorfind.gradient import GradientConfig
from models.runtime.saving import TimeUpError

OUTPUTS = (*NAMES, "hairstyle")
TINY = GeneratorConfig(64, 8, 16, 3, 4, (8, 8, 8, 6, 4))
NO_COUNT: Any = lambda done: None  # noqa: E731


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> PortraitSet:
    pytest.importorskip("skia")
    return paint_set(tmp_path_factory.mktemp("portraits"), 30, seed=5, size=64, workers=1)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Weights that nobody taught anything: the property network, two faces."""
    torch.manual_seed(3)
    figures = {name: 0.5 for name in OUTPUTS}
    save_scores(
        build(ScoreConfig("merged", 0.05, 64)), tmp_path / "out" / "property.safetensors", seed=7, held_out=3,
        scale={name: [0.1, 0.5] for name in OUTPUTS}, correlation=figures, mean_absolute_error=figures,
    )  # fmt: skip
    still = Calibration(np.zeros((10, 3)), -np.ones(3), np.ones(3))
    faces = [Face(f"v{k}-0001", torch.randn(16), still, f"{k}", "lhh", (0.9, 0.8, 0.1 * k)) for k in (7, 8)]
    seen = {
        "tested": 10, "passed": 4, "correlation": [0.9, 0.9, 0.9], "drift": {"hair_color": 0.01}, "faces": 1,
    }  # fmt: skip
    galleries = {"v7-joint": seen, "v8-joint": seen}
    save_faces(tmp_path / "out", Generator(TINY).eval(), torch.eye(3, 16), faces, galleries=galleries)
    return tmp_path / "out"


def shown(docs: Path, name: str) -> tuple[str, Image.Image]:
    """A report's text and its picture, which the text names."""
    text, file = (docs / f"{name}.md").read_text(), docs / f"{name}.webp"
    assert text.startswith("# ") and f"({file.name})" in text
    return text, Image.open(io.BytesIO(file.read_bytes()))


def test_pictures_become_as_small_as_is_asked() -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (200, 400, 3), np.uint8))
    for most in (50_000, 9_000, 1_000):
        data = to_webp(noise, most=most)
        picture = Image.open(io.BytesIO(data))
        assert len(data) <= most and picture.width / picture.height == pytest.approx(2, rel=0.05)
    chart = Image.new("RGB", (300, 200), "white")
    chart.paste((250, 3, 7), (20, 20, 90, 60))
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(to_webp(chart, drawn=True)))), np.asarray(chart))
    assert numbers([0.12345, float("nan")]) == "0.123 / –" and numbers([float("nan")] * 2) == ""


def test_a_report_is_written_at_the_end(tmp_path: Path) -> None:
    told = Report("a", "A title")
    told.table("Part", ("x", "y"), [["1", "2"]])
    told.show(Image.new("RGB", (8, 8)), "black", part="b")
    assert not list(tmp_path.iterdir())
    told.write(tmp_path / "docs")
    wanted = "# A title\n\n## Part\n\n| x | y |\n| --- | --- |\n| 1 | 2 |\n\n![black](a-b.webp)\n"
    assert (tmp_path / "docs" / "a.md").read_text() == wanted and (tmp_path / "docs" / "a-b.webp").exists()


def test_generators_are_shown_beside_portraits_held_out(painted: PortraitSet, tmp_path: Path) -> None:
    torch.manual_seed(1)
    net = Generator(GeneratorConfig.mini(64))
    torch.save({"ema": net.state_dict(), "done": 12}, tmp_path / "paired64.pt")
    reports.generator(tmp_path, painted, tmp_path / "docs")
    text, picture = shown(tmp_path / "docs", "generator")
    assert "| paired64 | 64 px | 12 |" in text and "3 portraits held out" in text
    assert picture.size == (3 * reports.TILE, 2 * reports.TILE)
    first = np.asarray(picture)[: reports.TILE, : reports.TILE]
    wanted = Image.fromarray(painted[27]).resize((reports.TILE, reports.TILE), Image.Resampling.LANCZOS)
    assert np.abs(first.astype(float) - np.asarray(wanted)).mean() < 8
    mean = float(text.split("| 12 | ")[1].split(" |")[0])
    bias: Any = net.synthesis.get_submodule("output4").bias
    bias.data.add_(50)  # nothing is left but white
    torch.save({"ema": net.state_dict(), "done": 12}, tmp_path / "paired64.pt")
    reports.generator(tmp_path, painted, tmp_path / "docs")
    white = (1 - painted.pictures(np.arange(27, 30), 64)).abs().mean()
    again = float((tmp_path / "docs" / "generator.md").read_text().split("| 12 | ")[1].split(" |")[0])
    assert again == pytest.approx(float(white), abs=1e-3) and again != mean


def test_scores_stand_beside_the_originals(painted: PortraitSet, out: Path, tmp_path: Path) -> None:
    reports.scores(tmp_path, painted, out, tmp_path / "docs")
    text, picture = shown(tmp_path / "docs", "scores")
    assert "| eyes | 0.500 | 0.869 | 0.500 | 0.406 |" in text and text.count("| 0.500 |") == 16
    assert picture.width > picture.height


def test_filters_sort_portraits(painted: PortraitSet, tmp_path: Path) -> None:
    torch.manual_seed(2)
    for kind in FILTERS:
        for fold in range(5):
            net = build(ScoreConfig(kind, 0.05, 64))
            save_scores(net, tmp_path / "filters" / f"{kind}-{fold}.safetensors")
    seen = {"portraits": 20, "positive": 0.7, "auroc": 0.9, "accuracy": 0.8}
    (tmp_path / "filters" / "figures.json").write_text(json.dumps(dict.fromkeys(FILTERS, seen)))
    reports.filters(tmp_path, painted, tmp_path / "docs")
    text, picture = shown(tmp_path / "docs", "filters")
    assert "| age | 20 | 70.0 % | 0.900 | 0.885 | 0.800 | 0.892 |" in text
    assert picture.width / picture.height == pytest.approx(reports.SORTED / 4, rel=0.02)


def test_hair_is_shown_found_and_dyed(painted: PortraitSet, tmp_path: Path) -> None:
    figures = {"dice": 0.97, "iou": 0.95, "recall": 0.98, "precision": 0.96, "mse": 0.004, "spill": 0.5}
    save_hair(HairNet(HairNetConfig()), tmp_path, held_out=3, **figures)
    reports.hair(painted, tmp_path, tmp_path / "docs")
    text, picture = shown(tmp_path / "docs", "hair")
    assert "| dice | 0.9700 | 0.9838 |" in text and "| spill | 0.5000 |  |" in text
    assert picture.size == (3 * reports.TILE, 3 * reports.TILE)


def test_the_gallery_stands_beside_the_originals_faces(out: Path, tmp_path: Path) -> None:
    reports.gallery(out, tmp_path / "docs")
    text, picture = shown(tmp_path / "docs", "gallery")
    ours = "| v8-joint | 4 of 10 (40.0 %) | 0.900 / 0.900 / 0.900 | 0.010 |  | 1 | 0.900 / 0.800 / 0.800 |"
    assert ours in text and "| 19 | 0.932 / 0.886 / 0.917 |" in text
    assert picture.size == (2 * reports.TILE, reports.TILE)


def cells(text: str) -> dict[str, list[str]]:
    """Rows of the first table by their first cell and how it was asked."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert {len(row) for row in rows} == {len(rows[0])}
    return {f"{row[0]}{' table' * (row[4] == 'scores, own table')}": row for row in rows}


def test_versions_are_compared_beside_the_originals_figures(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.face.vectorfind.report.SHEETS", {"v7": 48})
    config = CompareConfig(
        steps=120, tested=2, by_table=1, threads=1, versions=("v7", "v6", "v9-mixed", "v8", "v8-joint"),
        gradient=GradientConfig(epochs=1),
    )  # fmt: skip
    told: list[int] = []
    with pytest.raises(TimeUpError):
        compare(replace(config, minutes=0), out, tmp_path, tmp_path / "docs", NO_COUNT)
    rows = compare(config, out, tmp_path, tmp_path / "docs", told.append)
    text = (tmp_path / "docs" / "vectorfind.md").read_text()
    table = cells(text)
    head, v7 = table["version"], table["v7"]
    assert table["v6"][1] == "z" and "split mapping: train face v9" in table["v9-mixed"][2]
    assert v7[head.index("original: passed")] == "58 of 2400 (2.4 %)" and v7[2].startswith("8")
    assert v7[head.index("original: eyes / mouth / pose")] == "0.902 / 0.867 / 0.795"
    assert v7[head.index("tested")] == "2" and table["v8-joint"][3] == "joint hold"
    assert table["v8-joint"][head.index("SVM accuracy")] == ""
    assert table["v8 table"][head.index("tested")] == table["v8-joint table"][head.index("tested")] == "1"
    assert "The gallery uses the joint regression" in text and "vectorfind-tsne-v7.webp" in text
    assert told[0] == 120 and told[-1] == 120 + 4 * 2 + 2 * 1
    assert all(path.stat().st_size <= 30_000 for path in (tmp_path / "docs").glob("*.webp"))
    told.clear()
    torch.manual_seed(4)
    split = Generator(replace(TINY, split_mapping=True))
    save_step(tmp_path / "lineage" / "v9", split, None)
    (tmp_path / "lineage" / "v9" / "outcome.json").write_text("{}")
    assert compare(config, out, tmp_path, tmp_path / "docs", told.append)[0] == rows[0]
    assert told == [120, 240, 241, 242]  # what was done is kept; v9's codes and tests are new
    mixed = cells((tmp_path / "docs" / "vectorfind.md").read_text())["v9-mixed"]
    assert mixed[3] == "gradient svm" and mixed[head.index("SVM accuracy")].startswith("– / ")
    with pytest.raises(ValueError, match="another comparison"):
        compare(replace(config, seed=1), out, tmp_path, tmp_path / "docs", NO_COUNT)
