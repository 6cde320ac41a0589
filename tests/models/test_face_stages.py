"""The stages after the generator: scores, filters, the lineage, her gallery; on tiny nets and portraits."""

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

from bot.evaluation.faces import faces as judged
from core.colours import AURORA
from core.errors import ModelError
from core.people import NEUTRAL
from models.face.data.dataset import PortraitSet, paint_set
from models.face.data.photos import PhotoFolder
from models.face.finetune import make as lineage
from models.face.finetune.data import digest
from models.face.hair.network import HairNet, HairNetConfig, save_hair
from models.face.make import begin_anew, her_generator
from models.face.pixels import TILE, chosen, numbered, to_bytes, to_images, to_pictures
from models.face.portraits import LocalPortraits
from models.face.scores import make as scores
from models.face.scores.measures import NAMES, normalise
from models.face.scores.networks import IDENTITY, ScoreConfig, build, load_scores, save_scores
from models.face.scores.truths import truths
from models.face.service import load_engine
from models.face.stylegan.generator import Generator, GeneratorConfig
from models.face.stylegan.importing import load_generator
from models.face.vectorfind import make as gallery
from models.face.vectorfind.codes import HELD, Ruler
from models.face.vectorfind.find import VERSIONS
from models.runtime.queue import Whole
from models.runtime.saving import TimeUpError

OUTPUTS = (*NAMES, "hairstyle")
SCALE = {name: [0.1 * i, 0.5] for i, name in enumerate(OUTPUTS)}
NOBODY: Any = lambda *args: None  # noqa: E731


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> PortraitSet:
    pytest.importorskip("skia")
    return paint_set(tmp_path_factory.mktemp("portraits"), 40, seed=5, size=64, workers=1)


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of a merged net that nobody taught anything."""
    torch.manual_seed(3)
    path = tmp_path_factory.mktemp("judge") / scores.WEIGHTS
    save_scores(build(ScoreConfig("merged", 0.05, 64)), path, scale=SCALE)
    return path


def generator() -> Generator:
    torch.manual_seed(4)
    return Generator(GeneratorConfig(64, 8, 16, 3, 4, (8, 8, 8, 6, 4))).eval()


def filters() -> dict[str, list[Any]]:
    torch.manual_seed(5)
    return {kind: [build(ScoreConfig(kind, 0.05, 64))] for kind in ("gender", "quality", "age", "glass")}


def test_scores_are_learnt_and_kept_with_their_scale(painted: PortraitSet, tmp_path: Path) -> None:
    config = replace(
        scores.PROPERTIES, net=ScoreConfig("merged", 0.05, 64), epochs=2, period=2, batch=12, bf16=True
    )
    seen: list[int] = []
    figures = scores.properties(
        config, painted, tmp_path / "work", tmp_path / "out", lambda n, each: seen.append(n)
    )
    assert seen == [0, 1] and figures["held_out"] == 4 and set(figures["correlation"]) == set(OUTPUTS)
    path = tmp_path / "out" / scores.WEIGHTS
    about = json.loads(path.with_suffix(".json").read_text())
    assert about["epochs"] == 2 and about["correlation"] == figures["correlation"]
    mid, unit = scores.scale_of(path)
    true = np.array([about["scale"][name] for name in ("eyes", "mouth", "pose")])
    assert (1.5 - mid) / unit == pytest.approx(1.5 * true[:, 1] + true[:, 0])
    assert load_scores(path)(torch.zeros(2, 3, 128, 128)).shape == (2, 8)  # larger pictures are averaged
    with pytest.raises(ValueError, match="64 px"):
        load_scores(path)(torch.zeros(1, 3, 96, 96))
    save_scores(build(ScoreConfig("hairstyle", 0.05, 64)), tmp_path / "other.safetensors")
    with pytest.raises(ModelError, match="other"):
        scores.scale_of(tmp_path / "other.safetensors")


def test_the_part_for_the_hairstyle_is_learnt_alone(painted: PortraitSet, tmp_path: Path) -> None:
    net, out, work = ScoreConfig("merged", 0.05, 64), tmp_path / "out", tmp_path / "work"
    config = replace(scores.HAIRSTYLE, net=replace(net, kind="hairstyle"), epochs=2, period=2, batch=12)
    with pytest.raises(FileNotFoundError, match="run the stage scores first"):
        scores.hairstyle(config, painted, work, out, NOBODY)
    joint = replace(scores.PROPERTIES, net=net, epochs=1, batch=12)
    first = scores.properties(joint, painted, work, out, NOBODY)
    path, picture = out / scores.WEIGHTS, torch.rand(3, 3, 64, 64) * 2 - 1
    beside = path.with_suffix(".json")
    spoilt = json.loads(beside.read_text())
    true = spoilt["scale"]["hairstyle"]
    spoilt["scale"]["hairstyle"] = [9.0, 9.0]
    for key in ("correlation", "mean_absolute_error"):
        spoilt[key]["hairstyle"] = 9.0
    beside.write_text(json.dumps(spoilt))
    before, stored = load_scores(path)(picture), path.read_bytes()
    with pytest.raises(ModelError, match=r"width 0\.1, 64 px"):
        scores.hairstyle(replace(config, net=ScoreConfig("hairstyle", 0.1, 64)), painted, work, out, NOBODY)
    assert path.read_bytes() == stored
    figures = scores.hairstyle(replace(config, seed=1), painted, work, out, NOBODY)  # the same held out
    after, about = load_scores(path)(picture), json.loads(beside.read_text())
    assert torch.equal(before[:, :7], after[:, :7]) and not torch.equal(before[:, 7], after[:, 7])
    learnt = torch.load(work / "hairstyle.pt", weights_only=True)["about"]
    curls = normalise(truths(painted, work / "truths.npz"))[0][:, -1]
    assert learnt["targets"] == [float(curls.sum())] and learnt["config"]["seed"] == joint.seed
    assert about["scale"]["hairstyle"] == true and about["hairstyle_epochs"] == 2 and about["epochs"] == 1
    assert {key: about[key] for key in figures} == figures and about["net"]["kind"] == "merged"
    for key in ("correlation", "mean_absolute_error"):
        assert abs(figures[key]["hairstyle"]) < 5
        assert all(figures[key][name] == first[key][name] for name in NAMES)
    beside.write_text(json.dumps({key: value for key, value in about.items() if key != "held_out"}))
    with pytest.raises(ModelError):
        scores.hairstyle(config, painted, work, out, NOBODY)
    begin_anew("hairstyle", work)
    assert not (work / "hairstyle.pt").exists() and (work / "properties.pt").exists()


def test_scores_are_learnt_of_photographs(tmp_path: Path) -> None:
    photos, rows = tmp_path / "photos", [",".join(["file", *OUTPUTS])]
    photos.mkdir()
    rng = np.random.default_rng(0)
    for i in range(12):
        Image.fromarray(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(photos / f"{i:02}.png")
        rows.append(",".join([f"{i:02}.png", *(f"{value:.3f}" for value in rng.normal(5, 2, len(OUTPUTS)))]))
    (photos / "labels.csv").write_text("\n".join(rows))
    config = replace(scores.PROPERTIES, net=ScoreConfig("merged", 0.05, 64), epochs=1, batch=12)
    figures = scores.properties(config, PhotoFolder(photos, 64), tmp_path / "work", tmp_path / "out", NOBODY)
    assert figures["held_out"] == 2
    mid, unit = scores.scale_of(tmp_path / "out" / scores.WEIGHTS)
    assert (np.abs(mid) < 1).all() and (unit > 0).all()


def test_who_she_is_is_learnt_and_told(painted: PortraitSet, tmp_path: Path) -> None:
    net = ScoreConfig("identity", 0.1, 64)
    config = replace(scores.IDENTITY, net=net, epochs=2, period=2, batch=12)
    assert scores.load_identity(tmp_path / "out") is None
    figures = scores.identity(config, painted, tmp_path / "work", tmp_path / "out", NOBODY)
    assert figures["held_out"] == 4 and tuple(figures["correlation"]) == IDENTITY
    told = scores.load_identity(tmp_path / "out")
    assert told is not None and told(torch.zeros(2, 3, 256, 256)).shape == (2, len(IDENTITY))
    assert (tmp_path / "work" / "identity.pt").exists()
    begin_anew("scores", tmp_path / "work")
    assert not (tmp_path / "work" / "identity.pt").exists()
    parts = build(scores.IDENTITY.net)
    assert sum(p.numel() for p in parts.parameters()) < 400_000  # beside 11 MB of all


def test_filters_are_learnt_in_folds(painted: PortraitSet, tmp_path: Path) -> None:
    config = scores.FiltersConfig(epochs=1, portraits=20, width=0.05, resolution=64, kinds=("gender",))
    told: list[tuple[str, int]] = []
    figures = scores.filters(
        config, painted, tmp_path, lambda kind: lambda epoch, seen: told.append((kind, epoch))
    )
    assert told == [("gender", 0)] * 5 and figures["gender"]["portraits"] == 20
    assert 0 <= figures["gender"]["auroc"] <= 1
    assert figures["gender"]["positive"] == 0.7  # women; three tenths are men
    nets = scores.load_filters(tmp_path)
    assert {kind: len(folds) for kind, folds in nets.items()} == {"gender": 5}
    with pytest.raises(FileNotFoundError, match="run the stage filters first"):
        scores.load_filters(tmp_path / "nowhere")


def test_a_step_of_the_lineage_and_its_report(judge: Path, tmp_path: Path) -> None:
    checkpoint, first = tmp_path / "paired64.pt", generator()
    torch.save({"ema": first.state_dict()}, checkpoint)
    assert digest(her_generator(tmp_path)) == digest(first)
    config = lineage.LineageConfig(steps=2, pictures=20, batch=2, threads=1)
    common = (config, checkpoint, judge, filters(), tmp_path / "lineage", NOBODY)
    with pytest.raises(ModelError):
        lineage.lineage("v8", *common)  # v1, on which it leans, is missing
    outcome = lineage.lineage("v1", *common)
    assert outcome["steps"] == 2 and outcome["finished"] and "after" in outcome
    assert lineage.lineage("v8", *common)["steps"] == 2
    tuned = load_generator(tmp_path / "lineage" / "v8")
    assert digest(her_generator(tmp_path)) == digest(tuned) != digest(first)
    lineage.write_report(tmp_path / "lineage", tmp_path / "docs")
    text = (tmp_path / "docs" / "lineage.md").read_text()
    assert "| v8 |" in text and "(lineage.webp)" in text and "(lineage-curves.webp)" in text
    follows = " / ".join(f"{value:.3f}" for value in outcome["after"]["correlation"])
    assert f"| v1 | {follows} |" in text and len(outcome["after"]["error"]) == 3
    assert "| v1 | labels | eyes, mouth, pose | eyes, hair_color," in text  # the recipe's other seven
    with Image.open(tmp_path / "docs" / "lineage.webp") as rows:  # base, v1, v8
        assert rows.size[0] / rows.size[1] == pytest.approx(lineage.SHOWN / 3, rel=0.02)
        assert np.asarray(rows).std() > 5
    with Image.open(tmp_path / "docs" / "lineage-curves.webp") as chart:
        assert chart.size[0] > 600
    begin_anew("v8", tmp_path)
    assert digest(her_generator(tmp_path)) == digest(first)
    assert lineage.lineage("v8", *common)["steps"] == 2
    torch.save({"ema": Generator(first.config).state_dict()}, checkpoint)  # trained anew meanwhile
    assert digest(her_generator(tmp_path)) not in (digest(first), digest(tuned))
    with pytest.raises(ModelError, match="train face v1 --fresh"):
        lineage.lineage("v8", *common)
    begin_anew("v1", tmp_path)
    assert lineage.lineage("v1", *common)["steps"] == 2
    save_scores(build(ScoreConfig("hairstyle", 0.05, 64)), tmp_path / "curls.safetensors")
    with pytest.raises(ValueError, match="no property network"):
        lineage.lineage(
            "v1", config, checkpoint, tmp_path / "curls.safetensors", filters(), tmp_path / "x", NOBODY
        )


async def test_a_gallery_of_two_versions(
    judge: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("v7-joint", "v8-joint"):  # what nobody learnt is not followed
        monkeypatch.setitem(VERSIONS, name, replace(VERSIONS[name], pass_at=(-1.0, -1.0, -1.0)))
    monkeypatch.setattr("models.face.vectorfind.check.STABLE", 1e9)
    monkeypatch.setattr(gallery, "trial", lambda *args, **how: trial(*args, stable=None, **how))
    config = gallery.FacesConfig(
        steps=120, faces=(("v7-joint", 3, 2), ("v8-joint", 3, 2)), limits=(("gender", 0.0, 1.0),),
        threads=1,
    )  # fmt: skip
    told: list[tuple[str, int]] = []
    figures = gallery.faces(
        config, generator(), judge, filters(), tmp_path / "work", tmp_path / "face",
        lambda what, n: told.append((what, n)),
    )  # fmt: skip
    assert [figures[name]["tested"] for name in ("v7-joint", "v8-joint")] == [3, 3]
    assert told[-1] == ("v8-joint", 3) and ("sample", 120) in told
    assert len(json.loads((tmp_path / "work" / "v7-joint-tested.json").read_text())) == 3
    about = json.loads((tmp_path / "face" / "config.json").read_text())
    ruler = Ruler.from_json(about["ruler"])
    assert ruler.held == HELD and ruler.to_json() == about["ruler"]
    engine = load_engine(tmp_path / "face")
    assert [face[:3] for face in engine.faces] == ["v7-", "v7-", "v8-", "v8-"]
    portraits = LocalPortraits(Whole(engine.run), {face.id: face.name for face in engine.faces.values()})
    names = [portraits.name(face) for face in portraits.faces]
    assert len(set(names)) == 4 and portraits.name("gone") == "gone"
    sheet = Image.open(io.BytesIO(await portraits.sheet(portraits.faces[1:], 2)))
    assert sheet.size == (3 * TILE, TILE)
    await portraits.close()
    with Image.open(tmp_path / "work" / "v8-joint-offered" / "01.webp") as offered:
        assert offered.width == 7 * 160
    measured = len(np.load(tmp_path / "work" / gallery.MEASURED)["keys"])
    fewer = gallery.faces(
        replace(config, tested=2), generator(), judge, filters(), tmp_path / "work", tmp_path / "few", NOBODY
    )
    assert [each["tested"] for each in fewer.values()] == [2, 2] and replace(config, tested=2).total == 124
    picked = replace(config, picked=(min(engine.faces), max(engine.faces)))
    folders = tmp_path / "work", tmp_path / "picked"
    gallery.faces(picked, generator(), judge, filters(), *folders, NOBODY)
    assert len(np.load(tmp_path / "work" / gallery.MEASURED)["keys"]) == measured  # nothing is measured twice
    assert sorted(load_engine(tmp_path / "picked").faces) == [*picked.picked]
    with pytest.raises(ValueError, match="v8-9999"):
        more = replace(picked, picked=(*picked.picked, "v8-9999"))
        gallery.faces(more, generator(), judge, filters(), *folders, NOBODY)


def trial(*args: Any, **how: Any) -> Any:
    from models.face.vectorfind import check

    return check.trial(*args, **how)


async def test_hair_is_dyed_where_it_is(judge: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery, "trial", lambda *args, **how: trial(*args, stable=None, **how))
    monkeypatch.setitem(VERSIONS, "v7-joint", replace(VERSIONS["v7-joint"], pass_at=(-1.0, -1.0, -1.0)))
    config = gallery.FacesConfig(steps=60, faces=(("v7-joint", 1, 1),), limits=(), threads=1)
    gallery.faces(config, generator(), judge, {}, tmp_path / "work", tmp_path / "face", NOBODY)
    plain = load_engine(tmp_path / "face")
    net = HairNet(HairNetConfig())
    save_hair(net, tmp_path / "face")
    engine = load_engine(tmp_path / "face")
    (face,) = engine.faces
    everywhere = np.ones((1, 256, 256), np.float32)
    monkeypatch.setattr(
        "models.face.service.hair_maps", lambda net, levels: everywhere.repeat(len(levels), 0)
    )

    async def drawn(engine: Any, hair: str, kind: str = "png", now: float = 0.0) -> np.ndarray:
        monkeypatch.setattr("models.face.portraits.time.time", lambda: now)
        portraits = LocalPortraits(Whole(engine.run), {face: ""})
        if kind == "png":
            made = await portraits.draw(face, NEUTRAL, hair)
        else:
            made = await portraits.animate(face, NEUTRAL, NEUTRAL, "webp", hair)
        await portraits.close()
        film = Image.open(io.BytesIO(made))
        film.seek(getattr(film, "n_frames", 1) - 1)
        return np.asarray(film.convert("RGB"), float)

    natural, green = await drawn(engine, "natural"), await drawn(engine, "120")
    assert np.array_equal(natural, await drawn(plain, "120"))  # without the net nothing can be dyed
    low = slice(200, 256)
    change = (green - natural)[low].mean(axis=(0, 1))
    assert change[1] - change[0] > 30 and abs(change[0] - change[2]) < 15
    assert np.array_equal(natural[:40], green[:40])  # the dye begins below
    early, later = await drawn(engine, AURORA, now=3.0), await drawn(engine, AURORA, now=13.0)
    assert np.abs(early - later).mean() > 2
    assert np.array_equal(early, await drawn(engine, AURORA, now=33.4))  # a turn takes 30 seconds
    assert np.abs(await drawn(engine, AURORA, "webp", 3.0) - early).mean() < 6  # the loop ends where it began


def test_pictures_and_images() -> None:
    levels = np.arange(2 * 4 * 4 * 3, dtype=np.uint8).reshape(2, 4, 4, 3)
    images = to_images(levels)
    assert float(images.min()) == -1 and torch.equal(images, chosen(list(levels), [0, 1]))
    assert np.array_equal(to_bytes(images), levels)
    pictures = to_pictures(images, 8)
    assert [picture.size for picture in pictures] == [(8, 8), (8, 8)]
    assert numbered(pictures * 4, 20).size == (5 * TILE, 2 * TILE)


def test_a_gallery_is_chosen_by_who_she_stays_where_that_is_known(
    judge: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(VERSIONS, "v7-joint", replace(VERSIONS["v7-joint"], pass_at=(-1.0, -1.0, -1.0)))
    monkeypatch.setattr(gallery, "trial", lambda *args, **how: trial(*args, stable=None, **how))
    weights = tmp_path / "face"
    weights.mkdir()
    for path in judge.parent.iterdir():
        (weights / path.name).write_bytes(path.read_bytes())
    torch.manual_seed(6)
    save_scores(build(ScoreConfig("identity", 0.1, 64)), weights / scores.IDENTITY_WEIGHTS)
    config = gallery.FacesConfig(steps=60, faces=(("v7-joint", 2, 1),), limits=(), threads=1)
    where: Any = ({}, tmp_path / "work", weights, NOBODY)
    with pytest.raises(TimeUpError):
        gallery.faces(replace(config, minutes=0.0), generator(), weights / scores.WEIGHTS, *where)
    assert (tmp_path / "work" / gallery.MEASURED).exists()
    found = gallery.faces(config, generator(), weights / scores.WEIGHTS, *where)
    assert set(found["v7-joint"]["identity"]) == {*IDENTITY}
    rows = json.loads((tmp_path / "work" / "v7-joint-tested.json").read_text())
    drifts = [[*row["drift"].values(), *row["identity"].values()] for row in rows]
    unrest = np.sqrt(np.square(drifts).mean(axis=1))
    assert [*load_engine(weights).faces] == [f"v7-{rows[int(np.argmin(unrest))]['number']:04d}"]
    about = json.loads((weights / "config.json").read_text())
    assert about["ruler"]["watched"] == [*IDENTITY]
    figures, _ = judged(tmp_path, None)
    told = {f"{key} drift {name}" for key in ("mean", "worst") for name in (*HELD, *IDENTITY)}
    assert told <= set(figures) and figures["faces"] == 1
    del about["ruler"]["watched"], about["ruler"]["watched_sd"]  # a gallery of before
    (weights / "config.json").write_text(json.dumps(about))
    monkeypatch.setattr("bot.evaluation.faces.LOOKED_AT", 12)
    again, _ = judged(tmp_path, None)
    assert set(again) == set(figures) and again["mean drift hair_color"] == figures["mean drift hair_color"]
